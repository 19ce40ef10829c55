import { RollupError } from '../../base/errors.ts';
import { accountOption, chainOption, networkEnvironment, keyEnvironment, UsageError, type CommandContext, type CommandSpec } from './command.ts';
import { findChain, findToken } from './network.ts';
import { awaitRequest, readRequestStage, waitForRequestOption } from './waiting.ts';
import { openWallet, readNumber, type WalletSession } from './wallet.ts';
import type { ChainDeployment } from '../../chain/deployments.ts';

export const fullExitCommand: CommandSpec = {
  name: 'full-exit',
  summary: 'ask a chain itself for everything in a leaf',
  description: [
    'Puts a full exit into the priority queue of a chain. The rollup must serve it in time, whoever runs it: no operator can refuse.',
    'Pays the whole balance of the leaf to its owner when the block that serves it is executed.',
  ],
  options: [
    accountOption,
    chainOption,
    { name: 'token', value: 'TOKEN', help: 'token of the leaf: symbol or id' },
    { name: 'leaf', value: 'INDEX', help: 'index of the leaf on that chain, instead of --token; needs no sequencer' },
    waitForRequestOption,
  ],
  environment: [...networkEnvironment, keyEnvironment],
  examples: ['npm run cli -- full-exit --account dave --chain linea --token ETH', 'npm run cli -- full-exit --account dave --chain linea --leaf 3 --wait executed'],
  async run(context) {
    const stage = readRequestStage(context);
    const session = openWallet(context);
    const chain = findChain(context.options.required('chain'), session.network);
    const leafIndex = await findLeaf(context, session, chain);
    context.progress.report(`requesting the full exit of leaf ${leafIndex} on ${chain.name}`);
    const { requestId, expiresAt, receipt, gasCost } = await session.client.requestFullExit({ chainIndex: chain.chainIndex, leafIndex });
    await awaitRequest({ context, chain, requestId, stage });
    return {
      data: { chain: chain.name, leafIndex, requestId, expiresAt, transactionHash: receipt.transactionHash, gasCost, status: stage ?? 'queued' },
      lines: [
        `Requested the full exit of leaf ${leafIndex} on ${chain.name}: request ${requestId}, ${stage ?? 'in the queue'}.`,
        `  to be served before ${new Date(expiresAt * 1000).toISOString()}`,
        `  transaction ${receipt.transactionHash}`,
      ],
    };
  },
};

async function findLeaf({ options }: CommandContext, { client }: WalletSession, chain: ChainDeployment): Promise<number> {
  const [leaf, tokenText] = [options.text('leaf'), options.text('token')];
  if ((leaf === undefined) === (tokenText === undefined)) throw new UsageError('Give either --token or --leaf');
  if (leaf !== undefined) return readNumber(leaf, '--leaf');
  const token = findToken(tokenText ?? '', chain);
  const leaves = (await client.api.getLeaves(client.account.address)).filter(({ chainIndex, token: id }) => chainIndex === chain.chainIndex && id === token.token);
  const [only] = leaves;
  if (only === undefined) throw new RollupError(`There is no leaf of ${token.symbol} on ${chain.name} for this owner`, { facts: { owner: client.account.address } });
  if (leaves.length > 1) {
    throw new UsageError(`There are several leaves of ${token.symbol} on ${chain.name}`, { facts: { leaves: leaves.map(({ leafIndex }) => leafIndex).join(', ') }, hint: 'Choose one with --leaf.' });
  }
  return only.leafIndex;
}
