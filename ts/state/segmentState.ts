import { isLiquidityChange, type Operation } from '../spec/operation.ts';
import { feesAfter, noFees, type SegmentFees } from './fees.ts';
import type { Plan } from './plan.ts';
import { awaitedCredit, type AwaitedCredit } from './planPool.ts';
import { OperationRejected } from './rejection.ts';

/** What the operations of a segment so far leave for its next ones. Immutable; a segment starts with `emptySegment` and ends awaiting nothing. */
export interface SegmentState {
  readonly fees: SegmentFees;
  /** What the very next operation must credit; null when it is none of a credit. */
  readonly awaited: AwaitedCredit | null;
}

export const emptySegment: SegmentState = { fees: noFees, awaited: null };

/**
 * The segment's state after an operation with this plan.
 * @throws OperationRejected tooManyFeeTokens
 */
export function segmentAfter(segment: SegmentState, operation: Operation, plan: Plan): SegmentState {
  const fees = feesAfter(segment.fees, operation, plan.a.before.token);
  const awaited = isLiquidityChange(operation) && plan.b ? awaitedCredit(operation, { a: plan.a, b: plan.b }) : null;
  return fees === segment.fees && awaited === segment.awaited ? segment : { fees, awaited };
}

/** @throws OperationRejected when an operation other than the credit follows a liquidity change, or nothing follows it */
export function checkNothingAwaited({ awaited }: SegmentState): void {
  if (awaited === null) return;
  throw new OperationRejected(
    'creditMissing',
    'A liquidity change is not followed by its credit',
    { ...awaited },
    'Put the credit in the very next slot of the same segment.',
  );
}
