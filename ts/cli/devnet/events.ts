import { RollupError } from '../../base/errors.ts';
import { type DevnetEvent, eventLine } from '../../devnet/events/event.ts';
import type { Verb } from '../devnetVerbs.ts';
import { controlUrl, noWords, wholeNumber } from './find.ts';

export const events: Verb = {
  name: 'events',
  help: ['events [--follow] [--after N] [--json]', '                        what happened on the chains: messages, stages of the rollup, deposits, withdrawals, failures'],
  flags: { follow: { type: 'boolean' }, after: { type: 'string' } },
  async run({ file, words, flags, json }) {
    noWords('events', words);
    const after = wholeNumber('after', flags['after'], 0);
    const url = `${controlUrl(file)}/events?after=${after}${flags['follow'] === true ? '&follow' : ''}`;
    const { ok, status, body } = await fetch(url);
    if (!ok || body === null) throw new RollupError('The devnet does not tell its events', { facts: { url, status }, hint: 'Wait until it has started: `npm run devnet -- wait`.' });
    const decoder = new TextDecoder();
    let rest = '';
    try {
      for await (const chunk of body) {
        const lines = (rest + decoder.decode(chunk as Uint8Array, { stream: true })).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) process.stdout.write(`${json ? line : eventLine(JSON.parse(line) as DevnetEvent)}\n`);
      }
    } catch (cause) {
      throw new RollupError('The devnet has ended', { facts: { url }, cause });
    }
    return 0;
  },
};
