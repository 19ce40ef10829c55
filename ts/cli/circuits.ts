import { parseArgs } from 'node:util';
import { formatError } from '../base/errors.ts';
import { lineProgress, silentProgress } from '../base/progress.ts';
import { artifactPaths, isBuilt, readInfo, type CircuitInfo } from '../circuit/artifacts.ts';
import { readInstances, selectInstances } from '../circuit/instances.ts';
import { generatedFiles, isCurrent, write } from '../circuit/solidity.ts';
import { readSources } from '../circuit/sources.ts';

// What takes long to load (snarkjs, the curve) is imported only when something has to be built: an unchanged circuit costs no more than
// reading its sources.

const HELP = `Compiles the circuits of circuits/circuits.json, makes their development keys and writes the Solidity that depends on them.

Usage: npm run circuits -- [flags]

  --only NAME   only this circuit (may be given several times); writes no Solidity
  --force       build even when nothing has changed
  --json        print facts about the circuits as JSON
  --quiet       no progress
  --help        this text

Artefacts go to circuits/build/<name>-<hash>/ (r1cs, wasm, sym, zkey, vkey.json, info.json), Solidity to src/generated/ and
test/utils/generated/. The keys are made from PUBLIC beacons: they are for development and protect nobody.

Example: npm run circuits -- --only exit --force
`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true },
      force: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      quiet: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const all = readInstances();
  const instances = values.only ? selectInstances(all, values.only) : all;
  const artifacts = instances.map((instance) => artifactPaths(instance.name, readSources(instance).hash));
  const progress = values.quiet ? silentProgress : lineProgress();

  const stale = instances.filter((_, i) => values.force || !isBuilt(artifacts[i]!));
  if (stale.length > 0) {
    const { buildCircuits } = await import('../circuit/build.ts');
    const interrupted = new AbortController();
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => interrupted.abort());
    await buildCircuits({ instances: stale, progress, signal: interrupted.signal });
  }
  const outdated = values.only ? [] : generatedFiles(artifacts).filter((file) => values.force || !isCurrent(file));
  for (const file of outdated) {
    await write(file);
    progress.report(`wrote ${file.path}`);
  }

  const infos = artifacts.map(readInfo);
  if (values.json) process.stdout.write(`${JSON.stringify(infos, null, 2)}\n`);
  else process.stdout.write(`${table(infos)}${stale.length + outdated.length === 0 ? 'up to date\n' : ''}`);
  // snarkjs keeps its worker threads.
  if (stale.length > 0 || outdated.length > 0) process.exit(0);
}

function table(infos: readonly CircuitInfo[]): string {
  const rows = infos.map((info) => [
    info.name,
    info.constraints.toLocaleString('en'),
    info.wires.toLocaleString('en'),
    `${info.publicInputs}`,
    `${(info.zkeyBytes / 1e6).toFixed(1)} MB`,
    `${info.compileSeconds.toFixed(1)} s`,
    `${info.setupSeconds.toFixed(1)} s`,
    info.hash,
  ]);
  const lines = [['circuit', 'constraints', 'wires', 'public', 'key', 'compile', 'setup', 'hash'], ...rows];
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  return lines.map((line) => `${line.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join('  ')}\n`).join('');
}

main().catch((error: unknown) => {
  process.stderr.write(`${formatError(error)}\n`);
  process.exit(1);
});
