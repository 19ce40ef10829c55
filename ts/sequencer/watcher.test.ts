import { describe, expect, it } from 'vitest';
import { memoryStore } from './memoryStore.ts';
import { findLostRequest, Watcher, type LogSource, type WatcherOptions } from './watcher.ts';
import type { Hex } from '../spec/hex.ts';
import { requestHashOf, type ChainEvent, type DepositEvent } from './events.ts';

/** A chain as a list of blocks, each with a salt that makes its hash and the ids of deposits in it. */
class FakeChain implements LogSource {
  blocks: { salt: string; deposits: { id: number; amount: bigint }[] }[] = [{ salt: 'genesis', deposits: [] }];
  calls = 0;
  afterEvents: (() => void) | null = null;

  mine(salt: string, ...deposits: { id: number; amount: bigint }[]): void {
    this.blocks.push({ salt, deposits });
  }
  async head(): Promise<number> {
    return this.blocks.length - 1;
  }
  async blockHash(number: number): Promise<Hex | null> {
    const block = this.blocks[number];
    return block === undefined ? null : `0x${Buffer.from(`${number}${block.salt}`).toString('hex')}`;
  }
  async events(from: number, to: number): Promise<ChainEvent[]> {
    this.calls++;
    const events: ChainEvent[] = [];
    for (let number = from; number <= to; number++) {
      for (const deposit of this.blocks[number]?.deposits ?? []) events.push(depositEvent(number, deposit.id, deposit.amount));
    }
    this.afterEvents?.();
    return events;
  }
}

function depositEvent(blockNumber: number, requestId: number, amount: bigint): DepositEvent {
  return {
    type: 'deposit', requestId, owner: '0x0000000000000000000000000000000000000001', token: 1, amount, keyX: 1n, keyY: 2n, expiresAt: 0,
    blockNumber, blockHash: '0x', transactionHash: '0x', logIndex: requestId,
  };
}

function watcher(source: LogSource, options: Partial<WatcherOptions> = {}) {
  const store = memoryStore();
  const seen: number[] = [];
  const forgotten: number[] = [];
  const build = () =>
    new Watcher({
      name: 'test', source, journal: store.journal('test'), confirmations: 1, startBlock: 1,
      onEvents: (events) => seen.push(...events.map((event) => (event as DepositEvent).requestId)),
      onRewind: (_, events) => forgotten.push(...events.map((event) => (event as DepositEvent).requestId)),
      ...options,
    });
  return { build, seen, forgotten };
}

