import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Hex, keccak256, parseEther, toHex } from 'viem';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { lineaRollupAbi, zkSyncChainAbi } from '../../chain/generated/abi.ts';
import { testAccount } from '../../devnet/accounts.ts';
import { type Relayers, type RouteOptions, startRelayers } from '../../devnet/relayers/startRelayers.ts';
import { chainTime } from '../../devnet/relayers/sender.ts';
import { operator, relayer, startNetwork, type TestNetwork } from './network.ts';

const folder = mkdtempSync(join(tmpdir(), 'relayers-'));
const FINAL_ROOT = 77n;
const FEE = parseEther('0.0001');
const hashOf = (blockNumber: number, chainIndex: number): Hex => keccak256(toHex(`block ${blockNumber} of chain ${chainIndex}`));

let network: TestNetwork;
let running: Relayers | undefined;
let lines: string[] = [];

beforeAll(async () => {
  network = await startNetwork(folder);
});
afterEach(async () => {
  await running?.stop();
  running = undefined;
});
afterAll(async () => {
  await network?.stop();
  rmSync(folder, { recursive: true, force: true });
});

function start(options: { defaults?: RouteOptions; routes?: Record<string, RouteOptions> } = {}): Relayers {
  lines = [];
  running = startRelayers({
    deployment: network.deployment,
    keys: { relayer: relayer.privateKey, operator: operator.privateKey },
    ...options,
    defaults: { pollInterval: 40, ...options.defaults },
    log: (line) => lines.push(line),
  });
  return running;
}

const chainOf = (chainIndex: 0 | 1) => (chainIndex === 0 ? network.linea : network.zksync);
const described = (chainIndex: 0 | 1) => network.deployment.chains[chainIndex]!;

/** Linea sends the list of all hashes, zkSync its own. */
async function sync(chainIndex: 0 | 1, blockNumber: number, ownHash = hashOf(blockNumber, chainIndex)): Promise<void> {
  const { rollup, gateway } = described(chainIndex);
  if (chainIndex === 0) await network.linea.write('RollupDouble', rollup, 'syncAll', [gateway, blockNumber, FINAL_ROOT, [ownHash, hashOf(blockNumber, 1)]], FEE);
  else await network.zksync.write('RollupDouble', rollup, 'sync', [gateway, blockNumber, ownHash]);
}

async function arrived(chainIndex: 0 | 1, blockNumber: number): Promise<Hex> {
  return await network.ethereum.read('Arbitrator', network.deployment.arbitrator, 'syncHashOf', [chainIndex, blockNumber]);
}

async function confirm(blockNumber: number): Promise<void> {
  await network.ethereum.write('Arbitrator', network.deployment.arbitrator, 'confirmBlock', [blockNumber], parseEther('0.1'));
}

async function confirmAgain(chainIndex: 0 | 1): Promise<void> {
  await network.ethereum.write('Arbitrator', network.deployment.arbitrator, 'sendConfirmation', [chainIndex], parseEther('0.1'));
}

async function confirmed(chainIndex: 0 | 1): Promise<{ block: number; hash: Hex; count: bigint }> {
  const { rollup } = described(chainIndex);
  const read = async <T>(name: string): Promise<T> => await chainOf(chainIndex).read<T>('RollupDouble', rollup, name);
  return { block: await read('confirmedBlock'), hash: await read('confirmedHash'), count: await read('confirmations') };
}

async function setRefuses(chainIndex: 0 | 1, refuses: boolean): Promise<void> {
  await chainOf(chainIndex).write('RollupDouble', described(chainIndex).rollup, 'setRefuses', [refuses]);
}

