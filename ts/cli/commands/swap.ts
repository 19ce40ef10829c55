import { amountName, tokenOf } from '../../chain/client/pairs.ts';
import { formatAmount } from '../../chain/client/amount.ts';
import { accountOption, amountOption, chainOption, feeOption, keyEnvironment, keyIndexEnvironment, keyIndexOption, networkEnvironment, slippageOption, toChainOption, toTokenOption, tokenOption, type CommandSpec } from './command.ts';
import { quoteData, quoteLines, readPlace, readSlippage } from './trading.ts';
import { awaitTransaction, readTransactionStage, waitForTransactionOption } from './waiting.ts';
import { openWallet, readFee, readPayment } from './wallet.ts';

export const swapCommand: CommandSpec = {
  name: 'swap',
  summary: 'swap tokens, also for tokens on another chain',
  description: [
    'Shows the quote, then signs one order with your L2 key. It is filled in one block on both chains, or not at all: when the price has moved by more',
    'than the slippage, or its hour is over, it is dropped, says why, and costs nothing.',
    'What you receive is in your leaf on the other chain (one is opened if needed); `withdraw` brings it out there.',
  ],
  options: [accountOption, chainOption, tokenOption, amountOption, toChainOption, toTokenOption, slippageOption, feeOption, keyIndexOption, waitForTransactionOption],
  environment: [...networkEnvironment, keyEnvironment, keyIndexEnvironment],
  examples: [
    'npm run cli -- swap --account alice --chain linea --token TST --amount 20 --to-chain zksync --to-token ETH --wait included',
    'npm run cli -- swap --account alice --chain zksync --token ETH --amount 0.1 --to-chain linea --to-token TST --slippage 1',
  ],
  async run(context) {
    const [stage, slippage] = [readTransactionStage(context), readSlippage(context)];
    const { network, client } = openWallet(context);
    const { deployment } = network;
    const { chain, token, amount } = readPayment(context, network);
    const from = { chainIndex: chain.chainIndex, token: token.token };
    const to = readPlace(context, network, { chain: 'to-chain', token: 'to-token', same: from });
    const fee = readFee(context, token);
    const quoted = await client.quote({ from, to, amount });
    quoteLines({ deployment, quote: quoted, slippage }).forEach((line) => context.progress.report(line));
    const { id, leafIndex, nonce, fee: paid, quote, minimum } = await client.swap({ from, to, amount, slippage, ...(fee === undefined ? {} : { fee }) });
    const blockNumber = await awaitTransaction({ context, client, chain, id, stage });
    return {
      data: { id, ...(quoteData(deployment, quote, slippage) as object), minimum, fee: paid, leafIndex, nonce, blockNumber, status: stage ?? 'pending' },
      lines: [
        `Swap of ${amountName(deployment, from, amount)} for at least ${amountName(deployment, to, minimum)}: ${blockNumber === undefined ? 'accepted' : `in block ${blockNumber}, ${stage}`}.`,
        `  fee ${formatAmount(paid, tokenOf(deployment, from.chainIndex, from.token).decimals)} ${token.symbol}`,
        `  transaction ${id}`,
      ],
    };
  },
};
