import type { Hex } from 'viem';

/** What can happen on a devnet that is worth a line; each with the sign that a line begins with. */
export const eventSigns = {
  /** A message left its chain, or a priority transaction was requested on Ethereum. */
  sent: '→',
  /** Linea knows the hashes of messages from Ethereum; Ethereum knows those of Linea's blocks. */
  anchored: '·',
  finalized: '·',
  /** A message was delivered, a priority transaction executed, a withdrawal paid. */
  claimed: '✓',
  /** What a zkSync batch went through. */
  batch: '·',
  /** Users' dealings with the rollup. */
  deposit: '↓',
  withdrawal: '↑',
  request: '→',
  /** Stages of a block of the rollup on one chain. */
  committed: '■',
  proved: '■',
  synced: '■',
  confirmed: '■',
  executed: '■',
  reverted: '✗',
  /** Exit mode. */
  halt: '!',
  /** Something was refused; the text has the reason. */
  failed: '✗',
  /** A chain was rolled back: what happened after that block did not happen. */
  rewound: '!',
} as const;

export type EventKind = keyof typeof eventSigns;

export interface DevnetEvent {
  /** 1, 2, 3 … in the order in which they were noticed. */
  id: number;
  /** Seconds since 1970 by the clock of the chain. */
  time: number;
  /** Name of the chain that it happened on. */
  chain: string;
  kind: EventKind;
  /** What happened, for people. */
  text: string;
  /** Block of the chain and transaction; absent for what is not on the chain. */
  block?: number;
  transaction?: Hex;
  /** The same for programs; big numbers as decimal strings. */
  facts: Readonly<Record<string, string | number>>;
}

/** An event before the stream numbers it. */
export type NewEvent = Omit<DevnetEvent, 'id'>;

/** One line for people, e.g. `12:00:07  ethereum  → sent       message 3 to linea …`. */
export function eventLine({ time, chain, kind, text }: DevnetEvent): string {
  const clock = new Date(time * 1000).toISOString().slice(11, 19);
  return `${clock}  ${chain.padEnd(9)} ${eventSigns[kind]} ${kind.padEnd(10)} ${text}`;
}
