import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { foundryBinary } from '../../base/paths.ts';
import { testAccount } from '../../devnet/accounts.ts';
import { type ClientWorld, ethers, startClientWorld } from './clients.ts';

/* Clients that know nothing of Linea or zkSync: ethers and cast, on every chain. */

const alice = testAccount('alice');
const bob = testAccount('bob').address;
const chains = ['ethereum', 'linea', 'zksync'] as const;
let world: ClientWorld;

/** Runs cast without holding up this process, in which the front of zkSync's node runs. */
async function cast(rpcUrl: string, ...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(foundryBinary('cast'), [...args, '--rpc-url', rpcUrl]);
  return stdout.trim();
}

beforeAll(async () => {
  world = await startClientWorld();
});
afterAll(async () => await world?.stop());

describe.each(chains)('%s', (name) => {
  it('serves ethers by HTTP and by WebSocket', async () => {
    const { rpcUrl, chainId } = world[name];
    const provider = new ethers.JsonRpcProvider(rpcUrl, undefined, { cacheTimeout: -1, pollingInterval: 50 });
    const socket = new ethers.WebSocketProvider(rpcUrl.replace('http', 'ws'));
    expect(Number((await provider.getNetwork()).chainId)).toBe(chainId);
    const headers: number[] = [];
    await socket.on('block', (number: number) => headers.push(number));
    const before = await provider.getBalance(bob);
    const transaction = await new ethers.Wallet(alice.privateKey, provider).sendTransaction({ to: bob, value: 3n });
    const receipt = await transaction.wait();
    expect(receipt).toMatchObject({ status: 1, hash: transaction.hash });
    expect((await provider.getBalance(bob)) - before).toBe(3n);
    await expect.poll(() => headers, { timeout: 5_000 }).toContain(receipt?.blockNumber);
    expect(await socket.getTransactionReceipt(transaction.hash)).toMatchObject({ hash: transaction.hash });
    await socket.destroy();
    provider.destroy();
  });

  it('serves cast', async () => {
    const { rpcUrl, chainId } = world[name];
    expect(await cast(rpcUrl, 'chain-id')).toBe(String(chainId));
    const hash = JSON.parse(await cast(rpcUrl, 'send', bob, '--value', '1', '--private-key', alice.privateKey, '--json')) as { transactionHash: string; status: string };
    expect(hash.status).toBe('0x1');
    expect(await cast(rpcUrl, 'receipt', hash.transactionHash, 'status')).toMatch(/^(?:1|true)/);
    expect(await cast(rpcUrl, 'tx', hash.transactionHash, 'value')).toBe('1');
    expect(Number(await cast(rpcUrl, 'block-number'))).toBeGreaterThan(0);
    expect(await cast(rpcUrl, 'block', 'finalized', '--field', 'number')).toMatch(/^\d+$/);
  });
});

it('cast reads what zkSync’s node says besides', async () => {
  const { rpcUrl, messageService } = world.zksync;
  expect(await cast(rpcUrl, 'rpc', 'zks_L1ChainId')).toBe('"0x7a69"');
  expect((await cast(rpcUrl, 'rpc', 'zks_getMainContract')).toLowerCase()).toBe(`"${messageService.diamond.toLowerCase()}"`);
});
