import type { GetExitModeReturnType } from '../chain/actions/getExitMode.ts';
import type { GetHaltReturnType } from '../chain/actions/getHalt.ts';

/*
 * Exit mode as a table: from what the chains and the arbitrator say follows what anyone can do now, and what has to be waited for. Nothing
 * here does anything, and nothing is remembered: who looks again finds where things stand, whoever did the steps.
 */

/** One chain as far as exit mode is concerned. */
export interface ChainView extends GetExitModeReturnType {
  chainIndex: number;
  name: string;
  /** When this chain's last halt request was sent to the arbitrator, unix seconds; null when none was. */
  haltRequestSentAt: number | null;
  /** When the arbitrator last sent the halt to this chain, unix seconds; null when it has not. */
  haltSentAt: number | null;
}

export interface SilentChain {
  chainIndex: number;
  name: string;
  reason: string;
}

export interface ExitView {
  /** Those that answer, in order of chain index. */
  chains: readonly ChainView[];
  /** Those that do not: what can be done elsewhere does not wait for them. */
  silent: readonly SilentChain[];
  arbitrator: GetHaltReturnType & {
    /** Highest block that every chain has synced and nobody has confirmed yet; null when there is none. */
    confirmable: number | null;
  };
}

/** What anyone can do now. */
export type ExitStep =
  | { type: 'confirm'; blockNumber: number }
  | { type: 'execute'; chainIndex: number; from: number; to: number }
  | { type: 'trigger'; chainIndex: number; requestId: bigint; expiresAt: number }
  | { type: 'haltRequest'; chainIndex: number }
  | { type: 'halt'; chainIndex: number };

/** What nobody can do anything about but wait, or send again. */
export type ExitWait =
  | { type: 'expiry'; chainIndex: number; requestId: bigint; expiresAt: number }
  /** The arbitrator has confirmed a block, and the chain does not know yet. */
  | { type: 'confirmation'; chainIndex: number; blockNumber: number }
  | { type: 'haltRequest'; chainIndex: number; sentAt: number }
  | { type: 'halt'; chainIndex: number; sentAt: number };

export interface ExitPlan {
  /** In the order in which they are to be done. */
  steps: ExitStep[];
  waits: ExitWait[];
  /** Every chain serves exits and refunds. */
  isOpen: boolean;
}

export interface PlanExitOptions {
  /** Send messages again that are on their way. */
  resend?: boolean;
}

/** What can be done now to get from here to open exits, and what is waited for. */
export function planExit({ chains, silent, arbitrator }: ExitView, { resend = false }: PlanExitOptions = {}): ExitPlan {
  const { halted, confirmable } = arbitrator;
  // A block that is confirmed before the halt is one whose operations count.
  const confirm: ExitStep[] = !halted && confirmable !== null ? [{ type: 'confirm', blockNumber: confirmable }] : [];
  const plans = chains.map((chain) => (halted ? afterHalt(chain, resend) : beforeHalt(chain, arbitrator, resend)));
  return {
    steps: [...confirm, ...plans.flatMap(({ steps }) => steps)].sort((a, b) => ORDER.indexOf(a.type) - ORDER.indexOf(b.type)),
    waits: plans.flatMap(({ waits }) => waits),
    isOpen: silent.length === 0 && chains.every(({ exitsOpen }) => exitsOpen),
  };
}

const ORDER: readonly ExitStep['type'][] = ['confirm', 'execute', 'trigger', 'haltRequest', 'halt'];

type PartialPlan = Pick<ExitPlan, 'steps' | 'waits'>;

function beforeHalt(chain: ChainView, { lastConfirmedBlock }: ExitView['arbitrator'], resend: boolean): PartialPlan {
  const { chainIndex, mode, stages, oldestRequest: oldest, haltRequestSentAt } = chain;
  const execute = executeUpTo(chain, stages.confirmed);
  const late: ExitWait[] = stages.confirmed < lastConfirmedBlock ? [{ type: 'confirmation', chainIndex, blockNumber: lastConfirmedBlock }] : [];
  if (mode === 'stopped') {
    const isSent = haltRequestSentAt !== null;
    return {
      steps: [...execute, ...(isSent && !resend ? [] : [{ type: 'haltRequest' as const, chainIndex }])],
      waits: isSent ? [{ type: 'haltRequest', chainIndex, sentAt: haltRequestSentAt }] : [],
    };
  }
  if (mode === 'halted' || oldest === null) return { steps: execute, waits: late };
  const { requestId, expiresAt, hasExpired } = oldest;
  if (!hasExpired) return { steps: execute, waits: [...late, { type: 'expiry', chainIndex, requestId, expiresAt }] };
  // What is confirmed may serve the request: the chain asks for its execution first.
  return { steps: execute.length > 0 ? execute : [{ type: 'trigger', chainIndex, requestId, expiresAt }], waits: late };
}

function afterHalt(chain: ChainView, resend: boolean): PartialPlan {
  const { chainIndex, mode, stages, haltBlock, haltSentAt } = chain;
  const execute = executeUpTo(chain, haltBlock ?? stages.confirmed);
  if (mode === 'halted') return { steps: execute, waits: [] };
  const isSent = haltSentAt !== null;
  return {
    steps: [...execute, ...(isSent && !resend ? [] : [{ type: 'halt' as const, chainIndex }])],
    waits: isSent ? [{ type: 'halt', chainIndex, sentAt: haltSentAt }] : [],
  };
}

function executeUpTo({ chainIndex, stages: { executed } }: ChainView, to: number): ExitStep[] {
  return executed < to ? [{ type: 'execute', chainIndex, from: executed + 1, to }] : [];
}
