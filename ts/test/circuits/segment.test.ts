import { beforeAll, describe, expect, it } from 'vitest';
import type { OperationRequest } from '../../spec/operation.ts';
import { emptyTreeRoot } from '../../spec/roots.ts';
import { evaluateWords } from '../../spec/field.ts';
import { shareToken } from '../../spec/leg.ts';
import { LEAF_COUNT } from '../../spec/params.ts';
import { operationWords } from '../../spec/pubdata.ts';
import { isOnchain } from '../../spec/operation.ts';
import type { LedgerState } from '../../state/ledger.ts';
import { MAX_FEE } from '../../spec/float16.ts';
import { SegmentHarness, headerOf, sealedTrace } from './segmentHarness.ts';
import { SHARE_TOKEN, heldShares, shareEdges } from './shareWorld.ts';
import { CHAIN_INDEX, LEAF, TIMESTAMP, changeKey, collectFees, deposit, fullExit, open, transfer, transferToNew, users, withdraw, world } from './world.ts';

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
  ...Object.fromEntries(
    Object.entries(shareEdges).map(([name, { shares, ...half }]) => [`full exit of ${name}`, { operations: [fullExit(users.alice, LEAF.shares)], state: world(heldShares(half, shares)) }]),
  ),
  'full exit of coins that are just enough': { operations: [fullExit(users.bob, LEAF.bob, 500n)] },
  'full exit of one coin too few, which pays nothing': { operations: [fullExit(users.bob, LEAF.bob, 501n)] },
  'full exit of coins for the largest least amount, which pays nothing': { operations: [fullExit(users.bob, LEAF.bob, MAX)] },
  'full exit of the largest balance for the largest least amount': { operations: [fullExit(users.bob, LEAF.bob, MAX)], state: world({ bob: { balance: MAX } }) },
  'full exit of an empty leaf for some coins, which pays nothing': { operations: [fullExit(users.alice, LEAF.empty, 1n)] },
  'full exit of no coins for some, which pays nothing': { operations: [fullExit(users.bob, LEAF.bob, 1n)], state: world({ bob: { balance: 0n } }) },
  ...Object.fromEntries(
    Object.entries(shareEdges).flatMap(([name, { shares, amount, ...half }]) =>
      Object.entries({ 'just enough': amount, 'one coin too few, which stay': amount + 1n, 'the largest least amount, which stay': MAX }).map(([what, least]) => [
        `full exit of ${name}, ${what}`,
        { operations: [fullExit(users.alice, LEAF.shares, least)], state: world(heldShares(half, shares)) },
      ]),
    ),
  ),
  'full exit of a leaf without shares for some coins, which pays nothing': { operations: [fullExit(users.alice, LEAF.shares, 1n)], state: world({ shares: { balance: 0n } }) },
  'full exit of a leaf without shares, which pays nothing': { operations: [fullExit(users.alice, LEAF.shares)], state: world({ shares: { balance: 0n } }) },
  'full exit of shares by another, which pays nothing': { operations: [fullExit(users.bob, LEAF.shares)] },
  ...Object.fromEntries(
    Object.entries({ 'an account': shareToken(LEAF.bob), nothing: shareToken(LEAF.empty), 'a leaf beyond the tree': shareToken(LEAF_COUNT), 'the last token': 2n ** 32n - 1n }).map(([name, token]) => [
      `full exit of a leaf for shares of ${name}, which pays nothing`,
      { operations: [fullExit(users.alice, LEAF.shares)], state: world({ shares: { token, balance: 0n } }) },
    ]),
  ),
  withdraw: { operations: [withdraw()] },
  'withdraw of the whole balance in the last second': { operations: [withdraw({ amount: 1_000_000n, validUntil: TIMESTAMP })] },
  'withdraw with the last nonce': { operations: [withdraw({ nonce: 2n ** 32n - 2n })], state: world({ alice: { nonce: 2n ** 32n - 2n } }) },
  open: { operations: [open(users.carol, LEAF.empty)] },
  transfer: { operations: [transfer()] },
  'transfer of nothing': { operations: [transfer({ amount: 0n })] },
  'transfer of the largest float': { operations: [transfer({ amount: LARGE })], state: world({ alice: { balance: MAX }, bob: { balance: MAX - LARGE } }) },
  'transfer to oneself': { operations: [transfer({ to: LEAF.alice }, { receiver: users.alice })] },
  'transfer with a fee that nobody collects': { operations: [transfer({ fee: 2047n * 10n ** 2n })] },
  'transfer of everything, fee included': { operations: [transfer({ amount: 999_990n, fee: 10n })] },
  'withdraw with the largest fee': { operations: [withdraw({ amount: 1n, fee: MAX_FEE })], state: world({ alice: { balance: MAX_FEE + 1n } }) },
  'transfer to new': { operations: [transferToNew({ fee: 3n })] },
  'transfer to new of nothing': { operations: [transferToNew({ amount: 0n })] },
  'transfer to new, to a key that is not on the curve': { operations: [transferToNew({ toKeyX: 1n, toKeyY: 1n })] },
  'change key': { operations: [changeKey({ fee: 40n })] },
  'change key to one that is not on the curve': { operations: [changeKey({ keyX: 1n, keyY: 1n })] },
  'change key to the same key': { operations: [changeKey({}, { to: users.alice })] },
  'collect fees that nobody paid': { operations: [collectFees(LEAF.bob, 0n)] },
};

