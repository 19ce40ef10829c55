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
  const pool = Number(random.bits(24));
  const change = { from: leafIndex, pool, amount, shares: random.bits(128) };
  const transfer = { from: leafIndex, to: Number(random.bits(24)), amount: floorFloat40(amount), fee };
  return random.pick<PublicOperation>([
    { type: 'deposit', leafIndex, token, owner: random.bits(160), amount, ...key },
    { type: 'fullExit', leafIndex, token, owner: random.bits(160), amount, shares: random.bits(128), least: random.bits(128) },
    { type: 'withdraw', leafIndex, token, to: random.bits(160), amount, fee },
    { type: 'open', leafIndex, token, owner: random.bits(160), ...key },
    { type: 'transfer', ...transfer },
    { type: 'changeKey', leafIndex, fee, ...key },
    { type: 'collectFees', leafIndex, amount },
    { type: 'transferToNew', ...transfer, toOwner: random.bits(160), toKeyX: key.keyX, toKeyY: key.keyY },
    { type: 'openPool', leafIndex, token, peerChain: random.below(256), peerLeaf: Number(random.bits(24)) },
    { type: 'swapIn', from: leafIndex, pool, amount: floorFloat40(amount), fee },
    { type: 'swapOut', pool, to: leafIndex, amount: floorFloat40(amount) },
    { type: random.pick(['addLiquidity', 'removeLiquidity']), ...change, fee },
    { type: random.pick(['addLiquidityPeer', 'removeLiquidityPeer']), ...change, fee: 0n },
    { type: 'credit', leafIndex },
  ]);
}

