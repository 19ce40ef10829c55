import { parseArgs, type ParseArgsConfig } from 'node:util';

import { RollupError } from '../../base/errors.ts';
import type { Progress } from '../../base/progress.ts';
import { nearest } from '../../base/nearest.ts';

/** The command line does not say what to do: exit code 2, and the usage is printed. */
export class UsageError extends RollupError {}

export interface OptionSpec {
  name: string;
  /** What the value is, e.g. `AMOUNT`; absent for a switch. */
  value?: string;
  required?: boolean;
  /** May be given several times; `ParsedOptions.list` has all of them. */
  multiple?: boolean;
  help: string;
}

export interface EnvironmentSpec {
  name: string;
  help: string;
}

/** What a command hands back: `data` for `--json`, `lines` for people. `data` is undefined when everything was told by `emit`. */
export interface CommandResult {
  data: unknown;
  lines: readonly string[];
}

export interface CommandContext {
  options: ParsedOptions;
  progress: Progress;
  /** Aborted by Ctrl-C: what runs stops and cleans up. */
  signal: AbortSignal;
  /** Says at once what happens, for commands that run on: the event as one line of JSON with `--json`, else the line. */
  emit: (event: unknown, line: string) => void;
  /** Environment variables, so that tests need not change the process's own. */
  env: Readonly<Record<string, string | undefined>>;
}

export interface CommandSpec {
  /** One word, or a group and a word: `ceremony verify`. */
  name: string;
  summary: string;
  /** Sentences for the command's own help. */
  description: readonly string[];
  options: readonly OptionSpec[];
  environment: readonly EnvironmentSpec[];
  /** Arguments without an option's name, in order, e.g. a block number; optional unless `required`. */
  positionals?: readonly OptionSpec[];
  examples: readonly string[];
  run(context: CommandContext): Promise<CommandResult>;
}

export class ParsedOptions {
  private readonly values: ReadonlyMap<string, true | readonly string[]>;

  constructor(values: ReadonlyMap<string, true | readonly string[]>) {
    this.values = values;
  }

  text(name: string): string | undefined {
    return this.list(name)[0];
  }

  /** All values of an option that may be given several times. */
  list(name: string): readonly string[] {
    const value = this.values.get(name);
    return value === undefined || value === true ? [] : value;
  }

  /** For options that the command's spec marks as required. */
  required(name: string): string {
    const value = this.text(name);
    if (value === undefined) throw new UsageError(`Missing --${name}`);
    return value;
  }

  flag(name: string): boolean {
    return this.values.get(name) === true;
  }
}

/** Options that every command takes. */
export const commonOptions: readonly OptionSpec[] = [
  { name: 'devnet', value: 'FILE', help: 'description of the running devnet (default: $ROLLUP_DEVNET, then .devnet/devnet.json)' },
  { name: 'deployment', value: 'NAME', help: "a deployment other than the devnet: its name in script/deployments, or a .json file (a devnet's description too)" },
  { name: 'sequencer', value: 'URL', help: "the sequencer's address (default: the devnet's, or $ROLLUP_SEQUENCER)" },
  { name: 'json', help: 'print one JSON document on stdout' },
  { name: 'help', help: 'print this help' },
];

/** Options of a command that acts for a wallet. */
export const accountOption: OptionSpec = {
  name: 'account',
  value: 'NAME',
  help: 'a named account of the devnet: alice, bob, carol, dave (default: the key in $ROLLUP_PRIVATE_KEY)',
};

/** Which of the wallet's L2 keys signs. */
export const keyIndexOption: OptionSpec = {
  name: 'key-index',
  value: 'NUMBER',
  help: "which of the wallet's L2 keys signs: 0 is the first, `change-key` moves on to others (default: $ROLLUP_KEY_INDEX, then 0)",
};
export const feeOption: OptionSpec = { name: 'fee', value: 'AMOUNT', help: "fee in the same token, about three significant digits (default: the sequencer's minimum)" };

export const chainOption: OptionSpec = { name: 'chain', value: 'CHAIN', required: true, help: "the chain's name or index, e.g. linea or 0" };
export const tokenOption: OptionSpec = { name: 'token', value: 'TOKEN', required: true, help: 'symbol or id of the token, e.g. ETH or 1' };
export const amountOption: OptionSpec = { name: 'amount', value: 'AMOUNT', required: true, help: 'decimal number of tokens, e.g. 1.5' };

