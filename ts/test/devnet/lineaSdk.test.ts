import { createRequire } from 'node:module';
import type { LineaSDK as Sdk } from '@consensys/linea-sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testAccount } from '../../devnet/accounts.ts';
import { type ClientWorld, ethers, startClientWorld } from './clients.ts';

const { LineaSDK } = createRequire(import.meta.url)('@consensys/linea-sdk') as { LineaSDK: typeof Sdk };

/* The unmodified client of Linea against a devnet: by its built-in name of the network, and with addresses. */

const alice = testAccount('alice');
const bob = testAccount('bob').address;
const ether = ethers.parseEther;
const abi = ['function sendMessage(address to, uint256 fee, bytes data) payable', 'function minimumFeeInWei() view returns (uint256)'];
/** The first blob keeps Ethereum's node busy for 3 s of a processor: it loads its trusted setup. */
const POLL = { timeout: 40_000, interval: 300 };
let world: ClientWorld;

beforeAll(async () => {
  world = await startClientWorld();
});
afterAll(async () => await world?.stop());

function sdkOf(network: 'linea-mainnet' | 'localhost'): Sdk {
  return new LineaSDK({
    network,
    mode: 'read-write',
    l1RpcUrl: world.ethereum.rpcUrl,
    l2RpcUrl: world.linea.rpcUrl,
    l1SignerPrivateKey: alice.privateKey,
    l2SignerPrivateKey: alice.privateKey,
    feeEstimatorOptions: { maxFeePerGas: 100_000_000_000, gasFeeEstimationPercentile: 50 },
    l2MessageTreeDepth: 5,
  });
}

/** Sends by a plain contract call; @returns the transaction's hash */
async function send({ from, to, fee, value, data = '0x' }: { from: 'ethereum' | 'linea'; to: string; fee: bigint; value: bigint; data?: string }): Promise<string> {
  const { l1Service, l2Service } = world.linea.messageService;
  const provider = new ethers.JsonRpcProvider(world[from].rpcUrl, undefined, { cacheTimeout: -1, pollingInterval: 50 });
  const service = new ethers.Contract(from === 'ethereum' ? l1Service : l2Service, abi, new ethers.Wallet(alice.privateKey, provider));
  const transaction = (await service['sendMessage']?.(to, fee, data, { value })) as { hash: string; wait(): Promise<unknown> };
  await transaction.wait();
  provider.destroy();
  return transaction.hash;
}

describe.each(['linea-mainnet', 'localhost'] as const)('network %s', (network) => {
  const addresses = (): [] | [string, string] => (network === 'localhost' ? [world.linea.messageService.l1Service, world.linea.messageService.l2Service] : []);

  it('carries a message from Ethereum to Linea', async () => {
    const sdk = sdkOf(network);
    const l1 = sdk.getL1Contract(...addresses());
    const l2 = sdk.getL2Contract(addresses()[1]);
    await world.devnet.relayers.hold({ chain: 'linea', direction: 'down' });
    const [message] = (await l1.getMessagesByTransactionHash(await send({ from: 'ethereum', to: bob, fee: 0n, value: ether('0.5') }))) ?? [];
    if (message === undefined) throw new Error('The client found no message');
    expect(message).toMatchObject({ messageSender: alice.address, destination: bob, fee: 0n, value: ether('0.5') });
    expect(await l1.getMessageByMessageHash(message.messageHash)).toMatchObject({ messageHash: message.messageHash });
    expect(await l2.getMessageStatus(message.messageHash)).toBe('UNKNOWN');
    world.devnet.relayers.release({ chain: 'linea', direction: 'down' });
    await expect.poll(async () => await l2.getMessageStatus(message.messageHash), POLL).toBe('CLAIMABLE');
    await (await l2.claim(message)).wait();
    await expect.poll(async () => await l2.getMessageStatus(message.messageHash), POLL).toBe('CLAIMED');
  });

  it('carries a message from Linea to Ethereum', async () => {
    const sdk = sdkOf(network);
    const l2 = sdk.getL2Contract(addresses()[1]);
    const claiming = sdk.getL1ClaimingService(...addresses());
    await world.devnet.relayers.hold({ chain: 'linea', direction: 'up' });
    const before = await world.l1.getBalance(bob);
    const minimum = 10n ** 14n;
    const [message] = (await l2.getMessagesByTransactionHash(await send({ from: 'linea', to: bob, fee: minimum, value: ether('0.25') + minimum }))) ?? [];
    if (message === undefined) throw new Error('The client found no message');
    expect(message).toMatchObject({ messageSender: alice.address, destination: bob, fee: 0n, value: ether('0.25') });
    expect(await claiming.isClaimingNeedingProof(message.messageHash)).toBe(true);
    expect(await claiming.getMessageStatus(message.messageHash)).toBe('UNKNOWN');
    world.devnet.relayers.release({ chain: 'linea', direction: 'up' });
    await expect.poll(async () => await claiming.getMessageStatus(message.messageHash), POLL).toBe('CLAIMABLE');
    expect(await claiming.getMessageProof(message.messageHash)).toMatchObject({ proof: expect.objectContaining({ length: 5 }) });
    expect(await claiming.estimateClaimMessageGas(message)).toBeGreaterThan(21_000n);
    await (await claiming.claimMessage(message)).wait();
    await expect.poll(async () => await claiming.getMessageStatus(message.messageHash), POLL).toBe('CLAIMED');
    expect((await world.l1.getBalance(bob)) - before).toBe(ether('0.25'));
    await expect(claiming.claimMessage(message)).rejects.toThrow();
  });
});
