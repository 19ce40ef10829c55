import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createTestClient, encodeDeployData, encodeErrorResult, encodeFunctionData, erc20Abi, http, numberToHex, parseAbi, parseEther, zeroAddress, type Abi, type Address, type Hex } from 'viem';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { paths } from '../base/paths.ts';
import { deposit } from '../chain/actions/deposit.ts';
import { getBlockStages } from '../chain/actions/getBlockStages.ts';
import { getPendingBalance } from '../chain/actions/getPendingBalance.ts';
import { getPriorityQueue } from '../chain/actions/getPriorityQueue.ts';
import { getPriorityRequest } from '../chain/actions/getPriorityRequest.ts';
import { getTokenBalance } from '../chain/actions/getTokenBalance.ts';
import { requestFullExit } from '../chain/actions/requestFullExit.ts';
import type { WriteParameters } from '../chain/actions/types.ts';
import { withdrawPending } from '../chain/actions/withdrawPending.ts';
import { publicClient, viemChain, walletClient, type ChainPublicClient, type ChainWalletClient } from '../chain/clients.ts';
import { decodeRevertData } from '../chain/errors.ts';
import { secondaryRollupAbi, testTokenAbi } from '../chain/generated/abi.ts';
import { send } from '../chain/send.ts';
import { queuedRequestHash, syncHash, ZERO_HASH, onchainOpsHash, type StoredBlock } from '../spec/chainSide.ts';
import { encodeOperations } from '../spec/pubdata.ts';
import type { PublicOperation } from '../spec/operation.ts';
import { testAccount } from '../devnet/accounts.ts';
import { Anvil } from '../devnet/anvil.ts';

/*
 * The user's actions against the real contracts of a secondary on one anvil. The gateway is an account that accepts everything, so that a
 * block can go through its stages without message services.
 */

const gateway: Address = '0x00000000000000000000000000000000000a1b2c';
const token = { token: 2, symbol: 'TST', decimals: 18, address: zeroAddress as Address };
const eth = { token: 1, symbol: 'ETH', decimals: 18, address: zeroAddress as Address };
const folder = mkdtempSync(join(tmpdir(), 'actions-test-'));
const anvil = new Anvil({ name: 'zksync', chainId: 31_339, port: 0, logFile: join(folder, 'anvil.log') });
const [validator, alice, bob] = [testAccount('validator'), testAccount('alice'), testAccount('bob')];

let client: ChainPublicClient;
let wallets: Record<'validator' | 'alice' | 'bob', ChainWalletClient>;
let rollup: Address = zeroAddress;

function artifact(name: string): Hex {
  const file = join(paths.forgeOut, `${name}.sol`, `${name}.json`);
  return (JSON.parse(readFileSync(file, 'utf8')) as { bytecode: { object: Hex } }).bytecode.object;
}

async function deploy(data: Hex): Promise<Address> {
  const { validator: wallet } = wallets;
  const hash = await wallet.sendTransaction({ account: wallet.account, chain: wallet.chain, data });
  const { contractAddress } = await client.waitForTransactionReceipt({ hash });
  if (!contractAddress) throw new Error('not deployed');
  return contractAddress;
}

function acting(user: 'alice' | 'bob' | 'validator'): WriteParameters {
  return { client, wallet: wallets[user], rollup };
}

beforeAll(async () => {
  await anvil.start();
  const endpoint = { name: 'zksync', chainId: anvil.chainId, rpcUrl: anvil.url };
  client = publicClient(endpoint);
  const walletOf = (account: { privateKey: Hex }): ChainWalletClient => walletClient({ endpoint, privateKey: account.privateKey });
  wallets = { validator: walletOf(validator), alice: walletOf(alice), bob: walletOf(bob) };
  const constructorOf = parseAbi(['constructor(address extension)']);
  const implementation = await deploy(encodeDeployData({ abi: constructorOf, bytecode: artifact('SecondaryRollup'), args: [await deploy(artifact('RollupExtension'))] }));
  const parameters = {
    deploymentId: 1n,
    chainIndex: 1,
    chainCount: 2,
    admin: validator.address,
    governor: validator.address,
    validator: validator.address,
    verifier: await deploy(artifact('VerifierDouble')),
    priorityExpiration: 3600,
    maxOpenRequests: 100,
    exitBond: 1000n,
    bondReceiver: validator.address,
    timestampPastTolerance: 3600,
    timestampFutureTolerance: 900,
  };
  const initialize = encodeFunctionData({ abi: secondaryRollupAbi, functionName: 'initialize', args: [parameters] });
  const proxy = parseAbi(['constructor(address implementation, bytes data)']);
  rollup = await deploy(encodeDeployData({ abi: proxy, bytecode: artifact('ERC1967Proxy'), args: [implementation, initialize] }));
  token.address = await deploy(artifact('TestToken'));
  const admin = { client, wallet: wallets.validator, address: rollup, abi: secondaryRollupAbi } as const;
  await send({ ...admin, functionName: 'registerToken', args: [token.token, token.address] });
  await send({ ...admin, functionName: 'setGateway', args: [gateway] });
  await send({ client, wallet: wallets.validator, address: token.address, abi: testTokenAbi, functionName: 'mint', args: [alice.address, 1000n] });
  const control = createTestClient({ mode: 'anvil', chain: viemChain(endpoint), transport: http(anvil.url) });
  // One instruction, STOP: every call succeeds.
  await control.setCode({ address: gateway, bytecode: '0x00' });
  await control.setBalance({ address: gateway, value: parseEther('1') });
  await control.impersonateAccount({ address: gateway });
});

