import { beforeAll, describe, expect, it } from 'vitest';
import { RollupError } from '../../base/errors.ts';
import { createTester, type CircuitTester } from '../../circuit/tester.ts';
import { pairSignals, type PairLegs, type PairSignals } from '../../prover/witnessPair.ts';
import { addOutput, coinsFor, sharesFor, swapOutput } from '../../spec/amm.ts';
import { FIELD, modField } from '../../spec/field.ts';
import { checkPair } from '../../spec/pairRule.ts';
import { Random } from '../random.ts';
import { LOCKED, MOST, pairOf, type LegNumbers, type PairKind } from './joinPairs.ts';

/*
 * Random pairs near every edge, most of them forged by one or two numbers: the circuit takes exactly those that checkPair takes. What is swapped on
 * the way is the circuit's own business, so there also numbers that no honest prover would name are tried: they may only lead to what some
 * honest number allows.
 */

const ROUNDS = 1200;

/** Numbers on both sides of every bound, also as negative field elements. */
const EDGES = [0n, 1n, 2n, LOCKED - 1n, LOCKED, LOCKED + 1n, MOST - 1n, MOST, MOST + 1n, 2n * MOST + 2n, FIELD - 1n, FIELD - MOST, FIELD - MOST - 1n, (FIELD - 1n) / 2n];

function reserveOf(random: Random): bigint {
  return random.pick([0n, 1n, 2n, MOST, MOST - 1n, random.bits(20), random.bits(64), random.bits(64), random.bits(64), random.bits(111), random.bits(112)]);
}

function amountOf(random: Random, reserve: bigint): bigint {
  return random.pick([0n, 1n, reserve, reserve / 2n, reserve * 3n, MOST - reserve, random.bits(10), random.bits(64), random.bits(112)]);
}

/** A pair whose numbers are the most that the rule gives. */
function greedyPair(random: Random): PairLegs {
  const kind = random.pick<PairKind>(['swapIn', 'addLiquidity', 'addLiquidity', 'addLiquidity', 'removeLiquidity']);
  const half = (): Pick<LegNumbers, 'reserve' | 'totalShares'> => {
    const reserve = reserveOf(random);
    return { reserve, totalShares: LOCKED + random.pick([0n, reserve, reserve, random.bits(64), MOST - LOCKED]) };
  };
  const [first, second] = [half(), half()];
  if (kind === 'swapIn') {
    const amount = amountOf(random, first.reserve);
    return pairOf({ kind, first: { ...first, amount }, second: { ...second, amount: swapOutput({ reserveIn: first.reserve, reserveOut: second.reserve, amountIn: amount }) } });
  }
  if (kind === 'removeLiquidity') {
    const side = (numbers: typeof first): Partial<LegNumbers> => {
      const shares = random.pick([0n, 1n, numbers.totalShares - LOCKED, (numbers.totalShares - LOCKED) / 2n]);
      return { ...numbers, shares, amount: coinsFor({ ...numbers, shares }) };
    };
    return pairOf({ kind, first: side(first), second: side(second) });
  }
  const amount = amountOf(random, first.reserve);
  const peerAmount = random.below(2) === 0 ? 0n : amountOf(random, second.reserve);
  if (peerAmount === 0n && random.below(3) === 0 && first.reserve > 0n && second.reserve > 0n) {
    // Something else is swapped than an honest builder would.
    const through = random.pick([0n, amount, random.bits(112) % (amount + 1n)]);
    const out = swapOutput({ reserveIn: first.reserve, reserveOut: second.reserve, amountIn: through });
    const shares = sharesFor({ ...first, reserve: first.reserve + through, amount: amount - through });
    const peerShares = out === second.reserve ? 0n : sharesFor({ ...second, reserve: second.reserve - out, amount: out });
    return pairOf({ kind, first: { ...first, amount, shares }, second: { ...second, shares: peerShares } });
  }
  const { shares, peerShares } = addOutput({ first, second, amount, peerAmount });
  return pairOf({ kind, first: { ...first, amount, shares }, second: { ...second, amount: peerAmount, shares: peerShares } });
}

