import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Tests that use both cores themselves, for proofs: one file after another. All others, two files at a time. */
const alone = ['ts/test/exit/exitProofs.test.ts', 'ts/prover/pool.test.ts', 'ts/prover/rapidsnark.test.ts'];

/** Tests that need neither contracts nor chains: `npm test` runs them while solc is busy with one core, and not again. */
const early = ['ts/circuit/**/*.test.ts', 'ts/cli/circuit/ceremony.test.ts'];

/** Tests that change nothing outside of themselves: files of one process share the modules they load, which takes longer than they do. */
const light = ['base', 'chain', 'checks', 'devnet/config', 'devnet/relayers', 'fixtures', 'network', 'recovery', 'sequencer', 'spec', 'state'].map((folder) => `ts/${folder}/**/*.test.ts`);

/** Files of a minute and more. They begin first, so that none of them is left over alone at the end. */
const long = [
  'test/story.test.ts', 'test/circuits/fuzz.test.ts', 'soundness/mutation.test.ts', 'test/circuits/segmentFreedom.test.ts', 'ceremony/ceremony.test.ts', 'test/circuits/segmentSlotAttack.test.ts', 'cli/circuit/ceremony.test.ts',
  'ceremony/refusals.test.ts', 'test/circuits/segmentLies.test.ts', 'test/circuits/segmentBinding.test.ts', 'devnet/devnet.test.ts', 'bench/keys.test.ts', 'sequencer/sequencer.test.ts',
];

class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const found = long.findIndex((end) => moduleId.endsWith(end));
      return found < 0 ? long.length : found;
    };
    return (await super.sort(files)).sort((a, b) => place(a) - place(b));
  }
}

export default defineConfig({
  test: {
    pool: 'forks',
    testTimeout: 600_000,
    hookTimeout: 600_000,
    reporters: ['verbose'],
    sequence: { sequencer: LongFirst },
    projects: [
      { extends: true, test: { name: 'early', include: early, maxWorkers: 2, sequence: { groupOrder: 1 } } },
      { extends: true, test: { name: 'apart', include: ['ts/**/*.test.ts'], exclude: [...alone, ...early, ...light], maxWorkers: 2, sequence: { groupOrder: 1 } } },
      { extends: true, test: { name: 'light', include: light, isolate: false, maxWorkers: 2, sequence: { groupOrder: 1 } } },
      { extends: true, test: { name: 'alone', include: alone, maxWorkers: 1, sequence: { groupOrder: 2 } } },
    ],
  },
});
