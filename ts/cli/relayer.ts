import { relayerCommand } from './network/relayer.ts';
import { runProgram } from './network/program.ts';

await runProgram(relayerCommand);
