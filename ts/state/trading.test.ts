import { describe, expect, it } from 'vitest';
import { legsAfter, shareToken } from '../spec/leg.ts';
import { isPoolOperation } from '../spec/operation.ts';
import { params } from '../spec/params.ts';
import { checkPair } from '../spec/pairRule.ts';
import { LOCKED_SHARES, poolOf } from '../spec/pool.ts';
import type { PlacedPool } from '../test/orders.ts';
import { Random } from '../test/random.ts';
import { tradingHistory, type TradingBlock } from '../test/tradingHistory.ts';
import { sealBlock } from './block.ts';
import { LedgerState } from './ledger.ts';
import { replaySegment } from './replay.ts';
import type { SlotTrace } from './trace.ts';

const domain = { deploymentId: 42n, timestamp: 1_700_000_000 };

/** Sum of what the leaves of a token hold on a chain, without and with the pools. */
function held(state: LedgerState, chainIndex: number, token: bigint): bigint {
  return state.chain(chainIndex).entries().reduce((sum, { leaf }) => sum + (leaf.token === token ? leaf.balance : 0n), 0n);
}

/** By `chain.token`: deposits minus what full exits paid and fees, none of which is collected. */
function flows(blocks: readonly TradingBlock[]): Map<string, bigint> {
  const sums = new Map<string, bigint>();
  const add = (key: string, amount: bigint): void => void sums.set(key, (sums.get(key) ?? 0n) + amount);
  for (const { trace } of blocks) {
    for (const { chainIndex, slots } of trace.segments) {
      for (const { operation, a } of slots) {
        if (operation.type === 'deposit') add(`${chainIndex}.${operation.token}`, operation.amount);
        if (operation.type === 'fullExit') add(`${chainIndex}.${operation.token}`, -operation.amount);
        if ('fee' in operation) add(`${chainIndex}.${a.before.token}`, -operation.fee);
      }
    }
  }
  return sums;
}

function numbers(state: LedgerState, { chainIndex, leafIndex }: PlacedPool): { reserve: bigint; totalShares: bigint } {
  const pool = state.chain(chainIndex).pool(leafIndex);
  if (!pool) throw new Error('there is no such pool');
  return pool;
}

