import { describe, expect, it } from 'vitest';
import { persist } from './timing.ts';

describe('persist', () => {
  const failing = (times: number) => {
    const said: number[] = [];
    let calls = 0;
    const work = async (): Promise<number> => {
      if (++calls <= times) throw new Error(`failure ${calls}`);
      return calls;
    };
    return { work, said, onFailure: (_: unknown, waitMs: number) => void said.push(waitMs), calls: () => calls };
  };

  it('tries again after a wait, and says so', async () => {
    const { work, said, onFailure } = failing(1);
    expect([await persist({ work, onFailure, isOver: () => false }), said]).toEqual([2, [500]]);
  });

  it('ends with the last failure, or with one that nothing cures', async () => {
    const some = failing(9);
    await expect(persist({ ...some, isOver: () => false, attempts: 2 })).rejects.toThrow('failure 2');
    const other = failing(9);
    await expect(persist({ ...other, isOver: (error) => (error as Error).message === 'failure 1' })).rejects.toThrow('failure 1');
    expect([some.said, other.said, other.calls()]).toEqual([[500], [], 1]);
  });
});
