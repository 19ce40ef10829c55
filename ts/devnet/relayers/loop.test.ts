import { afterEach, describe, expect, it } from 'vitest';
import { RollupError } from '../../base/errors.ts';
import { Loop, type LoopParameters, untilIdle, WorkClock } from './loop.ts';
import type { Round } from './relayer.ts';

type Relayer = LoopParameters['relayer'];

const nothing: Round = { carried: 0, waiting: 0 };
const pause = async (milliseconds: number): Promise<void> => await new Promise((resolve) => setTimeout(resolve, milliseconds));

let loops: Loop[] = [];
afterEach(async () => {
  await Promise.all(loops.map(async (loop) => await loop.stop()));
  loops = [];
});

function started(relayers: Relayer[], { pollInterval = 5, log = (_: string): void => {} } = {}): WorkClock {
  const clock = new WorkClock();
  loops = relayers.map((relayer) => new Loop({ relayer, pollInterval, log, clock }));
  for (const loop of loops) loop.start();
  return clock;
}

describe('loop', () => {
  it('goes on after a failure, and logs each reason once', async () => {
    const lines: string[] = [];
    let rounds = 0;
    let go = (): void => {};
    const gate = new Promise<void>((resolve) => (go = resolve));
    started(
      [
        {
          name: 'test',
          async round() {
            rounds++;
            if (rounds <= 3) throw new RollupError('no connection', { facts: { url: 'x' } });
            if (rounds === 4) throw new Error('another\nsecond line');
            if (rounds === 5) await gate;
            return rounds === 5 ? { carried: 2, waiting: 1 } : nothing;
          },
        },
      ],
      { log: (line) => lines.push(line) },
    );
    while (rounds < 5) await pause(5);
    expect(loops[0]!.status).toMatchObject({ carried: 0, error: 'another' });
    go();
    while (rounds < 7) await pause(5);
    expect(lines).toEqual(['test: no connection; tries again', 'test: another; tries again']);
    expect(loops[0]!.status).toMatchObject({ carried: 2, waiting: 0, error: undefined });
    expect(loops[0]!.status.rounds).toBeGreaterThanOrEqual(6);
  });

  it('is idle only when everyone has looked after the last thing was carried', async () => {
    // What the first carries is work for the second, and that for the third.
    const queues = [2, 0, 0];
    const order: number[] = [];
    const relayers = [2, 1, 0].map((i): Relayer => ({
      name: `relayer ${i}`,
      async round() {
        await pause(3);
        if (queues[i] === 0) return nothing;
        queues[i]!--;
        if (i < 2) queues[i + 1]!++;
        order.push(i);
        return { carried: 1, waiting: queues[i]! };
      },
    }));
    const clock = started(relayers, { pollInterval: 10_000 });
    await untilIdle(loops, { clock, timeout: 5_000, stopped: () => false });
    expect(queues).toEqual([0, 0, 0]);
    expect(order).toHaveLength(6);
  });

  it('says what is left when it does not become idle', async () => {
    const clock = started([
      { name: 'waits', round: async () => ({ carried: 0, waiting: 3 }) },
      { name: 'fails', round: async () => await Promise.reject(new Error('broken')) },
      { name: 'rests', round: async () => nothing },
    ]);
    const idle = untilIdle(loops, { clock, timeout: 100, stopped: () => false });
    await expect(idle).rejects.toMatchObject({ message: 'Messages are still on their way after 0.1 s', facts: { waits: '3 waiting', fails: 'broken' } });
    await expect(untilIdle(loops, { clock, timeout: 100, stopped: () => true })).rejects.toThrow('The relayers were stopped');
  });

  it('rests while it is held, from the end of the round that runs, and goes on when it is released', async () => {
    let [began, ended] = [0, 0];
    const clock = started([{ name: 'slow', round: async () => (began++, await pause(30), ended++, nothing) }]);
    while (began === 0) await pause(1);
    await loops[0]!.hold();
    expect([began, ended]).toEqual([1, 1]);
    await pause(80);
    expect(began).toBe(1);
    await expect(untilIdle(loops, { clock, timeout: 50, stopped: () => false })).rejects.toMatchObject({ facts: { slow: 'manual' } });
    expect(began).toBe(1);
    loops[0]!.release();
    await untilIdle(loops, { clock, timeout: 5_000, stopped: () => false });
    expect(ended).toBeGreaterThan(1);
  });

  it('stops while it is held', async () => {
    started([{ name: 'idle', round: async () => nothing }], { pollInterval: 10_000 });
    await loops[0]!.hold();
    await loops[0]!.stop();
    expect(loops[0]!.isHeld).toBe(true);
  });

  it('stops after the round that is running', async () => {
    let ended = false;
    started([{ name: 'slow', round: async () => await pause(50).then(() => ((ended = true), nothing)) }]);
    await pause(5);
    await loops[0]!.stop();
    expect(ended).toBe(true);
  });
});
