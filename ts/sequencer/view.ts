import { RollupError } from '../base/errors.ts';
import type { MinimumFee } from '../chain/client/sequencerApi.ts';
import type { Mode } from '../spec/chainSide.ts';
import { addressOf, type Hex } from '../spec/hex.ts';
import { isEmptyLeaf, type Leaf } from '../spec/leaf.ts';
import { isPoolOperation, type Operation } from '../spec/operation.ts';
import type { Driver } from './driver.ts';
import type { ChainEvent } from './events.ts';
import { arbitratorHaltTransaction, describeExitMode, exitModeRefusal, exitTransactions, type ExitModeText, type ExitTransactions } from './exitMode.ts';
import { expiryWarning, type OldestRequest } from './expiry.ts';
import { operatorAnswer, type FeePolicy, type Operator, type OperatorAnswer } from './fees.ts';
import type { Fill } from './fill.ts';
import type { Mempool } from './mempool.ts';
import { blockStatus, type BlockStatus } from './pipeline.ts';
import type { Producer } from './producer.ts';
import type { PairDesk } from './pairDesk.ts';
import { pairAnswers, poolAnswer, quoteAnswer, sharesAnswer, type PairAnswer, type PoolAnswer, type QuoteAnswer, type QuoteParameters, type SharesAnswer } from './poolView.ts';
import { arbitratorTransaction, stageTransactions, type StageTransactions } from './stages.ts';
import { isOrder, type BlockRecord, type OrderTransaction, type PairRequest, type Store, type Submission } from './store.ts';

/* What the API shows and takes. Bigints become decimal strings on the wire. */

export interface ChainStatus {
  chainIndex: number;
  name: string;
  committed: number;
  proved: number;
  synced: number;
  confirmed: number;
  executed: number;
  mode: Mode;
  /** The rollup's last block, once the halt has arrived; else null. */
  haltBlock: number | null;
  /** Final root that exits are proved against, once they are open; else null. */
  haltRoot: bigint | null;
  /** Leaves can exit; deposits and bonds are refunded. */
  exitsOpen: boolean;
  /** What brought the chain into exit mode. */
  exitTransactions: ExitTransactions;
  /** The priority request that must be executed next; null when none waits. */
  oldestRequest: OldestRequest | null;
}

export interface StatusAnswer {
  deploymentId: bigint;
  chains: ChainStatus[];
  pendingOperations: number;
  lastBlock: number;
  /** The L2 user to whom fees are credited. */
  operator: OperatorAnswer;
  /** What a transaction has to pay, in the token of its leaf; nothing where no minimum is named. */
  minimumFees: MinimumFee[];
  /** Why nothing is sent any more; null while all is well. */
  halted: { message: string; facts: Record<string, unknown>; hint?: string } | null;
  arbitrator: { lastConfirmed: number; halted: boolean; haltTransaction: Hex | null };
  /** How far exit mode has come, and what anyone can do next; null while all is well. */
  exitMode: ExitModeText | null;
  /** What the operator must look at: requests near their expiry. */
  warnings: string[];
}

export interface BlockOnChain {
  chainIndex: number;
  name: string;
  stage: BlockStatus;
  segments: number;
  operations: number;
  syncHash: Hex;
  transactions: StageTransactions;
  /** Its withdrawals were pushed to their owners. */
  withdrawalsPushed: boolean;
}

export interface BlockAnswer {
  blockNumber: number;
  timestamp: number;
  finalRoot: bigint;
  chains: BlockOnChain[];
  /** Proofs that exist and that the block needs. */
  proofs: { done: number; total: number };
  /** Where the arbitrator confirmed it; null before that. */
  arbitratorTransaction: Hex | null;
  /** All operations in the order of the block; addresses as hex. */
  operations: Record<string, unknown>[];
  /** Ids of the accepted transactions in it. */
  transactions: string[];
}

export interface LeafAnswer {
  chainIndex: number;
  leafIndex: number;
  owner: Hex;
  token: number;
  balance: bigint;
  nonce: number;
  keyX: bigint;
  keyY: bigint;
  /** Nonce for the next transaction: behind all pending ones. */
  nextNonce: number;
  /** Key for the next transaction: the newest of pending changes of key, else the leaf's. */
  nextKeyX: bigint;
  nextKeyY: bigint;
  /** Only of a pool leaf, which nobody owns. */
  pool?: PoolAnswer;
  /** Only of a leaf that holds shares of a pool. */
  shares?: SharesAnswer;
}

export interface TransactionAnswer {
  id: string;
  status: 'pending' | 'included' | 'dropped';
  reason?: string;
  blockNumber?: number;
  /** Of an order in a block: what it changed on both halves. */
  filled?: Fill;
}

