import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Fault } from '../../devnet/relayers/faults.ts';
import type { Message } from '../../devnet/relayers/message.ts';
import type { Relayers } from '../../devnet/relayers/startRelayers.ts';
import { type ChainIndex, Scene } from './scene.ts';

let scene: Scene;
let block = 0;

beforeAll(async () => {
  scene = await Scene.start();
  // Something that can be confirmed.
  const relayers = scene.run();
  await scene.sync(++block);
  await relayers.idle();
  await scene.confirm(block);
  await relayers.idle();
  await scene.rest();
});
afterEach(async () => await scene?.rest());
afterAll(async () => await scene?.stop());

const DOWN: readonly ChainIndex[] = [0, 1];

/** One message each way on each chain, whatever happens to them. */
async function sendAll(): Promise<{ up: number; down: number[] }> {
  const down = [await scene.confirmations(0), await scene.confirmations(1)];
  await scene.sync(++block);
  for (const chainIndex of DOWN) await scene.confirmAgain(chainIndex);
  return { up: block, down };
}

/** They arrived, each once. */
async function expectArrived({ up, down }: { up: number; down: number[] }): Promise<void> {
  for (const chainIndex of DOWN) {
    expect(await scene.arrived(up, chainIndex)).toBe(true);
    expect(await scene.confirmations(chainIndex)).toBe((down[chainIndex] ?? 0) + 1);
  }
}

function faultOf(relayers: Relayers, route: string): Fault {
  const fault = relayers.faults.list().find((candidate) => candidate.route === route);
  if (fault === undefined) throw new Error(`no fault on ${route}`);
  return fault;
}

const happened = (relayers: Relayers, route: string) => async (): Promise<boolean> => await Promise.resolve(faultOf(relayers, route).done.length > 0);

const ROUTES = ['linea anchor', 'linea finalize', 'linea postman down', 'linea postman up', 'zksync sequencer', 'zksync batcher', 'zksync claimer'];

// The tests run in order on one network; block numbers go up. Every one ends with all messages arrived, each once.
describe('a message that a relayer', () => {
  it('drops waits, whichever relayer that is, and goes on when the fault is cleared', async () => {
    const relayers = scene.run();
    for (const route of ROUTES) await relayers.faults.add({ kind: 'drop', route });
    const sent = await sendAll();
    // Route after route loses it; what a later one would lose has to come that far first.
    for (const route of ['linea anchor', 'linea finalize', 'zksync sequencer', 'zksync batcher', 'linea postman down', 'linea postman up', 'zksync claimer']) {
      await scene.until(happened(relayers, route), `${route} drops`);
      expect(faultOf(relayers, route).done[0]?.result).toBe('not sent');
      await relayers.faults.clear(faultOf(relayers, route).id);
    }
    await relayers.idle();
    await expectArrived(sent);
  });

  it('sends twice is refused the second time by every contract', async () => {
    const relayers = scene.run();
    const routes = ROUTES.filter((route) => route !== 'zksync sequencer');
    for (const route of routes) await relayers.faults.add({ kind: 'duplicate', route });
    const sent = await sendAll();
    await relayers.idle();
    const results = Object.fromEntries(routes.map((route) => [route, faultOf(relayers, route).done[0]?.result ?? '']));
    expect(results['linea anchor']).toMatch(/^refused: .*L1MessageNumberSynchronizationWrong/);
    expect(results['linea finalize']).toMatch(/^refused: .*StartingRootHashDoesNotMatch|^refused: .*FinalBlockNumberLessThanOrEqualToLastFinalizedBlock/);
    expect(results['linea postman down']).toMatch(/^refused: .*MessageDoesNotExistOrHasAlreadyBeenClaimed/);
    expect(results['linea postman up']).toMatch(/^refused: .*MessageAlreadyClaimed/);
    expect(results['zksync batcher']).toMatch(/^refused: .*BatchHashMismatch/);
    expect(results['zksync claimer']).toMatch(/^refused: .*MessageAlreadyFinalized/);
    await expectArrived(sent);
    await relayers.faults.clear();
    expect(relayers.faults.list()).toEqual([]);
  });

  it('was about to notice when it was killed is carried once', async () => {
    const relayers = scene.run();
    for (const route of ROUTES) await relayers.faults.add({ kind: 'kill', route });
    const sent = await sendAll();
    await scene.until(() => ROUTES.every((route) => faultOf(relayers, route).done.length > 0), 'all are killed');
    await relayers.idle();
    for (const route of ROUTES) expect(faultOf(relayers, route)).toMatchObject({ left: 0, done: [{ result: 'killed between sending and the receipt' }] });
    await expectArrived(sent);
    // The sequencer was killed before it settled: the sender's nonce was given back later.
    expect(scene.lines.some((line) => line.startsWith('zksync sequencer') && line.endsWith('settled late'))).toBe(true);
  });

  it('delays waits for the chains’ clocks', async () => {
    const relayers = scene.run();
    for (const route of ['linea anchor', 'linea finalize', 'zksync sequencer', 'zksync batcher']) await relayers.faults.add({ kind: 'delay', route, seconds: 3_600 });
    const sent = await sendAll();
    await expect(relayers.idle({ timeout: 500 })).rejects.toThrow('still on their way');
    expect(await scene.arrived(sent.up, 0)).toBe(false);
    await relayers.faults.clear();
    await relayers.idle();
    await expectArrived(sent);
  });
});

