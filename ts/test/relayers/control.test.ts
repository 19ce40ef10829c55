import { isAddressEqual, parseEther } from 'viem';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { testAccount } from '../../devnet/accounts.ts';
import type { MessageStatus } from '../../devnet/relayers/book.ts';
import { parseRoutes } from '../../devnet/relayers/routes.ts';
import type { Relayers } from '../../devnet/relayers/startRelayers.ts';
import { Scene } from './scene.ts';

// The network names Ethereum after the arbitrator, because no rollup is there.

const bob = testAccount('bob').address;
const sender = testAccount('deployer').address;
const FEE = parseEther('0.01');

let scene: Scene;

beforeAll(async () => {
  scene = await Scene.start();
  // What pays out the values of messages, as from its genesis on the real network.
  await scene.network.linea.control.setBalance({ address: scene.lineaServices.l2Service, value: parseEther('1') });
});
afterEach(async () => await scene?.rest());
afterAll(async () => await scene?.stop());

/** Everything by hand. */
const byHand = (): Relayers => scene.run({ manual: ['linea', 'zksync'] });
const newest = async (relayers: Relayers, chain: string, direction: string): Promise<MessageStatus> => {
  const found = (await relayers.messages()).find(({ message }) => message.chain === chain && message.direction === direction);
  if (found === undefined) throw new Error('no message');
  return found;
};

// The tests run in order on one network; block numbers go up.
describe('relayers by hand', () => {
  it('list what they would carry, carry nothing by themselves, and say where each message is', async () => {
    const relayers = byHand();
    await scene.sync(1);
    await scene.clocksPast();
    expect((await relayers.routes()).map(({ name, mode, waiting, delay, error }) => [name, mode, waiting, delay, error])).toEqual([
      ['linea finalize', 'manual', 1, 0, undefined],
      ['linea postman up', 'manual', 1, 0, undefined],
      ['linea anchor', 'manual', 0, 0, undefined],
      ['linea postman down', 'manual', 0, 0, undefined],
      ['zksync batcher', 'manual', 0, 0, undefined],
      ['zksync claimer', 'manual', 0, 0, undefined],
      ['zksync sequencer', 'manual', 0, 0, undefined],
    ]);
    const up = await newest(relayers, 'linea', 'up');
    expect(up.says).toMatch(/^sent on linea in block \d+; waits for its finalization: route linea finalize is manual$/);
    expect(up.next).toContain('relay flush linea finalize');

    const before = await scene.network.ethereum.client.getBlockNumber();
    const dry = await relayers.flush({ dryRun: true });
    expect(dry.delivered.map(({ route, fromStage, toStage }) => `${route}: ${fromStage} ${toStage}`)).toEqual([
      'linea finalize: sent finalized',
      'zksync batcher: sent executed',
      'linea postman up: finalized claimed',
      'zksync claimer: executed claimed',
    ]);
    const { from, to, value, fee, selector, hash } = dry.delivered[0]!;
    const { gateway, l1Gateway } = scene.described(0);
    expect([isAddressEqual(from, gateway), isAddressEqual(to, l1Gateway)]).toEqual([true, true]);
    expect({ value, fee, hash }).toEqual({ value: 0n, fee: 0n, hash: up.message.hash });
    expect(selector).toMatch(/^0x[0-9a-f]{8}$/);
    expect(await scene.network.ethereum.client.getBlockNumber()).toBe(before);

    const done = await relayers.flush({ routes: parseRoutes(['finalize', 'batcher']) });
    expect(done.failed).toEqual([]);
    expect(await scene.arrived(1, 0)).toBe(false);
    expect((await newest(relayers, 'linea', 'up')).says).toMatch(/^finalized on arbitrator in block \d+; waits for its claim: route linea postman up is manual$/);
    expect((await newest(relayers, 'zksync', 'up')).says).toMatch(/^executed on arbitrator in block \d+; waits for its claim: route zksync claimer is manual$/);
    const claimed = await relayers.flush();
    expect(claimed.delivered.map(({ route }) => route)).toEqual(['linea postman up', 'zksync claimer']);
    for (const chainIndex of [0, 1] as const) expect(await scene.arrived(1, chainIndex)).toBe(true);
    expect(await newest(relayers, 'linea', 'up')).toMatchObject({ stage: 'claimed', route: undefined, postman: 'CLAIMED_SUCCESS' });
    expect(await relayers.flush()).toEqual({ delivered: [], failed: [], waiting: [], stopped: [] });
  });

  it('find a message by any of its hashes, and say when there is none', async () => {
    const relayers = byHand();
    await scene.confirm(1);
    const transaction = (await scene.network.ethereum.client.getBlock()).transactions[0]!;
    const both = await relayers.message(transaction);
    expect(both.map(({ message }) => `${message.chain} ${message.direction}`).sort()).toEqual(['linea down', 'zksync down']);
    await relayers.flush({ routes: [{ direction: 'down' }] });
    for (const { message } of both) {
      const [again] = await relayers.message(message.hash);
      expect(again?.stage).toBe(message.chain === 'linea' ? 'claimed' : 'executed');
      // By the transaction of its last stage too.
      expect((await relayers.message(again!.message.places.at(-1)!.transaction))[0]?.message.hash).toBe(message.hash);
    }
    for (const chainIndex of [0, 1] as const) expect(await scene.confirmations(chainIndex)).toBe(1);
    await expect(relayers.message(`0x${'12'.repeat(32)}`)).rejects.toMatchObject({ message: 'No message has to do with this hash', facts: { actual: `0x${'12'.repeat(32)}` } });
  });

  it('name routes that there are when one is asked for that there is not', async () => {
    const relayers = byHand();
    await expect(relayers.setMode('auto', [{ chain: 'ethereum' }])).rejects.toMatchObject({ message: 'There is no such route', facts: { actual: 'ethereum' } });
    expect(() => relayers.setDelay(-1)).toThrow('whole number of seconds');
  });
});

