import { legsAfter, type Leg, type Place } from '../spec/leg.ts';
import type { Order, PoolOperation } from '../spec/operation.ts';
import type { Pair } from '../spec/pairRule.ts';
import { params } from '../spec/params.ts';
import { MAX_RESERVE } from '../spec/pool.ts';
import { orderHash } from '../spec/signature.ts';
import { AuditFailure, expectEqual, type HalfChange } from './auditReplay.ts';

/* The auditor's own view of legs and pairs: what changed is from public data and its books, who ordered it from the sealed operations. */

type Facts = Record<string, unknown>;

/** A leg with the order that it shows. */
interface OrderedLeg {
  leg: Leg;
  order: Order;
}

/** Second operation of each kind of order. */
const peerType = { swapIn: 'swapOut', addLiquidity: 'addLiquidityPeer', removeLiquidity: 'removeLiquidityPeer' } as const;

/** Collects the legs of a block, segment by segment, and pairs them in the end. */
export class LegAudit {
  readonly #deploymentId: bigint;
  readonly #legs: OrderedLeg[] = [];
  #legsOut = 0n;

  constructor(deploymentId: bigint) {
    this.#deploymentId = deploymentId;
  }

  /** Hash chain of all legs so far. */
  get legsOut(): bigint {
    return this.#legsOut;
  }

  /**
   * Adds a segment's legs.
   * @param operations the sealed ones on pool halves, in the order of `changes`
   * @throws AuditFailure when an operation is not what its order says
   */
  add({ chainIndex, changes, operations, place }: { chainIndex: number; changes: readonly HalfChange[]; operations: readonly PoolOperation[]; place: Facts }): void {
    expectEqual('number of legs', changes.length, operations.length, place);
    for (const [i, change] of changes.entries()) {
      const order = operations[i]?.order;
      if (order === undefined) throw new AuditFailure('a leg shows no order', { ...place, leg: i });
      const isFirst = change.type === order.type;
      checkSide({ change, order, chainIndex, place: { ...place, leg: i } });
      const { type: kind, pool, ...numbers } = change;
      const leg: Leg = { kind, pool: { chainIndex, leafIndex: pool }, order: orderHash(order, this.#deploymentId), limit: isFirst ? order.limit : order.peerLimit, ...numbers };
      this.#legs.push({ leg, order });
      this.#legsOut = legsAfter(this.#legsOut, leg);
    }
  }

  /** The pairs, in the order of their first legs. @throws AuditFailure when a leg is alone, or a pair takes more than it may */
  pairs(place: Facts): Pair[] {
    const firsts = this.#legs.filter(({ leg, order }) => leg.kind === order.type);
    expectEqual('number of pairs', this.#legs.length, 2 * firsts.length, place);
    if (firsts.length > params.joinPairs) throw new AuditFailure('too many pairs', { ...place, maximum: params.joinPairs, actual: firsts.length });
    return firsts.map(({ leg: first, order }) => {
      const others = this.#legs.filter(({ leg }) => leg.order === first.order && leg !== first);
      const [second] = others;
      const facts = { ...place, order: first.order };
      if (second === undefined || others.length !== 1 || second.leg.kind !== peerType[order.type]) throw new AuditFailure('an order has not two legs', { ...facts, legs: others.length + 1 });
      checkPair(first, second.leg, facts);
      return { first, second: second.leg, swapped: { amountIn: 0n, amountOut: 0n } };
    });
  }
}

/** What an operation takes is what its order gives. */
function checkSide({ change, order, chainIndex, place }: { change: HalfChange; order: Order; chainIndex: number; place: Facts }): void {
  const { type, amount, shares } = change;
  const isFirst = type === order.type;
  if (!isFirst && type !== peerType[order.type]) throw new AuditFailure(`a ${type} shows an order of another kind`, { ...place, order: order.type });
  const half = isFirst ? { chainIndex: order.chainIndex, leafIndex: order.pool } : { chainIndex: order.peerChain, leafIndex: order.peerLeaf };
  expectEqual('half of an order', where(half), where({ chainIndex, leafIndex: change.pool }), place);
  if (type === 'swapOut') return;
  expectEqual('amount of an order', isFirst ? order.amount : order.peerAmount, order.type === 'removeLiquidity' ? shares : amount, place);
}

/**
 * No pair may make a share worth less: `(r0/S0)·(r1/S1)` does not fall, a swap leaves its fee in the product, a remove pays no more than its
 * part of each half; and the order gets what it demands.
 */
function checkPair(first: Leg, second: Leg, facts: Facts): void {
  expectEqual('peer of a half', where(second.pool), where(first.peer), facts);
  expectEqual('peer of a half', where(first.pool), where(second.peer), facts);
  const [a, b] = [afterLeg(first), afterLeg(second)];
  for (const value of [...Object.values(a), ...Object.values(b)]) {
    if (value < 0n || value > MAX_RESERVE) throw new AuditFailure('a half leaves its range', { ...facts, value, maximum: MAX_RESERVE });
  }
  const before = first.reserve * second.reserve * a.totalShares * b.totalShares;
  const after = a.reserve * b.reserve * first.totalShares * second.totalShares;
  if (after < before) throw new AuditFailure('shares of a pair lose worth', { ...facts, before, after });
  if (first.kind === 'swapIn') {
    const { kept, of } = params.swapFee;
    const charged = BigInt(of) * first.reserve + BigInt(kept) * first.amount;
    if (charged * b.reserve < BigInt(of) * first.reserve * second.reserve || first.reserve === 0n) throw new AuditFailure('a swap takes more than it may', facts);
  }
  for (const leg of [first, second]) {
    if (leg.kind.startsWith('remove') && leg.amount * leg.totalShares > leg.shares * leg.reserve) throw new AuditFailure('a remove takes more than its part', { ...facts, pool: leg.pool });
  }
  const [gets, peerGets] = first.kind === 'addLiquidity' ? [first.shares, second.shares] : [first.kind === 'swapIn' ? 0n : first.amount, second.amount];
  if (gets < first.limit || peerGets < second.limit) throw new AuditFailure('an order gets less than it demands', { ...facts, gets, limit: first.limit, peerGets, peerLimit: second.limit });
}

function afterLeg({ kind, amount, shares, reserve, totalShares }: Leg): { reserve: bigint; totalShares: bigint } {
  const sign = kind === 'swapOut' || kind.startsWith('remove') ? -1n : 1n;
  return { reserve: reserve + sign * amount, totalShares: totalShares + sign * shares };
}

function where({ chainIndex, leafIndex }: Place): string {
  return `${chainIndex}/${leafIndex}`;
}
