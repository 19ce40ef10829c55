import type { RollupError } from '../base/errors.ts';
import type { Mode } from '../spec/chainSide.ts';
import type { Hex } from '../spec/hex.ts';
import type { ChainEvent } from './events.ts';
import { isExiting, type ArbitratorCounters, type ChainCounters, type Halt } from './pipeline.ts';
import { refuse } from './refusal.ts';

/* Exit mode as the sequencer sees it. It makes nothing new then; whoever wants to leave does so without it. */

/** One chain while the rollup is left. */
export interface ExitingChain {
  name: string;
  mode: Mode;
  executed: number;
  halt: Halt | null;
}

/** Where chains and arbitrator stand once one of them has left normal life. */
export interface ExitMode {
  /** By chain index. */
  chains: readonly ExitingChain[];
  /** The arbitrator has halted: `lastConfirmed` is the rollup's last block. */
  arbitratorHalted: boolean;
  lastConfirmed: number;
}

export interface ExitModeParameters {
  chains: readonly { name: string; counters: Pick<ChainCounters, 'mode' | 'executed' | 'halt'> }[];
  arbitrator: Pick<ArbitratorCounters, 'halted' | 'lastConfirmed'>;
}

/** Null while every chain runs and the arbitrator has not halted. */
export function exitModeOf({ chains, arbitrator }: ExitModeParameters): ExitMode | null {
  if (!isExiting({ chains: chains.map(({ counters }) => counters), arbitrator })) return null;
  return {
    chains: chains.map(({ name, counters: { mode, executed, halt } }) => ({ name, mode, executed, halt })),
    arbitratorHalted: arbitrator.halted,
    lastConfirmed: arbitrator.lastConfirmed,
  };
}

/** What has happened, for logs and answers, and what anyone can do next. */
export interface ExitModeText {
  message: string;
  hint: string;
}

const leave = 'run `recover` and then `exit --owner <address>`; `refund` returns deposits and bonds that no block has used. None of them needs this sequencer.';

/** Says how far exit mode has come. */
export function describeExitMode({ chains, arbitratorHalted, lastConfirmed }: ExitMode): ExitModeText {
  const names = (some: readonly ExitingChain[]): string => some.map(({ name }) => name).join(', ');
  const block = Math.max(lastConfirmed, ...chains.map(({ halt }) => halt?.blockNumber ?? 0));
  const awaiting = chains.filter(({ mode }) => mode !== 'halted');
  const executing = chains.filter(({ halt }) => halt !== null && !halt.exitsOpen);
  if (awaiting.length === 0 && executing.length === 0) return { message: `Exits are open on every chain, at block ${block}`, hint: `To leave, ${leave}` };
  const advance = 'Anyone can carry it on: `exit-mode` shows what is missing, `exit-mode advance` does it. ';
  const hint = `${advance}When exits are open, ${leave}`;
  if (awaiting.length === 0) return { message: `The rollup has halted at block ${block}; not executed up to it yet: ${names(executing)}`, hint };
  if (arbitratorHalted || awaiting.length < chains.length) return { message: `The rollup halts at block ${block}; the halt has not arrived at: ${names(awaiting)}`, hint };
  const stopped = chains.filter(({ mode }) => mode === 'stopped');
  return { message: `Exit mode: a request was not served in time on ${names(stopped)}; the arbitrator has not halted yet`, hint };
}

/** Why a transaction is not taken: nothing that is new comes into a block any more. The caller throws it. */
export function exitModeRefusal(exit: ExitMode): RollupError {
  const { message, hint } = describeExitMode(exit);
  const { lastConfirmed, chains } = exit;
  return refuse('exitMode', `The rollup takes no transactions any more. ${message}`, { lastConfirmed, modes: chains.map(({ name, mode }) => ({ name, mode })) }, hint);
}

/** Transactions that brought a chain into exit mode; absent before that. */
export interface ExitTransactions {
  trigger?: Hex;
  haltRequest?: Hex;
  halt?: Hex;
}

/** The first trigger and halt and the last halt request in a chain's events. */
export function exitTransactions(events: readonly ChainEvent[]): ExitTransactions {
  const found: ExitTransactions = {};
  for (const { type, transactionHash } of events) {
    if (type === 'exitModeTriggered') found.trigger ??= transactionHash;
    if (type === 'haltRequestSent') found.haltRequest = transactionHash;
    if (type === 'halted') found.halt ??= transactionHash;
  }
  return found;
}

/** The transaction in which the arbitrator halted; null before that. */
export function arbitratorHaltTransaction(events: readonly ChainEvent[]): Hex | null {
  return events.find(({ type }) => type === 'arbitratorHalted')?.transactionHash ?? null;
}
