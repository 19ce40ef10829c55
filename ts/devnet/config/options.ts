import { proverNames } from '../../prover/choice.ts';
import { paths } from '../../base/paths.ts';
import { TEST_MNEMONIC } from '../accounts.ts';
import { BALANCE, USER_COUNT } from '../anvil.ts';
import { readTopology } from '../deploy.ts';
import { fits, parseRoutes, routeIdsOf, routeName } from '../relayers/routes.ts';
import { choice, integer, list, optional, type OptionType, path, port, seconds, text, toggle, url } from './optionTypes.ts';

/** One option of the devnet. Its name is its flag, with `ROLLUP_DEVNET_` before it (and `_` for `-`) its environment variable, and its key in a file. */
export interface OptionSpec<T> {
  type: OptionType<T>;
  /** Heading in the help. */
  group: Group;
  default: T;
  /** For ports: this far behind `--port`. */
  behindPort?: number;
  /** An environment variable that other commands know too; the option's own goes before it. */
  variable?: string;
  /** Only on the command line. */
  flagOnly?: boolean;
  help: string;
}

/** Routes of the devnet's chains. */
const routes = routeIdsOf(readTopology('devnet').chains);

export const groups = ['Ports', 'Chains', 'Accounts', 'Rollup', 'Messages', 'Output'] as const;
export type Group = (typeof groups)[number];

export const DEFAULT_PORT = 8545;
const MOST_SECONDS = 100_000_000;
/** Seconds; the relayer of zkSync takes a transaction for lost after 15. */
const LONGEST_BLOCK = 12;

const one = <T>(group: Group, type: OptionType<T>, fallback: T, help: string, more: Partial<OptionSpec<T>> = {}): OptionSpec<T> => ({ group, type, default: fallback, help, ...more });
const portOf = (behindPort: number, what: string): OptionSpec<number> => one('Ports', port, DEFAULT_PORT + behindPort, what, { behindPort });
const delay = (what: string, fallback = 0): OptionSpec<number> => one('Messages', seconds(MOST_SECONDS), fallback, what);
const blockTime = (chain: string): OptionSpec<number> => one('Chains', integer({ maximum: LONGEST_BLOCK, value: 'S' }), 0, `seconds between two blocks of ${chain}; 0: a block for each transaction, at once`);
const forkUrl = (chain: string): OptionSpec<string | undefined> => one('Chains', optional(url), undefined, `start ${chain} from the state of another node (ts/devnet/docs/fork.md)`);
const forkBlock = (chain: string): OptionSpec<number | undefined> => one('Chains', optional(integer({ value: 'BLOCK', maximum: 2 ** 40 })), undefined, `of that node's ${chain}; default its latest`);

