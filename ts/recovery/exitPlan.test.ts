import { describe, expect, it } from 'vitest';
import { planExit, type ChainView, type ExitView } from './exitPlan.ts';

const NAMES = ['linea', 'zksync', 'ethereum'];

/** A chain in normal life with everything executed up to block 5. */
function chain(chainIndex: number, part: Partial<ChainView> = {}): ChainView {
  const stages = { committed: 7, proved: 7, synced: 6, confirmed: 5, executed: 5 };
  return { chainIndex, name: NAMES[chainIndex]!, mode: 'running', stages, openRequests: 0, oldestRequest: null, haltBlock: null, exitsOpen: false, haltRoot: null, timestamp: 1000, haltRequestSentAt: null, haltSentAt: null, ...part };
}

function view(chains: readonly Partial<ChainView>[] = [{}, {}, {}], arbitrator: Partial<ExitView['arbitrator']> = {}): ExitView {
  return { chains: chains.map((part, i) => chain(i, part)), silent: [], arbitrator: { halted: false, lastConfirmedBlock: 5, finalRoot: 9n, confirmable: null, ...arbitrator } };
}

const stagesAt = (executed: number, confirmed = 5): ChainView['stages'] => ({ committed: 7, proved: 7, synced: 6, confirmed, executed });
const waiting = { openRequests: 2, oldestRequest: { requestId: 3n, expiresAt: 1500, hasExpired: false } };
const expired = { openRequests: 2, oldestRequest: { requestId: 3n, expiresAt: 900, hasExpired: true } };
const open = { mode: 'halted' as const, haltBlock: 5, exitsOpen: true, haltRoot: 9n };

describe('before the halt', () => {
  it('when nothing waits, nothing is due', () => {
    expect(planExit(view())).toEqual({ steps: [], waits: [], isOpen: false });
  });

  it('a request that has not expired is waited for', () => {
    expect(planExit(view([waiting, {}, {}]))).toEqual({ steps: [], waits: [{ type: 'expiry', chainIndex: 0, requestId: 3n, expiresAt: 1500 }], isOpen: false });
  });

  it('what every chain has synced is confirmed first, then executed, also when a request has expired: it may be in there', () => {
    expect(planExit(view([{ ...expired, stages: stagesAt(3) }, { stages: stagesAt(4) }, {}], { confirmable: 6 })).steps).toEqual([
      { type: 'confirm', blockNumber: 6 },
      { type: 'execute', chainIndex: 0, from: 4, to: 5 },
      { type: 'execute', chainIndex: 1, from: 5, to: 5 },
    ]);
  });

  it('an expired request stops its chain when everything confirmed there is executed; a late confirmation elsewhere does not matter', () => {
    const { steps, waits } = planExit(view([expired, { stages: stagesAt(4, 4) }, expired]));
    expect(steps).toEqual([
      { type: 'trigger', chainIndex: 0, requestId: 3n, expiresAt: 900 },
      { type: 'trigger', chainIndex: 2, requestId: 3n, expiresAt: 900 },
    ]);
    expect(waits).toEqual([{ type: 'confirmation', chainIndex: 1, blockNumber: 5 }]);
  });

  it('a chain that has stopped tells the arbitrator, once; again when asked to', () => {
    const stopped = { ...expired, mode: 'stopped' as const };
    expect(planExit(view([stopped, {}, {}]))).toEqual({ steps: [{ type: 'haltRequest', chainIndex: 0 }], waits: [], isOpen: false });
    const sent = view([{ ...stopped, haltRequestSentAt: 950 }, {}, {}]);
    expect(planExit(sent)).toEqual({ steps: [], waits: [{ type: 'haltRequest', chainIndex: 0, sentAt: 950 }], isOpen: false });
    expect(planExit(sent, { resend: true }).steps).toEqual([{ type: 'haltRequest', chainIndex: 0 }]);
  });

  it('a chain that has stopped still executes what is confirmed', () => {
    expect(planExit(view([{ mode: 'stopped', stages: stagesAt(2) }])).steps).toEqual([{ type: 'execute', chainIndex: 0, from: 3, to: 5 }, { type: 'haltRequest', chainIndex: 0 }]);
  });
});

describe('after the halt', () => {
  const halted = { halted: true };

  it('every chain is told, whatever its mode, and no expired request is looked at any more', () => {
    expect(planExit(view([{ mode: 'stopped' }, expired, { haltSentAt: 990 }], halted))).toEqual({
      steps: [{ type: 'halt', chainIndex: 0 }, { type: 'halt', chainIndex: 1 }],
      waits: [{ type: 'halt', chainIndex: 2, sentAt: 990 }],
      isOpen: false,
    });
    expect(planExit(view([{ haltSentAt: 990 }], halted), { resend: true }).steps).toEqual([{ type: 'halt', chainIndex: 0 }]);
  });

  it('nothing is confirmed any more', () => {
    expect(planExit(view([open, open, open], { halted: true, confirmable: 6 })).steps).toEqual([]);
  });

  it('a chain that knows executes up to the last block; one that does not, up to what it knows', () => {
    const { steps } = planExit(view([{ mode: 'halted', haltBlock: 5, stages: stagesAt(3) }, { stages: stagesAt(2, 4) }, open], halted));
    expect(steps).toEqual([
      { type: 'execute', chainIndex: 0, from: 4, to: 5 },
      { type: 'execute', chainIndex: 1, from: 3, to: 4 },
      { type: 'halt', chainIndex: 1 },
    ]);
  });

  it('is over when exits are open on every chain, not before', () => {
    expect(planExit(view([open, open, open], halted))).toEqual({ steps: [], waits: [], isOpen: true });
    expect(planExit(view([open, open, { haltSentAt: 1 }], halted)).isOpen).toBe(false);
  });

  it('does not wait for a chain that does not answer, and is not over without it', () => {
    const silent = [{ chainIndex: 1, name: 'zksync', reason: 'fetch failed' }];
    const { steps, isOpen } = planExit({ ...view([{ mode: 'halted', haltBlock: 5, stages: stagesAt(4) }], halted), silent });
    expect(steps).toEqual([{ type: 'execute', chainIndex: 0, from: 5, to: 5 }]);
    expect(planExit({ ...view([open], halted), silent }).isOpen).toBe(isOpen);
    expect(isOpen).toBe(false);
  });
});
