import { RollupError } from '../base/errors.ts';

/** Why an operation cannot be applied. */
export type RejectionReason =
  | 'unknownChain'
  | 'leafIndexOutOfRange'
  | 'unknownLeaf'
  | 'leafNotEmpty'
  | 'wrongOwner'
  | 'wrongToken'
  | 'wrongReceiver'
  | 'wrongNonce'
  | 'nonceExhausted'
  | 'expired'
  | 'feeNotFloat16'
  | 'tooManyFeeTokens'
  | 'amountOutOfRange'
  | 'amountNotFloat40'
  | 'fieldOutOfRange'
  | 'wrongSignature'
  | 'overdraft'
  | 'balanceOverflow'
  | 'shareToken'
  | 'unknownPool'
  | 'ownPeer'
  | 'reserveTooSmall'
  | 'sharesOutOfRange'
  | 'wrongOrder'
  | 'creditMissing'
  | 'nothingToCredit';

/** The ledger refuses an operation; nothing has changed. */
export class OperationRejected extends RollupError {
  readonly reason: RejectionReason;

  constructor(reason: RejectionReason, message: string, facts: Record<string, unknown>, hint?: string) {
    super(message, { facts: { reason, ...facts }, ...(hint === undefined ? {} : { hint }) });
    this.reason = reason;
  }
}
