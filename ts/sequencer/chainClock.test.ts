import { describe, expect, it } from 'vitest';
import { ChainClock } from './chainClock.ts';

function clockOf(chainCount = 3) {
  const machine = { ms: 1_000_500 };
  const clock = new ChainClock({ chainCount, now: () => machine.ms });
  return { machine, clock };
}

describe('chain clock', () => {
  it("is this machine's while chains are behind, or one of them is", () => {
    const { machine, clock } = clockOf();
    expect(clock.seconds()).toBe(1000);
    for (const [chain, time] of [[0, 990], [1, 5000], [2, 5000]] as const) clock.see(chain, time);
    expect(clock.seconds()).toBe(1000);
    machine.ms += 7000;
    expect(clock.seconds()).toBe(1007);
  });

  it('follows the chain that is least ahead, while time goes on', () => {
    const { machine, clock } = clockOf();
    for (const [chain, time] of [[0, 9000], [1, 8000], [2, 9500]] as const) clock.see(chain, time);
    expect(clock.seconds()).toBe(8000);
    machine.ms += 100_000;
    expect(clock.seconds()).toBe(8100);
    clock.see(1, 20_000);
    expect(clock.seconds()).toBe(9100);
  });

  it('takes nothing from an idle chain that is looked at again, and goes back with a chain', () => {
    const { machine, clock } = clockOf(1);
    clock.see(0, 9000);
    machine.ms += 100_000;
    clock.see(0, 9000);
    expect(clock.seconds()).toBe(9100);
    clock.see(0, 1050);
    expect(clock.seconds()).toBe(1100);
  });

  it('forgets what it has seen', () => {
    const { clock } = clockOf(1);
    clock.see(0, 9000);
    clock.reset();
    expect(clock.seconds()).toBe(1000);
  });
});
