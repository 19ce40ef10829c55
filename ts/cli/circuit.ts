import { formatError } from '../base/errors.ts';
import { exitCodes } from './commands/help.ts';
import { chooseProfile } from './circuit/profileOption.ts';

/** Exit code of a program that Ctrl-C stopped. */
const INTERRUPTED = 130;

async function main(): Promise<number> {
  const args = process.argv.slice(2);
  const interrupted = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => interrupted.abort());
  chooseProfile(args, process.env);
  // Whatever knows sizes is loaded when the profile is chosen.
  const [{ circuitProgram, circuitCommands }, { runCommandLine }] = await Promise.all([import('./circuit/registry.ts'), import('./commands/run.ts')]);
  const code = await runCommandLine({
    program: circuitProgram,
    commands: circuitCommands,
    args,
    env: process.env,
    signal: interrupted.signal,
    writeOut: (line) => process.stdout.write(`${line}\n`),
    writeError: (line) => process.stderr.write(`${line}\n`),
  });
  return interrupted.signal.aborted ? INTERRUPTED : code;
}

main().then(
  // snarkjs keeps its worker threads.
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${formatError(error)}\n`);
    process.exit(exitCodes.usage);
  },
);
