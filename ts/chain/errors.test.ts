import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeErrorResult, encodeFunctionData, type Hex, parseAbi } from 'viem';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { paths } from '../base/paths.ts';
import { testAccount } from '../devnet/accounts.ts';
import { Anvil } from '../devnet/anvil.ts';
import { buildContracts } from '../devnet/deploy.ts';
import { assertChainId, type ChainPublicClient, type ChainWalletClient, publicClient, walletClient } from './clients.ts';
import { token } from './contracts.ts';
import { decodeRevertData, RevertError, toRollupError, waitForReceipt } from './errors.ts';
import { iArbitratorAbi, iVerifierAbi, testTokenAbi } from './generated/abi.ts';
import { send } from './send.ts';

const folder = mkdtempSync(join(tmpdir(), 'chain-test-'));
const anvil = new Anvil({ name: 'test', chainId: 31_350, port: 0, logFile: join(folder, 'anvil.log') });
const [alice, bob] = [testAccount('alice'), testAccount('bob')];
let client: ChainPublicClient;
let wallet: ChainWalletClient;
let tst: Hex;

beforeAll(async () => {
  await buildContracts();
  await anvil.start();
  const endpoint = { name: 'test', chainId: 31_350, rpcUrl: anvil.url };
  client = publicClient(endpoint);
  wallet = walletClient({ endpoint, privateKey: alice.privateKey });
  const artifact = JSON.parse(readFileSync(join(paths.forgeOut, 'TestToken.sol', 'TestToken.json'), 'utf8')) as { bytecode: { object: Hex } };
  const receipt = await waitForReceipt({ client, hash: await wallet.deployContract({ abi: testTokenAbi, bytecode: artifact.bytecode.object }) });
  tst = receipt.contractAddress as Hex;
});
afterAll(async () => {
  await anvil.stop();
  rmSync(folder, { recursive: true });
});

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

test('send waits for the receipt; handles read what was written', async () => {
  const receipt = await send({ client, wallet, address: tst, abi: testTokenAbi, functionName: 'mint', args: [bob.address, 7n] });
  expect(receipt.status).toBe('success');
  expect(await token({ address: tst, client }).read.balanceOf([bob.address])).toBe(7n);
});

test('many transactions of one account at once get different nonces', async () => {
  await Promise.all(Array.from({ length: 5 }, () => send({ client, wallet, address: tst, abi: testTokenAbi, functionName: 'mint', args: [bob.address, 1n] })));
  expect(await token({ address: tst, client }).read.balanceOf([bob.address])).toBe(12n);
});

test('a call that would revert is not sent; its error has the name and arguments of the contract', async () => {
  const before = await client.getTransactionCount({ address: alice.address });
  const error = await failure(send({ client, wallet, address: tst, abi: testTokenAbi, functionName: 'transfer', args: [bob.address, 5n] }));
  expect(error).toBeInstanceOf(RevertError);
  expect(error).toMatchObject({
    message: 'transfer on test: reverted with ERC20InsufficientBalance',
    revert: { name: 'ERC20InsufficientBalance', args: { sender: alice.address, balance: 0n, needed: 5n } },
    facts: { needed: 5n, contract: tst },
  });
  expect(await client.getTransactionCount({ address: alice.address })).toBe(before);
});

test('the receipt of a reverted transaction is an error with the decoded reason', async () => {
  const data = encodeFunctionData({ abi: testTokenAbi, functionName: 'transfer', args: [bob.address, 5n] });
  const hash = await wallet.sendTransaction({ to: tst, data, gas: 100_000n });
  expect(await failure(waitForReceipt({ client, hash, what: 'payment' }))).toMatchObject({
    message: 'payment: reverted with ERC20InsufficientBalance',
    revert: { name: 'ERC20InsufficientBalance' },
    facts: { transaction: hash, chain: 'test' },
  });
});

test('a transaction that runs out of gas says so', async () => {
  const data = encodeFunctionData({ abi: testTokenAbi, functionName: 'mint', args: [testAccount('carol').address, 5n] });
  const hash = await wallet.sendTransaction({ to: tst, data, gas: 30_000n });
  expect(await failure(waitForReceipt({ client, hash, what: 'mint' }))).toMatchObject({ message: 'mint (out of gas): reverted with no reason given', facts: { gasUsed: 30_000n } });
});

test('a transaction that is not mined in time is an error', async () => {
  const hash: Hex = `0x${'12'.repeat(32)}`;
  expect(await failure(waitForReceipt({ client, hash, what: 'nothing', timeout: 200 }))).toMatchObject({ message: 'nothing: not mined in 0.2 s', facts: { transaction: hash } });
});

test('errors of every contract are known, with structs, texts and panics', () => {
  const mismatch = encodeErrorResult({ abi: iArbitratorAbi, errorName: 'SyncHashMissing', args: [1, 7] });
  expect(decodeRevertData(mismatch)).toEqual({ name: 'SyncHashMissing', args: { chainIndex: 1, blockNumber: 7 } });
  const count = encodeErrorResult({ abi: iVerifierAbi, errorName: 'WrongInputCount', args: [1n, 5n, 3n] });
  expect(decodeRevertData(count)).toEqual({ name: 'WrongInputCount', args: { statement: 1n, expected: 5n, actual: 3n } });
  expect(decodeRevertData(encodeErrorResult({ abi: parseAbi(['error Error(string message)']), args: ['because'] }))).toEqual({ name: 'Error', args: { message: 'because' } });
  expect(decodeRevertData(encodeErrorResult({ abi: parseAbi(['error Panic(uint256 code)']), args: [17n] }))).toEqual({ name: 'Panic', args: { code: 17n } });
  expect(decodeRevertData('0x12345678')).toBeUndefined();
  expect(decodeRevertData(mismatch.slice(0, 40) as Hex)).toBeUndefined();
  expect(decodeRevertData('0x')).toBeUndefined();
});

test('an unknown error keeps its data; what is no revert keeps its text', async () => {
  expect(new RevertError('call', { data: '0x12345678aa' })).toMatchObject({ message: 'call: reverted with unknown error 0x12345678', facts: { data: '0x12345678aa' } });
  const nobody = publicClient({ name: 'nobody', chainId: 1, rpcUrl: 'http://127.0.0.1:9' });
  const error = await failure(nobody.request({ method: 'eth_blockNumber' }, { retryCount: 0 }));
  expect(toRollupError(error, 'block number').message).toMatch(/^block number: HTTP request failed/);
  expect(toRollupError(new TypeError('x is not y\nmore'), 'call').message).toBe('call: x is not y');
});

test('another chain than the expected one is refused', async () => {
  await assertChainId({ name: 'test', chainId: 31_350, rpcUrl: anvil.url });
  await expect(assertChainId({ name: 'test', chainId: 1, rpcUrl: anvil.url })).rejects.toMatchObject({ message: 'Another chain than test answers', facts: { expected: 1, actual: 31_350 } });
});
