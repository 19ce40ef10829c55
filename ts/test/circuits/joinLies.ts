import type { Witness } from '../../circuit/tester.ts';
import type { SignalInput, SignalInputs } from '../../circuit/witnessProgram.ts';
import { joinSignals } from '../../prover/witnessJoin.ts';
import { FIELD } from '../../spec/field.ts';
import { params } from '../../spec/params.ts';
import { poseidon } from '../../spec/poseidon.ts';
import { CHALLENGE, blockOf, type JoinHarness } from './joinHarness.ts';

/* Joins that must be refused, and where the rule stands that refuses each. Public inputs follow from what is claimed. */

export interface JoinLie {
  witness: (join: JoinHarness) => Witness;
  /** Components whose constraints are violated. */
  refusedBy: string[];
  /** It needs a pair, and no rule takes any yet: apart from that, this is what refuses it. */
  needsRule?: true;
}

const { chains } = params;
const HALF = (FIELD + 1n) / 2n;

const setAt = (list: SignalInput | undefined, index: number, element: SignalInput): SignalInput => (Array.isArray(list) ? (list as readonly SignalInput[]) : []).with(index, element);
const flags = (...set: readonly [number, bigint][]): bigint[] => Array.from({ length: chains }, (_, i) => set.find(([k]) => k === i)?.[1] ?? 0n);

/** Inputs of a block with some of them changed. */
function claim(chainIndices: readonly number[], changes: (inputs: SignalInputs) => SignalInputs, refusedBy: string[]): JoinLie {
  return {
    refusedBy,
    witness: (join) => {
      const inputs = joinSignals(blockOf(chainIndices));
      return join.consistent({ ...inputs, ...changes(inputs) });
    },
  };
}

/** Inputs with pairs. */
const withPairs = (changes: (inputs: SignalInputs) => SignalInputs, refusedBy: string[]): JoinLie => ({ ...claim([0], changes, refusedBy), needsRule: true });

/** A valid witness with some wires changed and what depends on them following. */
function forged(chainIndices: readonly number[], changes: (value: (name: string) => bigint) => Record<string, bigint>, refusedBy: string[]): JoinLie {
  return {
    refusedBy,
    witness: (join) => {
      const valid = join.consistent(joinSignals(blockOf(chainIndices)));
      return join.following(valid, changes((name) => join.value(valid, name)));
    },
  };
}

const LEG = { head: 1n, order: 2n, amount: 3n, reserve: 4n, shares: 5n, limit: 6n };
export const LEG_DIGEST = poseidon(Object.values(LEG));
const legs = (s: number): SignalInputs => Object.fromEntries(['legIn', 'legOut'].flatMap((leg) => Object.entries(LEG).map(([field, value]) => [`${leg}[${s}].${field}`, value])));
const list = (inputs: SignalInputs, name: string, ...values: bigint[]): SignalInputs => ({ [name]: values.reduce<SignalInput>((all, value, i) => setAt(all, i, value), inputs[name] ?? []) });
const PAIR = ['PairRules[0]'];
/** 1 + ½·(r + digest - 1) for a pair without words. */
const HALF_PAIR = 1n + HALF * (CHALLENGE + poseidon([0n, 0n, 0n, 0n, 0n, 0n]) - 1n);

