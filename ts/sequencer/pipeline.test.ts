import { describe, expect, it } from 'vitest';
import { blockStatus, chooseSyncTarget, defaultLimits, isExiting, nextActions, pipelineTable, type ChainCounters, type PipelineView } from './pipeline.ts';

function chain(chainIndex: number, counters: Partial<ChainCounters> = {}): ChainCounters {
  return {
    chainIndex,
    role: chainIndex === 0 ? 'primary' : 'secondary',
    committed: 0,
    proved: counters.committed ?? 0,
    synced: 0,
    confirmed: 0,
    executed: 0,
    sent: [],
    mode: 'running',
    halt: null,
    time: 0,
    ...counters,
  };
}

function view(part: Partial<PipelineView> = {}): PipelineView {
  return {
    audited: 0,
    provable: 0,
    ceiling: Infinity,
    chains: [chain(0), chain(1), chain(2)],
    arbitrator: { lastConfirmed: 0, halted: false, confirmable: [], deferred: [] },
    settled: [0, 0, 0],
    syncTarget: null,
    limits: defaultLimits,
    ...part,
  };
}

const brief = (v: PipelineView) => nextActions(v).map((action) => `${action.type} ${action.lane} ${action.from}-${action.to}`);

describe('pipeline table', () => {
  it('is one connected chain of statuses', () => {
    for (let i = 1; i < pipelineTable.length; i++) {
      const before = pipelineTable[i - 1]!;
      expect(before.next, `row ${i}`).toBe(pipelineTable[i]!.status);
    }
    expect(pipelineTable[0]!.status).toBe('sealed');
  });

  it('does nothing when nothing is sealed', () => {
    expect(nextActions(view())).toEqual([]);
  });

  it('commits an audited block on every chain at once', () => {
    expect(brief(view({ audited: 1 }))).toEqual(['commit 0 1-1', 'commit 1 1-1', 'commit 2 1-1']);
  });

  it('keeps everything that could not be taken back below the ceiling', () => {
    const chains = [chain(0, { committed: 3, proved: 1 }), chain(1, { committed: 2 }), chain(2, { committed: 3 })];
    expect(brief(view({ audited: 9, provable: 9, ceiling: 2, chains }))).toEqual(['prove 0 2-2']);
    expect(chooseSyncTarget(view({ ceiling: 0, chains }))).toBe(null);
  });

  it('puts several blocks in one commit, up to the limit', () => {
    expect(brief(view({ audited: 20 }))[0]).toBe('commit 0 1-8');
  });

  it('resumes each chain where that chain is', () => {
    const chains = [chain(0, { committed: 2, proved: 0 }), chain(1, { committed: 1 }), chain(2, { committed: 3 })];
    expect(brief(view({ audited: 3, chains }))).toEqual(['commit 0 3-3', 'commit 1 2-3']);
  });

  it('proves on the primary only, what is committed and has proofs', () => {
    const chains = [chain(0, { committed: 3, proved: 1 }), chain(1, { committed: 3 }), chain(2, { committed: 3 })];
    expect(brief(view({ audited: 3, provable: 2, chains }))).toEqual(['prove 0 2-2']);
    expect(brief(view({ audited: 3, provable: 1, chains }))).toEqual([]);
    expect(brief(view({ audited: 3, provable: 9, chains }))).toEqual(['prove 0 2-3']);
  });

  it('syncs the target on the chains that have not sent it', () => {
    const chains = [chain(0, { committed: 2, proved: 2, synced: 2, sent: [2] }), chain(1, { committed: 2 }), chain(2, { committed: 2 })];
    expect(brief(view({ audited: 2, provable: 2, chains, syncTarget: 2 }))).toEqual(['sync 1 2-2', 'sync 2 2-2']);
  });

  it('never syncs what the primary has not proved', () => {
    const chains = [chain(0, { committed: 2, proved: 1 }), chain(1, { committed: 2 }), chain(2, { committed: 2 })];
    const target = chooseSyncTarget(view({ chains }));
    expect(target).toBe(1);
    expect(brief(view({ audited: 2, provable: 1, chains, syncTarget: target }))).toEqual(['sync 0 1-1', 'sync 1 1-1', 'sync 2 1-1']);
  });

  it('confirms the highest confirmable block, once', () => {
    const arbitrator = { lastConfirmed: 1, halted: false, confirmable: [2, 4], deferred: [] };
    expect(brief(view({ arbitrator }))).toEqual(['confirm arbitrator 2-4']);
    expect(brief(view({ arbitrator: { ...arbitrator, lastConfirmed: 4 } }))).toEqual([]);
  });

  it('sends a deferred confirmation again until the chain has it', () => {
    const arbitrator = { lastConfirmed: 1, halted: false, confirmable: [], deferred: [2] };
    const behind = [chain(0), chain(1), chain(2, { committed: 1, synced: 1, sent: [1] })];
    expect(brief(view({ audited: 0, arbitrator, chains: behind }))).toEqual(['resend arbitrator 1-1']);
    const arrived = [chain(0), chain(1), chain(2, { committed: 1, synced: 1, confirmed: 1, executed: 1 })];
    expect(brief(view({ arbitrator, chains: arrived, settled: null }))).toEqual([]);
  });

  it('executes what is confirmed and then pushes withdrawals, chain by chain', () => {
    const chains = [chain(0, { committed: 3, proved: 3, synced: 3, confirmed: 3, executed: 1 }), chain(1), chain(2)];
    expect(brief(view({ chains, settled: [0, 0, 0] }))).toEqual(['execute 0 2-3', 'withdraw 0 1-1']);
    expect(brief(view({ chains, settled: null }))).toEqual(['execute 0 2-3']);
  });
});

