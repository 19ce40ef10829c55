import { describe, expect, it } from 'vitest';
import { Random } from '../test/random.ts';
import { FIELD } from './field.ts';
import { floorFloat16, MAX_FEE } from './float16.ts';
import { floorFloat40 } from './float40.ts';
import { bytesToHex, hexToBytes } from './hex.ts';
import { isOnchain, type PublicOperation } from './operation.ts';
import { MAX_BALANCE, params } from './params.ts';
import { decodeOperations, encodeOperation, encodeOperations, operationLength, operationWords, wordsOfData } from './pubdata.ts';

function randomOperation(random: Random): PublicOperation {
  const leafIndex = Number(random.bits(24));
  const token = random.bits(32);
  const amount = random.bits(128);
  const key = { keyX: random.field(), keyY: random.field() };
  const fee = floorFloat16(random.bits(random.below(114)));
  const transfer = { from: leafIndex, to: Number(random.bits(24)), amount: floorFloat40(amount), fee };
  return random.pick<PublicOperation>([
    { type: 'deposit', leafIndex, token, owner: random.bits(160), amount, ...key },
    { type: 'fullExit', leafIndex, token, owner: random.bits(160), amount },
    { type: 'withdraw', leafIndex, token, to: random.bits(160), amount, fee },
    { type: 'open', leafIndex, token, owner: random.bits(160), ...key },
    { type: 'transfer', ...transfer },
    { type: 'changeKey', leafIndex, fee, ...key },
    { type: 'collectFees', leafIndex, amount },
    { type: 'transferToNew', ...transfer, toOwner: random.bits(160), toKeyX: key.keyX, toKeyY: key.keyY },
  ]);
}

