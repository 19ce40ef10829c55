import { formatAmount } from '../../chain/client/amount.ts';
import { accountOption, chainOption, networkEnvironment, keyEnvironment, tokenOption, type CommandSpec } from './command.ts';
import { findAddress, findChain, findToken } from './network.ts';
import { openWallet } from './wallet.ts';

export const withdrawPendingCommand: CommandSpec = {
  name: 'withdraw-pending',
  summary: 'have a chain pay out what executed blocks owe',
  description: ['Pays the whole pending balance of an owner in a token to that owner. Anyone may do it; the caller pays the gas.'],
  options: [
    accountOption,
    chainOption,
    tokenOption,
    { name: 'owner', value: 'ADDRESS', help: 'who is paid: an address or a named account (default: your own)' },
  ],
  environment: [...networkEnvironment, keyEnvironment],
  examples: ['npm run cli -- withdraw-pending --account bob --chain linea --token TST'],
  async run(context) {
    const { network, client } = openWallet(context);
    const chain = findChain(context.options.required('chain'), network);
    const token = findToken(context.options.required('token'), chain);
    const text = context.options.text('owner');
    const owner = text === undefined ? client.account.address : findAddress(text, network);
    const { amount, receipt, gasCost } = await client.withdrawPending({ chainIndex: chain.chainIndex, token: token.token, owner });
    return {
      data: { chain: chain.name, token: token.symbol, owner, amount, transactionHash: receipt.transactionHash, gasCost },
      lines: [`Paid ${formatAmount(amount, token.decimals)} ${token.symbol} to ${owner} on ${chain.name}.`, `  transaction ${receipt.transactionHash}`],
    };
  },
};
