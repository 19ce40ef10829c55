import { createPublicClient, createWalletClient, defineChain, http, parseEther, toHex, webSocket } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { zksync as era } from 'viem/chains';
import { eip712WalletActions, getL2HashFromPriorityOp, publicActionsL1, publicActionsL2, walletActionsL1, walletActionsL2 } from 'viem/zksync';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { viemChain } from '../../chain/clients.ts';
import { testAccount } from '../../devnet/accounts.ts';
import { type ClientWorld, startClientWorld } from './clients.ts';

/* viem and its zkSync actions, unmodified, against a devnet. */

const bob = testAccount('bob').address;
let world: ClientWorld;
let clients: ReturnType<typeof connect>;

function connect({ zksync, ethereum }: ClientWorld) {
  const account = privateKeyToAccount(testAccount('alice').privateKey);
  const chain = defineChain({ ...era, id: zksync.chainId, rpcUrls: { default: { http: [zksync.rpcUrl] } } });
  const options = { pollingInterval: 50, cacheTime: 0 };
  const l1 = { account, chain: viemChain(ethereum), transport: http(), ...options };
  const l2 = { account, chain, transport: http(), ...options };
  return {
    account,
    publicL1: createPublicClient(l1).extend(publicActionsL1()),
    publicL2: createPublicClient(l2).extend(publicActionsL2()),
    socketL2: createPublicClient({ chain, transport: webSocket(zksync.rpcUrl.replace('http', 'ws')), ...options }),
    walletL1: createWalletClient(l1).extend(walletActionsL1()),
    walletL2: createWalletClient(l2).extend(walletActionsL2()).extend(eip712WalletActions()),
  };
}

beforeAll(async () => {
  world = await startClientWorld();
  clients = connect(world);
});
afterAll(async () => await world?.stop());

