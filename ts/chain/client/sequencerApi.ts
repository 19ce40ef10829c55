import type { Address, Hash } from 'viem';

import { MODES, type Mode } from '../../spec/chainSide.ts';
import type { OrderType } from '../../spec/operation.ts';
import { request } from './http.ts';
import type { Reader } from './reader.ts';

/** What happened to a transaction: waiting for a block, in a block, or refused after it was accepted. */
export type TransactionStatus = 'pending' | 'included' | 'dropped';

/** The stages of a block on a chain, in their order. */
export const blockStages = ['committed', 'proved', 'synced', 'confirmed', 'executed'] as const;
export type BlockStage = (typeof blockStages)[number];

/** Verbs that bring a block to the stage at the same place of {@link blockStages}; keys of a chain's transaction hashes. */
export const blockVerbs = ['commit', 'prove', 'sync', 'confirm', 'execute'] as const;
export type BlockVerb = (typeof blockVerbs)[number];

/** One leaf of a user. `balance` is in the token's smallest unit. */
export interface LeafRecord {
  chainIndex: number;
  leafIndex: number;
  token: number;
  balance: bigint;
  nonce: number;
  /** The nonce that the next transaction of this leaf needs, with accepted transactions counted that no block holds yet. */
  nextNonce: number;
  keyX: bigint;
  keyY: bigint;
  /** The key that the next transaction must be signed with, with accepted changes of key counted that no block holds yet. */
  nextKeyX: bigint;
  nextKeyY: bigint;
}

/** What a user signs and may pay a fee for. Orders are named as the operation that carries their signature. */
export const feeKinds = ['transfer', 'withdraw', 'changeKey', 'swapIn', 'addLiquidity', 'removeLiquidity'] as const;
export type FeeKind = (typeof feeKinds)[number];

/** The least fee for a kind of transaction from leaves of a token, in its smallest unit. */
export interface MinimumFee {
  kind: FeeKind;
  token: number;
  amount: bigint;
}

export interface ChainStages {
  chainIndex: number;
  committed: number;
  proved: number;
  synced: number;
  confirmed: number;
  executed: number;
  /** Where the chain's rollup contract stands. */
  mode: Mode;
}

export interface SequencerStatus {
  deploymentId: bigint;
  chains: ChainStages[];
  /** Operations that wait for a block. */
  pendingOperations: number;
  /** Number of the last sealed block. */
  lastBlock: number;
  /** The L2 user to whom fees are credited. */
  operator: { owner: Address; keyX: bigint; keyY: bigint };
  /** What is not named has no minimum. */
  minimumFees: MinimumFee[];
  /** Why the sequencer sends nothing any more; undefined while all is well. */
  halted: string | undefined;
  /** How far exit mode has come and what anyone can do next; undefined while all is well. */
  exitMode: { message: string; hint: string } | undefined;
  /** Requests that are near their expiry. */
  warnings: string[];
}

export interface BlockChainRecord {
  chainIndex: number;
  /** Stage that this block has reached on this chain. */
  stage: 'sealed' | BlockStage;
  /** Hash of the chain transaction of each stage that is known. */
  transactions: Partial<Record<BlockVerb, Hash>>;
  /** The sequencer has had the block's withdrawals paid out to their owners. */
  withdrawalsPushed: boolean;
}

export interface BlockRecord {
  blockNumber: number;
  finalRoot: bigint;
  chains: BlockChainRecord[];
  /** Proofs that exist and that the block needs; undefined when the sequencer does not say. */
  proofs: { done: number; total: number } | undefined;
  /** Transaction in which the arbitrator compared the sync hashes and confirmed the block. */
  arbitratorTransaction: Hash | undefined;
  operations: Record<string, unknown>[];
}

export interface TransactionRecord {
  status: TransactionStatus;
  reason: string | undefined;
  blockNumber: number | undefined;
}

export interface SignatureFields {
  R8x: bigint;
  R8y: bigint;
  S: bigint;
}

interface TransactionFields {
  chainIndex: number;
  leafIndex: number;
  /** Of that leaf; part of what is signed. */
  token: number;
  nonce: number;
  /** Unix seconds after which the transaction is void. */
  validUntil: number;
  /** In the smallest unit of the leaf's token. */
  fee: bigint;
  signature: SignatureFields;
}

