import type { Progress } from '../../base/progress.ts';
import type { Log } from '../relayers/relayer.ts';
import type { EventStream } from './eventStream.ts';

/** A log of relayers that also tells the event stream of failures: what a chain refused is in none of its blocks. */
export function logAndTell(log: Progress, events: Pick<EventStream, 'add'>): Log {
  return (line, failure) => {
    log.report(line);
    if (failure !== undefined) events.add({ chain: failure.chain, kind: 'failed', text: line, facts: { reason: failure.reason } });
  };
}
