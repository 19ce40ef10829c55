import { request as httpRequest } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { RollupError } from '../base/errors.ts';
import { stringifyPlain } from '../base/json.ts';
import { bigintToHex } from '../spec/hex.ts';
import { startApi, type Api } from './api.ts';
import { signedTransfer, testUser } from './testSupport.ts';
import type { PairRequest, SignedTransaction, Submission } from './store.ts';
import type { QuoteAnswer, QuoteParameters } from './poolView.ts';
import type { SequencerView } from './view.ts';

const alice = testUser(1);
const bob = testUser(2);
const transfer = signedTransfer(alice, bob, { leafIndex: 3, nonce: 0, amount: 5n }) as Extract<SignedTransaction, { type: 'transfer' }>;
const body = (() => {
  const { from, toOwner, ...rest } = transfer;
  return stringifyPlain({ ...rest, leafIndex: from, toOwner: bigintToHex(toOwner, 20) });
})();

let submitted: Submission[] = [];
let requested: PairRequest[] = [];
let quoted: QuoteParameters[] = [];
let submitFails: Error | null = null;
const view: SequencerView = {
  status: async () => ({
    deploymentId: 5n, chains: [], pendingOperations: 0, lastBlock: 1, operator: { owner: bigintToHex(1n, 20), keyX: 2n, keyY: 3n }, minimumFees: [], halted: null,
    arbitrator: { lastConfirmed: 0, halted: false, haltTransaction: null }, exitMode: null, warnings: [],
  }),
  blocks: async ({ before, limit }) => [{ before, limit }] as unknown as Awaited<ReturnType<SequencerView['blocks']>>,
  block: async (n) => (n === 1 ? ({ blockNumber: 1, finalRoot: 1n << 200n } as unknown as Awaited<ReturnType<SequencerView['block']>>) : null),
  leavesOf: (owner) => [{ owner: bigintToHex(owner, 20) }] as unknown as ReturnType<SequencerView['leavesOf']>,
  leaf: () => null,
  transaction: async (id) => (id === '0x01' ? { id, status: 'pending' } : null),
  async submit(transaction) {
    if (submitFails !== null) throw submitFails;
    submitted.push(transaction);
    return { id: '0x01' };
  },
  pools: () => [],
  quote(parameters) {
    quoted.push(parameters);
    return { type: parameters.type } as QuoteAnswer;
  },
  async requestPair(pair) {
    requested.push(pair);
    return pair;
  },
};

let api: Api | null = null;
const lines: string[] = [];
async function start(): Promise<string> {
  api = await startApi({ view, port: 0, progress: { report: (line) => lines.push(line) } });
  return api.url;
}
afterEach(async () => {
  await api?.stop();
  api = null;
  submitted = [];
  requested = [];
  quoted = [];
  submitFails = null;
});

const get = async (path: string, init?: RequestInit) => {
  const response = await fetch(`${await start()}${path}`, init);
  return { status: response.status, headers: response.headers, body: (await response.json()) as Record<string, unknown> };
};
const post = async (text: string) => await get('/transactions', { method: 'POST', body: text });