export type SignedTransaction =
  | (TransactionFields & { type: 'transfer'; amount: bigint; toOwner: Address; toKeyX: bigint; toKeyY: bigint })
  | (TransactionFields & { type: 'withdraw'; amount: bigint; to: Address })
  | (TransactionFields & { type: 'changeKey'; keyX: bigint; keyY: bigint })
  | (TransactionFields & OrderFields);

/** What an order says besides; the meaning of amounts and limits is in src/FORMATS.md, "L2 signatures". Owner and key are those of the leaf. */
export interface OrderFields {
  type: OrderType;
  amount: bigint;
  /** Leaf index of the half on the order's own chain. */
  pool: number;
  /** Where the other half is. */
  peerChain: number;
  peerLeaf: number;
  /** Of the peer half, or of its shares when liquidity is removed. */
  peerToken: number;
  limit: bigint;
  peerAmount: bigint;
  peerLimit: bigint;
}

/** One half of a pair, as the newest block leaves it. */
export interface HalfRecord {
  chainIndex: number;
  leafIndex: number;
  token: number;
  /** In the token's smallest unit. */
  reserve: bigint;
  /** The locked ones among them. */
  totalShares: bigint;
}

/** Two halves that name each other. */
export type PairRecord = readonly [HalfRecord, HalfRecord];

/** Which pair is to be opened: a token of one chain and a token of the same or another chain. */
export interface OpenPairParameters {
  chainIndex: number;
  token: number;
  peerChain: number;
  peerToken: number;
}

export interface SequencerApi {
  readonly url: string;
  getStatus(): Promise<SequencerStatus>;
  /** The latest ones. @param limit default 20 */
  getBlocks(parameters?: { limit?: number }): Promise<BlockRecord[]>;
  /** undefined when there is no such block yet */
  getBlock(blockNumber: number): Promise<BlockRecord | undefined>;
  getLeaves(owner: Address): Promise<LeafRecord[]>;
  /** undefined when the leaf is empty */
  getLeaf(chainIndex: number, leafIndex: number): Promise<LeafRecord | undefined>;
  /** @returns the transaction's id */
  submit(transaction: SignedTransaction): Promise<string>;
  getTransaction(id: string): Promise<TransactionRecord>;
  /** Every pair, in the order in which they were opened. */
  getPools(): Promise<PairRecord[]>;
  /** Asks for a new pair; it is there after one of the next blocks. @throws RollupError when there is one of these tokens already */
  openPool(parameters: OpenPairParameters): Promise<void>;
}

export interface CreateSequencerApiParameters {
  /** e.g. `http://127.0.0.1:8550` */
  url: string;
  /** How long one request may take. */
  timeoutMilliseconds?: number;
}

/** Talks to a sequencer over its HTTP API. @throws RollupError with the sequencer's own message, facts and hint when it refuses */
export function createSequencerApi({ url, timeoutMilliseconds = 20_000 }: CreateSequencerApiParameters): SequencerApi {
  const base = url.replace(/\/+$/, '');
  const get = async (path: string): Promise<Reader> => (await request({ base, path, timeoutMilliseconds })).read();
  const find = async (path: string): Promise<Reader | undefined> => {
    const answer = await request({ base, path, timeoutMilliseconds });
    return answer.status === 404 ? undefined : answer.read();
  };
  return {
    url: base,
    async getStatus() {
      return readStatus(await get('/status'));
    },
    async getBlocks({ limit = 20 } = {}) {
      return (await get(`/blocks?limit=${limit}`)).array().map(readBlock);
    },
    async getBlock(blockNumber) {
      const found = await find(`/blocks/${blockNumber}`);
      return found && readBlock(found);
    },
    async getLeaves(owner) {
      return (await get(`/users/${owner}`)).array().map(readLeaf);
    },
    async getLeaf(chainIndex, leafIndex) {
      const found = await find(`/leaves/${chainIndex}/${leafIndex}`);
      return found && readLeaf(found);
    },
    async submit(transaction) {
      return (await request({ base, path: '/transactions', body: transaction, timeoutMilliseconds })).read().field('id').text();
    },
    async getTransaction(id) {
      return readTransaction(await get(`/transactions/${encodeURIComponent(id)}`));
    },
    async getPools() {
      return (await get('/pools')).array().map(readPair);
    },
    async openPool(pair) {
      (await request({ base, path: '/pools', body: pair, timeoutMilliseconds })).read();
    },
  };
}

