import { describe, expect, it } from 'vitest';
import { RollupError } from '../base/errors.ts';
import { AuditFailure } from './auditReplay.ts';
import { memoryStore } from './memoryStore.ts';
import type { ProofJob } from './ports.ts';
import { Proving, type ProvingOptions } from './proving.ts';
import { depositEvent, nextBlock, testUser } from './testSupport.ts';

const alice = testUser(1);
const first = nextBlock({ requests: [[depositEvent(0, alice, 1n)], [depositEvent(0, alice, 1n)]] });
const second = nextBlock({ tip: first.tip, requests: [[depositEvent(1, alice, 1n)]], timestamp: 1001 });
const third = nextBlock({ tip: second.tip, requests: [[depositEvent(2, alice, 1n)]], timestamp: 1002 });
const statement = { proof: { a: [0n, 0n], b: [[0n, 0n], [0n, 0n]], c: [0n, 0n] }, publicInputs: [] } as const;

async function setup(options: Partial<ProvingOptions> = {}) {
  const store = memoryStore();
  for (const block of [first, second, third]) await store.appendBlock(block);
  const jobs: string[] = [];
  const faults: RollupError[] = [];
  const provable: number[] = [];
  const proving = new Proving({
    store,
    prove: async (job: ProofJob) => {
      jobs.push(`${job.trace.blockNumber} ${job.circuit}`);
      return { ...statement, publicInputs: [] };
    },
    auditProofs: async () => {}, provedUpTo: 0, onProvable: (n) => provable.push(n), onFault: (error) => faults.push(error), ...options,
  });
  return { store, proving, jobs, faults, provable };
}

const settle = async () => await new Promise((resolve) => setTimeout(resolve, 20));

describe('proving', () => {
  it('makes all proofs of a block and reports blocks in order', async () => {
    const { proving, jobs, provable, store } = await setup({ parallelBlocks: 3 });
    for (const n of [1, 2, 3]) proving.add(n);
    await settle();
    expect(jobs.sort()).toEqual(['1 join', '1 segment', '1 segment', '2 join', '2 segment', '3 join', '3 segment']);
    expect(provable).toEqual([1, 2, 3]);
    expect(await store.trace(1)).toBe(null);
    expect((await store.proofs(1)).size).toBe(3);
  });

  it('counts a block only when all before it are there', async () => {
    const { proving, provable } = await setup({
      prove: async (job) => {
        if (job.trace.blockNumber === 1) await new Promise((resolve) => setTimeout(resolve, 60));
        return { ...statement, publicInputs: [] };
      },
    });
    proving.add(1);
    proving.add(2);
    await settle();
    expect(proving.provable).toBe(0);
    await new Promise((resolve) => setTimeout(resolve, 80));
    expect(provable).toEqual([1, 2]);
  });

  it('makes only what is missing, and nothing for blocks that are proved', async () => {
    const { proving, jobs, store } = await setup({ provedUpTo: 1 });
    await store.saveProof({ blockNumber: 2, part: 'join', statement: { ...statement, publicInputs: [] } });
    for (const n of [1, 2]) proving.add(n);
    await settle();
    expect(jobs).toEqual(['2 segment']);
    expect(proving.provable).toBe(2);
  });

  it('tries a failed proof again', async () => {
    let failures = 1;
    const { proving, faults } = await setup({
      prove: async () => {
        if (failures-- > 0) throw new Error('the worker died');
        return { ...statement, publicInputs: [] };
      },
    });
    proving.add(1);
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(faults).toEqual([]);
    expect(proving.provable).toBe(1);
  });

  it('is a fault when a proof fails for good, when its trace is gone, or when the audit refuses it', async () => {
    const failing = await setup({ attempts: 1, prove: async () => await Promise.reject(new Error('no')) });
    failing.proving.add(1);
    const gone = await setup();
    await gone.store.dropTrace(1);
    gone.proving.add(1);
    const refused = await setup({ auditProofs: async () => await Promise.reject(new AuditFailure('a proof is not valid', {})) });
    refused.proving.add(1);
    const unknown = await setup();
    unknown.proving.add(9);
    await settle();
    for (const { faults, proving } of [failing, gone, refused, unknown]) {
      expect(faults).toHaveLength(1);
      expect(proving.provable).toBe(0);
    }
    expect(String(gone.faults[0]!.cause)).toContain('trace');
    expect(refused.faults[0]).toBeInstanceOf(AuditFailure);
    expect(String(unknown.faults[0]!.cause)).toContain('not in the store');
  });

  it('cancels when it stops, without a fault', async () => {
    const { proving, faults } = await setup({ prove: async (_, signal) => await new Promise((__, reject) => signal.addEventListener('abort', () => reject(new Error('cancelled')))) });
    proving.add(1);
    await settle();
    await proving.stop();
    proving.add(2);
    expect(faults).toEqual([]);
  });
});
