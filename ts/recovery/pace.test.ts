import { expect, test } from 'vitest';
import type { PublicOperation } from '../spec/operation.ts';
import { encodeOperations } from '../spec/pubdata.ts';
import { countOperations, Pace } from './pace.ts';

test('says how far it is, how long it will take, and not too often', () => {
  const lines: [string, number | undefined][] = [];
  let now = 0;
  const pace = new Pace({ from: 100, to: 300, progress: { report: (line, fraction) => lines.push([line, fraction]) }, now: () => now });
  for (const [time, blockNumber] of [[500, 101], [1_000, 102], [1_500, 103], [20_000, 150], [20_001, 300]] as const) {
    now = time;
    pace.advance(blockNumber, 10);
  }
  expect(lines).toEqual([
    ['block 102 of 300 replayed, 20 operations, 1 min 39 s left', 0.01],
    ['block 150 of 300 replayed, 40 operations, 1 min 0 s left', 0.25],
    ['block 300 of 300 replayed, 50 operations, 0 s left', 1],
  ]);
  expect(pace.operations).toBe(50);
});

test('operations are counted by their kinds', () => {
  const operations: PublicOperation[] = [
    { type: 'deposit', leafIndex: 0, token: 1n, owner: 1n, amount: 5n, keyX: 5n, keyY: 1n },
    { type: 'transfer', from: 0, to: 1, amount: 5n, fee: 1n },
    { type: 'fullExit', leafIndex: 0, owner: 1n, token: 1n, amount: 5n, shares: 0n, least: 0n },
    { type: 'credit', leafIndex: 9 },
  ];
  expect(countOperations([encodeOperations(operations), encodeOperations([])])).toBe(4);
});
