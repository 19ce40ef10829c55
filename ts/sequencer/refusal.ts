import { RollupError } from '../base/errors.ts';
import { OperationRejected, type RejectionReason } from '../state/rejection.ts';

/** Why the sequencer refuses a request, next to the reasons of the ledger. */
export type RefusalReason =
  | RejectionReason
  | 'nonceUsed'
  | 'nonceGap'
  | 'nonceTaken'
  | 'tooManyPending'
  | 'nothingToMove'
  | 'nothingToChange'
  | 'zeroReceiver'
  | 'unusableKey'
  | 'feeTooLow'
  | 'unknownPool'
  | 'notMutual'
  | 'pairExists'
  | 'sameHalf'
  | 'unknownToken'
  | 'treeFull'
  | 'emptyHalf'
  | 'belowLimit'
  | 'nothingOut'
  | 'poolFull'
  | 'noRoom'
  | 'exitMode';

/** A refusal with a reason that programs can read; the caller throws it. */
export function refuse(reason: RefusalReason, message: string, facts: Record<string, unknown>, hint: string): RollupError {
  return new RollupError(message, { facts: { reason, ...facts }, hint });
}

/** Reason of a refusal or rejection; null when the error is something else. */
export function refusalReason(error: unknown): string | null {
  if (error instanceof OperationRejected) return error.reason;
  if (error instanceof RollupError && typeof error.facts['reason'] === 'string') return error.facts['reason'];
  return null;
}
