import { RollupError } from '../base/errors.ts';
import { findDevnet } from '../chain/deployments.ts';
import { sendOrder, type DevnetOrder } from '../devnet/control.ts';
import type { Direction } from '../devnet/relayers/startRelayers.ts';

/** Lines for `npm run devnet -- --help`. */
export const orderHelp = `Orders to the devnet that runs (in another terminal):

  remove-sequencer        the operator disappears: ends the sequencer for good and deletes its data
  hold [CHAIN] [up|down]  holds messages back, e.g. \`hold linea down\`: from the arbitrator to Linea; without more: all of them
  release [CHAIN] [up|down]
  pass-time TIME          all chains' clocks go ahead, e.g. 90m, 36h, 4d; a running sequencer commits nothing any more after a day
`;

const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

/** What the words order. @throws RollupError that says what was expected */
export function parseOrder([name, ...rest]: readonly string[]): DevnetOrder {
  const unknown = (expected: string): RollupError => new RollupError('The devnet does not know this order', { facts: { expected, actual: [name, ...rest].join(' ') }, hint: 'npm run devnet -- --help' });
  if (name === 'remove-sequencer') {
    if (rest.length > 0) throw unknown(name);
    return { do: 'removeSequencer' };
  }
  if (name === 'pass-time') {
    const [, count = '', unit = 's'] = /^([1-9]\d{0,8})([smhd]?)$/.exec(rest[0] ?? '') ?? [];
    if (count === '' || rest.length > 1) throw unknown('pass-time TIME, e.g. 90m, 36h or 4d');
    return { do: 'passTime', seconds: Number(count) * (units[unit === '' ? 's' : unit] ?? 1) };
  }
  if (name !== 'hold' && name !== 'release') throw unknown('remove-sequencer, hold, release or pass-time');
  const isDirection = (word: string): word is Direction => word === 'up' || word === 'down';
  const directions = rest.filter(isDirection);
  const chains = rest.filter((word) => !isDirection(word));
  const [direction, chain] = [directions[0], chains[0]];
  if (directions.length > 1 || chains.length > 1) throw unknown(`${name} [CHAIN] [up|down]`);
  return { do: name, ...(chain === undefined ? {} : { chain }), ...(direction === undefined ? {} : { direction }) };
}

/** @param file description of the devnet */
export async function orderDevnet({ file, order }: { file: string; order: DevnetOrder }): Promise<void> {
  const url = findDevnet(file)?.controlUrl;
  if (url === undefined) throw new RollupError('No devnet that takes orders is running', { facts: { file }, hint: 'Start one with `npm run devnet` in another terminal.' });
  await sendOrder({ url, order });
}
