import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { firstLine, RollupError } from '../base/errors.ts';
import { paths } from '../base/paths.ts';
import type { Deployment } from '../chain/deployments.ts';
import { decodeSnapshot, encodeSnapshot, SnapshotRefused, type Snapshot } from './snapshot.ts';

/* Snapshots of one deployment in a folder: the newest few, so that one that a reorg overtook has older ones behind it. */

const NAME = /^block-(\d{10})\.snapshot$/;
/** What an interrupted writer left. */
const UNFINISHED = /^block-\d{10}\.snapshot\.new$/;
const KEPT = 3;

/** Where snapshots of a deployment are kept unless somebody says otherwise. */
export function defaultDirectory({ name, deploymentId }: Pick<Deployment, 'name' | 'deploymentId'>): string {
  return join(paths.recovery, `${name.replaceAll(/[^\w-]+/g, '-')}-${deploymentId.toString(16).padStart(62, '0').slice(0, 8)}`);
}

export interface SnapshotFile {
  path: string;
  blockNumber: number;
}

/** Newest first. */
export async function listSnapshots(directory: string): Promise<SnapshotFile[]> {
  let names: string[];
  try {
    names = await readdir(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw unusable(directory, error);
  }
  return names
    .flatMap((name) => {
      const [, digits] = NAME.exec(name) ?? [];
      return digits === undefined ? [] : [{ path: join(directory, name), blockNumber: Number(digits) }];
    })
    .sort((a, b) => b.blockNumber - a.blockNumber);
}

/** @throws SnapshotRefused */
export async function readSnapshot(deployment: Pick<Deployment, 'deploymentId' | 'chains'>, { path }: Pick<SnapshotFile, 'path'>): Promise<Snapshot> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    throw new SnapshotRefused('The snapshot cannot be read', { facts: { path, reason: firstLine(cause) }, cause });
  }
  try {
    return decodeSnapshot(deployment, bytes);
  } catch (error) {
    if (error instanceof SnapshotRefused) throw new SnapshotRefused(error.message, { facts: { path, ...error.facts }, ...(error.hint === undefined ? {} : { hint: error.hint }), cause: error.cause });
    throw error;
  }
}

/** Writes a file that is there wholly or not at all, and removes all but the newest. */
export async function writeSnapshot(deployment: Pick<Deployment, 'deploymentId' | 'chains'>, directory: string, snapshot: Snapshot): Promise<SnapshotFile> {
  const blockNumber = snapshot.storedBlocks[0]?.blockNumber ?? 0;
  const path = join(directory, `block-${String(blockNumber).padStart(10, '0')}.snapshot`);
  const temporary = `${path}.new`;
  const bytes = encodeSnapshot(deployment, snapshot);
  try {
    await mkdir(directory, { recursive: true });
    const file = await open(temporary, 'w');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    const folder = await open(directory, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
    for (const old of (await listSnapshots(directory)).filter((other) => other.blockNumber <= blockNumber).slice(KEPT)) await rm(old.path, { force: true });
    for (const name of (await readdir(directory)).filter((other) => UNFINISHED.test(other))) await rm(join(directory, name), { force: true });
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw unusable(directory, cause);
  }
  return { path, blockNumber };
}

function unusable(directory: string, cause: unknown): RollupError {
  return new RollupError('The folder of snapshots cannot be used', { facts: { directory, reason: firstLine(cause) }, hint: 'Check free space and permissions, or name another --directory.', cause });
}
