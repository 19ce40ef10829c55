import { RollupError } from '../base/errors.ts';
import { joinPublicInputs } from '../spec/join.ts';
import { legsAfter, type Leg } from '../spec/leg.ts';
import { isLiquidityChange, type OperationRequest } from '../spec/operation.ts';
import { params } from '../spec/params.ts';
import { finalRootOf, padRoots } from '../spec/roots.ts';
import { buildSegment } from '../spec/segment.ts';
import { applyOperation, readAccess, type LedgerState } from './ledger.ts';
import { pairLegs } from './pairs.ts';
import { OperationRejected } from './rejection.ts';
import { checkNothingAwaited, emptySegment } from './segmentState.ts';
import type { BlockTrace, JoinTrace, SegmentTrace, SlotTrace } from './trace.ts';

/** Operations of one segment, 1 … params.slots, all on one chain. */
export interface SegmentOperations {
  chainIndex: number;
  operations: readonly OperationRequest[];
}

export interface SealBlockParameters {
  /** State before the block. */
  state: LedgerState;
  deploymentId: bigint;
  blockNumber: number;
  /** Seconds. */
  timestamp: number;
  /** In the order of the block; a chain may have several. */
  segments: readonly SegmentOperations[];
  /** See ApplyParameters.signatureChecked; holds for all operations. */
  signatureChecked?: boolean;
}

export interface SealBlockReturnType {
  trace: BlockTrace;
  /** State after the block. */
  state: LedgerState;
}

/**
 * Applies a block's operations and computes everything that its proofs and commitments need.
 * @throws OperationRejected with segment and slot when an operation cannot be applied, or a segment ends without the credit of its last
 * liquidity change (the slot is that behind the last one)
 * @throws RollupError when there are too many segments, operations or legs, a segment is empty, or the legs of operations on pool halves are not
 * those of valid pairs (see pairLegs)
 */
export function sealBlock({ state, segments, ...context }: SealBlockParameters): SealBlockReturnType {
  const { deploymentId, blockNumber, timestamp } = context;
  if (segments.length > params.joinSegments) {
    throw new RollupError('Too many segments for one block', { facts: { maximum: params.joinSegments, actual: segments.length } });
  }
  let current = state;
  let legs = 0n;
  const traces = segments.map((segment, index) => {
    const sealed = sealSegment({ ...context, ...segment, state: current, legsIn: legs, index });
    current = sealed.state;
    legs = sealed.trace.legsOut;
    return sealed.trace;
  });
  const legList = legsOf(traces.flatMap(({ slots }) => slots));
  const pairs = pairLegs(legList);
  const rootsIn = padRoots(state.chainRoots);
  const rootsOut = padRoots(current.chainRoots);
  const joinContext = {
    deploymentId,
    blockNumber,
    finalRootIn: finalRootOf(rootsIn),
    finalRootOut: finalRootOf(rootsOut),
    legs,
    pairs,
    segments: traces.map(({ chainIndex, rootIn, rootOut }) => ({ chainIndex, rootIn, rootOut })),
  };
  const join: JoinTrace = { ...joinContext, legList, rootsIn, rootsOut, publicInputs: joinPublicInputs(joinContext) };
  return { trace: { blockNumber, timestamp, segments: traces, join, finalRoot: join.finalRootOut }, state: current };
}

/** Cuts one chain's operations into segments, in order; a liquidity change and its credit stay together. */
export function splitIntoSegments({ chainIndex, operations }: SegmentOperations): SegmentOperations[] {
  const segments: OperationRequest[][] = [];
  for (const [i, operation] of operations.entries()) {
    const last = segments.at(-1);
    // A credit never opens a segment: the change before it has kept room for it.
    const needed = isLiquidityChange(operation) && operations[i + 1]?.type === 'credit' ? 2 : 1;
    if (last && last.length + needed <= params.slots) last.push(operation);
    else segments.push([operation]);
  }
  return segments.map((own) => ({ chainIndex, operations: own }));
}

/** Legs of slots, in order. */
function legsOf(slots: readonly SlotTrace[]): Leg[] {
  return slots.flatMap(({ leg }) => (leg ? [leg] : []));
}

type SealSegmentParameters = Omit<SealBlockParameters, 'segments'> & SegmentOperations & { legsIn: bigint; index: number };

function sealSegment(parameters: SealSegmentParameters): { trace: SegmentTrace; state: LedgerState } {
  const { deploymentId, blockNumber, timestamp, chainIndex, operations, legsIn, index } = parameters;
  if (operations.length === 0 || operations.length > params.slots) {
    throw new RollupError('A segment has the wrong number of operations', {
      facts: { segment: index, minimum: 1, maximum: params.slots, actual: operations.length },
    });
  }
  const before = parameters.state.chain(chainIndex);
  let state = parameters.state;
  // Fees that a segment does not collect are gone: the next one starts without.
  let segment = emptySegment;
  const atSlot = <T>(slot: number, run: () => T): T => {
    try {
      return run();
    } catch (error) {
      if (!(error instanceof OperationRejected)) throw error;
      throw new OperationRejected(error.reason, error.message, { ...error.facts, chainIndex, segment: index, slot }, error.hint);
    }
  };
  const slots = operations.map((operation, slot): SlotTrace =>
    atSlot(slot, () => {
      const applied = applyOperation(state, { ...parameters, operation, segment });
      ({ state, segment } = applied);
      return applied.trace;
    }),
  );
  atSlot(operations.length, () => checkNothingAwaited(segment));
  const after = state.chain(chainIndex);
  const legsOut = legsOf(slots).reduce(legsAfter, legsIn);
  const context = { deploymentId, chainIndex, blockNumber, timestamp, rootIn: before.root, rootOut: after.root, legsIn, legsOut };
  const { header: _, ...data } = buildSegment(
    context,
    slots.map(({ operation }) => operation),
  );
  return { trace: { ...context, ...data, registersIn: before.tree.registers(), slots, padding: readAccess(after, 0) }, state };
}
