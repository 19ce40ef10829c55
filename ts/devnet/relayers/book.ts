import type { Address } from 'viem';
import { RollupError } from '../../base/errors.ts';
import type { LineaView } from './lineaView.ts';
import { isFinal, type Message, type Stage, stageOf } from './message.ts';
import type { LineaPostman } from './lineaPostman.ts';
import type { PostmanState } from './postman.ts';
import type { Mode } from './relayer.ts';
import { reasonOf } from './relayer.ts';
import type { RouteRunner } from './routeRunner.ts';
import type { Role } from './routes.ts';
import { type AddressNames, type CallTrace, traceOf, traceTransaction } from './trace.ts';
import { isBridge } from './zkSyncBridge.ts';
import type { ZkSyncView } from './zkSyncView.ts';

/** A message, where it is, and what it waits for. */
export interface MessageStatus {
  message: Message;
  stage: Stage;
  /** Name of the route that takes it on; undefined when it is at its end. */
  route: string | undefined;
  /** One sentence. */
  says: string;
  /** What to do so that it goes on; undefined when nothing has to be done. */
  next: string | undefined;
  /** Why the last try failed, with the calls that it made. */
  failure: { reason: string; trace: CallTrace | undefined } | undefined;
  /** Of a message of Linea: what a postman there would call its state. */
  postman: PostmanState | undefined;
}

/** A route as the book needs it. */
export interface BookedRoute {
  runner: RouteRunner;
  mode: () => Mode;
  /** Seconds. */
  delay: () => number;
  error: () => string | undefined;
  /** Why a fault holds a message up; undefined when none does. */
  held: (message: Message) => string | undefined;
}

export interface BookParameters {
  lineas: readonly LineaView[];
  zkSyncs: readonly ZkSyncView[];
  routes: readonly BookedRoute[];
  names: AddressNames;
}

/** All messages between Ethereum and the other chains, read from the chains each time. */
export class Book {
  readonly #parameters: BookParameters;

  constructor(parameters: BookParameters) {
    this.#parameters = parameters;
  }

  /**
   * By the time of sending, oldest first. Chains share no clock finer than a second: of one second (or with clocks that differ by one), those of one
   * chain and direction are in order, those of different ones in any.
   */
  async messages(): Promise<Message[]> {
    const { lineas, zkSyncs } = this.#parameters;
    const found: Message[] = [];
    for (const view of lineas) {
      await view.refresh();
      found.push(...view.down, ...view.up);
    }
    for (const view of zkSyncs) {
      await view.refresh();
      found.push(...view.down, ...view.up(await view.rightBatches()));
    }
    return found.sort((a, b) => Number(a.places[0].timestamp - b.places[0].timestamp));
  }

