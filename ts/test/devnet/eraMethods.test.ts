import { type Address, bytesToHex, concat, createPublicClient, defineChain, encodeAbiParameters, type Hex, hexToBytes, http, keccak256, numberToHex, padHex, toEventSelector } from 'viem';
import { zksync as era } from 'viem/chains';
import { publicActionsL2 } from 'viem/zksync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { utils, type Wallet } from 'zksync-ethers';
import { testAccount } from '../../devnet/accounts.ts';
import { type ClientWorld, ethers, startClientWorld } from './clients.ts';

/* What else Era's node can be asked: fees, versions, tokens, raw transactions. */

const bob = testAccount('bob').address;
const zero32 = `0x${'0'.repeat(64)}` as const;
const SOME_HASH = `0x01${'ab'.repeat(31)}` as const;
let world: ClientWorld;
let alice: Wallet;
let viemL2: ReturnType<typeof connect>;

function connect({ zksync }: ClientWorld) {
  const chain = defineChain({ ...era, id: zksync.chainId, rpcUrls: { default: { http: [zksync.rpcUrl] } } });
  return createPublicClient({ chain, transport: http(undefined, { retryCount: 0 }), pollingInterval: 50, cacheTime: 0 }).extend(publicActionsL2());
}

beforeAll(async () => {
  world = await startClientWorld();
  alice = world.wallet('alice');
  viemL2 = connect(world);
  await world.devnet.relayers.idle();
});
afterAll(async () => await world?.stop());

async function call<T>(method: string, ...params: unknown[]): Promise<T> {
  return (await world.l2.send(method, params)) as T;
}

async function refusal(method: string, ...params: unknown[]): Promise<{ code: number; message: string } | undefined> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
  const response = await fetch(world.zksync.rpcUrl, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  return ((await response.json()) as { error?: { code: number; message: string } }).error;
}

const lowerCase = (value: string): string => value.toLowerCase();

describe('fees', () => {
  it('are those that the node takes, and pubdata costs nothing', async () => {
    const one = { numerator: 1, denominator: 1 };
    const l2 = Number(await call('eth_gasPrice'));
    // A block on Ethereum in between changes its price.
    await expect.poll(async () => Number((await world.l2.getFeeParams()).V2.l1_gas_price) === Number(await call('zks_getL1GasPrice')), { timeout: 10_000 }).toBe(true);
    const params = await world.l2.getFeeParams();
    expect(params).toEqual({
      V2: {
        config: {
          ...{ minimal_l2_gas_price: l2, compute_overhead_part: 0, pubdata_overhead_part: 0, batch_overhead_l1_gas: 0 },
          ...{ max_gas_per_batch: Number.MAX_SAFE_INTEGER, max_pubdata_per_batch: Number.MAX_SAFE_INTEGER },
        },
        l1_gas_price: expect.any(Number),
        l1_pubdata_price: 0,
        conversion_ratio: { l1: one, sl: one, ...one },
      },
    });
    const input = await call<Record<string, number>>('zks_getBatchFeeInput');
    expect(input).toEqual({ fair_l2_gas_price: l2, fair_pubdata_price: 0, l1_gas_price: expect.any(Number) });
    // The node's own rule: the price of a byte in gas, never below 1.
    const perByte = Math.max(1, Math.ceil((input['fair_pubdata_price'] ?? NaN) / l2));
    expect(await viemL2.getGasPerPubdata()).toBe(BigInt(perByte));
    expect(await world.l2.getBlockDetails(1)).toMatchObject({ l2FairGasPrice: l2, fairPubdataPrice: 0 });
    const { maxFeePerGas } = await viemL2.estimateFee({ account: testAccount('alice').address, to: bob, value: 1n });
    expect(maxFeePerGas).toBe(BigInt(l2));
  });
});

