import { amountName, pairName } from '../../chain/client/pairs.ts';
import { ratioPercent } from '../../chain/client/quote.ts';
import { formatDuration } from '../output.ts';
import { stageTable } from '../stageTable.ts';
import { custodyTable } from './custody.ts';
import { balanceTable } from './ledger.ts';
import { verdictLines } from './report.ts';
import { pairFees, type TradeResult } from './runTrade.ts';
import { tradeTable } from './trades.ts';

/** The tables and the verdict that the second story ends with. */
export function tradeReport({ deployment, before, after, blocks, custody, checks, milliseconds, trades, unfilled, nameOf, leaver }: TradeResult): string[] {
  return [
    '',
    "Trades, as the primary's calldata tells them",
    '',
    ...tradeTable(deployment, trades, nameOf),
    '',
    'Orders that were not filled',
    '',
    ...unfilled.flatMap(({ user, order, reason }) => [`${user}: ${order}`, `  ${reason}`]),
    '',
    'Pairs: growth of what is behind one share of both halves, √(r0·r1 / S0·S1), over all trades',
    '',
    ...pairFees(trades).map(({ pair, earned }) => `${pairName(deployment, pair)}: +${ratioPercent(earned)}`),
    '',
    ...(leaver === undefined
      ? []
      : [
          'alice leaves: what she brought, what it would be at the price then without fees, what she received',
          '',
          ...leaver.pair.map((half, i) => {
            const [brought, without, received] = [leaver.brought[i] ?? 0n, leaver.withoutFees[i] ?? 0n, leaver.received[i] ?? 0n];
            return [brought, without, received].map((amount) => amountName(deployment, half, amount)).join('  →  ');
          }),
          '',
        ]),
    'Balances before and after (native coins: gas included)',
    '',
    ...balanceTable(before, after),
    '',
    'Blocks: every stage on every chain',
    '',
    ...stageTable(deployment, blocks),
    '',
    'Custody: contract = leaves + reserves + pending + queued + bonds',
    '',
    ...custodyTable(custody),
    '',
    ...verdictLines(checks, `${blocks.length} blocks in ${formatDuration(milliseconds)}`),
  ];
}
