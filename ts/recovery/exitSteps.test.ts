import { describe, expect, it } from 'vitest';
import { RollupError } from '../base/errors.ts';
import type { ChainView, ExitStep, ExitView } from './exitPlan.ts';
import { advanceExit, type AdvanceExitParameters } from './exitSteps.ts';
import { fakeDeployment } from './fakeWorld.ts';

/** Three chains after the arbitrator has halted at block 5; what is done to them shows. */
class World {
  readonly sent = new Set<number>();
  readonly acted: ExitStep[] = [];
  readonly executed = [5, 4, 5];

  view(): ExitView {
    const chains = [0, 1, 2].map((chainIndex): ChainView => {
      const stages = { committed: 7, proved: 7, synced: 6, confirmed: 5, executed: this.executed[chainIndex] ?? 0 };
      const haltSentAt = this.sent.has(chainIndex) ? 900 : null;
      return { chainIndex, name: `${chainIndex}`, mode: 'running', stages, openRequests: 0, oldestRequest: null, haltBlock: null, exitsOpen: false, haltRoot: null, timestamp: 1000, haltRequestSentAt: null, haltSentAt };
    });
    return { chains, silent: [], arbitrator: { halted: true, lastConfirmedBlock: 5, finalRoot: 9n, confirmable: null } };
  }

  advance(refuse: (step: ExitStep) => Error | null): ReturnType<typeof advanceExit> {
    const act: AdvanceExitParameters['act'] = ({ step }) => {
      this.acted.push(step);
      const error = refuse(step);
      if (error !== null) return Promise.reject(error);
      if (step.type === 'halt') this.sent.add(step.chainIndex);
      if (step.type === 'execute') this.executed[step.chainIndex] = step.to;
      return Promise.resolve(['0x01']);
    };
    // No wallet is touched: `act` does what there is to do.
    return advanceExit({ deployment: fakeDeployment(), wallets: undefined as never, look: () => Promise.resolve(this.view()), act });
  }
}

describe('a step that is refused', () => {
  it('holds up its own chain only', async () => {
    const world = new World();
    const paused = new RollupError('The message service is paused');
    const { done, failed, plan } = await world.advance((step) => (step.type === 'execute' || (step.type === 'halt' && step.chainIndex === 0) ? paused : null));
    expect(done.map(({ step }) => step)).toEqual([{ type: 'halt', chainIndex: 1 }, { type: 'halt', chainIndex: 2 }]);
    expect(failed).toEqual([
      { step: { type: 'execute', chainIndex: 1, from: 5, to: 5 }, error: paused },
      { step: { type: 'halt', chainIndex: 0 }, error: paused },
    ]);
    expect(plan.steps).toEqual(failed.map(({ step }) => step));
    expect(world.acted).toHaveLength(4);

    // The next time all of it goes well.
    const later = await world.advance(() => null);
    expect(later.done.map(({ step }) => step.type)).toEqual(['execute', 'halt']);
    expect(later.failed).toEqual([]);
  });

  it('is told from a fault of the program', async () => {
    await expect(new World().advance(() => new TypeError('not a function'))).rejects.toThrow('not a function');
  });
});
