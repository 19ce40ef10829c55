import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { stringify } from '../base/json.ts';
import type { ChainEvent } from './events.ts';
import { openFileStore } from './fileStore.ts';
import { memoryStore } from './memoryStore.ts';
import { genesisTip, restoreTip } from './sealer.ts';
import { transactionId } from './parseTransaction.ts';
import type { ProofPart, ProvenStatement, Store } from './store.ts';
import { context, depositEvent, nextBlock, onWorldPair, operator, pooled, signedOrder, signedWithdraw, testUser, worldPair } from './testSupport.ts';
import { packBlock } from './packer.ts';

const alice = testUser(1);
const withdraw = signedWithdraw(alice, 9n, { leafIndex: 0, nonce: 0, amount: 3n });
const id = transactionId(withdraw, context.deploymentId);
const first = nextBlock({ requests: [[depositEvent(0, alice, 1000n)], [depositEvent(0, alice, 5n)]] });
const second = nextBlock({ tip: first.tip, transactions: [withdraw], timestamp: 1001 });
const statement: ProvenStatement = { proof: { a: [1n, 2n], b: [[3n, 4n], [5n, 6n]], c: [7n, 8n] }, publicInputs: [9n] };

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});
function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sequencer-store-'));
  folders.push(folder);
  return folder;
}

/** Each store, and how to open it again as after a restart. */
const kinds: [string, () => { open: () => Promise<Store> }][] = [
  ['memory store', () => {
    const store = memoryStore();
    return { open: async () => store };
  }],
  ['file store', () => {
    const dataDir = newFolder();
    return { open: () => openFileStore({ dataDir }) };
  }],
];

describe.each(kinds)('%s', (_, make) => {
  it('keeps blocks, traces and proofs over a restart', async () => {
    const { open } = make();
    let store = await open();
    expect(await store.lastBlock()).toBe(0);
    expect(await store.block(1)).toBe(null);
    await store.appendBlock(first);
    await store.saveProof({ blockNumber: 1, part: 'join', statement });
    await store.saveProof({ blockNumber: 1, part: 0, statement });
    await store.saveProof({ blockNumber: 9, part: 0, statement });
    await store.close();
    store = await open();
    expect(await store.lastBlock()).toBe(1);
    expect(await store.block(1)).toEqual(first.block);
    expect(await store.trace(1)).toEqual(first.trace);
    expect(await store.proofs(1)).toEqual(new Map<ProofPart, ProvenStatement>([[0, statement], ['join', statement]]));
    await store.dropTrace(1);
    expect(await store.trace(1)).toBe(null);
    await store.close();
  });

  it('keeps requested pairs and orders over a restart', async () => {
    const { open } = make();
    let store = await open();
    expect(await store.requestedPairs()).toEqual([]);
    await store.requestPair(worldPair);
    const order = signedOrder(alice, { type: 'swapIn', from: 0, nonce: 0, ...onWorldPair, amount: 5n, peerLimit: 4n });
    await store.acceptTransaction({ id: transactionId(order, context.deploymentId), transaction: order });
    await store.close();
    store = await open();
    expect(await store.requestedPairs()).toEqual([worldPair]);
    expect((await store.pendingTransactions()).map(({ transaction }) => transaction)).toEqual([order]);
    await store.close();
  });

  it('appends only the next block', async () => {
    const store = await make().open();
    await expect(store.appendBlock(second)).rejects.toThrow('Only the next block');
    await store.appendBlock(first);
    await expect(store.appendBlock(first)).rejects.toThrow('Only the next block');
    await store.close();
  });

  it('follows a transaction from accepted to included and back when its block is dropped', async () => {
    const { open } = make();
    let store = await open();
    await store.appendBlock(first);
    await store.acceptTransaction({ id, transaction: withdraw });
    await expect(store.acceptTransaction({ id, transaction: withdraw })).rejects.toThrow('already known');
    await store.close();
    store = await open();
    expect((await store.pendingTransactions()).map((record) => record.transaction)).toEqual([withdraw]);
    await store.appendBlock(second);
    await store.saveProof({ blockNumber: 2, part: 'join', statement });
    await store.close();
    store = await open();
    expect(await store.transaction(id)).toMatchObject({ status: 'included', blockNumber: 2 });
    await store.dropBlocksAbove(1);
    expect(await store.lastBlock()).toBe(1);
    expect(await store.transaction(id)).toMatchObject({ status: 'pending' });
    await store.appendBlock(second);
    expect((await store.proofs(2)).size).toBe(0);
    await store.close();
  });

  it('remembers why a transaction was dropped, and takes it again', async () => {
    const { open } = make();
    let store = await open();
    await store.acceptTransaction({ id, transaction: withdraw });
    await store.dropTransaction({ id, reason: 'expired' });
    await expect(store.dropTransaction({ id: 'x', reason: 'expired' })).rejects.toThrow('not known');
    await store.close();
    store = await open();
    expect(await store.transaction(id)).toMatchObject({ status: 'dropped', reason: 'expired' });
    expect(await store.transaction('x')).toBe(null);
    await store.acceptTransaction({ id, transaction: withdraw });
    expect(await store.pendingTransactions()).toHaveLength(1);
    await store.close();
  });

  it('keeps cursors and watcher journals', async () => {
    const { open } = make();
    let store = await open();
    const events: ChainEvent[] = [depositEvent(0, alice, 1n), depositEvent(1, alice, 2n), depositEvent(2, alice, 3n)];
    expect(await store.cursor('a')).toBe(0);
    await store.setCursor('a', 4);
    await store.setCursor('a', 5);
    await store.journal('x').append({ number: 1, hash: '0x01' }, events.slice(0, 1));
    await store.journal('x').append({ number: 3, hash: '0x03' }, events.slice(1));
    await store.journal('x').rewind({ number: 2, hash: '0x02' });
    await store.close();
    store = await open();
    expect(await store.cursor('a')).toBe(5);
    expect(await store.journal('x').read()).toEqual({ checkpoints: [{ number: 1, hash: '0x01' }], events: events.slice(0, 2) });
    expect(await store.journal('y').read()).toEqual({ checkpoints: [], events: [] });
    await store.close();
  });

  it('gives back the ledger by replay', async () => {
    const store = await make().open();
    expect((await restoreTip({ context, store })).state.finalRoot).toBe(genesisTip(context).state.finalRoot);
    await store.appendBlock(first);
    await store.acceptTransaction({ id, transaction: withdraw });
    await store.appendBlock(second);
    const tip = await restoreTip({ context, store });
    expect(tip.stored).toEqual(second.tip.stored);
    expect(tip.syncHashes).toEqual(second.tip.syncHashes);
    expect(tip.state.leaf(0, 0)).toEqual(second.tip.state.leaf(0, 0));
    await store.close();
  });
});

