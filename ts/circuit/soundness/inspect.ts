import { realpathSync } from 'node:fs';
import { join, parse } from 'node:path';
import { run } from '../../base/exec.ts';
import { paths } from '../../base/paths.ts';
import { libraryFolders } from '../sources.ts';
import { compileTestCircuit, type TestCircuit } from '../testCompile.ts';

/**
 * What `circom --inspect` warns of, e.g. `PairRules: legOut.shares`: a signal (or a number of signals of an array) of a template that
 * stands in no constraint of it. Sizes of templates and arrays are left out. Sorted, each once.
 */
export async function inspectCircuit(circuit: TestCircuit): Promise<string[]> {
  const { r1cs } = await compileTestCircuit(circuit);
  const main = realpathSync(r1cs).replace(/\.r1cs$/, '.circom');
  const { stdout, stderr } = await run({
    command: process.execPath,
    args: [join(realpathSync(paths.nodeModules), 'circom2', 'cli.js'), main, '--inspect', '--O0', ...libraryFolders().flatMap((library) => ['-l', library.folder])],
    cwd: parse(main).root,
  });
  return inspectWarnings(`${stdout}\n${stderr}`);
}

/** @param output of `circom --inspect` */
export function inspectWarnings(output: string): string[] {
  const warnings = output.replace(/\u001b\[[0-9;]*m/g, '').split('\n').filter((line) => line.startsWith('warning['));
  return [...new Set(warnings.map(shortWarning))].sort();
}

function shortWarning(line: string): string {
  const [, template, signal] = /In template "(\w+)\(.*\)": (?:Array of )?(?:[Ll]ocal signals?|[Ss]ubcomponent input\/output signals?) ([\w.[\]]+) /.exec(line) ?? [];
  return template === undefined || signal === undefined ? line : `${template}: ${signal.replace(/\[\d+\]/g, '')}`;
}
