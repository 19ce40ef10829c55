import { zeroHash } from 'viem';
import { RollupError } from '../../base/errors.ts';
import { l2MessageServiceAbi, lineaRollupAbi } from '../../chain/generated/abi.ts';
import type { LineaView, MessageDown } from './lineaView.ts';
import { stageOf } from './message.ts';
import type { Falsification, Log, Preview, Relayer, Step } from './relayer.ts';
import { type RouteId, routeName } from './routes.ts';
import { chainTime, type Sender } from './sender.ts';

/** Most hashes that the service takes in one call. */
const MOST_HASHES = 100;

export interface LineaAnchorerParameters {
  view: LineaView;
  /** Holds L1_L2_MESSAGE_SETTER_ROLE. */
  l2: Sender;
  /** Seconds of Ethereum's clock from sending to anchoring. */
  delay: () => number;
  log: Log;
}

/**
 * Tells Linea which messages were sent on Ethereum: their hashes in order, and the rolling hash that Ethereum computed over them. How far it
 * is, Linea's service knows (`lastAnchoredL1MessageNumber`).
 */
export function lineaAnchorer({ view, l2, delay, log }: LineaAnchorerParameters): Relayer {
  const { chainName, l1, l1Service, l2Service } = view.services;
  const id: RouteId = { chain: chainName, role: 'anchor', direction: 'down' };
  const contract = { abi: l2MessageServiceAbi, address: l2Service } as const;
  let waiting = 0;

  /** Messages that are to be anchored, in order; those whose delay is over come first. */
  const open = async (): Promise<{ due: MessageDown[]; later: MessageDown[] }> => {
    const anchored = await l2.client.readContract({ ...contract, functionName: 'lastAnchoredL1MessageNumber' });
    await view.refresh();
    const messages = view.down.filter((message) => message.number > anchored);
    waiting = messages.length;
    if (messages.length > 0 || (view.down.at(-1)?.number ?? 0n) < anchored) await requireSameMessages(anchored);
    const now = messages.length === 0 || delay() === 0 ? undefined : await chainTime(l1);
    const first = now === undefined ? -1 : messages.findIndex(({ places: [sent] }) => sent.timestamp + BigInt(delay()) > now);
    return first < 0 ? { due: messages, later: [] } : { due: messages.slice(0, first), later: messages.slice(first) };
  };

  /** Linea takes nothing back: when Ethereum forgets a message that Linea has anchored, no call can be right any more. */
  const requireSameMessages = async (anchored: bigint): Promise<void> => {
    if (anchored === 0n) return;
    const actual = await l1.readContract({ abi: lineaRollupAbi, address: l1Service, functionName: 'rollingHashes', args: [anchored] });
    const expected = await l2.client.readContract({ ...contract, functionName: 'l1RollingHashes', args: [anchored] });
    if (expected === actual) return;
    throw new RollupError(`${l1.chain.name} was rolled back behind message ${anchored}, which ${chainName} has anchored`, {
      facts: { expected: `rolling hash ${expected}`, actual },
      hint: `Roll ${chainName} back as well. Real networks anchor only what is final: give the route a delay, or make it manual, before a reorg.`,
    });
  };

  const step = (messages: MessageDown[], notBefore?: bigint): Step => {
    const [start, final] = [messages[0]?.number ?? 0n, messages.at(-1)?.number ?? 0n];
    return {
      key: `${start}`,
      label: start === final ? `message ${start}` : `messages ${start} … ${final}`,
      messages,
      to: 'anchored',
      ...(notBefore === undefined ? {} : { notBefore }),
      async perform({ falsification, afterSend } = {}) {
        const hashes = falsify(
          messages.map(({ hash }) => hash),
          falsification,
        );
        await l2.send({ ...contract, functionName: 'anchorL1L2MessageHashes', args: [hashes, start, final, messages.at(-1)?.rollingHash ?? zeroHash], afterSend });
        log(`${routeName(id)}: messages ${start} … ${final} anchored`);
        return {};
      },
    };
  };

  return {
    id,
    independent: false,
    waiting: () => waiting,
    async plan() {
      const { due, later } = await open();
      const steps: Step[] = [];
      for (let from = 0; from < due.length; from += MOST_HASHES) steps.push(step(due.slice(from, from + MOST_HASHES)));
      const [next] = later;
      if (next !== undefined) steps.push(step(later.slice(0, MOST_HASHES), next.places[0].timestamp + BigInt(delay())));
      return steps;
    },
    async preview() {
      const { due, later } = await open();
      const wait = BigInt(delay());
      const previews: Preview[] = [
        ...due.map((message): Preview => ({ message, to: 'anchored' })),
        ...later.map((message): Preview => ({ message, to: 'anchored', notBefore: message.places[0].timestamp + wait })),
      ];
      return previews.filter(({ message }) => stageOf(message) === 'sent');
    },
  };
}

/** The first two messages in the other order; a single one in the place of another. */
function falsify<T extends `0x${string}`>(hashes: T[], falsification: Falsification | undefined): `0x${string}`[] {
  if (falsification === undefined) return hashes;
  const [first, second, ...rest] = hashes;
  if (first === undefined) return hashes;
  return falsification === 'reorder' && second !== undefined ? [second, first, ...rest] : [`0x${[...first.slice(2)].reverse().join('')}`, ...hashes.slice(1)];
}
