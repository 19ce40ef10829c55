import { type Hex, keccak256, numberToHex, padHex, toHex } from 'viem';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { utils } from 'zksync-ethers';
import { testAccount } from '../../devnet/accounts.ts';
import { startEraFront } from '../../devnet/front/eraFront.ts';
import { type ClientWorld, ethers, startClientWorld } from './clients.ts';

/* What zkSync's node answers at each stage of a batch, and what the front leaves as it is. */

const MESSENGER = '0x0000000000000000000000000000000000008008';
const alice = testAccount('alice');
let world: ClientWorld;
let last = 0;

beforeAll(async () => {
  world = await startClientWorld();
  await world.devnet.relayers.idle();
});
afterAll(async () => await world?.stop());

interface Answer {
  id?: number;
  result?: unknown;
  error?: { code: number; message: string; data?: unknown };
}

async function post(body: unknown, url = world.zksync.rpcUrl): Promise<Answer & Answer[]> {
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: typeof body === 'string' ? body : JSON.stringify(body) });
  return (await response.json()) as Answer & Answer[];
}

async function call<T = Record<string, unknown>>(method: string, ...params: unknown[]): Promise<T> {
  const { result, error } = await post({ jsonrpc: '2.0', id: ++last, method, params });
  if (error !== undefined) throw new Error(`${method}: ${error.message}`);
  return result as T;
}

async function refusal(method: string, ...params: unknown[]): Promise<Answer['error']> {
  return (await post({ jsonrpc: '2.0', id: ++last, method, params })).error;
}

/** Sends a message to Ethereum; @returns the transaction's hash */
async function sendToL1(message: Hex): Promise<string> {
  const messenger = new ethers.Contract(MESSENGER, ['function sendToL1(bytes) returns (bytes32)'], new ethers.Wallet(alice.privateKey, world.l2));
  const transaction = (await messenger['sendToL1']?.(message)) as { hash: string; wait(): Promise<unknown> };
  await transaction.wait();
  return transaction.hash;
}

