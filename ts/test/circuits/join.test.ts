import { beforeAll, describe, expect, it } from 'vitest';
import { createTester, type CircuitTester, type Witness } from '../../circuit/tester.ts';
import type { SignalInputs } from '../../circuit/witnessProgram.ts';
import { joinSignals } from '../../prover/witness.ts';
import { FIELD, evaluateWords } from '../../spec/field.ts';
import type { OperationRequest } from '../../spec/operation.ts';
import { params } from '../../spec/params.ts';
import { poseidon } from '../../spec/poseidon.ts';
import { sponge } from '../../spec/sponge.ts';
import { sealBlock } from '../../state/block.ts';
import { LedgerState } from '../../state/ledger.ts';
import type { JoinTrace } from '../../state/trace.ts';
import { DEPLOYMENT_ID, TIMESTAMP, deposit, users } from './world.ts';

const { chains, joinSegments: M, joinPairs: S } = params;
const CHALLENGE = 0x0123456789abcdef0123456789abcdef0123456789abcdefn;

/** A block whose segments are on these chains, in this order; every segment makes one deposit. */
function blockOf(chainIndices: readonly number[]): JoinTrace {
  const taken = new Map<number, number>();
  const segments = chainIndices.map((chainIndex) => {
    const leafIndex = taken.get(chainIndex) ?? 0;
    taken.set(chainIndex, leafIndex + 1);
    const operations: OperationRequest[] = [deposit(users.alice, leafIndex)];
    return { chainIndex, operations };
  });
  const state = LedgerState.empty({ chainCount: chains });
  return sealBlock({ state, deploymentId: DEPLOYMENT_ID, blockNumber: 9, timestamp: TIMESTAMP, segments }).trace.join;
}