describe('watcher', () => {
  it('reads each event once and in order', async () => {
    const chain = new FakeChain();
    const { build, seen } = watcher(chain);
    const w = build();
    chain.mine('a', { id: 0, amount: 1n }, { id: 1, amount: 2n });
    await w.poll();
    await w.poll();
    chain.mine('b', { id: 2, amount: 3n });
    await w.poll();
    expect(seen).toEqual([0, 1, 2]);
    expect(w.requests.map((request) => request.requestId)).toEqual([0, 1, 2]);
  });

  it('waits for the configured confirmations', async () => {
    const chain = new FakeChain();
    const { build } = watcher(chain, { confirmations: 3 });
    const w = build();
    chain.mine('a', { id: 0, amount: 1n });
    chain.mine('b');
    await w.poll();
    expect(w.requests).toHaveLength(0);
    chain.mine('c');
    await w.poll();
    expect(w.requests).toHaveLength(1);
  });

  it('refuses a depth of zero', () => {
    expect(() => watcher(new FakeChain(), { confirmations: 0 }).build()).toThrow('at least one confirmation');
  });

  it('splits long ranges', async () => {
    const chain = new FakeChain();
    for (let i = 0; i < 25; i++) chain.mine('x', { id: i, amount: 1n });
    const { build, seen } = watcher(chain, { range: 10 });
    await build().poll();
    expect(chain.calls).toBe(3);
    expect(seen).toHaveLength(25);
  });

  it('goes on from its journal after a restart', async () => {
    const chain = new FakeChain();
    const { build, seen } = watcher(chain);
    chain.mine('a', { id: 0, amount: 1n });
    await build().poll();
    const again = build();
    chain.mine('b', { id: 1, amount: 2n });
    await again.poll();
    expect(seen).toEqual([0, 1]);
    expect(again.requests).toHaveLength(2);
  });

  it('forgets an event that a reorg removed, and takes its successor', async () => {
    const chain = new FakeChain();
    const { build, seen, forgotten } = watcher(chain);
    const w = build();
    chain.mine('a', { id: 0, amount: 1n });
    await w.poll();
    chain.mine('b', { id: 1, amount: 2n });
    await w.poll();
    chain.blocks = chain.blocks.slice(0, 2);
    await w.poll();
    expect(w.requests).toHaveLength(1);
    chain.mine('other', { id: 1, amount: 99n });
    await w.poll();
    expect(forgotten).toEqual([1]);
    expect(seen).toEqual([0, 1, 1]);
    expect(w.requests[1]).toMatchObject({ amount: 99n });
  });

  it('finds the common ancestor across several reads, also after a restart', async () => {
    const chain = new FakeChain();
    const { build, forgotten } = watcher(chain);
    let w = build();
    for (let i = 0; i < 5; i++) {
      chain.mine(`m${i}`, { id: i, amount: BigInt(i) });
      await w.poll();
    }
    w = build();
    chain.blocks = chain.blocks.slice(0, 3);
    for (let i = 2; i < 6; i++) chain.mine(`r${i}`, { id: i, amount: 100n });
    await w.poll();
    expect(forgotten).toEqual([2, 3, 4]);
    expect(w.requests.map((request) => (request as DepositEvent).amount)).toEqual([0n, 1n, 100n, 100n, 100n, 100n]);
    const restarted = build();
    await restarted.load();
    expect(restarted.requests).toEqual(w.requests);
  });

  it('starts over when no checkpoint is left', async () => {
    const chain = new FakeChain();
    const { build } = watcher(chain);
    const w = build();
    chain.mine('a', { id: 0, amount: 1n });
    await w.poll();
    chain.blocks = [chain.blocks[0]!];
    chain.mine('z', { id: 0, amount: 7n });
    chain.mine('z');
    await w.poll();
    expect(w.requests[0]).toMatchObject({ amount: 7n });
  });

  it('does not mix two branches when a reorg happens between its questions', async () => {
    const chain = new FakeChain();
    const { build, seen } = watcher(chain);
    const w = build();
    chain.mine('a', { id: 0, amount: 1n });
    chain.afterEvents = () => {
      chain.afterEvents = null;
      chain.blocks[1] = { salt: 'b', deposits: [{ id: 0, amount: 5n }] };
    };
    await w.poll();
    expect(seen).toEqual([]);
    await w.poll();
    expect(w.requests[0]).toMatchObject({ amount: 5n });
  });

  it('refuses logs with a gap', async () => {
    const chain = new FakeChain();
    chain.mine('a', { id: 1, amount: 1n });
    const { build } = watcher(chain);
    await expect(build().poll()).rejects.toThrow('leave out a priority request');
  });

  it('keeps a bounded number of checkpoints and still finds old ancestors', async () => {
    const chain = new FakeChain();
    const { build } = watcher(chain);
    const w = build();
    for (let i = 0; i < 400; i++) {
      chain.mine(`m${i}`, { id: i, amount: 1n });
      await w.poll();
    }
    chain.blocks = chain.blocks.slice(0, 50);
    await w.poll();
    expect(w.requests).toHaveLength(49);
  });

  it('runs, reports failed polls, goes on and stops', async () => {
    const chain = new FakeChain();
    chain.mine('a', { id: 0, amount: 1n });
    const errors: unknown[] = [];
    let fail = true;
    const head = chain.head.bind(chain);
    chain.head = async () => {
      if (fail) throw new Error('node is away');
      return await head();
    };
    const { build, seen } = watcher(chain, { pollMs: 5, onError: (error) => errors.push(error) });
    const w = build();
    w.start();
    await new Promise((resolve) => setTimeout(resolve, 30));
    fail = false;
    await new Promise((resolve) => setTimeout(resolve, 30));
    await w.stop();
    expect(errors.length).toBeGreaterThan(0);
    expect(seen).toEqual([0]);
  });
});

describe('lost requests', () => {
  const requests = [depositEvent(1, 0, 5n), depositEvent(1, 1, 6n)];
  const used = requests.map(requestHashOf);

  it('are none when the chain still holds what blocks used, wherever it is now', () => {
    expect(findLostRequest(used, requests.map((request) => ({ ...request, blockNumber: 9 })))).toBe(null);
    expect(findLostRequest(used.slice(0, 1), requests)).toBe(null);
  });

  it('are named when one vanished or changed', () => {
    expect(findLostRequest(used, requests.slice(0, 1))).toMatchObject({ requestId: 1, found: null });
    expect(findLostRequest(used, [requests[0]!, depositEvent(1, 1, 7n)])).toMatchObject({ requestId: 1 });
  });
});
