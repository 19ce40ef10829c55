import { RollupError } from '../../base/errors.ts';
import { getBlockStages } from '../../chain/actions/getBlockStages.ts';
import { getPriorityQueue } from '../../chain/actions/getPriorityQueue.ts';
import { formatAmount } from '../../chain/client/amount.ts';
import { amountName, hasLiquidity, isShares, pairsOf } from '../../chain/client/pairs.ts';
import type { LeafRecord } from '../../chain/client/sequencerApi.ts';
import { poll } from '../../chain/client/wait.ts';
import { arbitratorEndpoint, publicClient, walletClient } from '../../chain/clients.ts';
import { arbitrator, rollupGateway } from '../../chain/contracts.ts';
import type { ChainDeployment, TestAccount } from '../../chain/deployments.ts';
import { secondaryRollupAbi } from '../../chain/generated/abi.ts';
import { send } from '../../chain/send.ts';
import { readChainBlocks } from '../../recovery/chainData.ts';
import { userNames, type Cast, type UserName } from './cast.ts';
import type { StoryControl } from './network.ts';
import { amountOf, makeDeposits, waitForBlocks, type PhaseParameters } from './phases.ts';
import { marketOf } from './tradePhases.ts';

/* The part of the exit story in which there still is an operator: what users have, and how he leaves them. */

const waitMilliseconds = 600_000;

/** Who and what the story is about, found on the devnet as it is. */
export interface ExitScene {
  /** Has shares of both halves of a pair over two chains; leaves one half before the end and one after it. */
  lp: UserName;
  /** Shares of the half on Linea. */
  lpLeaf: LeafRecord;
  /** Shares of the half on zkSync Era. */
  lpPeerLeaf: LeafRecord;
  /** Coins on Linea whose owner leaves before the end. */
  leaver: UserName;
  leaverLeaf: LeafRecord;
}

/** How the operator has left the rollup. */
export interface Wreck {
  /** The last block that the arbitrator confirmed; its confirmation has reached Ethereum only. */
  confirmed: number;
  /** Committed everywhere, synced on two chains; it never happens. */
  lost: number;
  /** Requests that nobody serves, by their makers. */
  requests: { user: UserName; chain: ChainDeployment; requestId: bigint; what: string }[];
}

/** Somebody provides liquidity to a pair over two chains already, from an earlier story. */
export async function isPrepared(cast: Cast): Promise<boolean> {
  const { tst, farEth } = marketOf(cast);
  const pair = pairsOf(await cast.clients.alice.pools(), tst, farEth)[0];
  return pair !== undefined && hasLiquidity(pair) && (await findLp(cast)) !== undefined;
}

/** Deposits on three chains, a pair over two of them with alice as LP, a transfer. */
export async function preparePhase(parameters: PhaseParameters): Promise<void> {
  const { cast, progress, signal } = parameters;
  const { linea, zksync, ethereum, eth, tst, clients } = cast;
  const { tst: first, farEth: peer } = marketOf(cast);
  progress.report('deposits on three chains; a pair over Linea and zkSync Era is opened');
  await Promise.all([
    makeDeposits(parameters, [
      { user: 'alice', chain: linea, token: tst, amount: amountOf('400', tst) },
      { user: 'bob', chain: linea, token: tst, amount: amountOf('60', tst) },
      { user: 'alice', chain: zksync, token: eth, amount: amountOf('2', eth) },
      { user: 'bob', chain: zksync, token: eth, amount: amountOf('0.5', eth) },
      { user: 'carol', chain: ethereum, token: eth, amount: amountOf('1', eth) },
    ]),
    clients.alice.openPool({ first, peer, signal }),
  ]);
  const amounts = { amount: amountOf('300', tst), peerAmount: amountOf('1.5', eth) };
  const { quote, ...added } = await clients.alice.addLiquidity({ first, peer, ...amounts });
  progress.report(`alice adds ${quote.pair.map((half, i) => amountName(cast.deployment, half, quote.amounts[i] ?? 0n)).join(' and ')}`);
  const transfer = await clients.bob.transfer({ chainIndex: linea.chainIndex, token: tst.token, amount: amountOf('10', tst), to: await clients.dave.address() });
  progress.report('bob transfers 10 TST on linea to dave');
  await waitForBlocks(parameters, [{ user: 'alice', transaction: added }, { user: 'bob', transaction: transfer }]);
  const swap = await clients.bob.swap({ from: first, to: peer, amount: amountOf('20', tst) });
  progress.report(`bob swaps ${amountName(cast.deployment, first, swap.quote.amountIn)} for at least ${amountName(cast.deployment, peer, swap.minimum)}`);
  await waitForBlocks(parameters, [{ user: 'bob', transaction: swap }]);
}

