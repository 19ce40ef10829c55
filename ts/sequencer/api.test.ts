import { request as httpRequest } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { RollupError } from '../base/errors.ts';
import { stringifyPlain } from '../base/json.ts';
import { bigintToHex } from '../spec/hex.ts';
import { startApi, type Api } from './api.ts';
import { signedTransfer, testUser } from './testSupport.ts';
import type { SignedTransaction } from './store.ts';
import type { SequencerView } from './view.ts';

const alice = testUser(1);
const bob = testUser(2);
const transfer = signedTransfer(alice, bob, { leafIndex: 3, nonce: 0, amount: 5n }) as Extract<SignedTransaction, { type: 'transfer' }>;
const body = (() => {
  const { from, toOwner, ...rest } = transfer;
  return stringifyPlain({ ...rest, leafIndex: from, toOwner: bigintToHex(toOwner, 20) });
})();

let submitted: SignedTransaction[] = [];
let submitFails: Error | null = null;
const view: SequencerView = {
  status: async () => ({ deploymentId: 5n, chains: [], pendingOperations: 0, lastBlock: 1, operator: { owner: bigintToHex(1n, 20), keyX: 2n, keyY: 3n }, minimumFees: [], halted: null }),
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
