import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { privateKeyToAccount } from 'viem/accounts';
import { afterEach, describe, expect, test } from 'vitest';

import { stringifyPlain } from '../../base/json.ts';
import { isUsableKey, messageHash, verifyMessage } from '../../spec/signature.ts';
import type { Deployment } from '../deployments.ts';
import { decodeL2Address, encodeL2Address } from './address.ts';
import { keyOfAccount } from './key.ts';
import { lookUpUser } from './receiver.ts';
import { createRollupClient, type RollupClient } from './rollupClient.ts';

const alice = privateKeyToAccount('0x8b3a350cf5c34c9194ca85829a2df0ec3153be0318b5e2d3348e872092edffba');
const bob = privateKeyToAccount('0x92db14e403b83dfe3df233f83dfa3a0d7096f21ca9b0d6d6b8d88b2b4ec1564e');
const zero = '0x0000000000000000000000000000000000000000';

const deployment: Deployment = {
  name: 'test',
  deploymentId: 77n,
  arbitratorChainId: 1,
  arbitratorRpcUrl: 'http://127.0.0.1:1',
  arbitrator: zero,
  chains: [
    {
      chainIndex: 0,
      name: 'linea',
      chainId: 2,
      rpcUrl: 'http://127.0.0.1:1',
      role: 'primary',
      rollup: zero,
      gateway: zero,
      l1Gateway: zero,
      verifier: zero,
      extension: zero,
      deployedAtBlock: 0,
      tokens: [{ token: 1, symbol: 'ETH', decimals: 18, address: zero }],
      messageService: { kind: 'direct' },
    },
  ],
};

type Handler = (request: { method: string; path: string; body: Record<string, unknown> }) => { status?: number; body: unknown };

const servers: Server[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map(async (server) => await new Promise((resolve) => server.close(resolve))));
});

/** A sequencer's API of which only the answers exist. */
async function fakeSequencer(handler: Handler): Promise<string> {
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      const answer = handler({ method: request.method ?? '', path: request.url ?? '', body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>) });
      response.writeHead(answer.status ?? 200, { 'content-type': 'application/json', connection: 'close' });
      response.end(typeof answer.body === 'string' ? answer.body : stringifyPlain(answer.body));
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function clientWith(handler: Handler): Promise<RollupClient> {
  return createRollupClient({ deployment, sequencerUrl: await fakeSequencer(handler), account: alice });
}

async function aliceLeaf(changes: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
  const { publicKey } = await keyOfAccount(alice);
  return { chainIndex: 0, leafIndex: 3, token: 1, balance: '1000', nonce: 4, keyX: publicKey.x.toString(), keyY: publicKey.y.toString(), ...changes };
}

/** What a sequencer that asks for a fee of 3 for withdrawals says of itself, of one leaf and of its owner's leaves. */
function readOf(path: string, leaf: Record<string, unknown>): unknown {
  if (path.startsWith('/leaves/')) return leaf;
  if (path !== '/status') return [leaf];
  return {
    deploymentId: '77', chains: [], pendingOperations: 0, lastBlock: 0, operator: { owner: zero, keyX: '1', keyY: '2' },
    minimumFees: [{ kind: 'withdraw', token: 1, amount: '3' }], halted: null,
  };
}

async function bobUser(): Promise<{ owner: typeof bob.address; keyX: bigint; keyY: bigint }> {
  const { publicKey } = await keyOfAccount(bob);
  return { owner: bob.address, keyX: publicKey.x, keyY: publicKey.y };
}

describe('L2 key', () => {
  test('is the same every time and differs between wallets', async () => {
    const [first, again, other] = [await keyOfAccount(alice), await keyOfAccount(alice), await keyOfAccount(bob)];
    expect(again).toEqual(first);
    expect(other.publicKey).not.toEqual(first.publicKey);
    expect(await keyOfAccount(alice, 0)).toEqual(first);
    const numbered = await Promise.all([1, 2].map(async (keyIndex) => (await keyOfAccount(alice, keyIndex)).publicKey));
    expect(new Set([first.publicKey, ...numbered].map(({ x }) => x)).size).toBe(3);
    await expect(keyOfAccount(alice, -1)).rejects.toThrow(/whole number/);
    expect(isUsableKey(first.publicKey)).toBe(true);
  });

  test('a wallet that signs differently each time is refused', async () => {
    let last = 0;
    const account = { address: alice.address, signMessage: async () => await alice.signMessage({ message: `${(last += 1)}` }) };
    await expect(keyOfAccount(account)).rejects.toThrow(/differently each time/);
  });

  test('is in the L2 address', async () => {
    const client = await clientWith(() => ({ body: [] }));
    const { publicKey } = await keyOfAccount(alice);
    expect(decodeL2Address(await client.address())).toEqual({ owner: alice.address, keyX: publicKey.x, keyY: publicKey.y });
  });
});