describe('the version', () => {
  it('is that of the contract on Ethereum', async () => {
    const diamond = new ethers.Contract(world.zksync.messageService.diamond, ['function getProtocolVersion() view returns (uint256)'], world.l1);
    const minor = Number(((await diamond['getProtocolVersion']?.()) as bigint) >> 32n);
    expect(minor).toBe(29);
    const version = {
      ...{ version_id: minor, minorVersion: minor, timestamp: 0 },
      verification_keys_hashes: { recursion_scheduler_level_vk_hash: zero32, fflonk_snark_wrapper_vk_hash: null },
      base_system_contracts: { bootloader: zero32, default_aa: zero32, evm_emulator: null },
      ...{ bootloaderCodeHash: zero32, defaultAccountCodeHash: zero32, evmSimulatorCodeHash: null },
      ...{ l2_system_upgrade_tx_hash: null, l2SystemUpgradeTxHash: null },
    };
    expect(await world.l2.getProtocolVersion()).toEqual(version);
    expect(await world.l2.getProtocolVersion(minor)).toEqual(version);
    expect(await world.l2.getProtocolVersion(minor - 1)).toBeNull();
    expect(await refusal('zks_getProtocolVersion', 'latest')).toMatchObject({ code: -32602, message: 'The version must be a number, not "latest"' });
    expect(await call('eth_protocolVersion')).toBe('zks/0.29.0');
    expect(await world.l2.getBlockDetails(1)).toMatchObject({ protocolVersion: 'Version29' });
  });
});

describe('a batch', () => {
  it('has the commitment that Ethereum knows', async () => {
    await expect.poll(() => world.l2.getL1BatchNumber(), { timeout: 30_000 }).toBeGreaterThan(0);
    const { diamond } = world.zksync.messageService;
    const topics = [toEventSelector('BlockCommit(uint256,bytes32,bytes32)'), numberToHex(1, { size: 32 })];
    const [event] = await world.l1.getLogs({ address: diamond, topics, fromBlock: 0 });
    const details = await call<{ rootHash: Hex; commitment: Hex }>('zks_getL1BatchDetails', 1);
    expect([details.rootHash, details.commitment]).toEqual(event?.topics.slice(2));
    expect(details.commitment).toMatch(/^0x[0-9a-f]{64}$/);
    expect(await call('zks_getL1BatchDetails', 1_000_000)).toBeNull();
  });
});

describe('what is not deployed', () => {
  it('has no address and no code', async () => {
    expect(await call('zks_getL2Multicall3')).toBeNull();
    expect(await call('zks_getTimestampAsserter')).toBeNull();
    expect(await world.l2.getBytecodeByHash(SOME_HASH)).toBeNull();
    expect(await refusal('zks_getBytecodeByHash', '0x01')).toMatchObject({ code: -32602, message: 'A bytecode hash has 32 bytes; this is "0x01"' });
  });

  it('is refused when there is no true answer', async () => {
    for (const method of ['zks_getProof', 'zks_sendRawTransactionWithDetailedOutput']) {
      expect(await refusal(method, '0x')).toEqual({ code: -32601, message: `A local zkSync chain does not have ${method}` });
    }
  });
});

