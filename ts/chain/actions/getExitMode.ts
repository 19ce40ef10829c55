import { RollupError } from '../../base/errors.ts';
import { MODES, type Mode } from '../../spec/chainSide.ts';
import { secondaryRollup } from '../contracts.ts';
import type { GetBlockStagesReturnType } from './getBlockStages.ts';
import type { ReadParameters } from './types.ts';

export type GetExitModeParameters = ReadParameters;

/** Where one chain stands between normal life and exit mode. */
export interface GetExitModeReturnType {
  mode: Mode;
  /** Number of the last block that has reached each stage. */
  stages: GetBlockStagesReturnType;
  /** Deposits and full exits that wait for execution. */
  openRequests: number;
  /** The first of them; null when none waits. */
  oldestRequest: { requestId: bigint; /** Unix seconds. */ expiresAt: number; /** By the chain's own clock. */ hasExpired: boolean } | null;
  /** The rollup's last block; null before the halt has arrived. */
  haltBlock: number | null;
  /** Exits and refunds are served: everything up to the last block is executed. */
  exitsOpen: boolean;
  /** What exits are proved against; null until they are open. */
  haltRoot: bigint | null;
  /** Time of the chain's newest block, unix seconds. */
  timestamp: number;
}

/** Read from the chain alone, all at one of its blocks. */
export async function getExitMode({ client, rollup }: GetExitModeParameters): Promise<GetExitModeReturnType> {
  const { number: blockNumber, timestamp } = await client.getBlock();
  const { read } = secondaryRollup({ address: rollup, client });
  const at = { blockNumber };
  const [index, committed, proved, synced, confirmed, executed, [nextId, , nextToExecute], haltBlock, haltRoot, exitsOpen] = await Promise.all([
    read.mode(at), read.totalBlocksCommitted(at), read.totalBlocksProved(at), read.totalBlocksSynced(at), read.totalBlocksConfirmed(at), read.totalBlocksExecuted(at),
    read.priorityQueueState(at), read.haltBlock(at), read.haltRoot(at), read.exitsOpen(at),
  ]);
  const mode = MODES[index];
  if (mode === undefined) throw new RollupError('The rollup is in a mode that is not known', { facts: { chain: client.chain.name, rollup, expected: MODES, actual: index } });
  const openRequests = Number(nextId - nextToExecute);
  const expiresAt = openRequests === 0 ? 0 : (await read.priorityRequest([nextToExecute], at))[1];
  return {
    mode,
    stages: { committed, proved, synced, confirmed, executed },
    openRequests,
    // A request that was refunded is gone from the queue.
    oldestRequest: expiresAt === 0 ? null : { requestId: nextToExecute, expiresAt, hasExpired: timestamp > BigInt(expiresAt) },
    haltBlock: mode === 'halted' ? haltBlock : null,
    exitsOpen,
    haltRoot: exitsOpen ? haltRoot : null,
    timestamp: Number(timestamp),
  };
}
