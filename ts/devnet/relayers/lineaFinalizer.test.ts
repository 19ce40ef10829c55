import { describe, expect, it } from 'vitest';
import { finalizationEnd } from './lineaFinalizer.ts';

const end = async (last: bigint, blocks: bigint[], newestDue: bigint): Promise<bigint | undefined> =>
  await finalizationEnd({ last, blocks, isDue: async (block) => await Promise.resolve(block <= newestDue) });

describe('end of a finalization on Linea', () => {
  it('is the last block with a message that is due', async () => {
    expect(await end(10n, [11n, 15n, 15n, 20n], 100n)).toBe(20n);
    expect(await end(10n, [11n, 15n, 15n, 20n], 19n)).toBe(15n);
    expect(await end(10n, [11n], 10n)).toBeUndefined();
    expect(await end(10n, [], 100n)).toBeUndefined();
  });

  it('lies at most 65,535 blocks after the one before, whether they hold messages or not', async () => {
    expect(await end(10n, [10n + 65_535n], 1_000_000n)).toBe(65_545n);
    expect(await end(10n, [10n + 65_536n], 1_000_000n)).toBe(65_545n);
    expect(await end(65_545n, [65_546n], 1_000_000n)).toBe(65_546n);
    expect(await end(10n, [20n, 200_000n], 1_000_000n)).toBe(65_545n);
    expect(await end(10n, [20n, 200_000n], 60_000n)).toBe(20n);
  });
});
