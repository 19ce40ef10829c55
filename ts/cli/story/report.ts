import { formatDuration, formatTable } from '../output.ts';
import { stageTable } from '../stageTable.ts';
import { custodyTable } from './custody.ts';
import { balanceTable, type Check } from './ledger.ts';
import type { StoryResult } from './runStory.ts';

/** The tables and the verdict that the story ends with. */
export function storyReport({ deployment, before, after, blocks, custody, checks, milliseconds }: StoryResult): string[] {
  return [
    '',
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

/** Whether all checks hold, and which do not. @param how for the good end */
export function verdictLines(checks: readonly Check[], how: string): string[] {
  const failed = checks.filter(({ ok }) => !ok);
  if (failed.length === 0) return [`All ${checks.length} checks hold. ${how}.`];
  return [
    `${failed.length} of ${checks.length} checks do not hold:`,
    '',
    ...formatTable({
      columns: [{ title: 'what' }, { title: 'expected', align: 'right' }, { title: 'actual', align: 'right' }],
      rows: failed.map(({ what, expected, actual }) => [what, expected, actual]),
    }),
  ];
}