function readStatus(reader: Reader): SequencerStatus {
  const exitMode = reader.field('exitMode').optional();
  return {
    deploymentId: reader.field('deploymentId').bigint(),
    chains: reader.field('chains').array().map((chain) => ({
      chainIndex: chain.field('chainIndex').integer(),
      committed: chain.field('committed').integer(),
      proved: chain.field('proved').integer(),
      synced: chain.field('synced').integer(),
      confirmed: chain.field('confirmed').integer(),
      executed: chain.field('executed').integer(),
      mode: chain.field('mode').optional()?.oneOf(MODES) ?? 'running',
    })),
    pendingOperations: reader.field('pendingOperations').integer(),
    lastBlock: reader.field('lastBlock').integer(),
    operator: {
      owner: reader.field('operator').field('owner').address(),
      keyX: reader.field('operator').field('keyX').bigint(),
      keyY: reader.field('operator').field('keyY').bigint(),
    },
    minimumFees: reader.field('minimumFees').array().map((rule) => ({
      kind: rule.field('kind').oneOf(feeKinds),
      token: rule.field('token').integer(),
      amount: rule.field('amount').bigint(),
    })),
    halted: reader.field('halted').optional()?.field('message').text(),
    exitMode: exitMode && { message: exitMode.field('message').text(), hint: exitMode.field('hint').text() },
    warnings: reader.field('warnings').optional()?.array().map((warning) => warning.text()) ?? [],
  };
}

function readTransaction(reader: Reader): TransactionRecord {
  return {
    status: reader.field('status').oneOf(['pending', 'included', 'dropped']),
    reason: reader.field('reason').optional()?.text(),
    blockNumber: reader.field('blockNumber').optional()?.integer(),
  };
}

function readLeaf(reader: Reader): LeafRecord {
  const nonce = reader.field('nonce').integer();
  const [keyX, keyY] = [reader.field('keyX').bigint(), reader.field('keyY').bigint()];
  return {
    chainIndex: reader.field('chainIndex').integer(),
    leafIndex: reader.field('leafIndex').integer(),
    token: reader.field('token').integer(),
    balance: reader.field('balance').bigint(),
    nonce,
    nextNonce: reader.field('nextNonce').optional()?.integer() ?? nonce,
    keyX,
    keyY,
    nextKeyX: reader.field('nextKeyX').optional()?.bigint() ?? keyX,
    nextKeyY: reader.field('nextKeyY').optional()?.bigint() ?? keyY,
  };
}

function readPair(reader: Reader): PairRecord {
  return [readHalf(reader.field('first')), readHalf(reader.field('second'))];
}

function readHalf(reader: Reader): HalfRecord {
  return {
    chainIndex: reader.field('chainIndex').integer(),
    leafIndex: reader.field('leafIndex').integer(),
    token: reader.field('token').integer(),
    reserve: reader.field('reserve').bigint(),
    totalShares: reader.field('totalShares').bigint(),
  };
}

function readBlock(reader: Reader): BlockRecord {
  const proofs = reader.field('proofs').optional();
  return {
    blockNumber: reader.field('blockNumber').integer(),
    finalRoot: reader.field('finalRoot').bigint(),
    chains: reader.field('chains').array().map((chain) => {
      const transactions = chain.field('transactions').optional();
      const hashes = blockVerbs.flatMap((verb): [BlockVerb, Hash][] => {
        const hash = transactions?.field(verb).optional()?.hash();
        return hash === undefined ? [] : [[verb, hash]];
      });
      return {
        chainIndex: chain.field('chainIndex').integer(),
        stage: chain.field('stage').oneOf(['sealed', ...blockStages]),
        transactions: Object.fromEntries(hashes),
        withdrawalsPushed: chain.field('withdrawalsPushed').optional()?.boolean() ?? false,
      };
    }),
    proofs: proofs && { done: proofs.field('done').integer(), total: proofs.field('total').integer() },
    arbitratorTransaction: reader.field('arbitratorTransaction').optional()?.hash(),
    operations: reader.field('operations').array().map((operation) => operation.record()),
  };
}