describe('messages in another order', () => {
  it('are refused where the order is proved, and taken where it does not matter', async () => {
    const relayers = scene.run({ manual: ['linea', 'zksync'] });
    const before = [await scene.confirmations(0), await scene.confirmations(1)];
    for (let i = 0; i < 2; i++) {
      await scene.sync(++block);
      for (const chainIndex of DOWN) await scene.confirmAgain(chainIndex);
    }
    for (const route of ['linea anchor', 'linea postman up', 'zksync batcher', 'zksync claimer']) await relayers.faults.add({ kind: 'reorder', route });
    await scene.clocksPast();
    await relayers.flush();
    expect(faultOf(relayers, 'linea anchor').done[0]?.result).toMatch(/^refused: .*L1RollingHashSynchronizationWrong/);
    expect(faultOf(relayers, 'linea postman up').done[0]?.result).toBe('done in this order');
    // A batch with the wrong priority transactions is committed, but no proof fits it.
    await relayers.setMode('auto');
    await scene.until(() => relayers.status().some(({ error }) => error?.includes('InvalidProof') === true), 'Ethereum refuses the batch');
    await relayers.faults.clear();
    await relayers.idle();
    for (const chainIndex of DOWN) {
      for (const number of [block - 1, block]) expect(await scene.arrived(number, chainIndex)).toBe(true);
      expect(await scene.confirmations(chainIndex)).toBe((before[chainIndex] ?? 0) + 2);
    }
    expect(scene.lines.some((line) => line.includes('taken back'))).toBe(true);
  });
});

describe('a wrong root', () => {
  it('lets no message be claimed, and loses none', async () => {
    const relayers = scene.run();
    for (const route of ['linea finalize', 'zksync batcher']) await relayers.faults.add({ kind: 'wrong-root', route });
    const sent = await sendAll();
    await scene.until(() => scene.lines.some((line) => line.includes('L2MerkleRootDoesNotExist')), 'the claim from Linea is refused');
    await scene.until(() => relayers.status().some(({ error }) => error?.includes('InvalidProof') === true), 'Ethereum refuses the batch');
    expect(faultOf(relayers, 'linea finalize').done[0]?.result).toBe('accepted: only a validity proof could tell');
    const stuck = (await relayers.messages()).find(({ message }) => message.chain === 'linea' && message.direction === 'up');
    expect(stuck?.says).toMatch(/^finalized on arbitrator .*; its claim failed .*L2MerkleRootDoesNotExist/);
    for (const chainIndex of DOWN) expect(await scene.arrived(sent.up, chainIndex)).toBe(false);
    await relayers.faults.clear();
    await relayers.idle();
    await expectArrived(sent);
    expect(scene.lines.some((line) => line.includes('1 root(s) put right'))).toBe(true);
  });
});

describe('a pause of the services', () => {
  it('stops a route with the service’s own error until it ends', async () => {
    const relayers = scene.run();
    for (const route of ['linea postman down', 'linea finalize', 'zksync batcher']) await relayers.faults.add({ kind: 'pause', route });
    const sent = await sendAll();
    const error = (name: string): string => relayers.status().find((status) => status.name === name)?.error ?? '';
    const claimIsPaused = (): boolean => scene.lines.some((line) => line.startsWith('linea postman down') && line.includes('IsPaused'));
    await scene.until(() => error('linea finalize').includes('IsPaused') && error('zksync batcher').includes('Unauthorized') && claimIsPaused(), 'all three are refused');
    await relayers.faults.clear();
    await relayers.idle();
    await expectArrived(sent);
  });

  it('is not to be had where there is none, nor without its key', async () => {
    const relayers = scene.run();
    await expect(relayers.faults.add({ kind: 'pause', route: 'zksync claimer' })).rejects.toMatchObject({ message: 'The fault pause does not fit zksync claimer' });
    await expect(relayers.faults.add({ kind: 'duplicate', route: 'zksync sequencer' })).rejects.toMatchObject({ facts: { actual: 'duplicate' } });
    await expect(relayers.faults.add({ kind: 'drop', route: 'linea' })).rejects.toThrow('A fault is on one route');
    await expect(relayers.faults.add({ kind: 'drop', route: 'linea anchor', count: 0 })).rejects.toThrow('whole number of times');
    await expect(relayers.faults.add({ kind: 'drop', route: 'linea anchor', seconds: 3 })).rejects.toThrow('takes a time');
    await expect(relayers.faults.clear(99)).rejects.toThrow('There is no such fault');
  });
});

