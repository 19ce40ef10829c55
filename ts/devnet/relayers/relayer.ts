import { firstLine } from '../../base/errors.ts';
import { RevertError } from '../../chain/errors.ts';

/** What one round of a relayer did. */
export interface Round {
  /** Things carried in this round. */
  carried: number;
  /** Things that it knows of and could not carry yet. */
  waiting: number;
}

/** One relayer of one route. A round reads the chains and carries what it can; it keeps nothing that it could not read again. */
export interface Relayer {
  /** E.g. `linea postman`; starts with the name of the chain. */
  name: string;
  round(): Promise<Round>;
}

export interface RelayerStatus {
  name: string;
  /** Things carried since the start. */
  carried: number;
  /** Things that the last round left. */
  waiting: number;
  /** Why the last round failed; undefined when it did not. */
  error: string | undefined;
}

export type Log = (line: string) => void;

/** One line: what failed, the contract's error with its arguments, or the transport's message. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof RevertError) || error.revert === undefined) return firstLine(error);
  const args = Object.entries(error.revert.args).map(([name, value]) => `${name} ${String(value)}`);
  return `${firstLine(error)}${args.length === 0 ? '' : ` (${args.join(', ')})`}`;
}