describe('transfer and withdraw', () => {
  test('a transfer is signed over what is sent', async () => {
    const leaf = await aliceLeaf({ nextNonce: 5 });
    const sent: Record<string, unknown>[] = [];
    const client = await clientWith(({ method, path, body }) => {
      if (method === 'GET') return { body: readOf(path, leaf) };
      sent.push(body);
      return { status: 202, body: { id: 'abc' } };
    });
    const to = await bobUser();
    const result = await client.transfer({ chainIndex: 0, token: 1, amount: 10n, to: encodeL2Address(to) });
    expect(result).toEqual({ id: 'abc', chainIndex: 0, leafIndex: 3, nonce: 5, fee: 0n });
    const [body] = sent;
    expect(body).toMatchObject({ type: 'transfer', chainIndex: 0, leafIndex: 3, nonce: 5, amount: '10', fee: '0', toOwner: bob.address, toKeyX: to.keyX.toString() });
    const signature = body?.['signature'] as Record<'R8x' | 'R8y' | 'S', string>;
    const operation = {
      type: 'transfer' as const,
      from: 3,
      token: 1n,
      nonce: 5n,
      validUntil: Number(body?.['validUntil']),
      amount: 10n,
      fee: 0n,
      toOwner: BigInt(bob.address),
      toKeyX: to.keyX,
      toKeyY: to.keyY,
    };
    const { publicKey } = await keyOfAccount(alice);
    const read = { R8x: BigInt(signature.R8x), R8y: BigInt(signature.R8y), S: BigInt(signature.S) };
    expect(verifyMessage(messageHash(operation, { deploymentId: 77n, chainIndex: 0 }), read, publicKey)).toBe(true);
    expect(operation.validUntil).toBeGreaterThan(Date.now() / 1000 + 3000);
  });

  test('the fee is the minimum unless another one is given', async () => {
    const leaf = await aliceLeaf();
    const fees: unknown[] = [];
    const client = await clientWith(({ method, path, body }) => {
      if (method === 'GET') return { body: readOf(path, leaf) };
      fees.push(body['fee']);
      return { status: 202, body: { id: 'abc' } };
    });
    expect((await client.withdraw({ chainIndex: 0, token: 1, amount: 997n })).fee).toBe(3n);
    await client.withdraw({ chainIndex: 0, token: 1, amount: 7n, fee: 20n });
    await client.transfer({ chainIndex: 0, token: 1, amount: 7n, to: await bobUser() });
    expect(fees).toEqual(['3', '20', '0']);
    await expect(client.withdraw({ chainIndex: 0, token: 1, amount: 998n })).rejects.toThrow(/does not hold enough/);
    await expect(client.withdraw({ chainIndex: 0, token: 1, amount: 1n, fee: 20_481n })).rejects.toMatchObject({
      message: 'A transaction cannot carry exactly this fee', hint: expect.stringContaining('0.0000000000000205') as string,
    });
  });

  test('a change of key is signed with the present key over the new one; then the new one signs', async () => {
    const leaf = await aliceLeaf();
    const { publicKey: next } = await keyOfAccount(alice, 1);
    const sent: Record<string, unknown>[] = [];
    const handler: Handler = ({ method, path, body }) => {
      if (method === 'GET') return { body: readOf(path, sent.length === 0 ? leaf : { ...leaf, nextNonce: 5, nextKeyX: next.x.toString(), nextKeyY: next.y.toString() }) };
      sent.push(body);
      return { status: 202, body: { id: 'abc' } };
    };
    const client = await clientWith(handler);
    await client.changeKey({ chainIndex: 0, leafIndex: 3, to: { keyX: next.x, keyY: next.y } });
    expect(sent[0]).toMatchObject({ type: 'changeKey', leafIndex: 3, nonce: 4, fee: '0', keyX: next.x.toString(), keyY: next.y.toString() });
    expect(sent[0]).not.toHaveProperty('amount');
    await expect(client.withdraw({ chainIndex: 0, token: 1, amount: 1n })).rejects.toMatchObject({ hint: expect.stringContaining('--key-index') as string });
    const changed = createRollupClient({ deployment, sequencerUrl: await fakeSequencer(handler), account: alice, keyIndex: 1 });
    expect((await changed.withdraw({ chainIndex: 0, token: 1, amount: 1n })).nonce).toBe(5);
    await expect(client.changeKey({ chainIndex: 0, leafIndex: 3, to: { keyX: 3n, keyY: 4n } })).rejects.toThrow(/not a usable/);
  });

  test('when the nonce is taken it signs again for the one that the sequencer names', async () => {
    const leaf = await aliceLeaf();
    const nonces: unknown[] = [];
    const client = await clientWith(({ method, path, body }) => {
      if (method === 'GET') return { body: readOf(path, leaf) };
      nonces.push(body['nonce']);
      if (body['nonce'] === 4) return { status: 409, body: { error: { message: 'Another transaction with this nonce is pending', facts: { reason: 'nonceTaken', expected: '6' } } } };
      return { status: 202, body: { id: 'x' } };
    });
    expect((await client.withdraw({ chainIndex: 0, token: 1, amount: 7n })).nonce).toBe(6);
    expect(nonces).toEqual([4, 6]);
  });

  test('what cannot work is refused before anything is sent', async () => {
    const others = await aliceLeaf({ keyX: '1' });
    const leaf = await aliceLeaf();
    const to = await bobUser();
    const client = await clientWith(({ method, path }) => (method === 'GET' ? { body: readOf(path, leaf) } : { status: 500, body: {} }));
    await expect(client.transfer({ chainIndex: 0, token: 1, amount: 1001n, to })).rejects.toThrow(/does not hold enough for ETH on linea/);
    await expect(client.transfer({ chainIndex: 0, token: 1, amount: 123_456_789_012_345n, to })).rejects.toThrow(/cannot carry exactly/);
    await expect(client.transfer({ chainIndex: 0, token: 9, amount: 1n, to })).rejects.toThrow(/no token 9/);
    await expect(client.transfer({ chainIndex: 0, token: 1, amount: 1n, to: { ...to, keyX: 5n } })).rejects.toThrow(/usable Baby Jubjub key/);
    await expect(client.transfer({ chainIndex: 0, token: 1, amount: 1n, to: bob.address })).rejects.toThrow(/not an L2 address/);
    await expect(client.requestFullExit({ chainIndex: 4, leafIndex: 0 })).rejects.toThrow(/no chain 4/);
    const stranger = await clientWith(({ path }) => ({ body: readOf(path, others) }));
    await expect(stranger.withdraw({ chainIndex: 0, token: 1, amount: 1n })).rejects.toThrow(/no leaf of this user/);
  });

  test('an owner is looked up only when one key is on record', async () => {
    const to = await bobUser();
    const leaf = { chainIndex: 0, leafIndex: 1, token: 1, balance: '1', nonce: 0, keyX: to.keyX.toString(), keyY: to.keyY.toString() };
    const find = async (leaves: unknown[]): Promise<unknown> => await lookUpUser({ api: (await clientWith(() => ({ body: leaves }))).api, owner: bob.address });
    expect(await find([leaf, { ...leaf, leafIndex: 2 }])).toEqual(to);
    await expect(find([])).rejects.toThrow(/no leaf yet/);
    await expect(find([leaf, { ...leaf, keyX: '5' }])).rejects.toThrow(/several keys/);
  });
});

