import { RollupError } from '../../base/errors.ts';
import { requestFullExit } from '../../chain/actions/requestFullExit.ts';
import { leastOfExit, type LeastOfExit } from '../../chain/client/leastOfExit.ts';
import { createSequencerApi } from '../../chain/client/sequencerApi.ts';
import type { ChainDeployment } from '../../chain/deployments.ts';
import { ChainWallets } from '../../recovery/chainWallets.ts';
import { accountOption, chainOption, networkEnvironment, keyEnvironment, slippageOption, UsageError, type CommandContext, type CommandSpec } from './command.ts';
import { amountText } from './exitText.ts';
import { findAccount, findChain, findChains, findNetwork, findToken } from './network.ts';
import { readSlippage } from './trading.ts';
import { awaitRequest, readRequestStage, waitForRequestOption } from './waiting.ts';
import { openWallet, readAmount, readNumber } from './wallet.ts';

export const fullExitCommand: CommandSpec = {
  name: 'full-exit',
  summary: 'ask a chain itself for everything in a leaf',
  description: [
    'Puts a full exit into the priority queue of a chain. The rollup must serve it in time, whoever runs it: no operator can refuse.',
    'Pays the whole balance of the leaf to its owner when the block that serves it is executed; of a leaf with shares, the coins that they stand for by then.',
    'If these are fewer than --least, it pays nothing and the leaf stays as it is. Default: 0 for coins; for shares what --slippage leaves of their present',
    'worth by the sequencer, because whoever builds blocks could move the price before. Take shares away with `pool remove` if you can.',
    'The chain takes a bond with the request. It comes back with an exit that pays, and is lost with one that pays nothing (a leaf of somebody else, an',
    'empty one, or one that stands for too little). If the request expires unserved, anyone can stop the rollup (`exit-mode`), and the bond is refunded.',
    'When the queue of the chain is full, the request costs more than the bond, and what is above is lost: --max-price says how much you allow.',
    'With --leaf and --least it needs no sequencer; `exit --dry-run` finds the leaves of an owner without one.',
  ],
  options: [
    accountOption,
    chainOption,
    { name: 'token', value: 'TOKEN', help: 'token of the leaf: symbol or id' },
    { name: 'leaf', value: 'INDEX', help: 'index of the leaf on that chain, instead of --token (with --least: --token is then the token that is paid)' },
    { name: 'least', value: 'AMOUNT', help: 'the fewest coins that will do, in the token that is paid; 0 takes whatever the leaf stands for' },
    slippageOption,
    { name: 'max-price', value: 'AMOUNT', help: "the most that a request may cost while the queue is full, in the chain's coin; default: no more than the bond" },
    waitForRequestOption,
  ],
  environment: [...networkEnvironment, keyEnvironment],
  examples: ['npm run cli -- full-exit --account dave --chain linea --token ETH', 'npm run cli -- full-exit --account dave --chain linea --leaf 3 --least 0 --wait executed'],
  async run(context) {
    const [stage, slippage] = [readRequestStage(context), readSlippage(context)];
    const network = findChains(context);
    const chain = findChain(context.options.required('chain'), network);
    const wallets = new ChainWallets({ deployment: network.deployment, account: findAccount(context, network) });
    const leafIndex = await findLeaf(context, chain);
    const maxPrice = readMaxPrice(context, chain);
    const { least, token } = await readLeast(context, { chain, leafIndex, slippage });
    const enough = least === 0n || token === undefined ? '' : ` for at least ${amountText(chain, token, least)}`;
    context.progress.report(`requesting the full exit of leaf ${leafIndex} on ${chain.name}${enough}`);
    const { requestId, expiresAt, bond, price, receipt, gasCost } = await requestFullExit({ ...wallets.of(chain), leafIndex, least, ...(maxPrice === undefined ? {} : { maxPrice }) });
    await awaitRequest({ context, chain, requestId, stage });
    return {
      data: { chain: chain.name, leafIndex, least, requestId, expiresAt, bond, price, transactionHash: receipt.transactionHash, gasCost, status: stage ?? 'queued' },
      lines: [
        `Requested the full exit of leaf ${leafIndex} on ${chain.name}${enough}: request ${requestId}, ${stage ?? 'in the queue'}.`,
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

interface ReadLeastParameters {
  chain: ChainDeployment;
  leafIndex: number;
  slippage: bigint;
}

/** `--least`, or the default; with the token that is paid as far as it is known. The sequencer is asked only for what the options do not say. */
async function readLeast(context: CommandContext, { chain, leafIndex, slippage }: ReadLeastParameters): Promise<{ least: bigint; token: number | undefined }> {
  const [text, named] = [context.options.text('least'), context.options.text('token')];
  const paid = named === undefined ? undefined : findToken(named, chain);
  if (text !== undefined && isZero(text)) return { least: 0n, token: paid?.token };
  if (text !== undefined && paid !== undefined) return { least: readAmount({ text, ...paid }), token: paid.token };
  const { token, least } = await askSequencer(context, { chain, leafIndex, slippage });
  if (text === undefined) return { least, token };
  const described = chain.tokens.find((candidate) => candidate.token === token);
  if (described === undefined) throw new UsageError('The token of --least is not known: the leaf is empty', { hint: 'Name the token that is paid with --token, or another leaf.' });
  return { least: readAmount({ text, ...described }), token };
}

async function askSequencer(context: CommandContext, { chain: { chainIndex }, leafIndex, slippage }: ReadLeastParameters): Promise<LeastOfExit> {
  try {
    return await leastOfExit({ api: createSequencerApi({ url: findNetwork(context).sequencerUrl }), chainIndex, leafIndex, slippage });
  } catch (cause) {
    throw new RollupError('What the leaf stands for is not known without the sequencer', {
      facts: { chain: chainIndex, leaf: leafIndex },
      hint: 'Give --least: 0 for a leaf with coins. For shares the fewest coins that you take, with the token that is paid as --token.',
      cause,
    });
  }
}

function isZero(text: string): boolean {
  return /^0*\.?0*$/.test(text) && text.includes('0');
}

async function findLeaf(context: CommandContext, chain: ChainDeployment): Promise<number> {
  const [leaf, tokenText] = [context.options.text('leaf'), context.options.text('token')];
  const both = leaf !== undefined && tokenText !== undefined && context.options.text('least') === undefined;
  if (both || (leaf === undefined && tokenText === undefined)) throw new UsageError('Give either --token or --leaf');
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
