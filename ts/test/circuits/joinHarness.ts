import { Follower } from '../../circuit/soundness/follow.ts';
import { createTester, type CircuitTester, type Witness } from '../../circuit/tester.ts';
import type { SignalInputs } from '../../circuit/witnessProgram.ts';
import { joinSignals } from '../../prover/witnessJoin.ts';
import type { PairLegs } from '../../prover/witnessPair.ts';
import { evaluateWords } from '../../spec/field.ts';
import { legsAfter, type Leg } from '../../spec/leg.ts';
import { joinPublicInputs, type JoinSegment } from '../../spec/join.ts';
import { params } from '../../spec/params.ts';
import { poseidon } from '../../spec/poseidon.ts';
import { sponge } from '../../spec/sponge.ts';
import type { JoinTrace } from '../../state/trace.ts';

const { chains } = params;
const DEPLOYMENT_ID = 0x1234567890abcdefn;
/** Any number: in these tests nobody derives it from the data. */
export const CHALLENGE = 0x0123456789abcdef0123456789abcdef0123456789abcdefn;
export const JOIN_PUBLIC = ['c1', 'r', 'y1'];

/** A block to be joined. */
export interface JoinBlock {
  /** Chains of the segments, in order. */
  segments: readonly number[];
  /** Pairs of which the block has the legs. */
  pairs?: readonly PairLegs[];
  /** Legs in the order of slots; default: pair after pair. */
  legList?: readonly Leg[];
}

/**
 * What the sealing of a block hands to its join. That roots are those of trees, and legs those of operations, is the segments' matter: here
 * they are any numbers. What of a pair is swapped on the way is for the witness to find.
 */
export function joinTrace({ segments: chainIndices, pairs = [], legList = pairs.flatMap(({ first, second }) => [first, second]) }: JoinBlock): JoinTrace {
  const rootsIn = Array.from({ length: chains }, (_, i) => poseidon([7n, BigInt(i)]));
  const roots = [...rootsIn];
  const segments = chainIndices.map((chainIndex, j): JoinSegment => {
    const rootIn = roots[chainIndex] ?? 0n;
    const rootOut = poseidon([rootIn, BigInt(j)]);
    roots[chainIndex] = rootOut;
    return { chainIndex, rootIn, rootOut };
  });
  const context = { deploymentId: DEPLOYMENT_ID, blockNumber: 9, finalRootIn: poseidon(rootsIn), finalRootOut: poseidon(roots), legs: legList.reduce(legsAfter, 0n), segments };
  const joined = { ...context, pairs: pairs.map((pair) => ({ ...pair, swapped: { amountIn: 0n, amountOut: 0n } })) };
  return { ...joined, rootsIn, rootsOut: roots, legList: [...legList], publicInputs: joinPublicInputs(joined) };
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
