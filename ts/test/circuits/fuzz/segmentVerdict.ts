import { holds, wiresOf } from '../../../circuit/soundness/constraintSystem.ts';
import { createTester, type CircuitTester, type Witness } from '../../../circuit/tester.ts';
import type { SignalInput } from '../../../circuit/witnessProgram.ts';
import { segmentSignals } from '../../../prover/witness.ts';
import { modField } from '../../../spec/field.ts';
import { floorFloat40, tryEncodeFloat40 } from '../../../spec/float40.ts';
import { isShareToken, poolOfShares } from '../../../spec/leg.ts';
import type { Operation } from '../../../spec/operation.ts';
import { LEAF_COUNT, params } from '../../../spec/params.ts';
import type { LedgerState } from '../../../state/ledger.ts';
import type { SegmentTrace } from '../../../state/trace.ts';
import { uncheckedTrace, type UncheckedOperation } from '../segmentUnchecked.ts';
import { DOMAIN } from '../world.ts';

/* What the constraint system of the segment circuit says of a trace. */

/** Public inputs that fit nothing. */
const NO_FIT = { c1: 1n, c2: 2n, r: 3n, y1: 4n, y2: 5n };

export class SegmentVerdict {
  readonly #tester: CircuitTester;
  readonly #slots: number;
  /** Constraints that compare public inputs with what the circuit computes. */
  #binding: ReadonlySet<number> | undefined;

  private constructor(tester: CircuitTester, slots: number) {
    this.#tester = tester;
    this.#slots = slots;
  }

  static async load(slots: number): Promise<SegmentVerdict> {
    const { arity, depth, registerLevels, feeTokens } = params;
    const parameters = [slots, arity, depth, registerLevels, feeTokens];
    return new SegmentVerdict(await createTester({ file: 'segment.circom', template: 'Segment', parameters, publicInputs: ['c1', 'c2', 'r', 'y1', 'y2'] }), slots);
  }

  /** Whether a trace is accepted with its public inputs: those of ts/spec, over roots, counts and all words. */
  accepts(trace: SegmentTrace): boolean {
    return this.#refusal(this.#tester.witness(segmentSignals(trace, { slots: this.#slots })), new Set()) === null;
  }

  /**
   * Whether operations are accepted that are applied without any check, with whatever public inputs would fit: the constraints that
   * compare these are left aside.
   */
  acceptsUnchecked(operations: readonly Operation[], state: LedgerState): boolean {
    return this.#refusal(this.#unchecked(operations, state), this.#bindingAt(state)) === null;
  }

