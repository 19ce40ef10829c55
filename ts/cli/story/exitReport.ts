import { formatAmount } from '../../chain/client/amount.ts';
import { formatDuration, formatTable } from '../output.ts';
import { owedOf } from './entitlements.ts';
import { verdictLines } from './report.ts';
import type { ExitResult } from './runExit.ts';

/** The tables and the verdict that the third story ends with. */
export function exitReport({ deployment, scene, wreck, entitlements, unowned, commands, checks, milliseconds }: ExitResult): string[] {
  const nameOf = (chainIndex: number, token: number): { chain: string; symbol: string; show: (amount: bigint) => string } => {
    const chain = deployment.chains[chainIndex];
    const { symbol, decimals } = chain?.tokens.find((candidate) => candidate.token === token) ?? { symbol: String(token), decimals: 0 };
    return { chain: chain?.name ?? String(chainIndex), symbol, show: (amount) => (amount === 0n ? '' : formatAmount(amount, decimals)) };
  };
  const right = (title: string): { title: string; align: 'right' } => ({ title, align: 'right' });
  const forms = ['coins', 'shares', 'pending', 'payouts', 'deposits', 'bonds'] as const;
  return [
    '',
    `The operator disappeared after block ${wreck.confirmed} (${scene.lp} leaves half of a pair by full exit, ${scene.leaver} coins). Block ${wreck.lost} never happened. Requests that nobody served:`,
    ...wreck.requests.map(({ user, chain, requestId, what }) => `  ${user}: ${what} on ${chain.name}, request ${requestId}`),
    '',
    'What users typed',
    '',
    ...formatTable({ columns: [{ title: 'command' }, right('time')], rows: commands.map(({ line, milliseconds: time }) => [line, formatDuration(time)]) }),
    '',
    'What everybody was owed, and the wallet before and after (native coins: gas included)',
    '',
    ...formatTable({
      columns: [{ title: 'user' }, { title: 'chain' }, { title: 'token' }, ...forms.map(right), right('owed'), right('wallet before'), right('wallet after')],
      rows: entitlements
        .filter((row) => owedOf(row) > 0n)
        .map((row) => {
          const { chain, symbol, show } = nameOf(row.chainIndex, row.token);
          return [row.user, chain, symbol, ...forms.map((form) => show(row[form])), show(owedOf(row)), show(row.wallet), show(row.after)];
        }),
      groupBy: 1,
    }),
    '',
    "What stays in the contracts: nobody's",
    '',
    ...formatTable({
      columns: [{ title: 'chain' }, { title: 'token' }, right('contract before'), right("nobody's")],
      rows: unowned.map(({ chainIndex, token, contract, unowned: rest }) => {
        const { chain, symbol, show } = nameOf(chainIndex, token);
        return [chain, symbol, show(contract), show(rest) || '0'];
      }),
      groupBy: 1,
    }),
    '',
    ...verdictLines(checks, `Everybody has left ${formatDuration(milliseconds)} after the operator disappeared`),
  ];
}
