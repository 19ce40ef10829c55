import { RollupError } from '../base/errors.ts';
import { silentProgress, type Progress } from '../base/progress.ts';
import { primaryOf, type Deployment } from '../chain/deployments.ts';
import { storedBlockHash, type StoredBlock } from '../spec/chainSide.ts';
import { LedgerState } from '../state/ledger.ts';
import { replaySegments } from '../state/replay.ts';
import { primaryBlocks, type PrimaryBlockData } from './chainData.ts';
import { CrossCheck, lastConfirmed, otherSources, readCrossStatus, type Agreement, type CrossStatus, type LastBlock, type OtherSources } from './crossCheck.ts';
import { countOperations, Pace } from './pace.ts';
import { chainDataError, sourceOf, type ChainSource, type Patience, type ReadClient } from './rpc.ts';
import { type Snapshot, SnapshotRefused } from './snapshot.ts';
import { listSnapshots, readSnapshot, writeSnapshot } from './snapshotFolder.ts';
import { readStoredHash, type ReadOptions } from './status.ts';
import { genesisStoredBlocks, type StoredBlocks } from './storedBlocks.ts';

/** How far: to a block, to the last confirmed one (what exits are proved against), or to the last one that the operator committed. */
export type RecoverTo = number | 'confirmed' | 'committed';

export interface RecoverParameters {
  deployment: Deployment;
  /** Folder of snapshots, made if it is not there. Default: none are read or written. */
  directory?: string | undefined;
  /** Default: confirmed. */
  to?: RecoverTo | undefined;
  /** Of the primary. Default: the deployment's RPC URL. */
  client?: ReadClient | undefined;
  /** Whom to compare the primary with. Default: every other chain at the deployment's RPC URLs that answers. */
  others?: OtherSources | undefined;
  /** Blocks from one snapshot to the next. */
  snapshotEvery?: number | undefined;
  progress?: Progress | undefined;
  /** Stops it; what was done so far is in a snapshot then. */
  signal?: AbortSignal | undefined;
  patience?: Patience | undefined;
}

/** The state of all chains after a block, and how it was come by. */
export interface Recovered {
  blockNumber: number;
  finalRoot: bigint;
  state: LedgerState;
  /** What every chain holds of the block, by chain index. */
  storedBlocks: StoredBlocks;
  /** False for a block above the last confirmed one, which may still be taken back. */
  isConfirmed: boolean;
  /** Whether it is the block that the rollup is halted at. */
  isHalted: boolean;
  /** Who else was asked, and agreed. */
  agreements: readonly Agreement[];
  /** Block of the snapshot that it began with; 0 for none. */
  startedFrom: number;
  /** Operations that were replayed. */
  operations: number;
  seconds: number;
  /** The snapshot of the block. */
  file?: string | undefined;
}

const SNAPSHOT_EVERY = 200;

/**
 * The state of all chains from chain data alone: replays the primary's calldata and compares every final root with the committed one.
 * @throws ChainDataError when an RPC shows what cannot be so; RollupError when it was stopped
 */
export async function recover(parameters: RecoverParameters): Promise<Recovered> {
  const { deployment, directory, progress = silentProgress, signal, patience, snapshotEvery = SNAPSHOT_EVERY } = parameters;
  const options: ReadOptions = { signal, patience };
  const started = Date.now();
  const source = sourceOf(primaryOf(deployment), parameters.client);
  const status = await readCrossStatus({ deployment, primary: source, others: parameters.others ?? otherSources({ deployment }), progress, ...options });
  const confirmed = lastConfirmed(status);
  const last = lastBlock(parameters.to ?? 'confirmed', status, confirmed);
  const check = new CrossCheck({ deployment, status, at: Math.min(last, confirmed.blockNumber), ...options });

  let current = await startOf({ deployment, directory, source, last, progress, options });
  const startedFrom = blockNumberOf(current);
  await check.compare(current.storedBlocks);
  const pace = new Pace({ from: startedFrom, to: last, progress });
  let saved = startedFrom;
  let file: string | undefined;
  const save = async (): Promise<void> => {
    const blockNumber = blockNumberOf(current);
    if (directory === undefined || (blockNumber === saved && file !== undefined) || blockNumber === 0) return;
    ({ path: file } = await writeSnapshot(deployment, directory, current));
    saved = blockNumber;
  };
  try {
    if (startedFrom < last) {
      const after = startedFrom === 0 ? undefined : current;
      for await (const block of primaryBlocks({ ...options, deployment, client: parameters.client, after, to: last, status: status.primary.then, progress })) {
        current = { state: replayed(current.state, block, status), storedBlocks: block.storedBlocks, chainBlock: block.chainBlock };
        pace.advance(block.blockNumber, countOperations(block.segments));
        await check.compare(block.storedBlocks);
        if (block.blockNumber - saved >= snapshotEvery) await save();
        signal?.throwIfAborted();
      }
    }
  } catch (cause) {
    if (signal?.aborted !== true) throw cause;
    await save();
    throw new RollupError(`Stopped after block ${blockNumberOf(current)} of ${last}`, {
      facts: directory === undefined ? {} : { directory },
      hint: directory === undefined ? 'Name a directory to be able to go on later.' : 'Run the same command again to go on from there.',
      cause,
    });
  }
  await save();
  const blockNumber = blockNumberOf(current);
  const { state, storedBlocks } = current;
  return {
    blockNumber,
    finalRoot: (storedBlocks[0] as StoredBlock).finalRoot,
    state,
    storedBlocks,
    isConfirmed: blockNumber <= confirmed.blockNumber,
    isHalted: confirmed.isHalted && blockNumber === confirmed.blockNumber,
    agreements: check.agreements(),
    startedFrom,
    operations: pace.operations,
    seconds: (Date.now() - started) / 1000,
    ...(file === undefined ? {} : { file }),
  };
}

