import { RollupError } from '../base/errors.ts';
import { RevertError } from '../chain/errors.ts';
import { storedBlockHash, ZERO_HASH } from '../spec/chainSide.ts';
import { addressOf, type Hex } from '../spec/hex.ts';
import { decodeOperations } from '../spec/pubdata.ts';
import { chainBlock } from './driver.ts';
import type { ChainCounters } from './pipeline.ts';
import type { ArbitratorPort, Payout, RollupPort, Sent } from './ports.ts';
import type { BlockRecord } from './store.ts';

/* Chains, gateways and arbitrator in memory, with the contracts' rules and counters: for tests of what drives them. */

type Call = 'commit' | 'prove' | 'sync' | 'confirm' | 'resend' | 'execute' | 'withdraw' | 'revert';

interface FakeChain {
  counters: ChainCounters;
  hashes: Map<number, Hex>;
  sent: Map<number, Hex>;
  pending: Map<string, bigint>;
  paid: string[];
  refuses: Set<string>;
  /** First request that no executed block has used. */
  nextToExecute: number;
  executedRoot: bigint;
  /** Timestamp of the oldest block that it takes. */
  minimum: number;
}

function refused(name: string, args: Record<string, unknown> = {}): RevertError {
  return new RevertError('A call', { revert: { name, args } });
}

export class FakeWorld {
  readonly chains: FakeChain[];
  readonly rollups: RollupPort[];
  readonly arbitrator: ArbitratorPort;
  /** Successful calls, in order. */
  readonly log: string[] = [];
  readonly refusals: string[] = [];
  /** Called before and after each successful call; may throw to play a crash or a lost answer. */
  hook: (call: Call, when: 'before' | 'after') => void = () => {};
  /** Sync hashes are delivered and confirmations arrive at once, unless this is off. */
  relaying = true;
  /** Makes chain i report another sync hash than it holds. */
  tampered = new Set<number>();
  /** Registered on every chain. */
  readonly tokens = new Set([1, 2]);
  deferring = new Set<number>();
  readonly deferred = new Set<number>();
  lastConfirmed = 0;
  arbitratorHalted = false;
  /** Wei, as the contracts'. */
  readonly exitBond = 5n;
  maxOpenRequests = 16;
  readonly bondReceiver: Hex = `0x${'b0'.repeat(20)}`;
  #transactions = 0;

  constructor(chainCount = 3) {
    this.chains = Array.from({ length: chainCount }, (_, chainIndex) => ({
      counters: { chainIndex, role: chainIndex === 0 ? 'primary' : 'secondary', committed: 0, proved: 0, synced: 0, confirmed: 0, executed: 0, sent: [], mode: 'running', halt: null, time: 0 },
      hashes: new Map(), sent: new Map(), pending: new Map(), paid: [], refuses: new Set(), nextToExecute: 0, executedRoot: 0n, minimum: 0,
    }));
    this.rollups = this.chains.map((_, i) => this.#rollup(i));
    this.arbitrator = {
      state: async (candidates) => {
        const arrived = candidates.filter((n) => this.relaying && n > this.lastConfirmed && this.chains.every((chain) => chain.sent.has(n)));
        const equal = (n: number): boolean => this.chains.every((_, i) => !this.tampered.has(i)) && n > 0;
        const halted = this.arbitratorHalted;
        if (halted) return { lastConfirmed: this.lastConfirmed, halted, confirmable: [], mismatched: [] };
        return { lastConfirmed: this.lastConfirmed, halted, confirmable: arrived.filter(equal), mismatched: arrived.filter((n) => !equal(n)) };
      },
      confirm: async (n) => this.#call('confirm', `${n}`, () => {
        if (this.arbitratorHalted) throw refused('AlreadyHalted', { blockNumber: this.lastConfirmed });
        if (n <= this.lastConfirmed) throw refused('BlockNotAboveConfirmed', { confirmed: this.lastConfirmed, blockNumber: n });
        if (!this.chains.every((chain) => chain.sent.has(n))) throw refused('SyncHashMissing', { blockNumber: n });
        this.lastConfirmed = n;
        this.chains.forEach((_, i) => this.#confirmation(i));
      }),
      resend: async (i) => this.#call('resend', `${i}`, () => this.#confirmation(i)),
    };
  }

  /** From now on chain `i` takes no block dated before `minimum`. */
  takesFrom(i: number, minimum: number): void {
    this.#chain(i).minimum = minimum;
  }