const two: Record<string, Honest> = {
  'one operation, padded': { operations: [withdraw()] },
  'one operation that opens leaf 0, padded': { operations: [deposit(users.alice, 0)], state: emptyWorld() },
  'a transfer that depends on one before': {
    operations: [transfer(), transfer({ from: LEAF.bob, to: LEAF.alice, nonce: 0n, amount: 1700n }, { signer: users.bob, receiver: users.alice })],
  },
  'open, then transfer to it': { operations: [open(users.carol, LEAF.empty), transfer({ to: LEAF.empty }, { receiver: users.carol })] },
  'deposit, then full exit of it': { operations: [deposit(users.carol, LEAF.empty), fullExit(users.carol, LEAF.empty)] },
  'full exits of shares by two users, of one half': { operations: [fullExit(users.alice, LEAF.shares), fullExit(users.bob, LEAF.bob)], state: world({ bob: { token: SHARE_TOKEN, balance: 90_000n } }) },
  'a full exit of shares that stay, then one that takes them': { operations: [fullExit(users.alice, LEAF.shares, 800_001n), fullExit(users.alice, LEAF.shares, 800_000n)] },
  'a full exit of shares that stay, then a transfer of them': {
    operations: [fullExit(users.alice, LEAF.shares, MAX), transferToNew({ from: LEAF.shares, token: SHARE_TOKEN, nonce: 3n, amount: 1000n })],
  },
  'shares that are transferred, and exit': { operations: [transferToNew({ from: LEAF.shares, token: SHARE_TOKEN, nonce: 3n, amount: 1000n }), fullExit(users.carol, LEAF.empty)] },
  'a fee in shares, then a full exit of the rest': {
    operations: [transferToNew({ from: LEAF.shares, token: SHARE_TOKEN, nonce: 3n, amount: 1000n, fee: 7n }), fullExit(users.alice, LEAF.shares)],
  },
  'a leaf for shares that is opened and exits without any': { operations: [open(users.carol, LEAF.empty, { token: 2n ** 31n + 5n }), fullExit(users.carol, LEAF.empty)] },
  'a fee, collected': { operations: [transfer({ fee: 30n }), collectFees(LEAF.bob, 30n)] },
  'a fee, collected by who paid it': { operations: [changeKey({ fee: MAX_FEE }), collectFees(LEAF.alice, MAX_FEE)], state: world({ alice: { balance: MAX_FEE } }) },
  'a fee of a transfer to new, collected by the leaf that it opened': { operations: [transferToNew({ fee: 7n }), collectFees(LEAF.empty, 7n)] },
  'a fee that is paid after the collection': { operations: [collectFees(LEAF.bob, 0n), withdraw({ fee: 1n })] },
  'the fees of two tokens': { operations: [collectFees(LEAF.carolOther, 0n), collectFees(LEAF.bob, 0n)] },
  'change key, then a signature by the new key': { operations: [changeKey(), withdraw({ nonce: 8n }, { signer: users.dave })] },
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
