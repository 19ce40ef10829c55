import { floorFloat16 } from '../spec/float16.ts';
import { floorFloat40 } from '../spec/float40.ts';
import { shareToken } from '../spec/leg.ts';
import type { OperationRequest, Order } from '../spec/operation.ts';
import { MAX_BALANCE } from '../spec/params.ts';
import type { SigningDomain } from '../spec/signature.ts';
import type { ChainState, LeafEntry, LeafIdentity, Pool } from '../state/chainState.ts';
import type { SegmentState } from '../state/segmentState.ts';
import { creditOf, liquidityOf, openPoolOf, orderOn, peerLiquidityOf, swapInOf, swapOutOf, type OrderFields } from './orders.ts';
import type { Random } from './random.ts';
import { holderOf, openOf, type TestUser } from './users.ts';

export interface RandomPoolOperationParameters {
  random: Random;
  chain: ChainState;
  domain: SigningDomain;
  users: readonly TestUser[];
  /** Tokens 1 … tokens. */
  tokens: number;
  /** An empty leaf. */
  free: number;
  /** What the segment's earlier operations left. */
  segment: SegmentState;
  /** Slots that the segment has left. */
  room: number;
}

/** Where the peers of halves are that only one chain is tested with: what is there is nobody's concern. */
const ELSEWHERE = 250;

/**
 * An operation of one side of some order that a segment accepts, whatever a pair would say: any amounts, and orders of which the other side is
 * nowhere. After a liquidity change its credit, and before it the opening of the leaf to credit. Null when no pool or payer fits.
 */
export function randomPoolOperation(parameters: RandomPoolOperationParameters): OperationRequest | null {
  const { random, chain, segment, free, tokens, room } = parameters;
  if (segment.awaited) {
    const leafIndex = leafWithRoom(chain, segment.awaited, segment.awaited.amount);
    if (leafIndex === null) throw new Error('unreachable: a change is made only when its credit can follow');
    return creditOf(leafIndex);
  }
  const pools = chain.pools();
  if (pools.length === 0 || (pools.length < 4 && random.below(6) === 0)) {
    return openPoolOf({ leafIndex: free, token: BigInt(1 + random.below(tokens)) }, { chainIndex: ELSEWHERE, leafIndex: random.below(1000) });
  }
  const pool = random.pick(pools);
  // Half of them add: many adds only open the leaf that would be credited.
  const kind = random.below(8);
  if (kind < 2) return kind === 0 ? swapIn(parameters, pool) : swapOut(parameters, pool);
  return room < 2 ? null : liquidityChange(parameters, pool, { adds: kind < 6, signs: kind % 2 === 0 });
}

function swapIn(parameters: RandomPoolOperationParameters, pool: Pool): OperationRequest | null {
  const payer = payerOf(parameters, pool.token);
  if (!payer) return null;
  const { fee, rest } = split(parameters.random, payer);
  const room = MAX_BALANCE - pool.reserve;
  const amount = floorFloat40(rest < room ? rest : room);
  const order = orderOf(parameters, payer, pool, { type: 'swapIn', amount, fee, peerLimit: parameters.random.bits(100) });
  return swapInOf(order, { by: payer.holder, deploymentId: parameters.domain.deploymentId });
}

function swapOut(parameters: RandomPoolOperationParameters, pool: Pool): OperationRequest | null {
  const { random } = parameters;
  const payee = payerOf(parameters, pool.token);
  if (!payee) return null;
  const amount = floorFloat40(pool.reserve / BigInt(random.pick([1, 2, 5, 100])));
  if (payee.leaf.balance + amount > MAX_BALANCE) return null;
  return swapOutOf(otherSide(parameters, payee, pool, { type: 'swapIn' }), { to: payee.leafIndex, amount });
}

