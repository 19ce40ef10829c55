import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, renameSync, writeFileSync } from 'node:fs';
import { join, parse } from 'node:path';
import { run } from '../base/exec.ts';
import { paths } from '../base/paths.ts';

/** A small circuit made from a template of circuits/. */
export interface TestCircuit {
  /** File of the template, relative to circuits/. */
  file: string;
  template: string;
  params: readonly number[];
  public?: readonly string[];
  /** 0 (default) keeps every signal by name and compiles faster; 2 is what keys are made for. */
  simplification?: 0 | 2;
}

export interface CompiledTestCircuit {
  r1cs: string;
  sym: string;
  wasm: string;
}

/** Compiles a test circuit; the result is kept until a circuit source changes. */
export async function compileTestCircuit(circuit: TestCircuit): Promise<CompiledTestCircuit> {
  const { file, template, params, simplification = 0 } = circuit;
  const main = mainSource(circuit);
  const name = `${template}_${params.join('_')}`;
  const folder = join(paths.circuitBuild, 'test', `${name}-${sourcesHash(main, simplification)}`);
  const compiled = { r1cs: join(folder, `${name}.r1cs`), sym: join(folder, `${name}.sym`), wasm: join(folder, `${name}_js`, `${name}.wasm`) };
  const done = join(folder, 'done');
  if (existsSync(done)) return compiled;

  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.circom`), main);
  // circom in wasm sees only what lies below its working directory, and follows no link that leads out of it.
  const output = realpathSync(folder);
  await run({
    command: process.execPath,
    args: [
      join(realpathSync(paths.nodeModules), 'circom2', 'cli.js'),
      join(output, `${name}.circom`),
      ...['--r1cs', '--sym', '--wasm', `--O${simplification}`],
      ...['-l', realpathSync(paths.circuits), '-l', realpathSync(paths.circomlib), '-o', output],
    ],
    cwd: parse(output).root,
  });
  writeFileSync(`${done}.part`, file);
  renameSync(`${done}.part`, done);
  return compiled;
}

function mainSource({ file, template, params, public: names = [] }: TestCircuit): string {
  const inputs = names.length > 0 ? ` {public [${names.join(', ')}]}` : '';
  return `pragma circom 2.2.0;\ninclude "${file}";\ncomponent main${inputs} = ${template}(${params.join(', ')});\n`;
}

function sourcesHash(main: string, simplification: number): string {
  const hash = createHash('sha256').update(`${main}${simplification}`);
  const sources = readdirSync(paths.circuits, { recursive: true, encoding: 'utf8' }).filter((f) => f.endsWith('.circom') && !f.startsWith('build'));
  for (const source of sources.sort()) hash.update(source).update(readFileSync(join(paths.circuits, source)));
  hash.update(readFileSync(join(paths.nodeModules, 'circom2', 'package.json'))).update(readFileSync(join(paths.nodeModules, 'circomlib', 'package.json')));
  return hash.digest('hex').slice(0, 16);
}
