import { describe, expect, it } from 'vitest';
import { MAX_FEE } from '../spec/float16.ts';
import type { OperationRequest } from '../spec/operation.ts';
import { LEAF_COUNT, MAX_BALANCE, params } from '../spec/params.ts';
import { LEAF_KIND } from '../spec/leaf.ts';
import { apply, applyFully, expectRejected, TEST_DOMAIN, TEST_TIMESTAMP } from '../test/ledger.ts';
import { changeKeyOf, depositOf, openOf, testUser, transferTo, transferToNew, withdrawOf, type TestUser } from '../test/users.ts';
import { sealBlock, type SegmentOperations } from './block.ts';
import { accruedFees, noFees, type SegmentFees } from './fees.ts';
import { LedgerState, type ApplyReturnType } from './ledger.ts';
import { completeOperation } from './plan.ts';
import { emptySegment, type SegmentState } from './segmentState.ts';
import type { SlotTrace } from './trace.ts';

const [alice, bob, operator] = ['alice', 'bob', 'operator'].map(testUser) as [TestUser, TestUser, TestUser];
const [CHAIN, ETH, TST] = [TEST_DOMAIN.chainIndex, 1n, 2n];
const byAlice = { by: alice, ...TEST_DOMAIN };
const collect = (leafIndex: number): OperationRequest => ({ type: 'collectFees', leafIndex });

/** 0: alice's ETH (100), 1: bob's ETH (0), 2: alice's TST (50), 3: the operator's ETH (0), 4: the operator's TST (0). */
const start = [
  depositOf(alice, { leafIndex: 0, token: ETH, amount: 100n }),
  openOf(bob, { leafIndex: 1, token: ETH }),
  depositOf(alice, { leafIndex: 2, token: TST, amount: 50n }),
  openOf(operator, { leafIndex: 3, token: ETH }),
  openOf(operator, { leafIndex: 4, token: TST }),
].reduce<LedgerState>((state, operation) => apply(state, operation), LedgerState.empty({ chainCount: 2 }));

const withdraw = (nonce: bigint, fee: bigint): OperationRequest => withdrawOf({ leafIndex: 0, token: ETH, to: 9n, amount: 1n, nonce, fee }, byAlice);
const withdrawTST = (nonce: bigint, fee: bigint): OperationRequest => withdrawOf({ leafIndex: 2, token: TST, to: 9n, amount: 1n, nonce, fee }, byAlice);

/** In a segment whose operations so far have paid these fees. */
const after = (fees: SegmentFees): { segment: SegmentState } => ({ segment: { fees, awaited: null } });

/** Operations of one segment, one after the other. */
function applyAll(operations: readonly OperationRequest[], state = start): { state: LedgerState; fees: SegmentFees; collected: bigint[] } {
  let last: Pick<ApplyReturnType, 'state' | 'segment'> = { state, segment: emptySegment };
  const collected: bigint[] = [];
  for (const operation of operations) {
    const applied = applyFully(last.state, operation, { segment: last.segment });
    if (applied.trace.operation.type === 'collectFees') collected.push(applied.trace.operation.amount);
    last = applied;
  }
  return { state: last.state, fees: last.segment.fees, collected };
}

function sealed(segments: SegmentOperations[]): { state: LedgerState; slots: SlotTrace[][] } {
  const { state, trace } = sealBlock({ state: start, deploymentId: TEST_DOMAIN.deploymentId, timestamp: TEST_TIMESTAMP, blockNumber: 1, segments });
  return { state, slots: trace.segments.map(({ slots }) => slots) };
}