/** One number is another, most often by one. */
function spoilt(random: Random, { first, second }: PairLegs): PairLegs {
  const field = random.pick(['amount', 'amount', 'shares', 'shares', 'reserve', 'totalShares', 'limit'] as const);
  const side = random.pick(['first', 'second'] as const);
  const leg = side === 'first' ? first : second;
  const value = modField(random.pick([leg[field] + 1n, leg[field] + 1n, leg[field] - 1n, leg[field] - 1n, -leg[field], random.pick(EDGES), random.pick(EDGES)]));
  return { first, second, [side]: { ...leg, [field]: value } };
}

/** Whether the rule holds for what is swapped on the way, if an add swaps. */
function keepsRule({ first, second }: PairLegs, { addOne, swapped: [amountIn, amountOut] }: PairSignals): boolean {
  try {
    checkPair({ first, second, swapped: addOne === 1n ? { amountIn, amountOut } : { amountIn: 0n, amountOut: 0n } });
    return true;
  } catch (error) {
    if (error instanceof RollupError) return false;
    throw error;
  }
}

describe('rules of pairs, circuit against checkPair', () => {
  let rules: CircuitTester;
  beforeAll(async () => {
    rules = await createTester({ file: 'pairRules.circom', template: 'PairRules', parameters: [], publicInputs: [] });
  });

  const accepts = (signals: PairSignals): boolean => rules.isSatisfied(rules.witness(Object.fromEntries(Object.entries(signals).map(([name, value]) => [`pair.${name}`, value]))));
  const text = (value: unknown): string => JSON.stringify(value, (_, field: unknown) => (typeof field === 'bigint' ? field.toString() : field));

  it(`take the same pairs, ${ROUNDS} of them`, () => {
    const random = new Random(20251121, 'pair rules');
    const counts = { accepted: 0, refused: 0 };
    for (let round = 0; round < ROUNDS; round++) {
      let pair = greedyPair(random);
      for (let i = random.pick([0, 0, 1, 1, 2]); i > 0; i--) pair = spoilt(random, pair);
      const signals = pairSignals(pair);
      const accepted = accepts(signals);
      expect(accepted, text({ pair, signals })).toBe(keepsRule(pair, signals));
      counts[accepted ? 'accepted' : 'refused']++;

      const [b0, b1] = signals.swapped;
      const lied = { ...signals, swapped: [modField(random.pick([b0, b0 + 1n, b0 - 1n, random.pick(EDGES), random.bits(112)])), modField(random.pick([b1, b1 + 1n, b1 - 1n, random.pick(EDGES), random.bits(112)]))] as [bigint, bigint] };
      if (accepts(lied)) expect(keepsRule(pair, signals), text({ pair, lied })).toBe(true);
      const kinds = { ...signals, ...random.pick([{ swap: 1n, add: 0n }, { add: 1n, addOne: 0n }, { addOne: 1n, add: 0n }, { remove: 1n }, { swap: 0n }, { swap: FIELD - 1n, add: 1n, addOne: 1n }]) };
      if (!accepts(kinds)) continue;
      // Then it is true of the legs of that kind, which are other legs unless the kind is the same.
      expect([kinds.swap, kinds.add, kinds.addOne, kinds.remove].toSorted(), text({ pair, kinds })).toEqual([0n, 0n, 0n, 1n]);
      const kind = kinds.swap === 1n ? 'swapIn' : kinds.remove === 1n ? 'removeLiquidity' : 'addLiquidity';
      expect(keepsRule(pairOf({ kind, first: pair.first, second: pair.second }), kinds), text({ pair, kinds })).toBe(true);
    }
    console.info(`pair rules: ${counts.accepted} accepted, ${counts.refused} refused`);
    expect(counts.accepted).toBeGreaterThan(ROUNDS / 5);
    expect(counts.refused).toBeGreaterThan(ROUNDS / 5);
  });
});
