import { expect, test } from 'vitest';
import { sharesOf } from './pairs.ts';
import { leastOfExit } from './leastOfExit.ts';
import type { LeafRecord, PairRecord } from './sequencerApi.ts';

const pair: PairRecord = [
  { chainIndex: 0, leafIndex: 2, token: 2, reserve: 4000n, totalShares: 2000n },
  { chainIndex: 1, leafIndex: 2, token: 1, reserve: 700n, totalShares: 2000n },
];

const asked = async (leaf: Pick<LeafRecord, 'token' | 'balance'> | undefined, { chainIndex = 0, slippage }: { chainIndex?: number; slippage?: bigint } = {}) => {
  const record = leaf && { ...leaf, chainIndex, leafIndex: 5, nonce: 0, nextNonce: 0, keyX: 0n, keyY: 0n, nextKeyX: 0n, nextKeyY: 0n };
  const api = { getLeaf: async () => record, getPools: async () => [pair] };
  return await leastOfExit({ api, chainIndex, leafIndex: 5, ...(slippage === undefined ? {} : { slippage }) });
};

test('of coins whatever there is will do: nobody else changes it', async () => {
  expect(await asked({ token: 2, balance: 50n })).toEqual({ token: 2, worth: 50n, least: 0n });
  expect(await asked(undefined)).toEqual({ token: undefined, worth: 0n, least: 0n });
});

test('of shares what slippage leaves of their present worth, in the token of their own half', async () => {
  const token = sharesOf(pair[0]);
  expect(await asked({ token, balance: 900n })).toEqual({ token: 2, worth: 1800n, least: 1791n });
  expect(await asked({ token, balance: 900n }, { chainIndex: 1, slippage: 1000n })).toEqual({ token: 1, worth: 315n, least: 283n });
  expect(await asked({ token, balance: 900n }, { slippage: 0n })).toMatchObject({ least: 1800n });
});

test('shares of a pool that the sequencer does not name are refused', async () => {
  await expect(asked({ token: sharesOf({ leafIndex: 9 }), balance: 1n })).rejects.toThrow('The pool of these shares is not known');
});