describe('a message to Ethereum', () => {
  it('has no batch until one is sealed and no proof until that is executed', async () => {
    const { devnet } = world;
    await devnet.relayers.hold({ chain: 'zksync', direction: 'up' });
    const sealed = await call<string>('zks_L1BatchNumber');
    const hash = await sendToL1('0xabcd');
    const receipt = await call('eth_getTransactionReceipt', hash);
    expect(receipt).toMatchObject({ l1BatchNumber: null, l1BatchTxIndex: null });
    expect(receipt['l2ToL1Logs']).toEqual([
      expect.objectContaining({
        shardId: '0x0', isService: true, sender: MESSENGER, key: padHex(alice.address, { size: 32 }).toLowerCase(), value: keccak256('0xabcd'), l1BatchNumber: null,
        ...{ transactionHash: hash, transactionLogIndex: '0x0' },
      }),
    ]);
    expect((receipt['logs'] as Record<string, unknown>[]).map((log) => [log['l1BatchNumber'], log['transactionLogIndex'], log['logType']])).toEqual([[null, '0x0', null], [null, '0x1', null]]);
    expect(await call('zks_getL2ToL1LogProof', hash)).toBeNull();
    expect(await call('zks_getTransactionDetails', hash)).toMatchObject({ isL1Originated: false, status: 'included', ethCommitTxHash: null, ethExecuteTxHash: null });
    const number = Number(receipt['blockNumber']);
    expect(await call('zks_getBlockDetails', number)).toMatchObject({ number, l1BatchNumber: Number(sealed) + 1, status: 'sealed', commitTxHash: null });
    expect(Number((await call('eth_getBlockByNumber', 'finalized', false))['number'])).toBeLessThan(number);
    expect(await call('zks_getL1BatchBlockRange', Number(sealed) + 1)).toBeNull();

    devnet.relayers.release({ chain: 'zksync', direction: 'up' });
    await devnet.relayers.idle();
    const batch = numberToHex(Number(sealed) + 1);
    expect(await call('zks_L1BatchNumber')).toBe(batch);
    const after = await call('eth_getTransactionReceipt', hash);
    expect(after['l1BatchNumber']).toBe(batch);
    expect(await call('eth_getTransactionByHash', hash)).toMatchObject({ l1BatchNumber: batch, l1BatchTxIndex: after['l1BatchTxIndex'] });
    expect(await call('eth_getBlockByHash', receipt['blockHash'], true)).toMatchObject({ l1BatchNumber: batch, transactions: [expect.objectContaining({ hash, l1BatchNumber: batch })] });
    const proof = await call('zks_getL2ToL1LogProof', hash, 0);
    expect(proof).toMatchObject({ id: 0, batchNumber: Number(batch) });
    expect(proof['proof']).toHaveLength(16);
    expect(await call('zks_getL2ToL1LogProof', hash, 1)).toBeNull();
    expect(await call('zks_getTransactionDetails', hash)).toMatchObject({ status: 'verified', ethExecuteTxHash: expect.stringMatching(/^0x[0-9a-f]{64}$/) });
    expect(Number((await call('eth_getBlockByNumber', 'finalized', false))['number'])).toBeGreaterThanOrEqual(number);
    const [log] = await call<Record<string, unknown>[]>('eth_getLogs', { address: MESSENGER, fromBlock: numberToHex(number), toBlock: 'committed' });
    expect(log).toMatchObject({ transactionHash: hash, l1BatchNumber: batch, transactionLogIndex: '0x0' });
  });

  it('is forgotten with the blocks that a snapshot takes back', async () => {
    const snapshot = await call<string>('evm_snapshot');
    await world.devnet.relayers.hold({ chain: 'zksync' });
    const hash = await sendToL1('0x01');
    expect(await call('eth_getTransactionReceipt', hash)).not.toBeNull();
    expect(await call('evm_revert', snapshot)).toBe(true);
    expect(await call('eth_getTransactionReceipt', hash)).toBeNull();
    expect(await call('zks_getTransactionDetails', hash)).toBeNull();
    world.devnet.relayers.release({ chain: 'zksync' });
    await world.devnet.relayers.idle();
  });

  it('is not needed for a block to become final', async () => {
    const hash = await call<string>('eth_sendTransaction', { from: testAccount('dave').address, to: testAccount('bob').address, value: '0x1' });
    await expect.poll(async () => (await call('eth_getTransactionReceipt', hash))['l1BatchNumber'], { timeout: 15_000, interval: 200 }).not.toBeNull();
  });
});