  /** What the contract of chain `i` says to a request that would get the id `requestId`. */
  checkRequest(i: number, { type }: { type: 'deposit' | 'fullExit' }, requestId: number): void {
    const { counters, nextToExecute } = this.#chain(i);
    if (counters.mode !== 'running') throw refused('WrongMode', { expected: 'running', actual: counters.mode });
    const [maximum, waiting] = [type === 'deposit' ? this.maxOpenRequests / 2 : this.maxOpenRequests, requestId - nextToExecute];
    if (waiting >= maximum) throw refused('QueueFull', { maximum, waiting });
  }

  /** Somebody triggers exit mode on chain `i`: a request has expired. */
  trigger(i: number): void {
    const { confirmed, executed, mode } = this.#chain(i).counters;
    if (mode !== 'running') throw refused('WrongMode', { expected: 'running', actual: mode });
    if (executed !== confirmed) throw refused('ConfirmedBlocksNotExecuted', { confirmed, executed });
    this.#update(i, { mode: 'stopped' });
  }

  /** The halt request of chain `i` arrives. */
  requestHalt(i: number): void {
    const { mode } = this.#chain(i).counters;
    if (mode !== 'stopped') throw refused('WrongMode', { expected: 'stopped', actual: mode });
    this.arbitratorHalted = true;
  }

  /** The arbitrator's halt arrives at chain `i`, which confirms the last block by itself. */
  deliverHalt(i: number): void {
    if (!this.arbitratorHalted) throw refused('NotHalted');
    const { counters: { confirmed, executed }, executedRoot } = this.#chain(i);
    const blockNumber = this.lastConfirmed;
    if (blockNumber < confirmed) throw refused('WrongHalt', { expected: confirmed, actual: blockNumber });
    this.#update(i, { mode: 'halted', confirmed: blockNumber, halt: { blockNumber, ...(executed === blockNumber ? { finalRoot: executedRoot, exitsOpen: true } : { finalRoot: null, exitsOpen: false }) } });
  }