/** Every option of the devnet, in the order of the help. */
export const options = {
  port: one('Ports', port, DEFAULT_PORT, 'first of all ports: Ethereum; then Linea (+1), zkSync (+2), sequencer (+5), control (+6); 0: any free ports'),
  'port-ethereum': portOf(0, 'JSON-RPC of Ethereum, HTTP and WebSocket; 0, here and below: any free port'),
  'port-linea': portOf(1, 'of Linea'),
  'port-zksync': portOf(2, 'of zkSync'),
  'port-sequencer': portOf(5, "HTTP API of the rollup's sequencer"),
  'port-control': portOf(6, 'control: orders, /ready, /events'),

  'chain-ids': one('Chains', choice('local', 'mainnet'), 'local', 'mainnet: 1, 59144 and 324, for clients that know no others; what is signed there is good on the real networks, too'),
  fresh: one('Chains', toggle, false, 'deploy even when the chains after the same deployment are kept from an earlier start (.devnet-cache)'),
  load: one('Chains', optional(path), undefined, 'begin as a devnet was when `dump FILE` wrote this file, on the ports of this start'),
  'block-time-ethereum': blockTime('Ethereum'),
  'block-time-linea': blockTime('Linea'),
  'block-time-zksync': blockTime('zkSync'),
  'fork-ethereum': forkUrl('Ethereum'),
  'fork-ethereum-block': forkBlock('Ethereum'),
  'fork-linea': forkUrl('Linea'),
  'fork-linea-block': forkBlock('Linea'),
  'fork-zksync': forkUrl('zkSync'),
  'fork-zksync-block': forkBlock('zkSync'),

  accounts: one('Accounts', integer({ minimum: 1, maximum: 1_000 }), USER_COUNT, 'users with coins on every chain; the first three have test tokens too'),
  balance: one('Accounts', integer({ minimum: 1, maximum: 1_000_000_000, value: 'ETHER' }), BALANCE, 'of each user on each chain'),
  mnemonic: one('Accounts', text({ value: 'WORDS', expected: 'a mnemonic of 12, 15, 18, 21 or 24 words', test: isMnemonic }), TEST_MNEMONIC, "of the users; the devnet's own parts have other keys"),

  sequencer: one('Rollup', toggle, true, 'run the sequencer of the rollup; without it: chains, contracts and relayers only'),
  'minimum-fee': one(
    'Rollup',
    list({ value: 'FEE', expected: 'a fee such as ETH=0.0001 or withdraw:TST=0.5', separator: /\s+/, test: (item) => item.includes('=') }),
    [],
    'least fee that the sequencer takes, e.g. ETH=0.0001 (every kind) or withdraw:TST=0.5 (kinds: transfer, withdraw, changeKey, swapIn, addLiquidity, removeLiquidity)',
    { variable: 'ROLLUP_MINIMUM_FEES' },
  ),
  prover: one('Rollup', optional(choice(...proverNames)), undefined, 'program that makes proofs, see circuits/KEYS.md; default snarkjs', { variable: 'ROLLUP_PROVER' }),

  'anchor-delay': delay('chain time that a message to Linea waits for its anchoring (really about 15 minutes)'),
  'finalize-delay': delay('chain time that a message from Linea waits for its finalization (really hours)'),
  'execute-delay': delay('chain time that a proved zkSync batch waits for its execution (really 3 hours)'),
  'postman-delay': delay('chain time from anchoring or finalization to the claim by the postman'),
  'sequencer-delay': delay('chain time from a request on Ethereum to its execution on zkSync'),
  'claimer-delay': delay('chain time from the execution of a zkSync batch to the claim on Ethereum'),
  'seal-delay': delay('chain time that a zkSync transaction without messages waits for a batch', 2),
  manual: one(
    'Messages',
    list({ value: 'ROUTE', expected: `routes: ${routes.map(routeName).join(', ')}, or a chain for all of its`, separator: /\s*,\s*/, test: isRoute }),
    [],
    'routes that carry nothing until they are told to: `linea anchor`, `linea finalize`, `linea postman`, `zksync sequencer`, `zksync batcher`, `zksync claimer`, or a chain for all of its',
  ),

  sponsoring: one('Messages', toggle, false, 'the postman claims messages without a fee as well, up to 250,000 gas'),

  folder: one('Output', path, paths.devnet, 'logs, data and the description go there; a devnet has its folder to itself'),
  'log-format': one('Output', choice('text', 'json'), 'text', 'of log files, progress and events: text for people, json with one object a line'),
  events: one('Output', toggle, true, 'show what happens on the chains under the banner'),
  json: one('Output', toggle, false, 'print one JSON document instead of the banner and the events'),
  quiet: one('Output', toggle, false, 'no progress, no events'),
  config: one('Output', optional(path), undefined, 'file with options, as JSON; default devnet.config.json in the working folder if there is one'),
  'print-config': one('Output', toggle, false, 'print every option, its value and where that comes from, and end', { flagOnly: true }),
  help: one('Output', toggle, false, 'print this text and end', { flagOnly: true }),
} as const;

export type OptionName = keyof typeof options;
export type DevnetConfig = { readonly [Name in OptionName]: (typeof options)[Name] extends OptionSpec<infer T> ? T : never };

export const optionNames = Object.keys(options) as OptionName[];

/** The table without the types of the values. */
export function optionSpec(name: OptionName): OptionSpec<unknown> {
  return options[name] as OptionSpec<unknown>;
}

export const VARIABLE_PREFIX = 'ROLLUP_DEVNET_';

export function variableOf(name: OptionName): string {
  return VARIABLE_PREFIX + name.toUpperCase().replaceAll('-', '_');
}

function isRoute(words: string): boolean {
  return words.trim() !== '' && parseRoutes([words]).every((filter) => routes.some((route) => fits(filter, route)));
}

function isMnemonic(words: string): boolean {
  return [12, 15, 18, 21, 24].includes(words.trim().split(/\s+/).length) && /^[a-z\s]+$/.test(words);
}
