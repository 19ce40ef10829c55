import { RollupError } from '../../base/errors.ts';
import { createSequencerApi, type SequencerApi } from '../../chain/client/sequencerApi.ts';
import { formatAmount } from '../../chain/client/amount.ts';
import { isShares } from '../../chain/client/pairs.ts';
import type { Deployment } from '../../chain/deployments.ts';
import { formatTable } from '../output.ts';
import { stageTable } from '../stageTable.ts';
import { networkEnvironment, type CommandSpec } from './command.ts';
import { findNetwork } from './network.ts';
import { readNumber } from './wallet.ts';

export const blocksCommand: CommandSpec = {
  name: 'blocks',
  summary: 'list the latest blocks and their stage on each chain',
  description: ['Lists the latest blocks. `block NUMBER` shows one of them with the transaction of every stage.'],
  options: [{ name: 'limit', value: 'NUMBER', help: 'how many blocks (default 20, at most 100)' }],
  environment: networkEnvironment,
  examples: ['npm run cli -- blocks', 'npm run cli -- blocks --limit 5 --json'],
  async run(context) {
    const limit = readNumber(context.options.text('limit') ?? '20', '--limit');
    const { deployment, sequencerUrl } = findNetwork(context);
    const blocks = await createSequencerApi({ url: sequencerUrl }).getBlocks({ limit });
    const rows = blocks.map(({ blockNumber, operations, proofs, chains }) => [
      String(blockNumber),
      String(operations.length),
      proofs === undefined ? '-' : `${proofs.done}/${proofs.total}`,
      ...deployment.chains.map(({ chainIndex }) => chains.find((chain) => chain.chainIndex === chainIndex)?.stage ?? '-'),
    ]);
    const columns = [{ title: 'block', align: 'right' as const }, { title: 'operations', align: 'right' as const }, { title: 'proofs', align: 'right' as const }, ...deployment.chains.map(({ name }) => ({ title: name }))];
    return { data: blocks, lines: blocks.length === 0 ? ['There is no block yet.'] : formatTable({ columns, rows }) };
  },
};

export const blockCommand: CommandSpec = {
  name: 'block',
  summary: 'show one block: operations, stages, transactions',
  description: ['Shows the operations of a block, its final root, and on each chain its stage and the transaction that brought it there.'],
  options: [],
  positionals: [{ name: 'number', value: 'NUMBER', required: true, help: 'number of the block' }],
  environment: networkEnvironment,
  examples: ['npm run cli -- block 1'],
  async run(context) {
    const blockNumber = readNumber(context.options.required('number'), 'NUMBER');
    const { deployment, sequencerUrl } = findNetwork(context);
    const api = createSequencerApi({ url: sequencerUrl });
    const block = await api.getBlock(blockNumber);
    if (block === undefined) throw new RollupError(`There is no block ${blockNumber}`, { hint: 'See `npm run cli -- blocks`.' });
    const operations = await Promise.all(block.operations.map(async (operation) => await describeOperation({ deployment, api, operation })));
    return {
      data: block,
      lines: [
        `Block ${blockNumber}, final root ${block.finalRoot}`,
        ...(block.proofs === undefined ? [] : [`  proofs ${block.proofs.done}/${block.proofs.total}`]),
        '',
        ...stageTable(deployment, [block]),
        '',
        ...operations.map((line) => `  ${line}`),
      ],
    };
  },
};

/** One line for an operation: chain, type, amounts, then what else says who and where. */
async function describeOperation({ deployment, api, operation }: { deployment: Deployment; api: SequencerApi; operation: Record<string, unknown> }): Promise<string> {
  const { type, chainIndex, amount, shares, token, keyX: _x, keyY: _y, toKeyX: _tx, toKeyY: _ty, fee, validUntil: _until, ...rest } = operation;
  const chain = deployment.chains[Number(chainIndex)];
  const tokenIn = async (leafIndex: unknown): Promise<number | undefined> => (typeof leafIndex === 'number' ? (await api.getLeaf(Number(chainIndex), leafIndex))?.token : undefined);
  const show = (units: unknown, id: number | undefined): string => {
    const description = chain?.tokens.find((candidate) => candidate.token === id);
    if (description !== undefined) return `${formatAmount(BigInt(String(units)), description.decimals)} ${description.symbol}`;
    return id !== undefined && isShares(id) ? `${String(units)} shares` : `amount ${String(units)}`;
  };
  // Pools move coins of their own token. What names another leaf is of that leaf's token, both leaves of a transfer of the same one.
  const payer = rest['from'] ?? rest['leafIndex'];
  const moved = token === undefined ? await tokenIn(rest['pool'] ?? payer) : Number(token);
  const money = [
    ...(typeof amount === 'string' ? [show(amount, moved)] : []),
    ...(typeof shares === 'string' ? [`${shares} shares`] : []),
    ...(typeof fee === 'string' && fee !== '0' ? [`fee ${show(fee, rest['pool'] === undefined ? moved : await tokenIn(payer))}`] : []),
  ];
  const fields = Object.entries(rest).filter(([, value]) => typeof value === 'string' || typeof value === 'number');
  return [chain?.name ?? `chain ${String(chainIndex)}`, String(type), ...money, ...fields.map(([name, value]) => `${name} ${String(value)}`)].join('  ');
}
