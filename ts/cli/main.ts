import { commands } from './commands/registry.ts';
import { runCommandLine } from './commands/run.ts';

/** Exit code of a program that Ctrl-C stopped. */
const INTERRUPTED = 130;

const interrupted = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  // The second one ends the process at once.
  process.once(name, () => {
    process.stderr.write('stopping (again: at once)\n');
    interrupted.abort();
  });
}

const code = await runCommandLine({
  commands,
  args: process.argv.slice(2),
  env: process.env,
  signal: interrupted.signal,
  writeOut: (line) => process.stdout.write(`${line}\n`),
  writeError: (line) => process.stderr.write(`${line}\n`),
});
// An answer that is still awaited somewhere must not keep the process.
if (interrupted.signal.aborted) process.exit(INTERRUPTED);
process.exitCode = code;