describe('public data', () => {
  it('has the lengths of src/FORMATS.md', () => {
    const types = (Object.keys(params.opcodes) as (keyof typeof params.opcodes)[]).filter((type) => type !== 'noop');
    expect(Object.fromEntries(types.map((type) => [type, operationLength(type)]))).toEqual({
      deposit: 108,
      fullExit: 76,
      withdraw: 46,
      open: 92,
      transfer: 14,
      changeKey: 70,
      collectFees: 20,
      transferToNew: 98,
      openPool: 12,
      swapIn: 14,
      swapOut: 14,
      addLiquidity: 41,
      addLiquidityPeer: 41,
      removeLiquidity: 41,
      removeLiquidityPeer: 41,
      credit: 4,
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
    expect(bytesToHex(encodeOperation({ type: 'openPool', leafIndex: 0x010203, token: 7n, peerChain: 15, peerLeaf: 0x040506 }))).toBe('0x09010203000000070f040506');
    expect(bytesToHex(encodeOperation({ type: 'swapIn', from: 1, pool: 2, amount: 5n, fee: 3000n }))).toBe('0x0a00000100000200000000a02581');
    expect(bytesToHex(encodeOperation({ type: 'swapOut', pool: 1, to: 2, amount: 5n }))).toBe('0x0b00000100000200000000a00000');
    const numbers = `${'9'.padStart(32, '0')}${'8'.padStart(32, '0')}`;
    const change = { from: 1, pool: 2, amount: 9n, shares: 8n };
    for (const [type, kind] of [['addLiquidity', '0c'], ['removeLiquidity', '0e']] as const) {
      expect(bytesToHex(encodeOperation({ type, ...change, fee: 3000n }))).toBe(`0x${kind}0000010000022581${numbers}`);
    }
    for (const [type, kind] of [['addLiquidityPeer', '0d'], ['removeLiquidityPeer', '0f']] as const) {
      expect(bytesToHex(encodeOperation({ type, ...change, fee: 0n }))).toBe(`0x${kind}0000010000020000${numbers}`);
    }
    expect(bytesToHex(encodeOperation({ type: 'credit', leafIndex: 0x010203 }))).toBe('0x10010203');
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
    expect(() => decodeOperations(new Uint8Array([...bytes, 17]), 'onchain')).toThrowError(
      expect.objectContaining({ facts: { list: 'onchain', kind: 17, offset: 108 } }),
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
    [{ type: 'openPool', leafIndex: 1, token: 2n, peerChain: 3, peerLeaf: 4 }, 9],
    [{ type: 'swapIn', from: 1, pool: 2, amount: 3n, fee: 4n }, 10],
    [{ type: 'swapOut', pool: 1, to: 2, amount: 3n }, 11],
    [{ type: 'addLiquidity', from: 1, pool: 2, fee: 3n, amount: 4n, shares: 5n }, 12],
    [{ type: 'addLiquidityPeer', from: 1, pool: 2, fee: 0n, amount: 4n, shares: 5n }, 13],
    [{ type: 'removeLiquidity', from: 1, pool: 2, fee: 3n, amount: 4n, shares: 5n }, 14],
    [{ type: 'removeLiquidityPeer', from: 1, pool: 2, fee: 0n, amount: 4n, shares: 5n }, 15],
    [{ type: 'credit', leafIndex: 1 }, 16],
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
    const lengths = {
      deposit: 28, fullExit: 28, withdraw: 28, open: 28, transfer: 14, changeKey: 6, collectFees: 20, transferToNew: 14, openPool: 12, swapIn: 14, swapOut: 14,
      addLiquidity: 9, addLiquidityPeer: 9, removeLiquidity: 9, removeLiquidityPeer: 9, credit: 4,
    };
    const ranges = (Object.keys(lengths) as (keyof typeof lengths)[])
      .map((type) => {
        const [kind, below] = [BigInt(params.opcodes[type]), 8n * BigInt(lengths[type] - 1)];
        return { from: kind << below, to: (kind + 1n) << below };
      })
      .sort((a, b) => (a.from < b.from ? -1 : 1));
    expect(ranges).toHaveLength(Object.keys(params.opcodes).length - 1);
    ranges.slice(1).forEach(({ from }, i) => expect(from >= (ranges[i]?.to ?? 0n)).toBe(true));
  });

  it('refuses a fee of the second side of an order, written or read', () => {
    for (const [type, kind] of [['addLiquidityPeer', 13], ['removeLiquidityPeer', 15]] as const) {
      const change = { type, from: 1, pool: 2, amount: 4n, shares: 5n };
      expect(() => encodeOperation({ ...change, fee: 1n })).toThrowError(expect.objectContaining({ message: 'The second side of an order pays no fee', facts: expect.objectContaining({ kind, actual: 1n }) }));
      const bytes = encodeOperation({ ...change, fee: 0n });
      bytes[8] = 32;
      expect(() => decodeOperations(bytes, 'l2')).toThrowError(expect.objectContaining({ message: 'The second side of an order pays no fee', facts: expect.objectContaining({ kind, offset: 0 }) }));
      // 0 with an exponent is 0 in another form: no byte of a second side's fee is anything but 0.
      bytes[8] = 1;
      expect(() => decodeOperations(bytes, 'l2')).toThrow('The second side of an order pays no fee');
    }
    const swapOut = encodeOperation({ type: 'swapOut', pool: 1, to: 2, amount: 3n });
    for (const offset of [12, 13]) {
      const forged = new Uint8Array(swapOut);
      forged[offset] = 1;
      expect(() => decodeOperations(forged, 'l2')).toThrow('The second side of an order pays no fee');
    }
  });

  it('refuses swapped amounts without a float40 form or above any balance', () => {
    const odd = (1n << 35n) + 1n;
    expect(() => encodeOperation({ type: 'swapIn', from: 1, pool: 2, amount: odd, fee: 0n })).toThrow('no float40 form');
    expect(() => encodeOperation({ type: 'swapOut', pool: 1, to: 2, amount: odd })).toThrow('no float40 form');
    for (const kind of ['0a', '0b']) {
      expect(() => decodeOperations(`0x${kind}000001000002ffffffffff0000`, 'l2')).toThrow('Transferred amount is larger than any balance');
    }
  });

  it('refuses fields of the AMM that do not fit', () => {
    const change = { type: 'addLiquidity', from: 1, pool: 2, fee: 3n, amount: 4n, shares: 5n } as const;
    for (const field of ['amount', 'shares'] as const) expect(() => encodeOperation({ ...change, [field]: 1n << 128n })).toThrow('does not fit');
    for (const field of ['from', 'pool'] as const) expect(() => encodeOperation({ ...change, [field]: 2 ** 24 })).toThrow('does not fit');
    expect(() => encodeOperation({ ...change, fee: 2049n })).toThrow('no float16 form');
    expect(() => encodeOperation({ type: 'openPool', leafIndex: 1, token: 1n, peerChain: 256, peerLeaf: 1 })).toThrow('does not fit');
    expect(() => encodeOperation({ type: 'openPool', leafIndex: 1, token: 1n << 32n, peerChain: 1, peerLeaf: 1 })).toThrow('does not fit');
    expect(() => encodeOperation({ type: 'openPool', leafIndex: 1, token: 1n, peerChain: 1, peerLeaf: 2 ** 24 })).toThrow('does not fit');
    expect(() => encodeOperation({ type: 'credit', leafIndex: 2 ** 24 })).toThrow('does not fit');
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
