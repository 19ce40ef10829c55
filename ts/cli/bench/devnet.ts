import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { RollupError } from '../../base/errors.ts';
import { run } from '../../base/exec.ts';
import { parse } from '../../base/json.ts';
import { paths, root } from '../../base/paths.ts';
import { ScriptProcess } from './child.ts';
import type { Figure, Mark, Unit } from './figure.ts';
import { marks } from './marks.ts';
import { ProcessTree } from './processTree.ts';
import type { SectionParameters } from './section.ts';
import { measureStates } from './states.ts';

const DEVNET = 'ts/cli/devnet.ts';
const STORY = 'ts/cli/story.ts';
const SAMPLE_MILLISECONDS = 200;
const START_MILLISECONDS = 15 * 60_000;

/**
 * Start of the devnet and the story on it, as child processes. The cold start happens in a copy of the checkout that holds what git holds:
 * circuits, keys and contracts are built from nothing (npm packages are there). `quick` starts it in the checkout itself.
 */
export async function measureDevnet(parameters: SectionParameters): Promise<Figure[]> {
  for (const script of [DEVNET, STORY]) {
    if (!existsSync(join(root, script))) throw new RollupError('A command that the bench runs does not exist', { facts: { script } });
  }
  if (parameters.quick) return [...(await measureDevnetIn({ ...parameters, folder: root })), ...(await measureStates(parameters))];
  const folder = await copyCheckout();
  try {
    return [...(await measureDevnetIn({ ...parameters, folder })), ...(await measureStates(parameters))];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Measures the devnet of the checkout in `folder`. Unless `quick`, nothing may be built there, and the first start is the cold one. */
export async function measureDevnetIn({ progress, signal, quick, folder }: SectionParameters & { folder: string }): Promise<Figure[]> {
  const tree = new ProcessTree();
  const sampler = setInterval(() => tree.sample(), SAMPLE_MILLISECONDS);
  const figures: Figure[] = [];
  const add = (name: string, value: number, unit: Unit, mark?: Mark): void => void figures.push({ section: 'devnet', name, value, unit, ...(mark ? { mark } : {}) });
  try {
    progress.report(quick ? 'devnet: a first start, so that everything is built' : 'devnet: cold start');
    const first = await withDevnet({ folder, tree, signal }, () => Promise.resolve());
    if (!quick) add('cold start: circuits, keys, contracts, three chains', first.start, 'seconds');
    progress.report('devnet: warm start, then the story');
    const warm = await withDevnet({ folder, tree, signal }, async () => {
      const start = performance.now();
      await new ScriptProcess({ script: STORY, folder, tree }).finished(signal);
      return (performance.now() - start) / 1000;
    });
    add('warm start', warm.start, 'seconds', marks.warmStart);
    add('story on a running devnet', warm.result, 'seconds', marks.story);
    if (!quick) add('cold start and story', first.start + warm.result, 'seconds', marks.coldStory);
    if (tree.peak > 0) add('peak memory of all processes, resident sizes added up', tree.peak / 2 ** 20, 'mebibytes', marks.peakMebibytes);
    return figures;
  } finally {
    clearInterval(sampler);
  }
}

interface DevnetParameters {
  folder: string;
  tree: ProcessTree;
  signal: AbortSignal;
}

/** Starts a devnet, does `work` with it and stops it. @returns seconds until it answered, and what the work gave */
async function withDevnet<T>({ folder, tree, signal }: DevnetParameters, work: () => Promise<T>): Promise<{ start: number; result: T }> {
  const description = join(folder, '.devnet', 'devnet.json');
  const before = existsSync(description) ? readFileSync(description, 'utf8') : undefined;
  const start = performance.now();
  const devnet = new ScriptProcess({ script: DEVNET, folder, tree });
  let stopped = false;
  try {
    await untilReady({ devnet, description, before, signal });
    const seconds = (performance.now() - start) / 1000;
    const result = await work();
    stopped = true;
    await devnet.stop();
    return { start: seconds, result };
  } finally {
    // The error that brought us here is the one to tell.
    if (!stopped) await devnet.stop().catch(() => {});
  }
}

interface ReadyParameters {
  devnet: ScriptProcess;
  /** Path of the file that a running devnet writes. */
  description: string;
  /** What an earlier devnet left there. */
  before: string | undefined;
  signal: AbortSignal;
}

/** Ready: the description of this devnet is there, and its sequencer answers. */
async function untilReady({ devnet, description, before, signal }: ReadyParameters): Promise<void> {
  const end = Date.now() + START_MILLISECONDS;
  while (Date.now() < end) {
    signal.throwIfAborted();
    if (devnet.hasEnded) throw devnet.failure('ended before the devnet was ready');
    const text = existsSync(description) ? readFileSync(description, 'utf8') : undefined;
    if (text !== undefined && text !== before && (await answers(text))) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw devnet.failure(`was not ready after ${START_MILLISECONDS / 60_000} minutes`);
}

async function answers(description: string): Promise<boolean> {
  try {
    const { sequencerUrl } = parse<{ sequencerUrl: string }>(description);
    return (await fetch(`${sequencerUrl}/status`)).ok;
  } catch {
    return false; // half written, or not listening yet
  }
}

/** What git holds or would add, in a folder of its own, with the packages of this checkout. */
async function copyCheckout(): Promise<string> {
  const { stdout } = await run({ command: 'git', args: ['ls-files', '--cached', '--others', '--exclude-standard'], cwd: root });
  const folder = mkdtempSync(join(tmpdir(), 'rollup-bench-'));
  for (const file of stdout.split('\n').filter((name) => name !== '' && existsSync(join(root, name)))) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(root, file), join(folder, file));
  }
  symlinkSync(paths.nodeModules, join(folder, 'node_modules'));
  return folder;
}
