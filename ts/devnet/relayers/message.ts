import type { Address, Hex } from 'viem';
import type { Direction } from './routes.ts';

/**
 * How far a message is:
 * - to Linea: sent → anchored → claimed;
 * - from Linea: sent → finalized → claimed;
 * - to zkSync: sent → executed or failed, both for good;
 * - from zkSync: sent → committed → proved → executed (its batch) → claimed.
 */
export type Stage = 'sent' | 'anchored' | 'finalized' | 'committed' | 'proved' | 'executed' | 'failed' | 'claimed';

/** Where a stage was reached. */
export interface Place {
  stage: Stage;
  /** Name of the chain. */
  chain: string;
  block: bigint;
  transaction: Hex;
  /** Seconds since 1970, by the chain's clock. */
  timestamp: bigint;
}

/** A message between Ethereum and a chain, as the chains describe it. */
export interface Message {
  /** Name of the chain that is not Ethereum. */
  chain: string;
  service: 'linea' | 'zksync';
  direction: Direction;
  /** Linea: message hash. To zkSync: hash of the canonical transaction. From zkSync: keccak256 of the message, which several may share. */
  hash: Hex;
  /** Linea: message number. To zkSync: id of the priority transaction. From zkSync: index of its log in its batch, undefined while it is in none. */
  number: bigint | undefined;
  from: Address;
  to: Address;
  /** Wei. */
  value: bigint;
  /** Wei. Linea: what the claimer gets. To zkSync: what was minted above `value`. */
  fee: bigint;
  data: Hex;
  /** In order; the first is where it was sent, the last is where it is now. */
  places: [Place, ...Place[]];
}

export function stageOf({ places }: Message): Stage {
  return (places.at(-1) ?? places[0]).stage;
}

export function isFinal(message: Message): boolean {
  const stage = stageOf(message);
  return stage === 'claimed' || stage === 'failed' || (stage === 'executed' && message.direction === 'down');
}

/** Tells a message from every other one, also from one with the same hash. */
export function messageKey({ chain, direction, hash, places: [sent], number }: Message): string {
  return direction === 'up' ? `${chain} up ${sent.transaction} ${String(number)} ${hash}` : `${chain} down ${hash}`;
}

/** Short name of a message for logs. */
export function labelOf({ number, hash }: Pick<Message, 'number' | 'hash'>): string {
  return `message ${String(number)} (${hash.slice(0, 10)}…)`;
}
