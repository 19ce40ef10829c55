import { defineConfig } from 'vitest/config';

/** Tests that use both cores themselves (proofs), or a whole devnet: one file after another. All others, two files at a time. */
const alone = ['ts/test/story.test.ts', 'ts/test/sequencer/realProofs.test.ts', 'ts/test/exit/*.test.ts', 'ts/prover/*.test.ts', 'ts/devnet/*.test.ts', 'ts/cli/bench/*.test.ts'];

export default defineConfig({
  test: {
    pool: 'forks',
    testTimeout: 600_000,
    hookTimeout: 600_000,
    reporters: ['verbose'],
    projects: [
      { extends: true, test: { name: 'apart', include: ['ts/**/*.test.ts'], exclude: alone, maxWorkers: 2, sequence: { groupOrder: 1 } } },
      { extends: true, test: { name: 'alone', include: alone, maxWorkers: 1, sequence: { groupOrder: 2 } } },
    ],
  },
});
