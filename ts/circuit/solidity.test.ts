import { readFileSync } from 'node:fs';
import type { Groth16VerificationKey } from 'snarkjs';
import { describe, expect, test } from 'vitest';
import { circuitArtifacts } from './artifacts.ts';
import { developmentKeys } from './keyProvenance.ts';
import { generatedFiles, isCurrent, render } from './solidity.ts';
import { verifyingKeysSolidity } from './verifyingKeysSolidity.ts';

const NAMES = ['segment', 'join', 'exit'] as const;

function keys(): Groth16VerificationKey[] {
  return NAMES.map((name) => JSON.parse(readFileSync(circuitArtifacts(name).vkey, 'utf8')) as Groth16VerificationKey);
}

describe('generated Solidity', () => {
  test('is what the circuits and keys give, byte for byte', async () => {
    for (const file of generatedFiles(NAMES.map((name) => circuitArtifacts(name)))) {
      const committed = readFileSync(file.path, 'utf8');
      expect(isCurrent(file), file.path).toBe(true);
      expect(committed === (await render(file)), `${file.path} differs: run \`npm run gen\``).toBe(true);
      expect(committed.split('\n')[0]).toContain('npm run gen');
    }
  });

  test('needs all three circuits', () => {
    expect(() => generatedFiles([circuitArtifacts('join')])).toThrow('circuit segment is missing');
  });

  test('has G2 coordinates with the imaginary part first', () => {
    const text = verifyingKeysSolidity(NAMES, keys(), developmentKeys);
    const [[real, imaginary]] = keys()[0]!.vk_delta_2;
    const word = (value: string): string => BigInt(value).toString(16).padStart(64, '0');
    expect(text.indexOf(word(imaginary))).toBeLessThan(text.indexOf(word(real)));
    expect(text.indexOf(word(imaginary))).toBeGreaterThan(0);
  });

  test('refuses keys that the batched verifier cannot take', () => {
    const edited = (index: number, change: Partial<Groth16VerificationKey>): Groth16VerificationKey[] => keys().map((key, i) => (i === index ? { ...key, ...change } : key));
    const [segment] = keys() as [Groth16VerificationKey];
    expect(() => verifyingKeysSolidity(NAMES, edited(1, { vk_delta_2: segment.vk_gamma_2 }), developmentKeys)).toThrow('join: delta equals gamma');
    expect(() => verifyingKeysSolidity(NAMES, edited(2, { vk_delta_2: segment.vk_delta_2 }), developmentKeys)).toThrow('exit: delta equals that of another key');
    expect(() => verifyingKeysSolidity(NAMES, edited(1, { vk_beta_2: segment.vk_delta_2 }), developmentKeys)).toThrow('join: alpha, beta or gamma differ');
    expect(() => verifyingKeysSolidity(NAMES, edited(1, { vk_alpha_1: segment.IC[0]! }), developmentKeys)).toThrow('join: alpha, beta or gamma differ');
    expect(() => verifyingKeysSolidity(NAMES, edited(0, { IC: segment.IC.slice(1) }), developmentKeys)).toThrow('one point more');
    const zero = segment.IC.map((point, i): [string, string, string] => (i === 2 ? ['0', '1', '0'] : point));
    expect(() => verifyingKeysSolidity(NAMES, edited(0, { IC: zero }), developmentKeys)).toThrow('IC has a zero point');
  });

  test('says where the keys come from, in words and in a constant', () => {
    const transcriptHash = `0x${'ab'.repeat(32)}` as const;
    const ceremony = verifyingKeysSolidity(NAMES, keys(), { kind: 'ceremony', transcriptHash });
    expect(ceremony).toContain(`TRANSCRIPT_HASH = ${transcriptHash};`);
    expect(ceremony).toContain('@title Verifying keys of a ceremony');
    const development = verifyingKeysSolidity(NAMES, keys(), developmentKeys);
    expect(development).toContain('TRANSCRIPT_HASH = 0;');
    expect(development).toContain('everybody can forge proofs');
    const inputs = (files: ReturnType<typeof generatedFiles>): string => files[0]!.inputs;
    const artifacts = NAMES.map((name) => circuitArtifacts(name));
    expect(inputs(generatedFiles(artifacts))).not.toBe(inputs(generatedFiles(artifacts, { kind: 'ceremony', transcriptHash })));
  });

  test('refuses a transcript hash that is none', () => {
    for (const transcriptHash of [`0x${'00'.repeat(32)}`, '0xab', '0x', `0x${'g'.repeat(64)}`] as const) {
      expect(() => verifyingKeysSolidity(NAMES, keys(), { kind: 'ceremony', transcriptHash })).toThrow('not 32 bytes, or zero');
    }
  });
});
