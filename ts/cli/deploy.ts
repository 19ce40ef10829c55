import { deployCommand } from './network/deploy.ts';
import { runProgram } from './network/program.ts';

await runProgram(deployCommand);
