import type { Hex } from 'viem';
import { RollupError } from '../base/errors.ts';
import type { Claim, Direction, MessageSource, NetworkMessage } from './message.ts';

/** A message as the chain that it was sent on shows it. */
export interface SentMessage<TEvent> {
  id: string;
  content: string;
  transaction: Hex;
  block: bigint;
  event: TEvent;
}

export interface MessageSourceParameters<TEvent> {
  chain: string;
  direction: Direction;
  /** All of them, in order. */
  read(): Promise<readonly SentMessage<TEvent>[]>;
  /** Where one is now. */
  stage(message: SentMessage<TEvent>): Promise<Pick<NetworkMessage, 'stage' | 'waitsFor'>>;
  claim(message: SentMessage<TEvent>): Promise<Claim>;
  /** Asked of one that can be claimed: whether that would change nothing any more, so that nobody should pay for it. Default: never. */
  isPointless?(message: SentMessage<TEvent>): Promise<boolean>;
  /** Milliseconds since the epoch; tests have their own. */
  now?: () => number;
}

/** Messages that are asked for at once: what a public RPC bears. */
const AT_ONCE = 8;
/** A reorg can undo a delivery: it is looked at so many times, so many milliseconds apart. */
const LOOKS = 3;
const PAUSE = 600_000;

/** A source that remembers what is done, so that it asks for little again. */
export function messageSource<TEvent>({ chain, direction, read, stage, claim, isPointless, now = Date.now }: MessageSourceParameters<TEvent>): MessageSource {
  let sent = new Map<string, SentMessage<TEvent>>();
  const done = new Map<string, { result: Pick<NetworkMessage, 'stage' | 'waitsFor'>; looks: number; at: number }>();

  const look = async (message: SentMessage<TEvent>): Promise<NetworkMessage> => {
    const { event: _, ...shown } = message;
    const key = `${message.id} ${message.transaction}`;
    const known = done.get(key);
    if (known !== undefined && (known.looks >= LOOKS || now() - known.at < PAUSE)) return { chain, direction, ...shown, ...known.result };
    const found = await stage(message);
    const result: typeof found = found.stage === 'claimable' && (await isPointless?.(message)) === true ? { stage: 'delivered', waitsFor: undefined } : found;
    if (result.stage === 'delivered' || result.stage === 'failed') done.set(key, { result, looks: (known?.looks ?? 0) + 1, at: now() });
    else done.delete(key);
    return { chain, direction, ...shown, ...result };
  };

  return {
    name: `${chain} ${direction}`,
    async read() {
      const messages = await read();
      sent = new Map(messages.map((message) => [message.id, message]));
      const seen: NetworkMessage[] = [];
      for (let start = 0; start < messages.length; start += AT_ONCE) seen.push(...(await Promise.all(messages.slice(start, start + AT_ONCE).map(look))));
      return seen;
    },
    async claim({ id, stage: current }) {
      const message = sent.get(id);
      if (message === undefined || current !== 'claimable') throw new RollupError('This message cannot be claimed', { facts: { message: id, expected: 'claimable', actual: message === undefined ? 'not on the chain' : current } });
      return await claim(message);
    },
  };
}