describe('exit mode', () => {
  const busy = () => [
    chain(0, { committed: 4, proved: 3, synced: 2, confirmed: 2, executed: 1, sent: [] }),
    chain(1, { committed: 4, synced: 2, confirmed: 2, executed: 1 }),
    chain(2, { committed: 3, synced: 2, confirmed: 1, executed: 1, sent: [2] }),
  ];
  const arbitrator = { lastConfirmed: 2, halted: false, confirmable: [], deferred: [2] };
  const whole = (chains: ChainCounters[], part: Partial<PipelineView['arbitrator']> = {}) => view({ audited: 6, provable: 6, chains, syncTarget: 3, settled: [1, 1, 1], arbitrator: { ...arbitrator, ...part } });
  const left = ['execute 0 2-2', 'execute 1 2-2', 'resend arbitrator 2-2'];

  it('is not, while all chains run', () => {
    expect(isExiting(whole(busy()))).toBe(false);
    expect(brief(whole(busy()))).toEqual(['commit 0 5-6', 'commit 1 5-6', 'commit 2 4-6', 'prove 0 4-4', 'sync 0 3-3', 'sync 1 3-3', 'sync 2 3-3', ...left]);
  });

  it.each(['stopped', 'halted'] as const)('ends commits, proofs and syncs on every chain when one is %s, and nothing else', (mode) => {
    for (const i of [0, 1, 2]) {
      const chains = busy().with(i, { ...busy()[i]!, mode });
      expect(brief(whole(chains))).toEqual(left);
      expect(chooseSyncTarget(whole(chains))).toBe(null);
    }
  });

  it('is entered by the halt of the arbitrator too', () => {
    expect(brief(whole(busy(), { halted: true }))).toEqual(left);
    expect(chooseSyncTarget(whole(busy(), { halted: true }))).toBe(null);
  });

  it('still confirms what all chains have sent: whoever confirms more leaves with more', () => {
    const chains = busy().with(1, { ...busy()[1]!, mode: 'stopped' });
    expect(brief(whole(chains, { confirmable: [3], deferred: [] }))).toContain('confirm arbitrator 3-3');
  });
});

describe('sync target', () => {
  const ready = (synced: number, sent: number[], committed = 5) => ({ committed, proved: committed, synced, sent });

  it('is the highest block that is proved and committed everywhere', () => {
    expect(chooseSyncTarget(view({ chains: [chain(0, ready(0, [], 4)), chain(1, ready(0, [])), chain(2, ready(0, [], 3))] }))).toBe(3);
  });

  it('is kept until every chain has sent it, although more was proved since', () => {
    const chains = [chain(0, ready(3, [3])), chain(1, ready(0, [])), chain(2, ready(0, []))];
    expect(chooseSyncTarget(view({ chains, syncTarget: 3 }))).toBe(3);
    expect(chooseSyncTarget(view({ chains }))).toBe(3);
  });

  it('goes on to the next block when all have sent one, up to the limit of open syncs', () => {
    const all = (sent: number[]) => [0, 1, 2].map((i) => chain(i, ready(Math.max(...sent), sent)));
    expect(chooseSyncTarget(view({ chains: all([2]) }))).toBe(5);
    expect(chooseSyncTarget(view({ chains: all([2, 4]) }))).toBe(null);
  });

  it('completes what somebody else began before it begins another', () => {
    const chains = [chain(0, ready(0, [], 5)), chain(1, ready(4, [4])), chain(2, ready(0, [], 5))];
    expect(chooseSyncTarget(view({ chains }))).toBe(4);
    const late = [chain(0, ready(5, [5])), chain(1, ready(4, [4])), chain(2, ready(0, []))];
    expect(chooseSyncTarget(view({ chains: late, syncTarget: 4 }))).toBe(4);
    expect(brief(view({ chains: late, syncTarget: 4 }))).toEqual(['sync 0 4-4', 'sync 2 4-4']);
  });

  it('ignores what a secondary sent before it was proved', () => {
    const chains = [chain(0, ready(0, [], 3)), chain(1, ready(4, [4])), chain(2, ready(0, []))];
    expect(chooseSyncTarget(view({ chains }))).toBe(3);
  });

  it('is nothing when all is confirmed', () => {
    const chains = [0, 1, 2].map((i) => chain(i, { committed: 2, proved: 2, synced: 2, confirmed: 2 }));
    expect(chooseSyncTarget(view({ chains, arbitrator: { lastConfirmed: 2, halted: false, confirmable: [], deferred: [] } }))).toBe(null);
  });
});

describe('block status', () => {
  it('reads from the counters', () => {
    const primary = chain(0, { committed: 5, proved: 4, synced: 3, confirmed: 2, executed: 1 });
    expect([1, 2, 3, 4, 5, 6].map((n) => blockStatus(primary, n))).toEqual(['executed', 'confirmed', 'synced', 'proved', 'committed', 'sealed']);
    expect(blockStatus({ ...primary, role: 'secondary', proved: 5 }, 5)).toBe('committed');
  });
});
