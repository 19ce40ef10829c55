import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { RollupError } from '../../base/errors.ts';
import { nearest } from '../../base/nearest.ts';
import { type DevnetConfig, type OptionName, optionNames, optionSpec, VARIABLE_PREFIX, variableOf } from './options.ts';

export const DEFAULT_CONFIG_FILE = 'devnet.config.json';
const HINT = '`npm run devnet -- --help` lists all options, `--print-config` shows what is in force.';

/** What somebody asked for is not understood; the command ends with 2. */
export class ConfigError extends RollupError {}

export interface ReadConfigParameters {
  args: readonly string[];
  env: Readonly<Record<string, string | undefined>>;
  /** Working folder. */
  folder: string;
  /** Flags of verbs that are no options of the devnet. */
  extra?: Readonly<Record<string, { type: 'string' | 'boolean' }>>;
}

export interface ReadConfigReturnType {
  config: DevnetConfig;
  /** Where each value comes from: a flag, an environment variable, a file, `--port`, or `default`. */
  sources: Readonly<Record<OptionName, string>>;
  /** Arguments that are no flags. */
  words: readonly string[];
  /** Values of `extra` flags. */
  extras: Readonly<Record<string, string | boolean>>;
}

/** One value as it was written. */
interface Given {
  raw: unknown;
  source: string;
  folder: string;
}

/**
 * Options from the command line, the environment and a file, each before the next; what none of them names has its default.
 * @throws ConfigError that says what was expected, what came and where from
 */
export function readConfig({ args, env, folder, extra = {} }: ReadConfigParameters): ReadConfigReturnType {
  const { flags, words, extras } = readFlags({ args, folder, extra });
  const variables = readVariables(env, folder);
  const named = flags.get('config') ?? variables.get('config');
  const file = named === undefined ? join(folder, DEFAULT_CONFIG_FILE) : (valueOf('config', named) as string);
  const entries = named !== undefined || existsSync(file) ? readFile(file) : new Map<OptionName, Given>();

  const config: Partial<Record<OptionName, unknown>> = {};
  const sources: Partial<Record<OptionName, string>> = {};
  for (const name of optionNames) {
    const given = flags.get(name) ?? variables.get(name) ?? entries.get(name);
    const { default: fallback, behindPort } = optionSpec(name);
    config[name] = given === undefined ? fallback : valueOf(name, given);
    sources[name] = given?.source ?? 'default';
    if (given !== undefined || behindPort === undefined || sources.port === 'default') continue;
    const first = config.port as number;
    config[name] = first === 0 ? 0 : first + behindPort;
    sources[name] = sources.port as string;
    if (first + behindPort > 65_535) throw new ConfigError(`${sources.port} leaves no place for ${name}`, { facts: { expected: `at most ${65_535 - behindPort}`, actual: first }, hint: HINT });
  }
  return { config: config as DevnetConfig, sources: sources as Record<OptionName, string>, words, extras };
}

function valueOf(name: OptionName, { raw, source, folder }: Given): unknown {
  const { type } = optionSpec(name);
  const value = type.read(raw, { folder });
  if (value !== undefined) return value;
  const where = source === flagOf(name) ? source : `${name} (from ${source})`;
  throw new ConfigError(`${where} is not ${type.expected}`, { facts: { expected: type.expected, actual: [raw].flat().map((item) => (typeof item === 'string' ? item : JSON.stringify(item))).join(', ') }, hint: HINT });
}

function flagOf(name: string): string {
  return `--${name}`;
}

// ── the command line ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

interface ReadFlagsReturnType {
  flags: Map<OptionName, Given>;
  words: string[];
  extras: Record<string, string | boolean>;
}