describe('tokens', () => {
  const ETH = { l1Address: utils.LEGACY_ETH_ADDRESS, l2Address: utils.LEGACY_ETH_ADDRESS, name: 'Ether', symbol: 'ETH', decimals: 18 };

  it('are ETH, and those that came over the bridge', async () => {
    const { l2, ethereum } = world;
    const owner = ethers.Wallet.createRandom().address;
    expect(await l2.getConfirmedTokens()).toEqual([{ address: ETH.l2Address, ...ETH }]);
    expect(await l2.getAllAccountBalances(owner)).toEqual({});

    const token = ethereum.tokens.find(({ symbol }) => symbol === 'TST')?.address ?? '';
    const deposit = await alice.deposit({ token, to: owner, amount: 77n, approveERC20: true, refundRecipient: alice.address });
    await deposit.wait();
    await (await alice.transfer({ to: owner, amount: 5n })).wait();
    const standIn = lowerCase(await l2.l2TokenAddress(token));
    const TST = { l1Address: lowerCase(token), l2Address: standIn, name: 'Test Token', symbol: 'TST', decimals: 18 };
    expect(await l2.getConfirmedTokens()).toEqual([{ address: ETH.l2Address, ...ETH }, { address: standIn, ...TST }]);
    expect(await l2.getConfirmedTokens(1, 1)).toEqual([{ address: standIn, ...TST }]);
    expect(await l2.getConfirmedTokens(2, 255)).toEqual([]);
    expect(await l2.getAllAccountBalances(owner)).toEqual({ [ETH.l2Address]: 5n, [standIn]: 77n });
    expect(await viemL2.getAllBalances({ account: owner as Address })).toEqual({ [ETH.l2Address]: 5n, [standIn]: 77n });
    expect(await call('zks_getAllAccountBalances', owner)).toEqual({ [ETH.l2Address]: '0x5', [standIn]: '0x4d' });

    // A token that refuses, and one that says what no balance is: the others are still told of.
    const code = await world.l2.getCode(standIn);
    for (const broken of ['0x60006000fd', '0x00']) {
      await call('anvil_setCode', standIn, broken);
      expect(await call('zks_getAllAccountBalances', owner)).toEqual({ [ETH.l2Address]: '0x5' });
    }
    await call('anvil_setCode', standIn, code);
    expect(await l2.getAllAccountBalances(owner)).toEqual({ [ETH.l2Address]: 5n, [standIn]: 77n });
  });

  it('are not what merely says so', async () => {
    const known = await world.l2.getConfirmedTokens();
    const place = ethers.Wallet.createRandom().address as Address;
    const topics = concat(['0x7f', padHex(bob, { size: 32 }), '0x7f', toEventSelector('BridgeInitialize(address,string,string,uint8)')]);
    // Emits the event that a stand-in begins with; the rest of it is what the contract is called with.
    await call('anvil_setCode', place, concat(['0x366000600037', topics, '0x366000a200']));
    const data = encodeAbiParameters([{ type: 'string' }, { type: 'string' }, { type: 'uint8' }], ['False Token', 'FLS', 18]);
    const receipt = await (await alice.sendTransaction({ to: place, data, type: 2 })).wait();
    expect(receipt?.logs.map(({ address }) => address)).toEqual([place]);
    expect(await world.l2.getConfirmedTokens()).toEqual(known);
  });

  it('are asked for with numbers and an address', async () => {
    expect(await refusal('zks_getConfirmedTokens', 0, 256)).toMatchObject({ code: -32602, message: 'The limit must be at most 255, not 256' });
    expect(await refusal('zks_getConfirmedTokens', -1, 1)).toMatchObject({ code: -32602, message: 'The first token must be a number, not -1' });
    expect(await refusal('zks_getAllAccountBalances', '0x12')).toMatchObject({ code: -32602, message: 'An address has 20 bytes; this is "0x12"' });
  });
});

