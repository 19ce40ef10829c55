import { describe, expect, it } from 'vitest';
import { RollupError } from '../base/errors.ts';
import { coinsFor, oneCoinAdd, sharesFor, swapOutput } from '../spec/amm.ts';
import type { Leg } from '../spec/leg.ts';
import type { OperationRequest } from '../spec/operation.ts';
import { checkPair } from '../spec/pairRule.ts';
import { params } from '../spec/params.ts';
import { TEST_DOMAIN, TEST_TIMESTAMP } from '../test/ledger.ts';
import { creditOf } from '../test/orders.ts';
import { add, addPeer, ALICE, ALICE_SHARES, half, HERE, peer, POOL, remove, removePeer, start, swapIn, swapOut, THERE, world } from '../test/poolWorld.ts';
import { Random } from '../test/random.ts';
import { sealBlock, splitIntoSegments, type SegmentOperations } from './block.ts';
import type { LedgerState } from './ledger.ts';
import { pairLegs, swappedOnTheWay } from './pairs.ts';
import { OperationRejected } from './rejection.ts';
import type { BlockTrace } from './trace.ts';

const { deploymentId } = TEST_DOMAIN;

/** In this order; operations of one element are one segment. */
function seal(operations: readonly (readonly [number, ...OperationRequest[]])[], state: LedgerState = start): BlockTrace {
  const segments = operations.map(([chainIndex, ...own]): SegmentOperations => ({ chainIndex, operations: own }));
  return sealBlock({ deploymentId, timestamp: TEST_TIMESTAMP, blockNumber: 1, state, segments }).trace;
}

function refusal(run: () => unknown): RollupError {
  try {
    run();
  } catch (error) {
    if (error instanceof RollupError) return error;
    throw error;
  }
  throw new Error('not refused');
}

/** Why a block is refused. */
function reason(operations: readonly (readonly [number, ...OperationRequest[]])[], state: LedgerState = start): unknown {
  return refusal(() => seal(operations, state)).facts['reason'];
}

const out = swapOutput({ reserveIn: 4000n, reserveOut: 8000n, amountIn: 100n });
const swap = (changes: Parameters<typeof swapIn>[0] = {}, amount = out): [OperationRequest, OperationRequest] => [swapIn(changes), swapOut(changes, amount)];
const [first, second] = swap();

