import { RollupError } from '../../base/errors.ts';
import { formatAmount } from '../../chain/client/amount.ts';
import { pairName, tokenOf } from '../../chain/client/pairs.ts';
import { formatRatio, priceOf } from '../../chain/client/quote.ts';
import type { HalfRecord, PairRecord } from '../../chain/client/sequencerApi.ts';
import type { Deployment } from '../../chain/deployments.ts';
import { squareRoot, swapOutput, type Ratio } from '../../spec/amm.ts';
import { floorFloat40 } from '../../spec/float40.ts';
import type { Place } from '../../spec/leg.ts';
import { params } from '../../spec/params.ts';
import { formatTable } from '../output.ts';
import type { ReplayedBlock } from './calldata.ts';
import type { Check } from './ledger.ts';

/* What public data say of the pairs: every trade and every change of liquidity, both sides of it, put together again. */

/** Reserve and total shares of both halves, in the order of the pair. */
type Numbers = readonly [Pick<HalfRecord, 'reserve' | 'totalShares'>, Pick<HalfRecord, 'reserve' | 'totalShares'>];

export interface Trade {
  blockNumber: number;
  type: 'swap' | 'add' | 'remove';
  /** The half that was signed for in front. */
  pair: PairRecord;
  /** Owner of the leaf that signed. */
  owner: bigint;
  amounts: readonly [bigint, bigint];
  shares: readonly [bigint, bigint];
  before: Numbers;
  after: Numbers;
}

interface Side {
  type: 'swap' | 'add' | 'remove';
  /** The side that was signed. */
  isFirst: boolean;
  amount: bigint;
  shares: bigint;
  /** Leaf that signed; of the first side only. */
  from: number | undefined;
}

/** @throws RollupError when the two halves of a pair do not tell of the same orders */
export function readTrades(blocks: readonly ReplayedBlock[], pairs: readonly PairRecord[]): Trade[] {
  return blocks.flatMap((block) => pairs.flatMap((pair) => tradesOf(block, pair)));
}

/** Both halves of a pair see the same orders in the same order, so the k-th operation of one belongs to the k-th of the other. */
function tradesOf(block: ReplayedBlock, [a, b]: PairRecord): Trade[] {
  const [ownSides, peerSides] = [sidesOf(block, a), sidesOf(block, b)];
  const start = (half: HalfRecord): HalfRecord => {
    const { balance, keyX } = block.before.leaf(half.chainIndex, half.leafIndex);
    return { ...half, reserve: balance, totalShares: keyX === 0n ? BigInt(params.lockedShares) : keyX };
  };
  let numbers: [HalfRecord, HalfRecord] = [start(a), start(b)];
  if (ownSides.length !== peerSides.length) throw new RollupError('The halves of a pair have different numbers of operations', { facts: { blockNumber: block.blockNumber, first: ownSides.length, second: peerSides.length } });
  return ownSides.map((own, i): Trade => {
    const peer = peerSides[i];
    if (peer === undefined || peer.type !== own.type || peer.isFirst === own.isFirst) throw new RollupError('The halves of a pair tell of different orders', { facts: { blockNumber: block.blockNumber, own, peer } });
    const before = numbers;
    numbers = [moved(before[0], own), moved(before[1], peer)];
    const turn = <T>(both: readonly [T, T]): readonly [T, T] => (own.isFirst ? both : [both[1], both[0]]);
    const first = own.isFirst ? own : peer;
    const [{ chainIndex }] = turn([a, b]);
    return {
      blockNumber: block.blockNumber,
      type: own.type,
      pair: turn([a, b]),
      owner: block.after.leaf(chainIndex, first.from ?? 0).owner,
      amounts: turn([own.amount, peer.amount]),
      shares: turn([own.shares, peer.shares]),
      before: turn(before),
      after: turn(numbers),
    };
  });
}

function sidesOf({ operations }: ReplayedBlock, { chainIndex, leafIndex }: Place): Side[] {
  return (operations[chainIndex] ?? []).flatMap((operation): Side[] => {
    if (!('pool' in operation) || operation.pool !== leafIndex) return [];
    switch (operation.type) {
      case 'swapIn':
        return [{ type: 'swap', isFirst: true, amount: operation.amount, shares: 0n, from: operation.from }];
      case 'swapOut':
        return [{ type: 'swap', isFirst: false, amount: operation.amount, shares: 0n, from: undefined }];
      default: {
        const { type, amount, shares, from } = operation;
        const isFirst = type === 'addLiquidity' || type === 'removeLiquidity';
        return [{ type: type === 'addLiquidity' || type === 'addLiquidityPeer' ? 'add' : 'remove', isFirst, amount, shares, from }];
      }
    }
  });
}

function moved(half: HalfRecord, { type, isFirst, amount, shares }: Side): HalfRecord {
  if (type === 'swap') return { ...half, reserve: isFirst ? half.reserve + amount : half.reserve - amount };
  const sign = type === 'add' ? 1n : -1n;
  return { ...half, reserve: half.reserve + sign * amount, totalShares: half.totalShares + sign * shares };
}

