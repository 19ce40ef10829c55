import type { Progress } from '../../base/progress.ts';
import { formatAmount } from '../../chain/client/amount.ts';
import { amountName, isShares, tokenOf } from '../../chain/client/pairs.ts';
import type { BlockRecord, HalfRecord } from '../../chain/client/sequencerApi.ts';
import type { Deployment } from '../../chain/deployments.ts';
import { readPrimaryBlocks } from '../../recovery/chainData.ts';
import { squareRoot } from '../../spec/amm.ts';
import { checkArbitrator, checkBlocks, readBlocks } from './blockChecks.ts';
import { checkReplay, replayBlocks, type ReplayedBlock } from './calldata.ts';
import { gatherCast, takeSnapshot, userNames, type Cast, type Snapshot } from './cast.ts';
import { checkCustody, readCustody, type Custody } from './custody.ts';
import { checkFees, readFees } from './fees.ts';
import { StoryLedger, type Check } from './ledger.ts';
import type { PhaseParameters } from './phases.ts';
import type { RunStoryParameters } from './runStory.ts';
import { awaitPayouts, collectPending, settle } from './settle.ts';
import { arbitragePhase, leavePhase, liquidityPhase, marketOf, openPhase, storyPairs, tradePhase, type TradeNotes } from './tradePhases.ts';
import { checkReserves, checkShares, checkTrades, feesEarned, readTrades, type Trade } from './trades.ts';
import { watchBlocks } from './watchBlocks.ts';

export interface TradeResult {
  deployment: Deployment;
  before: Snapshot;
  after: Snapshot;
  blocks: BlockRecord[];
  custody: Custody[];
  checks: Check[];
  milliseconds: number;
  trades: Trade[];
  unfilled: TradeNotes['unfilled'];
  /** Name of an owner. */
  nameOf: (owner: bigint) => string;
  /** What the LP who left brought, got, and would have got without fees; coins of the two chains. */
  leaver: { pair: Trade['pair']; brought: readonly [bigint, bigint]; received: readonly [bigint, bigint]; withoutFees: readonly [bigint, bigint] } | undefined;
}

/** Plays the second story. What is false is in `checks`; only what cannot go on throws. */
export async function runTrade({ network, progress, signal }: RunStoryParameters): Promise<TradeResult> {
  const cast = gatherCast(network);
  const { deployment, clients } = cast;
  const { api } = clients.alice;
  const executed = Math.min(...(await api.getStatus()).chains.map((chain) => chain.executed));
  const watch = watchBlocks({ api, deployment, above: executed, progress });
  const { before, after, ledger, notes, first, last, milliseconds } = await play({ cast, progress, signal }).finally(async () => await watch.stop());
  progress.report("reading the primary's calldata: every block is replayed from it alone");
  const replayed = replayBlocks(await readPrimaryBlocks({ deployment, progress, signal }), deployment.chains.length);
  const pairs = storyPairs(await api.getPools(), marketOf(cast));
  const trades = readTrades(replayed.filter(({ blockNumber }) => blockNumber > first), pairs);
  const [blocks, custody] = [await readBlocks(api, first, last), await readCustody({ api, deployment })];
  const leaver = leaverOf(trades, BigInt(clients.alice.account.address));
  const full = withNewRows(before, after);
  addReplayed({ ledger, before: full, replayed: replayed.at(-1), cast });
  const checks = [
    ...ledger.compare(full, after),
    ...notes.checks,
    ...checkCarol(deployment, notes, trades, BigInt(clients.carol.account.address)),
    ...checkArbitrage(cast, trades),
    ...checkLeaver(deployment, leaver),
    ...checkTrades(deployment, trades),
    ...checkReserves(deployment, trades, replayed.at(-1)),
    ...checkShares(deployment, pairs, replayed.at(-1)),
    ...checkCustody(custody),
    ...checkFees(deployment, await readFees({ api, deployment, blocks })),
    ...checkBlocks(deployment, blocks),
    ...checkReplay(replayed),
    await checkArbitrator(cast),
  ];
  const names = new Map(userNames.map((name) => [BigInt(clients[name].account.address), name]));
  return { deployment, before: full, after, blocks, custody, checks, milliseconds, trades, unfilled: notes.unfilled, nameOf: (owner) => names.get(owner) ?? `0x${owner.toString(16).padStart(40, '0')}`, leaver };
}

