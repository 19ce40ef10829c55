import { RollupError } from '../base/errors.ts';
import type { Progress } from '../base/progress.ts';
import type { RollupPort } from './ports.ts';
import type { Store } from './store.ts';

export interface DropBlocksParameters {
  /** First block that has to go. */
  from: number;
  rollups: readonly RollupPort[];
  store: Store;
  progress: Progress;
  /** Most blocks in one transaction. A block costs it about 5,000 gas. Default 500. */
  atOnce?: number;
}

/** What a chain has sent to the arbitrator it does not revert any more. */
export class TooLateError extends RollupError {}

/**
 * Takes blocks back: reverts them on every chain that has committed them, then drops them from the store, so that their transactions are
 * pending again. Can be repeated when it was interrupted: chains that are already back are left alone.
 * @returns false when a chain is in exit mode: nothing was changed, and what is not confirmed does not count any more
 * @throws TooLateError when a chain has already sent one of them to the arbitrator
 */
export async function dropBlocks({ from, rollups, store, progress, atOnce = 500 }: DropBlocksParameters): Promise<boolean> {
  const counters = await Promise.all(rollups.map((rollup) => rollup.counters()));
  const exiting = counters.find(({ mode }) => mode !== 'running');
  if (exiting !== undefined) {
    progress.report(`blocks from ${from} on stay: ${rollups[exiting.chainIndex]?.name} is ${exiting.mode}, nothing above the last confirmed block counts any more`);
    return false;
  }
  const synced = counters.find((chain) => chain.synced >= from);
  if (synced !== undefined) {
    throw new TooLateError('Blocks cannot be taken back any more', {
      facts: { chain: rollups[synced.chainIndex]?.name, firstBlock: from, synced: synced.synced },
      hint: 'The chain has already sent them to the arbitrator. If a request that they use is missing, wait for it to return; else leave through exit mode.',
    });
  }
  for (const [i, rollup] of rollups.entries()) {
    // From the top, some at a time: each costs gas.
    for (let top = counters[i]?.committed ?? 0; top >= from; top -= atOnce) {
      const target = Math.max(from - 1, top - atOnce);
      const last = target === 0 ? null : await store.block(target);
      if (target > 0 && last === null) throw new RollupError('The block before the first one to drop is missing', { facts: { blockNumber: target } });
      const { hash } = await rollup.revert(last);
      progress.report(`blocks from ${target + 1} on reverted on ${rollup.name} ${hash}`);
    }
  }
  const lastBlock = await store.lastBlock();
  await store.dropBlocksAbove(from - 1);
  progress.report(`blocks ${from} … ${lastBlock} dropped; their transactions are pending again`);
  return true;
}
