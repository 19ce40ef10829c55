import { firstLine } from '../../base/errors.ts';
import type { Deployment } from '../../chain/deployments.ts';
import type { OwnedRequest } from '../../chain/actions/getRequestsOf.ts';
import type { ChainClaims, LeafClaim } from '../../recovery/claims.ts';
import type { SilentChain } from '../../recovery/exitPlan.ts';
import type { Refusal } from '../../recovery/leave.ts';
import type { LeaveOutcome } from '../../recovery/refunds.ts';
import { formatTable } from '../output.ts';
import { amountText, timeText } from './exitText.ts';

/* What an owner has, and what was done about it, in words. */

/** One line for everything that an owner has, or has had, on each chain. */
export function claimLines(claims: readonly ChainClaims[]): string[] {
  const rows = claims.flatMap((chain) => [
    ...chain.leaves.map((leaf) => [chain.chain.name, leafText(leaf), amountText(chain.chain, leaf.token, leaf.amount), leafStatus(chain, leaf)]),
    ...chain.requests.filter(({ status }) => status !== 'executed').map((request) => [chain.chain.name, requestText(request), requestAmount(chain, request), requestStatus(chain, request)]),
    ...chain.pending.map(({ token, amount }) => [chain.chain.name, 'pending balance', amountText(chain.chain, token, amount), 'to be paid']),
  ]);
  if (rows.length === 0) return ['Nothing, on any chain.'];
  return formatTable({ columns: [{ title: 'chain' }, { title: 'what' }, { title: 'worth', align: 'right' }, { title: 'status' }], rows, groupBy: 1 });
}

function leafText({ leafIndex, shares }: LeafClaim): string {
  return shares === undefined ? `leaf ${leafIndex}` : `leaf ${leafIndex}: ${shares.shares} shares of pool ${shares.pool}`;
}

function leafStatus({ exitMode }: ChainClaims, { status, amount }: LeafClaim): string {
  if (status === 'exited') return 'exited';
  if (amount === 0n) return 'worth less than one unit: stays';
  return exitMode.exitsOpen ? 'to be exited' : 'waits for exits to open';
}

function requestText(request: OwnedRequest): string {
  return request.type === 'deposit' ? `deposit, request ${request.requestId}` : `bond of full exit, request ${request.requestId}`;
}

function requestAmount({ chain, exitBond }: ChainClaims, request: OwnedRequest): string {
  return request.type === 'deposit' ? amountText(chain, request.token, request.amount) : amountText(chain, NATIVE_TOKEN, exitBond);
}

/** The chain's own coin, which bonds are in. */
const NATIVE_TOKEN = 1;

function requestStatus({ exitMode }: ChainClaims, { status, expiresAt }: OwnedRequest): string {
  if (status === 'refundable') return 'to be refunded';
  return status === 'refunded' ? 'refunded' : `in the queue, expires ${timeText(expiresAt, exitMode.timestamp)}`;
}

/** What was done, and what the owner has been paid by it. */
export function outcomeLines({ chains }: Pick<Deployment, 'chains'>, outcomes: readonly LeaveOutcome[], owner: string): string[] {
  if (outcomes.length === 0) return [`There was nothing to take for ${owner}.`];
  return outcomes.flatMap((outcome) => {
    const chain = chains[outcome.chainIndex] ?? { name: `chain ${outcome.chainIndex}`, tokens: [] };
    const amount = amountText(chain, outcome.type === 'bondRefund' ? NATIVE_TOKEN : outcome.token, outcome.amount);
    const text = `${chain.name}: ${doneText(outcome, owner)}: ${amount}`;
    return outcome.type === 'unpaid'
      ? [`${text}. It stays pending, try again with withdraw-pending: ${outcome.reason}`]
      : [text, `  transaction ${outcome.transaction}`];
  });
}

/** Chains on which something is left to be taken; none when all went well. */
export function refusalLines(refusals: readonly Refusal[]): string[] {
  return refusals.map(({ name, error }) => `${name} refused, what is there is still yours (run it again): ${firstLine(error)}`);
}

/** The same as plain data. */
export function plainRefusals(refusals: readonly Refusal[]): { chain: string; reason: string }[] {
  return refusals.map(({ name, error }) => ({ chain: name, reason: firstLine(error) }));
}

function doneText(outcome: LeaveOutcome, owner: string): string {
  switch (outcome.type) {
    case 'exit':
      return `exited leaf ${outcome.leafIndex}`;
    case 'depositRefund':
      return `refunded deposit, request ${outcome.requestId}`;
    case 'bondRefund':
      return `refunded the bond of request ${outcome.requestId}`;
    case 'payment':
      return `paid to ${owner}`;
    case 'unpaid':
      return `NOT paid to ${owner}`;
  }
}

/** Chains that do not serve exits yet, or do not answer; none when all do. */
export function notOpenLines(claims: readonly ChainClaims[], silent: readonly SilentChain[]): string[] {
  const names = claims.filter(({ exitMode }) => !exitMode.exitsOpen).map(({ chain, exitMode }) => `${chain.name} (${exitMode.mode})`);
  return [
    ...(names.length === 0 ? [] : [`Exits and refunds are not open on ${names.join(', ')}: see npm run cli -- exit-mode`]),
    ...silent.map(({ name, reason }) => `${name} does not answer, what is there waits: ${reason}`),
  ];
}