function blockNumberOf({ storedBlocks }: Pick<Snapshot, 'storedBlocks'>): number {
  return storedBlocks[0]?.blockNumber ?? 0;
}

function lastBlock(to: RecoverTo, { primary }: CrossStatus, confirmed: LastBlock): number {
  if (to === 'confirmed') return confirmed.blockNumber;
  const { committed } = primary.then;
  if (confirmed.isHalted && (to === 'committed' || to > confirmed.blockNumber)) {
    throw new RollupError('The rollup is halted: later blocks never happen', { facts: { haltedAt: confirmed.blockNumber, actual: to }, hint: 'Recover to the confirmed block.' });
  }
  if (to === 'committed') return committed;
  if (to > committed) throw new RollupError(`There is no block ${to} yet`, { facts: { committed, actual: to }, hint: 'Name a committed block.' });
  return to;
}

interface StartParameters {
  deployment: Deployment;
  directory: string | undefined;
  source: ChainSource;
  last: number;
  progress: Progress;
  options: ReadOptions;
}

/** The newest snapshot that is whole and whose block the chain still has; else block 0. */
async function startOf({ deployment, directory, source, last, progress, options }: StartParameters): Promise<Snapshot> {
  const stands = async ({ storedBlocks }: Pick<Snapshot, 'storedBlocks'>): Promise<boolean> => {
    const stored = storedBlocks[source.chain.chainIndex] as StoredBlock;
    return (await readStoredHash(source, stored.blockNumber, options)) === storedBlockHash(stored);
  };
  const genesis: Snapshot = { state: LedgerState.empty({ chainCount: deployment.chains.length }), storedBlocks: genesisStoredBlocks(deployment), chainBlock: source.chain.deployedAtBlock };
  if (!(await stands(genesis))) {
    throw chainDataError(`${source.chain.name} has another block 0 than the deployment`, { contract: source.chain.rollup, likely: 'it was deployed with another circuit profile' }, [source]);
  }
  for (const file of directory === undefined ? [] : await listSnapshots(directory)) {
    if (file.blockNumber > last) continue;
    try {
      progress.report(`reading the snapshot of block ${file.blockNumber}`);
      const snapshot = await readSnapshot(deployment, file);
      if (await stands(snapshot)) return snapshot;
      progress.report(`the snapshot of block ${file.blockNumber} is not used: the chain has another block there now`);
    } catch (error) {
      if (!(error instanceof SnapshotRefused)) throw error;
      progress.report(`${file.path} is not used: ${error.message}`);
    }
  }
  return genesis;
}

/** @throws RollupError when the block's public data do not lead to its final root */
function replayed(state: LedgerState, { blockNumber, segments, finalRoot, transaction }: PrimaryBlockData, { primary }: CrossStatus): LedgerState {
  const isProved = blockNumber <= primary.then.proved;
  const wrong = (facts: Record<string, unknown>, cause?: unknown): RollupError => {
    const message = `Public data of block ${blockNumber} do not lead to its final root`;
    if (isProved) return chainDataError(message, { transaction, ...facts }, [primary.source], cause);
    return new RollupError(message, { facts: { transaction, proved: primary.then.proved, ...facts }, hint: 'Nobody has proved the block, so it can be wrong: recover to the confirmed block.', cause });
  };
  let after: LedgerState;
  try {
    after = replaySegments(state, segments);
  } catch (cause) {
    if (!(cause instanceof RollupError)) throw cause;
    throw wrong({ reason: cause.message, ...cause.facts }, cause);
  }
  if (after.finalRoot !== finalRoot) throw wrong({ expected: finalRoot, actual: after.finalRoot });
  return after;
}
