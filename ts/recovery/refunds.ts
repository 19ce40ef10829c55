import type { Address } from 'viem';
import { firstLine, RollupError } from '../base/errors.ts';
import { silentProgress, type Progress } from '../base/progress.ts';
import { getPriorityRequest } from '../chain/actions/getPriorityRequest.ts';
import type { OwnedRequest } from '../chain/actions/getRequestsOf.ts';
import { refundBond } from '../chain/actions/refundBond.ts';
import { refundDeposit } from '../chain/actions/refundDeposit.ts';
import type { WriteParameters } from '../chain/actions/types.ts';
import { withdrawPending } from '../chain/actions/withdrawPending.ts';
import { RevertError } from '../chain/errors.ts';
import type { Hex } from '../spec/hex.ts';
import { readPending, type ChainClaims } from './claims.ts';

/** What was done for an owner on one chain. Amounts in the token's smallest unit. */
export type LeaveOutcome =
  | { type: 'exit'; chainIndex: number; leafIndex: number; token: number; amount: bigint; transaction: Hex }
  | { type: 'depositRefund'; chainIndex: number; requestId: bigint; token: number; amount: bigint; transaction: Hex }
  | { type: 'bondRefund'; chainIndex: number; requestId: bigint; amount: bigint; transaction: Hex }
  | { type: 'payment'; chainIndex: number; token: number; amount: bigint; transaction: Hex }
  /** The owner cannot be paid now: the balance stays pending, and anyone can try again. */
  | { type: 'unpaid'; chainIndex: number; token: number; amount: bigint; reason: string };

export interface TakeParameters {
  /** What there is to take, as `readClaims` found it. */
  claims: ChainClaims;
  owner: Address;
  /** Client and wallet of the chain. Whose wallet it is does not matter: it only pays the gas. */
  place: WriteParameters;
  progress?: Progress;
}

/** @throws RollupError when a chain does not serve exits and refunds yet */
export function requireOpenExits({ chain, exitMode: { exitsOpen, mode } }: ChainClaims): void {
  if (!exitsOpen) throw new RollupError(`Exits are not open on ${chain.name}`, { facts: { mode }, hint: 'See `npm run cli -- exit-mode`.' });
}

/** Refunds every deposit and bond of an owner that no block up to the halt has used. @throws RollupError when exits are not open on the chain */
export async function* refundAll(parameters: TakeParameters): AsyncGenerator<LeaveOutcome> {
  requireOpenExits(parameters.claims);
  for (const request of parameters.claims.requests) if (request.status === 'refundable') yield* refund(parameters, request);
}

async function* refund({ claims, place, progress = silentProgress }: TakeParameters, request: OwnedRequest): AsyncGenerator<LeaveOutcome> {
  const { chain, exitBond } = claims;
  const { requestId, owner } = request;
  progress.report(`${chain.name}: refunding request ${requestId}`);
  try {
    if (request.type === 'deposit') {
      const { token, amount, keyX, keyY } = request;
      const { receipt } = await refundDeposit({ ...place, requestId, token, owner, amount, keyX, keyY });
      yield { type: 'depositRefund', chainIndex: chain.chainIndex, requestId, token, amount, transaction: receipt.transactionHash };
    } else {
      const { receipt } = await refundBond({ ...place, requestId, leafIndex: request.leafIndex, owner, least: request.least });
      yield { type: 'bondRefund', chainIndex: chain.chainIndex, requestId, amount: exitBond, transaction: receipt.transactionHash };
    }
  } catch (error) {
    // Somebody else was faster.
    const isGone = error instanceof RevertError && BigInt((await getPriorityRequest({ ...place, requestId })).requestHash) === 0n;
    if (!isGone) throw error;
  }
}

/** Pays what exits and refunds have credited, and what was pending before, to the owner. */
export async function* payAll({ claims: { chain, leaves, requests }, owner, place, progress = silentProgress }: TakeParameters): AsyncGenerator<LeaveOutcome> {
  for (const { token, amount } of await readPending({ chain, owner, leaves, requests, client: place.client })) {
    progress.report(`${chain.name}: paying token ${token} to ${owner}`);
    try {
      const paid = await withdrawPending({ ...place, owner, token });
      yield { type: 'payment', chainIndex: chain.chainIndex, token, amount: paid.amount, transaction: paid.receipt.transactionHash };
    } catch (error) {
      if (!(error instanceof RevertError)) throw error;
      // Somebody else had it paid.
      if (error.revert?.name === 'NothingPending') continue;
      yield { type: 'unpaid', chainIndex: chain.chainIndex, token, amount, reason: firstLine(error) };
    }
  }
}
