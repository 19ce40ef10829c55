import { RollupError } from '../base/errors.ts';
import { silentProgress, type Progress } from '../base/progress.ts';
import { chainOfDeployment, primaryOf, type Deployment } from '../chain/deployments.ts';
import { storedBlockHash, type PrimaryBlock, type SecondaryBlock, type SegmentData, type StoredBlock } from '../spec/chainSide.ts';
import type { Hex } from '../spec/hex.ts';
import { readCommitCalldata, type CommitTransaction } from './calldata.ts';
import { readCommits, Reorganized, type Commit } from './commits.ts';
import { ChainDataError, chainDataError, fetchAhead, sourceOf, type ChainSource, type Patience, type ReadClient } from './rpc.ts';
import { readStatus, readStoredHash, type ChainStatus } from './status.ts';
import { genesisStoredBlocks, nextSecondaryBlock, nextStoredBlocks, onchainDataIn, type StoredBlocks } from './storedBlocks.ts';

/* What chains show of the rollup's blocks: calldata, checked against the hashes that the contracts hold. */

/** A block as the primary's calldata has it. It is what the contract holds: its hash was compared. */
export interface PrimaryBlockData {
  blockNumber: number;
  /** Seconds. */
  timestamp: number;
  finalRoot: bigint;
  joinC1: bigint;
  segments: readonly SegmentData[];
  /** What the primary holds of it. */
  stored: StoredBlock;
  /** What every chain holds of it once it is committed there, by chain index. */
  storedBlocks: StoredBlocks;
  /** Every chain's sync hash after it, by chain index. */
  syncHashes: readonly Hex[];
  /** That committed it. */
  transaction: Hex;
  /** Block of the primary's chain that has the transaction. */
  chainBlock: number;
}

/** A block as one chain got it: what executeBlocks and syncBlock need. */
export interface ChainBlockData {
  stored: StoredBlock;
  onchainData: Hex;
  transaction: Hex;
}

interface ReadParameters {
  deployment: Deployment;
  /** Default: a client for the deployment's RPC URL. */
  client?: ReadClient | undefined;
  /** First block to hand back; earlier ones are read and checked all the same. Default 1. */
  from?: number | undefined;
  /** Last block. Default: the last one that is committed. */
  to?: number | undefined;
  progress?: Progress | undefined;
  signal?: AbortSignal | undefined;
  patience?: Patience | undefined;
}

export interface ReadPrimaryBlocksParameters extends ReadParameters {
  /** What is already known and stands: reading begins behind it. */
  after?: KnownBlock | undefined;
  /** When it was read already. */
  status?: ChainStatus | undefined;
}

/** A block up to which everything is known. */
export interface KnownBlock {
  storedBlocks: StoredBlocks;
  /** Block of the primary's chain in which it was committed, or an earlier one. */
  chainBlock: number;
}

export interface ReadChainBlocksParameters extends ReadParameters {
  chainIndex: number;
}

/** Transactions and hashes that are asked for at once. */
const AHEAD = 16;
const REORG_TRIES = 5;

/** As primaryBlocks, all of them at once. */
export async function readPrimaryBlocks(parameters: ReadPrimaryBlocksParameters): Promise<PrimaryBlockData[]> {
  const blocks: PrimaryBlockData[] = [];
  for await (const block of primaryBlocks(parameters)) blocks.push(block);
  return blocks;
}

/**
 * Blocks of the primary in order, one after the other, from the calldata of the transactions that committed them.
 * @throws ChainDataError when what the RPC shows cannot be so: the events have gaps, or calldata and the contract's hashes differ
 */