interface Played {
  before: Snapshot;
  after: Snapshot;
  ledger: StoryLedger;
  notes: TradeNotes;
  /** Last block before the story, and its own last one. */
  first: number;
  last: number;
  milliseconds: number;
}

async function play({ cast, progress, signal }: { cast: Cast; progress: Progress; signal: AbortSignal }): Promise<Played> {
  progress.report('waiting until earlier blocks, if any, are executed');
  const { lastBlock: first } = await settle({ cast, signal });
  await collectPending({ cast, progress });
  const before = await takeSnapshot(cast);
  const start = Date.now();
  const ledger = new StoryLedger();
  const parameters: PhaseParameters = { cast, before, ledger, progress, signal };
  const notes: TradeNotes = { checks: [], unfilled: [], carol: undefined };
  progress.report('deposits, and two pairs are opened: one over Linea and zkSync Era, one on Linea');
  await openPhase(parameters);
  progress.report('liquidity: alice adds both coins to both pairs');
  await liquidityPhase(parameters);
  progress.report('trades: dave adds one coin, carol swaps from Linea to zkSync Era, an order of bob cannot be filled');
  await tradePhase(parameters, notes);
  progress.report('arbitrage between the two pairs; alice leaves; carol withdraws on zkSync Era');
  await arbitragePhase(parameters);
  progress.report('withdrawals: alice on both chains, bob on Linea');
  await leavePhase(parameters);
  progress.report('everything is in blocks; waiting until they are proved and executed on every chain');
  const { lastBlock: last } = await settle({ cast, signal });
  await awaitPayouts(cast, signal);
  for (const { user, chainIndex, gasCost } of await collectPending({ cast, progress })) ledger.addGas(user, chainIndex, gasCost);
  return { before, after: await takeSnapshot(cast), ledger, notes, first, last, milliseconds: Date.now() - start };
}

/** Shares that somebody has now and had not before are rows too, from nothing. */
function withNewRows(before: Snapshot, after: Snapshot): Snapshot {
  const rows = [...after].map(([key, row]) => [key, before.get(key) ?? { ...row, wallet: 0n, l2: 0n, pending: 0n, leaves: [] }] as const);
  return new Map([...rows, ...[...before].filter(([key]) => !after.has(key))]);
}

/** What swaps pay is not the story's to say: what a user has on L2 is to be what the replay of public data gives. */
function addReplayed({ ledger, before, replayed, cast }: { ledger: StoryLedger; before: Snapshot; replayed: ReplayedBlock | undefined; cast: Cast }): void {
  for (const { user, chainIndex, token, l2 } of before.values()) {
    const own = replayed?.after.chain(chainIndex).leavesOf(BigInt(cast.clients[user].account.address)) ?? [];
    const amount = own.filter(({ leaf }) => leaf.token === BigInt(token)).reduce((sum, { leaf }) => sum + leaf.balance, 0n);
    ledger.add({ user, chainIndex, token, purse: 'l2', amount: amount - l2 - ledger.change(user, chainIndex, token, 'l2') });
  }
}

/** carol's one signature brought at least what it demanded. */
function checkCarol(deployment: Deployment, { carol }: TradeNotes, trades: readonly Trade[], owner: bigint): Check[] {
  if (carol === undefined) return [];
  const own = trades.filter((trade) => trade.type === 'swap' && trade.owner === owner);
  const received = own.reduce((sum, { amounts }) => sum + amounts[1], 0n);
  const { to, amountIn } = carol.quote;
  const paid = own.reduce((sum, { amounts }) => sum + amounts[0], 0n);
  return [
    { what: 'carol pays for her swap', expected: amountName(deployment, carol.quote.from, amountIn), actual: amountName(deployment, carol.quote.from, paid), ok: paid === amountIn },
    { what: 'carol receives for her swap', expected: `at least ${amountName(deployment, to, carol.minimum)}`, actual: amountName(deployment, to, received), ok: received >= carol.minimum },
  ];
}

