import { buildPoseidonReference } from 'circomlibjs';
import { describe, expect, it } from 'vitest';
import { Random } from '../test/random.ts';
import { assertField, evaluateWords, FIELD, modField, pack } from './field.ts';
import { bigintToBytes, bytesToBigint, bytesToHex, concatHex, hexToBytes } from './hex.ts';
import { emptyLeaf, leafHash, leafMeta } from './leaf.ts';
import { ONCHAIN_WORDS_PER_SLOT } from './operation.ts';
import { LEAF_COUNT, params } from './params.ts';
import { poseidon, poseidonEx } from './poseidon.ts';
import { emptyNodes, emptyTreeRoot, finalRootOf, genesisFinalRoot } from './roots.ts';
import { sponge } from './sponge.ts';

describe('poseidon', () => {
  it("gives circomlib's published value", () => {
    expect(poseidon([1n, 2n])).toBe(7853200120776062878684798364095072458815029376092732009249414926327459813530n);
  });

  it("agrees with circomlibjs's reference for every number of inputs and initial states", async () => {
    const reference = await buildPoseidonReference();
    const random = new Random(4, 'poseidon');
    for (let n = 1; n <= 16; n++) {
      const inputs = Array.from({ length: n }, () => random.field());
      const state = random.field();
      expect(poseidon(inputs)).toBe(reference.F.toObject(reference(inputs)));
      expect(poseidonEx(inputs, state)).toBe(reference.F.toObject(reference(inputs, state)));
    }
  });

  it('refuses what is not a field element', () => {
    expect(() => poseidon([FIELD])).toThrow('not a field element');
    expect(() => poseidonEx([1n], -1n)).toThrow('not a field element');
  });
});

describe('sponge', () => {
  it('starts with its tag, pads the last run and chains the runs', () => {
    const words = Array.from({ length: 17 }, (_, i) => BigInt(i + 1));
    const tag = BigInt(params.spongeTags.join);
    const first = poseidonEx(words.slice(0, 16), tag);
    expect(sponge('join', words)).toBe(poseidonEx([17n, ...Array.from({ length: 15 }, () => 0n)], first));
    expect(sponge('join', words.slice(0, 16))).toBe(first);
    expect(sponge('join', [])).toBe(tag);
    expect(sponge('segmentL2', words)).not.toBe(sponge('segmentOnchain', words));
  });
});

describe('fields and bytes', () => {
  it('packs from the most significant field down', () => {
    expect(pack([[1n, 8], [2n, 24], [3n, 4]])).toBe(0x1_000002_3n);
    expect(() => pack([[256n, 8]])).toThrow('does not fit');
    expect(() => pack([[-1n, 8]])).toThrow('does not fit');
  });

  it('evaluates words as a polynomial', () => {
    expect(evaluateWords([], 5n)).toBe(0n);
    expect(evaluateWords([1n, 2n, 3n], 5n)).toBe(1n + 10n + 75n);
    expect(evaluateWords([FIELD - 1n, 1n], 1n)).toBe(0n);
  });

  it('converts there and back', () => {
    expect(bytesToBigint(bigintToBytes(FIELD - 1n, 32))).toBe(FIELD - 1n);
    expect(bytesToBigint(bigintToBytes(0n, 0))).toBe(0n);
    expect(bytesToHex(hexToBytes('0x00ff'))).toBe('0x00ff');
    expect(concatHex(['0x01', '0x', '0x02'])).toBe('0x0102');
    expect(modField(-1n)).toBe(FIELD - 1n);
  });

  it('refuses what does not fit', () => {
    expect(() => assertField(-1n, 'x')).toThrow('x is not a field element');
    expect(() => bigintToBytes(256n, 1)).toThrow('does not fit');
    expect(() => bigintToBytes(-1n, 1)).toThrow('does not fit');
    expect(() => hexToBytes('0x0')).toThrow('Not a hex byte string');
    expect(() => hexToBytes('0xzz')).toThrow('Not a hex byte string');
  });
});

describe('params.json', () => {
  it('is consistent', () => {
    const { bits } = params;
    expect(LEAF_COUNT).toBe(2 ** bits.leafIndex);
    expect(params.chains).toBeLessThanOrEqual(2 ** bits.chainIndex);
    expect(bits.floatMantissa + bits.floatExponent).toBe(40);
    expect(bits.leafKind + bits.nonce + bits.token + bits.owner).toBeLessThan(254);
    expect(params.slots * ONCHAIN_WORDS_PER_SLOT).toBeLessThan(2 ** bits.wordCount);
  });
});

describe('leaves and roots', () => {
  it('packs meta as kind, nonce, token, owner', () => {
    const leaf = { ...emptyLeaf, kind: 1n, nonce: 2n, token: 3n, owner: 4n, balance: 5n, keyX: 6n, keyY: 7n };
    expect(leafMeta(leaf)).toBe(4n + 3n * 2n ** 160n + 2n * 2n ** 192n + 2n ** 224n);
    expect(leafHash(leaf)).toBe(poseidon([leafMeta(leaf), 5n, 6n, 7n]));
    expect(leafHash(emptyLeaf)).toBe(0n);
    for (const field of Object.keys(leaf) as (keyof typeof leaf)[]) expect(leafHash({ ...leaf, [field]: leaf[field] + 1n })).not.toBe(leafHash(leaf));
  });

  it('hashes empty subtrees level by level', () => {
    expect(emptyNodes).toHaveLength(params.depth + 1);
    expect(emptyNodes[1]).toBe(poseidon(Array.from({ length: 8 }, () => 0n)));
    expect(emptyNodes[params.depth]).toBe(emptyTreeRoot);
  });

  it('fills chain indices that are not in use with empty trees', () => {
    expect(genesisFinalRoot).toBe(poseidon(Array.from({ length: 16 }, () => emptyTreeRoot)));
    expect(finalRootOf([1n])).toBe(poseidon([1n, ...Array.from({ length: 15 }, () => emptyTreeRoot)]));
    expect(() => finalRootOf(Array.from({ length: 17 }, () => 1n))).toThrow('Too many chains');
  });
});
