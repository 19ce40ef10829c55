import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '../../base/exec.ts';
import { root } from '../../base/paths.ts';
import { ScriptProcess } from './child.ts';
import type { Figure, Mark, Unit } from './figure.ts';
import { marks } from './marks.ts';
import { ProcessTree } from './processTree.ts';
import type { SectionParameters } from './section.ts';

const DEVNET = 'ts/cli/devnet.ts';
const ANY_PORTS = ['--port', '0'];
/** Milliseconds that a devnet idles before its memory counts: relayers and sequencer have looked at everything by then. */
const IDLE_MILLISECONDS = 3_000;
const MEBIBYTE = 2 ** 20;

/** What ts/cli/bench/stateChild.ts prints: seconds, and bytes of the dump. */
export interface StateMeasurement {
  deployed: number;
  snapshot: number;
  revert: number;
  dump: number;
  load: number;
  bytes: number;
}

/**
 * The command that starts a devnet, from its first instruction to the description that clients read, with the chains' state kept from an earlier
 * start; the memory of all its processes while nothing is proved; and what snapshots and dumps take.
 */
export async function measureStates({ progress, signal }: Pick<SectionParameters, 'progress' | 'signal'>): Promise<Figure[]> {
  progress.report('devnet: snapshot, revert, dump, load');
  const script = fileURLToPath(new URL('./stateChild.ts', import.meta.url));
  const { stdout } = await run({ command: process.execPath, args: ['--import', 'tsx', script], cwd: root, signal });
  progress.report('devnet: warm start without and with a sequencer');
  const chains = await measureCommand(['--no-sequencer'], signal);
  const all = await measureCommand([], signal);
  return stateFigures({ measured: JSON.parse(stdout) as StateMeasurement, chains, all });
}

interface CommandMeasurement {
  seconds: number;
  /** Bytes; 0 where there is no /proc. */
  resident: number;
}

export function stateFigures({ measured, chains, all }: { measured: StateMeasurement; chains: CommandMeasurement; all: CommandMeasurement }): Figure[] {
  const figure = (name: string, value: number, unit: Unit, mark?: Mark): Figure => ({ section: 'devnet', name, value, unit, ...(mark ? { mark } : {}) });
  const { deployed, snapshot, revert, dump, load, bytes } = measured;
  return [
    figure('chains, services, rollup: deployed anew, contracts built', deployed, 'seconds'),
    figure('warm start: command to three chains, services, rollup, relayers', chains.seconds, 'seconds', marks.warmChains),
    figure('warm start: with the sequencer', all.seconds, 'seconds'),
    ...[{ name: 'memory without sequencer, resident sizes added up', resident: chains.resident }, { name: 'memory with the sequencer, no provers', resident: all.resident }]
      .filter(({ resident }) => resident > 0)
      .map(({ name, resident }) => figure(name, resident / MEBIBYTE, 'mebibytes', marks.chainsMebibytes)),
    figure('snapshot of everything', snapshot, 'seconds'),
    figure('revert of everything', revert, 'seconds'),
    figure('dump of everything', dump, 'seconds'),
    figure('start from a dump, sequencer included', load, 'seconds'),
    figure('dump', bytes, 'bytes'),
  ];
}

async function measureCommand(args: readonly string[], signal: AbortSignal): Promise<CommandMeasurement> {
  const tree = new ProcessTree();
  const folder = mkdtempSync(join(tmpdir(), 'rollup-bench-warm-'));
  const begin = performance.now();
  const devnet = new ScriptProcess({ script: DEVNET, args: [...args, ...ANY_PORTS, '--folder', folder, '--quiet'], folder: root, tree });
  let stopped = false;
  try {
    while (!existsSync(join(folder, 'devnet.json'))) {
      signal.throwIfAborted();
      if (devnet.hasEnded) throw devnet.failure('ended before the devnet was ready');
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    const seconds = (performance.now() - begin) / 1000;
    await new Promise((resolve) => setTimeout(resolve, IDLE_MILLISECONDS));
    const resident = tree.sample().reduce((sum, process) => sum + process.resident, 0);
    stopped = true;
    await devnet.stop();
    return { seconds, resident };
  } finally {
    // The error that brought us here is the one to tell.
    if (!stopped) await devnet.stop().catch(() => {});
    rmSync(folder, { recursive: true, force: true });
  }
}
