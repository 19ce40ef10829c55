import { NO_PAIR, pairSignals, type PairLegs, type PairSignals } from '../../prover/witnessPair.ts';
import { inverse } from '../../circuit/soundness/jacobian.ts';
import { FIELD, modField } from '../../spec/field.ts';
import { legDigest, packPlace, unpackPlace, type Leg } from '../../spec/leg.ts';
import { poseidon } from '../../spec/poseidon.ts';
import type { JoinBlock } from './joinHarness.ts';
import { claim, forged, type JoinLie, type JoinLies } from './joinLie.ts';
import { pairAt } from './joinLies.ts';
import { LOCKED, MOST, R0, R1, S0, S1, add, addOne, changed, pairOf, remove, swap, type LegNumbers } from './joinPairs.ts';

/* Pairs that break a rule. Segments emitted just these legs; nothing but the rule refuses the join. */

/** Legs that segments emitted, and what the join says of them where that does not follow. */
function pairLie(pair: PairLegs, refusedBy: string[], signals: Partial<PairSignals> = {}): JoinLie {
  return claim({ segments: [0, 2], pairs: [pair] }, () => pairAt(0, { ...pairSignals(pair), ...signals }), refusedBy);
}

const block = (pair: PairLegs): JoinBlock => ({ segments: [0, 2], pairs: [pair] });
const prefixed = (prefix: string, values: Record<string, bigint>): Record<string, bigint> => Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix}${name}`, value]));

/** A valid pair whose legs are changed, and what is computed from them, so that it would be accepted if one thing were not checked. */
function forgedPair(valid: PairLegs, changes: { first?: Partial<LegNumbers>; second?: Partial<LegNumbers> }, wires: Record<string, bigint>, refusedBy: string[]): JoinLie {
  const { first: one, second: two } = changed(valid, changes);
  const numbers = [changes.first, changes.second].flatMap((side, i) => Object.entries(side ?? {}).map(([field, value]): [string, bigint] => [`pairs[0].${field}[${i}]`, value]));
  const digests = { 'digest[0]': legDigest(one), 'digest[1]': legDigest(two) };
  return forged(block(valid), () => ({ ...Object.fromEntries(numbers), ...digests, ...prefixed('rules[0].', wires) }), refusedBy);
}

const RULES = 'rules[0]';
const rule = (...places: string[]): string[] => places.map((place) => (place === '' ? RULES : `${RULES}.${place}`));

/** Where P stands; where M stands for each side when nothing is swapped on the way, and when something is; what the kind says of the numbers. */
const PRODUCT = rule('highRange.bits');
const WORTH = [rule('lowRange.bits'), rule('highRange.bits')] as const;
const WORTH_OF_ONE = rule('');
const KIND = rule('pair');
/** The first of `from`, `from + step`, … for which the product rule seems to hold, because its sides wrap around the field: one of 2^20 does. */
function lucky({ from, step, product, rise }: { from: bigint; step: bigint; product: bigint; rise: bigint }): bigint {
  let tries = 0n;
  for (let value = modField(product); value >> 234n !== 0n; tries++) {
    if (tries > 2n ** 23n) throw new Error('no number is lucky: try other total shares');
    value = value + rise < FIELD ? value + rise : value + rise - FIELD;
  }
  return modField(from + tries * step);
}

/** Of a swap: more coins out than its leg says, by a fraction so small that M takes it. */
function fractionOut({ first: { amount, reserve }, second }: PairLegs): bigint {
  const step = inverse(second.totalShares);
  const product = 997n * amount * (second.reserve - second.amount) - 1000n * reserve * second.amount;
  return lucky({ from: second.amount, step, product, rise: modField(-(997n * amount + 1000n * reserve) * step) });
}

/** Of an add of one coin: a fraction of coins in for which M misses less than 2^112. */
function fractionIn({ first: { amount, shares, reserve, totalShares }, second }: PairLegs, amountOut: bigint): bigint {
  const step = modField(-inverse(totalShares + shares));
  const most = modField(totalShares * (reserve + amount) * -step - reserve);
  const kept = second.reserve - amountOut;
  return lucky({ from: most, step, product: 997n * most * kept - 1000n * reserve * amountOut, rise: modField(997n * step * kept) });
}

const filled = (side: 0 | 1, reserve: bigint): Record<string, bigint> => ({ [`reserveAfter[${side}]`]: reserve, [`leftFilled[${side}].in`]: reserve, [`leftFilled[${side}].inverse`]: inverse(reserve) });

/** Halves that are filled as for two adds: the hint for one is told to be another. */
function filledTwice({ witness, refusedBy }: JoinLie): JoinLie {
  const inverses = { 'leftFilled[0].inverse': 2n * inverse(R0), 'leftFilled[1].inverse': 2n * inverse(R1) };
  return { refusedBy, witness: (join) => join.tester.edit(witness(join), prefixed('rules[0].', inverses)) };
}

const IDLE_REMOVE = remove(0n, 0n);
const SHIFT = 2n ** 32n;
const minus = (value: bigint): bigint => FIELD - value;
const both = (numbers: Partial<Leg>): { first: Partial<Leg>; second: Partial<Leg> } => ({ first: numbers, second: numbers });
const first = (pair: PairLegs, numbers: Partial<LegNumbers>): PairLegs => changed(pair, { first: numbers });
const second = (pair: PairLegs, numbers: Partial<LegNumbers>): PairLegs => changed(pair, { second: numbers });

const FIRST = { reserve: R0, totalShares: S0 };
const SECOND = { reserve: R1, totalShares: S1 };
const anOne = addOne(50_000n, 24_700n);
const swappedOfOne = pairSignals(anOne).swapped;

export const joinPairLies: JoinLies = {
  'the product rule': {
    'one coin too many': pairLie(swap(1234n, { more: 1n }), PRODUCT),
    'one coin for nothing': pairLie(swap(0n, { more: 1n }), PRODUCT),
    'the whole reserve': pairLie(second(swap(10n ** 20n), { amount: R1, limit: R1 }), PRODUCT),
    'a drained half that is empty on the other side': pairLie(pairOf({ kind: 'swapIn', first: { amount: 10n }, second: { ...SECOND, amount: R1 } }), rule('')),
    'one coin out for coins into an empty half': pairLie(pairOf({ kind: 'swapIn', first: { amount: MOST }, second: { ...SECOND, amount: 1n } }), rule('')),
    'coins out of an empty half': pairLie(pairOf({ kind: 'swapIn', first: { ...FIRST, amount: 10n }, second: { amount: 1n } }), [...PRODUCT, ...rule('', 'lowReserve[1].bits')]),
    'more coins than there are': pairLie(second(swap(10n ** 20n), { amount: R1 + 1n, limit: 0n }), [...PRODUCT, ...rule('lowReserve[1].bits')]),
  },
  'an empty half': {
    'of a swap for nothing, first side': pairLie(pairOf({ kind: 'swapIn', first: { amount: 10n }, second: SECOND }), rule('')),
    'of a swap for nothing, second side': pairLie(pairOf({ kind: 'swapIn', first: { ...FIRST, amount: 10n }, second: {} }), rule('')),
    'after an add of one coin to a new pair': pairLie(pairOf({ kind: 'addLiquidity', first: { amount: 9n, shares: 9n }, second: {} }), rule('leftFilled[1]')),
    'after an add of one coin beside an empty half': pairLie(pairOf({ kind: 'addLiquidity', first: { ...FIRST, amount: 50_000n }, second: {} }), rule('leftFilled[1]')),
    'after an add of the second coin alone to a new pair': pairLie(pairOf({ kind: 'addLiquidity', first: {}, second: { amount: 9n, shares: 9n } }), rule('leftFilled[0]')),
    'after an add of nothing to a new pair': pairLie(pairOf({ kind: 'addLiquidity', first: {}, second: {} }), rule('leftFilled[0]', 'leftFilled[1]')),
  },
  limits: {
    'of a swap, missed by one': pairLie(second(swap(1234n), { limit: swap(1234n).second.amount + 1n }), rule('aboveLimit[1].bits')),
    'of an add, missed by one on the first side': pairLie(first(add(5000n, 9999n), { limit: add(5000n, 9999n).first.shares + 1n }), rule('aboveLimit[0].bits')),
    'of an add, missed by one on the second side': pairLie(second(add(5000n, 9999n), { limit: add(5000n, 9999n).second.shares + 1n }), rule('aboveLimit[1].bits')),
    'of an add of one coin, missed by one on the first side': pairLie(first(anOne, { limit: anOne.first.shares + 1n }), rule('aboveLimit[0].bits')),
    'of an add of one coin, missed by one on the second side': pairLie(second(anOne, { limit: anOne.second.shares + 1n }), rule('aboveLimit[1].bits')),
    'of a remove, missed by one on the first side': pairLie(first(remove(4000n, 3000n), { limit: remove(4000n, 3000n).first.amount + 1n }), rule('aboveLimit[0].bits')),
    'of a remove, missed by one on the second side': pairLie(second(remove(4000n, 3000n), { limit: remove(4000n, 3000n).second.amount + 1n }), rule('aboveLimit[1].bits')),
    'minus one on the second side of a swap': pairLie(second(swap(1234n), { limit: minus(1n) }), rule('limitRange[1].bits')),
    'minus one on the first side of a swap': pairLie(first(swap(1234n), { limit: minus(1n) }), rule('limitRange[0].bits')),
    'minus one on the first side of an add': pairLie(first(add(5000n, 9999n), { limit: minus(1n) }), rule('limitRange[0].bits')),
    '2^112': pairLie(first(swap(1234n), { limit: MOST + 1n }), rule('limitRange[0].bits')),
    'so large that what is above them wraps around': pairLie(second(swap(1234n), { limit: minus(MOST) }), rule('aboveLimit[1].bits', 'limitRange[1].bits')),
  },
  shares: {
    'one too many for the first coin': pairLie(add(5000n, 9999n, [1n, 0n]), WORTH[0]),
    'one too many for the second coin': pairLie(add(5000n, 9999n, [0n, 1n]), WORTH[1]),
    'one for nothing': pairLie(add(0n, 0n, [1n, 0n]), WORTH_OF_ONE),
    'one of the second half for the first coin': pairLie(add(5000n, 0n, [0n, 1n]), PRODUCT),
    'one too many for an empty first half': pairLie(pairOf({ kind: 'addLiquidity', first: { amount: 5n, shares: 6n }, second: { amount: 7n, shares: 7n } }), WORTH[0]),
    'one too many for an empty second half': pairLie(pairOf({ kind: 'addLiquidity', first: { amount: 5n, shares: 5n }, second: { amount: 7n, shares: 8n } }), WORTH[1]),
    'one too many for one coin, on the first side': pairLie(first(anOne, { shares: anOne.first.shares + 100n }), PRODUCT),
    'one too many for one coin, on the second side': pairLie(second(anOne, { shares: anOne.second.shares + 100n }), PRODUCT),
    'of a swap, first side': pairLie(first(swap(1234n), { shares: 1n }), KIND),
    'of a swap, second side': pairLie(second(swap(1234n), { shares: 1n }), KIND),
    'up to 2^112 in the first half': pairLie(pairOf({ kind: 'addLiquidity', first: { reserve: 1n, totalShares: MOST - 5n, amount: 6n, shares: 6n }, second: SECOND }), rule('highShares[0].bits')),
    'up to 2^112 in the second half': pairLie(pairOf({ kind: 'addLiquidity', first: FIRST, second: { reserve: 1n, totalShares: MOST - 5n, amount: 6n, shares: 6n } }), rule('highShares[1].bits')),
    'minus one': pairLie(first(add(5000n, 9999n), { shares: minus(1n), limit: 0n }), rule('aboveLimit[0].bits')),
    'minus one of a remove': pairLie(first(remove(0n, 3000n), { shares: minus(1n) }), WORTH[0]),
    'minus one of a remove from an empty half': pairLie(pairOf({ kind: 'removeLiquidity', first: { shares: minus(1n) }, second: SECOND }), WORTH[0]),
  },
  coins: {
    'one too many for the shares of the first half': pairLie(remove(4000n, 3000n, [1n, 0n]), WORTH[0]),
    'one too many for the shares of the second half': pairLie(remove(4000n, 3000n, [0n, 1n]), WORTH[1]),
    'one for no shares': pairLie(remove(0n, 0n, [0n, 1n]), WORTH[1]),
    'one of the second half for shares of the first': pairLie(remove(4000n, 0n, [0n, 1n]), WORTH[1]),
    'one out of an empty half': pairLie(pairOf({ kind: 'removeLiquidity', first: { amount: 1n, shares: 500n, totalShares: 2000n }, second: SECOND }), rule('lowReserve[0].bits')),
    'up to 2^112 in the first half of a swap': pairLie(first(swap(1234n), { amount: MOST - R0 + 1n }), rule('highReserve[0].bits')),
    'up to 2^112 in the first half of an add': pairLie(first(add(5000n, 9999n), { amount: MOST - R0 + 1n }), rule('highReserve[0].bits')),
    'up to 2^112 in the second half of an add': pairLie(second(add(5000n, 9999n), { amount: MOST - R1 + 1n }), rule('highReserve[1].bits')),
    'up to 2^112 in an add of one coin': pairLie(first(anOne, { amount: MOST - R0 + 1n }), rule('highReserve[0].bits')),
    'minus one into a swap': pairLie(changed(swap(0n), { first: { amount: minus(1n) } }), [...PRODUCT, ...rule('swappedRange.bits')]),
    'minus one out of a swap': pairLie(second(swap(1234n), { amount: minus(1n), limit: 0n }), rule('aboveLimit[1].bits')),
    'minus one into an add': pairLie(first(add(0n, 9999n), { amount: minus(1n) }), WORTH[0]),
    'minus one into the second half of an add': pairLie(second(add(5000n, 0n), { amount: minus(1n) }), WORTH[1]),
    'minus one into an add of one coin': pairLie(first(addOne(0n, 0n), { amount: minus(1n) }), WORTH_OF_ONE, { swapped: [0n, 0n] }),
    'minus one out of a remove': pairLie(first(remove(4000n, 3000n), { amount: minus(1n), limit: 0n }), rule('aboveLimit[0].bits')),
  },
  'what was before': {
    'a reserve of 2^112': pairLie(first(remove(4000n, 3000n), { reserve: MOST + 1n }), rule('highReserve[0].bits')),
    'a second reserve of 2^112': pairLie(second(swap(1234n), { reserve: MOST + 1n }), rule('highReserve[1].bits')),
    'a reserve of minus one': pairLie(first(add(5000n, 0n), { reserve: minus(1n), shares: 0n, limit: 0n }), rule('lowReserve[0].bits')),
    'a second reserve of minus one': pairLie(second(add(0n, 5000n), { reserve: minus(1n), shares: 0n, limit: 0n }), rule('lowReserve[1].bits')),
    'total shares of 2^112': pairLie(first(remove(4000n, 3000n), { totalShares: MOST + 1n, amount: 0n, limit: 0n }), rule('highShares[0].bits')),
    'total shares of minus one': pairLie(first(remove(0n, 3000n), { totalShares: minus(1n), amount: 0n, limit: 0n }), rule('highShares[0].bits', 'lowShares[0].bits')),
    'no total shares': pairLie(changed(swap(1234n), both({ totalShares: 0n })), rule('lowShares[0].bits', 'lowShares[1].bits')),
    'one share less than the locked ones': pairLie(first(swap(1234n), { totalShares: LOCKED - 1n }), rule('lowShares[0].bits')),
    'a locked share that is removed from the first half': pairLie(remove(S0 - LOCKED + 1n, 3000n), rule('lowShares[0].bits')),
    'a locked share that is removed from the second half': pairLie(remove(4000n, S1 - LOCKED + 1n), rule('lowShares[1].bits')),
  },
  'what is swapped on the way': {
    'more of the first coin than comes': pairLie(anOne, WORTH_OF_ONE, { swapped: [50_001n, swappedOfOne[1]] }),
    'more of the first coin than the shares leave': pairLie(anOne, WORTH_OF_ONE, { swapped: [swappedOfOne[0] + 1n, swappedOfOne[1]] }),
    'less of the second coin than the shares need': pairLie(anOne, WORTH_OF_ONE, { swapped: [swappedOfOne[0], swappedOfOne[1] - 1n] }),
    'more of the second coin than there is': pairLie(anOne, [...PRODUCT, ...rule('highReserve[1].bits')], { swapped: [swappedOfOne[0], R1 + 1n] }),
    'minus one of the first coin': pairLie(addOne(50_000n, 0n), [...PRODUCT, ...rule('swappedRange.bits')], { swapped: [minus(1n), 0n] }),
    'the second coin for none of the first': pairLie(pairOf({ kind: 'addLiquidity', first: FIRST, second: { ...SECOND, shares: 1n } }), PRODUCT),
    'the second coin for the first into an empty half': pairLie(pairOf({ kind: 'addLiquidity', first: { amount: 100n }, second: { ...SECOND, shares: 1n } }), rule('')),
    'coins both ways: minus one for minus many': pairLie(addOne(50_000n, 0n), [...WORTH_OF_ONE, ...rule('swappedRange.bits')], { swapped: [minus(1n), minus(1000n)] }),
    'in an add of one coin to which the other coin comes too': pairLie(second(anOne, { amount: 1n }), KIND, { add: 0n, addOne: 1n, swapped: swappedOfOne }),
    'in an add of both coins': pairLie(second(anOne, { amount: 1n }), rule(''), { swapped: swappedOfOne }),
    'in a remove': pairLie(remove(4000n, 3000n), rule('', 'lowRange.bits'), { swapped: [1n, 0n] }),
    'less into a swap than the leg says': pairLie(swap(1234n), [...KIND, ...PRODUCT], { swapped: [1233n, swap(1234n).second.amount] }),
    'a fraction, so that the shares of one coin seem to be fewer': (() => {
      const pair = changed(anOne, { first: { shares: anOne.first.shares + 101n } });
      return pairLie(pair, rule('swappedRange.bits'), { swapped: [fractionIn(pair, swappedOfOne[1]), swappedOfOne[1]] });
    })(),
    'fairly, when both coins come': pairLie(
      pairOf({ kind: 'addLiquidity', first: { reserve: 997n, totalShares: 3994n, amount: 2000n, shares: 2000n }, second: { reserve: 2000n, totalShares: 3000n, amount: 1n, shares: 3003n } }),
      rule(''),
      { swapped: [1000n, 1000n] },
    ),
    'a fraction in a swap': pairLie(swap(1234n, { more: 1n }), KIND, { swapped: [1234n, fractionOut(swap(1234n, { more: 1n }))] }),
    'less out of a swap than the leg says': pairLie(swap(1234n, { more: 1n }), rule('', 'pair'), { swapped: [1234n, swap(1234n).second.amount] }),
  },
  kinds: {
    'a swap and a remove, less an add': pairLie(swap(1234n), ['', ...rule('', 'Boolean', 'leftFilled[0]', 'leftFilled[1]')], { remove: 1n, add: -1n }),
    'minus a swap, with both adds': filledTwice(pairLie(IDLE_REMOVE, rule('Boolean'), { remove: 0n, swap: -1n, add: 1n, addOne: 1n })),
    'a remove and minus an add of both coins': pairLie(IDLE_REMOVE, rule('Boolean'), { add: -1n, addOne: 1n }),
    'a remove and minus an add of one coin': pairLie(IDLE_REMOVE, rule('Boolean'), { add: 1n, addOne: -1n }),
    'minus a remove, with both adds': filledTwice(pairLie(swap(0n), rule('Boolean'), { swap: 0n, add: 1n, addOne: 1n, remove: -1n })),
    'two kinds': pairLie(swap(1234n), ['', 'usedFirst.Boolean[0]', RULES], { remove: 1n }),
    'half a swap and half an add': pairLie(swap(1234n), ['', ...rule('', 'Boolean', 'leftFilled[0]', 'leftFilled[1]', 'aboveLimit[1].bits', 'highReserve[1].bits', 'lowReserve[1].bits')], { swap: (FIELD + 1n) / 2n, add: (FIELD + 1n) / 2n }),
    'no kind': pairLie(swap(1234n), [''], { ...NO_PAIR }),
  },
  places: {
    // Two field elements that make both heads, although the halves do not name each other.
    'that are not in their bits': (() => {
      const pair = swap(1234n);
      const stranger = { chainIndex: 1, leafIndex: 8 };
      const [one, two] = [packPlace(pair.first.pool) * SHIFT + packPlace(pair.first.peer), packPlace(pair.second.pool) * SHIFT + packPlace(stranger)];
      const place = [one * SHIFT - two, two * SHIFT - one].map((part) => modField(part * inverse(SHIFT * SHIFT - 1n))) as [bigint, bigint];
      return pairLie(changed(pair, { second: { peer: stranger } }), [0, 1].map((i) => `digests[0].Range[${i}].bits`), { place });
    })(),
    // 2^32 | 9 with kind 10 reads 0 | 9 with kind 11: two second legs, of halves that do not name each other.
    'of which one runs into the kind': pairLie(
      changed(swap(1234n), { first: { kind: 'swapOut', pool: unpackPlace(0n), peer: unpackPlace(9n) }, second: { pool: unpackPlace(10n), peer: unpackPlace(0n) } }),
      ['digests[0].Range[0].bits'],
      { ...pairSignals(swap(1234n)), place: [SHIFT, 9n] },
    ),
  },
  // Whoever proves says that something was computed which was not: coins or shares for nothing.
  'what is computed': {
    'another first half after the swap': forgedPair(add(0n, 5n), { first: { shares: 2n } }, { 'afterSwap[0]': 1n }, rule('')),
    'another second half after the swap': forgedPair(add(5n, 0n), { second: { shares: 2n } }, { 'afterSwap[1]': 1n }, rule('')),
    'that less of the second half is kept than the swap leaves': forgedPair(addOne(50_000n, 0n), { second: { shares: 2n } }, { kept: R1 - 10n }, rule('')),
    'that coins come in': forgedPair(add(0n, 5n), { first: { shares: 6000n } }, { 'coinsIn[0]': 5000n, ...filled(0, R0 + 10_000n) }, rule('')),
    'that coins come into the second half': forgedPair(changed(add(5n, 1n), { second: { shares: 0n, limit: 0n } }), { second: { shares: 6000n } }, { 'coinsIn[1]': 5000n, ...filled(1, R1 + 10_000n - 1n) }, rule('')),
    'that more coins are there afterwards': forgedPair(add(0n, 5n), { first: { shares: 2n } }, filled(0, R0 + 10n), rule('')),
    'that half of the shares is minted': forgedPair(add(0n, 5n), { first: { shares: 2n } }, { 'minted[0]': 1n }, rule('')),
    'that a pair without a kind is used': {
      refusedBy: rule(''),
      witness: (join) => {
        const digests = [0n, 1n].map((kind) => poseidon([kind << 64n, 1n, 0n, 0n, 0n, LOCKED, 0n]));
        const pair = { order: 1n, 'totalShares[0]': LOCKED, 'totalShares[1]': LOCKED };
        const inputs = { 'listed[0]': 1n, 'listed[1]': 1n, 'digest[0]': digests[0] ?? 0n, 'digest[1]': digests[1] ?? 0n, ...prefixed('pairs[0].', pair) };
        return join.following(join.consistent(join.inputs({ segments: [0] })), { ...inputs, 'rules[0].used': 1n });
      },
    },
    'that an unused pair in front of a used one is used': {
      refusedBy: [''],
      witness: (join) => {
        const pair = swap(1234n);
        const gap = { ...join.inputs(block(pair)), ...pairAt(0, NO_PAIR), ...pairAt(1, pairSignals(pair)) };
        return join.following(join.consistent(gap), { 'usedFirst.flags[0]': 1n });
      },
    },
  },
  'an unused pair': Object.fromEntries(
    Object.entries({
      order: [''],
      place: [''],
      reserve: [''],
      totalShares: [''],
      amount: ['highRange.bits', 'lowRange.bits', 'lowReserve[0].bits', 'lowReserve[1].bits'],
      shares: ['lowShares[0].bits', 'lowShares[1].bits'],
      limit: ['aboveLimit[0].bits', 'aboveLimit[1].bits'],
      swapped: ['', 'lowRange.bits'],
    }).map(([field, places]) => [`with ${field}`, claim({ segments: [0] }, () => pairAt(1, { ...NO_PAIR, [field]: field === 'order' ? 1n : [1n, 1n] }), places.map((place) => (place === '' ? 'rules[1]' : `rules[1].${place}`)))]),
  ),
};