export const joinLies: Record<string, Record<string, JoinLie>> = {
  segments: {
    'two chains in one slot': claim([0, 2], (inputs) => ({ chain: setAt(inputs['chain'], 0, flags([0, 1n], [1, 1n])) }), ['OneHotFlags[0]']),
    'fractions of chains': claim([0, 2], (inputs) => ({ chain: setAt(inputs['chain'], 0, flags([0, HALF], [1, HALF])) }), ['OneHotFlags[0].Boolean[0]', 'OneHotFlags[0].Boolean[1]']),
    'two chains and minus a third': claim([0, 2], (inputs) => ({ chain: setAt(inputs['chain'], 0, flags([0, 1n], [1, 1n], [2, -1n])) }), ['OneHotFlags[0].Boolean[2]']),
    'two chains in one slot that counts twice': claim(
      [0, 2],
      (inputs) => ({ ...list(inputs, 'used', 1n, 2n), chain: setAt(inputs['chain'], 1, flags([0, 1n], [1, 1n])), rootOut: setAt(inputs['rootOut'], 1, 0n) }),
      ['Prefix.Boolean[1]'],
    ),
    'a used slot without a chain': claim([0, 2], (inputs) => ({ chain: setAt(inputs['chain'], 0, flags()) }), ['OneHotFlags[0]']),
    'an unused slot with a chain': claim([0, 2], (inputs) => ({ chain: setAt(inputs['chain'], 2, flags([1, 1n])) }), ['OneHotFlags[2]']),
    'an unused slot with a root': claim([0, 2], (inputs) => ({ rootOut: setAt(inputs['rootOut'], 2, 5n) }), ['']),
    'a gap between used slots': claim([0, 2], (inputs) => ({ ...list(inputs, 'used', 1n, 0n, 1n), chain: setAt(setAt(inputs['chain'], 1, flags()), 2, flags([2, 1n])), rootOut: setAt(setAt(inputs['rootOut'], 1, 0n), 2, 5n) }), ['Prefix']),
    'a used flag that is not 0 or 1': claim([0, 2], (inputs) => list(inputs, 'used', 1n, 2n), ['', 'OneHotFlags[1]', 'Prefix.Boolean[1]']),
    'a block number of more than 32 bits': claim([0], () => ({ blockNumber: 2n ** 32n }), ['Range.bits']),
    'a block number below 0': claim([0], () => ({ blockNumber: -1n }), ['Range.bits']),
    'a root in that is not the register': forged([0, 2], () => ({ 'rootIn[0]': 1n }), ['']),
    'a chain root that changes without a segment': forged([0, 2], () => ({ 'roots[2][5]': 1n }), ['']),
    'a chain root that changes before the first segment': forged([0, 2], () => ({ 'roots[0][5]': 1n }), ['']),
    'a wrong count of segments': forged([0, 2], (value) => ({ 'header[1]': value('header[1]') + 1n }), ['']),
    'another final root in': forged([0, 2], () => ({ finalRootIn: 1n }), ['']),
    'another final root out': forged([0, 2], () => ({ finalRootOut: 1n }), ['']),
    'another chain index than the flags say': forged([0, 2], () => ({ 'chainIndex[1]': 3n }), ['']),
    'another root out in the words than in the registers': forged([0, 2], () => ({ 'sponge.words[7]': 1n }), ['']),
    'a segment that is not published': forged([0, 2], () => ({ 'segmentAtR[1].emits[0]': 0n }), ['']),
    'a root out of a segment in the published words other than in the commitment': forged([0, 2], () => ({ 'segmentAtR[0].words[2]': 1n }), ['']),
  },
  legs: {
    // Everything else is right: both legs are in the list, the list hashes to `legs`, the multisets are equal.
    'a pair, because no kind has a rule yet': claim([0], (inputs) => ({ ...legs(0), ...list(inputs, 'paired', 1n), ...list(inputs, 'listed', 1n, 1n), ...list(inputs, 'digest', LEG_DIGEST, LEG_DIGEST) }), PAIR),
    'a listed leg without a pair': claim([0], (inputs) => ({ ...list(inputs, 'listed', 1n), ...list(inputs, 'digest', LEG_DIGEST) }), ['']),
    'listed legs other than those of the pairs': withPairs(
      (inputs) => ({ ...legs(0), ...list(inputs, 'paired', 1n), ...list(inputs, 'listed', 1n, 1n), ...list(inputs, 'digest', LEG_DIGEST, LEG_DIGEST + 1n) }),
      ['', ...PAIR],
    ),
    'words of a pair that is not used': claim([0], () => legs(3), ['']),
    'a pair of which only one leg is listed': withPairs((inputs) => ({ ...legs(0), ...list(inputs, 'paired', 1n), ...list(inputs, 'listed', 1n), ...list(inputs, 'digest', LEG_DIGEST) }), ['', ...PAIR]),
    'half a listed leg': claim([0], (inputs) => ({ ...list(inputs, 'listed', HALF) }), ['', 'Prefix.Boolean[0]']),
    'a gap in the list, without pairs': claim([0], (inputs) => ({ ...list(inputs, 'listed', 0n, 1n), ...list(inputs, 'digest', 0n, LEG_DIGEST) }), ['', 'Prefix']),
    'a gap in the list': withPairs((inputs) => ({ ...legs(0), ...list(inputs, 'paired', 1n), ...list(inputs, 'listed', 1n, 0n, 1n), ...list(inputs, 'digest', LEG_DIGEST, 0n, LEG_DIGEST) }), ['PairRules[0]', 'Prefix']),
    'a gap between the pairs': withPairs((inputs) => ({ ...legs(1), ...list(inputs, 'paired', 0n, 1n), ...list(inputs, 'listed', 1n, 1n), ...list(inputs, 'digest', LEG_DIGEST, LEG_DIGEST) }), ['PairRules[1]', 'Prefix']),
    // One listed leg whose factor at the known r is that of the two halves together.
    'half a pair': withPairs((inputs) => ({ ...list(inputs, 'paired', HALF), ...list(inputs, 'listed', 1n), ...list(inputs, 'digest', HALF_PAIR ** 2n - CHALLENGE) }), ['PairRules[0]', 'Prefix.Boolean[0]']),
    // With r known beforehand, the product alone can be met. (It is not known: r depends on the digests through c1.)
    'a leg without a pair that the product does not see': claim([0], (inputs) => ({ ...list(inputs, 'listed', 1n), ...list(inputs, 'digest', 1n - CHALLENGE) }), ['']),
    'a leg that counts as minus one': claim(
      [0],
      (inputs) => ({ ...list(inputs, 'listed', 1n, -1n), ...list(inputs, 'digest', 1n - CHALLENGE, 1n - CHALLENGE) }),
      ['Prefix.Boolean[1]'],
    ),
    'legs in the header that are not those of the list': forged([0], () => ({ 'header[4]': 5n }), ['']),
  },
};
