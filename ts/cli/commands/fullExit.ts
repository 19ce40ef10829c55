import { RollupError } from '../../base/errors.ts';
import { requestFullExit } from '../../chain/actions/requestFullExit.ts';
import type { ChainDeployment } from '../../chain/deployments.ts';
import { ChainWallets } from '../../recovery/chainWallets.ts';
import { accountOption, chainOption, networkEnvironment, keyEnvironment, UsageError, type CommandContext, type CommandSpec } from './command.ts';
import { amountText } from './exitText.ts';
import { findAccount, findChain, findChains, findToken } from './network.ts';
import { awaitRequest, readRequestStage, waitForRequestOption } from './waiting.ts';
import { openWallet, readAmount, readNumber } from './wallet.ts';

export const fullExitCommand: CommandSpec = {
  name: 'full-exit',
  summary: 'ask a chain itself for everything in a leaf',
  description: [
    'Puts a full exit into the priority queue of a chain. The rollup must serve it in time, whoever runs it: no operator can refuse.',
    'Pays the whole balance of the leaf to its owner when the block that serves it is executed; of a leaf with shares, the coins that they stand for.',
    'The chain takes a bond with the request. It comes back with an exit that pays, and is lost with one that pays nothing (a leaf of somebody else, or an',
    'empty one). If the request expires unserved, anyone can stop the rollup (`exit-mode`), and the bond is refunded.',
    'When the queue of the chain is full, the request costs more than the bond, and what is above is lost: --max-price says how much you allow.',
    'With --leaf it needs no sequencer; `exit --dry-run` finds the leaves of an owner without one.',
  ],
  options: [
    accountOption,
    chainOption,
    { name: 'token', value: 'TOKEN', help: 'token of the leaf: symbol or id' },
    { name: 'leaf', value: 'INDEX', help: 'index of the leaf on that chain, instead of --token; needs no sequencer' },
    { name: 'max-price', value: 'AMOUNT', help: "the most that a request may cost while the queue is full, in the chain's coin; default: no more than the bond" },
    waitForRequestOption,
  ],
  environment: [...networkEnvironment, keyEnvironment],
  examples: ['npm run cli -- full-exit --account dave --chain linea --token ETH', 'npm run cli -- full-exit --account dave --chain linea --leaf 3 --wait executed'],
  async run(context) {
    const stage = readRequestStage(context);
    const network = findChains(context);
    const chain = findChain(context.options.required('chain'), network);
    const wallets = new ChainWallets({ deployment: network.deployment, account: findAccount(context, network) });
    const leafIndex = await findLeaf(context, chain);
    const maxPrice = readMaxPrice(context, chain);
    context.progress.report(`requesting the full exit of leaf ${leafIndex} on ${chain.name}`);
    const { requestId, expiresAt, bond, price, receipt, gasCost } = await requestFullExit({ ...wallets.of(chain), leafIndex, ...(maxPrice === undefined ? {} : { maxPrice }) });
    await awaitRequest({ context, chain, requestId, stage });
    return {
      data: { chain: chain.name, leafIndex, requestId, expiresAt, bond, price, transactionHash: receipt.transactionHash, gasCost, status: stage ?? 'queued' },
      lines: [
        `Requested the full exit of leaf ${leafIndex} on ${chain.name}: request ${requestId}, ${stage ?? 'in the queue'}.`,
        `  to be served before ${new Date(expiresAt * 1000).toISOString()}; after that anyone can stop the rollup: npm run cli -- exit-mode`,
        `  bond ${amountText(chain, NATIVE_TOKEN, bond)}, back with an exit that pays${price > bond ? `; ${amountText(chain, NATIVE_TOKEN, price - bond)} more, because the queue was full` : ''}`,
        `  transaction ${receipt.transactionHash}`,
      ],
    };
  },
};

/** The chain's own coin, which bonds are in. */
const NATIVE_TOKEN = 1;

function readMaxPrice({ options }: CommandContext, { tokens }: ChainDeployment): bigint | undefined {
  const text = options.text('max-price');
  if (text === undefined) return undefined;
  const { decimals, symbol } = tokens.find(({ token }) => token === NATIVE_TOKEN) ?? { decimals: 18, symbol: 'ETH' };
  return readAmount({ text, decimals, symbol });
}

async function findLeaf(context: CommandContext, chain: ChainDeployment): Promise<number> {
  const [leaf, tokenText] = [context.options.text('leaf'), context.options.text('token')];
  if ((leaf === undefined) === (tokenText === undefined)) throw new UsageError('Give either --token or --leaf');
  if (leaf !== undefined) return readNumber(leaf, '--leaf');
  const token = findToken(tokenText ?? '', chain);
  const { client } = openWallet(context);
  const leaves = (await client.api.getLeaves(client.account.address)).filter(({ chainIndex, token: id }) => chainIndex === chain.chainIndex && id === token.token);
  const [only] = leaves;
  if (only === undefined) throw new RollupError(`There is no leaf of ${token.symbol} on ${chain.name} for this owner`, { facts: { owner: client.account.address } });
  if (leaves.length > 1) {
    throw new UsageError(`There are several leaves of ${token.symbol} on ${chain.name}`, { facts: { leaves: leaves.map(({ leafIndex }) => leafIndex).join(', ') }, hint: 'Choose one with --leaf.' });
  }
  return only.leafIndex;
}
