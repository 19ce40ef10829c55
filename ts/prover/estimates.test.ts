import { describe, expect, test } from 'vitest';
import { MemoryBudget } from './memoryBudget.ts';
import { RemainingTime, formatSeconds } from './remainingTime.ts';

describe('time that a set of proofs still takes', () => {
  test('is unknown at first, then extrapolated, then from measured times', () => {
    let now = 0;
    const remaining = new RemainingTime(2, () => 1000 * now);
    for (let id = 1; id <= 4; id++) remaining.add(id, 'segment');
    remaining.start(1);
    remaining.start(2);
    expect(remaining.describe()).toBe('0 of 4 proofs');
    now = 5;
    remaining.advance(1, 0.5);
    remaining.advance(2, 0.25);
    // The slower of the two says 20 s for a proof: 15 s of the second, 20 s each of the third and fourth on two lanes.
    expect(remaining.seconds()).toBeCloseTo(35);
    now = 10;
    remaining.end(1, true);
    remaining.start(3);
    // Measured: 10 s for a proof. The second has 25 % after 10 s.
    expect(remaining.describe()).toBe('1 of 4 proofs, about 18 s left');
    now = 20;
    remaining.end(2, true);
    remaining.start(4);
    remaining.advance(3, 0.9);
    // The newest (20 s) and the mean before (10 s) weigh the same.
    expect(remaining.seconds()).toBeCloseTo(15);
    now = 30;
    remaining.end(3, true);
    remaining.end(4, true);
    expect(remaining.seconds()).toBe(0);
  });

  test('says nothing of a single proof, nothing of the time of one that failed, and counts each set anew', () => {
    let now = 0;
    const remaining = new RemainingTime(1, () => 1000 * now);
    remaining.add(1, 'join');
    remaining.start(1);
    expect(remaining.describe()).toBeUndefined();
    now = 100;
    remaining.end(1, false);
    remaining.add(2, 'join');
    remaining.add(3, 'join');
    expect(remaining.describe()).toBe('0 of 2 proofs');
    remaining.start(2);
    remaining.advance(2, 0.9);
    remaining.start(2); // its worker died
    expect(remaining.seconds()).toBeUndefined();
    remaining.end(3, false); // cancelled in the queue
    now = 106;
    remaining.end(2, true);
    remaining.add(4, 'join');
    remaining.add(5, 'exit');
    remaining.start(4);
    expect(remaining.describe()).toBe('0 of 2 proofs');
    expect(remaining.total).toBe(2);
  });

  test('is said as people do', () => {
    expect([0, 59.4, 60, 61, 3600, 3725, -3].map(formatSeconds)).toEqual(['0 s', '59 s', '1 min', '1 min 1 s', '1 h 0 min', '1 h 2 min', '0 s']);
  });
});

test('memory of a proof is estimated from its key until it has been measured', () => {
  const budget = new MemoryBudget(1e9);
  expect(budget.footprintOf('a.zkey', 100e6)).toBe(670e6);
  budget.note('a.zkey', 500e6);
  budget.note('a.zkey', 400e6);
  expect(budget.footprintOf('a.zkey', 100e6)).toBe(500e6);
  expect(budget.footprintOf('b.zkey', 0)).toBe(250e6);
});
