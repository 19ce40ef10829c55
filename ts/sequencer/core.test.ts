import { describe, expect, it } from 'vitest';
import { addressOf } from '../spec/hex.ts';
import { coreWorld, prove, until } from './coreWorld.ts';
import { dropBlocks, TooLateError } from './recovery.ts';
import { depositEvent, fullExitEvent, onWorldPair, signedOrder, signedTransfer, signedWithdraw, testUser, worldPair } from './testSupport.ts';

const alice = testUser(1);
const bob = testUser(2);

describe('core', () => {
  it('turns deposits and transactions into executed blocks', async () => {
    const { world, outer, start, lines } = coreWorld();
    outer[0]!.add(depositEvent(0, alice, 1000n));
    outer[1]!.add(depositEvent(0, bob, 70n));
    const core = await start();
    await until(() => world.chains.every(({ counters }) => counters.executed === 1), 'first block');
    const { id } = await core.view.submit(signedTransfer(alice, bob, { leafIndex: 0, nonce: 0, amount: 100n }));
    expect(await core.view.submit(signedTransfer(alice, bob, { leafIndex: 0, nonce: 0, amount: 100n }))).toEqual({ id });
    expect(await core.view.transaction(id)).toMatchObject({ status: 'pending' });
    await core.view.submit(signedWithdraw(alice, 9n, { leafIndex: 0, nonce: 1, amount: 5n }));
    outer[1]!.add(fullExitEvent(1, bob, 0));
    await until(async () => {
      const executed = world.chains.every(({ counters }) => counters.executed === counters.committed && counters.executed >= 2);
      const paid = world.chains[0]!.paid.length === 1 && world.chains[1]!.paid.length === 1;
      return executed && paid && (await core.view.status()).pendingOperations === 0;
    }, 'all blocks');
    expect(await core.view.transaction(id)).toMatchObject({ status: 'included', blockNumber: 2 });
    expect(core.view.leavesOf(bob.owner).map(({ chainIndex, leafIndex, balance }) => [chainIndex, leafIndex, balance])).toEqual([[0, 1, 100n], [1, 0, 0n]]);
    expect(core.view.leaf(0, 0)).toMatchObject({ balance: 895n, nonce: 2, nextNonce: 2 });
    expect(await core.view.block(1)).toMatchObject({ proofs: { done: 3, total: 3 }, chains: [{ stage: 'executed', operations: 1 }, { stage: 'executed', operations: 1 }, { operations: 0 }] });
    expect(lines.some((line) => line.includes('block 1 sealed: 2 operations in 2 segments'))).toBe(true);
    expect(core.driver.halted).toBe(null);
  });

  it('opens a pair and fills orders on it through all stages, also over a restart', async () => {
    const { world, outer, store, start } = coreWorld();
    for (const [chainIndex, token] of [[0, 1], [1, 2]] as const) {
      outer[chainIndex]!.add(depositEvent(0, alice, 10n ** 12n, token));
      outer[chainIndex]!.add(depositEvent(1, bob, 10n ** 12n, token));
    }
    const first = await start();
    await until(() => world.chains.every(({ counters }) => counters.executed === 1), 'deposits');
    await expect(first.view.requestPair({ ...worldPair, token: 3 })).rejects.toThrow('not registered');
    await first.view.requestPair(worldPair);
    await until(() => first.view.pools().length === 1, 'pair');
    expect(first.view.leaf(0, 2)).toMatchObject({ owner: addressOf(0n), balance: 0n, pool: { peer: { chainIndex: 1, leafIndex: 2 }, mutual: true } });
    await expect(first.view.requestPair(worldPair)).rejects.toMatchObject({ facts: { reason: 'pairExists', first: { chainIndex: 0, leafIndex: 2 } } });
    await first.stop();

    const add = signedOrder(alice, { type: 'addLiquidity', from: 0, nonce: 0, ...onWorldPair, amount: 10n ** 9n, peerAmount: 4n * 10n ** 9n });
    await store.acceptTransaction({ id: 'waiting', transaction: add });
    await store.requestPair({ ...worldPair, peerChain: 2 });
    const core = await start();
    await until(async () => (await core.view.transaction('waiting'))?.status === 'included' && core.view.pools().length === 2, 'what was pending');
    expect((await core.view.transaction('waiting'))?.filled).toEqual({ first: { amount: 10n ** 9n, shares: 10n ** 9n }, second: { amount: 4n * 10n ** 9n, shares: 4n * 10n ** 9n } });
    const { peerLimit } = core.view.quote({ type: 'swapIn', chainIndex: 0, pool: 2, amount: 10n ** 6n, peerAmount: 0n, slippage: 0 });
    const { owner: _, keyX: __, keyY: ___, ...sent } = signedOrder(bob, { type: 'swapIn', from: 1, nonce: 0, ...onWorldPair, amount: 10n ** 6n, peerLimit });
    const swap = await core.view.submit(sent);
    const { owner: ____, keyX: _____, keyY: ______, ...late } = signedOrder(bob, { type: 'swapIn', from: 1, nonce: 1, ...onWorldPair, amount: 10n ** 6n, peerLimit: 4n * 10n ** 6n });
    const dear = await core.view.submit(late);
    await until(async () => (await core.view.transaction(dear.id))?.status === 'dropped', 'the order that asks too much');
    expect(await core.view.transaction(dear.id)).toMatchObject({ reason: expect.stringMatching(/^belowLimit: .*at least 4000000/) as string });
    const { blockNumber, filled } = (await core.view.transaction(swap.id))!;
    expect(filled).toEqual({ first: { amount: 10n ** 6n, shares: 0n }, second: { amount: 3_984_027n, shares: 0n } });
    expect((await core.view.block(blockNumber!))?.operations).toMatchObject([{ chainIndex: 0, type: 'swapIn', order: { owner: addressOf(bob.owner) } }, { chainIndex: 1, type: 'swapOut', amount: 3_984_027n }]);
    expect(core.view.leavesOf(alice.owner).find(({ chainIndex, shares }) => chainIndex === 0 && shares !== undefined)).toMatchObject({ balance: 10n ** 9n, shares: { pool: 2, token: 1 } });
    await until(() => world.chains.every(({ counters }) => counters.executed === counters.committed && counters.executed >= blockNumber!), 'execution');
    expect(core.driver.halted).toBe(null);
  });

  it('goes on after a restart with what was pending', async () => {
    const { world, outer, store, start } = coreWorld();
    outer[0]!.add(depositEvent(0, alice, 1000n));
    const first = await start();
    await until(() => world.chains.every(({ counters }) => counters.executed === 1), 'first block');
    await first.stop();
    const transaction = signedWithdraw(alice, 9n, { leafIndex: 0, nonce: 0, amount: 5n });
    await store.acceptTransaction({ id: 'waiting', transaction });
    outer[2]!.add(depositEvent(0, bob, 1n));
    const second = await start();
    await until(() => world.chains.every(({ counters }) => counters.executed === 2), 'second block');
    expect(await second.view.transaction('waiting')).toMatchObject({ status: 'included' });
    expect(world.log.filter((line) => line.startsWith('commit 0'))).toEqual(['commit 0 1', 'commit 0 2']);
  });

  it('goes by the time of the chains when all of them are ahead', async () => {
    const { world, outer, start } = coreWorld();
    const ahead = Math.floor(Date.now() / 1000) + 4 * 86_400;
    for (const chain of world.chains) chain.counters = { ...chain.counters, time: ahead };
    for (const i of [0, 1, 2]) world.takesFrom(i, ahead - 86_400);
    outer[0]!.add(depositEvent(0, alice, 1000n));
    const core = await start();
    await until(() => world.chains.every(({ counters }) => counters.executed === 1), 'execution');
    expect((await core.view.block(1))!.timestamp).toBeGreaterThanOrEqual(ahead);
    expect(world.refusals).toEqual([]);
    // Signatures are compared with the same time.
    const late = signedWithdraw(alice, 9n, { leafIndex: 0, nonce: 0, amount: 5n, validUntil: ahead - 60 });
    await expect(core.view.submit(late)).rejects.toMatchObject({ facts: { reason: 'expired', minimum: expect.any(Number) as number } });
  });

  it('reports a block that was sealed too long ago', async () => {
    const { world, outer, start, old } = coreWorld();
    const now = Math.floor(Date.now() / 1000);
    world.takesFrom(2, now + 1000);
    outer[0]!.add(depositEvent(0, alice, 1000n));
    await start();
    await until(() => old.length > 0, 'the report');
    expect(old[0]).toMatchObject({ chainIndex: 2, blockNumber: 1, minimum: now + 1000 });
  });

  it('makes the proofs that a stopped run left open', async () => {
    const { world, outer, start } = coreWorld();
    outer[0]!.add(depositEvent(0, alice, 1000n));
    const first = await start({ prove: async (_, signal) => await new Promise((__, reject) => signal.addEventListener('abort', () => reject(new Error('cancelled')))) });
    await until(() => world.chains.every(({ counters }) => counters.committed === 1), 'commit');
    await first.stop();
    expect(world.chains[0]!.counters.proved).toBe(0);
    await start();
    await until(() => world.chains.every(({ counters }) => counters.executed === 1), 'execution');
  });

  it('halts when the audit refuses a proof, and takes no transactions any more', async () => {
    const { world, outer, start } = coreWorld();
    outer[0]!.add(depositEvent(0, alice, 1000n));
    const core = await start({ verifyProof: async () => false });
    await until(() => core.driver.halted !== null, 'halt');
    expect(core.driver.halted?.message).toContain('a proof is not valid');
    expect(world.chains[0]!.counters.proved).toBe(0);
    expect((await core.view.status()).halted).toMatchObject({ facts: { blockNumber: 1 } });
    await expect(core.view.submit(signedWithdraw(alice, 9n, { leafIndex: 0, nonce: 0, amount: 5n }))).rejects.toThrow('has halted');
  });

  it('holds everything back while a request that it used is missing, and goes on when it returns', async () => {
    const { world, outer, start, lost, lines } = coreWorld();
    let mayProve = false;
    const core = await start({
      prove: async (job, signal) => {
        while (!mayProve && !signal.aborted) await new Promise((resolve) => setTimeout(resolve, 2));
        return await prove(job, signal);
      },
    });
    const deposit = depositEvent(0, alice, 1000n);
    outer[0]!.add(deposit);
    await until(() => world.chains.every(({ counters }) => counters.committed === 1), 'commit');
    outer[0]!.reorg(1);
    await until(() => lost.length > 0, 'loss');
    expect(lost[0]).toMatchObject({ chainIndex: 0, requestId: 0, blockNumber: 1, found: null });
    expect(core.ceiling).toBe(0);
    mayProve = true;
    await new Promise((resolve) => setTimeout(resolve, 40));
    expect(world.chains[0]!.counters.proved).toBe(0);
    outer[0]!.blocks.push(null);
    outer[0]!.add(deposit);
    await until(() => world.chains.every(({ counters }) => counters.executed === 1), 'execution');
    expect(lines.some((line) => line.includes('on their chains again'))).toBe(true);
  });

  it('drops blocks that use a request which another one replaced, and seals anew', async () => {
    const { world, outer, store, start, lost } = coreWorld();
    outer[0]!.add(depositEvent(0, alice, 1000n));
    const first = await start({ prove: async (_, signal) => await new Promise((__, reject) => signal.addEventListener('abort', () => reject(new Error('cancelled')))) });
    await until(() => world.chains.every(({ counters }) => counters.committed === 1), 'commit');
    const { id } = await first.view.submit(signedWithdraw(alice, 9n, { leafIndex: 0, nonce: 0, amount: 5n }));
    await until(async () => (await first.view.transaction(id))?.status === 'included', 'second block');
    outer[0]!.reorg(1);
    outer[0]!.add(depositEvent(0, bob, 3n));
    await until(() => lost.some(({ found }) => found !== null), 'loss');
    await first.stop();
    const rollups = world.rollups;
    await dropBlocks({ from: 1, rollups, store, progress: { report: () => {} }, atOnce: 1 });
    expect(world.chains.map(({ counters }) => counters.committed)).toEqual([0, 0, 0]);
    // From the top, one after the other.
    expect(world.log.filter((line) => line.startsWith('revert 0'))).toEqual(['revert 0 1', 'revert 0 0']);
    expect(await store.lastBlock()).toBe(0);
    const second = await start();
    await until(() => world.chains.every(({ counters }) => counters.executed === 1), 'execution');
    expect(second.view.leavesOf(bob.owner)).toMatchObject([{ leafIndex: 0, balance: 3n }]);
    expect(await second.view.transaction(id)).toMatchObject({ status: 'dropped' });
    // What is synced cannot be taken back any more.
    await expect(dropBlocks({ from: 1, rollups, store, progress: { report: () => {} } })).rejects.toThrow(TooLateError);
  });

  it('does not take transactions of one nonce twice when they come at the same time', async () => {
    const { world, outer, start } = coreWorld();
    outer[0]!.add(depositEvent(0, alice, 1000n));
    const core = await start();
    await until(() => world.chains.every(({ counters }) => counters.executed === 1), 'first block');
    const answers = await Promise.allSettled([5n, 6n, 7n].map((amount) => core.view.submit(signedWithdraw(alice, 9n, { leafIndex: 0, nonce: 0, amount }))));
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
  });
});