describe('sealing', () => {
  it('pairs the sides of an order, wherever they are in the block', () => {
    for (const operations of [[[HERE, first], [THERE, second]], [[THERE, second], [HERE, first]]] as const) {
      const { join, segments } = seal(operations);
      expect(join.pairs).toEqual([{ first: segments.find(({ chainIndex }) => chainIndex === HERE)?.slots[0]?.leg, second: segments.find(({ chainIndex }) => chainIndex === THERE)?.slots[0]?.leg, swapped: { amountIn: 0n, amountOut: 0n } }]);
      expect(join.legList).toEqual(segments.flatMap(({ slots }) => slots.map(({ leg }) => leg)));
      expect(join.legs).toBe(segments[1]?.legsOut);
    }
  });

  it('pairs liquidity with what its shares and coins say', () => {
    const [s0, s1] = [sharesFor({ ...half, amount: 100n }), sharesFor({ ...peer, amount: 200n })];
    seal([[HERE, add({}, s0), creditOf(ALICE_SHARES)], [THERE, addPeer({}, s1), creditOf(ALICE_SHARES)]]);
    const [c0, c1] = [coinsFor({ ...half, shares: 100n }), coinsFor({ ...peer, shares: 200n })];
    seal([[HERE, remove({}, c0), creditOf(ALICE)], [THERE, removePeer({}, c1), creditOf(ALICE)]]);
    expect(reason([[HERE, add({}, s0 + 1n), creditOf(ALICE_SHARES)], [THERE, addPeer({}, s1), creditOf(ALICE_SHARES)]])).toBe('tooManyShares');
    expect(reason([[HERE, add({}, s0), creditOf(ALICE_SHARES)], [THERE, addPeer({}, s1 + 1n), creditOf(ALICE_SHARES)]])).toBe('tooManyShares');
    expect(reason([[HERE, remove({}, c0 + 1n), creditOf(ALICE)], [THERE, removePeer({}, c1), creditOf(ALICE)]])).toBe('tooManyCoins');
    expect(reason([[HERE, remove({}, c0), creditOf(ALICE)], [THERE, removePeer({}, c1 + 1n), creditOf(ALICE)]])).toBe('tooManyCoins');
  });

  it('takes several orders on one pair in different turns on its two chains', () => {
    const [a, b] = [swap({}, out - 10n), swap({ nonce: 1n }, out - 10n)];
    const { join } = seal([[HERE, a[0], b[0]], [THERE, b[1], a[1]]]);
    expect(join.pairs.map((pair) => [join.legList.indexOf(pair.first), join.legList.indexOf(pair.second)])).toEqual([[0, 3], [1, 2]]);
  });

  it('refuses a side without the other, a side twice, a side of another order', () => {
    expect(reason([[HERE, first]])).toBe('unmatchedLeg');
    expect(reason([[THERE, second]])).toBe('unmatchedLeg');
    expect(reason([[HERE, first], [THERE, second, swapOut({}, 1n)]])).toBe('unmatchedLeg');
    expect(reason([[HERE, first], [THERE, swapOut({ peerLimit: 1n }, out)]])).toBe('unmatchedLeg');
    expect(reason([[HERE, first], [THERE, swapOut({ nonce: 1n }, out)]])).toBe('unmatchedLeg');
    expect(reason([[HERE, add({}, 50n), creditOf(ALICE_SHARES)], [THERE, second]])).toBe('unmatchedLeg');
    expect(refusal(() => seal([[HERE, first]])).facts).toMatchObject({ order: seal([[HERE, first], [THERE, second]]).join.legList[0]?.order, legs: [{ kind: 'swapIn', chainIndex: HERE, leafIndex: POOL }] });
  });

  it('refuses a pair that breaks its rule', () => {
    expect(reason([[HERE, first], [THERE, swapOut({}, out + 1n)]])).toBe('product');
    const limited = { peerLimit: out + 1n };
    expect(reason([[HERE, swapIn(limited)], [THERE, swapOut(limited, out)]])).toBe('belowLimit');
    const mirror = world({ peer: { peer: { chainIndex: HERE, leafIndex: 99 } } });
    expect(reason([[HERE, first], [THERE, second]], mirror)).toBe('notMutual');
    expect(reason([[HERE, first], [THERE, second]], world({ half: { peer: { chainIndex: THERE, leafIndex: 99 } } }))).toBe('wrongOrder');
    expect(reason([[HERE, first], [THERE, swapOut({}, 0n)]], world({ peer: { reserve: 0n } }))).toBe('emptyHalf');
    expect(reason([[HERE, first], [THERE, second]], world({ half: { reserve: 1n << 112n } }))).toBe('outOfRange');
  });

  it('refuses more legs than the join has pairs for', () => {
    const orders = Array.from({ length: params.joinPairs + 1 }, (_, i) => swap({ nonce: BigInt(i), amount: 1n }, 0n));
    const block = (count: number): BlockTrace => {
      const own = orders.slice(0, count);
      const segments = [{ chainIndex: HERE, operations: own.map(([one]) => one) }, { chainIndex: THERE, operations: own.map(([, other]) => other) }].flatMap(splitIntoSegments);
      return sealBlock({ deploymentId, timestamp: TEST_TIMESTAMP, blockNumber: 1, state: start, segments }).trace;
    };
    expect(block(params.joinPairs).join.pairs).toHaveLength(params.joinPairs);
    expect(refusal(() => block(params.joinPairs + 1)).facts).toMatchObject({ reason: 'tooManyLegs', maximum: 2 * params.joinPairs, actual: 2 * params.joinPairs + 2 });
  });

  it('refuses a segment that ends before the credit of its liquidity change', () => {
    const error = refusal(() => seal([[HERE, swapIn(), add({ nonce: 1n })], [HERE, creditOf(ALICE_SHARES)]]));
    expect(error).toBeInstanceOf(OperationRejected);
    expect(error).toMatchObject({ reason: 'creditMissing', facts: { chainIndex: HERE, segment: 0, slot: 2, amount: 50n } });
    expect(reason([[HERE, swapIn()], [HERE, creditOf(ALICE)]])).toBe('nothingToCredit');
  });

  it('cuts no liquidity change from its credit', () => {
    const before = Array.from({ length: params.slots - 1 }, (_, i) => swapIn({ nonce: BigInt(i) }));
    const operations = [...before, add(), creditOf(ALICE_SHARES), remove(), creditOf(ALICE)];
    const split = splitIntoSegments({ chainIndex: HERE, operations });
    expect(split.flatMap((segment) => segment.operations)).toEqual(operations);
    expect(split[0]?.operations).toEqual(before);
    for (const segment of split) {
      expect(segment.operations.length).toBeLessThanOrEqual(params.slots);
      expect(segment.operations[0]?.type).not.toBe('credit');
    }
  });
});

