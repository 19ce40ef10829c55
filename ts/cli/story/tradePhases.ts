import { RollupError } from '../../base/errors.ts';
import { formatAmount } from '../../chain/client/amount.ts';
import { quoteAdd } from '../../chain/client/liquidity.ts';
import { amountName, hasLiquidity, pairName, pairsOf, placeName, type TokenPlace } from '../../chain/client/pairs.ts';
import type { SubmittedSwap } from '../../chain/client/poolClient.ts';
import { ratioPercent } from '../../chain/client/quote.ts';
import type { PairRecord } from '../../chain/client/sequencerApi.ts';
import { poll } from '../../chain/client/wait.ts';
import type { ChainDeployment, TokenDeployment } from '../../chain/deployments.ts';
import { balanceKey, type UserName } from './cast.ts';
import type { Check } from './ledger.ts';
import { amountOf, makeDeposits, makeWithdrawals, waitForBlocks, waitMilliseconds, type PhaseParameters, type Step } from './phases.ts';

/** Where the pairs are: a token that lives on Linea against ether of zkSync Era, and against ether of Linea itself. */
export interface Market {
  tst: TokenPlace;
  farEth: TokenPlace;
  nearEth: TokenPlace;
}

/** What the phases leave for the checks after the last block. */
export interface TradeNotes {
  checks: Check[];
  /** Orders that were not filled: whose, what, why. */
  unfilled: { user: UserName; order: string; reason: string }[];
  /** carol's swap, as it was quoted when she signed. */
  carol: SubmittedSwap | undefined;
}

/** What the first LP brings to a pair without a price: 200 tokens for one ether. */
const firstCoins = { tst: '400', eth: '2' };
const carolSells = '80';
const bobBuysWith = '0.12';

export function marketOf({ linea, zksync, eth, tst }: PhaseParameters['cast']): Market {
  return {
    tst: { chainIndex: linea.chainIndex, token: tst.token },
    farEth: { chainIndex: zksync.chainIndex, token: eth.token },
    nearEth: { chainIndex: linea.chainIndex, token: eth.token },
  };
}

/** Deposits on both chains, and the pairs are opened: alice and dave are LPs, carol and bob trade. */
export async function openPhase(parameters: PhaseParameters): Promise<void> {
  const { cast, progress, signal } = parameters;
  const { linea, zksync, tst, eth, clients, deployment } = cast;
  const market = marketOf(cast);
  const pairs = await clients.alice.pools();
  // On a devnet that was used before, a pair may have a price already; then alice brings what is in proportion.
  const ethFor = (place: TokenPlace): bigint => {
    const pair = pairsOf(pairs, market.tst, place)[0];
    if (pair === undefined || !hasLiquidity(pair)) return amountOf(firstCoins.eth, eth);
    return quoteAdd({ deployment, pair, amount: amountOf(firstCoins.tst, tst), peerAmount: undefined }).amounts[1];
  };
  const opening = [market.farEth, market.nearEth].map(async (peer) => {
    if (pairsOf(pairs, market.tst, peer).length > 0) return;
    const pair = await clients.alice.openPool({ first: market.tst, peer, signal });
    progress.report(`open: ${pairName(deployment, pair)} (pools ${pair.map(({ leafIndex }) => leafIndex).join(' and ')})`);
  });
  await Promise.all([
    makeDeposits(parameters, [
      { user: 'alice', chain: linea, token: tst, amount: 2n * amountOf(firstCoins.tst, tst) },
      { user: 'alice', chain: linea, token: eth, amount: ethFor(market.nearEth) },
      { user: 'carol', chain: linea, token: tst, amount: amountOf('100', tst) },
      { user: 'bob', chain: linea, token: tst, amount: amountOf('60', tst) },
      { user: 'alice', chain: zksync, token: eth, amount: ethFor(market.farEth) },
      { user: 'dave', chain: zksync, token: eth, amount: amountOf('0.2', eth) },
      { user: 'bob', chain: zksync, token: eth, amount: amountOf('0.2', eth) },
    ]),
    ...opening,
  ]);
}

