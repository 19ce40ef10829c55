import type { Witness } from '../../../circuit/tester.ts';
import type { Leaf } from '../../../spec/leaf.ts';
import { leafHash } from '../../../spec/leaf.ts';
import type { OperationRequest } from '../../../spec/operation.ts';
import { params } from '../../../spec/params.ts';
import type { LedgerState } from '../../../state/ledger.ts';
import { fractionalBits } from '../fractionalBits.ts';
import { Forger } from './forger.ts';
import { SegmentHarness, sealedTrace, type InputChanges } from '../segmentHarness.ts';
import { uncheckedTrace, type UncheckedOperation } from '../segmentUnchecked.ts';
import { CHAIN_INDEX, LEAF, world, type LeafName } from '../world.ts';

/** Any number: in these tests nobody derives it from the data. */
const CHALLENGE = 0x1f2e3d4c5b6a798877665544332211ffeeddccbbaa99887766554433221100n;
export const SEGMENT_FOLLOWS = ['c1', 'c2', 'y1', 'y2', 'legsOut'];

export interface SegmentClaim {
  /** Applied whatever the ledger says. */
  operation: UncheckedOperation | readonly UncheckedOperation[];
  /** Leaves that are not as in the test world. */
  leaves?: Partial<Record<LeafName, Partial<Leaf>>>;
  /** Inputs of slot 0 (or, with a leading /, of the segment) that are not as in the trace. */
  inputs?: InputChanges;
  /** Wires of slot 0 (or, with a leading /, of the segment) that are given a value; what is computed from them follows. */
  forced?: Record<string, bigint>;
  /** The tree holds the leaf that is claimed, whatever it is. */
  planted?: true;
  /** The lowest two bits of the leaf index are no bits: they pick the claimed leaf out of children that do not have it. */
  fractional?: true;
}

/** Witnesses of the segment circuit with public inputs that fit whatever is published: of valid operations and of lies. */
export class SegmentForge {
  readonly segment: SegmentHarness;
  readonly #forger: Forger;

  private constructor(segment: SegmentHarness) {
    this.segment = segment;
    const idle = segment.consistent(segment.inputs(uncheckedTrace({ type: 'noop' })));
    this.#forger = new Forger({ tester: segment.tester, idle, follows: SEGMENT_FOLLOWS });
  }

  static async load(slots = 1): Promise<SegmentForge> {
    return new SegmentForge(await SegmentHarness.load({ slots }));
  }

  value(witness: Witness, name: string): bigint {
    return this.#forger.value(witness, name);
  }

  following(witness: Witness, changes: Record<string, bigint>): Witness {
    return this.#forger.following(witness, changes);
  }

  /** Of operations that the ledger seals. */
  valid(operations: readonly OperationRequest[], state?: LedgerState): Witness {
    return this.segment.consistent(this.segment.inputs(sealedTrace(operations, state)));
  }

  /** Scalar inputs of slot 0 and of the segment that could be one more while all other inputs, public ones too, stay: nothing uses them. */
  looseInputs(valid: Witness): string[] {
    const { tester } = this.segment;
    const names = Array.from({ length: tester.system.lastInput - tester.publicWires }, (_, i) => tester.names(1 + tester.publicWires + i)[0] ?? '');
    const scalars = names.filter((name) => !/children|Children|registersIn|\[[23]\]/.test(name));
    const isLoose = (name: string): boolean => {
      const changed = this.#forger.withQuotient(this.following(valid, { [name]: this.value(valid, name) + 1n }), 'slot[0].authority.Signature');
      return changed.every((value, wire) => wire === 0 || wire > tester.publicWires || value === valid[wire]) && tester.isSatisfied(changed);
    };
    return scalars.filter(isLoose).map((name) => name.replace('slots[0].', '')).sort();
  }