describe('what an add of one coin swaps on the way in', () => {
  const order = 77n;
  const legs = (numbers: { r0: bigint; S0: bigint; r1: bigint; S1: bigint }, fill: { amount: bigint; shares: bigint; peerShares: bigint }): [Leg, Leg] => [
    { kind: 'addLiquidity', pool: { chainIndex: 0, leafIndex: 1 }, peer: { chainIndex: 1, leafIndex: 2 }, order, amount: fill.amount, shares: fill.shares, reserve: numbers.r0, totalShares: numbers.S0, limit: 0n },
    { kind: 'addLiquidityPeer', pool: { chainIndex: 1, leafIndex: 2 }, peer: { chainIndex: 0, leafIndex: 1 }, order, amount: 0n, shares: fill.peerShares, reserve: numbers.r1, totalShares: numbers.S1, limit: 0n },
  ];

  it('is found from the shares of every valid fill, and never lets one share more pass than some split could', () => {
    const random = new Random(61, 'one-coin adds');
    let valid = 0;
    for (let i = 0; i < 400; i++) {
      const size = random.pick([4, 12, 60, 100]);
      const [r0, r1] = [1n + random.bits(size), 1n + random.bits(size)];
      const [S0, S1] = [1000n + random.bits(size), 1000n + random.bits(size)];
      const amount = random.bits(random.pick([size, 4]));
      const fill = oneCoinAdd({ reserveIn: r0, sharesIn: S0, reserveOut: r1, sharesOut: S1, amountIn: amount });
      const pair = legs({ r0, S0, r1, S1 }, { amount, ...fill });
      checkPair({ first: pair[0], second: pair[1], swapped: fill.swapped });
      const found = swappedOnTheWay(...pair);
      expect(found.amountIn <= fill.swapped.amountIn && found.amountOut <= fill.swapped.amountOut).toBe(true);
      expect(pairLegs(pair)).toEqual([{ first: pair[0], second: pair[1], swapped: found }]);
      if (size > 12) continue;
      // Small enough to try every split.
      const more = legs({ r0, S0, r1, S1 }, { amount, shares: fill.shares + BigInt(random.below(3)), peerShares: fill.peerShares + BigInt(random.below(3)) });
      const splits = Array.from({ length: Number(amount) + 1 }, (_, b0) => ({ amountIn: BigInt(b0), amountOut: swapOutput({ reserveIn: r0, reserveOut: r1, amountIn: BigInt(b0) }) }));
      const passes = splits.some((swapped) => accepts(() => checkPair({ first: more[0], second: more[1], swapped })));
      expect(accepts(() => pairLegs(more))).toBe(passes);
      if (passes) valid++;
    }
    expect(valid).toBeGreaterThan(20);
  });

  it('is nothing when the second coin comes too, or a half is empty', () => {
    const [one, other] = legs({ r0: 1000n, S0: 1000n, r1: 1000n, S1: 1000n }, { amount: 100n, shares: 1n, peerShares: 40n });
    expect(swappedOnTheWay(one, other).amountOut).toBeGreaterThan(0n);
    expect(swappedOnTheWay(one, { ...other, amount: 1n })).toEqual({ amountIn: 0n, amountOut: 0n });
    expect(swappedOnTheWay({ ...one, kind: 'removeLiquidity' }, other)).toEqual({ amountIn: 0n, amountOut: 0n });
    expect(refusal(() => pairLegs([one, { ...other, reserve: 0n }])).facts['reason']).toBe('emptyHalf');
    expect(refusal(() => pairLegs([{ ...one, reserve: 0n }, other])).facts['reason']).toBe('tooManyShares');
    expect(refusal(() => pairLegs([one, { ...other, shares: 10n ** 9n }])).facts['reason']).toBe('tooManyShares');
  });
});

function accepts(run: () => unknown): boolean {
  try {
    run();
    return true;
  } catch (error) {
    if (error instanceof RollupError) return false;
    throw error;
  }
}
