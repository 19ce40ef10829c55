import { describe, expect, it } from 'vitest';
import { RollupError } from '../base/errors.ts';
import { AuditFailure } from './auditReplay.ts';
import { Driver, within, type DriverOptions } from './driver.ts';
import { FakeWorld } from './fakeWorld.ts';
import { memoryStore } from './memoryStore.ts';
import type { ProvenStatement, Store } from './store.ts';
import { depositEvent, fullExitEvent, nextBlock, signedWithdraw, testUser } from './testSupport.ts';
import type { TooOldBlock } from './tooOld.ts';

const alice = testUser(1);
const bob = testUser(2);
const blocks = (() => {
  const first = nextBlock({ requests: [[depositEvent(0, alice, 1000n)], [depositEvent(0, bob, 5n)]] });
  const second = nextBlock({ tip: first.tip, transactions: [signedWithdraw(alice, 9n, { leafIndex: 0, nonce: 0, amount: 3n })], requests: [[], [fullExitEvent(1, bob, 0)]], timestamp: 1001 });
  const third = nextBlock({ tip: second.tip, transactions: [signedWithdraw(alice, 9n, { leafIndex: 0, nonce: 1, amount: 3n })], timestamp: 1002 });
  return [first, second, third];
})();
const statement: ProvenStatement = { proof: { a: [0n, 0n], b: [[0n, 0n], [0n, 0n]], c: [0n, 0n] }, publicInputs: [] };

async function storeWith(count: number): Promise<Store> {
  const store = memoryStore();
  for (const { block, trace } of blocks.slice(0, count)) {
    for (const id of block.transactions) await store.acceptTransaction({ id, transaction: signedWithdraw(alice, 9n, { leafIndex: 0, nonce: 0, amount: 1n }) });
    await store.appendBlock({ block, trace });
    for (const part of [...block.segments.keys(), 'join' as const]) await store.saveProof({ blockNumber: block.blockNumber, part, statement });
  }
  return store;
}

async function driverOf(world: FakeWorld, store: Store, options: Partial<DriverOptions> = {}): Promise<{ driver: Driver; lines: string[] }> {
  const lines: string[] = [];
  const last = await store.lastBlock();
  const driver = new Driver({
    rollups: world.rollups, arbitrator: world.arbitrator, store, audited: () => last, provable: () => last, pollMs: 2,
    deferred: () => [...world.deferred], progress: { report: (line) => lines.push(line) }, ...options,
  });
  return { driver, lines };
}

