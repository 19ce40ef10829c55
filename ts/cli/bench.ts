import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { dirname, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { firstLine, formatError, RollupError } from '../base/errors.ts';
import { paths, root } from '../base/paths.ts';
import { lineProgress, silentProgress } from '../base/progress.ts';
import { useProver } from '../prover/choice.ts';
import { type Figure, formatFigures, type SectionName, sectionNames } from './bench/figure.ts';
import { referenceSystems } from './bench/marks.ts';
import type { MeasureSection } from './bench/section.ts';

const HELP = `Measures the system and prints what it found beside the marks to beat; writes ${relative(root, paths.bench)}.

Usage: npm run bench -- [flags]

  --only <list>  sections, separated by commas: ${sectionNames.join(', ')} (default: all)
  --quick        leaves out what takes minutes, and says so: the sections setup and edit (unless --only names them), all profiles but
                 small, the cold start of the devnet (it is started in this checkout instead of in a fresh copy)
  --large        profiles: also the large one, which is built first if it is not (tens of minutes, most of the memory of 24 GiB)
  --prover NAME  snarkjs (default), rapidsnark or auto
  --json         print the JSON instead of the table
  --quiet        no progress
  --help         this text

circuits  sizes, compile and setup (as they were when the circuits were built), real proofs: seconds and peak memory
setup     the development setup beside snarkjs's own pipeline, which gives the same bytes, on a circuit for which that takes minutes
edit      from an edited source of the segment (a copy of it) to a verified proof
profiles  the segment in the profiles small and default: size, build, a proof
gas       every call of a block's life, and what one operation, byte, segment or withdraw more costs
ledger    transactions a second
recovery  the state of 100,000 operations rebuilt from calldata (10,000 with --quick), by the command, from RPCs on this machine
devnet    cold and warm start, the story, memory of all processes, snapshot, revert, dump, load

The marks are figures of reference systems (${referenceSystems}) and our own bounds. "better" is how many times better than the mark;
below 1 is worse. Exit code 1 when a section could not be measured; a figure is never a failure.

Examples: npm run bench -- --only gas,ledger
          npm run bench -- --only devnet --quick
          npm run bench -- --only profiles --large
`;

/** Load average above which a machine is not idle. */
const BUSY = 0.5;

/** Loaded when they are wanted: what a section needs may be slow to load. */
const sections: Record<SectionName, () => Promise<MeasureSection>> = {
  circuits: async () => (await import('./bench/circuits.ts')).measureCircuits,
  setup: async () => (await import('./bench/setup.ts')).measureSetup,
  edit: async () => (await import('./bench/edit.ts')).measureEdit,
  profiles: async () => (await import('./bench/profiles.ts')).measureProfiles,
  swaps: async () => (await import('./bench/swaps.ts')).measureSwaps,
  gas: async () => (await import('./bench/gas.ts')).measureGas,
  ledger: async () => (await import('./bench/ledger.ts')).measureLedger,
  recovery: async () => (await import('./bench/recovery.ts')).measureRecovery,
  devnet: async () => (await import('./bench/devnet.ts')).measureDevnet,
};

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      quick: { type: 'boolean', default: false },
      large: { type: 'boolean', default: false },
      prover: { type: 'string' },
      json: { type: 'boolean', default: false },
      quiet: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  useProver(values.prover, process.env);
  const { chosen, skipped } = chooseSections(values);
  const progress = values.quiet ? silentProgress : lineProgress();
  const interrupted = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => interrupted.abort());

  // Seconds mean little when others use the cores, so the report says how busy the machine was before.
  const loadBefore = loadavg()[0] ?? 0;
  const figures: Figure[] = [];
  const failures: { section: SectionName; reason: string }[] = [];
  for (const section of chosen) {
    try {
      const measure = await sections[section]();
      figures.push(...(await measure({ progress, signal: interrupted.signal, quick: values.quick, large: values.large })));
    } catch (error) {
      if (interrupted.signal.aborted) throw error;
      failures.push({ section, reason: firstLine(error) });
      process.stderr.write(`${section} could not be measured: ${formatError(error)}\n`);
    }
  }

  const [cpu] = cpus();
  const machine = {
    cores: cpus().length,
    cpu: cpu?.model ?? 'unknown',
    memoryMiB: Math.round(totalmem() / 2 ** 20),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    loadBefore,
  };
  const report = `${JSON.stringify({ measuredAt: new Date().toISOString(), machine, referenceSystems, figures, failures, skipped }, null, 1)}\n`;
  mkdirSync(dirname(paths.bench), { recursive: true });
  writeFileSync(paths.bench, report);
  const { cores, cpu: model, memoryMiB, node, platform } = machine;
  const facts = [
    `${cores} cores (${model}), ${memoryMiB} MiB, node ${node}, ${platform}`,
    loadLine(loadBefore),
    `reference systems: ${referenceSystems}`,
    `wrote ${relative(root, paths.bench)}`,
    ...skipped.map((what) => `not measured: ${what}`),
  ];
  process.stdout.write(values.json ? report : `${formatFigures(figures)}\n${facts.join('\n')}\n`);
  // The curve's worker threads would keep the process.
  process.exit(failures.length === 0 ? 0 : 1);
}

function loadLine(load: number): string {
  const busy = load > BUSY ? ': other programs were running, so seconds and rates are worse than this machine can do' : '';
  return `load before the bench ${load.toFixed(1)}${busy}`;
}

/** Sections that take minutes. */
const SLOW: readonly SectionName[] = ['setup', 'edit'];

interface Choice {
  chosen: readonly SectionName[];
  /** What was left out, and why. */
  skipped: string[];
}

function chooseSections({ only, quick, large }: { only?: string | undefined; quick: boolean; large: boolean }): Choice {
  const named = namedSections(only);
  const chosen = named.filter((name) => !quick || only !== undefined || !SLOW.includes(name));
  const skipped = named.filter((name) => !chosen.includes(name)).map((name) => `section ${name} (--quick)`);
  if (chosen.includes('profiles')) {
    if (quick) skipped.push('profile default (--quick)');
    if (!large) skipped.push('profile large (only with --large)');
  }
  if (chosen.includes('recovery') && quick) skipped.push('recovery of 100,000 operations (--quick)');
  if (chosen.includes('devnet') && quick) skipped.push('cold start of the devnet (--quick)');
  return { chosen, skipped };
}

function namedSections(only: string | undefined): readonly SectionName[] {
  if (only === undefined) return sectionNames;
  const wanted = only.split(',').map((name) => name.trim());
  const unknown = wanted.filter((name) => !sectionNames.some((known) => known === name));
  if (unknown.length > 0) throw new RollupError('There is no such section', { facts: { unknown: unknown.join(', '), sections: sectionNames.join(', ') }, hint: 'See `npm run bench -- --help`.' });
  return sectionNames.filter((name) => wanted.includes(name));
}

main().catch((error: unknown) => {
  process.stderr.write(`${formatError(error)}\n`);
  process.exit(1);
});
