import { createPublicClient, custom } from 'viem';
import { describe, expect, it } from 'vitest';
import { viemChain } from '../chain/clients.ts';
import { fakeDeployment } from './fakeWorld.ts';
import { FakeRpc } from './fakeRpc.ts';
import { fetchAhead, nameOfRpc, patiently, readLogs, sourceOf, type ReadClient } from './rpc.ts';

const [chain] = fakeDeployment().chains;
if (!chain) throw new Error('no chain');
const source = sourceOf(chain, new FakeRpc({ chainId: chain.chainId }).client(chain));

describe('rpc', () => {
  it('is named without what may be a key in its URL', () => {
    expect(nameOfRpc(sourceOf({ ...chain, rpcUrl: 'https://user:secret@rpc.example/v1/secret?key=secret' }))).toBe('the RPC of linea (rpc.example)');
    expect(nameOfRpc(source)).toBe('the RPC of linea');
  });

  it('is asked again, after longer and longer pauses, and as often as is allowed', async () => {
    const times: number[] = [];
    const run = (): Promise<string> => {
      times.push(performance.now());
      return times.length < 4 ? Promise.reject(new Error('busy')) : Promise.resolve('done');
    };
    expect(await patiently('It', source, run, { patience: { tries: 4, firstDelay: 20, maximumDelay: 40 } })).toBe('done');
    const pauses = times.slice(1).map((time, i) => time - (times[i] ?? 0));
    expect(pauses[0]).toBeGreaterThanOrEqual(19);
    expect(pauses[1]).toBeGreaterThanOrEqual(39);
    times.length = 0;
    await expect(patiently('It', source, run, { patience: { tries: 2, firstDelay: 1, maximumDelay: 1 } })).rejects.toMatchObject({ message: 'It: the RPC of linea does not answer', facts: { tries: 2, reason: 'busy' } });
  });

  it('is not waited for when it is stopped', async () => {
    const stop = new AbortController();
    const waiting = patiently('It', source, () => Promise.reject(new Error('busy')), { signal: stop.signal, patience: { tries: 5, firstDelay: 600_000, maximumDelay: 600_000 } });
    stop.abort();
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('that never answers is not waited for either, in one request or in a range of logs', async () => {
    const silent = sourceOf(chain, createPublicClient({ chain: viemChain(chain), transport: custom({ request: () => new Promise(() => undefined) }, { retryCount: 0 }) }) as ReadClient);
    const stop = new AbortController();
    const options = { signal: stop.signal, patience: { tries: 2, firstDelay: 1, maximumDelay: 1 } };
    const waiting = [patiently('It', silent, () => silent.client.getBlockNumber(), options), readLogs({ ...options, source: silent, address: chain.rollup, events: [], from: 1, to: 9 })];
    const ended = Promise.allSettled(waiting);
    stop.abort();
    for (const result of await ended) expect(result).toMatchObject({ status: 'rejected', reason: { name: 'AbortError' } });
  });

  it('fetches ahead, but not too far, and hands back in order', async () => {
    let running = 0;
    let most = 0;
    const fetch = async (item: number): Promise<number> => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, (10 - item) * 2));
      running--;
      if (item === 7) throw new Error('seven');
      return item * item;
    };
    const results: number[] = [];
    const read = async (): Promise<void> => {
      for await (const { result } of fetchAhead([1, 2, 3, 4, 5, 6, 7, 8, 9], 3, fetch)) results.push(result);
    };
    await expect(read()).rejects.toThrow('seven');
    expect(results).toEqual([1, 4, 9, 16, 25, 36]);
    expect(most).toBe(3);
  });
});