describe('the front', () => {
  it('leaves the node’s own calls, results and errors as they are', async () => {
    expect(await call('web3_clientVersion')).toMatch(/^anvil/);
    expect(await call('anvil_setBalance', MESSENGER, '0x0')).toBeNull();
    expect(await refusal('eth_noSuchMethod')).toMatchObject({ code: -32601 });
    // Of a rollup that is asked for what it refuses: the contract's own data.
    expect((await refusal('eth_call', { to: '0x0000000000000000000000000000000000010003', data: `0xd9caed12${'0'.repeat(192)}` }, 'latest'))?.data).toBe(ethers.id('AmountMustBeGreaterThanZero()').slice(0, 10));
  });

  it('answers several requests at once, and refuses what is none', async () => {
    const answers = await post([{ jsonrpc: '2.0', id: 1, method: 'eth_chainId' }, { jsonrpc: '2.0', method: 'eth_blockNumber' }, { jsonrpc: '2.0', id: 'a', method: 'zks_L1ChainId', params: [] }]);
    expect(answers).toEqual([{ jsonrpc: '2.0', id: 1, result: '0x7a6b' }, { jsonrpc: '2.0', id: 'a', result: '0x7a69' }]);
    expect(await post('{')).toMatchObject({ id: null, error: { code: -32700 } });
    expect(await post([])).toMatchObject({ id: null, error: { code: -32600 } });
    expect(await post({ id: 7, method: 'eth_chainId', params: {} })).toMatchObject({ id: 7, error: { code: -32600 } });
    expect((await fetch(world.zksync.rpcUrl)).status).toBe(405);
    expect((await fetch(world.zksync.rpcUrl, { method: 'OPTIONS' })).headers.get('access-control-allow-origin')).toBe('*');
  });

  it('says which port is taken, and how to choose another', async () => {
    const { name, chainId, rpcUrl } = world.zksync;
    const port = Number(new URL(rpcUrl).port);
    await expect(startEraFront({ node: { name, chainId, rpcUrl }, port })).rejects.toMatchObject({ message: `Port ${port} is taken`, facts: { for: 'Chain zksync' }, hint: expect.stringContaining('--port-zksync') });
  });

  it('names what it does not have, and what a call lacks', async () => {
    expect(await refusal('zks_getProof', MESSENGER, [], 1)).toMatchObject({ code: -32601, message: 'A local zkSync chain does not have zks_getProof' });
    expect(await refusal('zks_getL1BatchDetails', 'one')).toMatchObject({ code: -32602, message: 'The batch number must be a number, not "one"' });
    expect(await refusal('zks_getTransactionDetails', '0x12')).toMatchObject({ code: -32602 });
    expect(await refusal('eth_call', { to: MESSENGER, eip712Meta: { paymasterParams: { paymaster: MESSENGER, paymasterInput: [] } } })).toMatchObject({ code: -32000, message: 'Paymasters are not supported on a local chain' });
  });

  it('estimates a transaction from Ethereum for a sender that holds nothing, never below what the mailbox accepts', async () => {
    const from = ethers.Wallet.createRandom().address;
    const least = 10_000n + 173_484n + 88n * 800n;
    const gas = BigInt(await call<Hex>('zks_estimateGasL1ToL2', { from, to: MESSENGER, value: '0x1', data: '0x', eip712Meta: { gasPerPubdata: '0x320' }, type: '0x71' }).catch(() => '0x0'));
    expect(gas).toBe(0n); // The messenger takes no coins: the estimate fails as the call does.
    expect(BigInt(await call<Hex>('zks_estimateGasL1ToL2', { from, to: alice.address, value: toHex(10n ** 18n), data: '0x' }))).toBeGreaterThan(least + 21_000n);
  });
});

describe('subscriptions', () => {
  it('tell of blocks, logs and waiting transactions as Era’s node does', async () => {
    const socket = new WebSocket(world.zksync.rpcUrl.replace('http', 'ws'));
    const subscribed = new Map<unknown, string>();
    const news: Record<string, Record<string, unknown>[] & string[]> = { newHeads: [], logs: [], newPendingTransactions: [] };
    const kinds = Object.keys(news);
    socket.on('message', (data: Buffer) => {
      const { id, result, params } = JSON.parse(data.toString()) as { id?: number; result?: unknown; params?: { subscription: string; result: never } };
      if (id !== undefined) subscribed.set(result, kinds[id] ?? '');
      if (params !== undefined) news[subscribed.get(params.subscription) ?? '']?.push(params.result);
    });
    await new Promise((resolve) => socket.once('open', resolve));
    kinds.forEach((kind, id) => socket.send(JSON.stringify({ jsonrpc: '2.0', id, method: 'eth_subscribe', params: kind === 'logs' ? [kind, { address: MESSENGER }] : [kind] })));
    await expect.poll(() => subscribed.size).toBe(kinds.length);

    const data = new ethers.Interface(['function sendToL1(bytes)']).encodeFunctionData('sendToL1', ['0xab']);
    const { hash, blockNumber } = (await (await world.wallet('alice').sendTransaction({ to: MESSENGER, data, type: utils.EIP712_TX_TYPE })).wait()) ?? { hash: '', blockNumber: -1 };
    const number = numberToHex(blockNumber);
    await expect.poll(() => news['newHeads']?.some((head) => head['number'] === number)).toBe(true);
    await expect.poll(() => news['logs']?.map((log) => log['transactionHash'])).toEqual([hash, hash]);
    await expect.poll(() => news['newPendingTransactions']).toContain(hash);
    socket.close();

    const head = news['newHeads']?.find((entry) => entry['number'] === number) ?? {};
    const block = await call('eth_getBlockByNumber', number, false);
    const fields = ['hash', 'parentHash', 'sha3Uncles', 'miner', 'stateRoot', 'transactionsRoot', 'receiptsRoot', 'number', 'gasUsed', 'gasLimit', 'baseFeePerGas', 'extraData', 'logsBloom', 'timestamp', 'difficulty'];
    expect(head).toEqual({ ...Object.fromEntries(fields.map((field) => [field, block[field]])), mixHash: null, nonce: null });
    expect(Object.values(head)).not.toContain(undefined);
  });
});

