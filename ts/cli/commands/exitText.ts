import { formatAmount } from '../../chain/client/amount.ts';
import type { ChainDeployment, Deployment } from '../../chain/deployments.ts';
import type { ExitPlan, ExitStep, ExitView, ExitWait } from '../../recovery/exitPlan.ts';
import { describeStep } from '../../recovery/exitSteps.ts';
import { formatDuration, formatTable } from '../output.ts';

/* Exit mode in words. */

/** `1.5 ETH`; of a token that the deployment does not name `1500 units of token 7`. */
export function amountText({ tokens }: Pick<ChainDeployment, 'tokens'>, token: number, amount: bigint): string {
  const found = tokens.find((candidate) => candidate.token === token);
  return found === undefined ? `${amount} units of token ${token}` : `${formatAmount(amount, found.decimals)} ${found.symbol}`;
}

/** `2026-01-01T00:00:00Z (in 2 h 05 min)`. @param now unix seconds, as `time` */
export function timeText(time: number, now: number): string {
  const away = formatSpan(Math.abs(time - now));
  return `${new Date(time * 1000).toISOString().replace('.000', '')} (${time >= now ? `in ${away}` : `${away} ago`})`;
}

function formatSpan(seconds: number): string {
  if (seconds < 3600) return formatDuration(seconds * 1000).replace('.0 s', ' s');
  const hours = Math.floor(seconds / 3600);
  return hours < 48 ? `${hours} h ${String(Math.floor((seconds % 3600) / 60)).padStart(2, '0')} min` : `${Math.floor(hours / 24)} days`;
}

/** Table of the chains, one line about the arbitrator. */
export function viewLines({ chains, silent, arbitrator }: ExitView): string[] {
  const rows = chains.map(({ name, mode, oldestRequest: oldest, openRequests, timestamp, stages, haltBlock, exitsOpen }) => [
    name,
    mode,
    oldest === null ? '-' : `${oldest.requestId}, ${oldest.hasExpired ? 'expired' : 'expires'} ${timeText(oldest.expiresAt, timestamp)}`,
    String(openRequests),
    ...[stages.committed, stages.confirmed, stages.executed].map(String),
    haltBlock === null ? '-' : String(haltBlock),
    exitsOpen ? 'open' : 'closed',
  ]);
  const numbers = ['requests', 'committed', 'confirmed', 'executed', 'last block'].map((title) => ({ title, align: 'right' as const }));
  return [
    arbitrator.halted
      ? `The arbitrator has halted the rollup: block ${arbitrator.lastConfirmedBlock} is its last one.`
      : `The arbitrator has not halted the rollup; block ${arbitrator.lastConfirmedBlock} is the last one that it confirmed.`,
    '',
    ...formatTable({ columns: [{ title: 'chain' }, { title: 'mode' }, { title: 'oldest request' }, ...numbers, { title: 'exits' }], rows }),
    ...silent.map(({ name, reason }) => `${name} does not answer: ${reason}`),
  ];
}

/** What anyone can do next, and what is waited for. */
export function planLines(deployment: Deployment, view: ExitView, plan: ExitPlan): string[] {
  if (plan.isOpen) return ['Exits and refunds are open on every chain:', '  npm run cli -- exit --owner ADDRESS'];
  const trigger = plan.steps.filter(({ type }) => type === 'trigger');
  const other = plan.steps.filter(({ type }) => type !== 'trigger');
  const open = view.chains.filter(({ exitsOpen }) => exitsOpen).map(({ name }) => name);
  const lines = [
    ...(open.length === 0 ? [] : [`Exits and refunds are open on ${open.join(', ')}.`]),
    ...section('Anyone can now', other.map((step) => describeStep(deployment, step)), 'npm run cli -- exit-mode advance'),
    ...section(
      'Anyone can now stop the rollup, for good',
      trigger.map((step) => describeStep(deployment, step)),
      'npm run cli -- exit-mode advance --trigger',
    ),
    ...section('Waiting for', plan.waits.map((wait) => describeWait(deployment, view, wait))),
  ];
  return lines.length === 0 ? [`Nothing is due: no request waits on any chain${view.silent.length === 0 ? '' : ' that answers'}.`] : lines;
}

function section(title: string, lines: readonly string[], command?: string): string[] {
  if (lines.length === 0) return [];
  return [`${title}:`, ...lines.map((line) => `  - ${line}`), ...(command === undefined ? [] : [`  ${command}`])];
}

/** What is waited for, and what to do when it takes too long. */
export function describeWait({ chains }: Pick<Deployment, 'chains'>, view: ExitView, wait: ExitWait): string {
  const name = chains[wait.chainIndex]?.name ?? `chain ${wait.chainIndex}`;
  const now = view.chains.find(({ chainIndex }) => chainIndex === wait.chainIndex)?.timestamp ?? 0;
  const resend = 'if it is lost: exit-mode advance --resend';
  switch (wait.type) {
    case 'expiry':
      return `request ${wait.requestId} of ${name}: to be served before ${timeText(wait.expiresAt, now)}; after that anyone can stop the rollup`;
    case 'confirmation':
      return `the confirmation of block ${wait.blockNumber} on its way to ${name}`;
    case 'haltRequest':
      return `the halt request of ${name} on its way to the arbitrator, sent ${timeText(wait.sentAt, now)}; ${resend}`;
    case 'halt':
      return `the halt on its way to ${name}, sent ${timeText(wait.sentAt, now)}; ${resend}`;
  }
}

/** A step and its transactions, as something that was done. */
export function doneLines(deployment: Deployment, step: ExitStep, transactions: readonly string[]): string[] {
  return [`Done: ${describeStep(deployment, step)}`, ...transactions.map((hash) => `  transaction ${hash}`)];
}
