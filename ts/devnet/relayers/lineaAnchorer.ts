import type { Address } from 'viem';
import { RollupError } from '../../base/errors.ts';
import { l2MessageServiceAbi, lineaRollupAbi } from '../../chain/generated/abi.ts';
import type { ChainPublicClient } from '../../chain/clients.ts';
import type { Log, Relayer, Round } from './relayer.ts';
import { chainTime, type Sender } from './sender.ts';

/** Most hashes that the service takes in one call. */
const MOST_HASHES = 100n;

export interface LineaAnchorerParameters {
  chainName: string;
  l1: ChainPublicClient;
  l1Service: Address;
  /** Holds L1_L2_MESSAGE_SETTER_ROLE. */
  l2: Sender;
  l2Service: Address;
  /** Seconds of Ethereum's clock. */
  delay: number;
  log: Log;
}

/**
 * Tells Linea which messages were sent on Ethereum: their hashes in order, and the rolling hash that Ethereum computed over them. How far it
 * is, Linea's service knows (`lastAnchoredL1MessageNumber`).
 */
export function lineaAnchorer({ chainName, l1, l1Service, l2, l2Service, delay, log }: LineaAnchorerParameters): Relayer {
  const name = `${chainName} anchorer`;

  /** The next messages' hashes that are due, in order, with the rolling hash after the last of them. */
  const due = async (anchored: bigint, sent: bigint): Promise<SentHash[]> => {
    const count = sent - anchored < MOST_HASHES ? sent - anchored : MOST_HASHES;
    const numbers = Array.from({ length: Number(count) }, (_, i) => anchored + 1n + BigInt(i));
    const events = await l1.getContractEvents({
      abi: lineaRollupAbi,
      address: l1Service,
      eventName: 'RollingHashUpdated',
      args: { messageNumber: numbers },
      fromBlock: 0n,
      strict: true,
    });
    const now = delay === 0 ? undefined : await chainTime(l1);
    const hashes: SentHash[] = [];
    for (const number of numbers) {
      const event = events.find(({ args }) => args.messageNumber === number);
      if (event === undefined) throw new RollupError(`Message ${number} has no event on ${l1.chain.name}`, { facts: { service: l1Service } });
      if (now !== undefined && (await l1.getBlock({ blockNumber: event.blockNumber })).timestamp + BigInt(delay) > now) break;
      hashes.push(event.args);
    }
    return hashes;
  };

  const round = async (): Promise<Round> => {
    let carried = 0;
    for (;;) {
      const sent = (await l1.readContract({ abi: lineaRollupAbi, address: l1Service, functionName: 'nextMessageNumber' })) - 1n;
      const anchored = await l2.client.readContract({ abi: l2MessageServiceAbi, address: l2Service, functionName: 'lastAnchoredL1MessageNumber' });
      const hashes = anchored < sent ? await due(anchored, sent) : [];
      const last = hashes.at(-1);
      if (last === undefined) return { carried, waiting: anchored < sent ? Number(sent - anchored) : 0 };
      const final = anchored + BigInt(hashes.length);
      await l2.send({
        abi: l2MessageServiceAbi,
        address: l2Service,
        functionName: 'anchorL1L2MessageHashes',
        args: [hashes.map(({ messageHash }) => messageHash), anchored + 1n, final, last.rollingHash],
      });
      log(`${name}: messages ${anchored + 1n} … ${final} anchored`);
      carried += hashes.length;
    }
  };
  return { name, round };
}

interface SentHash {
  messageHash: `0x${string}`;
  rollingHash: `0x${string}`;
}
