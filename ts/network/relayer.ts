import { type Abi, type Address, encodeFunctionData, type Hex } from 'viem';
import { type Endpoint, publicClient } from '../chain/clients.ts';
import type { Deployment } from '../chain/deployments.ts';
import { toRollupError } from '../chain/errors.ts';
import { reasonOf } from '../devnet/relayers/relayer.ts';
import { Outbox } from '../sequencer/outbox.ts';
import type { Claim, MessageSource, NetworkMessage } from './message.ts';
import { messageSources } from './sources.ts';

/** Something that the relayer did or saw. */
export type RelayerEvent =
  | { type: 'claimed'; source: string; id: string; content: string; network: string; transaction: Hex }
  | { type: 'refused'; source: string; id: string; content: string; reason: string; nextTry: number }
  | { type: 'unreadable'; source: string; reason: string }
  | { type: 'waiting'; source: string; id: string; content: string; waitsFor: string };

export interface StartRelayerParameters {
  deployment: Deployment;
  /** Needs no role, only coins for gas on Ethereum and on Linea. */
  privateKey: Hex;
  /** Milliseconds between two looks at the chains. */
  pollMs: number;
  /** Milliseconds after which a transaction that is not in a block is sent again at a higher price. Default 60,000. */
  stuckMs?: number;
  onEvent?: (event: RelayerEvent) => void;
  /** Default: those of the deployment. */
  sources?: readonly MessageSource[];
}

export interface Relayer {
  /** Ends after the claims that are on their way. */
  stop(): Promise<void>;
}

/** Longest pause between two tries of one message, in polls. */
const LONGEST_PAUSE = 64;

/**
 * Claims the messages of a deployment's gateways, in both directions, as soon as they can be claimed. That is all that a rollup has to do for its
 * messages on a real network: anchoring, finalizing and executing batches is done by the networks' own operators. It keeps nothing; any number
 * of them may run. Whoever sees that another was first sends nothing; of two that send at the same moment the second pays the gas of a transaction
 * that fails.
 */
export function startRelayer({ deployment, privateKey, pollMs, stuckMs, onEvent = () => {}, sources = messageSources(deployment) }: StartRelayerParameters): Relayer {
  const outboxes = new Map<number, Outbox>();
  const outboxOf = (endpoint: Endpoint): Outbox => {
    const outbox = outboxes.get(endpoint.chainId) ?? new Outbox({ endpoint, privateKey, ...(stuckMs === undefined ? {} : { stuckMs }) });
    outboxes.set(endpoint.chainId, outbox);
    return outbox;
  };
  const stopped = new AbortController();
  const lanes = sources.map(async (source) => await new Lane({ source, outboxOf, pollMs, onEvent, signal: stopped.signal }).run());
  return {
    async stop() {
      stopped.abort();
      await Promise.all(lanes);
    },
  };
}

interface LaneParameters {
  source: MessageSource;
  outboxOf(endpoint: Endpoint): Outbox;
  pollMs: number;
  onEvent: (event: RelayerEvent) => void;
  signal: AbortSignal;
}

/** One source, look after look. What fails is tried again, later each time; nothing but `signal` ends it. */
class Lane {
  readonly #parameters: LaneParameters;
  readonly #tries = new Map<string, { failures: number; nextTry: number; reason: string }>();
  readonly #told = new Map<string, string>();
  #trouble: string | undefined;

  constructor(parameters: LaneParameters) {
    this.#parameters = parameters;
  }

  async run(): Promise<void> {
    const { pollMs, signal } = this.#parameters;
    while (!signal.aborted) {
      await this.#look();
      await pause(pollMs, signal);
    }
  }

  async #look(): Promise<void> {
    const { source, onEvent, signal } = this.#parameters;
    let messages: readonly NetworkMessage[];
    try {
      messages = await source.read();
      this.#trouble = undefined;
    } catch (error) {
      const reason = reasonOf(error);
      // The same reason again would only fill the log.
      if (reason !== this.#trouble) onEvent({ type: 'unreadable', source: source.name, reason });
      this.#trouble = reason;
      return;
    }
    for (const message of messages) {
      if (signal.aborted) return;
      this.#tell(message);
      if (message.stage === 'claimable' && (this.#tries.get(message.id)?.nextTry ?? 0) <= Date.now()) await this.#claim(message);
    }
  }

  /** Says once what a message waits for. */
  #tell({ id, content, stage, waitsFor = '' }: NetworkMessage): void {
    const { source, onEvent } = this.#parameters;
    if (stage === 'delivered') {
      this.#told.delete(id);
      this.#tries.delete(id);
    } else if (this.#told.get(id) !== stage) {
      this.#told.set(id, stage);
      onEvent({ type: 'waiting', source: source.name, id, content, waitsFor });
    }
  }

  async #claim(message: NetworkMessage): Promise<void> {
    const { source, outboxOf, onEvent, pollMs } = this.#parameters;
    const { id, content } = message;
    try {
      const claim = await source.claim(message);
      const { transactionHash } = await outboxOf(claim.endpoint).send(claim as { address: Address; abi: Abi; functionName: string; args: readonly unknown[] });
      this.#tries.delete(id);
      onEvent({ type: 'claimed', source: source.name, id, content, network: claim.endpoint.name, transaction: transactionHash });
    } catch (error) {
      const before = this.#tries.get(id);
      const failures = (before?.failures ?? 0) + 1;
      const nextTry = Date.now() + pollMs * Math.min(2 ** (failures - 1), LONGEST_PAUSE);
      const reason = reasonOf(error);
      if (reason !== before?.reason) onEvent({ type: 'refused', source: source.name, id, content, reason, nextTry });
      this.#tries.set(id, { failures, nextTry, reason });
    }
  }
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener('abort', done, { once: true });
  });
}

/** A claim as it would be sent. */
export interface PlannedClaim {
  source: string;
  id: string;
  content: string;
  network: string;
  chainId: number;
  from: Address;
  to: Address;
  function: string;
  data: Hex;
  /** Undefined when the network refuses it now; `refusal` says why. */
  gas: bigint | undefined;
  refusal: string | undefined;
}

/** Every claim that a relayer would send now, and the messages that are not that far; nothing is sent. @throws RollupError when a chain cannot be read */
export async function planClaims({ deployment, from, sources = messageSources(deployment) }: { deployment: Deployment; from: Address; sources?: readonly MessageSource[] }): Promise<{ claims: PlannedClaim[]; waiting: NetworkMessage[] }> {
  const claims: PlannedClaim[] = [];
  const waiting: NetworkMessage[] = [];
  for (const source of sources) {
    for (const message of await source.read()) {
      if (message.stage === 'claimable') claims.push(await planned(source.name, message, await source.claim(message), from));
      else if (message.stage !== 'delivered') waiting.push(message);
    }
  }
  return { claims, waiting };
}

async function planned(source: string, { id, content }: NetworkMessage, { endpoint, address, abi, functionName, args }: Claim, from: Address): Promise<PlannedClaim> {
  const data = encodeFunctionData({ abi, functionName, args });
  const shared = { source, id, content, network: endpoint.name, chainId: endpoint.chainId, from, to: address, function: functionName, data };
  try {
    return { ...shared, gas: await publicClient(endpoint).estimateGas({ account: from, to: address, data }), refusal: undefined };
  } catch (error) {
    return { ...shared, gas: undefined, refusal: reasonOf(toRollupError(error, `${functionName} on ${endpoint.name}`)) };
  }
}
