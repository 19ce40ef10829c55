import { describe, expect, it } from 'vitest';
import { coreWorld, EXPIRATION, until } from './coreWorld.ts';
import type { ProveStatement } from './ports.ts';
import { dropBlocks } from './recovery.ts';
import { depositEvent, farFuture, fullExitEvent, signedTransfer, signedWithdraw, testUser, worldPair } from './testSupport.ts';

/* What becomes of a core when a chain leaves normal life. */

const alice = testUser(1);
const bob = testUser(2);
const position = { blockNumber: 0, blockHash: '0x', transactionHash: '0xabc', logIndex: 0 } as const;
const never: ProveStatement = async (_, signal) => await new Promise((__, reject) => signal.addEventListener('abort', () => reject(new Error('cancelled'))));
const withdrawal = (nonce: number) => signedWithdraw(alice, 9n, { leafIndex: 0, nonce, amount: 5n });
const pause = async (): Promise<void> => await new Promise((resolve) => setTimeout(resolve, 60));

/** A core with block 1 executed everywhere, and a withdrawal in block 2, which every chain has sent and nobody confirms. */
async function withUnconfirmedBlock() {
  const made = coreWorld();
  const { world, outer, start } = made;
  outer[0]!.add(depositEvent(0, alice, 1000n));
  const core = await start();
  await until(() => world.chains.every(({ counters }) => counters.executed === 1), 'first block');
  world.relaying = false;
  const { id } = await core.view.submit(withdrawal(0));
  await until(() => world.chains.every(({ counters }) => counters.synced === 2), 'second block');
  return { ...made, core, id };
}

