import type { OptionName } from '../devnet/config/options.ts';
import { ConfigError, type ReadConfigReturnType } from '../devnet/config/readConfig.ts';
import { doctor } from './devnet/doctor.ts';
import { env } from './devnet/env.ts';
import { events } from './devnet/events.ts';
import { wait } from './devnet/wait.ts';

export interface VerbContext {
  /** Description of the devnet that is meant. */
  file: string;
  /** Words after the verb. */
  words: readonly string[];
  /** Flags that are no options of a devnet. */
  flags: Readonly<Record<string, string | boolean>>;
  json: boolean;
  read: ReadConfigReturnType;
}

export interface Verb {
  name: string;
  /** Lines of the help, indented by two. */
  help: readonly string[];
  /** Flags of its own. */
  flags?: Readonly<Record<string, { type: 'string' | 'boolean' }>>;
  /** True: what a start would take means something to it. */
  takesOptions?: boolean;
  /** @returns the exit code */
  run(context: VerbContext): Promise<number>;
}

const verbs: readonly Verb[] = [wait, env, events, doctor];

export const verbHelp = `Verbs that ask the devnet that runs (in another terminal):\n\n${verbs.flatMap(({ help }) => help.map((line) => `  ${line}\n`)).join('')}`;

export const verbFlags: Readonly<Record<string, { type: 'string' | 'boolean' }>> = Object.assign({}, ...verbs.map(({ flags }) => flags ?? {}));

export function findVerb(word: string | undefined): Verb | undefined {
  return verbs.find(({ name }) => name === word);
}

/** Options that every verb and order takes: which devnet is meant, and how it answers. */
const COMMON: readonly OptionName[] = ['folder', 'json', 'config', 'help'];

/**
 * Makes sure that nothing on the command line would be ignored.
 * @param verb undefined for an order, which looks after its own flags
 * @throws ConfigError
 */
export function assertFits({ words, sources, extras }: Pick<ReadConfigReturnType, 'words' | 'sources' | 'extras'>, verb: Verb | undefined): void {
  const name = words[0] ?? '';
  const refuse = (flag: string, why: string): never => {
    throw new ConfigError(`${name} does not take ${flag}`, { facts: { expected: `${words.join(' ')} with --folder or --json${why}`, actual: `${words.join(' ')} ${flag}` }, hint: 'npm run devnet -- --help' });
  };
  const option = verb?.takesOptions === true ? undefined : (Object.keys(sources) as OptionName[]).find((key) => sources[key].startsWith('--') && !COMMON.includes(key));
  if (option !== undefined) refuse(sources[option], '; other options belong to the start');
  if (verb === undefined) return;
  const stray = Object.keys(extras).find((flag) => verb.flags === undefined || !Object.hasOwn(verb.flags, flag));
  if (stray !== undefined) refuse(`--${stray}`, Object.keys(verb.flags ?? {}).map((flag) => `, --${flag}`).join(''));
}