/** @throws RollupError when the devnet lacks an LP of both halves, or coins on Linea */
export async function readScene(cast: Cast): Promise<ExitScene> {
  const found = await findLp(cast);
  if (found === undefined) throw new RollupError('Nobody has shares of both halves of a pair over two chains', { hint: 'Run the story on a fresh devnet.' });
  for (const leaver of (['dave', 'carol', 'bob', 'alice'] as const).filter((user) => user !== found.lp)) {
    const leaverLeaf = (await coinsOn(cast, leaver, cast.linea))[0];
    if (leaverLeaf !== undefined) return { ...found, leaver, leaverLeaf };
  }
  throw new RollupError(`Nobody but ${found.lp} has coins on ${cast.linea.name}`, { hint: 'Run the story on a fresh devnet.' });
}

async function findLp(cast: Cast): Promise<Pick<ExitScene, 'lp' | 'lpLeaf' | 'lpPeerLeaf'> | undefined> {
  for (const lp of userNames) {
    const leaves = (await leavesOf(cast, lp)).filter(({ token, balance }) => isShares(token) && balance > 0n);
    const [lpLeaf, lpPeerLeaf] = [cast.linea, cast.zksync].map((chain) => leaves.find(({ chainIndex }) => chainIndex === chain.chainIndex));
    if (lpLeaf !== undefined && lpPeerLeaf !== undefined) return { lp, lpLeaf, lpPeerLeaf };
  }
  return undefined;
}

async function leavesOf({ clients }: Cast, user: UserName): Promise<LeafRecord[]> {
  return await clients[user].api.getLeaves(clients[user].account.address);
}

async function coinsOn(cast: Cast, user: UserName, chain: ChainDeployment): Promise<LeafRecord[]> {
  return (await leavesOf(cast, user)).filter(({ chainIndex, token, balance }) => chainIndex === chain.chainIndex && !isShares(token) && balance > 0n);
}

export interface AbandonParameters extends PhaseParameters {
  scene: ExitScene;
  control: StoryControl;
  accounts: readonly TestAccount[];
}

/**
 * The operator turns hostile at the worst moment. One block is confirmed by the arbitrator, and the message has arrived on Ethereum only. The next
 * one is committed on all chains and synced on two, so that no chain alone can take it back. He stops, his data are deleted, requests wait.
 */
export async function abandonPhase(parameters: AbandonParameters): Promise<Wreck> {
  const { cast, scene, control, progress } = parameters;
  const { linea, clients } = cast;
  await control.relayers.hold({ direction: 'down' });
  progress.report('messages from Ethereum to the other chains are held back from now on');
  const requests = await Promise.all([requestFullExit(parameters, scene.lp, linea, scene.lpLeaf), requestFullExit(parameters, scene.leaver, linea, scene.leaverLeaf)]);
  const served = requests.map(({ requestId }) => requestId);
  const queue = publicClient(linea);
  await waitUntil(parameters, 'a block to serve the full exits', async () => (await getPriorityQueue({ client: queue, rollup: linea.rollup })).nextToCommit > maximum(served));
  const { lastBlock: confirmed } = await clients.alice.api.getStatus();
  progress.report(`block ${confirmed} serves both full exits: one of coins, one of shares`);
  // Only now, so that the block after it cannot be proved before the operator is gone.
  await waitUntil(parameters, `block ${confirmed} to be proved`, async () => (await stagesOf(linea)).proved >= confirmed);
  const unserved = await lostOperations(parameters);
  const lost = confirmed + 1;
  await waitUntil(parameters, `block ${lost} to be committed on every chain`, async () => (await Promise.all(cast.deployment.chains.map(stagesOf))).every(({ committed }) => committed >= lost));
  await waitUntil(parameters, `block ${confirmed} to be confirmed by the arbitrator`, async () => (await lastConfirmed(cast)) >= confirmed);
  for (const chain of [cast.zksync, cast.ethereum]) await syncBlock(parameters, chain, lost);
  progress.report(`block ${confirmed} is confirmed at the arbitrator and on ethereum; block ${lost} is committed everywhere and synced on zksync and ethereum`);
  await control.removeSequencer();
  progress.report("the operator is gone: the sequencer is stopped, its data are deleted");
  return { confirmed, lost, requests: [...unserved, ...(await lateRequests(parameters))] };
}