describe('raw transactions of a block', () => {
  interface Raw {
    common_data: { L1?: Record<string, unknown>; L2?: Record<string, unknown> & { signature: number[]; input: { hash: Hex; data: number[] } } };
    execute: unknown;
    received_timestamp_ms: number;
    raw_bytes: Hex | null;
  }
  const rawOf = async (blockNumber: number): Promise<Raw[]> => (await world.l2.getRawBlockTransactions(blockNumber)) as unknown as Raw[];

  it('are what their senders signed', async () => {
    for (const [type, name] of [[0, 'LegacyTransaction'], [2, 'EIP1559Transaction']] as const) {
      const response = await alice.sendTransaction({ to: bob, value: 3n, data: '0xabcd', type });
      const { blockNumber } = (await response.wait()) ?? { blockNumber: -1 };
      const [raw, ...others] = await rawOf(blockNumber);
      expect(others).toEqual([]);
      const signed = raw?.raw_bytes ?? '0x';
      expect(keccak256(signed)).toBe(response.hash);
      const { signature, gasLimit, nonce, gasPrice, maxFeePerGas, maxPriorityFeePerGas, unsignedHash } = ethers.Transaction.from(signed);
      const price = maxFeePerGas ?? gasPrice ?? -1n;
      const { timestamp } = (await world.l2.getBlock(blockNumber)) ?? { timestamp: 0 };
      expect(raw).toEqual({
        common_data: {
          L2: {
            nonce,
            fee: { gas_limit: numberToHex(gasLimit), max_fee_per_gas: numberToHex(price), max_priority_fee_per_gas: numberToHex(maxPriorityFeePerGas ?? price), gas_per_pubdata_limit: '0xc350' },
            initiatorAddress: lowerCase(alice.address),
            signature: [...hexToBytes((signature?.serialized ?? '0x') as Hex)],
            transactionType: name,
            input: { hash: response.hash, data: [...hexToBytes(signed)] },
            paymasterParams: { paymaster: utils.LEGACY_ETH_ADDRESS, paymasterInput: [] },
          },
        },
        execute: { contractAddress: lowerCase(bob), calldata: '0xabcd', value: '0x3', factoryDeps: [] },
        received_timestamp_ms: Number(timestamp) * 1_000,
        raw_bytes: signed,
      });
      const [ofViem] = await viemL2.getRawBlockTransaction({ number: blockNumber });
      expect(ofViem).toMatchObject({ commonData: { L2: { transactionType: name, initiatorAddress: lowerCase(alice.address) } }, rawBytes: signed });
      expect(ethers.recoverAddress(unsignedHash, bytesToHex(Uint8Array.from(raw?.common_data.L2?.signature ?? [])))).toBe(alice.address);
    }
  });

  it('are what was requested on Ethereum', async () => {
    const deposit = await alice.deposit({ token: utils.ETH_ADDRESS, to: bob, amount: 9n, refundRecipient: bob });
    const { hash, blockNumber } = await deposit.wait();
    const [raw] = await rawOf(blockNumber);
    const { hash: l1Hash, blockNumber: ethBlock } = await deposit.waitL1Commit();
    const paid = (await world.l1.getTransaction(l1Hash))?.value ?? 0n;
    expect(raw).toMatchObject({
      common_data: {
        L1: {
          ...{ sender: lowerCase(alice.address), canonicalTxHash: hash, gasPerPubdataLimit: '0x320', refundRecipient: lowerCase(bob), ethBlock },
          ...{ opProcessingType: 'Common', priorityQueueType: 'Deque', layer2TipFee: '0x0', fullFee: '0x0', deadlineBlock: 0, ethHash: zero32 },
        },
      },
      execute: { contractAddress: lowerCase(bob), calldata: '0x', value: '0x9', factoryDeps: [] },
      raw_bytes: null,
    });
    const { toMint, serialId } = raw?.common_data.L1 ?? {};
    expect(toMint).toBe(numberToHex(paid));
    expect(serialId).toBe((await world.l2.getTransaction(hash)).nonce);
  });

  it('are refused of zkSync’s own type, and none in a block that is not there', async () => {
    const response = await alice.sendTransaction({ to: bob, value: 1n, type: utils.EIP712_TX_TYPE });
    const { blockNumber } = (await response.wait()) ?? { blockNumber: -1 };
    expect(await refusal('zks_getRawBlockTransactions', blockNumber)).toEqual({ code: -32000, message: `A local zkSync chain does not keep transactions of type 0x71 in their raw form: ${response.hash}` });
    expect(await rawOf(1_000_000)).toEqual([]);
    expect(await refusal('zks_getRawBlockTransactions', 'latest')).toMatchObject({ code: -32602 });
  });
});
