import { formatAmount } from '../../chain/client/amount.ts';
import { amountName, describeToken, hasLiquidity, pairName, placeName, sharesOf, tokenOf } from '../../chain/client/pairs.ts';
import { openPair } from '../../chain/client/poolClient.ts';
import { formatPercent, priceOf, WHOLE } from '../../chain/client/quote.ts';
import { createSequencerApi, type PairRecord } from '../../chain/client/sequencerApi.ts';
import type { Deployment } from '../../chain/deployments.ts';
import {
  accountOption, amountOption, chainOption, feeOption, keyEnvironment, keyIndexEnvironment, keyIndexOption, networkEnvironment, peerChainOption, peerTokenOption, slippageOption, tokenOption, UsageError,
  type CommandSpec,
} from './command.ts';
import { findNetwork } from './network.ts';
import { readPercent, readPlace, readSlippage, worthName } from './trading.ts';
import { awaitTransaction, readTransactionStage, waitForTransactionOption } from './waiting.ts';
import { openWallet, readAmount, readFee, readPayment } from './wallet.ts';

const firstOptions = { chain: 'chain', token: 'token' } as const;
const peerOptions = { chain: 'peer-chain', token: 'peer-token' } as const;

export const poolOpenCommand: CommandSpec = {
  name: 'pool open',
  summary: 'open a pair of two tokens, on two chains or on one',
  description: ['Asks for a pool on each of the two chains, which name each other, and waits until they are there. Anybody may; nothing is signed or paid.', 'A pair of two tokens is opened once.'],
  options: [chainOption, tokenOption, peerChainOption, peerTokenOption],
  environment: networkEnvironment,
  examples: ['npm run cli -- pool open --chain linea --token TST --peer-chain zksync --peer-token ETH'],
  async run(context) {
    const network = findNetwork(context);
    const { deployment } = network;
    const first = readPlace(context, network, firstOptions);
    const peer = readPlace(context, network, { ...peerOptions, same: first });
    context.progress.report(`opening ${placeName(deployment, first)} / ${placeName(deployment, peer)}`);
    const pair = await openPair({ api: createSequencerApi({ url: network.sequencerUrl }), deployment, first, peer, signal: context.signal });
    return {
      data: { first: pair[0], second: pair[1] },
      lines: [
        `Opened ${pairName(deployment, pair)}.`,
        ...pair.map(({ chainIndex, leafIndex }) => `  pool ${leafIndex} on ${deployment.chains[chainIndex]?.name}`),
        '  next: npm run cli -- pool add (whoever adds first sets the price)',
      ],
    };
  },
};

export const poolAddCommand: CommandSpec = {
  name: 'pool add',
  summary: 'add liquidity to a pair: both coins, or one',
  description: [
    'Adds coins of both halves in proportion to their reserves, or with --one-coin coins of the first half alone; you get shares of both halves.',
    'One order, signed with the key of your leaf on --chain. Whoever adds first sets the price and gives both amounts.',
    'With one coin alone, what would be too much of it is swapped on the way in, with the usual fee: those who are in the pair lose nothing by it.',
  ],
  options: [
    accountOption,
    chainOption,
    tokenOption,
    amountOption,
    peerChainOption,
    peerTokenOption,
    { name: 'peer-amount', value: 'AMOUNT', help: 'coins of the other half: needed for the first liquidity, else the most that may be taken (default: what is in proportion)' },
    { name: 'one-coin', help: 'add the coin of --token alone' },
    slippageOption,
    feeOption,
    keyIndexOption,
    waitForTransactionOption,
  ],
  environment: [...networkEnvironment, keyEnvironment, keyIndexEnvironment],
  examples: [
    'npm run cli -- pool add --account alice --chain linea --token TST --amount 200 --peer-chain zksync --peer-token ETH --peer-amount 1 --wait included',
    'npm run cli -- pool add --account bob --chain zksync --token ETH --amount 0.2 --peer-chain linea --peer-token TST --one-coin',
  ],
  async run(context) {
    const [stage, slippage] = [readTransactionStage(context), readSlippage(context)];
    const { network, client } = openWallet(context);
    const { deployment } = network;
    const { chain, token, amount } = readPayment(context, network);
    const first = { chainIndex: chain.chainIndex, token: token.token };
    const peer = readPlace(context, network, { ...peerOptions, same: first });
    const [text, oneCoin] = [context.options.text('peer-amount'), context.options.flag('one-coin')];
    if (text !== undefined && oneCoin) throw new UsageError('Give either --peer-amount or --one-coin');
    const peerAmount = oneCoin ? 'oneCoin' as const : text === undefined ? undefined : readAmount({ text, ...tokenOf(deployment, peer.chainIndex, peer.token) });
    const fee = readFee(context, token);
    const parameters = { first, peer, amount, ...(peerAmount === undefined ? {} : { peerAmount }) };
    const quote = await client.quoteAdd(parameters);
    const brought = quote.amounts[1] === 0n ? amountName(deployment, first, amount) : worthName(deployment, { pair: quote.pair, coins: quote.amounts });
    context.progress.report(`adding ${brought}${hasLiquidity(quote.pair) ? `, price ${priceOf(deployment, quote.pair)}` : ''}`);
    const { id, leafIndex, nonce, fee: paid, quote: added } = await client.addLiquidity({ ...parameters, slippage, ...(fee === undefined ? {} : { fee }) });
    const blockNumber = await awaitTransaction({ context, client, chain, id, stage });
    return {
      data: { id, pair: added.pair, amounts: added.amounts, shares: added.shares, slippage: formatPercent(slippage), fee: paid, leafIndex, nonce, blockNumber, status: stage ?? 'pending' },
      lines: [
        `Liquidity for ${pairName(deployment, added.pair)}: ${blockNumber === undefined ? 'accepted' : `in block ${blockNumber}, ${stage}`}.`,
        ...shareLines(deployment, added.pair, added.shares),
        `  fee ${formatAmount(paid, token.decimals)} ${token.symbol}`,
        `  transaction ${id}`,
      ],
    };
  },
};