  /** Where a trace of unchecked operations is refused first; null if it is not. */
  placeOfRefusal(operations: readonly Operation[], state: LedgerState): string | null {
    const refusal = this.#refusal(this.#unchecked(operations, state), this.#bindingAt(state));
    return refusal === null ? null : (this.#tester.names(wiresOf(this.#tester.system, refusal)[0] ?? 0)[0] ?? `constraint ${refusal}`).replace(/_\d+_\d+/g, '');
  }

  #unchecked(operations: readonly Operation[], state: LedgerState): Witness {
    const written = operations.map((operation) => writable(withPool(operation, state)));
    const trace = uncheckedTrace(
      written.map(({ operation }) => operation),
      state,
    );
    const inputs: Record<string, SignalInput> = { ...segmentSignals(trace, { slots: this.#slots }), ...NO_FIT };
    written.forEach(({ inputs: changes }, i) => {
      for (const [name, value] of Object.entries(changes)) inputs[`slots[${i}].${name}`] = value;
    });
    return this.#tester.witness(inputs);
  }

  /** First violated constraint that is not left aside. */
  #refusal(witness: Witness, aside: ReadonlySet<number>): number | null {
    for (let i = 0; i < this.#tester.constraintCount; i++) if (!aside.has(i) && !holds(this.#tester.system, witness, i)) return i;
    return null;
  }

  /** Found once, on a segment of no-ops whose only fault is that no public input fits. */
  #bindingAt(state: LedgerState): ReadonlySet<number> {
    if (this.#binding) return this.#binding;
    const witness = this.#unchecked([{ type: 'noop' }], state);
    const { system } = this.#tester;
    const found = Array.from({ length: this.#tester.constraintCount }, (_, i) => i).filter((i) => !holds(system, witness, i));
    const isPublic = (wire: number): boolean => wire >= 1 && wire <= system.publicWires;
    if (found.length !== 4) throw new Error(`expected the checks of c1, c2, y1, y2, found ${found.length} constraints`);
    if (!found.every((i) => wiresOf(system, i).some(isPublic))) throw new Error('a constraint without a public input is violated by a segment of no-ops');
    return (this.#binding = new Set(found));
  }
}

/** A full exit that leaves shares as they are opens their pool all the same, if they have one. */
function withPool(operation: Operation, state: LedgerState): UncheckedOperation {
  if (operation.type !== 'fullExit' || operation.shares !== 0n || operation.leafIndex >= LEAF_COUNT) return operation;
  const { token, balance } = state.leaf(DOMAIN.chainIndex, operation.leafIndex);
  const pool = isShareToken(token) && balance > 0n ? poolOfShares(token) : LEAF_COUNT;
  return pool < LEAF_COUNT ? { ...operation, pool } : operation;
}

/**
 * An operation that a leaf and the float codings can hold, and the inputs in which the circuit is told what was really meant. Where the
 * leaf index does not exist the path of another leaf is shown.
 */
function writable(operation: UncheckedOperation): { operation: UncheckedOperation; inputs: Record<string, bigint> } {
  const inputs: Record<string, bigint> = {};
  const fit = (name: string, value: bigint, bits: number): bigint => {
    const low = BigInt.asUintN(bits, value);
    if (low !== value) inputs[name] = value;
    return low;
  };
  const place = (name: string, leafIndex: number): number => Number(fit(name, BigInt(leafIndex), Math.log2(LEAF_COUNT)));
  const { bits } = params;
  switch (operation.type) {
    case 'noop':
      return { operation, inputs };
    case 'deposit':
    case 'open': {
      const owner = fit('address', operation.owner, bits.owner);
      const token = fit('token', operation.token, bits.token);
      // In a leaf that holds something the token is not the operation's.
      return { operation: { ...operation, leafIndex: place('leafIndex', operation.leafIndex), owner, token, ...amountOf(operation) }, inputs: { ...inputs, token: operation.token } };
    }
    case 'fullExit':
    case 'collectFees':
    case 'changeKey':
      return { operation: { ...operation, leafIndex: place('leafIndex', operation.leafIndex), ...amountOf(operation) }, inputs };
    case 'withdraw':
      return { operation: { ...operation, leafIndex: place('leafIndex', operation.leafIndex), ...amountOf(operation) }, inputs: { ...inputs, token: operation.token } };
    case 'openPool':
    case 'credit':
      return { operation: { ...operation, leafIndex: place('leafIndex', operation.leafIndex) }, inputs };
    case 'swapIn':
    case 'addLiquidity':
    case 'addLiquidityPeer':
    case 'removeLiquidity':
    case 'removeLiquidityPeer':
      return { operation: { ...operation, from: place('leafIndex', operation.from), pool: place('peerIndex', operation.pool) }, inputs };
    case 'swapOut':
      return { operation: { ...operation, pool: place('leafIndex', operation.pool), to: place('peerIndex', operation.to) }, inputs };
    case 'transfer':
    case 'transferToNew': {
      const amount = operation.amount < 0n || tryEncodeFloat40(operation.amount) === null ? floorFloat40(operation.amount < 0n ? 0n : operation.amount) : operation.amount;
      if (amount !== operation.amount) inputs['amount'] = operation.amount;
      const toOwner = fit('address', operation.toOwner, bits.owner);
      return { operation: { ...operation, from: place('leafIndex', operation.from), to: place('peerIndex', operation.to), toOwner, amount }, inputs };
    }
  }
}

/** A negative amount as the field element that stands for it. */
function amountOf(operation: Operation): { amount?: bigint } {
  return 'amount' in operation ? { amount: modField(operation.amount) } : {};
}
