import { FIELD } from '../../spec/field.ts';
import { legDigest, type Leg } from '../../spec/leg.ts';
import { params } from '../../spec/params.ts';
import { NO_PAIR, pairSignals, type PairLegs, type PairSignals } from '../../prover/witnessPair.ts';
import type { SignalInputs } from '../../circuit/witnessProgram.ts';
import { CHALLENGE, type JoinBlock } from './joinHarness.ts';
import { claim, forged, list, setAt, type JoinLies } from './joinLie.ts';
import { add, changed, remove, swap } from './joinPairs.ts';

/* Joins that must be refused, and where the rule stands that refuses each: segments, and the list of legs against the pairs. */

const { chains } = params;
const HALF = (FIELD + 1n) / 2n;
const flags = (...set: readonly [number, bigint][]): bigint[] => Array.from({ length: chains }, (_, i) => set.find(([k]) => k === i)?.[1] ?? 0n);

const ONE: JoinBlock = { segments: [0] };
const TWO: JoinBlock = { segments: [0, 2] };

/** Inputs of the pair at a position. */
export const pairAt = (position: number, pair: PairSignals): SignalInputs => Object.fromEntries(Object.entries(pair).map(([field, value]) => [`pairs[${position}].${field}`, value]));

const pair = swap(1234n);
const other = remove(4000n, 3000n);
const { first, second } = pair;
const PAIRED: JoinBlock = { segments: [0, 2], pairs: [pair] };
/** Legs that segments emit, against what the join pairs. */
const emitted = (legs: readonly Leg[], ...pairs: PairLegs[]): JoinBlock => ({ segments: [0, 2], pairs, legList: legs });
const unchanged = (): SignalInputs => ({});

