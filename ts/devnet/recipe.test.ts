import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Abi, createPublicClient, parseEther, webSocket } from 'viem';
import { afterAll, expect, test } from 'vitest';
import { findDevnet } from '../chain/deployments.ts';
import { startDevnet } from './devnet.ts';

/* The recipe of docs/tests.md: a devnet in a test, with clients that are ready to use. */

const folder = mkdtempSync(join(tmpdir(), 'recipe-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const zero = '0x0000000000000000000000000000000000000000' as const;
let anvils: number[] = [];

/** Processes that this one started, or that they started. */
function anvilsOf(parent: number): number[] {
  const all = execFileSync('ps', ['-eo', 'pid=,ppid=,comm='], { encoding: 'utf8' }).trim().split('\n').map((line) => line.trim().split(/ +/));
  const below = (pid: number): string[][] => all.filter(([, ppid]) => Number(ppid) === pid).flatMap((child) => [child, ...below(Number(child[0]))]);
  return below(parent).filter(([, , program]) => program?.endsWith('anvil')).map(([pid]) => Number(pid));
}

test('await using starts a devnet, gives clients, and ends it', async () => {
  await using devnet = await startDevnet({ sequencer: false, folder, control: true, relayers: { pollInterval: 50 } });
  const { ethereum, linea, zksync } = devnet.clients;
  anvils = anvilsOf(process.pid);
  expect(anvils).toHaveLength(3);

  // Users are anvil's first accounts; nothing of the devnet has sent from them, and its own parts are no users.
  expect(devnet.accounts.map(({ name }) => name)).toEqual(['alice', 'bob', 'carol', 'dave', 'erin', 'frank', 'grace', 'heidi', 'ivan', 'judy']);
  expect(devnet.accounts[0]?.address).toBe('0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266');
  expect(devnet.accounts.filter(({ address }) => devnet.operators?.some((operator) => operator.address === address))).toEqual([]);
  for (const client of [ethereum.public, linea.public, zksync.public]) {
    for (const { address } of devnet.accounts) {
      expect(await client.getTransactionCount({ address })).toBe(0);
      expect(await client.getBalance({ address })).toBe(parseEther('10000'));
    }
  }

  // Ready means contracts in place and relayers polling.
  await expect.poll(async () => await devnet.ready(), { timeout: 10_000 }).toEqual({ ready: true, missing: [] });
  const lineaRollup = devnet.networks?.['ethereum']?.contracts['LineaRollup'] ?? zero;
  const code = await ethereum.public.getCode({ address: lineaRollup });
  await ethereum.test.setCode({ address: lineaRollup, bytecode: '0x' });
  expect(await devnet.ready()).toEqual({ ready: false, missing: expect.arrayContaining([`ethereum: LineaRollup is not at ${lineaRollup}`]) });
  const refused = await fetch(`${devnet.controlUrl}/ready`);
  expect(refused.status).toBe(503);
  expect(await refused.json()).toMatchObject({ ready: false, missing: expect.arrayContaining([expect.stringContaining('LineaRollup')]) });
  await ethereum.test.setCode({ address: lineaRollup, bytecode: code ?? '0x' });
  await expect.poll(async () => (await fetch(`${devnet.controlUrl}/ready`)).status, { timeout: 10_000 }).toBe(200);

  // Addresses, ABIs and URLs are all that a client needs.
  const abi = JSON.parse(readFileSync(devnet.abis?.['LineaRollup'] ?? '', 'utf8')) as Abi;
  const wallet = ethereum.wallet('alice');
  const hash = await wallet.writeContract({ address: lineaRollup, abi, functionName: 'sendMessage', args: [linea.wallet('bob').account.address, 0n, '0x'], value: 7n });
  expect(await ethereum.public.waitForTransactionReceipt({ hash })).toMatchObject({ status: 'success' });
  for (const { contracts } of Object.values(devnet.networks ?? {})) for (const name of Object.keys(contracts)) expect(existsSync(devnet.abis?.[name] ?? ''), name).toBe(true);
  const socket = createPublicClient({ transport: webSocket(devnet.networks?.['linea']?.webSocketUrl) });
  expect(await socket.getChainId()).toBe(linea.chain.id);
  (await socket.transport.getRpcClient()).close();

  // zkSync's actions are there: a deposit, from the request to its execution.
  const deposit = await wallet.deposit({ client: zksync.public, token: zero, amount: 5n, to: zksync.wallet('bob').account.address, refundRecipient: wallet.account.address });
  await ethereum.public.waitForTransactionReceipt({ hash: deposit });
  await devnet.relayers.idle();

  // The stream tells of all of it, to whoever asks and whoever listens.
  await devnet.events.refresh();
  const told = devnet.events.list().map(({ chain, kind, text }) => `${chain} ${kind} ${text}`);
  expect(told).toContainEqual(expect.stringMatching(/^ethereum sent message \d+ to linea \(0x\w{8}…\) from alice to bob, 0\.000000000000000007 ETH$/));
  expect(told).toContainEqual(expect.stringMatching(/^linea anchored 1 message/));
  expect(told).toContainEqual(expect.stringMatching(/^ethereum sent priority transaction \d+ to zksync .* from alice to bob/));
  expect(told).toContainEqual(expect.stringMatching(/^zksync claimed priority transaction/));
  expect(told).toContainEqual(expect.stringMatching(/^ethereum batch zksync's batch \d+ executed/));
  const lines = (await (await fetch(`${devnet.controlUrl}/events?after=1`)).text()).trim().split('\n').map((line) => JSON.parse(line) as { id: number });
  expect(lines[0]?.id).toBe(2);
  expect((await fetch(`${devnet.controlUrl}/events?after=now`)).status).toBe(400);
  expect((await fetch(`${devnet.controlUrl}/nothing`)).status).toBe(404);
  expect(await (await fetch(devnet.controlUrl ?? '')).json()).toMatchObject({ networks: { linea: { chainId: linea.chain.id } } });
  expect(readFileSync(devnet.logs['events'] ?? '', 'utf8')).toMatch(/ethereum {2}→ sent/);

  expect(findDevnet(join(folder, 'devnet.json'))?.networks).toEqual(devnet.networks);
});

test('after the block nothing is left of it', async () => {
  expect(anvilsOf(process.pid)).toEqual([]);
  for (const pid of anvils) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  // Its front and its control server were in this process. Its ports may be another's by now.
  await expect.poll(() => process.getActiveResourcesInfo()).not.toContain('TCPServerWrap');
  expect(findDevnet(join(folder, 'devnet.json'))).toBeUndefined();
});
