import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { formatError, RollupError } from '../base/errors.ts';
import { paths, root } from '../base/paths.ts';
import { lineProgress, type Progress, silentProgress } from '../base/progress.ts';
import { generate as generateAbi } from '../chain/generate.ts';
import { ensureBuilt } from '../circuit/ensureBuilt.ts';
import { describeCircuit } from '../circuit/describe.ts';
import { readInstances } from '../circuit/instances.ts';
import { withTables } from '../circuit/readmeTables.ts';
import { generatedFiles, render } from '../circuit/solidity.ts';
import { buildExitFixture, exitFixturePath } from '../fixtures/exitFixture.ts';
import { readProofs } from '../fixtures/proofFile.ts';
import { keepOrProveExits, requireCommittedExits } from '../fixtures/proveExits.ts';
import { keepOrProve, requireCommitted } from '../fixtures/proveStory.ts';
import { buildStoryFixture, readStoryProofs, storyFixtures } from '../fixtures/storyFixture.ts';
import { buildVectors } from '../fixtures/vectors.ts';
import { useProver } from '../prover/choice.ts';
import type { Proof } from '../spec/chainSide.ts';
import { committedProfile, params, PROFILE_VARIABLE } from '../spec/params.ts';

const HELP = `Regenerates every generated file, or shows that git holds what regeneration gives.

Usage: npm run gen -- [flags]        npm run gen:check

  --check        write nothing; name the files that differ and exit with 1
  --prover NAME  snarkjs (default), rapidsnark or auto
  --quiet        no progress
  --help         this text

What is generated: src/generated and test/utils/generated (from the circuits' keys), the tables of circuits/README.md (from the circuits),
ts/chain/generated/abi.ts (from the contracts), test/fixtures (shared vectors; real blocks with real proofs; exits from them). Keys are built first if they are missing. A proof that is still valid is kept.

Example: npm run gen
`;

interface Step {
  name: string;
  /** Paths that were written, or that differ when checking. */
  run(): Promise<string[]>;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { check: { type: 'boolean', default: false }, prover: { type: 'string' }, quiet: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  useProver(values.prover, process.env);
  if (params.profile !== committedProfile) {
    throw new RollupError(`generated files follow "profile" of circuits/params.json`, {
      facts: { expected: committedProfile, actual: `${PROFILE_VARIABLE}=${params.profile}` },
      hint: `Unset ${PROFILE_VARIABLE}, or change "profile" in circuits/params.json.`,
    });
  }
  const progress = values.quiet ? silentProgress : lineProgress();
  const changed: string[] = [];
  for (const step of steps(values.check, progress)) {
    progress.report(step.name);
    changed.push(...(await step.run()));
  }
  if (values.check && changed.length > 0) {
    throw new RollupError('Generated files in git are not what regeneration gives', { facts: { files: changed }, hint: 'Run `npm run gen` and commit.' });
  }
  process.stdout.write(changed.length === 0 ? 'generated files are up to date\n' : `${changed.map((file) => `wrote ${file}\n`).join('')}`);
  // snarkjs keeps its worker threads.
  process.exit(0);
}

function steps(check: boolean, progress: Progress): Step[] {
  const put = (path: string, text: string): string[] => {
    if (existsSync(path) && readFileSync(path, 'utf8') === text) return [];
    if (!check) writeFileSync(path, text);
    return [relative(root, path)];
  };
  return [
    {
      name: 'keys and verifiers',
      async run() {
        const built = await ensureBuilt({ progress });
        const files = generatedFiles(built.map(({ artifacts }) => artifacts));
        const changes: string[] = [];
        for (const file of files) changes.push(...put(file.path, await render(file)));
        return changes;
      },
    },
    {
      name: 'tables of circuits/README.md',
      async run() {
        const circuits = [];
        for (const instance of readInstances()) circuits.push(await describeCircuit(instance));
        return put(paths.circuitsReadme, withTables(readFileSync(paths.circuitsReadme, 'utf8'), circuits));
      },
    },
    { name: 'shared vectors', run: async () => put(join(paths.fixtures, 'vectors.json'), buildVectors()) },
    {
      name: 'blocks with proofs',
      async run() {
        const changes: string[] = [];
        for (const fixture of storyFixtures) {
          const committed = existsSync(fixture.path) ? await readStoryProofs(fixture) : [];
          changes.push(...put(fixture.path, await buildStoryFixture(fixture, check ? requireCommitted(committed) : keepOrProve(committed, progress))));
        }
        return changes;
      },
    },
    {
      name: 'exits with proofs',
      async run() {
        const committed = existsSync(exitFixturePath) ? ((await readProofs(exitFixturePath)) as Proof[][]) : [];
        return put(exitFixturePath, await buildExitFixture(check ? requireCommittedExits(committed) : keepOrProveExits(committed, progress)));
      },
    },
    { name: 'ABIs', run: async () => await generateAbi({ check, progress }) },
  ];
}

main().catch((error: unknown) => {
  process.stderr.write(`${formatError(error)}\n`);
  process.exit(1);
});
