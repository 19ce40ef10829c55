import { readFileSync } from 'node:fs';
import type { Groth16VerificationKey } from 'snarkjs';
import { describe, expect, test } from 'vitest';
import { circuitArtifacts } from './artifacts.ts';
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
    const text = verifyingKeysSolidity(NAMES, keys());
    const [[real, imaginary]] = keys()[0]!.vk_delta_2;
    const word = (value: string): string => BigInt(value).toString(16).padStart(64, '0');
    expect(text.indexOf(word(imaginary))).toBeLessThan(text.indexOf(word(real)));
    expect(text.indexOf(word(imaginary))).toBeGreaterThan(0);
  });

  test('refuses keys that the batched verifier cannot take', () => {
    const edited = (index: number, change: Partial<Groth16VerificationKey>): Groth16VerificationKey[] => keys().map((key, i) => (i === index ? { ...key, ...change } : key));
    const [segment] = keys() as [Groth16VerificationKey];
    expect(() => verifyingKeysSolidity(NAMES, edited(1, { vk_delta_2: segment.vk_gamma_2 }))).toThrow('join: delta equals gamma');
    expect(() => verifyingKeysSolidity(NAMES, edited(2, { vk_delta_2: segment.vk_delta_2 }))).toThrow('exit: delta equals that of another key');
    expect(() => verifyingKeysSolidity(NAMES, edited(1, { vk_beta_2: segment.vk_delta_2 }))).toThrow('join: alpha, beta or gamma differ');
    expect(() => verifyingKeysSolidity(NAMES, edited(1, { vk_alpha_1: segment.IC[0]! }))).toThrow('join: alpha, beta or gamma differ');
    expect(() => verifyingKeysSolidity(NAMES, edited(0, { IC: segment.IC.slice(1) }))).toThrow('one point more');
    const zero = segment.IC.map((point, i): [string, string, string] => (i === 2 ? ['0', '1', '0'] : point));
    expect(() => verifyingKeysSolidity(NAMES, edited(0, { IC: zero }))).toThrow('IC has a zero point');
  });
});