describe('core in exit mode', () => {
  it('makes and sends nothing new, refuses transactions, answers, and says how far it is', async () => {
    const { world, outer, lines, core, id } = await withUnconfirmedBlock();
    expect(await core.view.status()).toMatchObject({ exitMode: null, arbitrator: { lastConfirmed: 1, halted: false }, chains: [{ mode: 'running', haltBlock: null, haltRoot: null, exitsOpen: false }, {}, {}] });
    const sent = world.log.length;
    outer[1]!.add({ type: 'exitModeTriggered', requestId: 3, expiresAt: 5, ...position });
    outer[2]!.add(fullExitEvent(0, bob, 0));
    world.trigger(1);
    await until(async () => (await core.view.status()).exitMode !== null, 'exit mode');
    outer[0]!.add(depositEvent(1, bob, 70n));
    const refusal = await core.view.submit(withdrawal(1)).then(() => null, (error: Error & { facts: Record<string, unknown>; hint: string }) => error);
    expect(refusal).toMatchObject({ message: expect.stringContaining('not served in time on chain 1') as string, facts: { reason: 'exitMode', lastConfirmed: 1 }, hint: expect.stringContaining('`recover`') as string });
    await expect(core.view.requestPair(worldPair)).rejects.toMatchObject({ facts: { reason: 'exitMode' } });
    await pause();
    expect((await core.view.status()).chains.map(({ mode, exitTransactions }) => [mode, exitTransactions])).toEqual([['running', {}], ['stopped', { trigger: '0xabc' }], ['running', {}]]);
    expect(world.log.slice(sent).filter((line) => /^(commit|prove|sync)/.test(line))).toEqual([]);
    expect((await core.view.status()).lastBlock).toBe(2);
    expect(core.view.leaf(0, 0)).toMatchObject({ balance: 995n });
    expect(await core.view.transaction(id)).toMatchObject({ status: 'included', blockNumber: 2 });

    world.requestHalt(1);
    await until(async () => (await core.view.status()).arbitrator.halted, 'halt');
    expect((await core.view.status()).exitMode?.message).toContain('halts at block 1; the halt has not arrived at: chain 0, chain 1, chain 2');
    expect(await core.view.transaction(id)).toEqual({ id, status: 'dropped', reason: 'exitMode: block 2 was not confirmed before the rollup halted at block 1' });
    // What the chains have sent cannot be confirmed any more, and that is no mismatch.
    world.relaying = true;
    world.chains.forEach((_, i) => world.deliverHalt(i));
    await until(async () => (await core.view.status()).chains.every(({ exitsOpen }) => exitsOpen), 'exits');
    const status = await core.view.status();
    const root = (await core.view.block(1))?.finalRoot;
    expect(status.chains.map(({ mode, haltBlock, haltRoot }) => [mode, haltBlock, haltRoot])).toEqual(Array.from({ length: 3 }, () => ['halted', 1, root]));
    expect(status.exitMode?.message).toBe('Exits are open on every chain, at block 1');
    expect([core.driver.halted, status.halted]).toEqual([null, null]);
    expect(world.refusals).toEqual([]);
    const reported = ['EXIT MODE: Exit mode: a request was not', 'EXIT MODE: The rollup halts at block 1;', 'EXIT MODE: Exits are open on every chain'];
    await until(() => reported.every((text) => lines.filter((line) => line.startsWith(text)).length > 0), 'the log');
  });

  it('executes what was confirmed before the halt, and pays it', async () => {
    const { world, outer, start } = coreWorld();
    outer[0]!.add(depositEvent(0, alice, 1000n));
    outer[1]!.add(fullExitEvent(0, bob, 7));
    const core = await start();
    await until(() => world.chains.every(({ counters }) => counters.executed === 1), 'first block');
    world.hook = (call, when) => {
      if (call === 'execute' && when === 'before') throw new Error('the node is away');
    };
    await core.view.submit(withdrawal(0));
    await until(() => world.lastConfirmed === 2, 'second block');
    // Chain 0 learns of the halt while block 2 is confirmed and not executed.
    world.chains[2]!.counters = { ...world.chains[2]!.counters, mode: 'stopped' };
    world.requestHalt(2);
    world.chains.forEach((_, i) => world.deliverHalt(i));
    await until(async () => (await core.view.status()).exitMode?.message === 'The rollup has halted at block 2; not executed up to it yet: chain 0, chain 1, chain 2', 'halt');
    world.hook = () => {};
    await until(async () => (await core.view.status()).chains.every(({ exitsOpen }) => exitsOpen), 'exits');
    await until(() => world.chains[0]!.paid.length === 1, 'payment');
    // The bond of the full exit that paid nothing is its receiver's to fetch.
    expect([...world.chains[1]!.pending]).toEqual([[`${world.bondReceiver}/1`, world.exitBond]]);
  });

  it('starts in exit mode and answers', async () => {
    const { world, start, core, outer, lines } = await withUnconfirmedBlock();
    world.trigger(0);
    await core.stop();
    const before = world.log.length;
    expect(() => outer[0]!.add(depositEvent(1, bob, 70n))).toThrow('WrongMode');
    const again = await start();
    await expect(again.view.submit(withdrawal(1))).rejects.toMatchObject({ facts: { reason: 'exitMode' } });
    expect(again.view.leavesOf(alice.owner)).toMatchObject([{ balance: 995n }]);
    await pause();
    expect(world.log.slice(before)).toEqual([]);
    expect(lines.filter((line) => line.startsWith('EXIT MODE')).length).toBeGreaterThan(0);
  });

  it('goes on when a reorg takes the trigger back', async () => {
    const { world, core, lines, outer } = await withUnconfirmedBlock();
    world.trigger(2);
    await until(async () => (await core.view.status()).exitMode !== null, 'exit mode');
    world.chains[2]!.counters = { ...world.chains[2]!.counters, mode: 'running' };
    await until(() => lines.some((line) => line.includes('no chain is in exit mode any more')), 'normal life');
    outer[1]!.add(depositEvent(0, bob, 70n));
    world.relaying = true;
    await until(() => world.chains.every(({ counters }) => counters.executed === 3), 'third block');
    expect(await core.view.submit(withdrawal(1))).toMatchObject({ id: expect.any(String) as string });
  });

  it('does not take blocks back', async () => {
    const { world, store, core } = await withUnconfirmedBlock();
    world.trigger(1);
    await core.stop();
    const said: string[] = [];
    expect(await dropBlocks({ from: 2, rollups: world.rollups, store, progress: { report: (line) => said.push(line) } })).toBe(false);
    expect(said).toEqual([expect.stringContaining('blocks from 2 on stay: chain 1 is stopped')]);
    expect([world.log.some((line) => line.startsWith('revert')), await store.lastBlock()]).toEqual([false, 2]);
  });

  it('shows exit mode also when a fault has halted it before', async () => {
    const { world, outer, start } = coreWorld();
    outer[0]!.add(depositEvent(0, alice, 1000n));
    const core = await start({ verifyProof: async () => false });
    await until(() => core.driver.halted !== null, 'fault');
    await expect(core.view.submit(withdrawal(0))).rejects.toThrow('has halted');
    world.trigger(0);
    await until(async () => (await core.view.status()).exitMode !== null, 'exit mode');
    expect((await core.view.status()).halted).not.toBe(null);
    await expect(core.view.submit(withdrawal(0))).rejects.toMatchObject({ facts: { reason: 'exitMode' } });
  });
});

