import { beforeAll, describe, expect, it } from 'vitest';
import { SegmentHarness, LEAF, deposit, fullExit, open, testLedger, transfer, users, withdraw } from './segmentHarness.ts';
import type { OperationRequest } from '../../spec/operation.ts';

describe('segment', () => {
  let segment: SegmentHarness;
  beforeAll(async () => {
    segment = await SegmentHarness.load();
  });

  const honest: Record<string, () => OperationRequest[]> = {
    'deposit into an empty leaf': () => [deposit(users.carol, LEAF.empty)],
    'deposit into the own leaf': () => [deposit(users.bob, LEAF.bob)],
    'full exit by the owner': () => [fullExit(users.bob, LEAF.bob)],
    'full exit by another': () => [fullExit(users.alice, LEAF.bob)],
    'full exit of an empty leaf': () => [fullExit(users.alice, LEAF.empty)],
    'full exit of a pool leaf': () => [fullExit(users.dave, LEAF.pool)],
    withdraw: () => [withdraw()],
    open: () => [open(users.carol, LEAF.empty)],
    transfer: () => [transfer()],
    'transfer to oneself': () => [transfer({ to: LEAF.alice }, users.alice, users.alice)],
    'two transfers': () => [transfer(), transfer({ from: LEAF.bob, to: LEAF.alice, nonce: 0n, amount: 1700n }, users.bob, users.alice)],
    'open, then transfer to it': () => [open(users.carol, LEAF.empty), transfer({ to: LEAF.empty }, users.alice, users.carol)],
  };
  for (const [name, operations] of Object.entries(honest)) {
    it(`accepts: ${name}`, () => {
      expect(segment.tester.violations(segment.honest(operations(), testLedger()))).toEqual([]);
    });
  }
});