/** bob ends with as many tokens and more ether, counted over both chains. */
function checkArbitrage({ clients, eth }: Cast, trades: readonly Trade[]): Check[] {
  const own = trades.filter((trade) => trade.type === 'swap' && trade.owner === BigInt(clients.bob.account.address));
  const change = (token: number): bigint => own.reduce((sum, { pair, amounts }) => sum - (pair[0].token === token ? amounts[0] : 0n) + (pair[1].token === token ? amounts[1] : 0n), 0n);
  const gained = change(eth.token);
  const tokens = own.flatMap(({ pair }) => pair.map(({ token }) => token)).find((token) => token !== eth.token && !isShares(token));
  const rest = tokens === undefined ? 0n : change(tokens);
  return [
    { what: "tokens that bob's arbitrage leaves", expected: '0', actual: String(rest), ok: own.length === 2 && rest === 0n },
    { what: "ether that bob's arbitrage gains", expected: 'above 0', actual: formatAmount(gained, eth.decimals), ok: gained > 0n },
  ];
}

/** The last removal of an LP, beside what the same LP added and what the pair would have paid without fees at its price then. */
function leaverOf(trades: readonly Trade[], owner: bigint): TradeResult['leaver'] {
  const removal = trades.findLast((trade) => trade.type === 'remove' && trade.owner === owner);
  const isSame = (half: HalfRecord, other: HalfRecord | undefined): boolean => half.chainIndex === other?.chainIndex && half.leafIndex === other.leafIndex;
  const added = trades.find(({ type, owner: adder, pair }) => type === 'add' && adder === owner && isSame(pair[0], removal?.pair[0]) && isSame(pair[1], removal?.pair[1]));
  if (removal === undefined || added === undefined) return undefined;
  const [[x0, y0], [x1, y1]] = [added.amounts, removal.amounts];
  // A pair without fees keeps x·y; at the price x1 : y1 it pays the two numbers of that ratio whose product is x0·y0.
  return { pair: removal.pair, brought: added.amounts, received: removal.amounts, withoutFees: [squareRoot((x0 * y0 * x1) / y1), squareRoot((x0 * y0 * y1) / x1)] };
}

function checkLeaver(deployment: Deployment, leaver: TradeResult['leaver']): Check[] {
  if (leaver === undefined) return [{ what: 'alice leaves with her share of the fees', expected: 'a removal', actual: 'none', ok: false }];
  return leaver.pair.map((half, i) => {
    const [received, without] = [leaver.received[i] ?? 0n, leaver.withoutFees[i] ?? 0n];
    const { symbol } = tokenOf(deployment, half.chainIndex, half.token);
    return { what: `alice leaves with more ${symbol} than her coins alone stand for`, expected: `more than ${amountName(deployment, half, without)}`, actual: amountName(deployment, half, received), ok: received > without };
  });
}

/** Fees that each pair earned for one share of it, over all trades of the story. */
export function pairFees(trades: readonly Trade[]): { pair: Trade['pair']; earned: ReturnType<typeof feesEarned> }[] {
  const first = new Map<string, { pair: Trade['pair']; before: Trade['before'] }>();
  const last = new Map<string, Trade['before']>();
  for (const { pair, before, after } of trades) {
    const isTurned = pair[0].chainIndex > pair[1].chainIndex || (pair[0].chainIndex === pair[1].chainIndex && pair[0].leafIndex > pair[1].leafIndex);
    const turn = <T>(both: readonly [T, T]): readonly [T, T] => (isTurned ? [both[1], both[0]] : both);
    const key = turn(pair).map(({ chainIndex, leafIndex }) => `${chainIndex}/${leafIndex}`).join();
    const isEmpty = before[0].reserve === 0n;
    if (!first.has(key)) first.set(key, { pair: turn(pair), before: turn(isEmpty ? after : before) });
    last.set(key, turn(after));
  }
  return [...first].map(([key, { pair, before }]) => ({ pair, earned: feesEarned({ before, after: last.get(key) ?? before }) }));
}

