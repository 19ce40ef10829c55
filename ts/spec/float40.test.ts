import { describe, expect, it } from 'vitest';
import { Random } from '../test/random.ts';
import { decodeFloat40, encodeFloat40, floorFloat40, tryEncodeFloat40 } from './float40.ts';

const MANTISSA_MAX = (1n << 35n) - 1n;

describe('float40', () => {
  it('keeps every mantissa and exponent through a round trip', () => {
    const random = new Random(1, 'float40');
    for (let i = 0; i < 500; i++) {
      const amount = random.bits(35) * 10n ** BigInt(random.below(32));
      expect(decodeFloat40(encodeFloat40(amount))).toBe(amount);
    }
  });

  it('writes the smallest exponent', () => {
    expect(encodeFloat40(0n)).toBe(0n);
    expect(encodeFloat40(1000n)).toBe(1000n << 5n);
    expect(encodeFloat40(MANTISSA_MAX)).toBe(MANTISSA_MAX << 5n);
    const mantissa = 3n * 10n ** 9n + 1n;
    // 3000000001 · 10 still fits 35 bits, · 100 does not.
    expect(encodeFloat40(mantissa * 100n)).toBe(((mantissa * 10n) << 5n) | 1n);
  });

  it('reads forms that it would not write', () => {
    expect(decodeFloat40((1n << 5n) | 3n)).toBe(1000n);
  });

  it('refuses amounts without an exact form and names the nearest lower one', () => {
    const amount = (1n << 35n) + 1n;
    expect(tryEncodeFloat40(amount)).toBeNull();
    expect(tryEncodeFloat40(-1n)).toBeNull();
    expect(tryEncodeFloat40((MANTISSA_MAX + 1n) * 10n ** 31n + 10n ** 31n)).toBeNull();
    expect(() => encodeFloat40(amount)).toThrowError(expect.objectContaining({ facts: { amount }, hint: 'Use 34359738367 or 34359738370.' }));
  });

  it('floors to an amount that has a form', () => {
    const random = new Random(2, 'float40 floor');
    for (let i = 0; i < 500; i++) {
      const amount = random.bits(1 + random.below(128));
      const floor = floorFloat40(amount);
      expect(floor <= amount && amount - floor <= amount / 10n ** 9n).toBe(true);
      expect(tryEncodeFloat40(floor)).not.toBeNull();
      if (tryEncodeFloat40(amount) !== null) expect(floor).toBe(amount);
    }
    expect(floorFloat40(1n << 160n)).toBe(MANTISSA_MAX * 10n ** 31n);
    expect(() => floorFloat40(-1n)).toThrow('negative');
  });

  it('refuses more than 40 bits', () => {
    expect(() => decodeFloat40(1n << 40n)).toThrow('Not a float40');
    expect(() => decodeFloat40(-1n)).toThrow('Not a float40');
  });
});
