import { Follower } from '../../circuit/soundness/follow.ts';
import { createTester, type CircuitTester, type Witness } from '../../circuit/tester.ts';
import type { SignalInputs } from '../../circuit/witnessProgram.ts';
import { joinSignals, type JoinTraceWithPairs } from '../../prover/witnessJoin.ts';
import type { PairLegs } from '../../prover/witnessPair.ts';
import { evaluateWords } from '../../spec/field.ts';
import { legsAfter, type Leg } from '../../spec/leg.ts';
import type { OperationRequest } from '../../spec/operation.ts';
import { params } from '../../spec/params.ts';
import { sponge } from '../../spec/sponge.ts';
import { sealBlock } from '../../state/block.ts';
import { LedgerState } from '../../state/ledger.ts';
import { DEPLOYMENT_ID, TIMESTAMP, deposit, users } from './world.ts';

const { chains } = params;
/** Any number: in these tests nobody derives it from the data. */
export const CHALLENGE = 0x0123456789abcdef0123456789abcdef0123456789abcdefn;
export const JOIN_PUBLIC = ['c1', 'r', 'y1'];

/** A block to be joined. */
export interface JoinBlock {
  /** Chains of the segments, in order; every segment makes one deposit. */
  segments: readonly number[];
  /** Pairs of which the block has the legs. */
  pairs?: readonly PairLegs[];
  /** Legs in the order of slots; default: pair after pair. */
  legList?: readonly Leg[];
}

/** What the sealing of a block hands to its join, legs and pairs as they are said to be. */
export function joinTrace({ segments, pairs = [], legList = pairs.flatMap(({ first, second }) => [first, second]) }: JoinBlock): JoinTraceWithPairs {
  const taken = new Map<number, number>();
  const built = segments.map((chainIndex) => {
    const leafIndex = taken.get(chainIndex) ?? 0;
    taken.set(chainIndex, leafIndex + 1);
    const operations: OperationRequest[] = [deposit(users.alice, leafIndex)];
    return { chainIndex, operations };
  });
  const state = LedgerState.empty({ chainCount: chains });
  const { join } = sealBlock({ state, deploymentId: DEPLOYMENT_ID, blockNumber: 9, timestamp: TIMESTAMP, segments: built }).trace;
  return { ...join, legList, pairs, legs: legList.reduce(legsAfter, 0n) };
}

export interface JoinSizes {
  segments: number;
  pairs: number;
}

/** Sizes for tests of what does not depend on sizes. */
export const FEW: JoinSizes = { segments: 5, pairs: 2 };
/** Sizes of the profile. */
export const ALL: JoinSizes = { segments: params.joinSegments, pairs: params.joinPairs };

/** The join circuit under test. */
export class JoinHarness {
  readonly tester: CircuitTester;
  readonly sizes: JoinSizes;
  #follower: Follower | undefined;

  private constructor(tester: CircuitTester, sizes: JoinSizes) {
    this.tester = tester;
    this.sizes = sizes;
  }

  static async load(sizes: JoinSizes = FEW): Promise<JoinHarness> {
    const parameters = [chains, sizes.segments, sizes.pairs];
    return new JoinHarness(await createTester({ file: 'join.circom', template: 'Join', parameters, publicInputs: JOIN_PUBLIC }), sizes);
  }

  inputs(block: JoinBlock): SignalInputs {
    return joinSignals(joinTrace(block), this.sizes);
  }

  value(witness: Witness, name: string): bigint {
    return witness[this.tester.wire(name)] ?? 0n;
  }

  /** Words that a witness publishes by the twin of ts/spec, and the public inputs that fit them. */
  publicInputs(witness: Witness): { c1: bigint; r: bigint; y1: bigint } {
    const { segments, pairs } = this.sizes;
    const words = Array.from({ length: 5 + 3 * segments + 2 * pairs }, (_, k) => this.value(witness, `sponge.words[${k}]`));
    const used = Array.from({ length: segments }, (_, j) => this.value(witness, `used[${j}]`)).filter((flag) => flag !== 0n).length;
    return { c1: sponge('join', words), r: CHALLENGE, y1: evaluateWords(words.slice(0, 5 + 3 * used), CHALLENGE) };
  }

  /** Witness of inputs with the public inputs that fit what it publishes, whatever that is. */
  consistent(inputs: SignalInputs): Witness {
    const witness = this.tester.witness({ ...inputs, r: CHALLENGE });
    return this.tester.edit(witness, { c1: this.value(witness, 'sponge.out'), y1: this.value(witness, 'valueAtR') });
  }

  /** A witness with some wires changed and everything that is computed from them following, c1 and y1 included. */
  following(witness: Witness, changes: Record<string, bigint>): Witness {
    const { lastInput } = this.tester.system;
    const given = new Uint8Array(this.tester.wireCount).fill(1, 1, 1 + lastInput);
    for (const name of ['c1', 'y1']) given[this.tester.wire(name)] = 0;
    this.#follower ??= new Follower(this.tester.system, this.consistent(this.inputs({ segments: [0, 2] })), given);
    const wires = new Map(Object.entries(changes).map(([name, value]) => [this.tester.wire(name), value]));
    return this.#follower.follow({ witness, changes: wires }).witness;
  }

  places(witness: Witness): string[] {
    return [...new Set(this.tester.violations(witness, 100).map(({ component }) => component))].sort();
  }
}
