import { existsSync, mkdirSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, parse } from 'node:path';
import { run } from '../base/exec.ts';
import { paths } from '../base/paths.ts';
import type { CircuitInstance } from './instances.ts';
import { libraryFolders, readSources } from './sources.ts';

/** A small circuit made from a template of circuits/. */
export interface TestCircuit extends Omit<CircuitInstance, 'name'> {
  /** 0 (default) keeps every signal by name and compiles faster; 2 is what keys are made for. */
  simplification?: 0 | 2;
}

export interface CompiledTestCircuit {
  r1cs: string;
  sym: string;
  wasm: string;
}

/** Compiles a test circuit; the result is kept until a circuit source changes. */
export async function compileTestCircuit({ simplification = 0, ...circuit }: TestCircuit): Promise<CompiledTestCircuit> {
  const name = `test${circuit.template}`;
  const { main, hash } = readSources({ name, ...circuit });
  const folder = join(paths.circuitBuild, 'test', `${name}-${hash}-O${simplification}`);
  const compiled = { r1cs: join(folder, `${name}.r1cs`), sym: join(folder, `${name}.sym`), wasm: join(folder, `${name}_js`, `${name}.wasm`) };
  const done = join(folder, 'done');
  if (existsSync(done)) return compiled;

  const draft = `${folder}.${process.pid}.part`;
  mkdirSync(draft, { recursive: true });
  writeFileSync(join(draft, `${name}.circom`), main);
  // circom in wasm sees only what lies below its working directory, and follows no link that leads out of it.
  const output = realpathSync(draft);
  await run({
    command: process.execPath,
    args: [
      join(realpathSync(paths.nodeModules), 'circom2', 'cli.js'),
      join(output, `${name}.circom`),
      ...['--r1cs', '--sym', '--wasm', `--O${simplification}`],
      ...libraryFolders().flatMap((library) => ['-l', library.folder]),
      ...['-o', output],
    ],
    cwd: parse(output).root,
  });
  writeFileSync(join(draft, 'done'), '');
  try {
    renameSync(draft, folder);
  } catch (error) {
    // Another test that runs at the same time may have been faster; its result is the same.
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(done)) throw error;
  }
  return compiled;
}