describe('core and the expiry of requests', () => {
  it('warns in log and status when half of the time of the oldest has passed, and is silent when it is executed', async () => {
    const { world, outer, start, lines } = coreWorld();
    outer[1]!.add(depositEvent(0, alice, 1000n));
    outer[2]!.add(fullExitEvent(0, alice, 0));
    let passed = 0.25;
    const began = Date.now();
    const now = (): number => (farFuture - (1 - passed) * EXPIRATION) * 1000 + Date.now() - began;
    const first = await start({ prove: never, now });
    await until(() => world.chains.every(({ counters }) => counters.committed === 1), 'commit');
    const oldest = (await first.view.status()).chains.map(({ oldestRequest }) => oldestRequest);
    expect(oldest).toMatchObject([null, { requestId: 0, type: 'deposit', expiresAt: farFuture, passed: expect.closeTo(0.25, 3) as number }, { requestId: 0, type: 'fullExit' }]);
    expect((await first.view.status()).warnings).toEqual([]);
    passed = 0.6;
    await until(() => lines.some((line) => line.startsWith('WARNING: full exit 0 of chain 2')), 'warning');
    await pause();
    expect(lines.filter((line) => line.startsWith('WARNING'))).toHaveLength(2);
    expect((await first.view.status()).warnings).toEqual([expect.stringContaining('deposit 0 of chain 1 is not executed and 60 %'), expect.stringContaining('full exit 0 of chain 2')]);
    // The chain's clock counts when ours is late.
    passed = 0;
    world.chains[2]!.counters = { ...world.chains[2]!.counters, time: farFuture + 1 };
    await until(async () => (await first.view.status()).warnings.some((warning) => warning.includes('has expired')), 'expiry');
    expect((await first.view.status()).warnings).toHaveLength(1);
    await first.stop();

    const second = await start({ now });
    await until(() => world.chains.every(({ counters }) => counters.executed === 1), 'execution');
    await until(async () => (await second.view.status()).warnings.length === 0, 'silence');
    expect((await second.view.status()).chains.map(({ oldestRequest }) => oldestRequest)).toEqual([null, null, null]);
  });

  it('has a queue that is full when the contract says so: deposits fill half of it', async () => {
    const { world, outer } = coreWorld();
    for (let i = 0; i < 8; i++) outer[0]!.add(depositEvent(i, alice, 1n));
    expect(() => outer[0]!.add(depositEvent(8, alice, 1n))).toThrow('QueueFull');
    for (let i = 8; i < world.maxOpenRequests; i++) outer[0]!.add(fullExitEvent(i, bob, i));
    expect(() => outer[0]!.add(fullExitEvent(16, bob, 1))).toThrow('QueueFull');
  });

  it('serves a full queue, and then there is room again', async () => {
    const { world, outer, start } = coreWorld();
    for (let i = 0; i < 8; i++) outer[0]!.add(depositEvent(i, alice, 1n));
    for (let i = 8; i < 16; i++) outer[0]!.add(fullExitEvent(i, bob, i));
    const core = await start();
    await until(() => world.chains[0]!.nextToExecute === 16, 'execution');
    outer[0]!.add(depositEvent(16, bob, 5n));
    await until(() => core.view.leavesOf(bob.owner).some(({ balance }) => balance === 5n), 'deposit');
    await core.view.submit(signedTransfer(alice, bob, { leafIndex: 0, nonce: 0, amount: 1n }));
  });
});
