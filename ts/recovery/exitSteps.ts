import { firstLine, RollupError } from '../base/errors.ts';
import { silentProgress, type Progress } from '../base/progress.ts';
import { confirmBlock } from '../chain/actions/confirmBlock.ts';
import { executeBlocks } from '../chain/actions/executeBlocks.ts';
import { sendHalt } from '../chain/actions/sendHalt.ts';
import { sendHaltRequest } from '../chain/actions/sendHaltRequest.ts';
import { triggerExitMode } from '../chain/actions/triggerExitMode.ts';
import type { Deployment } from '../chain/deployments.ts';
import { RevertError } from '../chain/errors.ts';
import { params } from '../spec/params.ts';
import type { Hex } from '../spec/hex.ts';
import { readConfirmedBlocks, type ChainBlockData } from './chainData.ts';
import { planExit, type ExitPlan, type ExitStep, type ExitView } from './exitPlan.ts';
import { readExitView } from './exitView.ts';
import type { ChainWallets } from './chainWallets.ts';

/** A step that was done, and the transactions that did it. */
export interface DoneStep {
  step: ExitStep;
  transactions: Hex[];
}

export interface AdvanceExitParameters {
  deployment: Deployment;
  wallets: ChainWallets;
  /** Trigger exit mode where a request has expired; else the step is left out. */
  trigger?: boolean;
  /** Send messages again that are on their way; each at most once. */
  resend?: boolean;
  progress?: Progress;
  signal?: AbortSignal;
  /** How to look and how to act. Default: readExitView, performStep. */
  look?: (deployment: Deployment) => Promise<ExitView>;
  act?: (parameters: PerformStepParameters) => Promise<Hex[]>;
}

/** A step that a chain refused, and why. */
export interface FailedStep {
  step: ExitStep;
  error: RollupError;
}

export interface AdvanceExitReturnType {
  done: DoneStep[];
  /** They can be tried again. */
  failed: FailedStep[];
  view: ExitView;
  /** What is left: steps that were not allowed, and what is waited for. */
  plan: ExitPlan;
}

/**
 * Does every step that is possible now, in order, until none is left. What others did meanwhile is not done again: after each step the chains are
 * asked where they stand. A step that is refused (a message service that is paused, a chain on which the wallet has nothing) holds up its own chain
 * only: it is left out, and all others are done.
 * @throws RollupError when the arbitrator's chain does not answer
 */
export async function advanceExit(parameters: AdvanceExitParameters): Promise<AdvanceExitReturnType> {
  const { deployment, trigger = false, resend = false, signal, look = readExitView, act = performStep } = parameters;
  const done: DoneStep[] = [];
  const failed: FailedStep[] = [];
  for (;;) {
    signal?.throwIfAborted();
    const view = await look(deployment);
    const plan = planExit(view, { resend });
    const isAgain = (step: ExitStep): boolean => isMessage(step) && done.some((before) => before.step.type === step.type && chainOfStep(before.step) === chainOfStep(step));
    const hasFailed = (step: ExitStep): boolean => failed.some((before) => isSame(before.step, step));
    const next = plan.steps.find((step) => (step.type !== 'trigger' || trigger) && !isAgain(step) && !hasFailed(step));
    if (next === undefined) return { done, failed, view, plan: resend ? planExit(view) : plan };
    try {
      const transactions = await act({ ...parameters, step: next });
      if (transactions.length > 0) done.push({ step: next, transactions });
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof RollupError)) throw error;
      failed.push({ step: next, error });
      parameters.progress?.report(`could not ${describeStep(deployment, next)}: ${firstLine(error)}`);
    }
  }
}

function isMessage({ type }: ExitStep): boolean {
  return type === 'haltRequest' || type === 'halt';
}

function chainOfStep(step: ExitStep): number | undefined {
  return step.type === 'confirm' ? undefined : step.chainIndex;
}

export type PerformStepParameters = Pick<AdvanceExitParameters, 'deployment' | 'wallets' | 'progress' | 'signal'> & { step: ExitStep };

