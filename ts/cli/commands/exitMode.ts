import { setTimeout as sleep } from 'node:timers/promises';

import { firstLine, RollupError } from '../../base/errors.ts';
import { triggerExitMode } from '../../chain/actions/triggerExitMode.ts';
import { RevertError } from '../../chain/errors.ts';
import { planExit, type ExitPlan } from '../../recovery/exitPlan.ts';
import { advanceExit, describeStep, type DoneStep } from '../../recovery/exitSteps.ts';
import { readExitView } from '../../recovery/exitView.ts';
import { ChainWallets } from '../../recovery/chainWallets.ts';
import { accountOption, chainOption, chainsEnvironment, keyEnvironment, type CommandSpec } from './command.ts';
import { doneLines, planLines, timeText, viewLines } from './exitText.ts';
import { findAccount, findChain, findChains } from './network.ts';
import { readNumber } from './wallet.ts';

/* Exit mode needs chains only: no sequencer, no operator. */

export const exitModeCommand: CommandSpec = {
  name: 'exit-mode',
  summary: 'show how close each chain is to exit mode, and what anyone can do next',
  description: [
    'Shows, from the chains alone: mode, oldest request and when it expires, and how far blocks are. Then what anyone can do now, and what is waited for.',
    'A rollup goes into exit mode when a request (a deposit or a full exit) has not been served in time: one chain stops, the arbitrator halts the',
    'rollup at the last confirmed block, every chain executes up to that block, and then everybody leaves with `exit`. No operator is needed.',
  ],
  options: [],
  environment: chainsEnvironment,
  examples: ['npm run cli -- exit-mode', 'npm run cli -- exit-mode --deployment .devnet/devnet.json --json'],
  async run(context) {
    const { deployment } = findChains(context);
    const view = await readExitView(deployment);
    const plan = planExit(view);
    return { data: { ...view, ...plan }, lines: [`Rollup "${deployment.name}"`, ...viewLines(view), '', ...planLines(deployment, view, plan)] };
  },
};

export const exitModeTriggerCommand: CommandSpec = {
  name: 'exit-mode trigger',
  summary: 'stop the rollup, for good, because a request of a chain has expired',
  description: [
    'Anyone may do it once the oldest request of the chain has expired and everything that is confirmed there is executed. The chain takes no',
    'deposits and no blocks from then on. `exit-mode advance` does all that comes after it.',
  ],
  options: [accountOption, chainOption],
  environment: [...chainsEnvironment, keyEnvironment],
  examples: ['npm run cli -- exit-mode trigger --account dave --chain linea'],
  async run(context) {
    const network = findChains(context);
    const chain = findChain(context.options.required('chain'), network);
    const wallets = new ChainWallets({ deployment: network.deployment, account: findAccount(context, network) });
    context.progress.report(`triggering exit mode on ${chain.name}`);
    try {
      const { requestId, expiresAt, receipt, gasCost } = await triggerExitMode(wallets.of(chain));
      return {
        data: { chain: chain.name, requestId, expiresAt, transactionHash: receipt.transactionHash, gasCost },
        lines: [`${chain.name} has stopped: request ${requestId} expired.`, `  transaction ${receipt.transactionHash}`, '  next: npm run cli -- exit-mode advance --watch'],
      };
    } catch (error) {
      throw explained(error);
    }
  },
};

/** The two refusals that an honest user meets, with what to do. */
function explained(error: unknown): unknown {
  if (!(error instanceof RevertError) || error.revert === undefined) return error;
  const { name, args } = error.revert;
  if (name === 'ConfirmedBlocksNotExecuted') {
    return new RollupError('Confirmed blocks have to be executed first: they may serve the request', { facts: args, hint: 'npm run cli -- exit-mode advance --trigger', cause: error });
  }
  if (name === 'NoExpiredRequest') {
    const [expiresAt, now] = [Number(args['expiresAt']), Number(args['timestamp'])];
    const message = expiresAt === 0 ? 'No request waits on this chain, so none has expired' : `The oldest request expires ${timeText(expiresAt, now)}`;
    return new RollupError(message, { facts: args, hint: 'Make one with `full-exit`; the rollup must serve it in time.', cause: error });
  }
  if (name === 'WrongMode') return new RollupError('This chain has stopped already', { facts: args, hint: 'npm run cli -- exit-mode', cause: error });
  return error;
}

