import { commonOptions, type CommandSpec, type EnvironmentSpec, type OptionSpec } from './command.ts';

export const exitCodes = { ok: 0, failed: 1, usage: 2 } as const;

/** What the commands of one program have in common. */
export interface Program {
  /** How it is started. */
  usage: string;
  /** The program is one command, whose name is not written. */
  isOneCommand?: boolean;
  summary: string;
  /** Options that every command takes. */
  commonOptions: readonly OptionSpec[];
  /** Environment variables of every command; a command adds its own. */
  environment: readonly EnvironmentSpec[];
  /** What exit code 1 means here. */
  failed: string;
  examples: readonly string[];
}

/** `npm run cli`. */
export const userProgram: Program = {
  usage: 'npm run cli --',
  summary: 'Deposits, transfers, trades and withdraws on a rollup that lives on several chains.',
  commonOptions,
  environment: [],
  failed: 'refused by a chain or the sequencer, or not reachable',
  examples: ['npm run devnet                 # in another terminal', 'npm run cli -- deposit --account alice --chain linea --token ETH --amount 1'],
};

export function globalHelp(program: Program, commands: readonly CommandSpec[]): string[] {
  return [
    `Usage: ${program.usage} <command> [options]`,
    '',
    program.summary,
    '',
    ...section('Commands', twoColumns(commands.map(({ name, summary }) => [name, summary]))),
    ...section('Options of every command', twoColumns(program.commonOptions.map((option) => [usageOf(option), option.help]))),
    ...section('Environment', twoColumns(environmentOf(program, commands))),
    ...section('Exit codes', exitCodeLines(program)),
    ...section(program.examples.length === 1 ? 'Example' : 'Examples', program.examples),
    `Help on one command: ${program.usage} <command> --help`,
  ];
}

export function commandHelp(program: Program, command: CommandSpec): string[] {
  const positionals = command.positionals ?? [];
  const words = [
    ...positionals.map(({ value = '', required }) => (required === true ? value : `[${value}]`)),
    ...command.options.map((option) => (option.required === true ? usageOf(option) : `[${usageOf(option)}]`)),
  ];
  const options = [...command.options, ...program.commonOptions];
  const environment = environmentOf(program, [command]);
  return [
    `Usage: ${program.usage} ${[...(program.isOneCommand === true ? [] : [command.name]), ...words].join(' ')}`,
    '',
    ...command.description,
    '',
    ...(positionals.length === 0 ? [] : section(positionals.length === 1 ? 'Argument' : 'Arguments', twoColumns(positionals.map(({ value = '', help }) => [value, help])))),
    ...section('Options', twoColumns(options.map((option) => [usageOf(option), option.help]))),
    ...(environment.length === 0 ? [] : section('Environment', twoColumns(environment))),
    ...section('Exit codes', exitCodeLines(program)),
    ...section(command.examples.length === 1 ? 'Example' : 'Examples', command.examples),
  ].slice(0, -1);
}

function exitCodeLines({ failed }: Program): string[] {
  return ['0  done', `1  failed: ${failed}`, '2  the command line is not understood'];
}

function environmentOf(program: Program, commands: readonly CommandSpec[]): [string, string][] {
  const all = new Map([...program.environment, ...commands.flatMap(({ environment }) => environment)].map(({ name, help }): [string, string] => [name, help]));
  return [...all];
}

function usageOf({ name, value, multiple }: OptionSpec): string {
  return `--${name}${value === undefined ? '' : ` ${value}`}${multiple === true ? ' …' : ''}`;
}

function section(title: string, lines: readonly string[]): string[] {
  return [`${title}:`, ...lines.map((line) => `  ${line}`), ''];
}

function twoColumns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `${left.padEnd(width)}  ${right}`);
}
