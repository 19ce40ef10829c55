import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
  const file = join(folder, 'lock');
  for (;;) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const pid = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
    if (isRunning(pid)) throw alreadyRunning(folder, pid);
    rmSync(file, { force: true });
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