async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const end = Date.now() + 30_000;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`did not happen in time: ${what}\n${lines.join('\n')}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const diamond = (): Hex => {
  const { messageService } = described(1);
  if (messageService.kind !== 'zksync') throw new Error('not zkSync');
  return messageService.diamond;
};
const lineaRollup = (): Hex => {
  const { messageService } = described(0);
  if (messageService.kind !== 'linea') throw new Error('not Linea');
  return messageService.l1Service;
};

// The tests run in order on one network; block numbers go up.
describe('relayers on three chains', () => {
  it('carry sync hashes up and confirmations down on both routes', async () => {
    const relayers = start();
    await relayers.idle();
    await sync(0, 1);
    await sync(1, 1);
    await relayers.idle();
    expect(await arrived(0, 1)).toBe(hashOf(1, 0));
    expect(await arrived(1, 1)).toBe(hashOf(1, 1));
    await confirm(1);
    await relayers.idle();
    expect(await confirmed(0)).toEqual({ block: 1, hash: hashOf(1, 0), count: 1n });
    expect(await confirmed(1)).toEqual({ block: 1, hash: hashOf(1, 1), count: 1n });
    expect(relayers.status().every(({ waiting, error }) => waiting === 0 && error === undefined)).toBe(true);
  });

  it('execute priority transactions in the name of the aliased gateway, give its nonce back and refund the surplus', async () => {
    const { l1Gateway, gateway } = described(1);
    const alias = `0x${((BigInt(l1Gateway) + 0x1111000000000000000000000000000000001111n) & ((1n << 160n) - 1n)).toString(16).padStart(40, '0')}` as const;
    expect(await network.zksync.client.getTransactionCount({ address: alias })).toBe(0);
    expect(await network.zksync.client.getBalance({ address: alias })).toBe(0n);
    const before = await network.zksync.client.getBalance({ address: gateway });
    const deployer = await network.zksync.client.getBalance({ address: testAccount('deployer').address });
    const relayers = start();
    await confirmAgain(1);
    await relayers.idle();
    // The deployer called, so what the confirmation did not use of its fee is the deployer's on zkSync.
    expect(await network.zksync.client.getBalance({ address: testAccount('deployer').address })).toBeGreaterThan(deployer);
    expect(await network.zksync.client.getBalance({ address: gateway })).toBe(before);
    expect(await network.zksync.client.getTransactionCount({ address: alias })).toBe(0);
    expect((await confirmed(1)).count).toBe(2n);
  });

  it('take 35 messages up in one finalization with two trees', async () => {
    for (let block = 2; block <= 36; block++) await sync(0, block);
    const before = await network.ethereum.client.getBlockNumber();
    // Ethereum takes only blocks that are older than its own.
    const { timestamp } = await network.linea.client.getBlock();
    await until(async () => (await chainTime(network.ethereum.client)) > timestamp, 'a second passed');
    const relayers = start();
    await relayers.idle();
    for (let block = 2; block <= 36; block++) expect(await arrived(0, block)).toBe(hashOf(block, 0));
    const roots = await network.ethereum.client.getContractEvents({ abi: lineaRollupAbi, address: lineaRollup(), eventName: 'L2MerkleRootAdded', fromBlock: before + 1n });
    expect(roots).toHaveLength(2);
    expect(new Set(roots.map(({ transactionHash }) => transactionHash)).size).toBe(1);
  });

  it('go on after restarts in the middle, and carry everything once', async () => {
    const relayers = start();
    for (let block = 2; block <= 36; block++) await sync(1, block);
    await until(() => relayers.status().some(({ name, carried }) => name === 'zksync batcher' && carried > 0), 'a first batch');
    await relayers.stop();
    const second = start();
    await until(async () => (await arrived(1, 20)) !== `0x${'00'.repeat(32)}`, 'block 20');
    await second.stop();
    await confirm(30);
    await confirmAgain(0);
    await confirmAgain(0);
    await confirmAgain(1);
    const third = start();
    await until(() => lines.some((line) => line.startsWith('linea anchor')), 'anchored');
    await third.stop();
    const fourth = start();
    await fourth.idle();
    for (let block = 2; block <= 36; block++) expect(await arrived(1, block)).toBe(hashOf(block, 1));
    expect(await confirmed(0)).toEqual({ block: 30, hash: hashOf(30, 0), count: 4n });
    expect(await confirmed(1)).toEqual({ block: 30, hash: hashOf(30, 1), count: 4n });
    // A fifth start finds nothing.
    await fourth.stop();
    await start().idle();
    expect(lines).toEqual([]);
  });

  it('try a message again until its receiver takes it', async () => {
    const relayers = start();
    await setRefuses(0, true);
    await confirmAgain(0);
    await until(() => lines.some((line) => line.includes('not delivered')), 'a refusal');
    expect(lines.find((line) => line.includes('not delivered'))).toMatch(/^linea postman down: message \d+ \(0x[0-9a-f]{8}…\) not delivered: claimMessage on linea: reverted with .*; tries again$/);
    await expect(relayers.idle({ timeout: 300 })).rejects.toThrow('Messages are still on their way after 0.3 s');
    expect(relayers.status().find(({ name }) => name === 'linea postman down')).toMatchObject({ waiting: 1 });
    await relayers.stop();
    await setRefuses(0, false);
    const before = (await confirmed(0)).count;
    await start().idle();
    expect((await confirmed(0)).count).toBe(before + 1n);
  });

  it('leave a failed priority transaction failed, with its reason and its log in a batch', async () => {
    const relayers = start();
    await setRefuses(1, true);
    await confirmAgain(1);
    await relayers.idle();
    expect(lines.find((line) => line.includes('failed for good'))).toMatch(/^zksync sequencer: priority transaction \d+ \(0x[0-9a-f]{8}…\) failed for good: .*reverted with/);
    const before = (await confirmed(1)).count;
    await setRefuses(1, false);
    await relayers.idle();
    expect((await confirmed(1)).count).toBe(before);
    await confirmAgain(1);
    await relayers.idle();
    expect((await confirmed(1)).count).toBe(before + 1n);
    const queue = await network.ethereum.client.readContract({ abi: zkSyncChainAbi, address: diamond(), functionName: 'getPriorityQueueSize' });
    expect(queue).toBe(0n);
  });

  it('let messages wait as long as their route says, by the clock of the chains', async () => {
    const wait = 3_600;
    const relayers = start({ routes: { linea: { delays: { anchor: wait, finalize: wait } }, zksync: { delays: { execute: wait } } } });
    const before = (await confirmed(0)).count;
    await sync(0, 40);
    await sync(1, 40);
    await confirmAgain(0);
    const waiting = (): string[] => relayers.status().filter((status) => status.waiting > 0).map(({ name }) => name);
    const all = ['linea anchor', 'linea finalize', 'linea postman down', 'linea postman up', 'zksync batcher'];
    await until(() => waiting().sort().join() === all.join(), 'all of them wait');
    await expect(relayers.idle({ timeout: 500 })).rejects.toThrow('still on their way');
    for (const chain of [network.ethereum, network.linea, network.zksync]) await chain.control.increaseTime({ seconds: wait });
    await relayers.idle();
    expect(await arrived(0, 40)).toBe(hashOf(40, 0));
    expect(await arrived(1, 40)).toBe(hashOf(40, 1));
    expect((await confirmed(0)).count).toBe(before + 1n);
  });

  it('follow the chains back to a snapshot', async () => {
    const relayers = start();
    await relayers.idle();
    const chains = [network.ethereum, network.linea, network.zksync];
    const snapshots = await Promise.all(chains.map(async ({ control }) => await control.snapshot()));
    const carry = async (block: number): Promise<void> => {
      await sync(0, block);
      await sync(1, block);
      await relayers.idle();
      await confirm(block);
      await relayers.idle();
      for (const chainIndex of [0, 1] as const) expect(await confirmed(chainIndex)).toMatchObject({ block, hash: hashOf(block, chainIndex) });
    };
    await carry(41);
    await carry(42);
    // Between two chains' reverts the one chain speaks of messages that the other has not sent.
    await relayers.hold();
    for (const [i, { control }] of chains.entries()) await control.revert({ id: snapshots[i]! });
    relayers.release();
    expect(await arrived(0, 41)).toBe(`0x${'00'.repeat(32)}`);
    await carry(43);
  });

  it('name the contract’s error when the arbitrator refuses a message, and deliver those after it', async () => {
    const relayers = start();
    await sync(1, 36, keccak256('0xbad0'));
    await sync(0, 36, keccak256('0xbad0'));
    await sync(1, 50);
    await sync(0, 50);
    await until(async () => (await arrived(1, 50)) === hashOf(50, 1) && (await arrived(0, 50)) === hashOf(50, 0), 'block 50');
    await until(() => lines.filter((line) => line.includes('SyncHashAlreadyReceived')).length >= 2, 'both refusals');
    const refusals = lines.filter((line) => line.includes('SyncHashAlreadyReceived'));
    expect(refusals.some((line) => line.startsWith('linea postman up: message ') && line.includes(`received ${hashOf(36, 0)}`))).toBe(true);
    expect(refusals.some((line) => line.startsWith('zksync claimer: message ') && line.includes(`received ${hashOf(36, 1)}`))).toBe(true);
    // The same refusal is not logged twice.
    expect(new Set(refusals).size).toBe(refusals.length);
    await relayers.stop();
    await expect(relayers.idle()).rejects.toThrow('The relayers were stopped');
  });
});