export interface SequencerView {
  status(): Promise<StatusAnswer>;
  blocks(parameters: { before: number | undefined; limit: number }): Promise<BlockAnswer[]>;
  block(blockNumber: number): Promise<BlockAnswer | null>;
  leavesOf(owner: bigint): LeafAnswer[];
  leaf(chainIndex: number, leafIndex: number): LeafAnswer | null;
  transaction(id: string): Promise<TransactionAnswer | null>;
  submit(submission: Submission): Promise<{ id: string }>;
  pools(): PairAnswer[];
  /** @throws RollupError with a reason when the order could not be filled now */
  quote(parameters: QuoteParameters): QuoteAnswer;
  /** The next block opens the pair. @throws RollupError with a reason when there is one of these tokens already, or cannot be */
  requestPair(pair: PairRequest): Promise<PairRequest>;
}

export interface ViewOptions {
  deploymentId: bigint;
  chains: readonly { chainIndex: number; name: string }[];
  store: Store;
  mempool: Mempool;
  producer: Producer;
  desk: PairDesk;
  driver: Driver;
  operator: Operator;
  fees: FeePolicy;
  /** By chain index: see Core.oldestRequests. */
  oldestRequests: () => readonly (OldestRequest | null)[];
  /** Events of a chain, or of the arbitrator. */
  events: (source: number | 'arbitrator') => readonly ChainEvent[];
  /** A transaction was accepted. */
  onAccepted?: () => void;
}

export function sequencerView({ deploymentId, chains, store, mempool, producer, desk, driver, operator, fees, oldestRequests, events, onAccepted }: ViewOptions): SequencerView {
  const leafAnswer = (chainIndex: number, leafIndex: number, leaf: Leaf): LeafAnswer => {
    const { owner, token, balance, nonce, keyX, keyY } = leaf;
    const next = mempool.nextKey(chainIndex, leafIndex);
    const { state } = producer.tip;
    const pool = poolAnswer(state, { chainIndex, leafIndex });
    const shares = sharesAnswer(state, { chainIndex, token, balance });
    return {
      chainIndex, leafIndex, owner: addressOf(owner), token: Number(token), balance, nonce: Number(nonce), keyX, keyY,
      nextNonce: Number(mempool.nextNonce(chainIndex, leafIndex)), nextKeyX: next.x, nextKeyY: next.y,
      ...(pool === null ? {} : { pool }), ...(shares === null ? {} : { shares }),
    };
  };
  const blockAnswer = async (block: BlockRecord): Promise<BlockAnswer> => ({
    blockNumber: block.blockNumber,
    timestamp: block.timestamp,
    finalRoot: block.finalRoot,
    chains: chains.map(({ chainIndex, name }) => {
      const counters = driver.counters(chainIndex);
      const own = block.segments.filter((segment) => segment.chainIndex === chainIndex);
      return {
        chainIndex,
        name,
        stage: counters === null ? 'sealed' : blockStatus(counters, block.blockNumber),
        segments: own.length,
        operations: own.reduce((sum, { operations }) => sum + operations.length, 0),
        syncHash: block.syncHashes[chainIndex] ?? '0x',
        transactions: stageTransactions(events(chainIndex), block.blockNumber),
        withdrawalsPushed: driver.settled(chainIndex) >= block.blockNumber,
      };
    }),
    proofs: { done: (await store.proofs(block.blockNumber)).size, total: block.segments.length + 1 },
    arbitratorTransaction: arbitratorTransaction(events('arbitrator'), block.blockNumber),
    operations: block.segments.flatMap(({ chainIndex, operations }) => operations.map((operation) => shownOperation(chainIndex, operation))),
    transactions: block.transactions,
  });
  // What is sent is checked and written one after the other, so that two with one nonce cannot both pass.
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = async <T>(accept: () => Promise<T>): Promise<T> => {
    const mine = turn.then(async () => {
      const exit = driver.exitMode;
      if (exit !== null) throw exitModeRefusal(exit);
      if (driver.halted !== null) {
        throw new RollupError('The sequencer has halted and takes nothing any more', { facts: { unavailable: true }, hint: 'Ask the operator; GET /status says why.' });
      }
      return await accept();
    });
    turn = mine.catch(() => {});
    return await mine;
  };
  const accept = async (submission: Submission): Promise<{ id: string }> => {
    const { id, transaction, known, signer } = mempool.check(submission);
    if (!known) {
      await store.acceptTransaction({ id, transaction });
      mempool.add({ id, transaction, ...(signer === undefined ? {} : { signer }) });
      onAccepted?.();
    }
    return { id };
  };

  return {
    async status() {
      const { halted, exitMode } = driver;
      const oldest = oldestRequests();
      return {
        deploymentId,
        chains: chains.map(({ chainIndex, name }) => {
          const { committed = 0, proved = 0, synced = 0, confirmed = 0, executed = 0, mode = 'running' as const, halt = null } = driver.counters(chainIndex) ?? {};
          const exit = { mode, haltBlock: halt?.blockNumber ?? null, haltRoot: halt?.finalRoot ?? null, exitsOpen: halt?.exitsOpen ?? false };
          return { chainIndex, name, committed, proved, synced, confirmed, executed, ...exit, exitTransactions: exitTransactions(events(chainIndex)), oldestRequest: oldest[chainIndex] ?? null };
        }),
        pendingOperations: producer.pending,
        lastBlock: await store.lastBlock(),
        operator: operatorAnswer(operator),
        minimumFees: fees.filter(({ amount }) => amount > 0n),
        halted: halted === null ? null : { message: halted.message, facts: halted.facts, ...(halted.hint === undefined ? {} : { hint: halted.hint }) },
        arbitrator: { lastConfirmed: driver.lastConfirmed, halted: driver.arbitratorHalted, haltTransaction: arbitratorHaltTransaction(events('arbitrator')) },
        exitMode: exitMode === null ? null : describeExitMode(exitMode),
        warnings: exitMode === null ? chains.flatMap(({ chainIndex, name }) => warningOf(name, oldest[chainIndex] ?? null)) : [],
      };
    },
    async blocks({ before, limit }) {
      const answers: BlockAnswer[] = [];
      const newest = Math.min(await store.lastBlock(), (before ?? Number.MAX_SAFE_INTEGER) - 1);
      for (let n = newest; n >= 1 && answers.length < limit; n--) {
        const block = await store.block(n);
        if (block === null) break;
        answers.push(await blockAnswer(block));
      }
      return answers;
    },
    async block(blockNumber) {
      const block = await store.block(blockNumber);
      return block === null ? null : await blockAnswer(block);
    },
    leavesOf: (owner) =>
      chains.flatMap(({ chainIndex }) => producer.tip.state.chain(chainIndex).leavesOf(owner).map(({ leafIndex, leaf }) => leafAnswer(chainIndex, leafIndex, leaf))),
    leaf(chainIndex, leafIndex) {
      if (!chains.some((chain) => chain.chainIndex === chainIndex)) return null;
      const leaf = producer.tip.state.leaf(chainIndex, leafIndex);
      return isEmptyLeaf(leaf) ? null : leafAnswer(chainIndex, leafIndex, leaf);
    },
    async transaction(id) {
      const record = await store.transaction(id);
      if (record === null) return null;
      const { status, reason, blockNumber, transaction } = record;
      const block = blockNumber === undefined || !isOrder(transaction) ? null : await store.block(blockNumber);
      const exit = driver.exitMode;
      const lastBlock = exit === null || !exit.arbitratorHalted ? Infinity : exit.lastConfirmed;
      if (status === 'included' && blockNumber !== undefined && blockNumber > lastBlock) {
        return { id, status: 'dropped', reason: `exitMode: block ${blockNumber} was not confirmed before the rollup halted at block ${lastBlock}` };
      }
      const filled = block === null || !isOrder(transaction) ? null : filledIn(block, transaction);
      return { id, status, ...(reason === undefined ? {} : { reason }), ...(blockNumber === undefined ? {} : { blockNumber }), ...(filled === null ? {} : { filled }) };
    },
    submit: async (submission) => await inTurn(async () => await accept(submission)),
    pools: () => pairAnswers(producer.tip.state),
    quote: (parameters) => quoteAnswer(producer.tip.state, parameters),
    requestPair: async (pair) =>
      await inTurn(async () => {
        await desk.request(pair);
        onAccepted?.();
        return pair;
      }),
  };
}

