import { relative } from 'node:path';
import { root } from '../../base/paths.ts';
import { changeLines, changeOf } from '../../circuit/changes.ts';
import { ensureBuilt } from '../../circuit/ensureBuilt.ts';
import { readInstances, selectInstances } from '../../circuit/instances.ts';
import { generatedFiles, isCurrent, write } from '../../circuit/solidity.ts';
import { committedProfile, params } from '../../spec/params.ts';
import type { CommandSpec } from '../commands/command.ts';

// What takes long to load (snarkjs, the curve) is imported only when something has to be built: an unchanged circuit costs no more than
// reading its sources.

export const buildCommand: CommandSpec = {
  name: 'build',
  summary: 'compile what changed, make development keys, say what is different',
  description: [
    'Compiles the circuits whose sources or sizes changed, makes their development keys and writes the Solidity that depends on them, then',
    'says of each circuit what is different from the build that was used last.',
    'Artefacts go to circuits/build/<name>-<hash>/ (r1cs, wasm, sym, zkey, vkey.json, info.json), Solidity to src/generated/ and',
    'test/utils/generated/ (not with --only, and not in a profile other than the one that circuits/params.json chooses).',
    'The keys are made from PUBLIC beacons: they are for development and protect nobody.',
  ],
  options: [
    { name: 'only', value: 'NAME', multiple: true, help: 'only this circuit; writes no Solidity' },
    { name: 'force', help: 'build even when nothing has changed' },
  ],
  environment: [],
  examples: ['npm run circuit -- build', 'npm run circuit -- build --only exit --force', 'npm run circuit -- build --profile small --json'],
  async run({ options, progress, signal }) {
    const all = readInstances();
    const only = options.list('only');
    const instances = only.length > 0 ? selectInstances(all, only) : all;
    const force = options.flag('force');
    const built = await ensureBuilt({ instances, force, progress, signal });
    const isCommitted = only.length === 0 && params.profile === committedProfile;
    const outdated = isCommitted ? generatedFiles(built.map(({ artifacts }) => artifacts)).filter((file) => force || !isCurrent(file)) : [];
    const written: string[] = [];
    for (const file of outdated) if (await write(file)) written.push(relative(root, file.path));

    const changes = built.map(changeOf);
    const isIdle = written.length === 0 && built.every(({ isFresh }) => !isFresh);
    return {
      data: { profile: params.profile, circuits: changes.map((change, i) => ({ ...change, info: built[i]?.info })), written },
      lines: [...changes.flatMap(changeLines), ...written.map((path) => `wrote ${path}`), ...(isIdle ? ['up to date'] : [])],
    };
  },
};
