import { mkdirSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, parse } from 'node:path';
import { RollupError, firstLine } from '../base/errors.ts';
import { run } from '../base/exec.ts';
import { paths } from '../base/paths.ts';
import type { CircuitArtifacts } from './artifacts.ts';
import { COMPILE_FLAGS, libraryFolders, type CircuitSources } from './sources.ts';

/** Appended to the compiler process: tells its peak memory when it ends. */
const REPORT_MEMORY = `data:text/javascript,process.on('exit',()=>process.stderr.write('\\npeak-kib '+process.resourceUsage().maxRSS+'\\n'))`;

export interface CompileParameters {
  sources: CircuitSources;
  /** Files to write; the folder is made. */
  artifacts: CircuitArtifacts;
  circuits?: string;
  signal?: AbortSignal;
}

export interface CompileReturnType {
  peakBytes: number;
}

/** Runs circom on the generated main file. @throws RollupError with the compiler's own message */
export async function compile({ sources, artifacts, circuits, signal }: CompileParameters): Promise<CompileReturnType> {
  mkdirSync(artifacts.folder, { recursive: true });
  const folder = realpathSync(artifacts.folder);
  // Not the name of any circuit file: circom looks for includes beside the main file first.
  const program = `${artifacts.name}.main`;
  const main = join(folder, `${program}.circom`);
  writeFileSync(main, sources.main);
  // circom (wasm) sees only what lies below its working directory, and no links that lead out of it.
  const libraries = libraryFolders(circuits).flatMap((library) => ['-l', library.folder]);
  const compiler = join(realpathSync(paths.nodeModules), 'circom2', 'cli.js');
  let output: Awaited<ReturnType<typeof run>>;
  try {
    output = await run({
      command: process.execPath,
      args: ['--import', REPORT_MEMORY, compiler, main, ...COMPILE_FLAGS, ...libraries, '-o', folder],
      cwd: parse(folder).root,
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (cause) {
    if (signal?.aborted) throw new RollupError(`compiling circuit ${artifacts.name} was stopped`);
    throw new RollupError(`circuit ${artifacts.name} does not compile`, { facts: { compiler: compilerMessage(cause) }, cause, hint: 'Correct the circuit and run `npm run circuit -- build` again.' });
  }
  renameSync(join(folder, `${program}.r1cs`), artifacts.r1cs);
  renameSync(join(folder, `${program}.sym`), artifacts.sym);
  renameSync(join(folder, `${program}_js`, `${program}.wasm`), artifacts.wasm);
  rmSync(join(folder, `${program}_js`), { recursive: true });
  return { peakBytes: 1024 * Number(/peak-kib (\d+)/.exec(output.stderr)?.[1] ?? 0) };
}

function compilerMessage(error: unknown): string {
  if (!(error instanceof Error)) return firstLine(error);
  return error.message.replace(/\u001b\[[0-9;]*m/g, '').split('\n').slice(1).filter((line) => !line.startsWith('peak-kib')).join('\n').trim();
}