afterAll(async () => {
  await anvil.stop();
  rmSync(folder, { recursive: true });
});

/** Commits, syncs, confirms and executes one block of on-chain operations. */
async function runBlock(previous: StoredBlock, operations: readonly PublicOperation[], priorityRequests: number): Promise<StoredBlock> {
  const validating = { client, wallet: wallets.validator, address: rollup, abi: secondaryRollupAbi } as const;
  const wide = (block: StoredBlock) => ({ ...block, priorityRequestsTotal: BigInt(block.priorityRequestsTotal), timestamp: BigInt(block.timestamp) });
  const { onchainData } = encodeOperations(operations);
  const timestamp = Number((await client.getBlock()).timestamp);
  const block = { blockNumber: previous.blockNumber + 1, timestamp, finalRoot: 7n };
  const opsHash = onchainOpsHash([onchainData]);
  const stored: StoredBlock = {
    ...block,
    priorityRequestsTotal: previous.priorityRequestsTotal + priorityRequests,
    onchainOpsHash: opsHash,
    syncHash: syncHash({ previous: previous.syncHash, ...block, onchainOpsHash: opsHash }),
    proofInputsHash: ZERO_HASH,
    syncHashesHash: ZERO_HASH,
  };
  await send({ ...validating, functionName: 'commitBlocks', args: [wide(previous), [{ ...block, timestamp: BigInt(timestamp), onchainData }]] });
  await send({ ...validating, functionName: 'syncBlock', args: [wide(stored)] });
  const data = encodeFunctionData({ abi: secondaryRollupAbi, functionName: 'receiveConfirmation', args: [stored.blockNumber, stored.syncHash] });
  const hash = await client.request<{ Method: 'eth_sendTransaction'; Parameters: [object]; ReturnType: Hex }>({
    method: 'eth_sendTransaction',
    params: [{ from: gateway, to: rollup, data, gas: numberToHex(500_000) }],
  });
  await client.waitForTransactionReceipt({ hash });
  await send({ ...validating, functionName: 'executeBlocks', args: [[{ stored: wide(stored), onchainData }]] });
  return stored;
}

const user = { owner: alice.address, keyX: 11n, keyY: 12n };

describe('deposit', () => {
  test('native coin: the request is in the queue and the wallet pays exactly amount and gas', async () => {
    const before = await getTokenBalance({ client, tokenAddress: eth.address, holder: alice.address });
    const { requestId, gasCost } = await deposit({ ...acting('alice'), token: eth, amount: 500n, user });
    expect(requestId).toBe(0n);
    expect(await getTokenBalance({ client, tokenAddress: eth.address, holder: alice.address })).toBe(before - 500n - gasCost);
    const request = await getPriorityRequest({ client, rollup, requestId });
    expect(request).toMatchObject({
      status: 'queued',
      requestHash: queuedRequestHash({ type: 'deposit', token: 1n, owner: BigInt(alice.address), amount: 500n, keyX: 11n, keyY: 12n }),
    });
  });

  test('ERC-20: exactly the amount is approved and taken, gas of the approval counted', async () => {
    const before = await getTokenBalance({ client, tokenAddress: eth.address, holder: alice.address });
    // An allowance that is left over from something else is replaced, not used.
    const { gasCost: earlier } = await deposit({ ...acting('alice'), token, amount: 100n, user });
    const receipt = await send({ client, wallet: wallets.alice, address: token.address, abi: erc20Abi, functionName: 'approve', args: [rollup, 5n] });
    const { requestId, gasCost } = await deposit({ ...acting('alice'), token, amount: 200n, user });
    expect(requestId).toBe(2n);
    expect(await client.readContract({ address: token.address, abi: erc20Abi, functionName: 'allowance', args: [alice.address, rollup] })).toBe(0n);
    expect(await getTokenBalance({ client, tokenAddress: token.address, holder: rollup })).toBe(300n);
    const spent = earlier + receipt.gasUsed * receipt.effectiveGasPrice + gasCost;
    expect(await getTokenBalance({ client, tokenAddress: eth.address, holder: alice.address })).toBe(before - spent);
  });

  test('more than the wallet holds, and what the contract refuses, are errors with names', async () => {
    await expect(deposit({ ...acting('bob'), token, amount: 1n, user })).rejects.toThrow('does not hold enough TST on zksync');
    await expect(deposit({ ...acting('alice'), token: eth, amount: 1n, user: { ...user, keyX: 2n ** 255n } })).rejects.toThrow(/KeyNotInField/);
    await expect(deposit({ ...acting('alice'), token: { ...token, token: 9 }, amount: 1n, user })).rejects.toThrow(/UnknownToken/);
  });
});