export const exitModeAdvanceCommand: CommandSpec = {
  name: 'exit-mode advance',
  summary: 'do every step towards open exits that is possible now',
  description: [
    'In order, and only what has not been done: confirm what every chain has synced, execute confirmed blocks (their data is read from the',
    "chain's calldata or the primary's), send the halt request of a chain that has stopped, send the arbitrator's halt to every chain, execute up to the last block.",
    'What a chain refuses holds up that chain only. Stopping the rollup is left out unless --trigger says so. Says what it waits for; with --watch it',
    'goes on until exits are open everywhere.',
    'May be interrupted and run again at any time, by several people at once.',
  ],
  options: [
    accountOption,
    { name: 'trigger', help: 'stop the rollup, for good, when a request has expired' },
    { name: 'resend', help: 'send messages again that are on their way (each once)' },
    { name: 'watch', help: 'go on until exits are open on every chain' },
    { name: 'interval', value: 'SECONDS', help: 'pause between looks with --watch (default 10)' },
  ],
  environment: [...chainsEnvironment, keyEnvironment],
  examples: ['npm run cli -- exit-mode advance --account dave', 'npm run cli -- exit-mode advance --account dave --trigger --watch'],
  async run(context) {
    const { options, progress, signal } = context;
    const [trigger, watch] = [options.flag('trigger'), options.flag('watch')];
    const interval = readNumber(options.text('interval') ?? '10', '--interval');
    const network = findChains(context);
    const { deployment } = network;
    const wallets = new ChainWallets({ deployment, account: findAccount(context, network) });
    const done: DoneStep[] = [];
    for (let resend = options.flag('resend'); ; resend = false) {
      const { done: now, failed, view, plan } = await advanceExit({ deployment, wallets, trigger, resend, progress, signal });
      done.push(...now);
      // Nothing but refusals: there is no more to say.
      if (failed[0] !== undefined && done.length === 0 && !(watch && isUnderWay(plan, trigger))) throw failed[0].error;
      if (watch && (isUnderWay(plan, trigger) || (failed.length > 0 && now.length > 0))) {
        if (plan.waits.length > 0) progress.report(`waiting: ${plan.waits.map(({ type, chainIndex }) => `${WAIT_NAMES[type]} ${deployment.chains[chainIndex]?.name}`).join(', ')}`);
        await sleep(interval * 1000, undefined, { signal });
        continue;
      }
      return {
        data: { done, failed: failed.map(({ step, error }) => ({ step, reason: firstLine(error) })), ...view, ...plan },
        lines: [
          ...done.flatMap(({ step, transactions }) => doneLines(deployment, step, transactions)),
          ...(done.length === 0 ? ['Nothing could be done now.'] : []),
          ...failed.map(({ step, error }) => `Could not ${describeStep(deployment, step)}: ${firstLine(error)}`),
          '',
          ...viewLines(view),
          '',
          ...planLines(deployment, view, plan),
        ],
      };
    }
  },
};

const WAIT_NAMES = { expiry: 'expiry of a request of', confirmation: 'confirmation for', haltRequest: 'halt request of', halt: 'halt for' } as const;

/** Whether something will happen by itself: a message arrives, or a request expires that may then be used. */
function isUnderWay({ isOpen, waits }: ExitPlan, trigger: boolean): boolean {
  return !isOpen && waits.some(({ type }) => trigger || type !== 'expiry');
}
