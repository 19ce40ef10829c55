import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestClient, http, parseEther, publicActions, toHex } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { afterAll, afterEach, expect, test } from 'vitest';
import { createRollupClient, type RollupClient } from '../../../chain/client/rollupClient.ts';
import { publicClient } from '../../../chain/clients.ts';
import type { ChainDeployment } from '../../../chain/deployments.ts';
import { testAccount, type UserName } from '../../../devnet/accounts.ts';
import { type Devnet, startDevnet, type StartDevnetOptions } from '../../../devnet/devnet.ts';
import { acceptAllProofs, zeroProver } from './zeroProofs.ts';

const root = mkdtempSync(join(tmpdir(), 'state-test-'));
const running: Devnet[] = [];
afterEach(async (context) => {
  const files = context.task.result?.state === 'fail' ? running.flatMap(({ logs }) => [logs['sequencer'], logs['relayers']]) : [];
  for (const file of files) if (file !== undefined) process.stderr.write(readFileSync(file, 'utf8').split('\n').slice(-40).join('\n'));
  for (const devnet of running.splice(0)) await devnet.stop();
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

let folders = 0;
async function start(options: StartDevnetOptions = {}): Promise<Devnet> {
  const devnet = await startDevnet({ folder: join(root, String(++folders)), sequencerOptions: { prover: zeroProver(), pollMs: 30, policy: { blockIntervalMs: 100 } }, relayers: { pollInterval: 50 }, ...options });
  running.push(devnet);
  return devnet;
}

function userOf({ deployment, sequencerUrl = '' }: Devnet, name: UserName): RollupClient {
  return createRollupClient({ deployment, sequencerUrl, account: privateKeyToAccount(testAccount(name).privateKey) });
}

async function l2Balance(client: RollupClient, chainIndex: number): Promise<bigint> {
  return (await client.balances()).filter((balance) => balance.chainIndex === chainIndex && balance.token === 1).reduce((sum, { l2 }) => sum + l2, 0n);
}

const LINEA = 0;
const settled = { stage: 'executed', timeoutMilliseconds: 60_000 } as const;
const seconds = (begin: number): string => `${((performance.now() - begin) / 1000).toFixed(2)} s`;

function nodeOf(chain: ChainDeployment) {
  return createTestClient({ mode: 'anvil', transport: http(chain.rpcUrl) }).extend(publicActions);
}

/** All clocks show the same, `ahead` seconds after this machine's: some moment between `since` (milliseconds) and now, on a machine of any speed. */
async function expectClocks({ deployment }: Devnet, ahead: number, since = Date.now()): Promise<void> {
  const begin = Date.now();
  const times = await Promise.all(deployment.chains.map(async (chain) => Number((await publicClient(chain).getBlock({ blockTag: 'pending' })).timestamp)));
  for (const time of times) {
    expect(time - ahead).toBeGreaterThanOrEqual(Math.floor(since / 1000) - 1);
    expect(time - ahead).toBeLessThanOrEqual(Math.ceil(Date.now() / 1000) + 1);
  }
  expect(Math.max(...times) - Math.min(...times)).toBeLessThanOrEqual((Date.now() - begin) / 1000 + 1);
}

test('snapshot and revert take back chains, sequencer and clocks, as often as wanted; a dump with messages on their way goes on elsewhere', async () => {
  const devnet = await start();
  await acceptAllProofs(devnet.deployment);
  const [alice, bob] = [userOf(devnet, 'alice'), userOf(devnet, 'bob')];
  const blockOf = async (submitted: Promise<{ id: string }>): Promise<number> => (await alice.waitForTransaction({ id: (await submitted).id })).blockNumber;
  const deposit = await alice.deposit({ chainIndex: LINEA, token: 1, amount: parseEther('2') });
  await alice.waitForBlockStage({ blockNumber: 1, ...settled });

  let begin = performance.now();
  const snapshot = await devnet.snapshot();
  process.stdout.write(`snapshot ${seconds(begin)}\n`);
  expect(devnet.snapshots()).toEqual([snapshot]);
  expect(snapshot).toMatchObject({ id: 1, ahead: 0, sequencer: true });

  for (const amount of [parseEther('0.5'), parseEther('0.25')]) {
    const block = await blockOf(alice.transfer({ chainIndex: LINEA, token: 1, amount, to: await bob.user() }));
    expect(block).toBe(2);
    await alice.waitForBlockStage({ blockNumber: block, ...settled });
    expect(await l2Balance(bob, LINEA)).toBe(amount);
    let since = Date.now();
    const days = 4 * 86_400;
    await devnet.passTime(days);
    await expectClocks(devnet, days, since);
    // The rollup goes on in the chains' time.
    const next = await blockOf(alice.transfer({ chainIndex: LINEA, token: 1, amount, to: await bob.user() }));
    await alice.waitForBlockStage({ blockNumber: next, ...settled });
    expect([next, await l2Balance(bob, LINEA)]).toEqual([3, 2n * amount]);
    const later = await devnet.snapshot();
    begin = performance.now();
    since = Date.now();
    expect(await devnet.revert(1)).toEqual(snapshot);
    process.stdout.write(`revert ${seconds(begin)}\n`);
    await expect(devnet.revert(later.id)).rejects.toMatchObject({ message: `There is no snapshot ${later.id}`, facts: { expected: [1] } });
    expect(await l2Balance(bob, LINEA)).toBe(0n);
    expect((await alice.status()).lastBlock).toBe(1);
    await expectClocks(devnet, 0, since);
  }

  // The relayers carry nothing: block 2 waits for its sync messages, block 3 for its place.
  await devnet.relayers.setMode('manual');
  expect(await blockOf(alice.transfer({ chainIndex: LINEA, token: 1, amount: parseEther('0.75'), to: await bob.user() }))).toBe(2);
  await alice.waitForBlockStage({ blockNumber: 2, stage: 'synced', chainIndex: LINEA });
  const { id } = await alice.transfer({ chainIndex: LINEA, token: 1, amount: parseEther('0.125'), to: await bob.user() });
  const file = join(root, 'devnet.dump');
  begin = performance.now();
  const dumped = await devnet.dump(file);
  process.stdout.write(`dump ${seconds(begin)}, ${statSync(file).size} bytes\n`);
  expect(dumped).toMatchObject({ file, bytes: statSync(file).size, sequencer: true });
  // It goes on after the dump.
  expect((await alice.waitForTransaction({ id })).blockNumber).toBe(3);
  const receipt = await publicClient(devnet.deployment.chains[LINEA] as ChainDeployment).getTransactionReceipt({ hash: deposit.receipt.transactionHash });
  await devnet.stop();

  begin = performance.now();
  const loading = Date.now();
  const again = await start({ load: file });
  process.stdout.write(`load ${seconds(begin)}\n`);
  expect(again.deployment.deploymentId).toBe(devnet.deployment.deploymentId);
  const linea = again.deployment.chains[LINEA] as ChainDeployment;
  expect(linea.rpcUrl).not.toBe(devnet.deployment.chains[LINEA]?.rpcUrl);
  expect(await publicClient(linea).getTransactionReceipt({ hash: deposit.receipt.transactionHash })).toEqual(receipt);
  expect((await publicClient(linea).getTransaction({ hash: deposit.receipt.transactionHash })).input.length).toBeGreaterThan(10);
  await expectClocks(again, 0, loading);
  expect(readdirSync(join(root, '2'))).not.toContain('load');
  const bobAgain = userOf(again, 'bob');
  await bobAgain.waitForBlockStage({ blockNumber: 3, ...settled });
  expect(await l2Balance(bobAgain, LINEA)).toBe(parseEther('0.875'));
  expect(await l2Balance(userOf(again, 'alice'), LINEA)).toBe(parseEther('2') - parseEther('0.875'));
  const to = '0x00000000000000000000000000000000000b0b00';
  const withdrawal = await bobAgain.withdraw({ chainIndex: LINEA, token: 1, amount: parseEther('0.5'), to });
  const { blockNumber } = await bobAgain.waitForTransaction({ id: withdrawal.id });
  await bobAgain.waitForBlockStage({ blockNumber, ...settled });
  await expect.poll(async () => await publicClient(linea).getBalance({ address: to }), { timeout: 20_000 }).toBe(parseEther('0.5'));
  await again.relayers.idle();
});

test('without a sequencer: a revert that one chain cannot make changes none; balances, storage and blocks go back', async () => {
  const devnet = await start({ sequencer: false });
  const [linea, zksync, ethereum] = devnet.deployment.chains as [ChainDeployment, ChainDeployment, ChainDeployment];
  const address = toHex(0xb0b, { size: 20 });
  const set = async (value: bigint): Promise<void> => {
    for (const chain of devnet.deployment.chains) {
      await nodeOf(chain).setBalance({ address, value });
      await nodeOf(chain).mine({ blocks: 1 });
    }
  };
  const values = async (): Promise<bigint[]> => await Promise.all(devnet.deployment.chains.map(async (chain) => await publicClient(chain).getBalance({ address })));
  await expect(devnet.revert(1)).rejects.toMatchObject({ message: 'There is no snapshot 1', facts: { expected: 'none was taken' } });
  // A client's own snapshot, to which it will go back on its own.
  const own = await nodeOf(linea).snapshot();
  await set(1n);
  const first = await devnet.snapshot();
  await set(2n);
  const second = await devnet.snapshot();
  await set(3n);
  await nodeOf(linea).revert({ id: own });
  await expect(devnet.revert(second.id)).rejects.toMatchObject({ message: `Snapshot ${second.id} is gone on linea`, facts: { chains: ['linea'] } });
  expect(await values()).toEqual([0n, 3n, 3n]);
  await expect(devnet.revert(first.id)).rejects.toThrow('is gone on linea');

  // A snapshot that anvil lists, but has dropped: Ethereum has gone back already when that shows, and comes back.
  const sameBlock = await nodeOf(linea).snapshot();
  const dropped = await devnet.snapshot();
  await nodeOf(ethereum).setBalance({ address, value: 9n });
  await nodeOf(ethereum).mine({ blocks: 2 });
  const head = await publicClient(ethereum).getBlock();
  await nodeOf(linea).revert({ id: sameBlock });
  await expect(devnet.revert(dropped.id)).rejects.toMatchObject({ message: `Snapshot ${dropped.id} is gone on linea`, facts: { restarted: ['ethereum'] } });
  expect((await publicClient(ethereum).getBlock()).hash).toBe(head.hash);
  expect(await values()).toEqual([0n, 3n, 9n]);
  expect(devnet.snapshots()).toEqual([]);
  await nodeOf(ethereum).setBalance({ address, value: 3n });

  const third = await devnet.snapshot();
  const blocks = await Promise.all([linea, zksync, ethereum].map(async (chain) => await publicClient(chain).getBlockNumber()));
  await set(4n);
  const since = Date.now();
  await devnet.revert(third.id);
  // A chain that is reverted alone has its clock set back by anvil; now they are equal again.
  await expectClocks(devnet, 0, since);
  expect(await values()).toEqual([0n, 3n, 3n]);
  expect(await Promise.all([linea, zksync, ethereum].map(async (chain) => await publicClient(chain).getBlockNumber()))).toEqual(blocks);

  // A devnet that was reverted dumps what it is now, not what it was.
  await set(5n);
  const file = join(root, 'plain.dump');
  await devnet.dump(file);
  await expect(devnet.dump(join(root, 'plain.dump', 'below'))).rejects.toThrow('The dump cannot be written');
  const heads = await Promise.all(devnet.deployment.chains.map(async (chain) => await publicClient(chain).getBlock()));
  await devnet.stop();
  const again = await start({ sequencer: false, load: file });
  expect(await Promise.all(again.deployment.chains.map(async (chain) => await publicClient(chain).getBalance({ address })))).toEqual([5n, 5n, 5n]);
  for (const [i, chain] of again.deployment.chains.entries()) {
    const head = heads[i];
    expect((await publicClient(chain).getBlock({ blockNumber: head?.number ?? 0n })).hash).toBe(head?.hash);
    // States at old blocks are there as well.
    expect(await publicClient(chain).getBalance({ address, blockNumber: 1n })).toBe(0n);
  }
});

test('a file that is no whole dump is refused before anything starts', async () => {
  const file = join(root, 'damaged.dump');
  copyFileSync(join(root, 'plain.dump'), file);
  writeFileSync(file, 'x', { flag: 'a' });
  const folder = join(root, 'refused');
  await expect(startDevnet({ sequencer: false, folder, load: file })).rejects.toMatchObject({ message: 'The dump is damaged' });
  await expect(startDevnet({ sequencer: false, folder, load: join(root, 'nothing.dump') })).rejects.toMatchObject({ message: 'The dump cannot be read' });
  const forks = { linea: { url: 'http://127.0.0.1:1' } };
  await expect(startDevnet({ sequencer: false, folder, load: join(root, 'plain.dump'), forks })).rejects.toMatchObject({ message: 'A devnet begins either from a file or as a fork' });
  await expect(startDevnet({ sequencer: false, folder, load: join(root, 'plain.dump'), chainIds: 'mainnet' })).rejects.toMatchObject({ message: 'The stored state lacks a chain' });
  expect(existsSync(folder) ? readdirSync(folder).filter((name) => !name.endsWith('.log')) : []).toEqual([]);
});