describe('a transaction of type 0x71', () => {
  const signed = async (changes: Record<string, unknown> = {}): Promise<string> => {
    const wallet = world.wallet('alice');
    return await wallet.signTransaction({ to: testAccount('bob').address, value: 1n, gasLimit: 100_000n, maxFeePerGas: 0n, maxPriorityFeePerGas: 0n, type: utils.EIP712_TX_TYPE, ...changes });
  };
  const sent = async (raw: string): Promise<Answer['error']> => await refusal('eth_sendRawTransaction', raw);

  it('is refused when something of it is wrong', async () => {
    const raw = await signed();
    expect((await sent(`${raw.slice(0, -100)}`))?.message).toContain('it is no RLP');
    expect((await sent(await signed({ chainId: 1 })))?.message).toContain('it is for chain 1, this is chain 31339');
    expect((await sent(await signed({ to: '0x0000000000000000000000000000000000008006' })))?.message).toContain('takes no zkSync bytecode');
    expect((await sent(await signed({ customData: { paymasterParams: { paymaster: MESSENGER, paymasterInput: '0x' } } })))?.message).toContain('paymasters are not supported');
    expect((await sent(await signed({ nonce: 0 })))?.message).toContain('nonce too low');
    // Somebody else's address in the place of the sender's.
    const other = raw.replaceAll(alice.address.slice(2).toLowerCase(), testAccount('carol').address.slice(2).toLowerCase());
    expect(other).not.toBe(raw);
    expect((await sent(other))?.message).toContain('its signature is');
  });

  it('is known by the hash that its sender computes', async () => {
    const raw = await signed({ value: 5n });
    const hash = await call<string>('eth_sendRawTransaction', raw);
    expect(hash).toBe(utils.parseEip712(raw).hash);
    expect(await call('eth_getTransactionByHash', hash)).toMatchObject({ hash, type: '0x71', from: alice.address.toLowerCase(), value: '0x5', gas: numberToHex(100_000) });
    const receipt = await call('eth_getTransactionReceipt', hash);
    expect(receipt).toMatchObject({ transactionHash: hash, status: '0x1', type: '0x71', gasUsed: numberToHex(21_000) });
    expect((await call('eth_getBlockByNumber', receipt['blockNumber'], false))['transactions']).toEqual([hash]);
    expect(await call('debug_traceTransaction', hash, { tracer: 'callTracer' })).toMatchObject({ value: '0x5' });
  });

  it('is known by it before it is in a block, too', async () => {
    await call('evm_setAutomine', false);
    const hash = await call<string>('eth_sendRawTransaction', await signed({ value: 6n }));
    const known = { hash, type: '0x71', value: '0x6', gas: numberToHex(100_000), from: alice.address.toLowerCase() };
    expect(await call('eth_getTransactionByHash', hash)).toMatchObject({ ...known, blockNumber: null });
    expect(await call('eth_getTransactionByHash', hash)).not.toHaveProperty('accessList');
    expect(await call('eth_getTransactionReceipt', hash)).toBe(null);
    await call('evm_mine');
    await call('evm_setAutomine', true);
    expect(await call('eth_getTransactionByHash', hash)).toMatchObject({ ...known, blockNumber: expect.stringMatching(/^0x/) });
    expect(await call('eth_getTransactionReceipt', hash)).toMatchObject({ transactionHash: hash, status: '0x1' });
  });
});