export async function* primaryBlocks(parameters: ReadPrimaryBlocksParameters): AsyncGenerator<PrimaryBlockData> {
  const { deployment, from = 1, after, progress = silentProgress } = parameters;
  const source = sourceOf(primaryOf(deployment), parameters.client);
  const { chainIndex } = source.chain;
  let storedBlocks = after?.storedBlocks ?? genesisStoredBlocks(deployment);
  const known = storedBlocks[chainIndex]?.blockNumber ?? 0;
  const commits = committedBlocks({ ...parameters, source, above: known, fromChainBlock: after?.chainBlock, progress });
  for await (const committed of commits) {
    const { commit } = committed;
    const previous = storedBlocks;
    const match = await matchingBlock(source, committed, 'primary', (block: PrimaryBlock) => {
      const next = nextStoredBlocks({ deployment, previous, block });
      return { next, stored: next[chainIndex] as StoredBlock };
    });
    storedBlocks = match.next;
    if (commit.blockNumber < from) continue;
    const { transaction, chainBlock } = commit;
    yield { ...match.block, stored: match.stored, storedBlocks, syncHashes: storedBlocks.map(({ syncHash }) => syncHash), transaction, chainBlock };
  }
}

/**
 * Blocks of one chain, primary or secondary, from its own commits.
 * @throws ChainDataError as primaryBlocks does
 */
export async function readChainBlocks(parameters: ReadChainBlocksParameters): Promise<ChainBlockData[]> {
  const { deployment, chainIndex, from = 1, progress = silentProgress } = parameters;
  const source = sourceOf(chainOfDeployment(deployment, chainIndex), parameters.client);
  const blocks: ChainBlockData[] = [];
  if (source.chain.role === 'primary') {
    for await (const block of primaryBlocks({ ...parameters, progress })) {
      blocks.push({ stored: block.stored, onchainData: onchainDataIn({ segments: [...block.segments] }, chainIndex), transaction: block.transaction });
    }
    return blocks;
  }
  let stored = genesisStoredBlocks(deployment)[chainIndex] as StoredBlock;
  for await (const committed of committedBlocks({ ...parameters, source, progress })) {
    const { commit } = committed;
    const previous = stored;
    const match = await matchingBlock(source, committed, 'secondary', (block: SecondaryBlock) => ({ stored: nextSecondaryBlock(previous, block) }));
    stored = match.stored;
    if (commit.blockNumber >= from) blocks.push({ stored, onchainData: match.block.onchainData, transaction: commit.transaction });
  }
  return blocks;
}

export interface ReadConfirmedBlocksParameters extends ReadChainBlocksParameters {
  /** Of the primary. Default: a client for the deployment's RPC URL. */
  primaryClient?: ReadClient | undefined;
}

/**
 * Blocks that a chain has confirmed, from its own commits or, where these cannot be read, from the primary's: what is confirmed is the same there, and
 * the contract compares its hash.
 * @throws RollupError with what is wrong with the chain's own commits when neither can be read
 */
export async function readConfirmedBlocks({ primaryClient, ...parameters }: ReadConfirmedBlocksParameters): Promise<ChainBlockData[]> {
  const { deployment, chainIndex, progress = silentProgress, signal } = parameters;
  try {
    return await readChainBlocks(parameters);
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof RollupError) || chainIndex === primaryOf(deployment).chainIndex) throw error;
    progress.report(`commits of ${chainOfDeployment(deployment, chainIndex).name} cannot be read, the primary's are: ${error.message}`);
    const blocks = await readPrimaryBlocks({ ...parameters, client: primaryClient }).catch(() => {
      signal?.throwIfAborted();
      throw error;
    });
    return blocks.map((block) => ({ stored: block.storedBlocks[chainIndex] as StoredBlock, onchainData: onchainDataIn(block, chainIndex), transaction: block.transaction }));
  }
}

interface CommittedBlocksParameters extends Omit<ReadPrimaryBlocksParameters, 'after' | 'client' | 'from'> {
  source: ChainSource;
  above?: number | undefined;
  fromChainBlock?: number | undefined;
}

interface CommittedBlock {
  commit: Commit;
  calldata: CommitTransaction;
  /** What the contract holds. */
  hash: Hex;
}

