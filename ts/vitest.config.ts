import { defineConfig } from 'vitest/config';

/** Tests that need nothing but files and mostly one thread: two at a time. */
const apart = ['ts/{spec,state,sequencer,fixtures,circuit,cli/circuit}/**/*.test.ts', 'ts/test/circuits/**/*.test.ts'];

export default defineConfig({
  test: {
    pool: 'forks',
    testTimeout: 600_000,
    hookTimeout: 600_000,
    reporters: ['verbose'],
    projects: [
      { extends: true, test: { name: 'apart', include: apart, maxWorkers: 2, sequence: { groupOrder: 1 } } },
      // End-to-end tests and proofs are long and use both cores and ports themselves; files run one after another.
      { extends: true, test: { name: 'alone', include: ['ts/**/*.test.ts'], exclude: apart, maxWorkers: 1, sequence: { groupOrder: 2 } } },
    ],
  },
});
