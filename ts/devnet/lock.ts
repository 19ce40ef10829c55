import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RollupError } from '../base/errors.ts';
import { findDevnet } from '../chain/deployments.ts';

/**
 * Makes this process the only devnet of a folder. A lock whose process has ended counts for nothing.
 * @returns gives the folder free again
 * @throws RollupError naming the process when another devnet runs
 */
export function lockFolder(folder: string): () => void {
  mkdirSync(folder, { recursive: true });
  const { release, holder } = takeLock(join(folder, 'lock'));
  if (release === undefined) throw alreadyRunning(folder, holder);
  return release;
}

/**
 * Waits until this process has the lock. A lock whose process has ended counts for nothing.
 * @param waiting called once when another process holds it
 * @returns gives it free again
 */
export async function waitForLock({ file, waiting, signal }: { file: string; waiting: (holder: number) => void; signal?: AbortSignal }): Promise<() => void> {
  for (let told = false; ; told = true) {
    signal?.throwIfAborted();
    const { release, holder } = takeLock(file);
    if (release !== undefined) return release;
    if (!told) waiting(holder);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Locks that this process has. A file with its process id that is not among them is of an earlier process that had the same id, as in a container. */
const held = new Set<string>();

function takeLock(file: string): { release: () => void; holder?: never } | { release?: never; holder: number } {
  for (;;) {
    // The file is never seen without its content.
    const own = `${file}.${process.pid}`;
    writeFileSync(own, String(process.pid));
    try {
      linkSync(own, file);
      held.add(file);
      return { release: () => void (held.delete(file), rmSync(file, { force: true })) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    } finally {
      rmSync(own, { force: true });
    }
    const pid = holderOf(file);
    if (pid === process.pid ? held.has(file) : isRunning(pid)) return { holder: pid };
    removeDead(file, pid);
  }
}

function holderOf(file: string): number {
  try {
    return Number(readFileSync(file, 'utf8'));
  } catch {
    return 0;
  }
}

/** Removes the lock of a process that has ended; not that of another one which removed it first and has it now. */
function removeDead(file: string, pid: number): void {
  const aside = `${file}.${process.pid}.dead`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  try {
    if (holderOf(aside) !== pid) linkSync(aside, file);
  } finally {
    rmSync(aside, { force: true });
  }
}

function alreadyRunning(folder: string, pid: number): RollupError {
  const running = findDevnet(join(folder, 'devnet.json'));
  const facts = { process: pid, folder, ...(running?.sequencerUrl === undefined ? {} : { sequencer: running.sequencerUrl }) };
  return new RollupError('A devnet is already running here', { facts, hint: `Use it, or stop it: Ctrl-C in its terminal, or \`kill ${pid}\`.` });
}

function isRunning(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