describe('a reorg', () => {
  it('of each chain is followed: what it undid is carried again, each message once', async () => {
    const relayers = scene.run();
    const sent = await sendAll();
    await relayers.idle();
    await expectArrived(sent);
    // Linea loses anchoring and claim, zkSync the execution: nothing that Ethereum holds for final.
    const again = { up: sent.up, down: [await scene.confirmations(0), await scene.confirmations(1)] };
    await relayers.hold({ chain: 'zksync', direction: 'up' });
    for (const chainIndex of DOWN) await scene.confirmAgain(chainIndex);
    await scene.until(async () => (await scene.confirmations(0)) > (again.down[0] ?? 0) && (await scene.confirmations(1)) > (again.down[1] ?? 0), 'both arrive');
    for (const [chain, depth, stages] of [['linea', 2, ['anchored']], ['zksync', 1, ['executed']]] as const) {
      const report = await relayers.reorg(chain, depth);
      expect(report.undone.map(({ stage }) => stage)).toEqual(stages);
    }
    relayers.release({ chain: 'zksync', direction: 'up' });
    await relayers.idle();
    await expectArrived(again);
    // Ethereum loses all that it did since these two were sent: data, finalization, batch and claims.
    const { ethereum } = scene.network;
    const before = await ethereum.client.getBlockNumber();
    await scene.sync(++block);
    await relayers.idle();
    const since = ({ places }: Message): boolean => places.every((place) => place.chain !== 'arbitrator' || place.block > before);
    const newest = (await relayers.messages()).filter(({ message }) => message.direction === 'up' && since(message));
    expect(newest.map(({ message, stage }) => `${message.chain} ${stage}`).sort()).toEqual(['linea claimed', 'zksync claimed']);
    await relayers.setMode('manual');
    const report = await relayers.reorg('arbitrator', Number((await ethereum.client.getBlockNumber()) - before));
    expect(new Set(report.undone.map(({ hash }) => hash))).toEqual(new Set(newest.map(({ message }) => message.hash)));
    for (const { message } of newest) expect((await relayers.message(message.hash))[0]?.stage).toBe('sent');
    await relayers.setMode('auto');
    await relayers.idle();
    await expectArrived({ up: block, down: [(await scene.confirmations(0)) - 1, (await scene.confirmations(1)) - 1] });
  });

  it('with the same transactions undoes nothing that was signed', async () => {
    const relayers = scene.run({ manual: ['linea'] });
    const before = await scene.confirmations(0);
    await scene.confirmAgain(0);
    const sent = (await relayers.messages()).find(({ message }) => message.chain === 'linea' && message.direction === 'down');
    const { transaction, block } = sent!.message.places[0];
    const depth = Number((await scene.network.ethereum.client.getBlockNumber()) - block) + 1;
    expect(await relayers.reorg('arbitrator', depth, { again: true })).toMatchObject({ again: expect.arrayContaining([transaction]), gone: [], undone: [] });
    expect(await relayers.message(transaction)).toMatchObject([{ stage: 'sent', message: { hash: sent!.message.hash } }]);
    // Again, without them.
    const report = await relayers.reorg('arbitrator', depth);
    expect(report).toMatchObject({ again: [], gone: expect.arrayContaining([transaction]), undone: [{ hash: sent!.message.hash, stage: 'sent' }] });
    await expect(relayers.message(transaction)).rejects.toThrow('No message has to do with this hash');
    expect(await scene.confirmations(0)).toBe(before);
  });

  it('by the node itself is followed as well', async () => {
    const relayers = scene.run({ manual: ['linea postman down', 'zksync batcher', 'zksync claimer'] });
    const before = await scene.confirmations(0);
    await scene.confirmAgain(0);
    await scene.until(async () => (await relayers.messages()).every(({ stage }) => stage !== 'sent'), 'anchored');
    await scene.network.linea.control.request({ method: 'anvil_reorg', params: [1, []] } as never);
    await relayers.setMode('auto');
    await relayers.idle();
    expect(await scene.confirmations(0)).toBe(before + 1);
  });

  it('is refused where another chain has acted already, or blocks are final', async () => {
    const relayers = scene.run();
    const sent = await sendAll();
    await relayers.idle();
    await expectArrived(sent);
    const depthFrom = async (chain: 'ethereum' | 'linea', from: bigint): Promise<number> => Number((await scene.network[chain].client.getBlockNumber()) - from) + 1;
    const down = (await relayers.messages()).find(({ message }) => message.chain === 'linea' && message.direction === 'down')!.message;
    await expect(relayers.reorg('arbitrator', await depthFrom('ethereum', down.places[0].block))).rejects.toThrow(/has acted on message 0x[0-9a-f]{64} already/);
    const up = (await relayers.messages()).find(({ message }) => message.chain === 'linea' && message.direction === 'up')!.message;
    await expect(relayers.reorg('linea', await depthFrom('linea', up.places[0].block))).rejects.toThrow('linea was finalized behind that block');
    await expect(relayers.reorg('linea', 100_000)).rejects.toThrow('So many blocks cannot be replaced');
    await expect(relayers.reorg('mars', 1)).rejects.toThrow('There is no such chain');
  });
});
