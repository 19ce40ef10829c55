import { beforeAll, describe, expect, it } from 'vitest';
import { swapOutput } from '../../spec/amm.ts';
import { evaluateWords } from '../../spec/field.ts';
import type { Leaf } from '../../spec/leaf.ts';
import { legsAfter, shareToken, type Leg } from '../../spec/leg.ts';
import { isOnchain, type LiquidityChange, type OperationRequest, type Order, type PeerLiquidityChange, type SwapIn, type SwapOut } from '../../spec/operation.ts';
import { params } from '../../spec/params.ts';
import { MAX_RESERVE, openedHalf, poolLeaf } from '../../spec/pool.ts';
import { operationWords } from '../../spec/pubdata.ts';
import { signOperation } from '../../spec/signature.ts';
import type { LedgerState } from '../../state/ledger.ts';
import {
  PEER_LEAF,
  PEER_TOKEN,
  addLiquidity,
  addLiquidityPeer,
  credit,
  openPool,
  poolWorld,
  removeLiquidity,
  removeLiquidityPeer,
  secondOrder,
  swapIn,
  swapOut,
} from './poolWorld.ts';
import { SegmentHarness, headerOf, sealedTraces } from './segmentHarness.ts';
import { CHAIN_INDEX, DEPLOYMENT_ID, LEAF, PEER_CHAIN, PEER_HALF, TOKEN, account, collectFees, fullExit, open, users, world } from './world.ts';

/* Blocks that the ledger seals, with segments on both chains of a pair: the circuit accepts every segment and publishes what the twin does. */

interface Segment {
  chainIndex: number;
  operations: OperationRequest[];
}

const here = (...operations: OperationRequest[]): Segment => ({ chainIndex: CHAIN_INDEX, operations });
const there = (...operations: OperationRequest[]): Segment => ({ chainIndex: PEER_CHAIN, operations });

/** Second sides on PEER_CHAIN of orders that are signed on CHAIN_INDEX. */
const swapOutThere = (order: Order, amount: bigint): SwapOut => ({ type: 'swapOut', pool: PEER_HALF, to: PEER_LEAF.alice, amount, order });
const addThere = (order: Order, shares: bigint): PeerLiquidityChange => ({ type: 'addLiquidityPeer', from: PEER_LEAF.alice, pool: PEER_HALF, amount: order.peerAmount, shares, fee: 0n, order });
const removeThere = (order: Order, amount: bigint): PeerLiquidityChange => ({ type: 'removeLiquidityPeer', from: PEER_LEAF.shares, pool: PEER_HALF, amount, shares: order.peerAmount, fee: 0n, order });

/** First sides on PEER_CHAIN of orders whose second sides are on CHAIN_INDEX. */
function firstThere(order: Order, amounts: { amount: bigint; shares?: bigint }): SwapIn | LiquidityChange {
  const signature = signOperation(order, { deploymentId: DEPLOYMENT_ID, chainIndex: PEER_CHAIN }, users.alice.key);
  const { type, from, pool, fee } = order;
  return type === 'swapIn' ? { type, from, pool, fee, order, signature, ...amounts } : { type, from, pool, fee, order, signature, shares: 0n, ...amounts };
}

const add = addLiquidity();
const remove = removeLiquidity();
const oneCoin = addLiquidity({ peerAmount: 0n, limit: 0n, peerLimit: 0n });

/** A pair that was just opened, both halves on CHAIN_INDEX, with alice's leaves for an add of all that a half can hold. */
const OTHER = 0o50000002;
const firstAdd = addLiquidity({ amount: MAX_RESERVE, peerChain: CHAIN_INDEX, peerLeaf: OTHER, peerToken: TOKEN, peerAmount: MAX_RESERVE });
const allShares = MAX_RESERVE - BigInt(params.lockedShares);

function openedPair(): LedgerState {
  const half = (leafIndex: number): Leaf => poolLeaf(openedHalf({ token: TOKEN, peer: { chainIndex: CHAIN_INDEX, leafIndex } }));
  const rich = { balance: 3n * MAX_RESERVE };
  const state = world({ half: half(OTHER), alice: rich, shares: { balance: 0n } });
  const chain = state.chain(CHAIN_INDEX).withLeaf(OTHER, half(LEAF.half)).withLeaf(PEER_LEAF.shares, account(users.alice, { token: shareToken(OTHER) }));
  return state.withChain(CHAIN_INDEX, chain);
}

