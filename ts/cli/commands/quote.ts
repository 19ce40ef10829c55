import { checkFloat40 } from '../../chain/client/amount.ts';
import { quoteSwap } from '../../chain/client/quote.ts';
import { createSequencerApi } from '../../chain/client/sequencerApi.ts';
import { amountOption, chainOption, networkEnvironment, slippageOption, toChainOption, toTokenOption, tokenOption, type CommandSpec } from './command.ts';
import { findNetwork } from './network.ts';
import { quoteData, quoteLines, readPlace, readSlippage } from './trading.ts';
import { readPayment } from './wallet.ts';

export const quoteCommand: CommandSpec = {
  name: 'quote',
  summary: 'what a swap would pay: route, price, price impact',
  description: [
    'Computes, from the pairs as the newest block leaves them, what a swap would pay. Nothing is signed.',
    'When there is no pair of the two tokens, a route of two swaps is shown if there is one; `swap` signs one swap at a time.',
  ],
  options: [chainOption, tokenOption, amountOption, toChainOption, toTokenOption, slippageOption],
  environment: networkEnvironment,
  examples: ['npm run cli -- quote --chain linea --token TST --amount 20 --to-chain zksync --to-token ETH'],
  async run(context) {
    const network = findNetwork(context);
    const { deployment } = network;
    const slippage = readSlippage(context);
    const { chain, token, amount } = readPayment(context, network);
    const from = { chainIndex: chain.chainIndex, token: token.token };
    const to = readPlace(context, network, { chain: 'to-chain', token: 'to-token', same: from });
    checkFloat40({ amount, ...token, what: 'swap' });
    const pairs = await createSequencerApi({ url: network.sequencerUrl }).getPools();
    const quote = quoteSwap({ deployment, pairs, from, to, amountIn: amount });
    return { data: quoteData(deployment, quote, slippage), lines: quoteLines({ deployment, quote, slippage }) };
  },
};