describe('collect fees', () => {
  it('credits what all kinds of earlier operations paid in the token of the leaf', () => {
    const { state, fees, collected } = applyAll([
      withdraw(0n, 1n),
      transferTo(bob, { from: 0, to: 1, amount: 2n, nonce: 1n, fee: 2n }, byAlice),
      transferToNew(bob, { from: 0, to: 9, amount: 2n, nonce: 2n, fee: 4n }, byAlice),
      changeKeyOf(alice, { leafIndex: 0, nonce: 3n, fee: 8n }, byAlice),
      withdrawTST(0n, 16n),
      collect(3),
    ]);
    expect(collected).toEqual([15n]);
    expect(state.leaf(CHAIN, 3)).toEqual({ ...start.leaf(CHAIN, 3), balance: 15n });
    expect(fees).toEqual({ accrued: new Map([[TST, 16n]]), collected: new Set([ETH]) });
  });

  it('takes a fee once, and none that is paid later', () => {
    const { collected, fees } = applyAll([collect(3), withdraw(0n, 1n), collect(3), collect(3), withdraw(1n, 2n), withdraw(2n, 3n), collect(3), withdraw(3n, 4n)]);
    expect(collected).toEqual([0n, 1n, 0n, 5n]);
    expect(accruedFees(fees, ETH)).toBe(4n);
    expect(accruedFees(fees, TST)).toBe(0n);
  });

  it('keeps tokens apart', () => {
    const { state, collected } = applyAll([withdraw(0n, 1n), withdrawTST(0n, 2n), collect(4), collect(3)]);
    expect(collected).toEqual([2n, 1n]);
    expect([state.leaf(CHAIN, 3).balance, state.leaf(CHAIN, 4).balance]).toEqual([1n, 2n]);
  });

  it('credits any account: the one that paid, too', () => {
    const { state } = applyAll([withdraw(0n, 7n), collect(0)]);
    expect(state.leaf(CHAIN, 0).balance).toBe(99n);
  });

  it('may be split between leaves', () => {
    const { state, collected } = applyAll([withdraw(0n, 7n), collect(3), withdraw(1n, 2n), collect(1)]);
    expect(collected).toEqual([7n, 2n]);
    expect([state.leaf(CHAIN, 1).balance, state.leaf(CHAIN, 3).balance]).toEqual([2n, 7n]);
  });

  it('of nothing collects 0 and changes nothing', () => {
    const { state, trace } = applyFully(start, collect(3));
    expect(trace.operation).toEqual({ type: 'collectFees', leafIndex: 3, amount: 0n });
    expect(trace.a.after).toBe(trace.a.before);
    expect(state.finalRoot).toBe(start.finalRoot);
  });

  it('does not take the amount from whoever asks', () => {
    const { trace } = applyFully(start, { type: 'collectFees', leafIndex: 3, amount: 1000n } as OperationRequest);
    expect(trace.operation).toMatchObject({ amount: 0n });
    expect(completeOperation(start.chain(CHAIN), collect(3), { accrued: new Map([[ETH, 6n]]), collected: new Set() })).toMatchObject({ amount: 6n });
  });

  it('is refused at a leaf that is not an account', () => {
    expectRejected('unknownLeaf', start, collect(9));
    expectRejected('leafIndexOutOfRange', start, collect(LEAF_COUNT));
    const pool = start.withChain(CHAIN, start.chain(CHAIN).withLeaf(9, { ...start.leaf(CHAIN, 3), kind: LEAF_KIND.pool }));
    expectRejected('unknownLeaf', pool, collect(9));
  });

  it('is refused when the balance would not fit, and collects it up to there', () => {
    const accrued = new Map([[ETH, MAX_FEE]]);
    const fees = { accrued, collected: new Set<bigint>() };
    const almost = apply(start, depositOf(bob, { leafIndex: 1, token: ETH, amount: MAX_BALANCE - MAX_FEE }));
    expect(apply(almost, collect(1), after(fees)).leaf(CHAIN, 1).balance).toBe(MAX_BALANCE);
    expectRejected('balanceOverflow', apply(almost, depositOf(bob, { leafIndex: 1, token: ETH, amount: 1n })), collect(1), after(fees));
  });

  it('collects as many tokens as there are registers and no more', () => {
    const tokens = Array.from({ length: params.feeTokens + 1 }, (_, i) => BigInt(100 + i));
    const state = tokens.reduce((before, token, i) => apply(before, openOf(operator, { leafIndex: 20 + i, token })), start);
    const all = tokens.slice(0, -1).map((_, i) => collect(20 + i));
    const { fees } = applyAll([...all, collect(20)], state);
    expect(fees.collected.size).toBe(params.feeTokens);
    const error = expectRejected('tooManyFeeTokens', state, collect(20 + params.feeTokens), after(fees));
    expect(error.facts).toMatchObject({ maximum: params.feeTokens, token: tokens.at(-1) });
  });

  it('does not count tokens whose fees nobody collects', () => {
    const accrued = new Map([...Array.from({ length: params.feeTokens + 3 }, (_, i): [bigint, bigint] => [BigInt(100 + i), 1n]), [ETH, 5n]]);
    expect(apply(start, collect(3), after({ accrued, collected: new Set() })).leaf(CHAIN, 3).balance).toBe(5n);
  });
});

describe('fees of a segment', () => {
  it('are not changed by operations without a fee, nor by ones that are refused', () => {
    const { fees } = applyAll([withdraw(0n, 5n)]);
    for (const operation of [withdraw(0n, 0n), depositOf(alice, { leafIndex: 0, token: ETH, amount: 1n }), openOf(bob, { leafIndex: 30, token: ETH })]) {
      expect(applyFully(start, operation, after(fees)).segment.fees).toBe(fees);
    }
    const before = structuredClone(fees);
    expectRejected('wrongSignature', start, { ...withdrawOf({ leafIndex: 0, token: ETH, to: 9n, amount: 1n, nonce: 0n }, byAlice), fee: 5n }, after(fees));
    applyFully(start, collect(3), after(fees));
    expect(fees).toEqual(before);
    expect(noFees).toEqual({ accrued: new Map(), collected: new Set() });
  });

  it('are gone when it ends', () => {
    const { state, slots } = sealed([
      { chainIndex: CHAIN, operations: [withdraw(0n, 5n), withdraw(1n, 3n)] },
      { chainIndex: CHAIN, operations: [collect(3), withdraw(2n, 2n), collect(3)] },
    ]);
    expect(slots.flat().map(({ operation }) => (operation.type === 'collectFees' ? operation.amount : null))).toEqual([null, null, 0n, null, 2n]);
    expect(state.leaf(CHAIN, 3).balance).toBe(2n);
  });

  it('are those of one chain', () => {
    const other = { chainIndex: 1, operations: [depositOf(operator, { leafIndex: 0, token: ETH, amount: 1n }), collect(0)] };
    const { state } = sealed([{ chainIndex: CHAIN, operations: [withdraw(0n, 5n)] }, other]);
    expect(state.leaf(1, 0).balance).toBe(1n);
  });
});
