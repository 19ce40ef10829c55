import type { Abi, Address, Hex } from 'viem';
import type { Endpoint } from '../chain/clients.ts';

/** `up`: to the arbitrator. */
export type Direction = 'up' | 'down';

/**
 * - sent: the network has to carry it on, which nobody can hurry;
 * - claimable: anyone can deliver it now, by one transaction;
 * - delivered, or nothing depends on it any more;
 * - failed: for good, it has to be sent again.
 */
export type MessageStage = 'sent' | 'claimable' | 'delivered' | 'failed';

/** A transaction that delivers a message. Anyone may send it. */
export interface Claim {
  /** Network that it is sent on. */
  endpoint: Endpoint;
  address: Address;
  abi: Abi;
  functionName: string;
  args: readonly unknown[];
}

/** A message between the gateways of one chain, as the chains show it. */
export interface NetworkMessage {
  /** Name of the chain that is not the arbitrator's. */
  chain: string;
  direction: Direction;
  /** Identifies it among the messages of its chain and direction. */
  id: string;
  /** What it says, e.g. `confirmation of block 3`. */
  content: string;
  /** Where it was sent. */
  transaction: Hex;
  block: bigint;
  stage: MessageStage;
  /** What has to happen next, and who does it; undefined when it is delivered. */
  waitsFor: string | undefined;
}

/** All messages of one chain in one direction. */
export interface MessageSource {
  /** E.g. `linea up`. */
  readonly name: string;
  /** Reads the chains. In the order in which they were sent. */
  read(): Promise<readonly NetworkMessage[]>;
  /** @throws RollupError when the message is not claimable */
  claim(message: NetworkMessage): Promise<Claim>;
}

/** Content of a message by which a chain asks for a halt. */
export const HALT_REQUEST = 'halt request';

/** Message kinds of src/FORMATS.md, "Gateway messages". */
const KINDS: Readonly<Record<number, string>> = { 1: 'sync hash', 2: 'sync hashes', 3: 'confirmation', 4: HALT_REQUEST, 5: 'halt' };

/** What a gateway's message says, in words. */
export function contentOf(message: Hex): string {
  const kind = KINDS[Number(`0x${message.slice(2, 4) || '0'}`)];
  if (kind === undefined) return 'unknown content';
  return message.length < 12 ? kind : `${kind} of block ${Number(`0x${message.slice(4, 12)}`)}`;
}
