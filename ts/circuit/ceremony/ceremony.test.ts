import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { groth16, wtns, zKey, type Groth16Proof, type Groth16VerificationKey } from 'snarkjs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from '../../base/exec.ts';
import { foundryBinary, paths, root } from '../../base/paths.ts';
import { FIELD } from '../../spec/field.ts';
import { ensureBuilt } from '../ensureBuilt.ts';
import { provenanceOf } from '../keyChoice.ts';
import { generatedFiles, render } from '../solidity.ts';
import { inMemory } from './binaryFile.ts';
import { applyBeacon, contribute } from './contribute.ts';
import { exportKeys, finishCeremony } from './finish.ts';
import { importPhase1 } from './phase1.ts';
import { startCeremony } from './start.ts';
import { makeTestCeremony, type TestCeremony } from './testCeremony.ts';
import { ceremonyFiles, readTranscript, stageOf, transcriptHash, writeTranscript } from './transcript.ts';
import { verifyCeremony } from './verify.ts';

const BEACON = '5d'.repeat(31) + '07';
let ceremony: TestCeremony;

beforeAll(async () => {
  ceremony = await makeTestCeremony();
});
afterAll(() => ceremony.remove());

/** Inputs of a circuit with some rounds. */
function signals(rounds: number): Record<string, bigint> {
  const [left, factor] = [5n, 3n];
  let product = 7n;
  for (let i = 0n; i < BigInt(rounds); i++) product *= left + i;
  return { product: (product * factor) % FIELD, left, right: 7n, factor };
}

async function proofOf(wasm: string, zkey: string, rounds: number): Promise<{ proof: Groth16Proof; publicSignals: string[] }> {
  const witness = { type: 'mem' as const };
  await wtns.calculate(signals(rounds), wasm, witness);
  return await groth16.prove(zkey, witness);
}

test('two parties and a beacon: from a phase 1 file to a proof that the exported contracts accept on a chain that is not local', async () => {
  const { context, ptau } = ceremony;
  const { folder, instances, circuits, buildFolder } = context;
  const stage = (): string => stageOf(readTranscript(folder));

  const imported = await importPhase1({ ...context, file: ptau });
  expect(imported.phase1).toMatchObject({ source: 'prepared.ptau', power: 5, isPreparedHere: false });
  expect(imported.phase1.contributions.map(({ kind, name }) => [kind, name])).toEqual([['contribution', 'first party of phase 1'], ['beacon', 'beacon of phase 1']]);
  expect(await importPhase1({ ...context, file: ptau }), 'importing the same file again changes nothing').toEqual(imported);
  expect(stage()).toBe('start');

  await startCeremony(context);
  expect((await verifyCeremony(context)).isComplete).toBe(false);

  // The second party works with nothing but a copy of the folder.
  const entropies = ['alpha and some secret words', 'the same words for both circuits'];
  await contribute({ ...context, name: 'Ada', entropy: entropies[0]! });
  const elsewhere = ceremony.copy();
  await contribute({ ...elsewhere, name: 'Grace', entropy: entropies[1]! });
  rmSync(folder, { recursive: true });
  cpSync(elsewhere.folder, folder, { recursive: true });
  expect(stage()).toBe('contribute');

  await applyBeacon({ ...context, beacon: `0x${BEACON}`, iterations: 10 });
  expect(stage()).toBe('finish');
  const finished = await finishCeremony(context);
  expect(stage()).toBe('export');
  expect((await verifyCeremony(context)).isComplete).toBe(true);
  expect(finished.transcript.contributions.map(({ kind, name }) => [kind, name])).toEqual([['contribution', 'Ada'], ['contribution', 'Grace'], ['beacon', 'public beacon']]);

  // Neither the transcript nor the keys hold what was typed in.
  const text = readFileSync(join(folder, 'transcript.md'), 'utf8');
  for (const part of ['Ada', 'Grace', BEACON, finished.transcriptHash, readTranscript(folder).phase1.blake2b.slice(0, 64)]) expect(text).toContain(part);
  const files = [ceremonyFiles.transcript(folder), join(folder, 'transcript.md'), ceremonyFiles.zkey(folder, 'segment', 3)];
  for (const file of files) for (const entropy of entropies) expect(readFileSync(file).includes(entropy)).toBe(false);

  // snarkjs agrees on every key, from a file of its own.
  for (const { name } of instances) {
    expect(await zKey.verifyFromR1cs(ceremonyFiles.r1cs(folder, name), inMemory(ptau), inMemory(ceremonyFiles.zkey(folder, name, 3)))).toBe(true);
  }

  const exported = await exportKeys(context);
  expect(exported.transcriptHash).toBe(finished.transcriptHash);
  const built = (await ensureBuilt({ instances, circuits: circuits!, buildFolder: buildFolder! })).map(({ artifacts }) => artifacts);
  expect(provenanceOf(built)).toEqual({ kind: 'ceremony', transcriptHash: `0x${exported.transcriptHash}` });
  const proofs = [];
  for (const [i, { name, parameters }] of instances.entries()) {
    const { wasm, zkey, vkey } = built[i]!;
    expect(readFileSync(zkey).equals(readFileSync(ceremonyFiles.zkey(folder, name, 3)))).toBe(true);
    const proof = await proofOf(wasm, zkey, parameters[0]!);
    const key = JSON.parse(readFileSync(vkey, 'utf8')) as Groth16VerificationKey;
    expect(await groth16.verify(key, proof.publicSignals, proof.proof)).toBe(true);
    expect(await groth16.verify(key, ['1'], proof.proof)).toBe(false);
    proofs.push(proof);
  }

  const [keys] = generatedFiles(built);
  await runForge(await render(keys!), exported.transcriptHash, proofs);
});

