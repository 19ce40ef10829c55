import { resolve } from 'node:path';
import { isHex } from 'viem';
import { RollupError } from '../base/errors.ts';
import { stringifyPlain } from '../base/json.ts';
import { sendOrder } from '../devnet/control.ts';
import type { DevnetOrder } from '../devnet/controlOrders.ts';
import { FAULT_KINDS, type FaultKind, type FaultSpec } from '../devnet/relayers/faults.ts';
import { isDirection, parseRoutes } from '../devnet/relayers/routes.ts';
import { parseStateOrder, stateOrderHelp } from '../devnet/state/stateOrders.ts';
import { controlUrl } from './devnet/find.ts';
import { answerText } from './devnetAnswers.ts';

/** Lines for `npm run devnet -- --help`. */
export const orderHelp = `Orders to the devnet that runs (in another terminal). A ROUTE is one relayer's part of the way: linea anchor, linea finalize, linea postman up,
linea postman down, zksync sequencer, zksync batcher, zksync claimer; a chain, a role or a direction (up: to Ethereum) alone means all that fit,
none means all. A HASH is that of a message, of a canonical priority transaction, or of any transaction that sent or carried a message.

  relay                       the routes: mode, delay, what was carried, what waits, the last error
  relay manual [ROUTE…]       they carry nothing by themselves any more (hold [CHAIN] [up|down] is the same)
  relay auto [ROUTE…]         they do again (release [CHAIN] [up|down] is the same)
  relay delay [ROUTE…] TIME   how long messages wait for them, by the clocks of the chains: \`time\` lets them go on
  relay flush [ROUTE…]        carries everything that is due, on manual routes too; --now: before its delay is over; --dry-run: only lists it
  relay list                  the last messages and their stage; --limit N, default 20
  relay status HASH           stage of a message, what it waits for, why it failed with a trace of the calls, what to do
  relay retry HASH            takes it on at once, whatever delays and the postman's rules say
  fault add KIND ROUTE        makes a route go wrong: drop, duplicate, reorder, wrong-root, kill (once, or --count N; --message HASH: only that one),
                              delay ROUTE TIME, pause (both until they are cleared)
  fault list                  faults, and how the contracts answered
  fault clear [ID]            ends one, or all; what was held up goes on
  reorg CHAIN DEPTH           replaces the last blocks of a chain: their transactions are gone; --again: they are in the new blocks
  time +TIME                  all chains' clocks go ahead in step, e.g. +90m, +36h, +4d
${stateOrderHelp}  remove-sequencer            the operator disappears: ends the sequencer for good and deletes its data

With --json they answer with one JSON document.
`;

/** Flags of orders, for the parser of the command line. */
export const orderFlags = {
  ...{ 'dry-run': { type: 'boolean' }, now: { type: 'boolean' }, count: { type: 'string' }, message: { type: 'string' } },
  ...{ limit: { type: 'string' }, again: { type: 'boolean' } },
} as const satisfies Record<string, { type: 'string' | 'boolean' }>;

export type OrderFlags = Readonly<Partial<Record<string, string | boolean>>>;

const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };
const DEFAULT_LIMIT = 20;

function unknown(expected: string, words: readonly string[]): RollupError {
  return new RollupError('The devnet does not know this order', { facts: { expected, actual: words.join(' ') }, hint: 'npm run devnet -- --help' });
}

/** Seconds of e.g. `90m`; undefined when it is no time. */
function timeOf(text = '', least = 1): number | undefined {
  const [, count = '', unit = 's'] = /^\+?(\d{1,9})([smhd]?)$/.exec(text) ?? [];
  if (count === '' || Number(count) < least) return undefined;
  return Number(count) * (units[unit === '' ? 's' : unit] ?? 1);
}

/** What the words and flags order. @throws RollupError that says what was expected */
export function parseOrder(words: readonly string[], flags: OrderFlags = {}): DevnetOrder {
  const [name, ...rest] = words;
  const order = parseStateOrder(words, (path) => resolve(path)) ?? parseWords(name, rest, words, flags);
  const fitting: Readonly<Record<string, readonly string[]>> = { flush: ['dry-run', 'now'], messages: ['limit'], addFault: ['count', 'message'], reorg: ['again'] };
  const stray = Object.keys(flags).find((flag) => !(fitting[order.do] ?? []).includes(flag));
  if (stray !== undefined) throw unknown(`${words.join(' ')} without --${stray}`, [...words, `--${stray}`]);
  return order;
}

