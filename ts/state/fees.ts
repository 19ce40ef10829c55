import { isSigned, type Operation } from '../spec/operation.ts';
import { params } from '../spec/params.ts';
import { OperationRejected } from './rejection.ts';

/** What a segment's operations so far have paid as fees. Immutable; a segment starts with `noFees`. */
export interface SegmentFees {
  /** By token: fees that were paid and not collected. */
  readonly accrued: ReadonlyMap<bigint, bigint>;
  /** Tokens that were collected, whatever there was to collect. */
  readonly collected: ReadonlySet<bigint>;
}

export const noFees: SegmentFees = { accrued: new Map(), collected: new Set() };

/** Uncollected fees in a token. */
export function accruedFees({ accrued }: SegmentFees, token: bigint): bigint {
  return accrued.get(token) ?? 0n;
}

/**
 * Fees after an operation of a leaf that holds `token`.
 * @throws OperationRejected tooManyFeeTokens when the operation collects another token than the params.feeTokens that were collected
 */
export function feesAfter(fees: SegmentFees, operation: Operation, token: bigint): SegmentFees {
  if (operation.type === 'collectFees') return collected(fees, operation.leafIndex, token);
  if (!isSigned(operation) || operation.fee === 0n) return fees;
  return { ...fees, accrued: new Map(fees.accrued).set(token, accruedFees(fees, token) + operation.fee) };
}

function collected(fees: SegmentFees, leafIndex: number, token: bigint): SegmentFees {
  if (!fees.collected.has(token) && fees.collected.size >= params.feeTokens) {
    throw new OperationRejected(
      'tooManyFeeTokens',
      'Fees of too many tokens are collected in one segment',
      { leafIndex, token, maximum: params.feeTokens, collected: [...fees.collected] },
      'Collect the fees of this token in another segment.',
    );
  }
  const accrued = new Map(fees.accrued);
  accrued.delete(token);
  return { accrued, collected: new Set(fees.collected).add(token) };
}