const blocks: Record<string, { segments: Segment[]; state?: LedgerState }> = {
  'a swap': { segments: [here(swapIn()), there(swapOutThere(swapIn().order, 3500n))] },
  'a swap to the last coin that the rule allows': { segments: [here(swapIn()), there(swapOutThere(swapIn().order, swapOutput({ reserveIn: 1_000_000n, reserveOut: 3_000_000n, amountIn: 1200n })))] },
  'a swap of which the fee is collected': { segments: [here(swapIn({ fee: 30n }), collectFees(LEAF.bob, 30n)), there(swapOutThere(swapIn({ fee: 30n }).order, 3000n))] },
  'a swap the other way': { segments: [there(firstThere(secondOrder('swapIn'), { amount: 1200n })), here(swapOut())] },
  'a swap into a leaf that is opened before': { segments: [there(firstThere(secondOrder('swapIn'), { amount: 1200n })), here(open(users.alice, LEAF.empty), { ...swapOut(), to: LEAF.empty })] },
  'both sides of a swap in the reverse order': { segments: [here(swapOut()), there(firstThere(secondOrder('swapIn'), { amount: 1200n }))] },
  'an add': { segments: [here(add, credit(LEAF.shares)), there(addThere(add.order, 1100n), credit(PEER_LEAF.shares))] },
  'an add the other way': { segments: [there(firstThere(secondOrder('addLiquidity'), { amount: 2000n, shares: 380n }), credit(PEER_LEAF.shares)), here(addLiquidityPeer(), credit(LEAF.shares))] },
  'an add of one coin alone': { segments: [here({ ...oneCoin, shares: 400n }, credit(LEAF.shares)), there(addThere(oneCoin.order, 400n), credit(PEER_LEAF.shares))] },
  'a remove': { segments: [here(remove, credit(LEAF.alice)), there(removeThere(remove.order, 5900n), credit(PEER_LEAF.alice))] },
  'a remove the other way': { segments: [there(firstThere(secondOrder('removeLiquidity'), { amount: 4900n, shares: 1000n }), credit(PEER_LEAF.alice)), here(removeLiquidityPeer(), credit(LEAF.alice))] },
  'the opening of a half': { segments: [here(openPool())] },
  'the opening of a pair on one chain': { segments: [here(openPool({ peerChain: CHAIN_INDEX, peerLeaf: 6 }), openPool({ leafIndex: 6, token: PEER_TOKEN, peerChain: CHAIN_INDEX, peerLeaf: LEAF.empty }))] },
  'the first add, up to the last coin and share that fit, of a pair on one chain': {
    segments: [
      here({ ...firstAdd, shares: allShares }, credit(LEAF.shares)),
      here({ type: 'addLiquidityPeer', from: LEAF.alice, pool: OTHER, amount: MAX_RESERVE, shares: allShares, fee: 0n, order: firstAdd.order }, credit(PEER_LEAF.shares)),
    ],
    state: openedPair(),
  },
  'a full exit of shares between the legs of others, which is no leg': {
    segments: [here(swapIn(), fullExit(users.alice, LEAF.shares)), there(fullExit(users.alice, PEER_LEAF.shares), swapOutThere(swapIn().order, 1700n))],
  },
  'an add, and a full exit of the shares that it minted': { segments: [here(add, credit(LEAF.shares)), there(addThere(add.order, 1100n), credit(PEER_LEAF.shares)), here(fullExit(users.alice, LEAF.shares))] },
  'legs of several segments': { segments: [here(swapIn(), swapIn({ nonce: 8n })), there(swapOutThere(swapIn().order, 3000n), swapOutThere(swapIn({ nonce: 8n }).order, 3100n))] },
};

describe('blocks with pools', () => {
  let segment: SegmentHarness;
  beforeAll(async () => {
    segment = await SegmentHarness.load({ slots: 2 });
  });

  for (const [name, { segments, state = poolWorld() }] of Object.entries(blocks)) {
    it(name, () => {
      let legs = 0n;
      for (const trace of sealedTraces(segments, state)) {
        const witness = segment.consistent(segment.inputs(trace));
        expect(segment.violatedPlaces(witness)).toEqual([]);
        const words = segment.words(witness);
        expect(words.header).toEqual(headerOf(trace, words.header[6] ?? 0n));
        const published = (onchain: boolean): bigint[] => trace.slots.filter(({ operation }) => isOnchain(operation) === onchain).flatMap(({ operation }) => operationWords(operation));
        expect([words.onchain, words.l2]).toEqual([published(true), published(false)]);
        expect(witness[5]).toBe(evaluateWords(words.l2, witness[3] ?? 0n));
        expect(words.header[4]).toBe(legs);
        legs = trace.slots.flatMap(({ leg }): Leg[] => (leg ? [leg] : [])).reduce(legsAfter, legs);
        expect(words.header[5]).toBe(legs);
      }
    });
  }
});
