import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createWalletClient, http, parseEther, type TestRpcSchema } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { publicClient, viemChain } from '../chain/clients.ts';
import { testAccount } from './accounts.ts';
import { Anvil } from './anvil.ts';
import { guardPool } from './poolGuard.ts';

const folder = mkdtempSync(join(tmpdir(), 'pool-test-'));
const anvil = new Anvil({ name: 'test', chainId: 31_351, port: 0, logFile: join(folder, 'anvil.log'), guarded: false });
beforeAll(() => anvil.start());
afterAll(async () => {
  await anvil.stop();
  rmSync(folder, { recursive: true });
});

test('transactions that anvil forgot are mined under their own hashes, and those that wait rightly are left', async () => {
  const endpoint = { name: 'test', chainId: 31_351, rpcUrl: anvil.url };
  const client = publicClient(endpoint);
  const [alice, bob] = [testAccount('alice'), testAccount('bob')];
  const send = async (from: typeof alice, nonce: number): Promise<`0x${string}`> =>
    await createWalletClient({ account: privateKeyToAccount(from.privateKey), chain: viemChain(endpoint), transport: http(anvil.url) }).sendTransaction({ to: bob.address, value: parseEther('1'), nonce });

  // Queued because nonce 0 is missing; then nonce 0 is gone without anvil looking at its queue again, as in the race.
  const forgotten = [await send(alice, 1), await send(alice, 2)];
  await client.request<TestRpcSchema<'anvil'>[number]>({ method: 'anvil_setNonce', params: [alice.address, '0x1'] });
  const waiting = await send(bob, 1);
  await client.request<{ Method: 'evm_mine'; Parameters: []; ReturnType: unknown }>({ method: 'evm_mine', params: [] });
  for (const hash of forgotten) await expect(client.getTransactionReceipt({ hash })).rejects.toThrow();

  const reports: string[] = [];
  const guard = guardPool({ rpcUrl: anvil.url, intervalMs: 50, progress: { report: (line) => reports.push(line) } });
  for (const hash of forgotten) expect((await client.waitForTransactionReceipt({ hash, timeout: 5_000 })).status).toBe('success');
  await guard.stop();
  expect(reports).toEqual([expect.stringContaining('2 queued transaction(s)')]);
  await expect(client.getTransactionReceipt({ hash: waiting })).rejects.toThrow();
});
