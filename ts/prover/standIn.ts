import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { paths } from '../base/paths.ts';

/**
 * Executables with rapidsnark's command line, `<zkey> <wtns> <proof.json> <public.json>`, for tests of what runs it. `good` proves with
 * snarkjs and writes what the real program writes (no curve in the proof); the others fail, each in its own way.
 */
const STAND_INS = {
  good: 'write(await prove());',
  padded: 'write(await prove(), "\\0\\0\\0");',
  failing: 'console.error("Error: Invalid witness length"); process.exit(1);',
  silent: '',
  garbage: 'writeFileSync(proofFile, "{"); writeFileSync(publicFile, "[]");',
  otherShape: 'writeFileSync(proofFile, JSON.stringify({ pi_a: ["1", "2"], protocol: "groth16" })); writeFileSync(publicFile, "[]");',
  wrongProof: 'const made = await prove(); made.proof.pi_c = made.proof.pi_a; write(made);',
  wrongInputs: 'const made = await prove(); made.publicSignals[0] = "1"; write(made);',
  badInputs: 'const made = await prove(); made.publicSignals[0] = 1; write(made);',
  hanging: 'setInterval(() => {}, 1000);',
  // Killed the first time, as by a machine without memory; good the second time.
  killedOnce: 'const mark = import.meta.filename + ".killed"; if (!existsSync(mark)) { writeFileSync(mark, ""); process.kill(process.pid, "SIGKILL"); } write(await prove());',
  killed: 'process.kill(process.pid, "SIGKILL"); setInterval(() => {}, 1000);',
} as const;

export type StandIn = keyof typeof STAND_INS;

/** Writes a stand-in for rapidsnark into a folder. @returns its path */
export function makeStandIn(folder: string, kind: StandIn): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${kind}.mjs`);
  const snarkjs = pathToFileURL(join(paths.nodeModules, 'snarkjs', 'main.js')).href;
  const text = `#!${process.execPath}
import { existsSync, writeFileSync } from 'node:fs';
const [zkey, wtns, proofFile, publicFile, ...rest] = process.argv.slice(2);
if (publicFile === undefined || rest.length > 0) {
  console.error('Usage: prover <circuit.zkey> <witness.wtns> <proof.json> <public.json>');
  process.exit(1);
}
writeFileSync(import.meta.filename + '.pid', String(process.pid));
const prove = async () => await (await import(${JSON.stringify(snarkjs)})).groth16.prove(zkey, wtns, undefined, { singleThread: true });
const write = ({ proof: { curve, ...proof }, publicSignals }, end = '') => {
  writeFileSync(proofFile, JSON.stringify(proof) + end);
  writeFileSync(publicFile, JSON.stringify(publicSignals) + end);
};
${STAND_INS[kind]}
`;
  writeFileSync(path, text);
  chmodSync(path, 0o755);
  return path;
}
