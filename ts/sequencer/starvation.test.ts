import { describe, expect, it, vi } from 'vitest';
import { isPriority, type Order } from '../spec/operation.ts';
import { LEAF_COUNT, params } from '../spec/params.ts';
import { operationLength } from '../spec/pubdata.ts';
import type { SegmentOperations } from '../state/block.ts';
import { ChainState } from '../state/chainState.ts';
import { Random } from '../test/random.ts';
import { LEAF_RESERVE } from './draft.ts';
import type { PriorityEvent } from './events.ts';
import type { PooledTransaction } from './mempool.ts';
import { packBlock, type PackReturnType } from './packer.ts';
import { seal, type Tip } from './sealer.ts';
import { context, depositEvent, farFuture, fullExitEvent, onWorldPair, operator, poolWorld, traders, type TestUser } from './testSupport.ts';
import type { SignedTransaction } from './store.ts';

/*
 * Requests are never starved: whatever transactions and orders flood the sequencer, each block serves as many requests as there is room for in an
 * empty one, of every chain, in the order of its queue. Room is what params.json says: segments, their slots, and bytes of a chain.
 */

const CHAINS = [0, 1, 2] as const;
const { alice, bob, carol } = traders;

/** Signatures are not looked at: the key that signed is named as known. */
const unsigned = { signature: { R8: { x: 0n, y: 0n }, S: 0n } as unknown as SignedTransaction['signature'] };
const pooledBy = (user: TestUser, transaction: SignedTransaction, i: number): PooledTransaction => ({ id: `${i}`, transaction, acceptedAt: 0, signer: user.key.publicKey });

/** Far more than a block has room for: transfers to new leaves, withdrawals, changes of key and orders, from the nonces that the leaves have. */
function flood(tip: Tip, random: Random): PooledTransaction[] {
  const made: PooledTransaction[] = [];
  for (const [chainIndex, token] of [[0, 1n], [1, 2n]] as const) {
    for (const [leafIndex, user] of [alice, bob].entries()) {
      let { nonce } = tip.state.leaf(chainIndex, leafIndex);
      for (let i = 0; i < 60; i++) {
        const { owner, keyX, keyY } = user;
        const common = { chainIndex, token, nonce: nonce++, validUntil: farFuture, fee: random.pick([0n, 3n]), ...unsigned };
        const orderFields: Omit<Order, 'nonce'> = { type: 'swapIn', from: leafIndex, chainIndex, validUntil: farFuture, fee: 0n, limit: 0n, peerAmount: 0n, peerLimit: 0n, owner, keyX, keyY, ...onWorldPair, amount: 1000n };
        const transaction: SignedTransaction = random.pick<SignedTransaction>([
          { type: 'withdraw', leafIndex, to: 9n, amount: 1n, ...common },
          { type: 'transfer', from: leafIndex, amount: 1n, toOwner: BigInt(1 + random.below(1000)), toKeyX: carol.keyX, toKeyY: carol.keyY, ...common },
          { ...orderFields, ...common, fee: 0n, pool: 2, peerChain: 1 - chainIndex, peerToken: 3n - token },
        ]);
        made.push(pooledBy(user, transaction, made.length));
      }
    }
  }
  return made;
}

function randomRequest(requestId: number, random: Random): PriorityEvent {
  const user = random.pick([alice, bob, carol]);
  return random.below(2) === 0 ? depositEvent(requestId, user, 5n, 1 + random.below(2)) : fullExitEvent(requestId, user, random.below(12));
}

/** One block of what waits. */
const pack = (tip: Tip, waiting: PriorityEvent[][], transactions: PooledTransaction[], timestamp: number): PackReturnType =>
  packBlock({ state: tip.state, deploymentId: context.deploymentId, operator, requests: waiting, transactions, timestamp });

const requestsIn = (segments: readonly SegmentOperations[], chainIndex: number): number => segments.filter((segment) => segment.chainIndex === chainIndex).flatMap(({ operations }) => operations).filter(isPriority).length;