describe('join', () => {
  let tester: CircuitTester;
  beforeAll(async () => {
    tester = await createTester({ file: 'join.circom', template: 'Join', parameters: [chains, M, S], publicInputs: ['c1', 'r', 'y1'] });
  });

  const value = (witness: Witness, name: string): bigint => witness[tester.wire(name)] ?? 0n;
  const places = (witness: Witness): string[] => [...new Set(tester.violations(witness, 100).map(({ component }) => component))].sort();

  /** Public inputs that fit what the witness publishes. */
  function consistent(inputs: SignalInputs): Witness {
    const witness = tester.witness(inputs);
    const words = Array.from({ length: 5 + 3 * M + 12 * S }, (_, k) => value(witness, `sponge.words[${k}]`));
    const used = Array.from({ length: M }, (_, j) => value(witness, `used[${j}]`)).filter((flag) => flag !== 0n).length;
    return tester.witness({ ...inputs, c1: sponge('join', words), r: CHALLENGE, y1: evaluateWords(words.slice(0, 5 + 3 * used), CHALLENGE) });
  }
  const lying = (trace: JoinTrace, changes: (inputs: SignalInputs) => SignalInputs): string[] => {
    const inputs = joinSignals(trace);
    return places(consistent({ ...inputs, ...changes(inputs) }));
  };
  const setAt = (list: SignalInputs[string] | undefined, index: number, element: SignalInputs[string]): SignalInputs[string] =>
    (Array.isArray(list) ? (list as readonly SignalInputs[string][]) : []).with(index, element);

  for (const [name, chainIndices] of Object.entries({
    'no segment': [],
    'one segment': [3],
    'segments of several chains': [0, 2, 1],
    'several segments of one chain': [15, 0, 15, 15, 0],
    'as many segments as there are slots': Array.from({ length: M }, (_, j) => (j * 5) % chains),
  })) {
    it(`accepts ${name}, with the public inputs of ts/spec`, () => {
      const trace = blockOf(chainIndices);
      const witness = tester.witness(joinSignals(trace));
      expect(places(witness)).toEqual([]);
      expect(witness.slice(1, 4)).toEqual(Object.values(trace.publicInputs));
      expect([value(witness, 'finalRootIn'), value(witness, 'finalRootOut')]).toEqual([trace.finalRootIn, trace.finalRootOut]);
    });
  }

  it('has its public inputs first, in the order c1, r, y1', () => {
    expect([1, 2, 3].map((wire) => tester.names(wire)[0])).toEqual(['c1', 'r', 'y1']);
    expect(tester.publicWires).toBe(3);
  });

  it('leaves nothing free but its inputs', () => {
    const free = tester.freeWires(consistent(joinSignals(blockOf([0, 2, 0]))));
    expect(free.map((wire) => tester.names(wire)[0])).toEqual([]);
  });

  for (const name of ['c1', 'r', 'y1'] as const) {
    it(`refuses another ${name}`, () => {
      const { publicInputs, ...trace } = blockOf([0, 2]);
      const witness = tester.witness(joinSignals({ ...trace, publicInputs: { ...publicInputs, [name]: publicInputs[name] + 1n } }));
      expect(places(witness)).not.toEqual([]);
    });
  }

  describe('segments', () => {
    it('publishes the roots in that the registers hold: no other can be claimed', () => {
      const trace = blockOf([0, 0]);
      const first = trace.segments[0];
      // rootIn is no input; swapping the two segments' roots out makes the second one start from what the first one left.
      const inputs = joinSignals(trace);
      const swapped = consistent({ ...inputs, rootOut: setAt(setAt(inputs['rootOut'], 0, trace.segments[1]?.rootOut ?? 0n), 1, first?.rootOut ?? 0n) });
      expect(places(swapped)).toEqual([]); // true of other segments, whose proofs do not exist
      expect(value(swapped, 'rootIn[1]')).toBe(trace.segments[1]?.rootOut);
      expect(value(swapped, 'finalRootOut')).not.toBe(trace.finalRootOut);
    });
    it('refuses a root in that is not the register', () => {
      const witness = consistent(joinSignals(blockOf([0, 2])));
      expect(places(tester.edit(witness, { 'rootIn[0]': 1n }))).not.toEqual([]);
      expect(places(tester.edit(witness, { 'roots[1][0]': 1n }))).not.toEqual([]);
      expect(places(tester.edit(witness, { 'roots[16][7]': 1n }))).not.toEqual([]);
    });
    it('refuses a chain root that changes without a segment', () => {
      const witness = consistent(joinSignals(blockOf([0, 2])));
      expect(places(tester.edit(witness, { 'roots[2][5]': 1n }))).not.toEqual([]);
    });
    it('refuses two chains in one slot', () => {
      const trace = blockOf([0, 2]);
      const chain = Array.from({ length: chains }, (_, i) => (i < 2 ? 1n : 0n));
      expect(lying(trace, (inputs) => ({ chain: setAt(inputs['chain'], 0, chain) }))).toEqual(['OneHotFlags[0]']);
    });
    it('refuses fractions of chains', () => {
      const half = (FIELD + 1n) / 2n;
      const chain = Array.from({ length: chains }, (_, i) => (i < 2 ? half : 0n));
      const refused = lying(blockOf([0, 2]), (inputs) => ({ chain: setAt(inputs['chain'], 0, chain) }));
      expect(refused).toEqual(['OneHotFlags[0].Boolean[0]', 'OneHotFlags[0].Boolean[1]']);
    });
    it('refuses a used slot without a chain', () => {
      const chain = Array.from({ length: chains }, () => 0n);
      expect(lying(blockOf([0, 2]), (inputs) => ({ chain: setAt(inputs['chain'], 0, chain) }))).toEqual(['OneHotFlags[0]']);
    });
    it('refuses an unused slot with a chain or a root', () => {
      const chain = Array.from({ length: chains }, (_, i) => (i === 1 ? 1n : 0n));
      expect(lying(blockOf([0, 2]), (inputs) => ({ chain: setAt(inputs['chain'], 2, chain) }))).toEqual(['', 'OneHotFlags[2]']);
      expect(lying(blockOf([0, 2]), (inputs) => ({ rootOut: setAt(inputs['rootOut'], 2, 5n) }))).toEqual(['']);
    });
    it('refuses a gap between used slots', () => {
      const trace = blockOf([0, 2]);
      expect(lying(trace, (inputs) => ({ used: setAt(setAt(inputs['used'], 1, 0n), 2, 1n) }))).toContain('Prefix');
    });
    it('refuses a used flag that is not 0 or 1', () => {
      expect(lying(blockOf([0, 2]), (inputs) => ({ used: setAt(inputs['used'], 1, 2n) }))).toContain('Prefix.Boolean[1]');
    });
    it('refuses a wrong count of segments', () => {
      const witness = consistent(joinSignals(blockOf([0, 2])));
      expect(places(tester.edit(witness, { 'header[1]': value(witness, 'header[1]') + 1n }))).toContain('');
    });
    it('refuses a block number of more than 32 bits', () => {
      expect(lying(blockOf([0]), () => ({ blockNumber: 2n ** 32n }))).toEqual(['Range.bits']);
    });
  });

  describe('legs', () => {
    const legs = { head: 1n, order: 2n, amount: 3n, reserve: 4n, shares: 5n, limit: 6n };
    const pair = (s: number): SignalInputs => Object.fromEntries(['legIn', 'legOut'].flatMap((leg) => Object.entries(legs).map(([f, v]) => [`${leg}[${s}].${f}`, v])));
    const digest = poseidon(Object.values(legs));

    it('refuses a pair, because no kind has a rule yet', () => {
      // Everything else is right: both legs are in the list, the list hashes to `legs`, the multisets are equal.
      const refused = lying(blockOf([0]), (inputs) => ({
        ...pair(0),
        paired: setAt(inputs['paired'], 0, 1n),
        listed: setAt(setAt(inputs['listed'], 0, 1n), 1, 1n),
        digest: setAt(setAt(inputs['digest'], 0, digest), 1, digest),
      }));
      expect(refused).toEqual(['PairRules[0]']);
    });
    it('refuses a listed leg without a pair', () => {
      expect(lying(blockOf([0]), (inputs) => ({ listed: setAt(inputs['listed'], 0, 1n), digest: setAt(inputs['digest'], 0, digest) }))).toEqual(['']);
    });
    it('refuses listed legs other than those of the pairs', () => {
      const refused = lying(blockOf([0]), (inputs) => ({
        ...pair(0),
        paired: setAt(inputs['paired'], 0, 1n),
        listed: setAt(setAt(inputs['listed'], 0, 1n), 1, 1n),
        digest: setAt(setAt(inputs['digest'], 0, digest), 1, digest + 1n),
      }));
      expect(refused).toEqual(['', 'PairRules[0]']);
    });
    it('refuses words of a pair that is not used', () => {
      expect(lying(blockOf([0]), () => pair(3))).toEqual(['']);
    });
    it('hashes the list into the header', () => {
      const listed = consistent({
        ...joinSignals(blockOf([0])),
        listed: Array.from({ length: 2 * S }, (_, i) => (i < 2 ? 1n : 0n)),
        digest: Array.from({ length: 2 * S }, (_, i) => (i < 2 ? digest : 77n)),
      });
      expect(value(listed, 'header[4]')).toBe(poseidon([poseidon([0n, digest]), digest]));
    });
    it('refuses legs in the header that are not those of the list', () => {
      const witness = consistent(joinSignals(blockOf([0])));
      expect(places(tester.edit(witness, { 'header[4]': 5n }))).not.toEqual([]);
    });
  });
});