export const poolRemoveCommand: CommandSpec = {
  name: 'pool remove',
  summary: 'remove liquidity from a pair, with its part of the fees',
  description: [
    'Gives your shares of both halves back and gets what they stand for, on both chains at once: all of them, or the part that --percent says.',
    'One order, signed with the key of your shares on --chain.',
  ],
  options: [
    accountOption,
    chainOption,
    tokenOption,
    peerChainOption,
    peerTokenOption,
    { name: 'percent', value: 'PERCENT', help: 'which part of your shares (default 100)' },
    slippageOption,
    keyIndexOption,
    waitForTransactionOption,
  ],
  environment: [...networkEnvironment, keyEnvironment, keyIndexEnvironment],
  examples: ['npm run cli -- pool remove --account alice --chain linea --token TST --peer-chain zksync --peer-token ETH --percent 50 --wait included'],
  async run(context) {
    const [stage, slippage] = [readTransactionStage(context), readSlippage(context)];
    const text = context.options.text('percent');
    const part = text === undefined ? WHOLE : readPercent(text);
    if (part === 0n) throw new UsageError('Nothing would be removed', { facts: { expected: '--percent above 0', actual: text } });
    const { network, client } = openWallet(context);
    const { deployment } = network;
    const first = readPlace(context, network, firstOptions);
    const peer = readPlace(context, network, { ...peerOptions, same: first });
    const { id, leafIndex, nonce, fee, position } = await client.removeLiquidity({ first, peer, part, slippage });
    const chain = deployment.chains[first.chainIndex];
    const blockNumber = chain === undefined ? undefined : await awaitTransaction({ context, client, chain, id, stage });
    const { pair, shares, coins } = position;
    return {
      data: { id, pair, shares, coins, slippage: formatPercent(slippage), fee, leafIndex, nonce, blockNumber, status: stage ?? 'pending' },
      lines: [
        `Removal of ${formatPercent(part)} from ${pairName(deployment, pair)}: ${blockNumber === undefined ? 'accepted' : `in block ${blockNumber}, ${stage}`}.`,
        `  for about ${worthName(deployment, { pair, coins })}`,
        ...shareLines(deployment, pair, shares),
        `  transaction ${id}`,
      ],
    };
  },
};

function shareLines(deployment: Deployment, pair: PairRecord, shares: readonly [bigint, bigint]): string[] {
  return pair.map((half, i) => {
    const { symbol, decimals } = describeToken(deployment, [pair], { chainIndex: half.chainIndex, token: sharesOf(half) });
    return `  shares ${formatAmount(shares[i] ?? 0n, decimals)} ${symbol}`;
  });
}
