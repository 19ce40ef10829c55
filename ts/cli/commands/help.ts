import { commonOptions, type CommandSpec, type OptionSpec } from './command.ts';

export const exitCodes = { ok: 0, failed: 1, usage: 2 } as const;

const exitCodeLines = ['0  done', '1  failed: refused by a chain or the sequencer, or not reachable', '2  the command line is not understood'];

export function globalHelp(commands: readonly CommandSpec[]): string[] {
  return [
    'Usage: npm run cli -- <command> [options]',
    '',
    'Deposits, transfers and withdraws on a rollup that lives on several chains.',
    '',
    ...section('Commands', twoColumns(commands.map(({ name, summary }) => [name, summary]))),
    ...section('Options of every command', twoColumns(commonOptions.map((option) => [usageOf(option), option.help]))),
    ...section('Environment', twoColumns(environmentOf(commands))),
    ...section('Exit codes', exitCodeLines),
    ...section('Example', ['npm run devnet                 # in another terminal', ...commands.slice(0, 1).flatMap(({ examples }) => examples.slice(0, 1))]),
    'Help on one command: npm run cli -- <command> --help',
  ];
}

export function commandHelp(command: CommandSpec): string[] {
  const { positional } = command;
  const words = [
    ...(positional === undefined ? [] : [positional.required === true ? positional.value ?? '' : `[${positional.value ?? ''}]`]),
    ...command.options.map((option) => (option.required === true ? usageOf(option) : `[${usageOf(option)}]`)),
  ];
  const options = [...command.options, ...commonOptions];
  return [
    `Usage: npm run cli -- ${[command.name, ...words].join(' ')}`,
    '',
    ...command.description,
    '',
    ...(positional === undefined ? [] : section('Argument', twoColumns([[positional.value ?? '', positional.help]]))),
    ...section('Options', twoColumns(options.map((option) => [usageOf(option), option.help]))),
    ...(command.environment.length === 0 ? [] : section('Environment', twoColumns(command.environment.map(({ name, help }) => [name, help])))),
    ...section('Exit codes', exitCodeLines),
    ...section(command.examples.length === 1 ? 'Example' : 'Examples', command.examples),
  ].slice(0, -1);
}

function environmentOf(commands: readonly CommandSpec[]): [string, string][] {
  const all = new Map(commands.flatMap(({ environment }) => environment.map(({ name, help }): [string, string] => [name, help])));
  return [...all];
}

function usageOf({ name, value }: OptionSpec): string {
  return value === undefined ? `--${name}` : `--${name} ${value}`;
}

function section(title: string, lines: readonly string[]): string[] {
  return [`${title}:`, ...lines.map((line) => `  ${line}`), ''];
}

function twoColumns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `${left.padEnd(width)}  ${right}`);
}
