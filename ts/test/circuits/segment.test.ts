import { beforeAll, describe, expect, it } from 'vitest';
import type { OperationRequest } from '../../spec/operation.ts';
import { emptyTreeRoot } from '../../spec/roots.ts';
import { evaluateWords } from '../../spec/field.ts';
import { operationWords } from '../../spec/pubdata.ts';
import { isOnchain } from '../../spec/operation.ts';
import type { LedgerState } from '../../state/ledger.ts';
import { SegmentHarness, headerOf, sealedTrace } from './segmentHarness.ts';
import { CHAIN_INDEX, LEAF, TIMESTAMP, deposit, fullExit, open, transfer, users, withdraw, world } from './world.ts';

const MAX = 2n ** 128n - 1n;
/** Largest float40 with 28 trailing zeros below 2^128. */
const LARGE = 34_028_236_692n * 10n ** 28n;

interface Honest {
  operations: OperationRequest[];
  state?: LedgerState;
}

const one: Record<string, Honest> = {
  'deposit into an empty leaf': { operations: [deposit(users.carol, LEAF.empty)] },
  "deposit into the user's own leaf": { operations: [deposit(users.bob, LEAF.bob)] },
  'deposit to a key that is not on the curve': { operations: [deposit(users.carol, LEAF.empty, { keyX: 1n, keyY: 1n })] },
  'deposit of the largest amount': { operations: [deposit(users.carol, LEAF.empty, { amount: MAX })] },
  'deposit of nothing': { operations: [deposit(users.carol, LEAF.empty, { amount: 0n })] },
  'full exit by the owner': { operations: [fullExit(users.bob, LEAF.bob)] },
  'full exit of a key that is not on the curve': { operations: [fullExit(users.bob, LEAF.bob)], state: world({ bob: { keyX: 1n, keyY: 1n } }) },
  'full exit by another, which pays nothing': { operations: [fullExit(users.alice, LEAF.bob)] },
  'full exit of an empty leaf, which pays nothing': { operations: [fullExit(users.alice, LEAF.empty)] },
  "full exit of the owner's pool leaf, which pays nothing": { operations: [fullExit(users.dave, LEAF.pool)] },
  withdraw: { operations: [withdraw()] },
  'withdraw of the whole balance in the last second': { operations: [withdraw({ amount: 1_000_000n, validUntil: TIMESTAMP })] },
  'withdraw with the last nonce': { operations: [withdraw({ nonce: 2n ** 32n - 2n })], state: world({ alice: { nonce: 2n ** 32n - 2n } }) },
  open: { operations: [open(users.carol, LEAF.empty)] },
  transfer: { operations: [transfer()] },
  'transfer of nothing': { operations: [transfer({ amount: 0n })] },
  'transfer of the largest float': { operations: [transfer({ amount: LARGE })], state: world({ alice: { balance: MAX }, bob: { balance: MAX - LARGE } }) },
  'transfer to oneself': { operations: [transfer({ to: LEAF.alice }, { receiver: users.alice })] },
};

const two: Record<string, Honest> = {
  'one operation, padded': { operations: [withdraw()] },
  'one operation that opens leaf 0, padded': { operations: [deposit(users.alice, 0)], state: emptyWorld() },
  'a transfer that depends on one before': {
    operations: [transfer(), transfer({ from: LEAF.bob, to: LEAF.alice, nonce: 0n, amount: 1700n }, { signer: users.bob, receiver: users.alice })],
  },
  'open, then transfer to it': { operations: [open(users.carol, LEAF.empty), transfer({ to: LEAF.empty }, { receiver: users.carol })] },
  'deposit, then full exit of it': { operations: [deposit(users.carol, LEAF.empty), fullExit(users.carol, LEAF.empty)] },
  'an L2 operation between on-chain words': { operations: [open(users.carol, LEAF.empty), withdraw()] },
};

function emptyWorld(): LedgerState {
  const state = world();
  return state.withChain(CHAIN_INDEX, state.chain(0));
}

for (const [slots, cases] of [
  [1, one],
  [2, two],
] as const) {
  describe(`segment of ${slots} slot${slots > 1 ? 's' : ''} accepts`, () => {
    let segment: SegmentHarness;
    beforeAll(async () => {
      segment = await SegmentHarness.load({ slots });
    });

    for (const [name, { operations, state }] of Object.entries(cases)) {
      it(name, () => {
        const trace = sealedTrace(operations, state);
        const witness = segment.consistent(segment.inputs(trace));
        expect(segment.violatedPlaces(witness)).toEqual([]);

        // It publishes what the twin of ts/spec publishes.
        const words = segment.words(witness);
        expect(words.header).toEqual(headerOf(trace, words.header[6] ?? 0n));
        const done = trace.slots.map(({ operation }) => operation);
        const emitted = (onchain: boolean): bigint[] => done.filter((o) => isOnchain(o) === onchain).flatMap((o) => operationWords(o));
        expect(words.onchain).toEqual(emitted(true));
        expect(words.l2).toEqual(emitted(false));
        const [, , r = 0n, y1, y2] = witness.slice(1, 6);
        expect([y1, y2]).toEqual([evaluateWords([...words.header, ...words.onchain], r), evaluateWords(words.l2, r)]);
      });
    }
  });
}

it('starts from the empty tree of ts/spec', () => {
  expect(sealedTrace([deposit(users.alice, 0)], emptyWorld()).rootIn).toBe(emptyTreeRoot);
});
