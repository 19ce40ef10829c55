import { describe, expect, it } from 'vitest';
import { Random } from '../test/random.ts';
import { ceilFloat16, decodeFloat16, encodeFloat16, floorFloat16, MAX_FEE, nearestFloat16, tryEncodeFloat16 } from './float16.ts';

describe('float16', () => {
  it('gives back the value of every one of its 65,536 forms, with the smallest exponent', () => {
    let shortest = 0;
    for (let encoded = 0n; encoded < 1n << 16n; encoded++) {
      const value = decodeFloat16(encoded);
      expect(value).toBe((encoded >> 5n) * 10n ** (encoded & 31n));
      const written = encodeFloat16(value);
      if (decodeFloat16(written) !== value || (written & 31n) > (encoded & 31n)) expect.unreachable(`form ${encoded}`);
      if (written === encoded) shortest++;
    }
    // Of 2048 mantissas, 205 (0 among them) are a tenth of another: their forms above exponent 0 are not the shortest.
    expect(shortest).toBe(2048 + 31 * (2048 - 205));
  });

  it('reaches 2047 · 10^31 and no more', () => {
    expect(MAX_FEE).toBe(2047n * 10n ** 31n);
    expect(encodeFloat16(MAX_FEE)).toBe(0xffffn);
    expect(tryEncodeFloat16(MAX_FEE + 10n ** 31n)).toBeNull();
    expect(() => decodeFloat16(1n << 16n)).toThrow('Not a float16');
    expect(() => decodeFloat16(-1n)).toThrow('Not a float16');
  });

  it.each([
    [2047n, 2047n, 2047n],
    [2048n, 2047n, 2050n],
    [2049n, 2047n, 2050n],
    [2051n, 2050n, 2060n],
    [20_470n, 20_470n, 20_470n],
    [20_471n, 20_470n, 20_500n],
    [MAX_FEE - 1n, 2046n * 10n ** 31n, MAX_FEE],
  ])('rounds %s to %s and %s', (fee, below, above) => {
    expect([floorFloat16(fee), ceilFloat16(fee)]).toEqual([below, above]);
  });

  it('rounds to the nearest of all values that have a form', () => {
    const random = new Random(20, 'float16 rounding');
    for (let i = 0; i < 500; i++) {
      // Half of them beside the end of a unit's range, where the next unit takes over.
      const amount = i % 2 === 0 ? random.bits(1 + random.below(114)) : 2048n * 10n ** BigInt(random.below(20)) + BigInt(random.below(41)) - 20n;
      let [below, above]: [bigint, bigint | null] = [0n, null];
      for (let exponent = 0n; exponent < 32n; exponent++) {
        const unit = 10n ** exponent;
        const under = amount / unit < 2048n ? (amount / unit) * unit : 2047n * unit;
        const over = ((amount + unit - 1n) / unit) * unit;
        if (under > below) below = under;
        if (over / unit < 2048n && (above === null || over < above)) above = over;
      }
      if (above === null) continue;
      expect([floorFloat16(amount), ceilFloat16(amount)], `${amount}`).toEqual([below, above]);
      expect(tryEncodeFloat16(amount) !== null).toBe(below === amount);
    }
  });

  it('refuses other fees and says what to use', () => {
    expect(() => encodeFloat16(2049n)).toThrowError(expect.objectContaining({ message: 'Fee has no float16 form', facts: { amount: 2049n }, hint: 'Use 2047 or 2050.' }));
    expect(() => encodeFloat16(MAX_FEE + 1n)).toThrowError(expect.objectContaining({ hint: `Use at most ${MAX_FEE}.` }));
    expect(() => encodeFloat16(-1n)).toThrowError(expect.objectContaining({ hint: 'Use 0 or more.' }));
    expect(nearestFloat16(2049n)).toBe('Use 2047 or 2050.');
    expect(() => ceilFloat16(MAX_FEE + 1n)).toThrow('above the largest float16');
    expect(() => ceilFloat16(-1n)).toThrow('negative');
    expect(() => floorFloat16(-1n)).toThrow('negative');
    expect(floorFloat16(1n << 128n)).toBe(MAX_FEE);
  });
});