  /**
   * Messages that a hash stands for: a message's own, or of any transaction that brought one to a stage.
   * @throws RollupError when no message has to do with it
   */
  async find(hash: string): Promise<Message[]> {
    const wanted = hash.toLowerCase();
    const all = await this.messages();
    const named = all.filter((message) => message.hash === wanted);
    const found = named.length > 0 ? named : all.filter(({ places }) => places.some(({ transaction }) => transaction === wanted) || this.#clientHash(wanted, places[0].transaction));
    if (found.length > 0) return found;
    throw new RollupError('No message has to do with this hash', {
      facts: { expected: 'a message hash, or a transaction on Ethereum, Linea or zkSync that sent or carried a message', actual: hash, messages: all.length },
      hint: 'A message appears here once the transaction that sends it is mined. `relay list` shows all of them.',
    });
  }

  /** The message as it is now; undefined when the chains do not have it any more. */
  async again({ chain, direction, hash, places: [sent] }: Message): Promise<Message | undefined> {
    const now = await this.messages();
    return now.find((message) => message.chain === chain && message.direction === direction && message.hash === hash && message.places[0].transaction === sent.transaction);
  }

  async status(message: Message): Promise<MessageStatus> {
    const stage = stageOf(message);
    const booked = this.#routeOf(message);
    const postman = message.service === 'linea' ? this.#postmanOf(message)?.postman.state(message) : undefined;
    const failed = booked?.runner.failureOf(message);
    const failure = await this.#failureOf(message, failed?.error);
    const at = message.places.at(-1) ?? message.places[0];
    const done = `${stage} on ${at.chain} in block ${at.block}`;
    const common = { message, stage, route: isFinal(message) ? undefined : booked?.runner.name, failure, postman };
    if (stage === 'failed') {
      return { ...common, says: `${done}: ${failure?.reason ?? 'it reverted'}; that is for good, its value was refunded on ${message.chain}`, next: `Send it again on Ethereum. The failure can be proved there (zks_getL2ToL1LogProof).` };
    }
    if (isFinal(message)) return { ...common, says: done, next: undefined };
    if (booked === undefined) return { ...common, says: `${done}; no relayer runs for it`, next: undefined };
    const { says, next } = await this.#waits(message, booked, failed);
    return { ...common, says: `${done}; ${says}`, next };
  }

  async #waits(message: Message, { runner, mode, delay, error, held }: BookedRoute, failed: { reason: string; count: number } | undefined): Promise<{ says: string; next: string | undefined }> {
    const what = AWAITED[runner.id.role];
    const { hash } = message;
    const fault = held(message);
    if (fault !== undefined) return { says: `waits for its ${what}: ${fault}`, next: undefined };
    if (failed !== undefined && failed.count > 0) {
      const givenUp = runner.relayer.ignores?.(message);
      const again = givenUp === undefined ? 'It is tried again by itself; at once' : 'It is not tried again by itself, only';
      return { says: `its ${what} failed ${failed.count === 1 ? 'once' : `${failed.count} times`}: ${failed.reason}`, next: `${again} with \`relay retry ${hash}\`.` };
    }
    const ignored = runner.relayer.ignores?.(message);
    if (ignored !== undefined) return { says: `waits for its ${what}: ${ignored}`, next: claimByHand(message) };
    if (mode() === 'manual') return { says: `waits for its ${what}: route ${runner.name} is manual`, next: `\`relay flush ${runner.name}\`, or \`relay auto ${runner.name}\`.` };
    const reason = error();
    if (reason !== undefined) return { says: `waits for its ${what}: route ${runner.name} is stopped by: ${reason}`, next: undefined };
    if (delay() > 0) return { says: `waits for its ${what}: route ${runner.name} has a delay of ${delay()} s of chain time`, next: `\`time +${delay()}s\`, \`relay flush --now ${runner.name}\`, or \`relay delay ${runner.name} 0\`.` };
    return { says: `waits for its ${what} by route ${runner.name}`, next: undefined };
  }

  async #failureOf(message: Message, error: unknown): Promise<MessageStatus['failure']> {
    if (stageOf(message) === 'failed') {
      const place = message.places.at(-1) ?? message.places[0];
      const view = this.#parameters.zkSyncs.find(({ services }) => services.chainName === message.chain);
      if (view === undefined) return undefined;
      const trace = await traceTransaction({ client: view.services.l2, transaction: place.transaction, names: this.#parameters.names }).catch(() => undefined);
      const revert = trace?.lines[0]?.split(' ✗ ')[1];
      return { reason: revert ?? 'it reverted', trace };
    }
    if (error === undefined) return undefined;
    return { reason: reasonOf(error), trace: await traceOf(error, this.#parameters.names).catch(() => undefined) };
  }

  #routeOf(message: Message): BookedRoute | undefined {
    const stage = stageOf(message);
    const role = message.service === 'linea' ? lineaRole(message, stage) : zkSyncRole(message, stage);
    return this.#parameters.routes.find(({ runner: { id } }) => id.chain === message.chain && id.direction === message.direction && id.role === role);
  }

  #postmanOf(message: Message): LineaPostman | undefined {
    const route = this.#parameters.routes.find(({ runner: { id } }) => id.chain === message.chain && id.direction === message.direction && id.role === 'postman');
    return route?.runner.relayer as LineaPostman | undefined;
  }

  /** Whether a client of zkSync knows a transaction by `hash`. */
  #clientHash(hash: string, transaction: string): boolean {
    return this.#parameters.zkSyncs.some(({ history }) => history.find(hash as Address)?.transaction.hash === transaction);
  }
}

/** How somebody claims a message that no relayer claims. */
function claimByHand({ service, from, hash }: Message): string {
  if (service === 'linea') return `Claim it yourself, or let the postman do it: \`relay retry ${hash}\`.`;
  if (isBridge(from)) return 'Call finalizeWithdrawal of viem/zksync or zksync-ethers with the transaction on zkSync.';
  return 'Take its proof from zks_getL2ToL1LogProof, and call proveL2MessageInclusion of the Bridgehub on Ethereum.';
}

function lineaRole({ direction }: Message, stage: Stage): Role {
  if (stage !== 'sent') return 'postman';
  return direction === 'down' ? 'anchor' : 'finalize';
}

function zkSyncRole({ direction }: Message, stage: Stage): Role {
  if (direction === 'down') return 'sequencer';
  return stage === 'executed' || stage === 'claimed' ? 'claimer' : 'batcher';
}

const AWAITED = { anchor: 'anchoring', finalize: 'finalization', postman: 'claim', sequencer: 'execution', batcher: 'batch', claimer: 'claim' } as const;
