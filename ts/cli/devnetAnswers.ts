import { formatEther } from 'viem';
import type { DevnetOrder, OrderAnswer } from '../devnet/controlOrders.ts';
import type { MessageStatus } from '../devnet/relayers/book.ts';
import type { Fault } from '../devnet/relayers/faults.ts';
import type { FlushedMessage, FlushReport } from '../devnet/relayers/flush.ts';
import type { RelayerStatus } from '../devnet/relayers/relayer.ts';
import type { ReorgReport } from '../devnet/relayers/reorg.ts';
import type { RetryReport } from '../devnet/relayers/startRelayers.ts';
import { isStateOrder, type StateAnswers, stateAnswerText, type StateOrder } from '../devnet/state/stateOrders.ts';

/** What a devnet answered, for people. Empty when there is nothing to say. */
export function answerText(order: DevnetOrder, answer: OrderAnswer): string {
  if (isStateOrder(order)) return stateAnswerText(order, answer as StateAnswers[StateOrder['do']]);
  switch (order.do) {
    case 'removeSequencer':
      return 'the sequencer is gone, its data are deleted';
    case 'passTime':
      return `all chains: ${timeText((answer as { timestamp: bigint }).timestamp)}`;
    case 'hold':
    case 'release':
    case 'mode':
    case 'delay':
    case 'relays':
      return routesText(answer as RelayerStatus[]);
    case 'flush':
      return flushText(answer as FlushReport, order.dryRun);
    case 'messages':
      return messagesText(answer as MessageStatus[]);
    case 'message':
      return (answer as MessageStatus[]).map(statusText).join('\n\n');
    case 'retry':
      return (answer as RetryReport[]).map(retryText).join('\n\n');
    case 'addFault':
      return faultText(answer as Fault);
    case 'faults':
      return (answer as Fault[]).map(faultText).join('\n') || 'no faults';
    case 'clearFaults':
      return (answer as Fault[]).map((fault) => `cleared: ${faultText(fault)}`).join('\n') || 'no faults';
    case 'reorg':
      return reorgText(answer as ReorgReport);
  }
}

function routesText(routes: readonly RelayerStatus[]): string {
  const rows = routes.map(({ name, mode, delay, carried, waiting, error }) => [name, mode, delay === 0 ? '-' : `${delay} s`, String(carried), String(waiting), error ?? '']);
  return table([['route', 'mode', 'delay', 'carried', 'waiting', 'error'], ...rows]);
}

function flushText({ delivered, failed, waiting, stopped }: FlushReport, dryRun: boolean): string {
  const lines = [
    ...delivered.map((message) => `${dryRun ? '→' : '✓'} ${flushedText(message)}`),
    ...failed.flatMap(({ reason, trace, ...message }) => [`✗ ${flushedText(message)}`, `    ${reason}`, ...trace.map((line) => `    ${line}`)]),
    ...waiting.map(({ notBefore, ...message }) => `… ${flushedText(message)}, due ${timeText(notBefore)}`),
    ...stopped.map(({ route, reason }) => `! ${route} cannot go on: ${reason}`),
  ];
  return lines.join('\n') || `nothing ${dryRun ? 'to carry' : 'was carried'}`;
}

function flushedText({ route, hash, number, from, to, value, fee, call, fromStage, toStage }: FlushedMessage): string {
  return `${route}: ${fromStage} → ${toStage}  message ${number ?? '-'} ${hash}\n    from ${from} to ${to}, ${formatEther(value)} ETH, fee ${formatEther(fee)} ETH, ${call}`;
}

function messagesText(messages: readonly MessageStatus[]): string {
  if (messages.length === 0) return 'no messages';
  const rows = messages.map(({ message: { hash, chain, direction, number }, stage, says }) => [hash, `${chain} ${direction}`, String(number ?? '-'), stage, says.split('; ').slice(1).join('; ')]);
  return table([['message', 'route', 'number', 'stage', ''], ...rows]);
}

function statusText({ message, says, next, failure, postman }: MessageStatus): string {
  const { hash, chain, direction, number, from, to, value, fee, places } = message;
  return [
    `${hash}`,
    `  ${chain} ${direction}, ${number === undefined ? 'no number yet' : `number ${number}`}, from ${from} to ${to}, ${formatEther(value)} ETH, fee ${formatEther(fee)} ETH${postman === undefined ? '' : `, ${postman}`}`,
    ...places.map(({ stage, chain: on, block, transaction, timestamp }) => `  ${stage.padEnd(9)} ${on} block ${block}, ${timeText(timestamp)}, ${transaction}`),
    `  ${says}`,
    ...(failure === undefined ? [] : [`  reason: ${failure.reason}`, ...(failure.trace === undefined ? [] : [`  calls on ${failure.trace.chain}:`, ...failure.trace.lines.map((line) => `    ${line}`)])]),
    ...(next === undefined ? [] : [`  next: ${next}`]),
  ].join('\n');
}

function retryText({ attempts, status }: RetryReport): string {
  const lines = attempts.flatMap(({ route, label, to, failure, trace }) =>
    failure === undefined ? [`✓ ${route}: ${label} ${to}`] : [`✗ ${route}: ${label}: ${failure}`, ...(trace?.lines ?? []).map((line) => `    ${line}`)],
  );
  return [...(lines.length === 0 ? ['nothing could be tried'] : lines), statusText({ ...status, failure: undefined })].join('\n');
}

function faultText({ id, kind, route, left, message, seconds, done }: Fault): string {
  const scope = kind === 'delay' ? `${seconds ?? 0} s` : kind === 'pause' ? 'until it is cleared' : `${left} left`;
  return [`${id}  ${kind} ${route}, ${scope}${message === undefined ? '' : `, only ${message}`}`, ...done.map(({ step, result }) => `     ${step}: ${result}`)].join('\n');
}

function reorgText({ chain, firstBlock, lastBlock, again, gone, undone }: ReorgReport): string {
  return [
    `${chain}: blocks ${firstBlock} … ${lastBlock} replaced`,
    ...again.map((hash) => `  again in a new block: transaction ${hash}`),
    ...gone.map((hash) => `  gone: transaction ${hash}`),
    ...undone.map(({ hash, stage }) => `  undone: message ${hash}, which was ${stage}`),
  ].join('\n');
}

function timeText(timestamp: bigint): string {
  return new Date(Number(timestamp) * 1000).toISOString().replace('.000Z', 'Z');
}

function table(rows: readonly string[][]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0))).join('  ').trimEnd()).join('\n');
}