/** alice adds both coins to both pairs: one order for two chains. */
export async function liquidityPhase(parameters: PhaseParameters): Promise<void> {
  const { cast, progress } = parameters;
  const { tst, eth, clients, deployment } = cast;
  const market = marketOf(cast);
  const submitted = [];
  for (const peer of [market.farEth, market.nearEth]) {
    const pair = pairsOf(await clients.alice.pools(), market.tst, peer)[0];
    const isFirst = pair === undefined || !hasLiquidity(pair);
    const { quote, ...transaction } = await clients.alice.addLiquidity({ first: market.tst, peer, amount: amountOf(firstCoins.tst, tst), ...(isFirst ? { peerAmount: amountOf(firstCoins.eth, eth) } : {}) });
    progress.report(`alice adds ${quote.pair.map((half, i) => amountName(deployment, half, quote.amounts[i] ?? 0n)).join(' and ')}, signed once`);
    submitted.push({ user: 'alice' as const, transaction });
  }
  await waitForBlocks(parameters, submitted);
}

/**
 * In one block: dave adds one coin alone, from zkSync Era; carol on Linea buys ether of zkSync Era with one signature; an order of bob's, signed on
 * the price before that, cannot be filled any more; another one's time is over.
 */
export async function tradePhase(parameters: PhaseParameters, notes: TradeNotes): Promise<void> {
  const { cast, progress, signal } = parameters;
  const { tst, eth, clients, deployment } = cast;
  const market = marketOf(cast);
  const { dave, carol, bob } = clients;
  await checkRoutes(parameters, notes);
  const early = await bob.quote({ from: market.tst, to: market.farEth, amount: amountOf('10', tst) });

  const { quote: added, ...daves } = await dave.addLiquidity({ first: market.farEth, peer: market.tst, amount: amountOf('0.2', eth), peerAmount: 'oneCoin' });
  progress.report(`dave adds ${amountName(deployment, market.farEth, added.amounts[0])} alone`);
  const minimumFee = await carol.minimumFee({ kind: 'swapIn', token: tst.token });
  const fee = minimumFee > amountOf('0.1', tst) ? minimumFee : amountOf('0.1', tst);
  const swap = await carol.swap({ from: market.tst, to: market.farEth, amount: amountOf(carolSells, tst), fee });
  notes.carol = swap;
  const impact = ratioPercent(swap.quote.hops[0]?.impact ?? { numerator: 0n, denominator: 1n });
  progress.report(
    `carol swaps ${amountName(deployment, market.tst, swap.quote.amountIn)} for at least ${amountName(deployment, market.farEth, swap.minimum)}: impact ${impact}, fee ${formatAmount(fee, tst.decimals)} ${tst.symbol}`,
  );
  const tight = await bob.swap({ from: market.tst, to: market.farEth, amount: amountOf('10', tst), minimum: early.amountOut });
  progress.report(`bob swaps ${amountName(deployment, market.tst, tight.quote.amountIn)} for at least ${amountName(deployment, market.farEth, tight.minimum)}, the price before carol's swap`);
  const late = await bob.swap({ from: market.tst, to: market.farEth, amount: amountOf('10', tst), validSeconds: -1 }).then(
    () => 'accepted',
    (error: unknown) => (error instanceof RollupError ? `${String(error.facts['reason'])}: ${error.message}` : 'another error'),
  );
  note(notes, { user: 'bob', order: `${amountName(deployment, market.tst, amountOf('10', tst))}, its time over`, reason: late, expected: /^expired/ });

  await waitForBlocks(parameters, [{ user: 'dave', transaction: daves }, { user: 'carol', transaction: swap }]);
  const { reason = 'not said' } = await poll({
    what: "bob's order to be dropped",
    timeoutMilliseconds: waitMilliseconds,
    signal,
    check: async () => {
      const record = await bob.api.getTransaction(tight.id);
      if (record.status === 'included') return { reason: `filled in block ${record.blockNumber}` };
      return record.status === 'dropped' ? record : undefined;
    },
  });
  note(notes, { user: 'bob', order: `${amountName(deployment, market.tst, tight.quote.amountIn)} for at least ${amountName(deployment, market.farEth, tight.minimum)}`, reason: reason ?? 'not said', expected: /limit/i });
}

