import { getAbiItem } from 'viem';
import { RollupError } from '../base/errors.ts';
import type { Progress } from '../base/progress.ts';
import { primaryRollupAbi } from '../chain/generated/abi.ts';
import type { Hex } from '../spec/hex.ts';
import { chainDataError, isStillThere, readLogs, type ChainSource, type Head, type Patience } from './rpc.ts';

/** The event of a committed block that stands. */
export interface Commit {
  blockNumber: number;
  finalRoot: bigint;
  syncHash: Hex;
  transaction: Hex;
  /** Block of the host chain. */
  chainBlock: number;
}

export interface ReadCommitsParameters {
  source: ChainSource;
  /** Number of the rollup's blocks that the contract holds at `head`. */
  committed: number;
  head: Head;
  /** Rollup blocks up to this one are not wanted. */
  above?: number | undefined;
  /** Host block from which on events are read, at or before the commit of block `above`. Default: where the contract was deployed. */
  fromChainBlock?: number | undefined;
  progress?: Progress | undefined;
  signal?: AbortSignal | undefined;
  patience?: Patience | undefined;
}

const BLOCK_COMMITTED = getAbiItem({ abi: primaryRollupAbi, name: 'BlockCommitted' });
const BLOCKS_REVERTED = getAbiItem({ abi: primaryRollupAbi, name: 'BlocksReverted' });

/**
 * Commits of blocks above `above` that stand: of a block that was reverted and committed again the last one.
 * @throws ChainDataError when the events have a gap, contradict each other or end at another block than the contract; Reorganized
 */
export async function readCommits(parameters: ReadCommitsParameters): Promise<Commit[]> {
  const { source, head, progress, signal, patience } = parameters;
  const { chain } = source;
  const logs = await readLogs({
    source,
    address: chain.rollup,
    events: [BLOCK_COMMITTED, BLOCKS_REVERTED],
    from: parameters.fromChainBlock ?? chain.deployedAtBlock,
    to: head.number,
    progress: (scanned, total) => progress?.report(`${chain.name}: events of ${scanned} of ${total} host blocks read`, scanned / total),
    signal,
    patience,
  });
  if (!(await isStillThere(source, head, { signal, patience }))) throw new Reorganized(`${chain.name} was reorganized while it was read`, { facts: { head: head.number }, hint: 'Run again.' });
  const events = logs.map((log): CommitEvent => {
    const { transactionHash: transaction } = log;
    const chainBlock = Number(log.blockNumber);
    return log.eventName === 'BlockCommitted' ? { type: 'committed', ...log.args, transaction, chainBlock } : { type: 'reverted', ...log.args, transaction, chainBlock };
  });
  return standing(events, parameters);
}

/** The head is not the chain's any more: what was read belongs to no chain. */
export class Reorganized extends RollupError {}

type CommitEvent = { transaction: Hex; chainBlock: number } & (
  | { type: 'committed'; blockNumber: number; finalRoot: bigint; syncHash: Hex }
  | { type: 'reverted'; committedBefore: number; committedAfter: number }
);

function standing(events: readonly CommitEvent[], { source, committed, above = 0, fromChainBlock }: ReadCommitsParameters): Commit[] {
  const found = new Map<number, Commit>();
  // Who starts in the middle sees the commit of `above` again, and maybe of blocks before it.
  let last: number | null = fromChainBlock === undefined ? 0 : null;
  const wrong = (message: string, facts: Record<string, unknown>): Error => chainDataError(message, { chain: source.chain.name, ...facts }, [source]);
  for (const event of events) {
    const { transaction } = event;
    if (event.type === 'reverted') {
      const { committedBefore, committedAfter } = event;
      if ((last !== null && committedBefore !== last) || committedAfter >= committedBefore) {
        throw wrong('Events of the rollup contract have a gap: blocks were reverted that were not there', { expected: last, actual: committedBefore, revertedTo: committedAfter, transaction });
      }
      for (let blockNumber = committedAfter + 1; blockNumber <= committedBefore; blockNumber++) found.delete(blockNumber);
      last = committedAfter;
      continue;
    }
    const { type: _, ...commit } = event;
    const isNext: boolean = last === null ? commit.blockNumber <= above + 1 : commit.blockNumber === last + 1;
    if (!isNext) throw wrong('Events of the rollup contract have a gap: a block was left out or moved', { expected: (last ?? above) + 1, actual: commit.blockNumber, transaction });
    found.set(commit.blockNumber, commit);
    last = commit.blockNumber;
  }
  // Nothing happened since, or all of it was hidden: the counter tells.
  last ??= above;
  if (last !== committed) throw wrong('Events of the rollup contract end at another block than its counter', { expected: committed, actual: last });
  return [...found.values()].filter(({ blockNumber }) => blockNumber > above).sort((a, b) => a.blockNumber - b.blockNumber);
}
