import type { Deployment } from '../../chain/deployments.ts';
import type { Recovered, RecoverTo } from '../../recovery/recover.ts';
import { bigintToHex } from '../../spec/hex.ts';
import { formatDuration, formatTable, shortHex } from '../output.ts';
import { chainsEnvironment, UsageError, type CommandSpec } from './command.ts';
import { readNumber } from './wallet.ts';
import { recoverOptions, recoverState } from './recovering.ts';

export const recoverCommand: CommandSpec = {
  name: 'recover',
  summary: 'rebuild the whole state from chain data alone, and check it',
  description: [
    "Reads the calldata of every block from the primary, checks it against the hashes that the contract holds, replays it and compares every final root.",
    'Then compares the last block with what every other chain and the arbitrator hold, as far as their RPCs answer. Needs no sequencer, no database and',
    'no operator. What it has is kept as a snapshot, so that it may be interrupted at any time and goes on from there; a snapshot is checked like an RPC.',
    'One lying RPC is found out. If all RPCs lie together the state is wrong; nothing is lost by it, because the contract then refuses the exit proofs.',
  ],
  options: [
    ...recoverOptions,
    { name: 'to', value: 'BLOCK', help: 'a block number, `confirmed` (what exits are proved against; the default) or `committed`' },
    { name: 'snapshot-every', value: 'BLOCKS', help: 'blocks from one snapshot to the next (default 200)' },
  ],
  environment: chainsEnvironment,
  examples: [
    'npm run cli -- recover',
    'npm run cli -- recover --deployment deployment.json --primary https://rpc.example',
    'npm run cli -- recover --primary https://rpc.example --chain zksync=https://zk.example --chain ethereum=https://eth.example --to 120 --json',
  ],
  async run(context) {
    const every = context.options.text('snapshot-every');
    const { deployment, recovered } = await recoverState({
      context,
      to: readTo(context.options.text('to') ?? 'confirmed'),
      snapshotEvery: every === undefined ? undefined : Math.max(1, readNumber(every, '--snapshot-every')),
    });
    const { state, storedBlocks: _, ...facts } = recovered;
    const chains = deployment.chains.map(({ name, chainIndex }) => {
      const chain = state.chain(chainIndex);
      return { chainIndex, name, root: chain.root, leaves: chain.leafCount, pools: chain.pools().length };
    });
    return { data: { deployment: deployment.name, ...facts, chains }, lines: textOf(deployment, recovered, chains) };
  },
};

/** @throws UsageError when it is neither a block nor one of the words */
export function readTo(text: string): RecoverTo {
  if (text === 'confirmed' || text === 'committed') return text;
  const block = Number(text);
  if (/^\d+$/.test(text) && block < 2 ** 32) return block;
  throw new UsageError('--to is not a block', { facts: { expected: 'a block number, confirmed or committed', actual: text } });
}

function textOf(deployment: Deployment, recovered: Recovered, chains: readonly { name: string; root: bigint; leaves: number; pools: number }[]): string[] {
  const { blockNumber, finalRoot, isConfirmed, isHalted, agreements, startedFrom, operations, seconds, file } = recovered;
  const standing = isHalted ? 'the rollup is halted at it' : isConfirmed ? 'confirmed' : 'NOT confirmed: it may still be taken back';
  const agreed = agreements.filter((agreement) => agreement.blockNumber !== null).map(({ name }) => name);
  const silent = agreements.filter((agreement) => agreement.blockNumber === null).map(({ name, note }) => `${name}${note === undefined ? '' : ` (${note})`}`);
  return [
    `Rollup "${deployment.name}": state after block ${blockNumber}, ${standing}`,
    `  final root ${bigintToHex(finalRoot, 32)}`,
    `  ${operations} operations replayed in ${formatDuration(seconds * 1000)}${startedFrom === 0 ? '' : `, from the snapshot of block ${startedFrom} on`}`,
    ...(agreed.length === 0 ? [] : [`  agreed: ${agreed.join(', ')}`]),
    ...(silent.length === 0 ? [] : [`  not asked: ${silent.join(', ')}`]),
    ...(agreed.length === 0 ? ['  Nobody else was asked: the state is as true as the RPC of the primary. Name other chains with --chain.'] : []),
    ...(file === undefined ? [] : [`  snapshot ${file}`]),
    '',
    ...formatTable({
      columns: [{ title: 'chain' }, { title: 'leaves', align: 'right' }, { title: 'pools', align: 'right' }, { title: 'root' }],
      rows: chains.map(({ name, leaves, pools, root }) => [name, String(leaves), String(pools), shortHex(bigintToHex(root, 32))]),
    }),
  ];
}
