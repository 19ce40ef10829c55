import { formatAmount } from '../../chain/client/amount.ts';
import { blockStages, createSequencerApi, type MinimumFee } from '../../chain/client/sequencerApi.ts';
import type { Deployment } from '../../chain/deployments.ts';
import { formatTable } from '../output.ts';
import { networkEnvironment, type CommandSpec } from './command.ts';
import { findNetwork } from './network.ts';

export const statusCommand: CommandSpec = {
  name: 'status',
  summary: 'show how far each chain is',
  description: ['Shows the last block that has reached each stage on each chain, and what waits for a block.'],
  options: [],
  environment: networkEnvironment,
  examples: ['npm run cli -- status'],
  async run(context) {
    const { deployment, sequencerUrl } = findNetwork(context);
    const status = await createSequencerApi({ url: sequencerUrl }).getStatus();
    const rows = status.chains.map((chain) => {
      const { name, role } = deployment.chains[chain.chainIndex] ?? { name: String(chain.chainIndex), role: '' };
      return [name, role, ...blockStages.map((stage) => String(chain[stage])), chain.mode];
    });
    return {
      data: { sequencerUrl, ...status },
      lines: [
        `Rollup "${deployment.name}", sequencer ${sequencerUrl}`,
        `  operator ${status.operator.owner}, minimum fees: ${feesText(deployment, status.minimumFees)}`,
        `  last block ${status.lastBlock}, waiting for a block: ${status.pendingOperations}`,
        ...(status.halted === undefined ? [] : [`  HALTED: ${status.halted}`]),
        ...(status.exitMode === undefined ? [] : [`  EXIT MODE: ${status.exitMode.message}.`, `  ${status.exitMode.hint}`]),
        ...status.warnings.map((warning) => `  WARNING: ${warning}`),
        '',
        ...formatTable({ columns: [{ title: 'chain' }, { title: 'role' }, ...blockStages.map((title) => ({ title, align: 'right' as const })), { title: 'mode' }], rows }),
      ],
    };
  },
};

function feesText(deployment: Deployment, fees: readonly MinimumFee[]): string {
  const tokens = deployment.chains.flatMap((chain) => chain.tokens);
  const lines = fees.map(({ kind, token, amount }) => {
    const found = tokens.find((candidate) => candidate.token === token);
    return `${kind} ${found === undefined ? `${amount} of token ${token}` : `${formatAmount(amount, found.decimals)} ${found.symbol}`}`;
  });
  return lines.length === 0 ? 'none' : lines.join(', ');
}