describe('the postman', () => {
  it('claims what pays a fee; what pays none only on demand', async () => {
    const relayers = scene.run();
    const before = await scene.network.linea.client.getBalance({ address: bob });
    const free = await scene.sendDown({ to: bob, fee: 0n, value: 5n });
    await scene.sendDown({ to: bob, fee: FEE, value: 7n });
    await relayers.idle();
    const [status] = await relayers.message(free);
    expect(status).toMatchObject({ stage: 'anchored', postman: 'ZERO_FEE', message: { from: sender, to: bob, value: 5n, fee: 0n } });
    expect(status?.says).toContain('nobody claims messages with fee 0 that are not the rollup’s own');
    // A plain transfer costs what it costs; the rest of the fee is the receiver's.
    const paid = (await scene.network.linea.client.getBalance({ address: bob })) - before;
    expect(paid).toBeGreaterThan(7n);
    expect(paid).toBeLessThan(7n + FEE);
    const [report] = await relayers.retry(free);
    expect(report?.attempts.map(({ route, failure }) => [route, failure])).toEqual([['linea postman down', undefined]]);
    expect((await scene.network.linea.client.getBalance({ address: bob })) - before).toBe(paid + 5n);
  });

  it('leaves a message whose fee does not pay for the claim, and claims it on demand', async () => {
    const relayers = scene.run();
    const hash = await scene.sendDown({ to: bob, fee: 1n, value: 3n });
    await scene.until(async () => (await relayers.message(hash))[0]?.postman === 'FEE_UNDERPRICED', 'the postman has looked at the claim');
    const [status] = await relayers.message(hash);
    expect(status?.stage).toBe('anchored');
    expect(status?.says).toContain('The fee does not pay for the claim');
    await relayers.retry(hash);
    expect((await relayers.message(hash))[0]).toMatchObject({ stage: 'claimed', postman: 'CLAIMED_SUCCESS' });
  });

  it('claims everything when it sponsors', async () => {
    const relayers = scene.run({ sponsoring: true });
    const hash = await scene.sendDown({ to: bob, fee: 0n, value: 3n });
    await relayers.idle();
    expect((await relayers.message(hash))[0]).toMatchObject({ stage: 'claimed', postman: 'CLAIMED_SUCCESS' });
  });
});

describe('a request that zkSync takes and an EVM would not', () => {
  it('is executed: its gas covers what an EVM asks for the data', async () => {
    const relayers = byHand();
    const stranger = '0x00000000000000000000000000000000000b0b00';
    await scene.request({ to: stranger, value: 5n, gasLimit: 600_000n, data: `0x${'ff'.repeat(20_000)}` });
    const { delivered, failed } = await relayers.flush({ routes: parseRoutes(['zksync sequencer']) });
    expect(failed).toEqual([]);
    expect(delivered).toHaveLength(1);
    // Its value, and what the fee did not need.
    const received = await scene.network.zksync.client.getBalance({ address: stranger });
    expect(received).toBeGreaterThan(5n);
    expect(received).toBeLessThan(parseEther('1'));
  });

  it('and one that the node does not mine leaves no coins behind', async () => {
    const { zksync } = scene.network;
    const blockGas = (await zksync.client.getBlock()).gasLimit;
    await zksync.control.setBlockGasLimit({ gasLimit: 200_000n });
    const relayers = byHand();
    const held = async (): Promise<bigint> => await zksync.client.getBalance({ address: sender });
    const before = await held();
    await scene.request({ to: bob, value: 5n, gasLimit: 600_000n, data: `0x${'ff'.repeat(20_000)}` });
    expect((await relayers.flush({ routes: parseRoutes(['zksync sequencer']) })).delivered).toEqual([]);
    expect(await held()).toBe(before);
    await zksync.control.setBlockGasLimit({ gasLimit: blockGas });
    expect((await relayers.flush({ routes: parseRoutes(['zksync sequencer']) })).delivered).toHaveLength(1);
  });
});