function liquidityChange(parameters: RandomPoolOperationParameters, pool: Pool, { adds, signs }: { adds: boolean; signs: boolean }): OperationRequest | null {
  const { random, chain, free, domain } = parameters;
  const payer = payerOf(parameters, adds ? pool.token : shareToken(pool.leafIndex));
  if (!payer) return null;
  const { owner, keyX, keyY } = payer.leaf;
  const { fee, rest } = split(random, payer);
  const room = (adds ? MAX_BALANCE - pool.reserve : pool.totalShares) / 2n;
  const paid = rest < room ? rest : room;
  const counter = adds ? random.bits(random.pick([1, 60, 100])) : pool.reserve / BigInt(random.pick([1, 2, 7]));
  const credited = { owner, keyX, keyY, token: adds ? shareToken(pool.leafIndex) : pool.token };
  if (adds && pool.totalShares + counter > MAX_BALANCE) return null;
  if (leafWithRoom(chain, credited, counter) === null) return openOf({ owner, key: { privateKey: '0x', publicKey: { x: keyX, y: keyY } } }, { leafIndex: free, token: credited.token });
  const type = adds ? 'addLiquidity' : 'removeLiquidity';
  if (!signs) return peerLiquidityOf(otherSide(parameters, payer, pool, { type, peerAmount: paid }), counter, payer.leafIndex);
  const order = orderOf(parameters, payer, pool, { type, amount: paid, fee, limit: random.bits(100) });
  return liquidityOf(order, counter, { by: payer.holder, deploymentId: domain.deploymentId });
}

interface Payer extends LeafEntry {
  holder: TestUser;
}

/** Any leaf of the token whose key one of the users has. */
function payerOf({ random, chain, users }: RandomPoolOperationParameters, token: bigint): Payer | null {
  const payers = chain.entries().flatMap((entry): Payer[] => {
    const holder = holderOf(users, entry.leaf);
    return holder && chain.pool(entry.leafIndex) === null && entry.leaf.token === token ? [{ ...entry, holder }] : [];
  });
  return payers.length === 0 ? null : random.pick(payers);
}

function split(random: Random, { leaf: { balance } }: Payer): { fee: bigint; rest: bigint } {
  const fee = random.below(2) === 0 ? 0n : floorFloat16(balance / BigInt(1 + random.below(100)));
  return { fee, rest: (balance - fee) / BigInt(random.pick([1, 2, 5, 50])) };
}

/** An order that the payer signs for this half. */
function orderOf({ random, domain }: RandomPoolOperationParameters, { leafIndex, leaf, holder }: Payer, pool: Pool, fields: Omit<OrderFields, 'from' | 'nonce'>): Order {
  const peer = { ...pool, token: BigInt(1 + random.below(9)), leafIndex: pool.peer.leafIndex, chainIndex: pool.peer.chainIndex };
  const order = orderOn([{ ...pool, chainIndex: domain.chainIndex }, peer], holder, { ...fields, from: leafIndex, nonce: leaf.nonce, peerAmount: random.bits(100) });
  return { ...order, owner: leaf.owner };
}

/** An order of which this half is the second side, of whoever has the leaf. */
function otherSide({ random, domain }: RandomPoolOperationParameters, { leaf, holder }: Payer, pool: Pool, fields: Pick<OrderFields, 'type' | 'peerAmount'>): Order {
  const first = { ...pool, token: BigInt(1 + random.below(9)), leafIndex: random.below(1000), chainIndex: random.below(200) };
  const anywhere = { from: random.below(1000), nonce: random.bits(32), amount: random.bits(100), limit: random.bits(100), peerLimit: random.bits(100) };
  const order = orderOn([first, { ...pool, chainIndex: domain.chainIndex }], holder, { ...anywhere, ...fields });
  return { ...order, owner: leaf.owner };
}

function leafWithRoom(chain: ChainState, user: LeafIdentity, amount: bigint): number | null {
  const found = chain
    .leavesOf(user.owner)
    .find(({ leaf }) => leaf.token === user.token && leaf.keyX === user.keyX && leaf.keyY === user.keyY && leaf.balance + amount <= MAX_BALANCE);
  return found?.leafIndex ?? null;
}
