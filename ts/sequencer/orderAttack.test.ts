import { describe, expect, it } from 'vitest';
import { addOutput, coinsFor, swapOutput } from '../spec/amm.ts';
import { floorFloat16 } from '../spec/float16.ts';
import { floorFloat40 } from '../spec/float40.ts';
import { shareToken } from '../spec/leg.ts';
import type { Order, OrderType } from '../spec/operation.ts';
import { LEAF_KIND } from '../spec/leaf.ts';
import { LOCKED_SHARES } from '../spec/pool.ts';
import { signOperation } from '../spec/signature.ts';
import type { LeafEntry } from '../state/chainState.ts';
import type { LedgerState } from '../state/ledger.ts';
import { Random } from '../test/random.ts';
import { Auditor } from './auditor.ts';
import { requestHashOf, type PriorityEvent } from './events.ts';
import { Mempool, type PooledTransaction } from './mempool.ts';
import { packBlock } from './packer.ts';
import { allPairs, type PairOfHalves } from './pairs.ts';
import { refusalReason } from './refusal.ts';
import { genesisTip, seal, type Tip } from './sealer.ts';
import { context, depositEvent, fullExitEvent, operator, signedChangeKey, signedTransfer, signedWithdraw, testUser, type TestUser } from './testSupport.ts';
import type { PairRequest, Submission } from './store.ts';

/*
 * Users who send what they like to a sequencer that packs, seals and audits: orders for more than they have, with limits that nobody can fill, from
 * leaves that change their key in the same block, of half a pair's shares, with dust and with nearly everything a leaf can hold. No block may fail, no
 * transaction may stay for ever, no coin and no share may appear, and no share may lose worth.
 */

const ROUNDS = 40;
const CHAINS = [0, 1, 2] as const;
const PAIRS: readonly PairRequest[] = [
  { chainIndex: 0, token: 1, peerChain: 1, peerToken: 1 },
  { chainIndex: 0, token: 2, peerChain: 0, peerToken: 1 },
  { chainIndex: 2, token: 1, peerChain: 1, peerToken: 2 },
];
const MAX = (1n << 128n) - 1n;
/** What the parser lets through. */
const atMost = (amount: bigint): bigint => (amount > MAX ? MAX : amount);

class Crowd {
  readonly random: Random;
  readonly users: TestUser[];
  tip: Tip = genesisTip(context);
  readonly #mempool: Mempool;
  readonly #auditor: Auditor;
  /** By chain: everything that was ever requested. */
  readonly #requests: PriorityEvent[][] = CHAINS.map(() => []);
  readonly #used = CHAINS.map(() => 0);
  #timestamp = 1000;
  readonly reasons = new Map<string, number>();
  readonly types = new Map<string, number>();
  /** `chain/token`: what came in less what went out. */
  readonly inside = new Map<string, bigint>();