function note(notes: TradeNotes, { expected, ...unfilled }: TradeNotes['unfilled'][number] & { expected: RegExp }): void {
  notes.unfilled.push(unfilled);
  notes.checks.push({ what: `${unfilled.user}'s order of ${unfilled.order}: why it is not filled`, expected: expected.source, actual: unfilled.reason, ok: expected.test(unfilled.reason) });
}

/** There is no pair of the two ethers: the quote shows two swaps, and one order for both is refused. */
async function checkRoutes({ cast, progress }: PhaseParameters, notes: TradeNotes): Promise<void> {
  const { eth, clients, deployment } = cast;
  const { nearEth, farEth } = marketOf(cast);
  const parameters = { from: nearEth, to: farEth, amount: amountOf('0.01', eth) };
  const { hops } = await clients.carol.quote(parameters);
  const route = [parameters.from, ...hops.map(({ pair }) => pair[1])].map((place) => placeName(deployment, place)).join(' → ');
  progress.report(`a quote without a pair of its own: ${route}`);
  const refused = await clients.carol.swap(parameters).then(() => 'accepted', (error: unknown) => (error instanceof RollupError ? error.message : 'another error'));
  notes.checks.push(
    { what: 'swaps of a route without a pair of its own', expected: '2', actual: String(hops.length), ok: hops.length === 2 },
    { what: 'one order for two swaps', expected: 'No pair … directly', actual: refused, ok: /^No pair .* directly$/.test(refused) },
  );
}

/**
 * In one block: bob buys tokens with ether of zkSync Era, where they are cheap now, and sells as many for ether on Linea; alice leaves the pair of
 * two chains; carol withdraws what she bought on zkSync Era.
 */
export async function arbitragePhase(parameters: PhaseParameters): Promise<void> {
  const { cast, progress } = parameters;
  const { zksync, eth, clients, deployment } = cast;
  const market = marketOf(cast);
  const { alice, bob } = clients;
  const bought = await bob.swap({ from: market.farEth, to: market.tst, amount: amountOf(bobBuysWith, eth) });
  const sold = await bob.swap({ from: market.tst, to: market.nearEth, amount: bought.quote.amountOut });
  const [paid, between, gained] = [
    amountName(deployment, market.farEth, bought.quote.amountIn), amountName(deployment, market.tst, bought.quote.amountOut), amountName(deployment, market.nearEth, sold.quote.amountOut),
  ];
  progress.report(`bob swaps ${paid} for ${between} in one pair, and that for ${gained} in the other`);
  const leaving = await alice.removeLiquidity({ first: market.tst, peer: market.farEth, slippage: 1_000n });
  progress.report(`alice removes all her shares of ${pairName(deployment, leaving.position.pair)}, signed once`);
  await Promise.all([
    makeWithdrawals(parameters, [await wholeOf(parameters, 'carol', zksync, eth)]),
    waitForBlocks(parameters, [{ user: 'bob', transaction: bought }, { user: 'bob', transaction: sold }, { user: 'alice', transaction: leaving }]),
  ]);
}

/** alice withdraws on both chains what she got for her shares, bob the ether that he got on Linea. */
export async function leavePhase(parameters: PhaseParameters): Promise<void> {
  const { linea, zksync, tst, eth } = parameters.cast;
  const steps = [await wholeOf(parameters, 'alice', linea, tst), await wholeOf(parameters, 'alice', zksync, eth), await wholeOf(parameters, 'bob', linea, eth)];
  await makeWithdrawals(parameters, steps);
}

/** All that a user has gained of a token on L2 since the story began. */
async function wholeOf({ cast, before }: PhaseParameters, user: UserName, chain: ChainDeployment, token: TokenDeployment): Promise<Step> {
  const own = (await cast.clients[user].balances()).find((balance) => balance.chainIndex === chain.chainIndex && balance.token === token.token);
  return { user, chain, token, amount: (own?.l2 ?? 0n) - (before.get(balanceKey(user, chain.chainIndex, token.token))?.l2 ?? 0n) };
}

/** The pairs of the story. */
export function storyPairs(pairs: readonly PairRecord[], { tst, farEth, nearEth }: Market): PairRecord[] {
  return [...pairsOf(pairs, tst, farEth), ...pairsOf(pairs, tst, nearEth)];
}
