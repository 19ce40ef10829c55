import { RollupError } from '../base/errors.ts';
import { joinPublicInputs } from '../spec/join.ts';
import type { OperationRequest } from '../spec/operation.ts';
import { params } from '../spec/params.ts';
import { finalRootOf, padRoots } from '../spec/roots.ts';
import { buildSegment } from '../spec/segment.ts';
import { noFees } from './fees.ts';
import { applyOperation, readAccess, type LedgerState } from './ledger.ts';
import { OperationRejected } from './rejection.ts';
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
 * @throws OperationRejected with segment and slot when an operation cannot be applied
 * @throws RollupError when there are too many segments or operations, or a segment is empty
 */
export function sealBlock({ state, segments, ...context }: SealBlockParameters): SealBlockReturnType {
  const { deploymentId, blockNumber, timestamp } = context;
  if (segments.length > params.joinSegments) {
    throw new RollupError('Too many segments for one block', { facts: { maximum: params.joinSegments, actual: segments.length } });
  }
  let current = state;
  const traces = segments.map((segment, index) => {
    const sealed = sealSegment({ ...context, ...segment, state: current, index });
    current = sealed.state;
    return sealed.trace;
  });
  const rootsIn = padRoots(state.chainRoots);
  const rootsOut = padRoots(current.chainRoots);
  const joinContext = {
    deploymentId,
    blockNumber,
    finalRootIn: finalRootOf(rootsIn),
    finalRootOut: finalRootOf(rootsOut),
    legs: traces.at(-1)?.legsOut ?? 0n,
    segments: traces.map(({ chainIndex, rootIn, rootOut }) => ({ chainIndex, rootIn, rootOut })),
  };
  const join: JoinTrace = { ...joinContext, rootsIn, rootsOut, publicInputs: joinPublicInputs(joinContext) };
  return { trace: { blockNumber, timestamp, segments: traces, join, finalRoot: join.finalRootOut }, state: current };
}

/** Cuts one chain's operations into segments, in order. */
export function splitIntoSegments({ chainIndex, operations }: SegmentOperations): SegmentOperations[] {
  return Array.from({ length: Math.ceil(operations.length / params.slots) }, (_, i) => ({
    chainIndex,
    operations: operations.slice(i * params.slots, (i + 1) * params.slots),
  }));
}

type SealSegmentParameters = Omit<SealBlockParameters, 'segments'> & SegmentOperations & { index: number };

function sealSegment(parameters: SealSegmentParameters): { trace: SegmentTrace; state: LedgerState } {
  const { deploymentId, blockNumber, timestamp, chainIndex, operations, index } = parameters;
  if (operations.length === 0 || operations.length > params.slots) {
    throw new RollupError('A segment has the wrong number of operations', {
      facts: { segment: index, minimum: 1, maximum: params.slots, actual: operations.length },
    });
  }
  const before = parameters.state.chain(chainIndex);
  let state = parameters.state;
  // Fees that a segment does not collect are gone: the next one starts without.
  let fees = noFees;
  const slots = operations.map((operation, slot): SlotTrace => {
    try {
      const applied = applyOperation(state, { ...parameters, operation, fees });
      ({ state, fees } = applied);
      return applied.trace;
    } catch (error) {
      if (!(error instanceof OperationRejected)) throw error;
      throw new OperationRejected(error.reason, error.message, { ...error.facts, chainIndex, segment: index, slot }, error.hint);
    }
  });
  const after = state.chain(chainIndex);
  // No operation emits a leg yet, so every segment hands on the legs it got, and the first one got none.
  const context = { deploymentId, chainIndex, blockNumber, timestamp, rootIn: before.root, rootOut: after.root, legsIn: 0n, legsOut: 0n };
  const { header: _, ...data } = buildSegment(
    context,
    slots.map(({ operation }) => operation),
  );
  return { trace: { ...context, ...data, registersIn: before.tree.registers(), slots, padding: readAccess(after, 0) }, state };
}
