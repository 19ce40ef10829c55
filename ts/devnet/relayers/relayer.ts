import { firstLine } from '../../base/errors.ts';
import { RevertError } from '../../chain/errors.ts';
import type { Message, Stage } from './message.ts';
import type { RouteId } from './routes.ts';

/** What one round of a relayer did. */
export interface Round {
  /** Things carried in this round. */
  carried: number;
  /** Things that it knows of and could not carry yet. */
  waiting: number;
}

/** How a step is falsified on purpose (faults.ts). */
export type Falsification = 'reorder' | 'wrong-root';

export interface Manner {
  falsification?: Falsification | undefined;
  /** Called when the transaction is on its way and its receipt is not there yet; may throw. */
  afterSend?: (() => void) | undefined;
}

/** What a step did that is no refusal of the step itself. */
export interface Outcome {
  /** A message was carried, and is final as failed. */
  failure?: string;
}

/** The next thing that a relayer can do: one transaction. */
export interface Step {
  /** Tells it from the other steps of its route. */
  key: string;
  /** E.g. `message 7 (0x12345678…)`. */
  label: string;
  messages: readonly Message[];
  /** Stage that the messages reach by it. */
  to: Stage;
  /** Chain time (seconds) at which its delay is over; undefined when it is. */
  notBefore?: bigint;
  /** True: cannot be done yet whatever the delay is, because the clock of the chain that takes it is behind. */
  clock?: boolean;
  /** @throws when the receiver, or anything else, refuses */
  perform(manner?: Manner): Promise<Outcome>;
}

/** The relayer of one route. It reads the chains and says what can be done; it keeps nothing that it could not read again. */
export interface Relayer {
  id: RouteId;
  /** False: one step goes before the next, so a refusal stops the route. */
  independent: boolean;
  /**
   * Reads the chains. Steps in the order in which they are to be done; those whose delay runs are among them.
   * @param forced a message that is carried although it would be ignored
   */
  plan(forced?: Message): Promise<Step[]>;
  /** Of the last plan: messages that are on their way to this relayer or wait for it. */
  waiting(): number;
  /** For whom it works at all; undefined when it carries this message. Says why not. */
  ignores?(message: Message): string | undefined;
  /** Takes up again what it gave up. */
  forgive?(): void;
  /** What its next steps would be if `assumed` messages were at the stage before: for a dry run over several routes. */
  preview(assumed: readonly Message[]): Promise<Preview[]>;
}

/** One message that a relayer would carry. */
export interface Preview {
  message: Message;
  to: Stage;
  notBefore?: bigint;
}

export type Mode = 'auto' | 'manual';

export interface RelayerStatus {
  /** Name of the route. */
  name: string;
  mode: Mode;
  /** Seconds of chain time that a message waits for this relayer. */
  delay: number;
  /** Things carried since the start. */
  carried: number;
  /** Things that the last round left. */
  waiting: number;
  /** Why the last round failed; undefined when it did not. */
  error: string | undefined;
  /** Rounds that ended, well or not. */
  rounds: number;
}

/** What was refused, for readers of more than lines. */
export interface FailureNote {
  /** Name of the chain that the route belongs to. */
  chain: string;
  reason: string;
}

export type Log = (line: string, failure?: FailureNote) => void;

/** One line: what failed, the contract's error with its arguments, or the transport's message. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof RevertError) || error.revert === undefined) return firstLine(error);
  const args = Object.entries(error.revert.args).map(([name, value]) => `${name} ${String(value)}`);
  return `${firstLine(error)}${args.length === 0 ? '' : ` (${args.join(', ')})`}`;
}