function warningOf(chain: string, oldest: OldestRequest | null): string[] {
  const warning = oldest === null ? null : expiryWarning(chain, oldest);
  return warning === null ? [] : [warning];
}

/** What a block's operations did for an order. */
function filledIn({ segments }: BlockRecord, { chainIndex, from, nonce, type }: OrderTransaction): Fill | null {
  const sides = segments
    .flatMap(({ operations }) => operations)
    .filter(isPoolOperation)
    .filter(({ order }) => order.chainIndex === chainIndex && order.from === from && order.nonce === nonce);
  const [first, second] = [sides.find((side) => side.type === type), sides.find((side) => side.type !== type)].map((side) =>
    side === undefined ? undefined : { amount: side.amount, shares: 'shares' in side ? side.shares : 0n },
  );
  return first === undefined || second === undefined ? null : { first, second };
}

const addressFields = new Set(['owner', 'to', 'toOwner']);

/** An operation for people: addresses as hex, no signature. */
function shownOperation(chainIndex: number, operation: Operation): Record<string, unknown> {
  return { chainIndex, ...shown(operation), ...('order' in operation ? { order: shown(operation.order) } : {}) };
}

function shown(value: object): Record<string, unknown> {
  const fields = Object.entries(value)
    .filter(([name]) => name !== 'signature')
    .map(([name, field]): [string, unknown] => [name, addressFields.has(name) && typeof field === 'bigint' ? addressOf(field) : field]);
  return Object.fromEntries(fields);
}