  constructor(seed: number) {
    this.random = new Random(seed, 'order attack');
    this.users = [1, 2, 3].map(testUser);
    const now = (): number => this.#timestamp * 1000;
    this.#mempool = new Mempool({ deploymentId: context.deploymentId, state: () => this.tip.state, operator, now, minValidity: 0 });
    const readRequest = async ({ chainIndex, requestId }: { chainIndex: number; requestId: number }) => requestHashOf(this.#requests[chainIndex]![requestId]!);
    this.#auditor = new Auditor({ ...context, operator, readRequest, verifyProof: async () => true });
  }

  deposit(chainIndex: number, user: TestUser, amount: bigint, token: number): void {
    const queue = this.#requests[chainIndex]!;
    queue.push(depositEvent(queue.length, user, amount, token));
    this.#move(chainIndex, BigInt(token), amount);
  }

  fullExit(chainIndex: number, user: TestUser, leafIndex: number): void {
    const queue = this.#requests[chainIndex]!;
    queue.push(fullExitEvent(queue.length, user, leafIndex));
  }

  submit(submission: Submission): void {
    try {
      const checked = this.#mempool.check(submission);
      if (!checked.known) this.#mempool.add(checked);
    } catch (error) {
      const reason = refusalReason(error);
      if (reason === null) throw error;
      this.#count(this.reasons, `refused ${reason}`);
    }
  }

  /** Packs, seals and audits one block. */
  async block(pairs: readonly PairRequest[] = []): Promise<void> {
    this.#timestamp += 10;
    const transactions: PooledTransaction[] = this.#mempool.inOrder();
    const requests = this.#requests.map((queue, chain) => queue.slice(this.#used[chain]));
    const packed = packBlock({ state: this.tip.state, deploymentId: context.deploymentId, operator, requests, transactions, timestamp: this.#timestamp, pairs });
    packed.requestsUsed.forEach((used, chain) => (this.#used[chain]! += used));
    for (const { reason } of packed.dropped) this.#count(this.reasons, `dropped ${reason.split(':')[0]}`);
    this.#mempool.remove([...packed.included, ...packed.dropped.map(({ id }) => id)]);
    if (packed.segments.length === 0) return;
    const { block, tip } = seal({ context, tip: this.tip, segments: packed.segments, timestamp: this.#timestamp, transactions: packed.included });
    await this.#auditor.auditBlock(block);
    this.tip = tip;
    for (const { chainIndex, operations } of block.segments) {
      for (const operation of operations) {
        this.#count(this.types, operation.type);
        if (operation.type === 'fullExit' && operation.shares > 0n) this.#count(this.types, 'fullExit of shares');
        if (operation.type === 'withdraw' || operation.type === 'fullExit') this.#move(chainIndex, operation.token, -operation.amount);
      }
    }
  }

  get pending(): number {
    return this.#mempool.size;
  }

  get waitingRequests(): number {
    return this.#requests.reduce((sum, queue, chain) => sum + queue.length - this.#used[chain]!, 0);
  }

  /** Pending transactions are counted as nonces of the leaf. */
  nonce(chainIndex: number, leafIndex: number): number {
    return Number(this.#mempool.nextNonce(chainIndex, leafIndex));
  }

  #move(chainIndex: number, token: bigint, amount: bigint): void {
    const key = `${chainIndex}/${token}`;
    if (amount !== 0n) this.inside.set(key, (this.inside.get(key) ?? 0n) + amount);
  }

  #count(counts: Map<string, number>, name: string): void {
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
}

/** What leaves and pools of each chain hold of each token, and what is said to be there. */
function expectConserved(crowd: Crowd): void {
  const { state } = crowd.tip;
  const held = new Map<string, bigint>();
  for (const chainIndex of CHAINS) {
    for (const { leaf } of state.chain(chainIndex).entries()) {
      const key = `${chainIndex}/${leaf.token}`;
      held.set(key, (held.get(key) ?? 0n) + leaf.balance);
    }
    for (const { leafIndex, totalShares } of state.chain(chainIndex).pools()) {
      const key = `${chainIndex}/${shareToken(leafIndex)}`;
      expect((held.get(key) ?? 0n) + LOCKED_SHARES, `shares ${key}`).toBe(totalShares);
      held.delete(key);
    }
  }
  for (const [key, amount] of held) expect(amount, `coins ${key}`).toBe(crowd.inside.get(key) ?? 0n);
}

function worthOf({ first, second }: PairOfHalves): [bigint, bigint] {
  return [first.reserve * second.reserve, first.totalShares * second.totalShares];
}

/** An order of a random user on a random pair, from fair to absurd. */
function randomOrder(crowd: Crowd): Submission | null {
  const { random } = crowd;
  const { state } = crowd.tip;
  const pairs = allPairs(state);
  if (pairs.length === 0) return null;
  const pair = random.pick(pairs);
  const [first, second] = random.below(2) === 0 ? [pair.first, pair.second] : [pair.second, pair.first];
  const type = random.pick<OrderType>(['swapIn', 'swapIn', 'swapIn', 'addLiquidity', 'addLiquidity', 'removeLiquidity']);
  const token = type === 'removeLiquidity' ? shareToken(first.leafIndex) : first.token;
  const peerToken = type === 'removeLiquidity' ? shareToken(second.leafIndex) : second.token;
  const payer = leafOf(crowd, state, first.chainIndex, token);
  if (payer === null) return null;
  const { user, entry: { leafIndex, leaf } } = payer;
  const { balance } = leaf;
  const amount = random.pick([balance, balance / 2n, balance / 10n, balance / 1000n, 1n, balance + 1n, 10n ** 9n]);
  const peers = state.chain(second.chainIndex).leavesOf(leaf.owner).filter((other) => other.leaf.token === peerToken);
  const peerBalance = peers[0]?.leaf.balance ?? 0n;
  const fair = first.reserve === 0n ? amount : (amount * second.reserve) / first.reserve;
  const peerAmount = type === 'swapIn' ? 0n : atMost(random.pick([0n, fair, fair, peerBalance, peerBalance / 3n, peerBalance + 1n, 1n]));
  const rounded = type === 'swapIn' && random.below(8) !== 0 ? floorFloat40(amount) : amount;
  const fee = random.below(2) === 0 ? 0n : floorFloat16(balance / 50n);
  const limits = ((): Pick<Order, 'limit' | 'peerLimit'> => {
    const part = random.pick([9950n, 9500n, 0n, 10_050n]);
    const least = (output: bigint): bigint => atMost((output * part) / 10_000n);
    if (type === 'swapIn') return { limit: random.below(20) === 0 ? 1n : 0n, peerLimit: least(swapOutput({ reserveIn: first.reserve, reserveOut: second.reserve, amountIn: rounded })) };
    if (type === 'addLiquidity') {
      const { shares, peerShares } = addOutput({ first, second, amount: rounded, peerAmount });
      return { limit: least(shares), peerLimit: least(peerShares) };
    }
    return { limit: least(coinsFor({ ...first, shares: rounded })), peerLimit: least(coinsFor({ ...second, shares: peerAmount })) };
  })();
  const { chainIndex } = first;
  const wrong = random.below(15) === 0 ? random.pick([{ peerToken: peerToken + 1n }, { pool: leafIndex }, { peerLeaf: second.leafIndex + 1 }, { peerChain: 9 }, { limit: MAX }, { peerLimit: MAX }, { peerAmount: MAX }]) : {};
  const order: Order = {
    type, chainIndex, from: leafIndex, token, nonce: BigInt(crowd.nonce(chainIndex, leafIndex)), validUntil: random.below(10) === 0 ? 1020 + random.below(400) : 2_000_000_000,
    amount: rounded, fee, pool: first.leafIndex, peerChain: second.chainIndex, peerLeaf: second.leafIndex, peerToken, ...limits, peerAmount,
    owner: leaf.owner, keyX: leaf.keyX, keyY: leaf.keyY, ...wrong,
  };
  const signer = random.below(25) === 0 ? random.pick(crowd.users) : user;
  const { owner: _, keyX: __, keyY: ___, ...sent } = order;
  return { ...sent, signature: signOperation(order, { deploymentId: context.deploymentId, chainIndex }, signer.key) };
}

/** A leaf of a token that one of the crowd can sign for. */
function leafOf({ random, users }: Crowd, state: LedgerState, chainIndex: number, token?: bigint): { user: TestUser; entry: LeafEntry } | null {
  const found = state
    .chain(chainIndex)
    .entries()
    .filter(({ leaf }) => leaf.kind === LEAF_KIND.account && (token === undefined || leaf.token === token))
    .flatMap((entry) => users.filter(({ keyX, keyY }) => entry.leaf.keyX === keyX && entry.leaf.keyY === keyY).map((user) => ({ user, entry })));
  return found.length === 0 ? null : random.pick(found);
}

function randomMove(crowd: Crowd): void {
  const { random, users, tip: { state } } = crowd;
  const chainIndex = random.pick(CHAINS);
  const payer = leafOf(crowd, state, chainIndex);
  const other = random.pick(users);
  if (payer === null || random.below(6) === 0) return crowd.deposit(chainIndex, other, random.pick([1n, 10n ** 18n, random.bits(90), 1n << 126n]), 1 + random.below(2));
  const { user, entry: { leafIndex, leaf } } = payer;
  const common = { chainIndex, leafIndex, token: leaf.token, nonce: crowd.nonce(chainIndex, leafIndex) };
  const amount = floorFloat40(leaf.balance / BigInt(1 + random.below(4)));
  switch (random.below(5)) {
    case 0:
      return crowd.submit(signedChangeKey(user, other, common));
    case 1:
      return crowd.submit(signedWithdraw(user, other.owner, { ...common, amount }));
    case 2:
      return crowd.fullExit(chainIndex, user, random.below(2) === 0 ? leafIndex : random.below(20));
    default:
      return crowd.submit(signedTransfer(user, other, { ...common, amount, fee: floorFloat16(leaf.balance / 1000n) }));
  }
}

describe('a crowd that sends orders as it likes', () => {
  it.each([20251121, 7, 8])('wedges no block, makes nothing of nothing and lowers no worth of shares (seed %i)', async (seed) => {
    const crowd = new Crowd(seed);
    const { random, users } = crowd;
    for (const chainIndex of CHAINS) for (const user of users) for (const token of [1, 2]) crowd.deposit(chainIndex, user, random.pick([10n ** 18n, 10n ** 24n, 1n << 110n, 1n << 127n]), token);
    await crowd.block(PAIRS);
    await crowd.block();
    expect(allPairs(crowd.tip.state).length).toBe(PAIRS.length);
    let before = allPairs(crowd.tip.state).map(worthOf);
    for (let round = 0; round < ROUNDS; round++) {
      for (let i = random.below(14); i > 0; i--) {
        if (random.below(4) === 0) randomMove(crowd);
        else {
          const order = randomOrder(crowd);
          if (order !== null) crowd.submit(order);
        }
      }
      await crowd.block();
      expectConserved(crowd);
      const after = allPairs(crowd.tip.state).map(worthOf);
      for (const [i, [coins, shares]] of after.entries()) {
        const [coinsBefore, sharesBefore] = before[i]!;
        expect(coins * sharesBefore >= coinsBefore * shares, `pair ${i} of round ${round}`).toBe(true);
      }
      before = after;
    }
    for (let i = 0; i < 20 && crowd.pending + crowd.waitingRequests > 0; i++) await crowd.block();
    expect([crowd.pending, crowd.waitingRequests]).toEqual([0, 0]);
    console.info(JSON.stringify({ types: Object.fromEntries(crowd.types), reasons: Object.fromEntries(crowd.reasons) }));
    for (const type of ['swapIn', 'swapOut', 'addLiquidity', 'addLiquidityPeer', 'removeLiquidity', 'removeLiquidityPeer', 'credit', 'openPool', 'changeKey', 'fullExit of shares'] as const) {
      expect(crowd.types.get(type) ?? 0, type).toBeGreaterThan(type === 'fullExit of shares' ? 0 : type === 'openPool' || type === 'changeKey' ? 1 : 2);
    }
  });
});
