import { positionOf } from '../../chain/client/liquidity.ts';
import { pairName, tokenOf } from '../../chain/client/pairs.ts';
import { priceOf } from '../../chain/client/quote.ts';
import { createSequencerApi, type LeafRecord } from '../../chain/client/sequencerApi.ts';
import { formatTable } from '../output.ts';
import { accountOption, keyEnvironment, networkEnvironment, type CommandSpec } from './command.ts';
import { findAccount, findNetwork } from './network.ts';
import { positionCells, roughAmount } from './trading.ts';

export const poolsCommand: CommandSpec = {
  name: 'pools',
  summary: 'list pairs: reserves, price, your shares and what they are worth',
  description: [
    'Lists every pair: a pool on each of its two chains (or two on one), what both hold, and how much of the second token one of the first costs.',
    'With an account, also your shares of both halves and what removing them would pay now.',
  ],
  options: [accountOption],
  environment: [...networkEnvironment, keyEnvironment],
  examples: ['npm run cli -- pools', 'npm run cli -- pools --account alice'],
  async run(context) {
    const network = findNetwork(context);
    const { deployment } = network;
    const hasAccount = context.options.text('account') !== undefined || (context.env['ROLLUP_PRIVATE_KEY'] ?? '') !== '';
    const account = hasAccount ? findAccount(context, network) : undefined;
    const api = createSequencerApi({ url: network.sequencerUrl });
    const pairs = await api.getPools();
    const leaves: LeafRecord[] = account === undefined ? [] : await api.getLeaves(account.address);
    const rows = pairs.map((pair) => {
      const position = positionOf(pair, leaves);
      const reserves = pair.map(({ chainIndex, token, reserve }) => roughAmount(reserve, tokenOf(deployment, chainIndex, token).decimals)).join(' / ');
      const places = pair.map(({ chainIndex, leafIndex }) => `${deployment.chains[chainIndex]?.name} ${leafIndex}`).join(' / ');
      return { position, cells: [pairName(deployment, pair), places, reserves, priceOf(deployment, pair), ...(account === undefined ? [] : positionCells(deployment, position))] };
    });
    const columns = [{ title: 'pair' }, { title: 'pools' }, { title: 'reserves' }, { title: 'price', align: 'right' as const }, ...(account === undefined ? [] : [{ title: 'my shares' }, { title: 'worth' }])];
    return {
      data: pairs.map(([first, second], i) => ({ first, second, price: priceOf(deployment, [first, second]), ...(account === undefined ? {} : { shares: rows[i]?.position.shares, coins: rows[i]?.position.coins }) })),
      lines: pairs.length === 0 ? ['No pair is open yet. Open one with `npm run cli -- pool open`.'] : formatTable({ columns, rows: rows.map(({ cells }) => cells) }),
    };
  },
};