describe.each([
  ['two chains', 51, 2, [[0, 1]]],
  ['three chains, several pairs', 52, 3, [[0, 1], [1, 2], [2, 0]]],
  ['pairs on one chain and across', 53, 2, [[1, 1], [0, 1], [0, 0]]],
] as const)('a random trading history on %s', (_, seed, chainCount, pairs) => {
  const random = new Random(seed, 'trading history');
  const history = tradingHistory({ ...domain, random, chainCount, pairs, blocks: 12 });
  const { blocks } = history;
  const slots = blocks.flatMap(({ trace }) => trace.segments.flatMap((segment) => segment.slots));

  it('has trades of every kind, blocks with several segments of a chain and several pairs', () => {
    const kinds = blocks.flatMap((block) => block.kinds);
    for (const kind of ['swap', 'add', 'oneCoinAdd', 'remove']) expect(kinds.filter((other) => other === kind).length, kind).toBeGreaterThan(2);
    expect(blocks.some(({ segments }) => segments.filter(({ chainIndex }) => chainIndex === 1).length > 1)).toBe(true);
    expect(blocks.some(({ trace }) => trace.join.pairs.length === params.joinPairs)).toBe(true);
    expect(blocks.some(({ trace }) => trace.join.pairs.some(({ swapped }) => swapped.amountIn > 0n))).toBe(true);
    const types = new Set<string>(slots.map(({ operation }) => operation.type));
    for (const [type, opcode] of Object.entries(params.opcodes)) if (opcode >= params.opcodes.openPool || type === 'transfer') expect(types, type).toContain(type);
  });

  it('has full exits of shares, behind and before the sides of orders on their half, and some that pay nothing', () => {
    const exits = slots.flatMap(({ operation }) => (operation.type === 'fullExit' ? [operation] : []));
    const paid = exits.filter(({ shares }) => shares > 0n);
    expect([paid.length > 4, exits.length > paid.length]).toEqual([true, true]);
    const turnsOf = (some: readonly SlotTrace[]): boolean[] =>
      some.flatMap(({ operation, b }) => (isPoolOperation(operation) || (operation.type === 'fullExit' && b) ? [operation.type === 'fullExit'] : []));
    const halves = blocks.flatMap(({ trace }) => trace.segments.map(({ slots: own }) => turnsOf(own)));
    expect([halves.some((turns) => turns.indexOf(true) > 0), halves.some((turns) => turns.includes(true) && turns.lastIndexOf(false) > turns.indexOf(true))]).toEqual([true, true]);
  });

  it('never lets a share of the others fall by a full exit, nor empties a half by one', () => {
    for (const { operation, b } of slots) {
      if (operation.type !== 'fullExit' || !b) continue;
      const [before, after] = [poolOf(b.before), poolOf(b.after)];
      if (!before || !after) throw new Error('the second leaf of a full exit is a pool');
      expect([before.reserve - after.reserve, before.totalShares - after.totalShares]).toEqual([operation.amount, operation.shares]);
      expect(after.reserve * before.totalShares >= before.reserve * after.totalShares).toBe(true);
      expect(before.reserve === 0n || after.reserve > 0n).toBe(true);
      expect(after.totalShares >= LOCKED_SHARES).toBe(true);
    }
  });

  it('has a leg for every operation on a half, chained through all segments, each in one pair', () => {
    for (const slot of slots) expect(slot.leg === null).toBe(!isPoolOperation(slot.operation));
    for (const { trace, kinds } of blocks) {
      let legs = 0n;
      for (const segment of trace.segments) {
        expect(segment.legsIn).toBe(legs);
        for (const { leg } of segment.slots) if (leg) legs = legsAfter(legs, leg);
        expect(segment.legsOut).toBe(legs);
      }
      const { join } = trace;
      expect([join.legs, join.legList]).toEqual([legs, trace.segments.flatMap((segment) => segment.slots.flatMap(({ leg }) => leg ?? []))]);
      expect(join.pairs).toHaveLength(kinds.length);
      expect(new Set(join.pairs.flatMap(({ first, second }) => [first, second])).size).toBe(join.legList.length);
      join.pairs.forEach(checkPair);
    }
  });

  it('can be replayed from public data alone', () => {
    let replayed = LedgerState.empty({ chainCount });
    for (const { trace, state } of blocks) {
      for (const segment of trace.segments) {
        replayed = replaySegment(replayed, segment);
        expect(replayed.chain(segment.chainIndex).root).toBe(segment.rootOut);
      }
      expect(replayed.finalRoot).toBe(trace.finalRoot);
      expect(replayed.chains.map((chain) => [chain.entries(), chain.pools()])).toEqual(state.chains.map((chain) => [chain.entries(), chain.pools()]));
    }
  });

  it('keeps every coin on its chain: accounts and reserves = deposits − full exits − fees', () => {
    for (let n = 1; n <= blocks.length; n++) {
      const expected = flows(blocks.slice(0, n));
      const state = blocks[n - 1]?.state as LedgerState;
      for (let chainIndex = 0; chainIndex < chainCount; chainIndex++) {
        for (const token of [1n, 2n]) expect(held(state, chainIndex, token)).toBe(expected.get(`${chainIndex}.${token}`) ?? 0n);
      }
    }
  });

  it('keeps every share: accounts + locked shares = total shares − fees paid in shares', () => {
    const lost = flows(blocks);
    const { state } = blocks.at(-1) as TradingBlock;
    for (const { chainIndex, leafIndex } of history.pairs.flat()) {
      const { totalShares } = numbers(state, { chainIndex, leafIndex } as PlacedPool);
      expect(held(state, chainIndex, shareToken(leafIndex)) + LOCKED_SHARES).toBe(totalShares + (lost.get(`${chainIndex}.${shareToken(leafIndex)}`) ?? 0n));
      expect(totalShares).toBeGreaterThan(LOCKED_SHARES);
    }
  });

  it('never lets (r0/S0)·(r1/S1) of a pair fall', () => {
    for (const [first, second] of history.pairs) {
      for (const { before, state, trace } of blocks.slice(1)) {
        const [a, b, c, d] = [numbers(before, first), numbers(before, second), numbers(state, first), numbers(state, second)];
        const left = a.reserve * b.reserve * c.totalShares * d.totalShares;
        const right = c.reserve * d.reserve * a.totalShares * b.totalShares;
        expect(right >= left, `block ${trace.blockNumber}`).toBe(true);
      }
    }
  });

  it('is deterministic', () => {
    const { before, segments, trace } = blocks.at(-1) as TradingBlock;
    expect(sealBlock({ ...domain, state: before, blockNumber: trace.blockNumber, segments }).trace).toEqual(trace);
  });
});