/** Does one step. @returns no transaction when somebody else was faster */
export async function performStep(parameters: PerformStepParameters): Promise<Hex[]> {
  const { deployment, step } = parameters;
  try {
    return await send(parameters);
  } catch (error) {
    if (!(error instanceof RevertError)) throw error;
    const { steps } = planExit(await readExitView(deployment), { resend: isMessage(step) });
    if (steps.some((other) => isSame(other, step))) throw error;
    return [];
  }
}

function isSame(a: ExitStep, b: ExitStep): boolean {
  if (a.type !== b.type || chainOfStep(a) !== chainOfStep(b)) return false;
  // Somebody who executed a part of the blocks leaves another step.
  if (a.type === 'execute' && b.type === 'execute') return a.from === b.from;
  return a.type !== 'confirm' || b.type !== 'confirm' || a.blockNumber === b.blockNumber;
}

async function send({ deployment, wallets, step, progress = silentProgress, signal }: PerformStepParameters): Promise<Hex[]> {
  progress.report(describeStep(deployment, step));
  if (step.type === 'confirm') return [(await confirmBlock({ ...wallets.ofArbitrator(), blockNumber: step.blockNumber })).receipt.transactionHash];
  if (step.type === 'halt') return [(await sendHalt({ ...wallets.ofArbitrator(), chainIndex: step.chainIndex })).receipt.transactionHash];
  const chain = deployment.chains[step.chainIndex];
  if (!chain) throw new RollupError(`There is no chain ${step.chainIndex}`, { facts: { chains: deployment.chains.length } });
  const place = wallets.of(chain);
  if (step.type === 'trigger') return [(await triggerExitMode(place)).receipt.transactionHash];
  if (step.type === 'haltRequest') return [(await sendHaltRequest(place)).receipt.transactionHash];
  const { from, to, chainIndex } = step;
  const blocks = await readConfirmedBlocks({ deployment, chainIndex, from, to, progress, ...(signal === undefined ? {} : { signal }) });
  const transactions: Hex[] = [];
  for (const batch of executionBatches(blocks)) {
    progress.report(`${chain.name}: executing blocks ${batch[0]?.stored.blockNumber} to ${batch.at(-1)?.stored.blockNumber} of ${to}`);
    transactions.push((await executeBlocks({ ...place, blocks: batch })).receipt.transactionHash);
  }
  return transactions;
}

/** Blocks in one call, however small. */
const MOST_BLOCKS = 16;

/** Blocks in lists that one transaction can execute: together no more bytes than one block may have, which every network executes. */
export function executionBatches(blocks: readonly ChainBlockData[]): ChainBlockData[][] {
  const batches: ChainBlockData[][] = [];
  let bytes = 0;
  for (const block of blocks) {
    const size = (block.onchainData.length - 2) / 2;
    const last = batches.at(-1);
    if (last !== undefined && last.length < MOST_BLOCKS && bytes + size <= params.maxOnchainBytes) {
      last.push(block);
      bytes += size;
    } else {
      batches.push([block]);
      bytes = size;
    }
  }
  return batches;
}

/** A step in words, as something that is being done. */
export function describeStep({ chains }: Pick<Deployment, 'chains'>, step: ExitStep): string {
  const name = step.type === 'confirm' ? '' : (chains[step.chainIndex]?.name ?? `chain ${step.chainIndex}`);
  switch (step.type) {
    case 'confirm':
      return `confirm block ${step.blockNumber}, which every chain has synced`;
    case 'execute':
      return step.from === step.to ? `execute block ${step.to} on ${name}` : `execute blocks ${step.from} to ${step.to} on ${name}`;
    case 'trigger':
      return `trigger exit mode on ${name}: request ${step.requestId} expired ${new Date(step.expiresAt * 1000).toISOString()}`;
    case 'haltRequest':
      return `send the halt request of ${name} to the arbitrator`;
    case 'halt':
      return `send the arbitrator's halt to ${name}`;
  }
}
