import { formatAmount } from '../../chain/client/amount.ts';
import { accountOption, amountOption, chainOption, keyEnvironment, keyIndexEnvironment, keyIndexOption, networkEnvironment, tokenOption, type CommandSpec } from './command.ts';
import { awaitRequest, readRequestStage, waitForRequestOption } from './waiting.ts';
import { openWallet, readPayment } from './wallet.ts';

export const depositCommand: CommandSpec = {
  name: 'deposit',
  summary: 'move tokens from a chain into the rollup',
  description: [
    'Puts a deposit into the priority queue of a chain. The tokens are in your L2 leaf on that chain as soon as a block holds the deposit.',
    'An ERC-20 is approved first, for exactly this amount.',
    'It goes to the leaf of your present key (--key-index): after `change-key`, a deposit under the old key opens a leaf of the old key.',
  ],
  options: [
    accountOption,
    chainOption,
    tokenOption,
    amountOption,
    { name: 'to', value: 'L2ADDRESS', help: 'L2 address (l2:…) that receives the deposit (default: your own)' },
    keyIndexOption,
    waitForRequestOption,
  ],
  environment: [...networkEnvironment, keyEnvironment, keyIndexEnvironment],
  examples: [
    'npm run cli -- deposit --account alice --chain linea --token ETH --amount 1.5',
    'npm run cli -- deposit --account alice --chain linea --token TST --amount 100 --wait committed',
  ],
  async run(context) {
    const stage = readRequestStage(context);
    const { network, client } = openWallet(context);
    const { chain, token, amount } = readPayment(context, network);
    const to = context.options.text('to');
    context.progress.report(`depositing ${formatAmount(amount, token.decimals)} ${token.symbol} on ${chain.name}`);
    const { requestId, expiresAt, receipt, gasCost } = await client.deposit({ chainIndex: chain.chainIndex, token: token.token, amount, ...(to === undefined ? {} : { to }) });
    await awaitRequest({ context, chain, requestId, stage });
    return {
      data: { chain: chain.name, token: token.symbol, amount, requestId, expiresAt, transactionHash: receipt.transactionHash, gasCost, status: stage ?? 'queued' },
      lines: [
        `Deposited ${formatAmount(amount, token.decimals)} ${token.symbol} on ${chain.name}: request ${requestId}, ${stage ?? 'in the queue'}.`,
        `  transaction ${receipt.transactionHash}`,
        ...(stage === undefined ? ['  next: npm run cli -- balances'] : []),
      ],
    };
  },
};