function parseWords(name: string | undefined, rest: readonly string[], words: readonly string[], flags: OrderFlags): DevnetOrder {
  switch (name) {
    case 'relay':
      return parseRelay(rest, words, flags);
    case 'fault':
      return parseFault(rest, words, flags);
    case 'remove-sequencer':
      if (rest.length > 0) throw unknown(name, words);
      return { do: 'removeSequencer' };
    case 'time': {
      const seconds = rest.length === 1 ? timeOf(rest[0]) : undefined;
      if (seconds === undefined) throw unknown('time +TIME, e.g. +90m, +36h or +4d', words);
      return { do: 'passTime', seconds };
    }
    case 'reorg': {
      const [chain = '', depth = ''] = rest;
      if (rest.length !== 2 || !/^[1-9]\d{0,5}$/.test(depth)) throw unknown('reorg CHAIN DEPTH, e.g. reorg ethereum 3', words);
      return { do: 'reorg', chain, depth: Number(depth), ...(flags['again'] === true ? { again: true } : {}) };
    }
    case 'hold':
    case 'release': {
      const directions = rest.filter(isDirection);
      const chains = rest.filter((word) => !isDirection(word));
      const [direction, chain] = [directions[0], chains[0]];
      if (directions.length > 1 || chains.length > 1) throw unknown(`${name} [CHAIN] [up|down]`, words);
      return { do: name, ...(chain === undefined ? {} : { chain }), ...(direction === undefined ? {} : { direction }) };
    }
    default:
      throw unknown('relay, fault, reorg, time, snapshot, snapshots, revert, dump, remove-sequencer, hold or release', words);
  }
}

function parseRelay([verb, ...rest]: readonly string[], words: readonly string[], flags: OrderFlags): DevnetOrder {
  if (verb === undefined) return { do: 'relays' };
  if (verb === 'auto' || verb === 'manual') return { do: 'mode', mode: verb, routes: routesOf(rest) };
  if (verb === 'flush') return { do: 'flush', routes: routesOf(rest), now: flags['now'] === true, dryRun: flags['dry-run'] === true };
  if (verb === 'delay') {
    const seconds = timeOf(rest.at(-1), 0);
    if (seconds === undefined) throw unknown('relay delay [ROUTE…] TIME, e.g. relay delay linea anchor 15m', words);
    return { do: 'delay', seconds, routes: routesOf(rest.slice(0, -1)) };
  }
  if (verb === 'list' && rest.length === 0) return { do: 'messages', limit: countOf('limit', flags) ?? DEFAULT_LIMIT };
  if (verb === 'status' || verb === 'retry') {
    const [hash = ''] = rest;
    if (rest.length !== 1 || !isHash(hash)) throw unknown(`relay ${verb} HASH, a word of 32 bytes`, words);
    return { do: verb === 'status' ? 'message' : 'retry', hash };
  }
  throw unknown('relay, or relay auto, manual, delay, flush, list, status or retry', words);
}

function parseFault([verb, ...rest]: readonly string[], words: readonly string[], flags: OrderFlags): DevnetOrder {
  if ((verb === undefined || verb === 'list') && rest.length === 0) return { do: 'faults' };
  if (verb === 'clear' && rest.length === 0) return { do: 'clearFaults' };
  if (verb === 'clear' && rest.length === 1 && /^[1-9]\d*$/.test(rest[0] ?? '')) return { do: 'clearFaults', id: Number(rest[0]) };
  const [kind, ...route] = rest;
  if (verb !== 'add' || !isKind(kind) || route.length === 0) throw unknown(`fault add KIND ROUTE, fault list or fault clear [ID]; KIND: ${FAULT_KINDS.join(', ')}`, words);
  const seconds = kind === 'delay' ? timeOf(route.at(-1)) : undefined;
  if (kind === 'delay' && seconds === undefined) throw unknown('fault add delay ROUTE TIME, e.g. fault add delay linea anchor 15m', words);
  const count = countOf('count', flags);
  const { message } = flags;
  if (message !== undefined && !isHash(message)) throw unknown('--message HASH, a word of 32 bytes', words);
  const routeWords = seconds === undefined ? route : route.slice(0, -1);
  const fault: FaultSpec = { kind, route: routesOf(routeWords), ...(count === undefined ? {} : { count }), ...(message === undefined ? {} : { message }), ...(seconds === undefined ? {} : { seconds }) };
  return { do: 'addFault', fault };
}

/** Checks the words here as well, so that a slip ends with how orders are written. */
function routesOf(words: readonly string[]): string {
  parseRoutes(words);
  return words.join(' ');
}

function countOf(flag: 'count' | 'limit', flags: OrderFlags): number | undefined {
  const text = flags[flag];
  if (text === undefined) return undefined;
  if (typeof text === 'string' && /^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new RollupError(`--${flag} is not a whole number from 1`, { facts: { actual: text }, hint: 'npm run devnet -- --help' });
}

function isHash(text: unknown): text is `0x${string}` {
  return isHex(text) && text.length === 66;
}

function isKind(word: string | undefined): word is FaultKind {
  return (FAULT_KINDS as readonly string[]).includes(word ?? '');
}

export interface OrderDevnetParameters {
  /** Description of the devnet. */
  file: string;
  order: DevnetOrder;
  /** Answer with one JSON document. */
  json?: boolean;
  write?: (text: string) => void;
}

/** Sends an order and writes what the devnet answers. @throws RollupError when no devnet runs, or it refuses */
export async function orderDevnet({ file, order, json = false, write = (text) => process.stdout.write(text) }: OrderDevnetParameters): Promise<void> {
  const answer = await sendOrder({ url: controlUrl(file), order });
  const text = json ? stringifyPlain(answer, 2) : answerText(order, answer);
  if (text !== '') write(`${text}\n`);
}
