import { commands } from './commands/registry.ts';
import { runCommandLine } from './commands/run.ts';

process.exitCode = await runCommandLine({
  commands,
  args: process.argv.slice(2),
  env: process.env,
  writeOut: (line) => process.stdout.write(`${line}\n`),
  writeError: (line) => process.stderr.write(`${line}\n`),
});