/** Deploys the real verifier with the exported keys on chain 1 and lets it check the proofs. */
async function runForge(verifyingKeys: string, hash: string, proofs: readonly { proof: Groth16Proof; publicSignals: string[] }[]): Promise<void> {
  const project = join(ceremony.folder, 'forge');
  mkdirSync(join(project, 'test'), { recursive: true });
  // Only the verifier and what it imports: solc needs half a minute for the rest.
  for (const item of ['src/types', 'src/libraries', 'src/interfaces', 'src/generated', 'src/BatchVerifier.sol', 'src/Verifier.sol', 'foundry.toml']) cpSync(join(root, item), join(project, item), { recursive: true });
  mkdirSync(join(project, 'ts', 'tools'), { recursive: true });
  cpSync(join(root, 'ts', 'tools'), join(project, 'ts', 'tools'), { recursive: true });
  symlinkSync(paths.nodeModules, join(project, 'node_modules'));
  writeFileSync(join(project, 'src', 'generated', 'VerifyingKeys.sol'), verifyingKeys);
  const pair = (a: string, b: string): string => `[uint256(${a}), ${b}]`;
  const statements = proofs.map(({ proof: { pi_a, pi_b, pi_c }, publicSignals }, i) => {
    const [[xRe, xIm], [yRe, yIm]] = pi_b;
    return `        statements[${i}].key = KeyId(${i});
        statements[${i}].proof = Proof(${pair(pi_a[0], pi_a[1])}, [${pair(xIm, xRe)}, ${pair(yIm, yRe)}], ${pair(pi_c[0], pi_c[1])});
        statements[${i}].inputs = new uint256[](1);
        statements[${i}].inputs[0] = ${publicSignals[0]};
`;
  });
  writeFileSync(join(project, 'test', 'Ceremony.t.sol'), `// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { Verifier } from "../src/Verifier.sol";
import { Proof } from "../src/types/Block.sol";
import { KeyId, Statement } from "../src/types/Statement.sol";

interface Cheats {
    function chainId(uint256 id) external;
}

contract CeremonyTest {
    function test_keysOfTheCeremony() public {
        Cheats(0x7109709ECfa91a80626fF3989D68f67F5b1DD12D).chainId(1);
        Verifier verifier = new Verifier(false);
        require(verifier.transcriptHash() == 0x${hash}, "hash");
        Statement[] memory statements = new Statement[](${proofs.length});
${statements.join('')}        require(verifier.verifyBatch(statements), "refused");
        statements[1].inputs[0] ^= 1;
        require(!verifier.verifyBatch(statements), "accepted");
    }
}
`);
  const { stdout } = await run({ command: foundryBinary('forge'), args: ['test', '--root', project], cwd: project });
  expect(stdout).toContain('1 passed');
}