describe('the sequencer', () => {
  test("its refusals arrive in its own words, a dropped transaction with the reason", async () => {
    const leaf = await aliceLeaf();
    const refusing = await clientWith(({ method, path }) =>
      method === 'GET' ? { body: readOf(path, leaf) } : { status: 422, body: { error: { message: 'The balance is too small', facts: { balance: '1' }, hint: 'Move less.' } } },
    );
    await expect(refusing.withdraw({ chainIndex: 0, token: 1, amount: 7n })).rejects.toMatchObject({ message: 'The balance is too small', facts: { balance: '1' }, hint: 'Move less.' });
    const dropping = await clientWith(() => ({ body: { status: 'dropped', reason: 'expired' } }));
    await expect(dropping.waitForTransaction({ id: 'a' })).rejects.toMatchObject({ facts: { id: 'a', reason: 'expired' } });
  });

  test('waiting ends with the block, with the time, or with the signal', async () => {
    let asked = 0;
    const client = await clientWith(() => ({ body: (asked += 1) < 3 ? { status: 'pending' } : { status: 'included', blockNumber: 8 } }));
    expect(await client.waitForTransaction({ id: 'a' })).toEqual({ blockNumber: 8 });
    const pending = await clientWith(() => ({ body: { status: 'pending' } }));
    await expect(pending.waitForTransaction({ id: 'a', timeoutMilliseconds: 10 })).rejects.toThrow(/in vain for transaction a/);
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 50);
    await expect(pending.waitForTransaction({ id: 'a', signal: abort.signal })).rejects.toThrow(/Stopped/);
  });

  test('answers of another form, and no answer, are errors that say so', async () => {
    const wrong = await clientWith(() => ({ body: { deploymentId: 'x' } }));
    await expect(wrong.status()).rejects.toMatchObject({ facts: { at: '/status.deploymentId', expected: 'a decimal string' } });
    const text = await clientWith(() => ({ body: '<html>' }));
    await expect(text.status()).rejects.toThrow(/not JSON/);
    const silent = await clientWith(() => ({ status: 500, body: {} }));
    await expect(silent.status()).rejects.toThrow(/without saying why/);
    const nobody = createRollupClient({ deployment, sequencerUrl: 'http://127.0.0.1:1', account: alice });
    await expect(nobody.status()).rejects.toThrow(/does not answer/);
  });
});
