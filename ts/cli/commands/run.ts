import { formatError, RollupError } from '../../base/errors.ts';
import { stringifyPlain } from '../../base/json.ts';
import { lineProgress, silentProgress } from '../../base/progress.ts';
import { parseOptions, UsageError, type CommandSpec } from './command.ts';
import { commandHelp, exitCodes, globalHelp, userProgram, type Program } from './help.ts';
import { nearest } from '../../base/nearest.ts';

export interface RunCommandLineParameters {
  /** Default: `npm run cli`. */
  program?: Program;
  commands: readonly CommandSpec[];
  args: readonly string[];
  env: Readonly<Record<string, string | undefined>>;
  /** Stops the command. */
  signal?: AbortSignal;
  /** One call per line, without the line's end. */
  writeOut: (line: string) => void;
  writeError: (line: string) => void;
}

/** Runs one command line to its end and never throws. @returns the exit code */
export async function runCommandLine(parameters: RunCommandLineParameters): Promise<number> {
  const { program = userProgram, commands, args, env, signal = new AbortController().signal, writeOut, writeError } = parameters;
  const isJson = args.includes('--json');
  let command: CommandSpec | undefined;
  try {
    if (program.isOneCommand !== true && (args[0] === undefined || args[0] === '--help' || args[0] === 'help')) {
      const topic = args[0] === 'help' && args[1] !== undefined ? findCommand(program, commands, args.slice(1)) : undefined;
      (topic === undefined ? globalHelp(program, commands) : commandHelp(program, topic)).forEach(writeOut);
      return args[0] === undefined ? exitCodes.usage : exitCodes.ok;
    }
    command = program.isOneCommand === true ? commands[0] : findCommand(program, commands, args);
    if (command === undefined) throw new UsageError('This program has no command');
    const options = parseOptions(command, program.isOneCommand === true ? args : args.slice(wordsOf(command).length), program.commonOptions);
    if (options.flag('help')) {
      commandHelp(program, command).forEach(writeOut);
      return exitCodes.ok;
    }
    const progress = isJson || options.flag('quiet') ? silentProgress : lineProgress(writeError);
    const emit = (event: unknown, line: string): void => writeOut(isJson ? stringifyPlain(event) : line);
    const { data, lines } = await command.run({ options, progress, signal, env, emit });
    (isJson ? (data === undefined ? [] : [stringifyPlain(data, 2)]) : lines).forEach(writeOut);
    return exitCodes.ok;
  } catch (error) {
    const isUsage = error instanceof UsageError;
    if (isJson) {
      const { facts, hint } = error instanceof RollupError ? error : { facts: {}, hint: undefined };
      writeOut(stringifyPlain({ error: { message: error instanceof Error ? error.message : String(error), facts, hint } }, 2));
    } else {
      writeError(formatError(error));
      if (isUsage) writeError(`  help: ${program.usage} ${command === undefined || program.isOneCommand === true ? '' : `${command.name} `}--help`);
    }
    return isUsage ? exitCodes.usage : exitCodes.failed;
  }
}

function wordsOf({ name }: CommandSpec): string[] {
  return name.split(' ');
}

/** The command whose words the arguments start with. */
function findCommand(program: Program, commands: readonly CommandSpec[], args: readonly string[]): CommandSpec {
  const [first = '', second = ''] = args;
  const matching = commands.filter((command) => wordsOf(command).every((word, i) => args[i] === word));
  // `exit-mode` is a command and a group: what follows it without a dash is meant as a word of the group.
  const isWordOfGroup = second !== '' && !second.startsWith('-') && commands.some((command) => wordsOf(command).length > 1 && wordsOf(command)[0] === first);
  const found = matching.find((command) => wordsOf(command).length > 1) ?? (isWordOfGroup ? undefined : matching[0]);
  if (found) return found;
  if (first.startsWith('-')) throw new UsageError(`The command comes before ${first}`, { facts: { known: commands.map(({ name }) => name).join(', ') } });
  const group = commands.map(wordsOf).filter((words) => words.length > 1 && words[0] === first);
  const isGroup = group.length > 0;
  if (isGroup && (second === '' || second.startsWith('-'))) {
    throw new UsageError(`${first} needs one more word`, { facts: { known: group.map((words) => words.join(' ')).join(', ') }, hint: `${program.usage} ${group[0]?.join(' ')} --help` });
  }
  const known = isGroup ? group.map((words) => words[1] ?? '') : [...new Set(commands.map((command) => wordsOf(command)[0] ?? ''))];
  const guess = nearest(isGroup ? second : first, known);
  throw new UsageError(`There is no command "${isGroup ? `${first} ${second}` : first}"`, {
    facts: { known: known.join(', ') },
    ...(guess === undefined ? {} : { hint: `Did you mean ${isGroup ? `${first} ` : ''}${guess}?` }),
  });
}
