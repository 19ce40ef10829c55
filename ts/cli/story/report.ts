import { formatDuration, formatTable } from '../output.ts';
import { stageTable } from '../stageTable.ts';
import { custodyTable } from './custody.ts';
import { balanceTable } from './ledger.ts';
import type { StoryResult } from './runStory.ts';

/** The tables and the verdict that the story ends with. */
export function storyReport({ deployment, before, after, blocks, custody, checks, milliseconds }: StoryResult): string[] {
  const failed = checks.filter(({ ok }) => !ok);
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
    'Custody: contract = leaves + pending + queued',
    '',
    ...custodyTable(custody),
    '',
    ...(failed.length === 0
      ? [`All ${checks.length} checks hold. ${blocks.length} blocks in ${formatDuration(milliseconds)}.`]
      : [
          `${failed.length} of ${checks.length} checks do not hold:`,
          '',
          ...formatTable({
            columns: [{ title: 'what' }, { title: 'expected', align: 'right' }, { title: 'actual', align: 'right' }],
            rows: failed.map(({ what, expected, actual }) => [what, expected, actual]),
          }),
        ]),
  ];
}
