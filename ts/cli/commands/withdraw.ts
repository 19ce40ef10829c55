import { formatAmount } from '../../chain/client/amount.ts';
import { accountOption, amountOption, chainOption, feeOption, keyEnvironment, keyIndexEnvironment, keyIndexOption, networkEnvironment, tokenOption, type CommandSpec } from './command.ts';
import { findAddress } from './network.ts';
import { awaitTransaction, readTransactionStage, waitForTransactionOption } from './waiting.ts';
import { openWallet, readFee, readPayment } from './wallet.ts';

export const withdrawCommand: CommandSpec = {
  name: 'withdraw',
  summary: 'move tokens from the rollup back to a chain',
  description: [
    'Signs a withdrawal from your leaf on a chain. When the block that holds it is executed there, the chain owes the amount to the receiver;',
    'the sequencer then has it paid out, and `withdraw-pending` does the same by hand.',
  ],
  options: [
    accountOption,
    chainOption,
    tokenOption,
    amountOption,
    { name: 'to', value: 'ADDRESS', help: 'address on that chain that is paid, or a named account (default: your own)' },
    feeOption,
    keyIndexOption,
    waitForTransactionOption,
  ],
  environment: [...networkEnvironment, keyEnvironment, keyIndexEnvironment],
  examples: ['npm run cli -- withdraw --account bob --chain zksync --token ETH --amount 0.5 --wait executed'],
  async run(context) {
    const stage = readTransactionStage(context);
    const { network, client } = openWallet(context);
    const { chain, token, amount } = readPayment(context, network);
    const fee = readFee(context, token);
    const receiver = context.options.text('to');
    const to = receiver === undefined ? client.account.address : findAddress(receiver, network);
    const text = `${formatAmount(amount, token.decimals)} ${token.symbol} on ${chain.name}`;
    context.progress.report(`withdrawing ${text} to ${to}`);
    const { id, leafIndex, nonce, fee: paid } = await client.withdraw({ chainIndex: chain.chainIndex, token: token.token, amount, to, ...(fee === undefined ? {} : { fee }) });
    const blockNumber = await awaitTransaction({ context, client, chain, id, stage });
    return {
      data: { id, chain: chain.name, token: token.symbol, amount, fee: paid, leafIndex, nonce, to, blockNumber, status: stage ?? 'pending' },
      lines: [
        `Withdrawal of ${text} to ${to}: ${blockNumber === undefined ? 'accepted' : `in block ${blockNumber}, ${stage}`}.`,
        `  fee ${formatAmount(paid, token.decimals)} ${token.symbol}`,
        `  transaction ${id}`,
      ],
    };
  },
};