/** What holds of every trade, by public data: swaps pay what the formula gives, and k per share never falls. */
export function checkTrades(deployment: Deployment, trades: readonly Trade[]): Check[] {
  return trades.flatMap(({ blockNumber, type, pair, amounts, before, after }): Check[] => {
    const name = `block ${blockNumber}, ${type} on ${pairName(deployment, pair)}`;
    const grows = growth(before, after);
    const isKept = before[0].reserve === 0n || grows.numerator >= grows.denominator;
    const checks: Check[] = [{ what: `${name}: k per share does not fall`, expected: 'at least 1', actual: formatRatio(grows.denominator === 0n ? { numerator: 1n, denominator: 1n } : grows), ok: isKept }];
    if (type !== 'swap') return checks;
    const out = floorFloat40(swapOutput({ reserveIn: before[0].reserve, reserveOut: before[1].reserve, amountIn: amounts[0] }));
    const { decimals } = tokenOf(deployment, pair[1].chainIndex, pair[1].token);
    return [...checks, { what: `${name}: pays what the formula gives`, expected: formatAmount(out, decimals), actual: formatAmount(amounts[1], decimals), ok: amounts[1] === out }];
  });
}

/** By how much `(r0/S0)·(r1/S1)` grew. */
function growth(before: Numbers, after: Numbers): Ratio {
  const product = (numbers: Numbers, field: 'reserve' | 'totalShares'): bigint => numbers[0][field] * numbers[1][field];
  return { numerator: product(after, 'reserve') * product(before, 'totalShares'), denominator: product(before, 'reserve') * product(after, 'totalShares') };
}

/** Reserves of each pair after its last trade are what the state holds. */
export function checkReserves(deployment: Deployment, trades: readonly Trade[], last: ReplayedBlock | undefined): Check[] {
  const ends = new Map(trades.flatMap(({ pair, after }) => pair.map((half, i) => [`${half.chainIndex}/${half.leafIndex}`, { half, after: after[i] }] as const)));
  return [...ends.values()].map(({ half, after }) => {
    const { decimals, symbol } = tokenOf(deployment, half.chainIndex, half.token);
    const actual = last?.after.leaf(half.chainIndex, half.leafIndex).balance ?? -1n;
    const what = `pool ${half.leafIndex} on ${deployment.chains[half.chainIndex]?.name}: reserve of ${symbol}`;
    return { what, expected: formatAmount(after?.reserve ?? 0n, decimals), actual: formatAmount(actual, decimals), ok: actual === after?.reserve };
  });
}

/** Total shares of each half = the locked ones + those in leaves. */
export function checkShares(deployment: Deployment, pairs: readonly PairRecord[], last: ReplayedBlock | undefined): Check[] {
  return pairs.flat().map(({ chainIndex, leafIndex }) => {
    const chain = last?.after.chain(chainIndex);
    const held = (chain?.entries() ?? []).filter(({ leaf }) => leaf.token === BigInt(params.shareTokens + leafIndex)).reduce((sum, { leaf }) => sum + leaf.balance, 0n);
    const [expected, actual] = [held + BigInt(params.lockedShares), chain?.leaf(leafIndex).keyX ?? -1n];
    return { what: `pool ${leafIndex} on ${deployment.chains[chainIndex]?.name}: total shares = locked + in leaves`, expected: String(expected), actual: String(actual), ok: expected === actual };
  });
}

/** How much more the reserves behind one share are than before: the square root of k per share's growth, which is the fees earned. */
export function feesEarned({ before, after }: { before: Numbers; after: Numbers }): Ratio {
  const { numerator, denominator } = growth(before, after);
  const scale = 10n ** 24n;
  return denominator === 0n ? { numerator: 0n, denominator: 1n } : { numerator: squareRoot((numerator * scale * scale) / denominator) - scale, denominator: scale };
}

/** One line for each trade. @param nameOf names an owner */
export function tradeTable(deployment: Deployment, trades: readonly Trade[], nameOf: (owner: bigint) => string): string[] {
  const right = (title: string): { title: string; align: 'right' } => ({ title, align: 'right' });
  const rows = trades.map(({ blockNumber, type, pair, owner, amounts, after }) => {
    const [first, second] = pair.map((half, i) => {
      const { symbol, decimals } = tokenOf(deployment, half.chainIndex, half.token);
      return { text: `${formatAmount(amounts[i] ?? 0n, decimals)} ${symbol}`, chain: deployment.chains[half.chainIndex]?.name ?? '' };
    });
    return [String(blockNumber), nameOf(owner), type, first?.text ?? '', first?.chain ?? '', second?.text ?? '', second?.chain ?? '', priceAfter(deployment, pair, after)];
  });
  return formatTable({ columns: [right('block'), { title: 'who' }, { title: 'what' }, right('first coin'), { title: 'on' }, right('second coin'), { title: 'on' }, right('price after')], rows, groupBy: 1 });
}

/** `200 TST/ETH`: the same way round for every trade of a pair, whichever half was signed for. */
function priceAfter(deployment: Deployment, pair: PairRecord, after: Numbers): string {
  const halves = pair.map((half, i) => ({ ...half, ...after[i] }));
  const [first, second] = halves.toSorted((a, b) => a.chainIndex - b.chainIndex || a.leafIndex - b.leafIndex);
  if (first === undefined || second === undefined) return '-';
  return `${priceOf(deployment, [second, first])} ${tokenOf(deployment, first.chainIndex, first.token).symbol}/${tokenOf(deployment, second.chainIndex, second.token).symbol}`;
}