export const joinLies: JoinLies = {
  segments: {
    'two chains in one slot': claim(TWO, (inputs) => ({ chain: setAt(inputs['chain'], 0, flags([0, 1n], [1, 1n])) }), ['OneHotFlags[0]']),
    'fractions of chains': claim(TWO, (inputs) => ({ chain: setAt(inputs['chain'], 0, flags([0, HALF], [1, HALF])) }), ['OneHotFlags[0].Boolean[0]', 'OneHotFlags[0].Boolean[1]']),
    'two chains and minus a third': claim(TWO, (inputs) => ({ chain: setAt(inputs['chain'], 0, flags([0, 1n], [1, 1n], [2, -1n])) }), ['OneHotFlags[0].Boolean[2]']),
    'two chains in one slot that counts twice': claim(
      TWO,
      (inputs) => ({ ...list(inputs, 'used', 1n, 2n), chain: setAt(inputs['chain'], 1, flags([0, 1n], [1, 1n])), rootOut: setAt(inputs['rootOut'], 1, 0n) }),
      ['Prefix.Boolean[1]'],
    ),
    'a used slot without a chain': claim(TWO, (inputs) => ({ chain: setAt(inputs['chain'], 0, flags()) }), ['OneHotFlags[0]']),
    'an unused slot with a chain': claim(TWO, (inputs) => ({ chain: setAt(inputs['chain'], 2, flags([1, 1n])) }), ['OneHotFlags[2]']),
    'an unused slot with a root': claim(TWO, (inputs) => ({ rootOut: setAt(inputs['rootOut'], 2, 5n) }), ['']),
    'a gap between used slots': claim(TWO, (inputs) => ({ ...list(inputs, 'used', 1n, 0n, 1n), chain: setAt(setAt(inputs['chain'], 1, flags()), 2, flags([2, 1n])), rootOut: setAt(setAt(inputs['rootOut'], 1, 0n), 2, 5n) }), ['Prefix']),
    'a used flag that is not 0 or 1': claim(TWO, (inputs) => list(inputs, 'used', 1n, 2n), ['', 'OneHotFlags[1]', 'Prefix.Boolean[1]']),
    'a block number of more than 32 bits': claim(ONE, () => ({ blockNumber: 2n ** 32n }), ['Range.bits']),
    'a block number below 0': claim(ONE, () => ({ blockNumber: -1n }), ['Range.bits']),
    'a root in that is not the register': forged(TWO, () => ({ 'rootIn[0]': 1n }), ['']),
    'a chain root that changes without a segment': forged(TWO, () => ({ 'roots[2][5]': 1n }), ['']),
    'a chain root that changes before the first segment': forged(TWO, () => ({ 'roots[0][5]': 1n }), ['']),
    'a wrong count of segments': forged(TWO, (value) => ({ 'header[1]': value('header[1]') + 1n }), ['']),
    'another final root in': forged(TWO, () => ({ finalRootIn: 1n }), ['']),
    'another final root out': forged(TWO, () => ({ finalRootOut: 1n }), ['']),
    'another chain index than the flags say': forged(TWO, () => ({ 'chainIndex[1]': 3n }), ['']),
    'another root out in the words than in the registers': forged(TWO, () => ({ 'sponge.words[7]': 1n }), ['']),
    'a segment that is not published': forged(TWO, () => ({ 'segmentAtR[1].emits[0]': 0n }), ['']),
    'a root out of a segment in the published words other than in the commitment': forged(TWO, () => ({ 'segmentAtR[0].words[2]': 1n }), ['']),
  },
  legs: {
    // Each of these is a block that segments could make; the join must not pair its legs.
    'an out-leg without an in-leg': claim(emitted([second]), unchanged, ['']),
    'an in-leg without an out-leg': claim(emitted([first]), unchanged, ['']),
    'a pair whose out-leg no segment emitted': claim(emitted([first], pair), unchanged, ['']),
    'a pair whose in-leg no segment emitted': claim(emitted([second], pair), unchanged, ['']),
    'a pair that no segment emitted': claim(emitted([], pair), unchanged, ['']),
    'a pair of legs that are not paired': claim(emitted([first, second]), unchanged, ['']),
    'one in-leg for two out-legs': claim(emitted([first, second, second], pair, pair), unchanged, ['']),
    'one in-leg for two out-legs beside another leg': claim(emitted([first, second, second, other.first], pair, pair), unchanged, ['']),
    'a pair that counts twice': claim(emitted([first, second], pair, pair), unchanged, ['']),
    'a leg that is emitted twice and paired once': claim(emitted([first, second, first], pair), unchanged, ['']),
    'a leg of another block': claim(emitted([first, changed(pair, { second: { reserve: second.reserve + 1n } }).second], pair), unchanged, ['']),
    'legs of two orders': claim(emitted([first, { ...second, order: 78n }], pair), unchanged, ['']),
    'a second half that names another peer': claim(emitted([first, { ...second, peer: { ...first.pool, leafIndex: 6 } }], pair), unchanged, ['']),
    'a first half that names another peer': claim(emitted([{ ...first, peer: { ...second.pool, chainIndex: 3 } }, second], pair), unchanged, ['']),
    'a mirror of the second half': claim(emitted([first, { ...second, pool: { ...second.pool, leafIndex: 4 } }], pair), unchanged, ['']),
    'a second leg of another kind': claim(emitted([first, { ...second, kind: 'removeLiquidityPeer' }], pair), unchanged, ['']),
    'a first leg as the second one': claim(emitted([first, { ...second, kind: 'swapIn' }], pair), unchanged, ['']),
    'the legs of a swap the other way round': claim(emitted([{ ...first, kind: 'swapOut' }, { ...second, kind: 'swapIn' }], pair), unchanged, ['']),
    'legs of an add as those of a remove': claim(
      emitted([add(5n, 9n).first, add(5n, 9n).second], { first: { ...add(5n, 9n).first, kind: 'removeLiquidity' }, second: add(5n, 9n).second }),
      unchanged,
      ['', 'rules[0].aboveLimit[0].bits', 'rules[0].highRange.bits', 'rules[0].lowRange.bits'],
    ),
    'half a listed leg': claim(ONE, (inputs) => list(inputs, 'listed', HALF), ['', 'Prefix.Boolean[0]']),
    'a gap in the list, without pairs': claim(ONE, (inputs) => ({ ...list(inputs, 'listed', 0n, 1n), ...list(inputs, 'digest', 0n, 5n) }), ['', 'Prefix']),
    'a gap in the list': claim(PAIRED, (inputs) => ({ ...list(inputs, 'listed', 1n, 0n, 1n), ...list(inputs, 'digest', legDigest(first), 0n, legDigest(second)) }), ['Prefix']),
    'a gap between the pairs': claim(PAIRED, () => ({ ...pairAt(0, NO_PAIR), ...pairAt(1, pairSignals(pair)) }), ['usedFirst']),
    // With r known beforehand, the product alone can be met. (It is not known: r depends on the digests through c1.)
    'a leg without a pair that the product does not see': claim(ONE, (inputs) => ({ ...list(inputs, 'listed', 1n), ...list(inputs, 'digest', 1n - CHALLENGE) }), ['']),
    'a leg that counts as minus one': claim(
      ONE,
      (inputs) => ({ ...list(inputs, 'listed', 1n, -1n), ...list(inputs, 'digest', 1n - CHALLENGE, 1n - CHALLENGE) }),
      ['Prefix.Boolean[1]'],
    ),
    'legs in the header that are not those of the list': forged(PAIRED, () => ({ 'header[4]': 5n }), ['']),
  },
};
