import { profileNames } from '../../spec/params.ts';
import type { CommandSpec } from '../commands/command.ts';
import type { Program } from '../commands/help.ts';
import { buildCommand } from './build.ts';
import { ceremonyCommands } from './ceremony.ts';
import { explainCommand } from './explain.ts';
import { exportCommand } from './export.ts';
import { infoCommand } from './info.ts';
import { inputCommand } from './input.ts';
import { proveCommand, verifyCommand } from './prove.ts';

export const circuitProgram: Program = {
  usage: 'npm run circuit --',
  summary: 'Builds the circuits of circuits/circuits.json and their keys, makes proofs with them, and says what is in them.',
  commonOptions: [
    { name: 'profile', value: 'NAME', help: `sizes: ${profileNames.join(', ')} (default: $ROLLUP_PROFILE, then "profile" of circuits/params.json)` },
    { name: 'json', help: 'print one JSON document on stdout' },
    { name: 'quiet', help: 'no progress' },
    { name: 'help', help: 'print this help' },
  ],
  environment: [{ name: 'ROLLUP_PROFILE', help: 'profile of circuits/params.json' }],
  failed: 'a circuit does not compile, is not satisfied, or a file is missing or wrong',
  examples: ['npm run circuit -- build', 'npm run circuit -- info segment'],
};

/** In the order in which a circuit engineer needs them. */
export const circuitCommands: readonly CommandSpec[] = [buildCommand, infoCommand, inputCommand, proveCommand, verifyCommand, explainCommand, exportCommand, ...ceremonyCommands];