describe('a failed delivery', () => {
  it('to Linea is tried again until the receiver takes it, once', async () => {
    const relayers = byHand();
    const before = await scene.confirmations(0);
    await scene.setRefuses(0, true);
    await scene.confirmAgain(0);
    const report = await relayers.flush();
    expect(report.failed).toHaveLength(1);
    expect(report.failed[0]).toMatchObject({ route: 'linea postman down', fromStage: 'anchored', toStage: 'claimed', reason: expect.stringContaining('claimMessage on linea: reverted with') as string });
    expect(report.failed[0]?.trace.join('\n')).toMatch(/linea rollup\.receiveConfirmation\(.*✗/);
    await scene.setRefuses(0, false);
    const [retried] = await relayers.retry(report.failed[0]!.hash);
    expect(retried?.status).toMatchObject({ stage: 'claimed', failure: undefined });
    expect(await scene.confirmations(0)).toBe(before + 1);
  });

  it('to zkSync is final, and says why', async () => {
    const relayers = byHand();
    await scene.setRefuses(1, true);
    await scene.confirmAgain(1);
    const report = await relayers.flush({ routes: parseRoutes(['sequencer']) });
    expect(report.failed).toMatchObject([{ route: 'zksync sequencer', toStage: 'failed' }]);
    await scene.setRefuses(1, false);
    const status = await newest(relayers, 'zksync', 'down');
    expect(status.says).toMatch(/^failed on zksync in block \d+: .* that is for good/);
    expect(status.next).toContain('Send it again');
    expect(status.failure?.trace?.lines.join('\n')).toMatch(/zksync rollup\.receiveConfirmation\(.*✗/);
    expect((await relayers.retry(status.message.hash))[0]?.attempts).toEqual([]);
  });
});

describe('time', () => {
  it('passes on all chains in step and lets go on what a delay holds', async () => {
    const relayers = byHand();
    relayers.setDelay(900, [{ chain: 'linea', role: 'anchor' }, { role: 'sequencer' }]);
    await scene.confirmAgain(0);
    await scene.confirmAgain(1);
    const before = [await scene.confirmations(0), await scene.confirmations(1)];
    const early = await relayers.flush();
    expect(early.delivered).toEqual([]);
    expect(early.waiting.map(({ route }) => route)).toEqual(['linea anchor', 'zksync sequencer']);
    const timestamp = await relayers.passTime(900);
    const chains = [scene.network.ethereum, scene.network.linea, scene.network.zksync];
    expect(new Set(await Promise.all(chains.map(async ({ client }) => (await client.getBlock()).timestamp)))).toEqual(new Set([timestamp]));
    const due = await relayers.flush();
    expect(due.failed).toEqual([]);
    expect([await scene.confirmations(0), await scene.confirmations(1)]).toEqual(before.map((count) => count + 1));

    await scene.confirmAgain(0);
    const forced = await relayers.flush({ now: true });
    expect(forced.delivered.map(({ route }) => route)).toEqual(['linea anchor', 'linea postman down']);
    await expect(relayers.passTime(0)).rejects.toThrow('whole seconds');
  });
});

// Last, because every new postman tries it again.
describe('a message that cannot be executed', () => {
  it('is given up by the postman, and tried again on demand, with a trace', async () => {
    const relayers = scene.run();
    const { gateway } = scene.described(0);
    const hash = await scene.sendDown({ to: gateway, fee: FEE, value: 0n, data: '0x12345678' });
    await relayers.idle();
    const [status] = await relayers.message(hash);
    expect(status).toMatchObject({ stage: 'anchored', postman: 'NON_EXECUTABLE' });
    expect(status?.says).toMatch(/its claim failed 3 times: claimMessage on linea: reverted with/);
    expect(status?.failure?.trace?.lines[0]).toMatch(/^CALL L2MessageService\.claimMessage\(_from: |^CALL L2MessageService\.claimMessage\(from: /);
    const [report] = await relayers.retry(hash);
    expect(report?.attempts).toHaveLength(1);
    expect(report?.attempts[0]?.failure).toContain('reverted with');
    expect(report?.attempts[0]?.trace?.lines.some((line) => line.includes('✗'))).toBe(true);
  });
});
