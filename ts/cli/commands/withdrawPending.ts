import { withdrawPending } from '../../chain/actions/withdrawPending.ts';
import { formatAmount } from '../../chain/client/amount.ts';
import { ChainWallets } from '../../recovery/chainWallets.ts';
import { accountOption, chainOption, chainsEnvironment, keyEnvironment, tokenOption, type CommandSpec } from './command.ts';
import { findAccount, findAddress, findChain, findChains, findToken } from './network.ts';

export const withdrawPendingCommand: CommandSpec = {
  name: 'withdraw-pending',
  summary: 'have a chain pay out what executed blocks owe',
  description: ['Pays the whole pending balance of an owner in a token to that owner. Anyone may do it; the caller pays the gas. Needs no sequencer.'],
  options: [
    accountOption,
    chainOption,
    tokenOption,
    { name: 'owner', value: 'ADDRESS', help: 'who is paid: an address or a named account (default: your own)' },
  ],
  environment: [...chainsEnvironment, keyEnvironment],
  examples: ['npm run cli -- withdraw-pending --account bob --chain linea --token TST'],
  async run(context) {
    const network = findChains(context);
    const account = findAccount(context, network);
    const chain = findChain(context.options.required('chain'), network);
    const token = findToken(context.options.required('token'), chain);
    const text = context.options.text('owner');
    const owner = text === undefined ? account.address : findAddress(text, network);
    const { amount, receipt, gasCost } = await withdrawPending({ ...new ChainWallets({ deployment: network.deployment, account }).of(chain), token: token.token, owner });
    return {
      data: { chain: chain.name, token: token.symbol, owner, amount, transactionHash: receipt.transactionHash, gasCost },
      lines: [`Paid ${formatAmount(amount, token.decimals)} ${token.symbol} to ${owner} on ${chain.name}.`, `  transaction ${receipt.transactionHash}`],
    };
  },
};