describe('API', () => {
  it('answers with plain JSON: bigints as decimal strings', async () => {
    const { status, headers, body: answer } = await get('/blocks/1');
    expect([status, answer]).toEqual([200, { blockNumber: 1, finalRoot: `${1n << 200n}` }]);
    expect(headers.get('content-type')).toBe('application/json');
    expect(headers.get('access-control-allow-origin')).toBe(null);
  });

  it('takes a transaction', async () => {
    const { status, body: answer } = await post(body);
    expect([status, answer]).toEqual([202, { id: '0x01' }]);
    expect(submitted).toEqual([transfer]);
  });

  it('takes an order, without owner and key', async () => {
    const order = {
      type: 'swapIn', chainIndex: 0, leafIndex: 3, token: 1, nonce: 0, validUntil: 9, fee: '0', amount: '5', pool: 7, peerChain: 1, peerLeaf: 8, peerToken: 2, limit: 0, peerAmount: 0, peerLimit: '4',
      signature: { R8x: 1, R8y: 2, S: 3 },
    };
    expect((await post(JSON.stringify(order))).status).toBe(202);
    expect(submitted).toEqual([{
      type: 'swapIn', chainIndex: 0, from: 3, token: 1n, nonce: 0n, validUntil: 9, fee: 0n, amount: 5n, pool: 7, peerChain: 1, peerLeaf: 8, peerToken: 2n, limit: 0n, peerAmount: 0n, peerLimit: 4n,
      signature: { R8x: 1n, R8y: 2n, S: 3n },
    }]);
  });

  it('takes a request for a pair, shows pairs, and quotes', async () => {
    const pair = { chainIndex: 0, token: 1, peerChain: 1, peerToken: 2 };
    expect(await get('/pools', { method: 'POST', body: JSON.stringify(pair) })).toMatchObject({ status: 202, body: pair });
    expect(requested).toEqual([pair]);
    await api?.stop();
    expect(await get('/pools')).toMatchObject({ status: 200, body: [] });
    await api?.stop();
    expect(await get('/quote?type=swapIn&chainIndex=0&pool=2&amount=5')).toMatchObject({ status: 200, body: { type: 'swapIn' } });
    expect(quoted).toEqual([{ type: 'swapIn', chainIndex: 0, pool: 2, amount: 5n, peerAmount: 0n, slippage: 50 }]);
    await api?.stop();
    expect(await get('/pools', { method: 'POST', body: '{}' })).toMatchObject({ status: 400, body: { error: { facts: { field: 'chainIndex' } } } });
    await api?.stop();
    expect(await get('/quote?type=swapIn')).toMatchObject({ status: 400, body: { error: { facts: { field: 'amount' } } } });
  });

  it.each([
    ['/status', 200], ['/blocks', 200], ['/blocks?limit=5&before=9', 200], ['/users/0x00000000000000000000000000000000000000AA', 200], ['/transactions/0x01', 200],
    ['/', 404], ['/nothing', 404], ['/blocks/1/2', 404], ['/blocks/2', 404], ['/leaves/0/1', 404], ['/transactions/0x02', 404], ['/leaves/0', 404],
    ['/blocks/x', 400], ['/blocks/-1', 400], ['/blocks/99999999999', 400], ['/blocks?limit=x', 400], ['/users/bob', 400], ['/leaves/256/0', 400], ['/leaves/0/16777216', 400], ['//', 400],
  ])('GET %s is %i', async (path, expected) => {
    const { status, body: answer } = await get(path);
    expect(status).toBe(expected);
    if (expected >= 400) expect(answer).toMatchObject({ error: { message: expect.any(String), facts: expect.any(Object) } });
  });

  it('names the allowed method', async () => {
    const { status, body: answer } = await get('/blocks', { method: 'DELETE' });
    expect([status, answer]).toMatchObject([405, { error: { facts: { allowed: 'GET' } } }]);
    expect((await get('/transactions')).status).toBe(405);
  });

  it.each([['', 400], ['{', 400], ['[]', 400], ['null', 400], ['{"type":"mint"}', 400], [body.replace('"nonce":"0"', '"nonce":"-1"'), 400]])('refuses the body %s', async (text, expected) => {
    const { status, body: answer } = await post(text);
    expect(status).toBe(expected);
    expect(answer).toMatchObject({ error: { hint: expect.any(String) } });
    expect(submitted).toEqual([]);
  });

  it('refuses a body that is too large, also when its length is not announced', async () => {
    const url = await start();
    const status = await new Promise<number | undefined>((resolve) => {
      const sending = httpRequest(`${url}/transactions`, { method: 'POST' }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      // The server may close before everything was sent.
      sending.on('error', () => {});
      for (let i = 0; i < 40; i++) sending.write('x'.repeat(1000));
      sending.end();
    });
    expect(status).toBe(413);
  });

  it('answers 413 to a body of 10 MB, and goes on', async () => {
    const url = await start();
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const sending = httpRequest(`${url}/transactions`, { method: 'POST', headers: { 'content-length': 10_000_000 } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      sending.on('error', reject);
      sending.end(Buffer.alloc(10_000_000, 'x'));
    });
    expect(status).toBe(413);
    expect((await fetch(`${url}/status`)).status).toBe(200);
  });

  const field = (name: string, value: string): string => body.replace(new RegExp(`"${name}":("[^"]*"|[0-9]+)`), () => `"${name}":${value}`);
  const wrongValues = [
    '-1', '-0.5', '1.5', '1e400', '-1e400', '1e308', '9007199254740993', '"NaN"', '"Infinity"', '"-1"', '"0x"', '"0xg"', '"1_000"', '" 1"', '""', '"١٢"', '"\\ud800"', '"🦊"', 'null', 'true', '[]', '{}',
    '{"__proto__":{"x":1}}', '{"$bigint":"1"}', `"${'9'.repeat(5000)}"`, `"0x${'f'.repeat(5000)}"`, `${'[' .repeat(3000)}${']'.repeat(3000)}`,
  ];
  it.each(['chainIndex', 'leafIndex', 'token', 'nonce', 'validUntil', 'amount', 'fee', 'toOwner', 'toKeyX', 'toKeyY', 'R8x', 'R8y', 'S', 'type'])('refuses every malformed %s and stays up', async (name) => {
    const url = await start();
    const removed = JSON.parse(body) as Record<string, unknown>;
    if (name in removed) delete removed[name];
    else delete (removed['signature'] as Record<string, unknown>)[name];
    for (const text of [JSON.stringify(removed), ...wrongValues.map((value) => field(name, value))]) {
      const response = await fetch(`${url}/transactions`, { method: 'POST', body: text });
      expect([response.status, text.slice(0, 400)]).toEqual([400, text.slice(0, 400)]);
      expect(await response.json()).toMatchObject({ error: { message: expect.any(String), hint: expect.any(String) } });
    }
    expect(submitted).toEqual([]);
    expect((await fetch(`${url}/status`)).status).toBe(200);
  });

  it.each([
    ['text that is no UTF-8', Buffer.from([0xff, 0xfe, 0x00])], ['deep JSON', Buffer.from('['.repeat(16_000))], ['deep objects', Buffer.from('{"a":'.repeat(3200))],
    ['a number for a body', Buffer.from('1')], ['NaN', Buffer.from('NaN')], ['a comment', Buffer.from('/* */ {}')],
  ])('refuses %s as a body', async (_, bytes) => {
    const response = await fetch(`${await start()}/transactions`, { method: 'POST', body: new Uint8Array(bytes) });
    expect(response.status).toBe(400);
  });

  it('survives a client that goes away in the middle of its body', async () => {
    const url = await start();
    const sending = httpRequest(`${url}/transactions`, { method: 'POST', headers: { 'content-length': 1000 } });
    sending.on('error', () => {});
    sending.write('{"type":');
    await new Promise((resolve) => setTimeout(resolve, 50));
    sending.destroy();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await fetch(`${url}/status`)).status).toBe(200);
  });

  it('passes on a refusal with reason, facts and hint', async () => {
    submitFails = new RollupError('The balance is too small', { facts: { reason: 'overdraft', balance: 3n }, hint: 'Move less.' });
    const { status, body: answer } = await post(body);
    expect([status, answer]).toEqual([400, { error: { message: 'The balance is too small', facts: { reason: 'overdraft', balance: '3' }, hint: 'Move less.' } }]);
    submitFails = new RollupError('full', { facts: { reason: 'tooManyPending' } });
    expect((await post(body)).status).toBe(429);
    submitFails = new RollupError('not ready', { facts: { unavailable: true } });
    expect((await post(body)).status).toBe(503);
  });

  it('keeps the details of its own faults to the log', async () => {
    submitFails = new Error('/secret/path broke');
    const { status, body: answer } = await post(body);
    expect(status).toBe(500);
    expect(JSON.stringify(answer)).not.toContain('secret');
    expect(lines.some((line) => line.includes('secret'))).toBe(true);
  });

  it('says which port is taken', async () => {
    const url = await start();
    await expect(startApi({ view, port: Number(new URL(url).port) })).rejects.toMatchObject({ facts: { code: 'EADDRINUSE' } });
  });
});