/** The two sides of a pair, for commands about liquidity: the half that signs is named by --chain and --token. */
export const peerChainOption: OptionSpec = { name: 'peer-chain', value: 'CHAIN', help: 'chain of the other half (default: the same chain)' };
export const peerTokenOption: OptionSpec = { name: 'peer-token', value: 'TOKEN', required: true, help: 'token of the other half: symbol or id' };
/** What a swap is to bring. */
export const toChainOption: OptionSpec = { name: 'to-chain', value: 'CHAIN', help: 'chain on which you receive (default: the same chain)' };
export const toTokenOption: OptionSpec = { name: 'to-token', value: 'TOKEN', required: true, help: 'token that you receive: symbol or id' };
export const slippageOption: OptionSpec = { name: 'slippage', value: 'PERCENT', help: 'how much less than quoted you accept, from 0 to 50 (default 0.5)' };

/** Environment variables of every command. */
export const networkEnvironment: readonly EnvironmentSpec[] = [
  { name: 'ROLLUP_DEVNET', help: "path of the devnet's description" },
  { name: 'ROLLUP_SEQUENCER', help: 'address of the sequencer, with --deployment' },
];
/** Of commands that talk to chains only. */
export const chainsEnvironment: readonly EnvironmentSpec[] = networkEnvironment.filter(({ name }) => name === 'ROLLUP_DEVNET');
export const keyIndexEnvironment: EnvironmentSpec = { name: 'ROLLUP_KEY_INDEX', help: "which of the wallet's L2 keys signs" };
export const keyEnvironment: EnvironmentSpec = { name: 'ROLLUP_PRIVATE_KEY', help: 'private key (0x…) of the wallet to act for' };

/** @throws UsageError that names the unknown, missing or malformed argument, with the nearest known one */
export function parseOptions(command: CommandSpec, args: readonly string[], common: readonly OptionSpec[] = commonOptions): ParsedOptions {
  const specs = [...command.options, ...common];
  const positionals = command.positionals ?? [];
  const config: ParseArgsConfig['options'] = Object.fromEntries(specs.map(({ name, value }) => [name, { type: value === undefined ? 'boolean' : 'string' }]));
  const { tokens } = parseArgs({ args: [...args], options: config, strict: false, allowPositionals: true, tokens: true });
  const values = new Map<string, true | string[]>();
  const isHelp = args.includes('--help');
  for (const token of tokens) {
    if (token.kind === 'option') {
      const spec = specs.find(({ name }) => name === token.name);
      if (!spec) {
        const guess = nearest(token.name, specs.map(({ name }) => name));
        throw new UsageError(`${command.name} has no option ${token.rawName}`, guess === undefined ? {} : { hint: `Did you mean --${guess}?` });
      }
      const earlier = values.get(spec.name);
      if (earlier !== undefined && spec.multiple !== true) throw new UsageError(`--${spec.name} is given twice`);
      if (spec.value === undefined && token.value !== undefined) throw new UsageError(`--${spec.name} takes no value`, { facts: { actual: token.value } });
      // parseArgs takes a following option for the value, so that `--amount --json` would read "--json" as an amount.
      if (spec.value !== undefined && (token.value === undefined || (!token.inlineValue && token.value.startsWith('--')))) {
        if (!isHelp) throw new UsageError(`--${spec.name} needs a value`, { facts: { expected: spec.value } });
      }
      values.set(spec.name, token.value === undefined ? true : [...(Array.isArray(earlier) ? earlier : []), token.value]);
    } else if (token.kind === 'positional') {
      const next = positionals.find(({ name }) => !values.has(name));
      if (next === undefined) {
        const example = specs.find(({ value }) => value !== undefined);
        throw new UsageError(`${command.name} does not take the argument "${token.value}"`, {
          hint: `Values belong behind their option${example === undefined ? '' : `, e.g. --${example.name} ${example.value}`}.`,
        });
      }
      values.set(next.name, [token.value]);
    }
  }
  if (isHelp) return new ParsedOptions(values);
  for (const { name, required, value } of command.options) {
    if (required === true && !values.has(name)) throw new UsageError(`Missing --${name}`, { facts: { expected: `--${name} ${value ?? ''}`.trim() } });
  }
  for (const { name, required, value, help } of positionals) {
    if (required === true && !values.has(name)) throw new UsageError(`Missing ${value ?? name}`, { facts: { expected: help } });
  }
  return new ParsedOptions(values);
}