describe('a flood of transactions and orders', () => {
  it.each([91, 92])('takes no room from requests, which all chains get served in order (seed %i)', (seed) => {
    const random = new Random(seed, 'starvation');
    let tip = poolWorld();
    const queues: PriorityEvent[][] = ([[2, 300], [2, 40], [0, 150]] as const).map(([used, count]) => Array.from({ length: count }, (_, i) => randomRequest(used + i, random)));
    const served = CHAINS.map(() => 0);
    let [blocks, withTransactions] = [0, 0];
    while (queues.some((queue, i) => served[i]! < queue.length)) {
      const waiting = queues.map((queue, i) => queue.slice(served[i]));
      const transactions = flood(tip, random);
      const timestamp = 2000 + blocks;
      const packed = pack(tip, waiting, transactions, timestamp);
      const alone = pack(tip, waiting, [], timestamp);
      expect(packed.requestsUsed, `block ${blocks}`).toEqual(alone.requestsUsed);
      for (const chainIndex of CHAINS) {
        const used = packed.requestsUsed[chainIndex]!;
        expect(requestsIn(packed.segments, chainIndex)).toBe(used);
        // Each chain has a segment of its own in every block, whatever the others' queues hold.
        expect(used).toBeGreaterThanOrEqual(Math.min(params.slots, waiting[chainIndex]!.length));
        served[chainIndex]! += used;
      }
      const left = CHAINS.some((chainIndex) => packed.requestsUsed[chainIndex]! < waiting[chainIndex]!.length);
      const { block, tip: after } = seal({ context, tip, segments: packed.segments, timestamp, transactions: packed.included });
      // Nothing of the queue is passed over: what is used is the queue's beginning.
      for (const chainIndex of CHAINS) expect(block.chains[chainIndex]!.stored.priorityRequestsTotal).toBe((chainIndex === 2 ? 0 : 2) + served[chainIndex]!);
      const count = CHAINS.reduce<number>((sum, chainIndex) => sum + packed.requestsUsed[chainIndex]!, 0);
      // A request waits only when the segments are full of requests, or its chain's bytes are.
      if (left) {
        const full = count >= (params.joinSegments - CHAINS.length) * params.slots;
        const bytes = CHAINS.some((chainIndex) => (packed.requestsUsed[chainIndex]! + 1) * operationLength('deposit') > params.maxOnchainBytes / 2);
        expect(full || bytes).toBe(true);
      }
      if (packed.included.length > 0) withTransactions++;
      tip = after;
      blocks++;
    }
    console.info(`${queues.map(({ length }) => length).join(' + ')} requests in ${blocks} blocks, ${withTransactions} of them with transactions too`);
    expect(blocks).toBeLessThanOrEqual(Math.ceil(490 / ((params.joinSegments - CHAINS.length) * params.slots)) + 1);
    expect(withTransactions).toBeGreaterThan(0);
  });

  it('leaves no request behind when withdrawals fill the bytes of a chain', () => {
    const tip = poolWorld();
    const random = new Random(93, 'starvation');
    const requests = [Array.from({ length: 5 }, (_, i) => depositEvent(2 + i, bob, 1n)), [], []];
    const transactions = flood(tip, random);
    const limits = { maxOnchainBytes: 5 * operationLength('deposit') + operationLength('withdraw') - 1 };
    const { requestsUsed, segments } = packBlock({ state: tip.state, deploymentId: context.deploymentId, operator, requests, transactions, timestamp: 2000, ...limits });
    expect(requestsUsed).toEqual([5, 0, 0]);
    expect(segments.filter(({ chainIndex }) => chainIndex === 0).flatMap(({ operations }) => operations).some(({ type }) => type === 'withdraw')).toBe(false);
  });
});

describe('a tree', () => {
  const transfers = (tip: Tip, count: number): PooledTransaction[] =>
    Array.from({ length: count }, (_, i) => {
      const nonce = tip.state.leaf(0, 0).nonce + BigInt(i);
      const to = { toOwner: BigInt(1000 + i), toKeyX: carol.keyX, toKeyY: carol.keyY };
      return pooledBy(alice, { type: 'transfer', chainIndex: 0, from: 0, token: 1n, nonce, validUntil: farFuture, amount: 1n, fee: 0n, ...to, ...unsigned }, i);
    });

  it('keeps leaves for deposits, whatever transactions open', () => {
    const tip = poolWorld();
    const free = LEAF_COUNT - tip.state.chain(0).leafCount;
    const transactions = transfers(tip, 6);
    const { included, dropped } = packBlock({ state: tip.state, deploymentId: context.deploymentId, operator, requests: [[], [], []], transactions, timestamp: 2000, leafReserve: free - 3 });
    expect(included).toEqual(['0', '1', '2']);
    expect(dropped.map(({ reason }) => reason.split(':')[0])).toEqual(['treeFull', 'wrongNonce', 'wrongNonce']);
    const opening = (leafReserve: number) =>
      packBlock({ state: tip.state, deploymentId: context.deploymentId, operator, requests: [[depositEvent(2, carol, 1n)], [], []], transactions, timestamp: 2000, leafReserve });
    expect([opening(free).requestsUsed, opening(free).included]).toEqual([[1, 0, 0], []]);
    expect(LEAF_RESERVE).toBe(LEAF_COUNT / 256);
  });

  it('that is full holds up its own deposits only', () => {
    const tip = poolWorld();
    const requests = [
      [depositEvent(2, bob, 1n), depositEvent(3, carol, 1n), fullExitEvent(4, bob, 1)],
      [depositEvent(2, bob, 1n, 2), fullExitEvent(3, alice, 0)],
      [fullExitEvent(0, carol, 0)],
    ];
    const withdraw = pooledBy(alice, { type: 'withdraw', chainIndex: 0, leafIndex: 0, token: 1n, nonce: tip.state.leaf(0, 0).nonce, validUntil: farFuture, amount: 1n, fee: 0n, to: 9n, ...unsigned }, 0);
    const spy = vi.spyOn(ChainState.prototype, 'nextFreeIndex').mockReturnValue(null);
    try {
      const { requestsUsed, included } = pack(tip, requests, [withdraw], 2000);
      // Carol has no leaf on chain 0 and gets none: what is behind her deposit waits with it, until it expires.
      expect([requestsUsed, included]).toEqual([[1, 2, 1], ['0']]);
    } finally {
      spy.mockRestore();
    }
  });
});
