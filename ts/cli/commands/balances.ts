import { formatAmount } from '../../chain/client/amount.ts';
import { readBalances, type Balance } from '../../chain/client/balances.ts';
import { createSequencerApi } from '../../chain/client/sequencerApi.ts';
import { publicClient } from '../../chain/clients.ts';
import { formatTable } from '../output.ts';
import { accountOption, keyEnvironment, networkEnvironment, UsageError, type CommandSpec } from './command.ts';
import { keyNames, type KeyName } from './keys.ts';
import { findAccount, findAddress, findNetwork } from './network.ts';

export const balancesCommand: CommandSpec = {
  name: 'balances',
  summary: 'show what an owner has, per chain and token',
  description: [
    'Shows the wallet on the chain, the leaves on L2 and what executed withdrawals still owe (pending).',
    'Leaves of every key of the owner are shown, each with its key: a number is the --key-index that signs for it; other keys are shown by their',
    "first digits (anybody may deposit for an owner under any key; the owner can always use `full-exit` on such a leaf).",
    'Shares of pools are tokens too, named LP, the own token and the peer\'s, and their pool; `pools` shows what they are worth.',
  ],
  options: [accountOption, { name: 'owner', value: 'ADDRESS', help: 'any address, instead of an account' }],
  environment: [...networkEnvironment, keyEnvironment],
  examples: ['npm run cli -- balances --account alice', 'npm run cli -- balances --owner 0x15d34AAf54267DB7D7c367839AAf71A00a2C6A65 --json'],
  async run(context) {
    const network = findNetwork(context);
    const text = context.options.text('owner');
    if (text !== undefined && context.options.text('account') !== undefined) throw new UsageError('Give either --account or --owner');
    const account = text === undefined ? findAccount(context, network) : undefined;
    const owner = account?.address ?? findAddress(text ?? '', network);
    const chains = network.deployment.chains.map((deployment) => ({ deployment, client: publicClient(deployment) }));
    const balances = await readBalances({ api: createSequencerApi({ url: network.sequencerUrl }), chains, owner });
    const name = await keyNames(account);
    return { data: { owner, balances }, lines: [`Balances of ${owner}`, '', ...balanceTable(balances, name)] };
  },
};

function balanceTable(balances: readonly Balance[], name: KeyName): string[] {
  return formatTable({
    columns: [{ title: 'chain' }, { title: 'token' }, { title: 'wallet', align: 'right' }, { title: 'L2', align: 'right' }, { title: 'pending', align: 'right' }, { title: 'leaves' }],
    rows: balances.map(({ chain, symbol, decimals, wallet, l2, pending, leaves }) => [
      chain,
      symbol,
      ...[wallet, l2, pending].map((amount) => formatAmount(amount, decimals)),
      leaves.map((leaf) => `${leaf.leafIndex} (key ${name(leaf)}${leaves.length === 1 ? '' : `: ${formatAmount(leaf.balance, decimals)}`})`).join(', ') || '-',
    ]),
    groupBy: 1,
  });
}
