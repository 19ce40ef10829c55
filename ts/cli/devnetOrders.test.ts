import { expect, test } from 'vitest';
import { readConfig } from '../devnet/config/readConfig.ts';
import { answerText } from './devnetAnswers.ts';
import { orderDevnet, orderFlags, parseOrder } from './devnetOrders.ts';
import { assertFits, findVerb, verbFlags } from './devnetVerbs.ts';

const HASH = `0x${'ab'.repeat(32)}` as const;
const parse = (text: string, flags: Record<string, string | boolean> = {}): unknown => parseOrder(text.split(' '), flags);

test('orders in words', () => {
  expect(parse('remove-sequencer')).toEqual({ do: 'removeSequencer' });
  expect(parse('hold')).toEqual({ do: 'hold' });
  expect(parse('hold linea down')).toEqual({ do: 'hold', chain: 'linea', direction: 'down' });
  expect(parse('release up')).toEqual({ do: 'release', direction: 'up' });
  for (const [text, seconds] of [['7', 7], ['+90m', 5_400], ['36h', 129_600], ['+4d', 345_600]] as const) expect(parse(`time ${text}`)).toEqual({ do: 'passTime', seconds });
  expect(parse('relay')).toEqual({ do: 'relays' });
  expect(parse('relay manual linea anchor zksync')).toEqual({ do: 'mode', mode: 'manual', routes: 'linea anchor zksync' });
  expect(parse('relay auto')).toEqual({ do: 'mode', mode: 'auto', routes: '' });
  expect(parse('relay delay linea finalize 15m')).toEqual({ do: 'delay', seconds: 900, routes: 'linea finalize' });
  expect(parse('relay delay 0')).toEqual({ do: 'delay', seconds: 0, routes: '' });
  expect(parse('relay flush', { 'dry-run': true })).toEqual({ do: 'flush', routes: '', now: false, dryRun: true });
  expect(parse('relay flush zksync batcher', { now: true })).toEqual({ do: 'flush', routes: 'zksync batcher', now: true, dryRun: false });
  expect(parse('relay list', { limit: '5' })).toEqual({ do: 'messages', limit: 5 });
  expect(parse(`relay status ${HASH}`)).toEqual({ do: 'message', hash: HASH });
  expect(parse(`relay retry ${HASH}`)).toEqual({ do: 'retry', hash: HASH });
  expect(parse('fault')).toEqual({ do: 'faults' });
  expect(parse('fault add drop linea postman up', { count: '3', message: HASH })).toEqual({ do: 'addFault', fault: { kind: 'drop', route: 'linea postman up', count: 3, message: HASH } });
  expect(parse('fault add delay zksync sequencer 2h')).toEqual({ do: 'addFault', fault: { kind: 'delay', route: 'zksync sequencer', seconds: 7_200 } });
  expect(parse('fault clear')).toEqual({ do: 'clearFaults' });
  expect(parse('fault clear 2')).toEqual({ do: 'clearFaults', id: 2 });
  expect(parse('reorg linea 3')).toEqual({ do: 'reorg', chain: 'linea', depth: 3 });
  expect(parse('reorg linea 3', { again: true })).toEqual({ do: 'reorg', chain: 'linea', depth: 3, again: true });
});

test('what is no order is refused with what was expected', () => {
  const refused = [
    ...['halt', 'remove-sequencer now', 'hold linea zksync', 'hold up down', 'time', 'time 0', 'time 4w', 'time 4d 5d', 'pass-time 4d'],
    ...['relay stop', 'relay delay linea', 'relay list linea', 'relay status', 'relay status 0x12', 'fault add', 'fault add flood linea', 'fault add delay linea anchor', 'fault clear x', 'reorg linea', 'reorg linea 0'],
  ];
  for (const text of refused) expect(() => parse(text), text).toThrow(expect.objectContaining({ facts: expect.objectContaining({ actual: text }) }));
  expect(() => parse('time 4d', { now: true })).toThrow(expect.objectContaining({ facts: { expected: 'time 4d without --now', actual: 'time 4d --now' } }));
  expect(() => parse('fault add drop linea anchor', { message: '0x12' })).toThrow('does not know');
  expect(() => parse('relay list', { limit: 'many' })).toThrow('--limit is not a whole number');
});

test('verbs and orders take their own flags and those that say which devnet and how, and no others', () => {
  const flags = { ...verbFlags, ...orderFlags };
  const check = (text: string): void => {
    const read = readConfig({ args: text.split(' '), env: { ROLLUP_DEVNET_PORT: '1' }, folder: '/nowhere', extra: flags });
    const verb = findVerb(read.words[0]);
    assertFits(read, verb);
    if (verb === undefined) parseOrder(read.words, read.extras);
  };
  for (const name of ['wait', 'env', 'events', 'doctor', 'relay', 'relay list', 'fault', 'time 5m', 'snapshot']) check(`${name} --folder other --json`);
  for (const text of ['wait --timeout 3', 'events --follow --after 4', 'doctor --port 9000', 'relay flush --dry-run --now', 'relay list --limit 3']) check(text);
  const refused = ['wait --follow', 'env --timeout 3', 'events --limit 3', 'doctor --now', 'relay --port 9000', 'wait --no-sequencer', 'relay list --follow', 'snapshot --timeout 3', 'relay auto --manual linea', 'time 5m --quiet'];
  for (const text of refused) expect(() => check(text), text).toThrow(expect.objectContaining({ facts: { expected: expect.any(String), actual: expect.stringContaining(text.split(' ')[0] ?? '') } }));
});

test('without a devnet there is nobody to order', async () => {
  await expect(orderDevnet({ file: '/nowhere/devnet.json', order: { do: 'hold' } })).rejects.toThrow('No devnet is running');
});

test('answers are readable', () => {
  const routes = [{ name: 'linea anchor', mode: 'manual' as const, delay: 900, carried: 2, waiting: 1, error: undefined, rounds: 3 }];
  expect(answerText({ do: 'relays' }, routes)).toBe('route         mode    delay  carried  waiting  error\nlinea anchor  manual  900 s  2        1');
  expect(answerText({ do: 'passTime', seconds: 1 }, { timestamp: 1_800_000_000n })).toBe('all chains: 2027-01-15T08:00:00Z');
  expect(answerText({ do: 'flush', routes: '', now: false, dryRun: true }, { delivered: [], failed: [], waiting: [], stopped: [] })).toBe('nothing to carry');
  const fault = { id: 1, kind: 'duplicate' as const, route: 'linea anchor', left: 0, message: undefined, seconds: undefined, done: [{ step: 'message 3', result: 'refused: X' }] };
  expect(answerText({ do: 'faults' }, [fault])).toBe('1  duplicate linea anchor, 0 left\n     message 3: refused: X');
  const reorg = { chain: 'linea', firstBlock: 4n, lastBlock: 5n, again: [], gone: [HASH], undone: [{ hash: HASH, stage: 'anchored' }] };
  expect(answerText({ do: 'reorg', chain: 'linea', depth: 2 }, reorg)).toBe(`linea: blocks 4 … 5 replaced\n  gone: transaction ${HASH}\n  undone: message ${HASH}, which was anchored`);
});
