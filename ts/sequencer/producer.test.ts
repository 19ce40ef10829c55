import { describe, expect, it } from 'vitest';
import { Mempool } from './mempool.ts';
import { memoryStore } from './memoryStore.ts';
import { defaultPolicy, Producer, shouldSeal, type BlockPolicy } from './producer.ts';
import { genesisTip } from './sealer.ts';
import { context, depositEvent, operator, signedWithdraw, testUser } from './testSupport.ts';
import type { PriorityEvent } from './events.ts';

const alice = testUser(1);

describe('block policy', () => {
  const decide = (pending: number, waitedMs: number, unproved = 0, policy: Partial<BlockPolicy> = {}) => shouldSeal({ pending, waitedMs, unproved }, { ...defaultPolicy, ...policy });

  it('seals when the oldest operation has waited, or when enough are pending', () => {
    expect(decide(1, 2999)).toBe(false);
    expect(decide(1, 3000)).toBe(true);
    expect(decide(defaultPolicy.sealAt, 0)).toBe(true);
    expect(decide(defaultPolicy.sealAt - 1, 0)).toBe(false);
  });

  it('seals no empty block, unless told so', () => {
    expect(decide(0, 1e9)).toBe(false);
    expect(decide(0, 3000, 0, { emptyBlocks: true })).toBe(true);
    expect(decide(0, 2999, 0, { emptyBlocks: true })).toBe(false);
  });

  it('waits for the prover', () => {
    expect(decide(1000, 1e9, defaultPolicy.maxUnproved)).toBe(false);
  });
});

function producer(policy: Partial<BlockPolicy> = {}, time?: () => number) {
  const clock = { now: 1_000_000 };
  const requests: PriorityEvent[][] = [[], [], []];
  const store = memoryStore();
  const lines: string[] = [];
  const mempool: Mempool = new Mempool({ deploymentId: context.deploymentId, operator, state: () => made.tip.state, now: () => clock.now });
  const made: Producer = new Producer({ operator, pairs: () => [],
    context, tip: genesisTip(context), store, mempool, requests: () => requests, provable: () => 0, policy, now: () => clock.now, ...(time === undefined ? {} : { time }), chainNames: ['a', 'b', 'c'],
    progress: { report: (line) => lines.push(line) },
  });
  const submit = async (amount: bigint, nonce = 0) => {
    const transaction = signedWithdraw(alice, 9n, { leafIndex: 0, nonce, amount });
    const { id } = mempool.check(transaction);
    await store.acceptTransaction({ id, transaction });
    mempool.add({ id, transaction });
    return id;
  };
  return { clock, requests, store, mempool, made, submit, lines };
}

describe('producer', () => {
  it('lets a request wait for the interval from when it was seen', async () => {
    const { clock, requests, made } = producer();
    expect(await made.tick()).toBe(null);
    clock.now += 10_000;
    requests[1]!.push(depositEvent(0, alice, 10n));
    expect(await made.tick()).toBe(null);
    clock.now += 2999;
    expect(await made.tick()).toBe(null);
    clock.now += 1;
    const block = await made.tick();
    expect(block).toMatchObject({ blockNumber: 1, timestamp: Math.floor(clock.now / 1000) });
    expect(made.pending).toBe(0);
    requests[1]!.push(depositEvent(1, alice, 10n));
    expect(await made.tick()).toBe(null);
  });

  it('dates blocks with the time of the chains, never before the block before', async () => {
    let time = 5000;
    const { clock, requests, made } = producer({ blockIntervalMs: 0 }, () => time);
    for (const [requestId, seconds, expected] of [[0, 5000, 5000], [1, 4000, 5000], [2, 6000, 6000]] as const) {
      time = seconds;
      requests[0]!.push(depositEvent(requestId, alice, 10n));
      clock.now += 5;
      expect(await made.tick()).toMatchObject({ blockNumber: requestId + 1, timestamp: expected });
    }
  });

  it('uses each request once, over several blocks', async () => {
    const { clock, requests, made } = producer({ blockIntervalMs: 0 });
    requests[0]!.push(depositEvent(0, alice, 10n));
    await made.tick();
    requests[0]!.push(depositEvent(1, alice, 5n));
    clock.now += 5;
    await made.tick();
    expect(await made.tick()).toBe(null);
    expect(made.tip.state.leaf(0, 0).balance).toBe(15n);
    expect(made.tip.stored[0]!.priorityRequestsTotal).toBe(2);
  });

  it('stores what it seals and takes it out of the pool', async () => {
    const { requests, made, store, submit, mempool, lines } = producer({ blockIntervalMs: 0 });
    requests[0]!.push(depositEvent(0, alice, 10n));
    await made.tick();
    const id = await submit(4n);
    const block = await made.tick();
    expect(block!.transactions).toEqual([id]);
    expect(mempool.size).toBe(0);
    expect(await store.block(2)).toEqual(block);
    expect(await store.transaction(id)).toMatchObject({ status: 'included', blockNumber: 2 });
    expect(lines).toContain('block 2 sealed: 1 operations in 1 segments (a 1)');
  });

  it('drops what became invalid and makes no block of nothing', async () => {
    const { requests, made, store, submit, mempool, clock } = producer({ blockIntervalMs: 0 });
    requests[0]!.push(depositEvent(0, alice, 10n));
    await made.tick();
    const id = await submit(4n);
    clock.now = 5_000_000_000_000;
    expect(await made.tick()).toBe(null);
    expect(await store.transaction(id)).toMatchObject({ status: 'dropped', reason: expect.stringContaining('expired') });
    expect(mempool.size).toBe(0);
    expect(await store.lastBlock()).toBe(1);
  });

  it('never lets time run backwards', async () => {
    const { requests, made, clock } = producer({ blockIntervalMs: 0 });
    requests[0]!.push(depositEvent(0, alice, 10n));
    const first = await made.tick();
    clock.now -= 60_000;
    requests[0]!.push(depositEvent(1, alice, 10n));
    expect((await made.tick())!.timestamp).toBe(first!.timestamp);
  });

  it('holds back while too many blocks have no proof', async () => {
    const { requests, made } = producer({ blockIntervalMs: 0, maxUnproved: 1 });
    requests[0]!.push(depositEvent(0, alice, 10n));
    await made.tick();
    requests[0]!.push(depositEvent(1, alice, 10n));
    expect(await made.tick()).toBe(null);
  });

  it('seals empty blocks when told so', async () => {
    const { made, clock } = producer({ emptyBlocks: true, blockIntervalMs: 100 });
    expect(await made.tick()).toBe(null);
    clock.now += 100;
    expect(await made.tick()).toMatchObject({ segments: [], blockNumber: 1 });
    expect(await made.tick()).toBe(null);
  });
});
