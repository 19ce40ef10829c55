import { createRequire } from 'node:module';
import type { LineaSDK as Sdk } from '@consensys/linea-sdk';
import { createPublicClient, createWalletClient, http, parseAbi, parseEther, zeroAddress } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { linea, mainnet, zksync } from 'viem/chains';
import { getL2HashFromPriorityOp, publicActionsL1, publicActionsL2, walletActionsL1 } from 'viem/zksync';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { testAccount } from '../../devnet/accounts.ts';
import { type ClientWorld, startClientWorld } from './clients.ts';

const { LineaSDK } = createRequire(import.meta.url)('@consensys/linea-sdk') as { LineaSDK: typeof Sdk };

/* A devnet that goes by the ids of the real networks: clients get their own definitions of these networks and a URL, nothing else. */

const account = privateKeyToAccount(testAccount('alice').privateKey);
const bob = testAccount('bob').address;
const options = { pollingInterval: 50, cacheTime: 0 };
let world: ClientWorld;

beforeAll(async () => {
  world = await startClientWorld({ chainIds: 'mainnet' });
});
afterAll(async () => await world?.stop());

it('has the ids of the real networks, the rollup and its services at the real addresses', async () => {
  const { deployment } = world.devnet;
  expect([deployment.arbitratorChainId, ...deployment.chains.map(({ chainId }) => chainId)]).toEqual([1, 59_144, 324, 1]);
  expect(world.linea.messageService).toMatchObject({ l1Service: '0xd19d4B5d358258f05D7B411E21A1460D11B0876F', l2Service: '0x508Ca82Df566dCD1B0DE8296e70a96332cD644ec' });
  expect(world.zksync.messageService).toMatchObject({ bridgehub: '0x303a465B659cBB0ab36eE643eA362c509EEb5213', diamond: '0x32400084C286CF3E17e7B677ea9583e60a000324' });
  const l1 = createPublicClient({ chain: mainnet, transport: http(world.ethereum.rpcUrl) });
  const routerAbi = parseAbi(['function BRIDGE_HUB() view returns (address)', 'function L1_CHAIN_ID() view returns (uint256)', 'function nativeTokenVault() view returns (address)']);
  const router = { address: '0x8829AD80E425C646DAB305381ff105169FeEcE56', abi: routerAbi } as const;
  expect(await l1.readContract({ ...router, functionName: 'BRIDGE_HUB' })).toBe('0x303a465B659cBB0ab36eE643eA362c509EEb5213');
  expect(await l1.readContract({ ...router, functionName: 'L1_CHAIN_ID' })).toBe(1n);
  expect(await l1.readContract({ ...router, functionName: 'nativeTokenVault' })).toBe('0xbeD1EB542f9a5aA6419Ff3deb921A372681111f6');
});

it('viem with its own zkSync deposits', async () => {
  const walletL1 = createWalletClient({ account, chain: mainnet, transport: http(world.ethereum.rpcUrl), ...options }).extend(walletActionsL1());
  const publicL1 = createPublicClient({ chain: mainnet, transport: http(world.ethereum.rpcUrl), ...options }).extend(publicActionsL1());
  const publicL2 = createPublicClient({ chain: zksync, transport: http(world.zksync.rpcUrl), ...options }).extend(publicActionsL2());
  const before = await publicL2.getBalance({ address: bob });
  const hash = await walletL1.deposit({ account, client: publicL2, token: zeroAddress, amount: parseEther('1'), to: bob, refundRecipient: account.address });
  const l2Hash = getL2HashFromPriorityOp(await publicL1.waitForTransactionReceipt({ hash }), world.zksync.messageService.diamond);
  expect(await publicL2.waitForTransactionReceipt({ hash: l2Hash })).toMatchObject({ status: 'success' });
  expect((await publicL2.getBalance({ address: bob })) - before).toBe(parseEther('1'));
});

it('the client of Linea by its name of the network, viem by its own Linea', async () => {
  const wallet = createWalletClient({ account, chain: mainnet, transport: http(world.ethereum.rpcUrl), ...options });
  const l1 = createPublicClient({ chain: mainnet, transport: http(world.ethereum.rpcUrl), ...options });
  const l2 = createPublicClient({ chain: linea, transport: http(world.linea.rpcUrl), ...options });
  const key = testAccount('alice').privateKey;
  const sdk = new LineaSDK({ network: 'linea-mainnet', mode: 'read-write', l1RpcUrl: world.ethereum.rpcUrl, l2RpcUrl: world.linea.rpcUrl, l1SignerPrivateKey: key, l2SignerPrivateKey: key });
  const service = { address: '0xd19d4B5d358258f05D7B411E21A1460D11B0876F', abi: parseAbi(['function sendMessage(address to, uint256 fee, bytes data) payable']) } as const;
  const hash = await wallet.writeContract({ ...service, functionName: 'sendMessage', args: [bob, 0n, '0x'], value: 7n });
  await l1.waitForTransactionReceipt({ hash });
  const [message] = (await sdk.getL1Contract().getMessagesByTransactionHash(hash)) ?? [];
  if (message === undefined) throw new Error('The client found no message');
  const inbox = sdk.getL2Contract();
  await expect.poll(async () => await inbox.getMessageStatus(message.messageHash), { timeout: 10_000, interval: 300 }).toBe('CLAIMABLE');
  const before = await l2.getBalance({ address: bob });
  await (await inbox.claim(message)).wait();
  expect((await l2.getBalance({ address: bob })) - before).toBe(7n);
});