/** What the block holds that never happens: a deposit, a full exit, a withdrawal. */
async function lostOperations(parameters: AbandonParameters): Promise<Wreck['requests']> {
  const { cast, progress } = parameters;
  const { linea, zksync, ethereum, eth, clients } = cast;
  const amount = amountOf('0.3', eth);
  const leaf = (await coinsOn(cast, 'bob', linea))[0];
  if (leaf === undefined) throw new RollupError(`bob has no coins on ${linea.name}`, { hint: 'Run the story on a fresh devnet.' });
  const [deposited, exit, withdrawal] = await Promise.all([
    clients.carol.deposit({ chainIndex: ethereum.chainIndex, token: eth.token, amount }),
    requestFullExit(parameters, 'bob', linea, leaf),
    clients.bob.withdraw({ chainIndex: zksync.chainIndex, token: eth.token, amount: amountOf('0.05', eth) }),
  ]);
  progress.report(`carol deposits ${formatAmount(amount, eth.decimals)} ETH on ethereum; bob withdraws 0.05 ETH on zksync`);
  await waitForBlocks(parameters, [{ user: 'bob', transaction: withdrawal }]);
  return [{ user: 'carol', chain: ethereum, requestId: deposited.requestId, what: 'deposit' }, exit];
}

/** What comes when nobody is there any more. */
async function lateRequests(parameters: AbandonParameters): Promise<Wreck['requests']> {
  const { cast, scene, progress } = parameters;
  const { linea, zksync, tst, clients } = cast;
  const amount = amountOf('5', tst);
  const { requestId } = await clients.alice.deposit({ chainIndex: linea.chainIndex, token: tst.token, amount });
  progress.report(`alice deposits ${formatAmount(amount, tst.decimals)} TST on linea: request ${requestId}`);
  // Nobody is there to say what the shares stand for, nor to serve the request.
  const again = await requestFullExit(parameters, scene.lp, zksync, scene.lpPeerLeaf, 0n);
  return [{ user: 'alice', chain: linea, requestId, what: 'deposit' }, again];
}

async function requestFullExit({ cast, progress }: PhaseParameters, user: UserName, chain: ChainDeployment, { leafIndex }: Pick<LeafRecord, 'leafIndex'>, least?: bigint): Promise<Wreck['requests'][number]> {
  const { requestId } = await cast.clients[user].requestFullExit({ chainIndex: chain.chainIndex, leafIndex, ...(least === undefined ? {} : { least }) });
  progress.report(`${user} requests the full exit of leaf ${leafIndex} on ${chain.name}: request ${requestId}`);
  return { user, chain, requestId, what: 'full exit' };
}

/** Anyone may sync a committed block of a secondary; what is synced no chain can take back alone. */
async function syncBlock({ cast, accounts, progress, signal }: AbandonParameters, chain: ChainDeployment, blockNumber: number): Promise<void> {
  const account = accounts.find(({ name }) => name === 'deployer');
  const [block] = await readChainBlocks({ deployment: cast.deployment, chainIndex: chain.chainIndex, from: blockNumber, to: blockNumber, signal });
  if (account === undefined || block === undefined) throw new RollupError(`Block ${blockNumber} of ${chain.name} cannot be synced`);
  const client = publicClient(chain);
  const { stored } = block;
  await send({
    client,
    wallet: walletClient({ endpoint: chain, privateKey: account.privateKey }),
    address: chain.rollup,
    abi: secondaryRollupAbi,
    functionName: 'syncBlock',
    args: [{ ...stored, priorityRequestsTotal: BigInt(stored.priorityRequestsTotal), timestamp: BigInt(stored.timestamp) }],
    value: await rollupGateway({ address: chain.gateway, client }).read.syncFee(),
  });
  progress.report(`block ${blockNumber} is synced on ${chain.name}`);
}

export async function stagesOf(chain: ChainDeployment): ReturnType<typeof getBlockStages> {
  return await getBlockStages({ client: publicClient(chain), rollup: chain.rollup });
}

async function lastConfirmed({ deployment }: Cast): Promise<number> {
  return await arbitrator({ address: deployment.arbitrator, client: publicClient(arbitratorEndpoint(deployment)) }).read.lastConfirmedBlock();
}

async function waitUntil({ signal }: PhaseParameters, what: string, isSo: () => Promise<boolean>): Promise<void> {
  await poll({ what, timeoutMilliseconds: waitMilliseconds, intervalMilliseconds: 100, signal, check: async () => ((await isSo()) ? true : undefined) });
}

function maximum(ids: readonly bigint[]): bigint {
  return ids.reduce((highest, id) => (id > highest ? id : highest), 0n);
}
