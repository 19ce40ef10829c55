import { RollupError } from '../../base/errors.ts';
import type { DevnetState } from './devnetState.ts';
import type { DumpReturnType } from './dump.ts';
import type { Snapshot } from './snapshots.ts';

/** Orders about the state of the whole devnet. */
export type StateOrder = { do: 'snapshot' } | { do: 'snapshots' } | { do: 'revert'; id: number } | { do: 'dump'; file: string };

export interface StateAnswers {
  snapshot: Snapshot;
  snapshots: Snapshot[];
  revert: Snapshot;
  dump: DumpReturnType;
}

/** @throws RollupError when it cannot be done */
export async function obeyState(state: DevnetState, order: StateOrder): Promise<StateAnswers[StateOrder['do']]> {
  switch (order.do) {
    case 'snapshot':
      return await state.snapshot();
    case 'snapshots':
      return state.snapshots();
    case 'revert':
      return await state.revert(order.id);
    case 'dump':
      return await state.dump(order.file);
  }
}

export function isStateOrder(order: { do: string }): order is StateOrder {
  return ['snapshot', 'snapshots', 'revert', 'dump'].includes(order.do);
}

/** Lines for `npm run devnet -- --help`. */
export const stateOrderHelp = `  snapshot                    remembers chains, relayers and sequencer at one quiet point; prints its number
  snapshots                   lists them
  revert NUMBER               sets everything back to a snapshot, clocks too; as often as wanted; later snapshots are gone
  dump FILE                   writes everything into one file, from which \`npm run devnet -- --load FILE\` starts on any ports
`;

/**
 * What the words order.
 * @param resolve makes a path absolute: the devnet may run in another folder
 * @returns undefined when they are about something else
 * @throws RollupError that says what was expected
 */
export function parseStateOrder([name, ...rest]: readonly string[], resolve: (path: string) => string): StateOrder | undefined {
  const expect = (ok: boolean, expected: string): void => {
    if (!ok) throw new RollupError('The devnet does not know this order', { facts: { expected, actual: [name, ...rest].join(' ') }, hint: 'npm run devnet -- --help' });
  };
  const [word = ''] = rest;
  if (name === 'snapshot' || name === 'snapshots') {
    expect(rest.length === 0, name);
    return { do: name };
  }
  if (name === 'revert') {
    expect(rest.length === 1 && /^[1-9]\d{0,8}$/.test(word), 'revert NUMBER');
    return { do: name, id: Number(word) };
  }
  if (name !== 'dump') return undefined;
  expect(rest.length === 1 && word !== '', 'dump FILE');
  return { do: name, file: resolve(word) };
}

/** What the devnet answered, for people. */
export function stateAnswerText(order: StateOrder, answer: StateAnswers[StateOrder['do']]): string {
  switch (order.do) {
    case 'snapshot':
    case 'revert': {
      const snapshot = answer as Snapshot;
      return `${order.do === 'snapshot' ? 'snapshot' : 'back at snapshot'} ${snapshotText(snapshot)}`;
    }
    case 'snapshots':
      return (answer as Snapshot[]).map(snapshotText).join('\n') || 'no snapshots';
    case 'dump': {
      const { file, bytes, chains, sequencer } = answer as DumpReturnType;
      return `${file}: ${bytes.toLocaleString('en')} bytes, ${blocksText(chains)}${sequencer ? ', sequencer' : ''}`;
    }
  }
}

function snapshotText({ id, takenAt, ahead, chains, sequencer }: Snapshot): string {
  return `${id}: ${takenAt}, ${blocksText(chains)}${sequencer ? ', sequencer' : ''}${ahead === 0 ? '' : `, clocks ${ahead} s ahead`}`;
}

function blocksText(chains: readonly { name: string; block: number }[]): string {
  return chains.map(({ name, block }) => `${name} ${block}`).join(', ');
}
