import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { publicClient, walletClient } from '../../chain/clients.ts';
import { RevertError } from '../../chain/errors.ts';
import { primaryRollupAbi } from '../../chain/generated/abi.ts';
import { testAccount } from '../../devnet/accounts.ts';
import { testUser } from '../../sequencer/testSupport.ts';
import { addressOf } from '../../spec/hex.ts';
import { endpointOf, outboxOf, testClient, until } from './chain.ts';
import { deployRollups, EXIT_BOND, type TestDeployment } from './deployment.ts';

const logFolder = mkdtempSync(join(tmpdir(), 'outbox-'));
let test: TestDeployment;
beforeAll(async () => {
  test = await deployRollups({ anvilOf: [0], verifier: 'VerifierDouble', logFolder });
});
afterAll(async () => {
  await test.stop();
  rmSync(logFolder, { recursive: true });
});

const user = testUser(1);
const chain = () => test.deployment.chains[0]!;
const deposit = (value = 5n) => ({
  address: chain().rollup, abi: primaryRollupAbi, functionName: 'depositNative' as const, args: [addressOf(user.owner), user.keyX, user.keyY] as const, value,
});

describe('outbox', () => {
  afterEach(async () => {
    await testClient(chain()).setAutomine(true);
  });

  it('sends in order, also when it is asked at the same time', async () => {
    const outbox = outboxOf(chain(), 'alice');
    const receipts = await Promise.all([1n, 2n, 3n].map((value) => outbox.send(deposit(value))));
    const blocks = receipts.map(({ blockNumber }) => blockNumber);
    expect([...blocks].sort()).toEqual(blocks);
    expect(receipts.every(({ status }) => status === 'success')).toBe(true);
  });

  it('says which error the contract refused with, and sends nothing', async () => {
    const outbox = outboxOf(chain(), 'bob');
    const client = publicClient(chain());
    const error = await outbox.send(deposit(0n)).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RevertError);
    expect((error as RevertError).revert?.name).toBe('ZeroAmount');
    expect(await client.getTransactionCount({ address: outbox.account.address })).toBe(0);
    // A refusal does not stop the ones behind it.
    await outbox.send(deposit());
  });

  it('goes on when another program uses the account too', async () => {
    const outbox = outboxOf(chain(), 'carol');
    const wallet = walletClient({ endpoint: endpointOf(chain()), privateKey: testAccount('carol').privateKey });
    await outbox.send(deposit());
    await publicClient(chain()).waitForTransactionReceipt({ hash: await wallet.sendTransaction({ to: wallet.account.address, value: 1n }) });
    await outbox.send(deposit());
  });

  it('sends a transaction that is stuck again at a higher price', async () => {
    const outbox = outboxOf(chain(), 'dave', { stuckMs: 300 });
    await testClient(chain()).setAutomine(false);
    const sending = outbox.send(deposit());
    await new Promise((resolve) => setTimeout(resolve, 700));
    await testClient(chain()).mine({ blocks: 1 });
    const receipt = await sending;
    expect(receipt.status).toBe('success');
    const pool = await testClient(chain()).getTxpoolStatus();
    expect([pool.pending, pool.queued]).toEqual([0, 0]);
  });

  it('replaces what a former process left behind', async () => {
    const wallet = walletClient({ endpoint: endpointOf(chain()), privateKey: testAccount('operator').privateKey });
    await testClient(chain()).setAutomine(false);
    const left = await wallet.sendTransaction({ to: wallet.account.address, value: 1n });
    const sending = outboxOf(chain(), 'operator', { stuckMs: 300 }).send(deposit());
    await new Promise((resolve) => setTimeout(resolve, 500));
    await testClient(chain()).mine({ blocks: 1 });
    const receipt = await sending;
    expect(receipt.status).toBe('success');
    expect(receipt.transactionHash).not.toBe(left);
    expect(await publicClient(chain()).getTransactionReceipt({ hash: left }).catch(() => null)).toBe(null);
  });

  it('names a transaction that fails in its block', async () => {
    const outbox = outboxOf(chain(), 'prover', { stuckMs: 2000 });
    const client = testClient(chain());
    await client.setAutomine(false);
    // Deposits have filled their half of the queue by now.
    const request = { address: chain().rollup, abi: primaryRollupAbi, functionName: 'requestFullExit' as const, args: [0, 0n] as const, value: EXIT_BOND };
    const outcome = outbox.send(request).catch((thrown: unknown) => thrown);
    await until(async () => (await client.getTxpoolStatus()).pending === 1, 'the transaction waits');
    // Between the estimate and the block the contract changes: it refuses everything.
    await client.setCode({ address: chain().rollup, bytecode: '0x60006000fd' });
    await client.mine({ blocks: 1 });
    const error = await outcome;
    expect(error).toBeInstanceOf(RevertError);
    expect((error as RevertError).facts['transaction']).toMatch(/^0x[0-9a-f]{64}$/);
  });
});
