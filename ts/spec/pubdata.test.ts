import { describe, expect, it } from 'vitest';
import { Random } from '../test/random.ts';
import { FIELD } from './field.ts';
import { floorFloat40 } from './float40.ts';
import { bytesToHex, hexToBytes } from './hex.ts';
import { isOnchain, type PublicOperation } from './operation.ts';
import { decodeOperations, encodeOperation, encodeOperations, operationLength, operationWords, wordsOfData } from './pubdata.ts';

function randomOperation(random: Random): PublicOperation {
  const leafIndex = Number(random.bits(24));
  const token = random.bits(32);
  const amount = random.bits(128);
  const key = { keyX: random.field(), keyY: random.field() };
  const fee = random.bits(16);
  return random.pick<PublicOperation>([
    { type: 'deposit', leafIndex, token, owner: random.bits(160), amount, ...key },
    { type: 'fullExit', leafIndex, token, owner: random.bits(160), amount },
    { type: 'withdraw', leafIndex, token, to: random.bits(160), amount, fee },
    { type: 'open', leafIndex, token, owner: random.bits(160), ...key },
    { type: 'transfer', from: leafIndex, to: Number(random.bits(24)), amount: floorFloat40(amount), fee },
  ]);
}

describe('public data', () => {
  it('has the lengths of src/FORMATS.md', () => {
    expect(Object.fromEntries((['deposit', 'fullExit', 'withdraw', 'open', 'transfer'] as const).map((t) => [t, operationLength(t)]))).toEqual({
      deposit: 108,
      fullExit: 44,
      withdraw: 46,
      open: 92,
      transfer: 14,
    });
  });

  it('lays out bytes as src/FORMATS.md does', () => {
    const key = { keyX: 0xaan, keyY: 0xbbn };
    const word = (value: string): string => value.padStart(64, '0');
    const owner = '1122334455667788990011223344556677889900';
    expect(bytesToHex(encodeOperation({ type: 'deposit', leafIndex: 0x010203, token: 7n, owner: BigInt(`0x${owner}`), amount: 9n, ...key }))).toBe(
      `0x0101020300000007${owner}${'9'.padStart(32, '0')}${word('aa')}${word('bb')}`,
    );
    expect(bytesToHex(encodeOperation({ type: 'withdraw', leafIndex: 1, token: 2n, to: BigInt(`0x${owner}`), amount: 9n, fee: 3n }))).toBe(
      `0x0300000100000002${owner}${'9'.padStart(32, '0')}0003`,
    );
    expect(bytesToHex(encodeOperation({ type: 'transfer', from: 1, to: 0xffffff, amount: 5n, fee: 0n }))).toBe('0x05000001ffffff00000000a00000');
    expect(encodeOperation({ type: 'noop' })).toHaveLength(0);
    expect(operationWords({ type: 'noop' })).toEqual([]);
  });

  it('decodes what it encodes, in order, with equal words', () => {
    const random = new Random(3, 'public data');
    for (let round = 0; round < 40; round++) {
      const operations = Array.from({ length: random.below(12) }, () => randomOperation(random));
      const { onchainData, l2Data } = encodeOperations(operations);
      expect(decodeOperations(onchainData, 'onchain')).toEqual(operations.filter(isOnchain));
      expect(decodeOperations(l2Data, 'l2')).toEqual(operations.filter((o) => !isOnchain(o)));
      expect(wordsOfData(onchainData, 'onchain')).toEqual(operations.filter(isOnchain).flatMap(operationWords));
      expect(wordsOfData(l2Data, 'l2')).toEqual(operations.filter((o) => !isOnchain(o)).flatMap(operationWords));
    }
  });

  const deposit: PublicOperation = { type: 'deposit', leafIndex: 1, token: 1n, owner: 2n, amount: 3n, keyX: 4n, keyY: 5n };

  it('refuses kinds that are not of the list, with kind and offset', () => {
    const bytes = encodeOperation(deposit);
    expect(() => decodeOperations(bytes, 'l2')).toThrowError(expect.objectContaining({ facts: { list: 'l2', kind: 1, offset: 0 } }));
    expect(() => decodeOperations(new Uint8Array([...bytes, 9]), 'onchain')).toThrowError(
      expect.objectContaining({ facts: { list: 'onchain', kind: 9, offset: 108 } }),
    );
    expect(() => decodeOperations('0x00', 'onchain')).toThrow('Unknown operation');
  });

  it('refuses a list that ends inside an operation', () => {
    const bytes = encodeOperation(deposit);
    for (let length = 1; length < bytes.length; length++) {
      expect(() => decodeOperations(bytes.slice(0, length), 'onchain')).toThrowError(
        expect.objectContaining({
          message: 'Truncated operation in public data',
          facts: { list: 'onchain', kind: 1, type: 'deposit', offset: 0, expectedLength: 108, actualLength: length },
        }),
      );
    }
  });

  it('refuses words that are not field elements', () => {
    const bytes = encodeOperation(deposit);
    bytes.set(hexToBytes(`0x${FIELD.toString(16).padStart(64, '0')}`), 44);
    expect(() => wordsOfData(bytes, 'onchain')).toThrowError(expect.objectContaining({ facts: expect.objectContaining({ offset: 44, word: FIELD }) }));
  });

  it('refuses fields that do not fit and amounts that no transfer can have', () => {
    expect(() => encodeOperation({ ...deposit, owner: 1n << 160n })).toThrow('does not fit');
    expect(() => encodeOperation({ ...deposit, amount: -1n })).toThrow('does not fit');
    // mantissa 2^35-1, exponent 31: above 2^128
    expect(() => decodeOperations('0x05000001000002ffffffffff0000', 'l2')).toThrowError(
      expect.objectContaining({ message: 'Transferred amount is larger than any balance', facts: expect.objectContaining({ kind: 5, offset: 0 }) }),
    );
  });
});
