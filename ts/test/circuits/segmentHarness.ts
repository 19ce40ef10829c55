import { createTester, type CircuitTester, type Witness } from '../../circuit/tester.ts';
import type { SignalInputs } from '../../circuit/witnessProgram.ts';
import { segmentSignals } from '../../prover/witness.ts';
import { evaluateWords } from '../../spec/field.ts';
import { isOnchain, type OperationRequest } from '../../spec/operation.ts';
import { params } from '../../spec/params.ts';
import { operationWords } from '../../spec/pubdata.ts';
import { segmentHeader } from '../../spec/segment.ts';
import { sponge } from '../../spec/sponge.ts';
import { sealBlock } from '../../state/block.ts';
import type { LedgerState } from '../../state/ledger.ts';
import type { SegmentTrace } from '../../state/trace.ts';
import { BLOCK_NUMBER, CHAIN_INDEX, DEPLOYMENT_ID, TIMESTAMP, world } from './world.ts';

/** Any number: in these tests nobody derives it from the data. */
const CHALLENGE = 0x1f2e3d4c5b6a798877665544332211ffeeddccbbaa99887766554433221100n;

/** Places in the header, see segmentHeader. */
const LEGS_OUT = 5;
const C2 = 6;

export const CONTEXT = { deploymentId: DEPLOYMENT_ID, blockNumber: BLOCK_NUMBER, timestamp: TIMESTAMP };

/** Changes of a segment's inputs; of an array, only the elements that are named `name[i]`. */
export type InputChanges = Record<string, bigint>;

/** The ledger's trace of operations that it accepts. */
export function sealedTrace(operations: readonly OperationRequest[], state = world()): SegmentTrace {
  const [segment] = sealedTraces([{ chainIndex: CHAIN_INDEX, operations }], state);
  if (!segment) throw new Error('a sealed block has no segment');
  return segment;
}

/** The same for a block of several segments. */
export function sealedTraces(segments: readonly { chainIndex: number; operations: readonly OperationRequest[] }[], state: LedgerState): SegmentTrace[] {
  return sealBlock({ ...CONTEXT, state, segments }).trace.segments;
}

interface SegmentWords {
  header: bigint[];
  /** Emitted words. */
  onchain: bigint[];
  l2: bigint[];
  /** Words of all slots. */
  onchainSlots: bigint[];
  l2Slots: bigint[];
}

/** A test instance of the segment circuit. */
export class SegmentHarness {
  readonly tester: CircuitTester;
  readonly slots: number;

  private constructor(tester: CircuitTester, slots: number) {
    this.tester = tester;
    this.slots = slots;
  }

  static async load({ slots = 1, simplification = 0 }: { slots?: number; simplification?: 0 | 2 } = {}): Promise<SegmentHarness> {
    const { arity, depth, registerLevels, feeTokens } = params;
    const sizes = [slots, arity, depth, registerLevels, feeTokens];
    const instance = { file: 'segment.circom', template: 'Segment', parameters: sizes, publicInputs: ['c1', 'c2', 'r', 'y1', 'y2'], simplification };
    return new SegmentHarness(await createTester(instance), slots);
  }

  inputs(trace: SegmentTrace, changes: InputChanges = {}): SignalInputs {
    return change(segmentSignals(trace, { slots: this.slots }), changes);
  }

  /** Inputs whose legs out are those that the slots emit, whatever they are. */
  withLegs(inputs: SignalInputs): SignalInputs {
    return { ...inputs, legsOut: this.tester.witness(inputs)[this.tester.wire(`slot[${this.slots - 1}].legsOut`)] ?? 0n };
  }

  /**
   * Witness of inputs with the public inputs that fit what it publishes: what a prover gives who lies about everything but the binding.
   * Works on instances that are not simplified.
   * @param legs `emitted`: legs out are those that the slots emit, whatever the inputs claim
   */
  consistent(inputs: SignalInputs, { legs = 'claimed' }: { legs?: 'claimed' | 'emitted' } = {}): Witness {
    const loose = this.tester.witness(inputs);
    const { header, onchain, l2, onchainSlots, l2Slots } = this.words(loose);
    const [legsOut = 0n, c2] = [legs === 'emitted' ? loose[this.tester.wire(`slot[${this.slots - 1}].legsOut`)] : header[LEGS_OUT], sponge('segmentL2', l2Slots)];
    // The words of slots depend on neither.
    const bound = header.with(LEGS_OUT, legsOut).with(C2, c2);
    const c1 = sponge('segmentOnchain', [...bound, ...onchainSlots]);
    const r = CHALLENGE;
    return this.tester.witness({ ...inputs, legsOut, c1, c2, r, y1: evaluateWords([...bound, ...onchain], r), y2: evaluateWords(l2, r) });
  }

  /** Witness of a trace with public inputs by the twin of ts/spec for this number of slots. */
  honest(trace: SegmentTrace): { inputs: SignalInputs; words: SegmentWords } {
    const inputs = this.inputs(trace);
    return { inputs, words: this.words(this.tester.witness(inputs)) };
  }

  words(witness: Witness): SegmentWords {
    const value = (name: string): bigint => witness[this.tester.wire(name)] ?? 0n;
    const list = (name: string, perSlot: number): { all: bigint[]; emitted: bigint[] } => {
      const places = Array.from({ length: this.slots * perSlot }, (_, i) => ({ slot: Math.floor(i / perSlot), k: i % perSlot }));
      const all = places.map(({ slot, k }) => value(`slot[${slot}].${name}[${k}]`));
      return { all, emitted: all.filter((_, i) => value(`slot[${places[i]?.slot}].${name}Emits[${places[i]?.k}]`) !== 0n) };
    };
    const onchain = list('onchain', 4);
    const l2 = list('l2', 4);
    const header = Array.from({ length: 7 }, (_, k) => value(`header[${k}]`));
    return { header, onchain: onchain.emitted, l2: l2.emitted, onchainSlots: onchain.all, l2Slots: l2.all };
  }

  /** Where the constraints stand that a witness violates, e.g. `slot[0].ofUser.EqualIf`; each place once. */
  violatedPlaces(witness: Witness): string[] {
    return [...new Set(this.tester.violations(witness, 100).map(({ component }) => component))];
  }
}

/** Header words by the twin. */
export function headerOf(trace: SegmentTrace, c2: bigint): bigint[] {
  const count = (onchain: boolean): number => trace.slots.filter(({ operation }) => isOnchain(operation) === onchain).flatMap(({ operation }) => operationWords(operation)).length;
  return segmentHeader({ ...trace, onchainWords: count(true), l2Words: count(false), c2 });
}

function change(inputs: SignalInputs, changes: InputChanges): SignalInputs {
  const changed: SignalInputs = { ...inputs };
  for (const [name, value] of Object.entries(changes)) {
    const [, array, indices = ''] = /^(.*?)((?:\[\d+\])*)$/.exec(name) ?? [];
    if (name in changed) changed[name] = value;
    else if (array !== undefined && array in changed) changed[array] = replaceAt(changed[array] ?? [], [...indices.matchAll(/\d+/g)].map(Number), value);
    else throw new Error(`there is no input ${name}`);
  }
  return changed;
}

function replaceAt(value: SignalInputs[string], [index, ...rest]: number[], element: bigint): SignalInputs[string] {
  if (index === undefined) return element;
  if (typeof value === 'bigint') throw new Error('too many indices');
  return value.with(index, replaceAt(value[index] ?? [], rest, element));
}