function readFlags({ args, folder, extra = {} }: Pick<ReadConfigParameters, 'args' | 'folder' | 'extra'>): ReadFlagsReturnType {
  const known: NonNullable<ParseArgsConfig['options']> = { ...extra };
  for (const name of optionNames) {
    const isToggle = optionSpec(name).type.value === '';
    known[name] = { type: isToggle ? 'boolean' : 'string' };
    if (isToggle && optionSpec(name).flagOnly !== true) known[`no-${name}`] = { type: 'boolean' };
  }
  const { tokens } = parseArgs({ args: [...args], options: known, strict: false, allowPositionals: true, tokens: true });
  const flags = new Map<OptionName, Given>();
  const words: string[] = [];
  const extras: Record<string, string | boolean> = {};
  for (const token of tokens) {
    if (token.kind === 'positional') words.push(token.value);
    if (token.kind !== 'option') continue;
    const type = known[token.name]?.type;
    if (type === undefined) throw new ConfigError(`There is no option ${token.rawName}`, suggestion(token.name, Object.keys(known), '--'));
    if (type === 'boolean' && token.value !== undefined) throw new ConfigError(`${token.rawName} takes no value`, { facts: { expected: token.rawName, actual: `${token.rawName}=${token.value}` }, hint: HINT });
    // parseArgs takes a following flag for the value.
    if (type === 'string' && (token.value === undefined || (token.inlineValue !== true && token.value.startsWith('--')))) {
      throw new ConfigError(`${token.rawName} needs a value`, { facts: { expected: `${token.rawName} ${isOption(token.name) ? optionSpec(token.name).type.value : 'VALUE'}`, actual: token.value ?? 'nothing' }, hint: HINT });
    }
    if (!isOption(token.name) && Object.hasOwn(extra, token.name)) {
      extras[token.name] = token.value ?? true;
      continue;
    }
    const name = (isOption(token.name) ? token.name : token.name.slice('no-'.length)) as OptionName;
    const earlier = flags.get(name);
    const isList = optionSpec(name).type.separator !== undefined;
    if (earlier !== undefined && !isList) throw new ConfigError(`${flagOf(name)} is given twice`, { facts: { expected: 'one value', actual: `${String(earlier.raw)} and ${token.value ?? token.rawName}` }, hint: HINT });
    const value = token.value ?? token.name === name;
    flags.set(name, { raw: isList ? [...((earlier?.raw as unknown[] | undefined) ?? []), value] : value, source: type === 'boolean' ? token.rawName : flagOf(name), folder });
  }
  return { flags, words, extras };
}

// ── the environment ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

function readVariables(env: ReadConfigParameters['env'], folder: string): Map<OptionName, Given> {
  const given = new Map<OptionName, Given>();
  const names = new Map<string, OptionName>();
  for (const name of optionNames) {
    const { flagOnly, variable } = optionSpec(name);
    if (flagOnly !== true) names.set(variableOf(name), name);
    if (variable !== undefined) names.set(variable, name);
  }
  for (const variable of Object.keys(env)) {
    if (variable.startsWith(VARIABLE_PREFIX) && !names.has(variable)) throw new ConfigError(`There is no environment variable ${variable}`, suggestion(variable, [...names.keys()], ''));
  }
  for (const [variable, name] of names) {
    const text = env[variable];
    const { separator } = optionSpec(name).type;
    // Empty counts as unset, as everywhere in a shell.
    if (text === undefined || text === '' || given.has(name)) continue;
    given.set(name, { raw: separator === undefined ? text : text.split(separator).filter((item) => item !== ''), source: variable, folder });
  }
  return given;
}

// ── the file ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

function readFile(file: string): Map<OptionName, Given> {
  const source = basename(file);
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new ConfigError('The config file cannot be read', { facts: { file, expected: 'a JSON object of options' }, hint: HINT, cause });
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) throw new ConfigError('The config file is no JSON object', { facts: { file, expected: '{ "port": 9545, "sequencer": false }' }, hint: HINT });
  const allowed = optionNames.filter((name) => optionSpec(name).flagOnly !== true && name !== 'config');
  const given = new Map<OptionName, Given>();
  for (const [key, raw] of Object.entries(content)) {
    if (!(allowed as string[]).includes(key)) throw new ConfigError(`${source} has an unknown key "${key}"`, { ...suggestion(key, allowed, ''), facts: { file, actual: key } });
    given.set(key as OptionName, { raw, source, folder: dirname(file) });
  }
  return given;
}

// ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

function isOption(name: string): name is OptionName {
  return Object.hasOwn(Object.fromEntries(optionNames.map((known) => [known, true])), name);
}

function suggestion(word: string, known: readonly string[], prefix: string): { facts: Record<string, unknown>; hint: string } {
  const guess = nearest(word, known);
  return { facts: { actual: prefix + word }, hint: guess === undefined ? HINT : `Did you mean ${prefix}${guess}? ${HINT}` };
}
