import { runProgram } from './network/program.ts';
import { sequencerCommand } from './network/sequencer.ts';

await runProgram(sequencerCommand());