  /** A witness of anything, with public inputs that fit what it publishes. */
  claim({ operation, leaves = {}, inputs = {}, forced = {}, planted, fractional }: SegmentClaim): Witness {
    const state = world(leaves);
    const trace = uncheckedTrace(operation, state);
    const qualified = <T>(values: Record<string, T>, slot: string): [string, T][] => Object.entries(values).map(([key, value]) => [key.startsWith('/') ? key.slice(1) : `${slot}.${key}`, value]);
    const isTransfer = trace.slots.some(({ b }) => b !== null);
    const signals = this.segment.inputs(trace, Object.fromEntries(qualified(inputs, 'slots[0]')));
    const witness = this.segment.tester.witness({ ...signals, ...(isTransfer ? {} : farRead(state, Number(signals['slots[0].leafIndex']), inputs)), r: CHALLENGE });
    const published = this.following(this.#published(witness, '/legsOut' in inputs), Object.fromEntries(qualified(forced, 'slot[0]')));
    const claimed = Object.keys(forced).length === 0 ? published : this.#forger.withQuotient(published, 'slot[0].authority.Signature');
    if (planted) return this.#plant(claimed);
    return fractional ? this.#pickFractionally(claimed) : claimed;
  }

  /** Every node on the path of the claimed leaf, put into its place among its siblings. */
  #plant(witness: Witness): Witness {
    const { arity, depth, registerLevels } = params;
    const levels = depth - registerLevels;
    const index = Number(this.value(witness, 'slots[0].leafIndex'));
    let current = witness;
    for (let level = 0; level < levels; level++) {
      const digit = Math.floor(index / arity ** level) % arity;
      current = this.following(current, { [`slots[0].children[${level}][${digit}]`]: this.value(current, `slot[0].access.nodes[${level}].before`) });
    }
    const register = Math.floor(index / arity ** levels);
    return this.following(current, { [`registersIn[${register}]`]: this.value(current, `slot[0].access.nodes[${levels - 1}].nodeBefore`) });
  }

  #pickFractionally(witness: Witness): Witness {
    for (let balance = 1_000_001n; ; balance++) {
      const current = this.following(witness, { 'slots[0].balance': balance });
      const bit = (k: number): bigint => this.value(current, `slot[0].access.bits.out[${k}]`);
      const block = 4 * Number(bit(2));
      const cells = [0, 1, 2, 3].map((k) => this.value(current, `slots[0].children[0][${block + k}]`));
      const found = fractionalBits({ sum: bit(0) + 2n * bit(1), cells, target: this.value(current, 'slot[0].access.nodes[0].before') });
      if (found) return this.following(current, { 'slot[0].access.bits.out[0]': found.low, 'slot[0].access.bits.out[1]': found.high });
    }
  }

  /** Public inputs that fit what the witness publishes; the legs out too unless they are claimed. */
  #published(witness: Witness, claimsLegs: boolean): Witness {
    const last = `slot[${this.segment.slots - 1}]`;
    const withLegs = claimsLegs ? witness : this.following(witness, { legsOut: this.value(witness, `${last}.legsOut`) });
    return this.following(withLegs, { c2: this.value(withLegs, 'sponge2.out'), y2: this.value(withLegs, 'l2AtR[0].value') });
  }
}

/**
 * The second access of an operation that has only one, at a leaf under another register: then nothing about it depends on the lie. (The
 * prover may read any leaf there.)
 */
function farRead(state: LedgerState, leafIndex: number, inputs: InputChanges): Record<string, bigint | bigint[][]> {
  if ('peerIndex' in inputs || 'peerValue' in inputs) return {};
  const chain = state.chain(CHAIN_INDEX);
  const registerOf = (index: number): number => Math.floor(index / params.arity ** (params.depth - params.registerLevels));
  const far = registerOf(leafIndex) === registerOf(LEAF.carolOther) ? LEAF.pool : LEAF.carolOther;
  return { 'slots[0].peerIndex': BigInt(far), 'slots[0].peerValue': leafHash(chain.leaf(far)), 'slots[0].peerChildren': chain.tree.path(far) };
}