async function* committedBlocks(parameters: CommittedBlocksParameters): AsyncGenerator<CommittedBlock> {
  const { source, to, signal, patience } = parameters;
  const { status, commits } = await readStanding(parameters);
  if (to !== undefined && to > status.committed) {
    throw new RollupError(`${source.chain.name} has no such block`, { facts: { committed: status.committed, actual: to }, hint: 'Name a committed block.' });
  }
  const wanted = commits.filter(({ blockNumber }) => blockNumber <= (to ?? status.committed));
  // Blocks of one transaction come one after the other: it is read once.
  const transactions = new Map<Hex, Promise<CommitTransaction>>();
  const fetch = async ({ transaction, blockNumber }: Commit): Promise<{ calldata: CommitTransaction; hash: Hex }> => {
    const calldata = transactions.get(transaction) ?? readCommitCalldata({ source, transaction, signal, patience });
    transactions.set(transaction, calldata);
    for (const old of [...transactions.keys()].slice(0, -2 * AHEAD)) transactions.delete(old);
    const [decoded, hash] = await Promise.all([calldata, readStoredHash(source, blockNumber, { signal, patience })]);
    return { calldata: decoded, hash };
  };
  for await (const { item: commit, result } of fetchAhead(wanted, AHEAD, fetch)) {
    signal?.throwIfAborted();
    yield { commit, ...result };
  }
}

/** Counters and commits of one and the same chain, whatever reorgs there are meanwhile. */
async function readStanding(parameters: CommittedBlocksParameters): Promise<{ status: ChainStatus; commits: Commit[] }> {
  const { source, deployment, signal, patience } = parameters;
  let known = parameters.status;
  for (let tries = 1; ; tries++) {
    const status = known ?? (await readStatus(source, deployment, { signal, patience }));
    try {
      return { status, commits: await readCommits({ ...parameters, committed: status.committed, head: status.head }) };
    } catch (error) {
      if (!(error instanceof Reorganized) || tries === REORG_TRIES) throw error;
      known = undefined;
    }
  }
}

/** The block in the transaction that gives what the event and the contract say. @throws ChainDataError when none does */
async function matchingBlock<R extends 'primary' | 'secondary', T extends { stored: StoredBlock }>(
  source: ChainSource,
  { commit, calldata, hash }: CommittedBlock,
  role: R,
  next: (block: CommitTransaction[R][number]) => T,
): Promise<T & { block: CommitTransaction[R][number] }> {
  type Block = CommitTransaction[R][number];
  try {
    return matching<Block, T>(source, commit, hash, calldata[role] as readonly Block[], next);
  } catch (error) {
    if (!(error instanceof ChainDataError)) throw error;
    const traced = (await calldata.traced())[role] as readonly Block[];
    if (traced.length === 0) throw error;
    return matching<Block, T>(source, commit, hash, traced, next);
  }
}

/** @throws ChainDataError when no candidate is the block */
function matching<B extends PrimaryBlock | SecondaryBlock, T extends { stored: StoredBlock }>(
  source: ChainSource,
  { blockNumber, finalRoot, syncHash, transaction }: Commit,
  hash: Hex,
  candidates: readonly B[],
  next: (block: B) => T,
): T & { block: B } {
  const found = candidates.filter((block) => block.blockNumber === blockNumber);
  let actual: unknown = 'no such block in the calldata';
  let cause: unknown;
  for (const block of found) {
    let result: T;
    try {
      result = next(block);
    } catch (error) {
      // Data that no contract would have accepted.
      actual = 'calldata that cannot be decoded';
      cause = error;
      continue;
    }
    actual = storedBlockHash(result.stored);
    if (actual !== hash) continue;
    if (result.stored.finalRoot !== finalRoot || result.stored.syncHash !== syncHash) {
      throw chainDataError(
        `The event of block ${blockNumber} on ${source.chain.name} says something else than the block`,
        { transaction, expected: { finalRoot: result.stored.finalRoot, syncHash: result.stored.syncHash }, actual: { finalRoot, syncHash } },
        [source],
      );
    }
    return { ...result, block };
  }
  if (BigInt(hash) === 0n) {
    throw chainDataError(`Block ${blockNumber} is not on ${source.chain.name} any more`, { transaction, expected: actual, actual: hash, likely: 'it was reverted while it was read; then run again' }, [source]);
  }
  throw chainDataError(`Calldata of block ${blockNumber} on ${source.chain.name} is not what the contract holds`, { transaction, expected: hash, actual }, [source], cause);
}
