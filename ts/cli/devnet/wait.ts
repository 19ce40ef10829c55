import { RollupError } from '../../base/errors.ts';
import { findDevnet } from '../../chain/deployments.ts';
import type { Readiness } from '../../devnet/readiness.ts';
import type { Verb } from '../devnetVerbs.ts';
import { NO_DEVNET, noWords, wholeNumber } from './find.ts';

const DEFAULT_TIMEOUT = 180;

export const wait: Verb = {
  name: 'wait',
  help: ['wait [--timeout S] [--json]', '                        until the devnet can be used: contracts in place, relayers polling, sequencer running; default 180 s'],
  flags: { timeout: { type: 'string' } },
  async run({ file, words, flags, json }) {
    noWords('wait', words);
    const timeout = wholeNumber('timeout', flags['timeout'], DEFAULT_TIMEOUT);
    const deadline = Date.now() + timeout * 1_000;
    for (;;) {
      const { ready, missing } = await readiness(file);
      if (json && (ready || Date.now() >= deadline)) process.stdout.write(`${JSON.stringify({ ready, missing })}\n`);
      if (ready) return 0;
      if (Date.now() >= deadline) {
        const hint = findDevnet(file) === undefined ? NO_DEVNET : 'Look at its terminal and its logs.';
        throw new RollupError(`The devnet is not ready after ${timeout} s`, { facts: { file, missing: missing.join('; ') }, hint });
      }
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  },
};

async function readiness(file: string): Promise<Readiness> {
  const url = findDevnet(file)?.controlUrl;
  if (url === undefined) return { ready: false, missing: ['no devnet with a control server runs there'] };
  try {
    return (await (await fetch(`${url}/ready`)).json()) as Readiness;
  } catch {
    return { ready: false, missing: [`${url} does not answer`] };
  }
}
