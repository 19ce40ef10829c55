import { watchRollup, type WatchView } from '../../network/watch.ts';
import { messageSources } from '../../network/sources.ts';
import type { Deployment } from '../../chain/deployments.ts';
import type { CommandSpec } from '../commands/command.ts';
import { findChains } from '../commands/network.ts';
import { readNumber } from '../commands/wallet.ts';
import { formatTable, shortHex } from '../output.ts';
import { deploymentOption, rpcEnvironment } from './program.ts';
import { asUsage, isLocal, readSeconds } from './values.ts';

/** Clears a terminal and goes to its first line. */
const CLEAR = '\u001B[2J\u001B[H';

export const watchCommand: CommandSpec = {
  name: 'watch',
  summary: 'Shows the stage of every block on each chain and the messages in flight, read from the chains alone.',
  description: [
    'Shows how far each chain is, the stage of every block that is not executed everywhere, and the messages in flight with what each waits for. Everything is read',
    'from the chains; no sequencer and no relayer is asked. It looks again every few seconds until Ctrl-C; --once shows one look.',
  ],
  options: [
    deploymentOption,
    { name: 'once', help: 'one look' },
    { name: 'interval', value: 'SECONDS', help: 'between two looks (default 15; 1 on local chains)' },
    { name: 'limit', value: 'NUMBER', help: 'most blocks that are shown (default 20)' },
  ],
  environment: [rpcEnvironment],
  examples: ['npm run watch -- --deployment sepolia', 'npm run watch -- --deployment sepolia --once --json'],
  async run(context) {
    const { options, signal, emit } = context;
    const { deployment } = findChains(context);
    const limit = asUsage(() => readNumber(options.text('limit') ?? '20', '--limit'));
    const interval = readSeconds(options.text('interval'), '--interval', isLocal(deployment) ? 1 : 15) * 1000;
    const sources = messageSources(deployment);
    const look = async (): Promise<WatchView> => await watchRollup({ deployment, limit, sources });
    if (options.flag('once')) {
      const view = await look();
      return { data: { deployment: deployment.name, ...view }, lines: describe(deployment, view) };
    }
    let shown = '';
    while (!signal.aborted) {
      const view = await look();
      const text = describe(deployment, view).join('\n');
      // In a file or a pipe only what changed is of use.
      const isTerminal = process.stdout.isTTY;
      if (isTerminal || text !== shown) emit({ deployment: deployment.name, time: new Date().toISOString(), ...view }, `${isTerminal ? CLEAR : ''}${new Date().toISOString()}\n${text}\n`);
      shown = text;
      await pause(interval, signal);
    }
    return { data: undefined, lines: [] };
  },
};

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener('abort', () => { clearTimeout(timer); resolve(); }, { once: true });
  });
}

function describe(deployment: Deployment, { chains, arbitrator, blocks, messages, trouble }: WatchView): string[] {
  const numbers = ['committed', 'proved', 'synced', 'confirmed', 'executed'] as const;
  return [
    `Rollup "${deployment.name}"; the arbitrator ${arbitrator === undefined ? 'does not answer' : `has confirmed block ${arbitrator.lastConfirmed}${arbitrator.halted ? ' and HALTED there' : ''}`}`,
    '',
    ...formatTable({
      columns: [{ title: 'chain' }, { title: 'role' }, ...numbers.map((title) => ({ title, align: 'right' as const })), { title: 'requests', align: 'right' }, { title: 'mode' }],
      rows: chains.map(({ name, role, state, trouble: why }) =>
        state === undefined ? [name, role, '', '', '', '', '', '', `does not answer: ${why}`] : [name, role, ...numbers.map((stage) => String(state.stages[stage])), String(state.openRequests), state.mode]),
    }),
    '',
    ...(blocks.length === 0 ? ['There is no block yet.'] : formatTable({
      columns: [{ title: 'block', align: 'right' }, ...chains.map(({ name }) => ({ title: name })), { title: 'arbitrator' }],
      rows: blocks.map(({ blockNumber, stages, arbitrated }) => [
        String(blockNumber),
        ...chains.map(({ chainIndex }) => stages.find((entry) => entry.chainIndex === chainIndex)?.stage ?? '?'),
        arbitrated ? 'confirmed' : '',
      ]),
    })),
    '',
    ...(messages.length === 0 ? ['No message is in flight.'] : formatTable({
      columns: [{ title: 'route' }, { title: 'message' }, { title: 'sent in' }, { title: 'stage' }, { title: 'waits for' }],
      rows: messages.map(({ chain, direction, content, transaction, stage, waitsFor = '' }) => [`${chain} ${direction}`, content, shortHex(transaction), stage, waitsFor]),
    })),
    ...Object.entries(trouble).map(([name, why]) => `WARNING: ${name} cannot be read: ${why}`),
  ];
}
