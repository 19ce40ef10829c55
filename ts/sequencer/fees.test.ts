import { describe, expect, it } from 'vitest';
import { checkFeeOptions, minimumFee, parseMinimumFees } from './fees.ts';
import { operator } from './testSupport.ts';

const zero = '0x0000000000000000000000000000000000000000';
const tokens = [{ token: 1, symbol: 'ETH', decimals: 3, address: zero }, { token: 2, symbol: 'TST', decimals: 0, address: zero }] as const;
const deployment = { chains: [{ tokens: [...tokens] }] } as unknown as Parameters<typeof parseMinimumFees>[1];

describe('minimum fees', () => {
  it('are read from texts: one for every kind, one for one kind before it', () => {
    const fees = parseMinimumFees(['ETH=0.005', 'withdraw:eth=0.007', 'changeKey:2=3'], deployment);
    const of = (kind: 'transfer' | 'withdraw' | 'changeKey', token: bigint) => minimumFee(fees, { kind, token });
    expect([of('transfer', 1n), of('withdraw', 1n), of('changeKey', 1n), of('changeKey', 2n), of('transfer', 2n)]).toEqual([5n, 7n, 5n, 3n, 0n]);
    expect(parseMinimumFees(['withdraw:ETH=0', 'ETH=0.005'], deployment).find(({ kind }) => kind === 'withdraw')?.amount).toBe(0n);
    expect(parseMinimumFees([], deployment)).toEqual([]);
  });

  it.each([
    ['ETH', 'not understood'], ['=1', 'not understood'], ['deposit:ETH=1', 'not understood'], ['BTC=1', 'no chain has'],
    ['ETH=-1', 'decimal number'], ['ETH=0.0001', 'decimals'],
  ])('%s is refused', (text, message) => {
    expect(() => parseMinimumFees([text], deployment)).toThrow(message);
  });

  it('cannot be given twice', () => {
    expect(() => parseMinimumFees(['ETH=1', 'ETH=2'], deployment)).toThrow('twice');
    expect(() => checkFeeOptions({ operator, fees: [{ kind: 'transfer', token: 1, amount: 1n }, { kind: 'transfer', token: 1, amount: 2n }] })).toThrow('twice');
  });

  it('must be payable, to an operator that can sign', () => {
    expect(() => checkFeeOptions({ operator, fees: [{ kind: 'transfer', token: 1, amount: 2047n }] })).not.toThrow();
    expect(() => checkFeeOptions({ operator, fees: [{ kind: 'transfer', token: 1, amount: 20_481n }] })).toThrow('can carry');
    expect(() => checkFeeOptions({ operator: { ...operator, keyX: 5n }, fees: [] })).toThrow('operator');
    expect(() => checkFeeOptions({ operator: { ...operator, owner: 0n }, fees: [] })).toThrow('operator');
  });
});
