import { describe, expect, test } from 'vitest';

import { decodeL2Address, encodeL2Address, isL2Address, type RollupUser } from './address.ts';
import { checkFloat40, formatAmount, parseAmount } from './amount.ts';

const user: RollupUser = {
  owner: '0x15d34AAf54267DB7D7c367839AAf71A00a2C6A65',
  keyX: 5299619240641551281634865583518297030282874472190772894086521144482721001553n,
  keyY: 16950150798460657717958625567821834550301663161624707787222815936182638968203n,
};

describe('L2 address', () => {
  test('is read back as it was written', () => {
    const text = encodeL2Address(user);
    expect(text).toMatch(/^l2:[0-9a-f]{176}$/);
    expect(decodeL2Address(text)).toEqual(user);
    expect(decodeL2Address(`l2:${text.slice(3).toUpperCase()}`)).toEqual(user);
    expect(isL2Address(text)).toBe(true);
    expect(isL2Address(user.owner)).toBe(false);
  });

  test('any changed digit is noticed', () => {
    const text = encodeL2Address(user);
    for (let i = 3; i < text.length; i += 1) {
      const changed = `${text.slice(0, i)}${text[i] === '0' ? '1' : '0'}${text.slice(i + 1)}`;
      expect(() => decodeL2Address(changed), `digit ${i}`).toThrow(/checksum/);
    }
  });

  test('malformed texts are refused', () => {
    const text = encodeL2Address(user);
    expect(() => decodeL2Address(user.owner)).toThrow(/not an L2 address/);
    expect(() => decodeL2Address(text.slice(0, -1))).toThrow(/not complete/);
    expect(() => decodeL2Address(`${text.slice(0, -1)}g`)).toThrow(/hex digits/);
  });

  test('a key outside the field and the zero owner are refused', () => {
    expect(() => encodeL2Address({ ...user, keyX: 1n << 255n })).toThrow(/keyX is not a field element/);
    expect(() => encodeL2Address({ ...user, owner: '0x0000000000000000000000000000000000000000' })).toThrow(/owner/);
  });
});

describe('amounts', () => {
  test('are exact', () => {
    expect(parseAmount({ text: '1.5', decimals: 18 })).toBe(1_500_000_000_000_000_000n);
    expect(parseAmount({ text: '.5', decimals: 1 })).toBe(5n);
    expect(parseAmount({ text: '20', decimals: 0 })).toBe(20n);
    expect(parseAmount({ text: '1.10', decimals: 1 })).toBe(11n);
    expect(formatAmount(1_500_000_000_000_000_000n, 18)).toBe('1.5');
  });

  test('what is not an amount is refused', () => {
    for (const text of ['', '.', 'one', '-1', '1e3', '1,5', '0x10', '1.2.3']) expect(() => parseAmount({ text, decimals: 18 }), text).toThrow(/decimal number/);
    expect(() => parseAmount({ text: '1.23', decimals: 1, symbol: 'TST' })).toThrow(/TST has 1 decimals/);
    expect(() => parseAmount({ text: '0.0', decimals: 18 })).toThrow(/greater than zero/);
    expect(() => parseAmount({ text: (1n << 128n).toString(), decimals: 0 })).toThrow(/2\^128/);
  });

  test('a transfer carries about ten significant digits; the nearest amounts are named', () => {
    const check = (text: string): void => checkFloat40({ amount: parseAmount({ text, decimals: 18 }), decimals: 18, symbol: 'ETH' });
    for (const text of ['1', '0.3', '1.234567890', '123456.7890']) expect(() => check(text), text).not.toThrow();
    expect(() => check('1.23456789012345')).toThrow(/cannot carry exactly/);
    try {
      check('4.23456789067');
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ facts: { 'nearest below': '4.23456789 ETH', 'nearest above': '4.234567891 ETH' }, hint: expect.stringContaining('Send 4.234567891') as string });
    }
  });
});