test('a file that is not prepared for phase 2 is prepared', async () => {
  const context = { ...ceremony.context, folder: join(ceremony.folder, 'unprepared') };
  const lines: string[] = [];
  const { phase1 } = await importPhase1({ ...context, progress: { report: (line) => lines.push(line) }, file: ceremony.unpreparedPtau });
  expect(phase1.isPreparedHere).toBe(true);
  expect(phase1.blake2b).not.toBe(phase1.importedBlake2b);
  expect(lines).toContain('preparing phase 2');
  await startCeremony(context);
  // From the same powers come the same first keys.
  expect(readTranscript(context.folder).circuits).toEqual(readTranscript(ceremony.context.folder).circuits);
});

test('the same words give different secrets: each contribution has randomness of its own', async () => {
  const make = async (name: string): Promise<string> => {
    const context = { ...ceremony.context, folder: join(ceremony.folder, name) };
    await importPhase1({ ...context, file: ceremony.ptau });
    await startCeremony(context);
    const { contributions } = await contribute({ ...context, name: 'Ada', entropy: 'same' });
    return contributions[0]!.circuits['join']!.contributionHash;
  };
  expect(await make('again-1')).not.toBe(await make('again-2'));
});

test('steps that were interrupted go on with what is missing', async () => {
  const context = { ...ceremony.context, folder: join(ceremony.folder, 'resumed') };
  await importPhase1({ ...context, file: ceremony.ptau });
  const stopping = (word: string): { context: typeof context; lines: string[] } => {
    const controller = new AbortController();
    const lines: string[] = [];
    return { lines, context: { ...context, signal: controller.signal, progress: { report: (line) => { lines.push(line); if (line.startsWith(word)) controller.abort(new Error('Ctrl-C')); } } } };
  };
  await expect(startCeremony(stopping('join: making').context)).rejects.toThrow('was stopped');
  expect(Object.keys(readTranscript(context.folder).circuits)).toEqual(['segment']);
  await expect(contribute({ ...context, name: 'Ada' })).rejects.toThrow('not the time to contribute');
  const resumed = stopping('nothing');
  await startCeremony(resumed.context);
  expect([...new Set(resumed.lines.filter((line) => line.includes('making the first key')).map((line) => line.split(':')[0]))]).toEqual(['join', 'exit']);

  await expect(contribute({ ...stopping('join: contributing').context, name: 'Ada' })).rejects.toThrow('was stopped');
  const half = readTranscript(context.folder);
  expect(half.contributions.map(({ circuits }) => Object.keys(circuits))).toEqual([['segment']]);
  await expect(contribute({ ...context, name: 'Grace' })).rejects.toThrow('the contribution of Ada is not finished');
  await expect(applyBeacon({ ...context, beacon: BEACON, iterations: 10 })).rejects.toThrow('nobody has contributed yet');
  await expect(verifyCeremony(context)).rejects.toThrow('the contribution of Ada is not finished');
  const { contributions } = await contribute({ ...context, name: 'Ada' });
  expect(contributions[0]!.circuits['segment']).toEqual(half.contributions[0]!.circuits['segment']);
  expect(Object.keys(contributions[0]!.circuits)).toEqual(['segment', 'join', 'exit']);

  await expect(applyBeacon({ ...stopping('exit: applying').context, beacon: BEACON, iterations: 10 })).rejects.toThrow('was stopped');
  await expect(applyBeacon({ ...context, beacon: '11'.repeat(31) + '12', iterations: 10 })).rejects.toThrow('public beacon is not finished');
  await applyBeacon({ ...context, beacon: BEACON, iterations: 10 });
  expect((await verifyCeremony(context)).isComplete).toBe(true);
  expect(existsSync(ceremonyFiles.zkey(context.folder, 'exit', 2))).toBe(true);
});

test('two steps in one folder at a time: the second is refused when it would write', async () => {
  const context = ceremony.copy();
  const read = readTranscript(context.folder);
  writeTranscript(context.folder, { ...read, profile: 'other' }, { replaces: read });
  expect(() => writeTranscript(context.folder, read, { replaces: read })).toThrow('another step of this ceremony runs');
  expect(transcriptHash(read)).not.toBe(transcriptHash(readTranscript(context.folder)));
});