test('a full exit is a request of the caller; an impossible leaf is refused', async () => {
  const { requestId, bond, price } = await requestFullExit({ ...acting('bob'), leafIndex: 3, least: 7n });
  expect(price).toBe(bond);
  expect(await getPriorityRequest({ client, rollup, requestId })).toMatchObject({
    status: 'queued',
    requestHash: queuedRequestHash({ type: 'fullExit', leafIndex: 3, owner: BigInt(bob.address), least: 7n }),
  });
  await expect(requestFullExit({ ...acting('bob'), leafIndex: 2 ** 24, least: 0n })).rejects.toThrow(/LeafIndexOutOfRange/);
});

test('executed withdrawals are pending until someone has them paid', async () => {
  await expect(withdrawPending({ ...acting('alice'), owner: bob.address, token: 1 })).rejects.toThrow(/NothingPending/);
  const genesis = await client.readContract({ address: rollup, abi: secondaryRollupAbi, functionName: 'genesisBlock' });
  const first = { ...genesis, priorityRequestsTotal: Number(genesis.priorityRequestsTotal), timestamp: Number(genesis.timestamp) };
  const [owner, key] = [BigInt(alice.address), { keyX: 11n, keyY: 12n }];
  await runBlock(
    first,
    [
      { type: 'deposit', leafIndex: 0, token: 1n, owner, amount: 500n, ...key },
      { type: 'deposit', leafIndex: 1, token: 2n, owner, amount: 100n, ...key },
      { type: 'withdraw', leafIndex: 0, token: 1n, to: BigInt(bob.address), amount: 60n, fee: 0n },
      { type: 'withdraw', leafIndex: 1, token: 2n, to: BigInt(bob.address), amount: 40n, fee: 0n },
    ],
    2,
  );
  expect(await getBlockStages({ client, rollup })).toEqual({ committed: 1, proved: 1, synced: 1, confirmed: 1, executed: 1 });
  expect(await getPriorityQueue({ client, rollup })).toEqual({ nextId: 4n, nextToCommit: 2n, nextToExecute: 2n });
  expect((await getPriorityRequest({ client, rollup, requestId: 1n })).status).toBe('executed');
  expect(await getPendingBalance({ client, rollup, owner: bob.address, token: 1 })).toBe(60n);

  const before = await getTokenBalance({ client, tokenAddress: eth.address, holder: bob.address });
  expect((await withdrawPending({ ...acting('alice'), owner: bob.address, token: 1 })).amount).toBe(60n);
  expect(await getTokenBalance({ client, tokenAddress: eth.address, holder: bob.address })).toBe(before + 60n);
  expect((await withdrawPending({ ...acting('bob'), owner: bob.address, token: 2 })).amount).toBe(40n);
  expect(await getTokenBalance({ client, tokenAddress: token.address, holder: bob.address })).toBe(40n);
  expect(await getPendingBalance({ client, rollup, owner: bob.address, token: 2 })).toBe(0n);
});

describe('errors of contracts that are only called by others', () => {
  const zeroOf = (type: string): unknown => (type === 'address' ? zeroAddress : type === 'bool' ? false : type === 'string' ? '' : type === 'bytes' ? '0x' : type.startsWith('bytes') ? `0x${'00'.repeat(Number(type.slice(5)))}` : 0n);

  test.each(['RollupExtension', 'IVerifier', 'DirectGateway', 'Arbitrator'])('%s: every one is decoded with its name', (name) => {
    const { abi } = JSON.parse(readFileSync(join(paths.forgeOut, `${name}.sol`, `${name}.json`), 'utf8')) as { abi: Abi };
    const errors = abi.filter((item) => item.type === 'error');
    expect(errors.length).toBeGreaterThan(0);
    for (const item of errors) {
      const data = encodeErrorResult({ abi: [item], errorName: item.name, args: item.inputs.map(({ type }) => zeroOf(type)) });
      expect(decodeRevertData(data)?.name, item.name).toBe(item.name);
    }
  });
});