describe('file store of an earlier version', () => {
  it('is read: what waits without a signed token is dropped with that reason', async () => {
    const dataDir = newFolder();
    const { token: _, ...old } = withdraw;
    writeFileSync(join(dataDir, 'transactions.jsonl'), `${stringify({ type: 'accept', id, transaction: old })}\n`);
    const store = await openFileStore({ dataDir });
    const [record] = await store.pendingTransactions();
    expect(record).toMatchObject({ id, transaction: { ...withdraw, token: 0n } });
    const { dropped } = packBlock({ state: first.tip.state, deploymentId: context.deploymentId, operator, requests: [[], [], []], transactions: pooled(record!.transaction), timestamp: 1001 });
    expect(dropped).toMatchObject([{ reason: expect.stringMatching(/^wrongToken/) as string }]);
    expect(await store.requestedPairs()).toEqual([]);
    await store.close();
  });
});

describe('file store after a crash', () => {
  it('cuts off half a line at the end of a journal', async () => {
    const dataDir = newFolder();
    let store = await openFileStore({ dataDir });
    await store.setCursor('a', 1);
    await store.close();
    appendFileSync(join(dataDir, 'cursors.jsonl'), '{"name":"a","val');
    store = await openFileStore({ dataDir });
    expect(await store.cursor('a')).toBe(1);
    await store.setCursor('a', 2);
    await store.close();
    expect(readFileSync(join(dataDir, 'cursors.jsonl'), 'utf8').trim().split('\n')).toHaveLength(2);
  });

  it('refuses a journal that is broken in the middle', async () => {
    const dataDir = newFolder();
    writeFileSync(join(dataDir, 'cursors.jsonl'), '{"name":"a"\n{"name":"a","value":1}\n');
    await expect(openFileStore({ dataDir })).rejects.toThrow('broken line');
  });

  it('ignores a block whose file was never finished, and its trace and proofs', async () => {
    const dataDir = newFolder();
    let store = await openFileStore({ dataDir });
    await store.appendBlock(first);
    await store.close();
    writeFileSync(join(dataDir, 'traces', '2.json'), 'old');
    writeFileSync(join(dataDir, 'blocks', '2.json.new'), '{"half":');
    writeFileSync(join(dataDir, 'proofs', '2-join.json'), JSON.stringify({ old: true }));
    store = await openFileStore({ dataDir });
    expect(await store.lastBlock()).toBe(1);
    await store.acceptTransaction({ id, transaction: withdraw });
    await store.appendBlock(second);
    expect(await store.trace(2)).toEqual(second.trace);
    expect((await store.proofs(2)).size).toBe(0);
    await store.close();
    expect(readdirSync(join(dataDir, 'blocks')).sort()).toEqual(['1.json', '2.json']);
  });

  it('names a block that does not lead to its root', async () => {
    const store = memoryStore();
    const { block, trace } = first;
    await store.appendBlock({ block: { ...block, finalRoot: 1n }, trace });
    await expect(restoreTip({ context, store })).rejects.toMatchObject({ facts: { blockNumber: 1, expected: 1n } });
    const other = memoryStore();
    const [segment, ...rest] = block.segments;
    await other.appendBlock({ block: { ...block, segments: [{ ...segment!, rootOut: 1n }, ...rest] }, trace });
    await expect(restoreTip({ context, store: other })).rejects.toMatchObject({ facts: { segment: 0, expected: 1n } });
  });

  it('is for one process at a time and takes over the lock of one that ended', async () => {
    const dataDir = newFolder();
    const store = await openFileStore({ dataDir });
    await expect(openFileStore({ dataDir })).rejects.toThrow('used by another process');
    await store.close();
    for (const left of ['4194304999', 'nonsense', `${process.pid}`]) {
      writeFileSync(join(dataDir, 'lock'), left);
      await (await openFileStore({ dataDir })).close();
    }
    writeFileSync(join(dataDir, 'lock'), `${process.ppid}`);
    await expect(openFileStore({ dataDir })).rejects.toThrow('used by another process');
    rmSync(join(dataDir, 'lock'));
  });
});
