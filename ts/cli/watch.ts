import { watchCommand } from './network/watch.ts';
import { runProgram } from './network/program.ts';

await runProgram(watchCommand);
