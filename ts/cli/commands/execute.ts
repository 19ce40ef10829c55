import type { Hex } from '../../spec/hex.ts';
import { planExit } from '../../recovery/exitPlan.ts';
import { performStep } from '../../recovery/exitSteps.ts';
import { readExitView } from '../../recovery/exitView.ts';
import { ChainWallets } from '../../recovery/chainWallets.ts';
import { accountOption, chainsEnvironment, keyEnvironment, type CommandSpec } from './command.ts';
import { findAccount, findChain, findChains } from './network.ts';

export const executeCommand: CommandSpec = {
  name: 'execute',
  summary: 'execute confirmed blocks: their withdrawals become payable',
  description: [
    'Executes every block that is confirmed on a chain and not executed yet. Usually the sequencer does it; anyone may, in exit mode too. The data of the',
    "blocks is read from the primary's calldata and checked against what the chain remembers of them.",
  ],
  options: [accountOption, { name: 'chain', value: 'CHAIN', help: "only this chain: its name or index (default: all)" }],
  environment: [...chainsEnvironment, keyEnvironment],
  examples: ['npm run cli -- execute --account dave', 'npm run cli -- execute --account dave --chain zksync'],
  async run(context) {
    const network = findChains(context);
    const { deployment } = network;
    const named = context.options.text('chain');
    const only = named === undefined ? undefined : findChain(named, network).chainIndex;
    const wallets = new ChainWallets({ deployment, account: findAccount(context, network) });
    const executed: { chain: string; from: number; to: number; transactions: Hex[] }[] = [];
    for (const step of planExit(await readExitView(deployment)).steps) {
      if (step.type !== 'execute' || (only !== undefined && step.chainIndex !== only)) continue;
      const transactions = await performStep({ deployment, wallets, step, progress: context.progress, signal: context.signal });
      if (transactions.length > 0) executed.push({ chain: deployment.chains[step.chainIndex]?.name ?? '', from: step.from, to: step.to, transactions });
    }
    return {
      data: { executed },
      lines:
        executed.length === 0
          ? ['Every confirmed block is executed.']
          : executed.flatMap(({ chain, from, to, transactions }) => [`Executed ${from === to ? `block ${to}` : `blocks ${from} to ${to}`} on ${chain}.`, ...transactions.map((hash) => `  transaction ${hash}`)]),
    };
  },
};