  #update(i: number, part: Partial<ChainCounters>): void {
    const chain = this.#chain(i);
    chain.counters = { ...chain.counters, ...part };
  }

  #confirmation(i: number): void {
    const chain = this.#chain(i);
    if (this.deferring.delete(i)) {
      this.deferred.add(i);
      return;
    }
    this.deferred.delete(i);
    chain.counters = { ...chain.counters, confirmed: Math.max(chain.counters.confirmed, this.lastConfirmed) };
  }

  /** Pays withdrawals and full exits, and gives each full exit's bond to its owner or, when it paid nothing, to the bond receiver. */
  #credit(i: number, block: BlockRecord): void {
    const { pending } = this.#chain(i);
    const credit = (owner: Hex, token: bigint, amount: bigint): void => void pending.set(`${owner}/${token}`, (pending.get(`${owner}/${token}`) ?? 0n) + amount);
    for (const operation of decodeOperations(chainBlock(block, i).onchainData, 'onchain')) {
      if (operation.type === 'withdraw' && operation.amount > 0n) credit(addressOf(operation.to), operation.token, operation.amount);
      if (operation.type !== 'fullExit') continue;
      credit(operation.amount === 0n ? this.bondReceiver : addressOf(operation.owner), 1n, this.exitBond);
      if (operation.amount > 0n) credit(addressOf(operation.owner), operation.token, operation.amount);
    }
  }

  #chain(i: number): FakeChain {
    const chain = this.chains[i];
    if (chain === undefined) throw new RollupError('No such chain');
    return chain;
  }

  #call(call: Call, detail: string, effect: () => void): Sent {
    this.hook(call, 'before');
    try {
      effect();
    } catch (error) {
      this.refusals.push(`${call} ${detail}`);
      throw error;
    }
    this.log.push(`${call} ${detail}`);
    this.hook(call, 'after');
    return { hash: `0x${(++this.#transactions).toString(16).padStart(64, '0')}` };
  }

  #rollup(i: number): RollupPort {
    const chain = this.#chain(i);
    const update = (part: Partial<ChainCounters>): void => {
      this.#update(i, part);
      if (i !== 0) chain.counters = { ...chain.counters, proved: chain.counters.committed };
    };
    const check = (block: BlockRecord): Hex => {
      const hash = storedBlockHash(chainBlock(block, i).stored);
      const actual = chain.hashes.get(block.blockNumber);
      if (hash !== actual) throw refused('WrongStoredBlock', { blockNumber: block.blockNumber });
      return hash;
    };
    const requireRunning = (): void => {
      if (chain.counters.mode !== 'running') throw refused('WrongMode', { expected: 'running', actual: chain.counters.mode });
    };
    const key = ({ owner, token }: Payout): string => `${owner}/${token}`;
    const run = async (call: Call, detail: string, effect: () => void): Promise<Sent> => this.#call(call, `${i}${detail}`, effect);
    const list = (blocks: readonly BlockRecord[]): string => ` ${blocks.map(({ blockNumber }) => blockNumber).join(',')}`;
    return {
      chainIndex: i, role: chain.counters.role, name: `chain ${i}`,
      counters: async () => ({ ...chain.counters, sent: [...chain.sent.keys()].filter((n) => n > chain.counters.confirmed).sort((a, b) => a - b) }),
      storedBlockHash: async (n) => chain.hashes.get(n) ?? ZERO_HASH,
      requestHash: async () => null,
      isRegistered: async (token) => this.tokens.has(token),
      commit: async ({ previous, blocks }) => run('commit', list(blocks), () => {
        requireRunning();
        if (previous !== null) check(previous);
        for (const block of blocks) {
          if (block.blockNumber !== chain.counters.committed + 1) throw refused('WrongBlockNumber', { expected: chain.counters.committed + 1, actual: block.blockNumber });
          const { minimum } = chain;
          if (block.timestamp < minimum) throw refused('TimestampOutOfRange', { minimum: BigInt(minimum), maximum: 2n ** 40n, actual: BigInt(block.timestamp) });
          chain.hashes.set(block.blockNumber, storedBlockHash(chainBlock(block, i).stored));
          update({ committed: block.blockNumber });
        }
      }),
      prove: async ({ blocks, proofs }) => run('prove', list(blocks), () => {
        for (const [k, block] of blocks.entries()) {
          check(block);
          if (block.blockNumber !== chain.counters.proved + 1) throw refused('WrongBlockNumber', { expected: chain.counters.proved + 1, actual: block.blockNumber });
          if (proofs[k]?.size !== block.segments.length + 1) throw refused('WrongProofCount');
          update({ proved: block.blockNumber });
        }
      }),
      sync: async (block) => run('sync', list([block]), () => {
        const n = block.blockNumber;
        requireRunning();
        check(block);
        if (i === 0 && n > chain.counters.proved) throw refused('BlockNotProved');
        if (chain.sent.has(n) || n <= chain.counters.confirmed) throw refused('BlockAlreadySynced', { synced: chain.counters.synced, blockNumber: n });
        chain.sent.set(n, chainBlock(block, i).stored.syncHash);
        update({ synced: Math.max(n, chain.counters.synced) });
      }),
      execute: async (blocks) => run('execute', list(blocks), () => {
        for (const block of blocks) {
          check(block);
          if (block.blockNumber !== chain.counters.executed + 1) throw refused('WrongBlockNumber', { expected: chain.counters.executed + 1, actual: block.blockNumber });
          if (block.blockNumber > chain.counters.confirmed) throw refused('BlockNotConfirmed');
          update({ executed: block.blockNumber });
          const { halt } = chain.counters;
          chain.executedRoot = block.finalRoot;
          if (halt?.blockNumber === block.blockNumber) update({ halt: { ...halt, finalRoot: block.finalRoot, exitsOpen: true } });
          chain.nextToExecute = chainBlock(block, i).stored.priorityRequestsTotal;
          this.#credit(i, block);
        }
      }),
      revert: async (last) => run('revert', ` ${last?.blockNumber ?? 0}`, () => {
        const to = last?.blockNumber ?? 0;
        requireRunning();
        if (to < chain.counters.synced) throw refused('CannotRevertSynced');
        for (let n = to + 1; n <= chain.counters.committed; n++) chain.hashes.delete(n);
        update({ committed: to, proved: Math.min(chain.counters.proved, to) });
      }),
      pendingBalance: async (payout) => chain.pending.get(key(payout)) ?? 0n,
      withdrawPending: async (payout) => run('withdraw', ` ${key(payout)}`, () => {
        if (chain.refuses.has(payout.owner)) throw refused('NativeTransferFailed');
        if ((chain.pending.get(key(payout)) ?? 0n) === 0n) throw refused('NothingPending');
        chain.pending.delete(key(payout));
        chain.paid.push(key(payout));
      }),
    };
  }
}