async function until(condition: () => boolean, ms = 5000): Promise<void> {
  const end = Date.now() + ms;
  while (!condition()) {
    if (Date.now() > end) throw new Error('it did not happen in time');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

const finished = (world: FakeWorld, count: number) => () => world.chains.every(({ counters, pending }) => counters.executed === count && pending.size === 0);

describe('driver', () => {
  it('takes blocks through all stages and pays the withdrawals', async () => {
    const world = new FakeWorld();
    const store = await storeWith(3);
    const { driver } = await driverOf(world, store);
    await driver.prepare();
    driver.start();
    await until(() => finished(world, 3)() && driver.settled(0) === 3 && driver.settled(1) === 3);
    await driver.stop();
    expect(world.refusals).toEqual([]);
    expect(world.chains[0]!.paid).toEqual([`0x${'9'.padStart(40, '0')}/1`]);
    expect(world.chains[1]!.paid).toHaveLength(1);
    expect(world.log.filter((line) => line.startsWith('commit'))).toHaveLength(3);
    expect(driver.halted).toBe(null);
  });

  it('leaves withdrawals alone when told so', async () => {
    const world = new FakeWorld();
    const { driver } = await driverOf(world, await storeWith(2), { pushWithdrawals: false });
    await driver.prepare();
    driver.start();
    await until(() => world.chains.every(({ counters }) => counters.executed === 2));
    await driver.stop();
    expect(world.log.filter((line) => line.startsWith('withdraw'))).toEqual([]);
  });

  it('goes on when an owner cannot be paid', async () => {
    const world = new FakeWorld();
    world.chains[0]!.refuses.add(`0x${'9'.padStart(40, '0')}`);
    const { driver, lines } = await driverOf(world, await storeWith(2));
    await driver.prepare();
    driver.start();
    await until(() => driver.settled(0) === 2);
    await driver.stop();
    expect(lines.some((line) => line.includes('could not be paid'))).toBe(true);
    expect(world.chains[0]!.pending.size).toBe(1);
  });

  const calls = ['commit', 'prove', 'sync', 'confirm', 'execute', 'withdraw'] as const;
  const kills = calls.flatMap((call) => (['before', 'after'] as const).flatMap((when) => [1, 2].map((nth) => ({ call, when, nth }))));
  it.each(kills)('is killed $when $call number $nth and goes on after a restart', async ({ call, when, nth }) => {
    const world = new FakeWorld();
    const store = await storeWith(3);
    let count = 0;
    let crashed = false;
    world.hook = (c, w) => {
      if (crashed || (c === call && w === when && ++count === nth)) {
        crashed = true;
        throw new Error('killed');
      }
    };
    const limits = { commit: 2, prove: 1, execute: 1, openSyncs: 1 };
    const { driver } = await driverOf(world, store, { limits });
    await driver.prepare();
    driver.start();
    await until(() => crashed);
    await driver.stop();
    world.hook = () => {};
    const again = await driverOf(world, store, { limits });
    await again.driver.prepare();
    again.driver.start();
    await until(() => finished(world, 3)() && [0, 1, 2].every((i) => again.driver.settled(i) === 3));
    await again.driver.stop();
    expect(world.refusals).toEqual([]);
    const lines = world.log.filter((line) => !line.startsWith('withdraw'));
    expect(new Set(lines).size, 'nothing is done twice').toBe(lines.length);
  });

  it('goes on when somebody else does the open stages', async () => {
    const world = new FakeWorld();
    const store = await storeWith(1);
    const [first] = blocks;
    let stolen = false;
    world.hook = (call, when) => {
      if (call !== 'prove' || when !== 'before' || stolen) return;
      stolen = true;
      world.chains[0]!.counters = { ...world.chains[0]!.counters, proved: first!.block.blockNumber };
    };
    const { driver, lines } = await driverOf(world, store);
    await driver.prepare();
    driver.start();
    await until(finished(world, 1));
    await driver.stop();
    expect(world.refusals).toEqual(['prove 0 1']);
    expect(lines.some((line) => line.includes('somebody else was faster'))).toBe(true);
    expect(driver.halted).toBe(null);
  });

  it('says which block of a commit is too old for a chain, at each attempt', async () => {
    const world = new FakeWorld();
    const old: TooOldBlock[] = [];
    const { driver, lines } = await driverOf(world, await storeWith(3), { onTooOld: (block) => old.push(block) });
    await driver.prepare();
    world.takesFrom(1, blocks[1]!.block.timestamp + 1);
    driver.start();
    await until(() => old.length >= 2);
    await driver.stop();
    const { blockNumber, timestamp } = blocks[0]!.block;
    expect(old.slice(0, 2)).toEqual(Array.from({ length: 2 }, () => ({ chainIndex: 1, blockNumber, timestamp, minimum: blocks[1]!.block.timestamp + 1 })));
    expect(lines.filter((line) => line.startsWith('chain 1: attempt')).slice(0, 2)).toEqual([expect.stringContaining('Block 1 is too old for chain 1'), expect.stringContaining('raise timestampPastTolerance')]);
    expect([world.chains[0]!.counters.committed, world.chains[1]!.counters.committed, driver.halted]).toEqual([3, 0, null]);
  });

  it('tries again after a transient fault', async () => {
    const world = new FakeWorld();
    let faults = 0;
    world.hook = (call, when) => {
      if (call === 'execute' && when === 'before' && faults++ === 0) throw new Error('socket hang up');
    };
    const { driver, lines } = await driverOf(world, await storeWith(1));
    await driver.prepare();
    driver.start();
    await until(finished(world, 1));
    await driver.stop();
    expect(lines.some((line) => line.includes('attempt 1 failed') && line.includes('socket hang up'))).toBe(true);
  });

  it('sends a confirmation again that a gateway refused', async () => {
    const world = new FakeWorld();
    world.deferring.add(2);
    const { driver } = await driverOf(world, await storeWith(1));
    await driver.prepare();
    driver.start();
    await until(finished(world, 1));
    await driver.stop();
    expect(world.log).toContain('resend 2');
  });

  it('halts when sync hashes differ', async () => {
    const world = new FakeWorld();
    world.tampered.add(1);
    const halts: RollupError[] = [];
    const { driver } = await driverOf(world, await storeWith(1), { onHalt: (error) => halts.push(error) });
    await driver.prepare();
    driver.start();
    await until(() => driver.halted !== null);
    await driver.stop();
    expect(halts.map(({ message }) => message)).toEqual(["The chains' sync hashes differ"]);
    expect(world.log.some((line) => line.startsWith('confirm'))).toBe(false);
  });

  it('sends nothing that is not audited and nothing any more once halted', async () => {
    const world = new FakeWorld();
    const { driver } = await driverOf(world, await storeWith(1), { audited: () => 0 });
    await driver.prepare();
    driver.start();
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(world.log).toEqual([]);
    driver.halt(new AuditFailure('wrong root', {}));
    driver.halt(new AuditFailure('second', {}));
    await driver.stop();
    expect(driver.halted?.message).toContain('wrong root');
  });

  it('does not repeat what is refused because exit mode came between', async () => {
    const world = new FakeWorld();
    let stopped = false;
    world.hook = (call, when) => {
      if (call !== 'sync' || when !== 'before' || stopped) return;
      stopped = true;
      for (const chain of world.chains) chain.counters = { ...chain.counters, mode: 'stopped' };
    };
    const { driver, lines } = await driverOf(world, await storeWith(1));
    await driver.prepare();
    driver.start();
    await until(() => driver.exitMode !== null && lines.some((line) => line.includes('not needed any more')));
    await new Promise((resolve) => setTimeout(resolve, 100));
    await driver.stop();
    // Lanes that were on their way at that moment, each once.
    expect(world.refusals.length).toBeLessThanOrEqual(3);
    expect(new Set(world.refusals).size).toBe(world.refusals.length);
    expect(world.refusals.every((refusal) => refusal.startsWith('sync'))).toBe(true);
    expect(lines.filter((line) => line.includes('attempt'))).toEqual([]);
    expect(driver.halted).toBe(null);
  });

  it('keeps transactions small: as many blocks as fit, and at least one', () => {
    const three = blocks.map(({ block }) => block);
    const numbers = (most: number) => within(three, most, () => 10).map(({ blockNumber }) => blockNumber);
    expect([numbers(5), numbers(20), numbers(29), numbers(30)]).toEqual([[1], [1, 2], [1, 2], [1, 2, 3]]);
  });

  it('refuses to start when a chain is ahead of the store', async () => {
    const world = new FakeWorld();
    const full = await driverOf(world, await storeWith(2));
    await full.driver.prepare();
    full.driver.start();
    await until(finished(world, 2));
    await full.driver.stop();
    const { driver } = await driverOf(world, await storeWith(1));
    await expect(driver.prepare()).rejects.toThrow('blocks that the store does not have');
  });

  it('refuses to start when a chain holds another block', async () => {
    const world = new FakeWorld();
    const store = await storeWith(1);
    const { driver } = await driverOf(world, store);
    await driver.prepare();
    driver.start();
    await until(finished(world, 1));
    await driver.stop();
    world.chains[1]!.hashes.set(1, `0x${'12'.repeat(32)}`);
    await expect((await driverOf(world, store)).driver.prepare()).rejects.toThrow('another block than the store');
  });

  it('halts when another block appears on a chain', async () => {
    const world = new FakeWorld();
    const { driver } = await driverOf(world, await storeWith(2), { audited: () => 1 });
    await driver.prepare();
    driver.start();
    await until(finished(world, 1));
    world.chains[1]!.hashes.set(2, `0x${'12'.repeat(32)}`);
    world.chains[1]!.counters = { ...world.chains[1]!.counters, committed: 2 };
    await until(() => driver.halted !== null);
    await driver.stop();
    expect(driver.halted?.message).toContain('another block than the store');
  });

  it('commits again what a reorg of the outer chain took back', async () => {
    const world = new FakeWorld();
    const { driver } = await driverOf(world, await storeWith(2), { provable: () => 0 });
    await driver.prepare();
    driver.start();
    await until(() => world.chains.every(({ counters }) => counters.committed === 2));
    world.chains[1]!.counters = { ...world.chains[1]!.counters, committed: 1, proved: 1 };
    world.chains[1]!.hashes.delete(2);
    await until(() => world.chains[1]!.counters.committed === 2);
    await driver.stop();
    expect(world.log.filter((line) => line === 'commit 1 2')).toHaveLength(1);
    expect(driver.halted).toBe(null);
  });
});
