import { formatError, RollupError } from '../../base/errors.ts';
import { stringifyPlain } from '../../base/json.ts';
import { lineProgress, silentProgress } from '../../base/progress.ts';
import { parseOptions, UsageError, type CommandSpec } from './command.ts';
import { commandHelp, exitCodes, globalHelp } from './help.ts';
import { nearest } from './nearest.ts';

export interface RunCommandLineParameters {
  commands: readonly CommandSpec[];
  args: readonly string[];
  env: Readonly<Record<string, string | undefined>>;
  /** One call per line, without the line's end. */
  writeOut: (line: string) => void;
  writeError: (line: string) => void;
}

/** Runs one command line to its end and never throws. @returns the exit code */
export async function runCommandLine({ commands, args, env, writeOut, writeError }: RunCommandLineParameters): Promise<number> {
  const [first, ...rest] = args;
  const isJson = args.includes('--json');
  try {
    if (first === undefined || first === '--help' || first === 'help') {
      const topic = first === 'help' && rest[0] !== undefined ? findCommand(commands, rest[0]) : undefined;
      (topic === undefined ? globalHelp(commands) : commandHelp(topic)).forEach(writeOut);
      return first === undefined ? exitCodes.usage : exitCodes.ok;
    }
    const command = findCommand(commands, first);
    const options = parseOptions(command, rest);
    if (options.flag('help')) {
      commandHelp(command).forEach(writeOut);
      return exitCodes.ok;
    }
    const progress = isJson ? silentProgress : lineProgress(writeError);
    const { data, lines } = await command.run({ options, progress, env });
    (isJson ? [stringifyPlain(data, 2)] : lines).forEach(writeOut);
    return exitCodes.ok;
  } catch (error) {
    const isUsage = error instanceof UsageError;
    if (isJson) {
      const { facts, hint } = error instanceof RollupError ? error : { facts: {}, hint: undefined };
      writeOut(stringifyPlain({ error: { message: error instanceof Error ? error.message : String(error), facts, hint } }, 2));
    } else {
      writeError(formatError(error));
      if (isUsage) writeError(`  help: npm run cli -- ${commands.some(({ name }) => name === first) ? `${first} ` : ''}--help`);
    }
    return isUsage ? exitCodes.usage : exitCodes.failed;
  }
}

function findCommand(commands: readonly CommandSpec[], name: string): CommandSpec {
  const found = commands.find((command) => command.name === name);
  if (found) return found;
  const names = commands.map((command) => command.name);
  const guess = nearest(name, names);
  const isOption = name.startsWith('-');
  throw new UsageError(isOption ? `The command comes before ${name}` : `There is no command "${name}"`, {
    facts: { known: names.join(', ') },
    ...(guess === undefined || isOption ? {} : { hint: `Did you mean ${guess}?` }),
  });
}