async function finalBlock(number: bigint): Promise<void> {
  const deadline = Date.now() + 20_000;
  while ((await clients.publicL2.getBlock({ blockTag: 'finalized' })).number < number) {
    if (Date.now() > deadline) throw new Error(`Block ${number} does not become final`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

it('deposits ETH', async () => {
  const { walletL1, publicL1, publicL2, account } = clients;
  const before = await publicL2.getBalance({ address: bob });
  const hash = await walletL1.deposit({ account, client: publicL2, token: '0x0000000000000000000000000000000000000000', amount: parseEther('1'), to: bob, refundRecipient: account.address });
  const receipt = await publicL1.waitForTransactionReceipt({ hash });
  const l2Hash = getL2HashFromPriorityOp(receipt, world.zksync.messageService.diamond);
  expect(await publicL2.waitForTransactionReceipt({ hash: l2Hash })).toMatchObject({ status: 'success', transactionHash: l2Hash, type: '0xff' });
  expect((await publicL2.getBalance({ address: bob })) - before).toBe(parseEther('1'));
  const transaction = await publicL2.getTransaction({ hash: l2Hash });
  expect(transaction).toMatchObject({ hash: l2Hash, type: 'priority', from: account.address.toLowerCase(), value: parseEther('1') });
  const block = await publicL2.getBlock({ blockNumber: transaction.blockNumber ?? 0n });
  expect(block.transactions).toEqual([l2Hash]);
  await finalBlock(block.number);
  expect(await publicL2.getTransactionDetails({ txHash: l2Hash })).toMatchObject({ isL1Originated: true, status: 'verified', initiatorAddress: account.address.toLowerCase() });
});

it('asks a contract on zkSync for something from Ethereum', async () => {
  const { walletL1, publicL1, publicL2, account } = clients;
  const message = toHex('hello');
  const data = `0x62f84b24${'20'.padStart(64, '0')}${'5'.padStart(64, '0')}${message.slice(2).padEnd(64, '0')}` as const;
  const hash = await walletL1.requestExecute({ account, client: publicL2, contractAddress: '0x0000000000000000000000000000000000008008', calldata: data, l2Value: 0n, l2GasLimit: 900_000n });
  const l2Hash = getL2HashFromPriorityOp(await publicL1.waitForTransactionReceipt({ hash }), world.zksync.messageService.diamond);
  const receipt = await publicL2.waitForTransactionReceipt({ hash: l2Hash });
  // Its message, then what the bootloader says of the transaction.
  expect(receipt.l2ToL1Logs.map(({ sender }) => sender)).toEqual(['0x0000000000000000000000000000000000008008', '0x0000000000000000000000000000000000008001']);
  await finalBlock(receipt.blockNumber);
  for (const index of [0, 1]) expect((await publicL2.getLogProof({ txHash: l2Hash, index }))?.proof).toHaveLength(16);
  expect(await publicL2.getLogProof({ txHash: l2Hash, index: 2 })).toBeNull();
});

it('withdraws ETH and finalizes it', async () => {
  const { walletL1, walletL2, publicL1, publicL2, account } = clients;
  const before = await publicL1.getBalance({ address: bob });
  const hash = await walletL2.withdraw({ account, amount: parseEther('0.25'), to: bob, token: '0x000000000000000000000000000000000000800a' });
  const { blockNumber } = await publicL2.waitForTransactionReceipt({ hash });
  await finalBlock(blockNumber);
  const receipt = await publicL2.getTransactionReceipt({ hash });
  expect(receipt.l1BatchNumber).toBeGreaterThan(0n);
  expect(await publicL1.isWithdrawalFinalized({ client: publicL2, hash })).toBe(false);
  await publicL1.waitForTransactionReceipt({ hash: await walletL1.finalizeWithdrawal({ account, client: publicL2, hash }) });
  expect((await publicL1.getBalance({ address: bob })) - before).toBe(parseEther('0.25'));
  expect(await publicL1.isWithdrawalFinalized({ client: publicL2, hash })).toBe(true);
  const number = Number(receipt.l1BatchNumber);
  const range = await publicL2.getL1BatchBlockRange({ l1BatchNumber: number });
  expect(range[0]).toBeLessThanOrEqual(Number(blockNumber));
  expect(range[1]).toBeGreaterThanOrEqual(Number(blockNumber));
  expect(Number(await publicL2.getL1BatchNumber())).toBeGreaterThanOrEqual(number);
  expect(await publicL2.getL1BatchDetails({ number })).toMatchObject({ number, status: 'verified' });
  expect(await publicL2.getBlockDetails({ number: Number(blockNumber) })).toMatchObject({ number: Number(blockNumber), l1BatchNumber: number, status: 'verified' });
});

it('sends a transaction of type 0x71 and sees its events on a WebSocket', async () => {
  const { walletL2, publicL2, socketL2, account } = clients;
  const seen: unknown[] = [];
  const stop = socketL2.watchEvent({ address: '0x0000000000000000000000000000000000008008', onLogs: (logs) => seen.push(...logs) });
  // It connects and subscribes on its own time.
  const { subscriptions } = await socketL2.transport.getRpcClient();
  await expect.poll(() => subscriptions.size, { timeout: 5_000 }).toBe(1);
  const hash = await walletL2.sendTransaction({
    account,
    to: '0x0000000000000000000000000000000000008008',
    data: `0x62f84b24${'20'.padStart(64, '0')}${'1'.padStart(64, '0')}${'aa'.padEnd(64, '0')}`,
    gas: 300_000n,
    gasPerPubdata: 50_000n,
    type: 'eip712',
  });
  expect(await publicL2.waitForTransactionReceipt({ hash })).toMatchObject({ status: 'success', transactionHash: hash, from: account.address.toLowerCase() });
  await expect.poll(() => seen.length, { timeout: 5_000 }).toBe(2);
  stop();
  expect(seen).toEqual([expect.objectContaining({ transactionHash: hash }), expect.objectContaining({ transactionHash: hash })]);
});
