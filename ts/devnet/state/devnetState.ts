import { join, resolve } from 'node:path';
import type { Deployment } from '../../chain/deployments.ts';
import { dumpDevnet, type DumpReturnType } from './dump.ts';
import type { DevnetParts } from './parts.ts';
import { type Snapshot, Snapshots } from './snapshots.ts';

/** What one can do with the state of a whole devnet: chains, relayers, sequencer. One thing at a time; the next one waits. */
export interface DevnetState {
  /** @throws RollupError when a chain takes none; there is no snapshot then */
  snapshot(): Promise<Snapshot>;
  /** In order of taking. */
  snapshots(): Snapshot[];
  /**
   * Sets everything back to a snapshot, as often as wanted; snapshots that were taken later are gone.
   * @throws RollupError when there is no such snapshot, or a chain has lost it; then nothing is changed
   */
  revert(id: number): Promise<Snapshot>;
  /**
   * Writes everything into one file, from which a devnet on any ports starts (`load`).
   * @throws RollupError when it cannot be written; what was there before stays
   */
  dump(file: string): Promise<DumpReturnType>;
}

/** @param folder of the devnet */
export function devnetState({ parts, deployment, folder }: { parts: DevnetParts; deployment: Deployment; folder: string }): DevnetState & { remove(): void } {
  const snapshots = new Snapshots({ parts, folder: join(folder, 'snapshots') });
  let last: Promise<unknown> = Promise.resolve();
  const next = async <T>(work: () => Promise<T>): Promise<T> => {
    const own = last.then(work);
    last = own.catch(() => {});
    return await own;
  };
  return {
    snapshot: async () => await next(async () => await snapshots.take()),
    snapshots: () => snapshots.list(),
    revert: async (id) => await next(async () => await snapshots.revert(id)),
    dump: async (file) => await next(async () => await dumpDevnet({ parts, deployment, file: resolve(file) })),
    remove: () => snapshots.remove(),
  };
}