describe('public data', () => {
  it('has the lengths of src/FORMATS.md', () => {
    const types = (Object.keys(params.opcodes) as (keyof typeof params.opcodes)[]).filter((type) => type !== 'noop');
    expect(Object.fromEntries(types.map((type) => [type, operationLength(type)]))).toEqual({
      deposit: 108,
      fullExit: 44,
      withdraw: 46,
      open: 92,
      transfer: 14,
      changeKey: 70,
      collectFees: 20,
      transferToNew: 98,
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
      `0x0300000100000002${owner}${'9'.padStart(32, '0')}0060`,
    );
    expect(bytesToHex(encodeOperation({ type: 'transfer', from: 1, to: 0xffffff, amount: 5n, fee: 0n }))).toBe('0x05000001ffffff00000000a00000');
    // A fee of 3000: mantissa 300, exponent 1.
    expect(bytesToHex(encodeOperation({ type: 'transfer', from: 1, to: 2, amount: 5n, fee: 3000n }))).toBe('0x0500000100000200000000a02581');
    expect(bytesToHex(encodeOperation({ type: 'changeKey', leafIndex: 0x010203, fee: 2n, ...key }))).toBe(`0x060102030040${word('aa')}${word('bb')}`);
    expect(bytesToHex(encodeOperation({ type: 'collectFees', leafIndex: 0x010203, amount: 9n }))).toBe(`0x07010203${'9'.padStart(32, '0')}`);
    expect(
      bytesToHex(encodeOperation({ type: 'transferToNew', from: 1, to: 2, amount: 5n, fee: 2n, toOwner: BigInt(`0x${owner}`), toKeyX: 0xaan, toKeyY: 0xbbn })),
    ).toBe(`0x0800000100000200000000a00040${owner}${word('aa')}${word('bb')}`);
    expect(encodeOperation({ type: 'noop' })).toHaveLength(0);
    expect(operationWords({ type: 'noop' })).toEqual([]);
  });

  it('decodes what it encodes, in order, with equal words', () => {
    const random = new Random(3, 'public data');
    for (let round = 0; round < 60; round++) {
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

  it.each<[PublicOperation, number]>([
    [{ type: 'changeKey', leafIndex: 1, fee: 2n, keyX: 3n, keyY: 4n }, 6],
    [{ type: 'collectFees', leafIndex: 1, amount: 2n }, 7],
    [{ type: 'transferToNew', from: 1, to: 2, amount: 3n, fee: 4n, toOwner: 5n, toKeyX: 6n, toKeyY: 7n }, 8],
  ])('refuses %o cut anywhere and in the on-chain list', (operation, kind) => {
    const bytes = encodeOperation(operation);
    for (let length = 1; length < bytes.length; length++) {
      expect(() => decodeOperations(bytes.slice(0, length), 'l2')).toThrowError(
        expect.objectContaining({ message: 'Truncated operation in public data', facts: expect.objectContaining({ kind, expectedLength: bytes.length, actualLength: length }) }),
      );
    }
    expect(() => decodeOperations(bytes, 'onchain')).toThrowError(expect.objectContaining({ facts: { list: 'onchain', kind, offset: 0 } }));
  });

  it('refuses new keys that are not field elements', () => {
    const outside = hexToBytes(`0x${FIELD.toString(16).padStart(64, '0')}`);
    const changeKey = encodeOperation({ type: 'changeKey', leafIndex: 1, fee: 2n, keyX: 3n, keyY: 4n });
    const toNew = encodeOperation({ type: 'transferToNew', from: 1, to: 2, amount: 3n, fee: 4n, toOwner: 5n, toKeyX: 6n, toKeyY: 7n });
    for (const [bytes, offset] of [[changeKey, 6], [changeKey, 38], [toNew, 34], [toNew, 66]] as const) {
      const forged = new Uint8Array(bytes);
      forged.set(outside, offset);
      expect(() => decodeOperations(forged, 'l2')).toThrowError(expect.objectContaining({ facts: expect.objectContaining({ offset, word: FIELD }) }));
    }
  });

  it('has no two kinds whose first words could be equal', () => {
    const ranges = (Object.keys(params.opcodes) as (keyof typeof params.opcodes)[])
      .filter((type) => type !== 'noop')
      .map((type) => {
        const bits = { deposit: 216n, fullExit: 216n, withdraw: 216n, open: 216n, transfer: 104n, changeKey: 40n, collectFees: 152n, transferToNew: 104n }[type];
        return { from: BigInt(params.opcodes[type]) << bits, to: (BigInt(params.opcodes[type]) + 1n) << bits };
      })
      .sort((a, b) => (a.from < b.from ? -1 : 1));
    ranges.slice(1).forEach(({ from }, i) => expect(from >= (ranges[i]?.to ?? 0n)).toBe(true));
  });

  it('holds the largest fee, and refuses fees without a float16 form', () => {
    const largest: PublicOperation = { type: 'changeKey', leafIndex: 1, fee: MAX_FEE, keyX: 3n, keyY: 4n };
    expect(decodeOperations(encodeOperation(largest), 'l2')).toEqual([largest]);
    expect(MAX_FEE <= MAX_BALANCE).toBe(true);
    for (const fee of [2049n, -1n, MAX_FEE + 1n]) {
      expect(() => encodeOperation({ ...largest, fee })).toThrow('no float16 form');
      expect(() => encodeOperation({ type: 'withdraw', leafIndex: 1, token: 1n, to: 1n, amount: 1n, fee })).toThrow('no float16 form');
      expect(() => encodeOperation({ type: 'transfer', from: 1, to: 1, amount: 1n, fee })).toThrow('no float16 form');
      expect(() => encodeOperation({ type: 'transferToNew', from: 1, to: 1, amount: 1n, fee, toOwner: 1n, toKeyX: 1n, toKeyY: 1n })).toThrow('no float16 form');
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
    expect(() => decodeOperations(`0x08000001000002ffffffffff0000${'00'.repeat(84)}`, 'l2')).toThrowError(
      expect.objectContaining({ message: 'Transferred amount is larger than any balance', facts: expect.objectContaining({ kind: 8, offset: 0 }) }),
    );
    expect(() => encodeOperation({ type: 'collectFees', leafIndex: 1, amount: 1n << 128n })).toThrow('does not fit');
  });
});
