import { setMaxListeners } from 'node:events';
import { BaseError, BlockNotFoundError, createPublicClient, custom, type AbiEvent, type Address, type Chain, type Hex, type Log, type PublicClient, type Transport } from 'viem';
import { firstLine, RollupError } from '../base/errors.ts';
import { publicClient, viemChain } from '../chain/clients.ts';
import type { ChainDeployment } from '../chain/deployments.ts';

/* Reading a chain through an RPC that may be slow, may limit what it gives at once, and may lie. */

/** Any transport, so that tests can lie. */
export type ReadClient = PublicClient<Transport, Chain>;

/** One chain's rollup contract as one RPC shows it. */
export interface ChainSource {
  chain: ChainDeployment;
  client: ReadClient;
}

/** The chain's source: `client`, or one for the deployment's RPC URL. */
export function sourceOf(chain: ChainDeployment, client: ReadClient = clientOf(chain)): ChainSource {
  return { chain, client };
}

/** A client of an RPC whose URL is not known always fails. */
function clientOf(chain: ChainDeployment): ReadClient {
  if (!chain.rpcUrl.startsWith('$')) return publicClient(chain) as ReadClient;
  const request = (): Promise<never> => Promise.reject(new Error(`its URL is not known: the environment variable ${chain.rpcUrl.slice(1)} is not set`));
  return createPublicClient({ chain: viemChain(chain), transport: custom({ request }, { retryCount: 0 }) }) as ReadClient;
}

/** How errors name an RPC: the chain and the host, without what may be a key behind it. */
export function nameOfRpc({ chain, client }: ChainSource): string {
  const url = (client.transport as { url?: unknown }).url;
  const host = typeof url === 'string' && URL.canParse(url) ? new URL(url).host : undefined;
  return host === undefined ? `the RPC of ${chain.name}` : `the RPC of ${chain.name} (${host})`;
}

/** What an RPC shows cannot be true, or cannot be true together with what another one shows. */
export class ChainDataError extends RollupError {}

/** @param distrust RPCs of which at least one shows what is not so */
export function chainDataError(message: string, facts: Record<string, unknown>, distrust: readonly ChainSource[], cause?: unknown): ChainDataError {
  const names = distrust.map(nameOfRpc);
  const hint = names.length === 1 ? `Do not trust ${names[0]}: read the chain from another one.` : `At least one of these lies or is far behind: ${names.join(', ')}. Ask another RPC of each chain.`;
  return new ChainDataError(message, { facts, hint, ...(cause === undefined ? {} : { cause }) });
}

/** Milliseconds before the next try, and how often it is tried; tests wait less. */
export interface Patience {
  tries: number;
  firstDelay: number;
  maximumDelay: number;
}

export const defaultPatience: Patience = { tries: 8, firstDelay: 250, maximumDelay: 8_000 };

/** Repeats what fails, each time after a longer pause. @throws RollupError with the last failure; what `signal` gives when it is aborted */
export async function patiently<T>(what: string, source: ChainSource, run: () => Promise<T>, { signal, patience = defaultPatience }: { signal?: AbortSignal | undefined; patience?: Patience | undefined } = {}): Promise<T> {
  for (let failures = 0; ; ) {
    signal?.throwIfAborted();
    try {
      return await unlessStopped(run(), signal);
    } catch (cause) {
      signal?.throwIfAborted();
      if (cause instanceof ChainDataError) throw cause;
      failures++;
      if (failures >= patience.tries) {
        throw new RollupError(`${what}: ${nameOfRpc(source)} does not answer`, {
          facts: { tries: failures, reason: reasonOf(cause) },
          hint: 'Try again later or name another RPC.',
          cause,
        });
      }
      await pause(Math.min(patience.maximumDelay, patience.firstDelay * 2 ** (failures - 1)), signal);
    }
  }
}

/** An answer that never comes must not keep anybody from stopping. */
async function unlessStopped<T>(answer: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return await answer;
  setMaxListeners(0, signal); // many answers are awaited at once
  let stop = (): void => undefined;
  const stopped = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([answer, stopped]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function reasonOf(error: unknown): string {
  return error instanceof BaseError ? firstLine(error.details || error.shortMessage) : firstLine(error);
}

async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  // It does not tell again.
  if (signal?.aborted === true) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal?.addEventListener('abort', done, { once: true });
  });
}

/** A block of the host chain up to which everything is read. */
export interface Head {
  number: number;
  hash: Hex;
}

export interface ReadLogsParameters<TEvents extends readonly AbiEvent[]> {
  source: ChainSource;
  address: Address;
  events: TEvents;
  /** Blocks of the host chain, both included. */
  from: number;
  to: number;
  /** Called after every answer. */
  progress?: ((scanned: number, total: number) => void) | undefined;
  signal?: AbortSignal | undefined;
  patience?: Patience | undefined;
}

/** Host blocks asked for at once: what most providers give, more where they do, less where they refuse. */
const FIRST_RANGE = 10_000;
const LARGEST_RANGE = 1_000_000;

/**
 * Logs of a contract in a range of blocks, in their order on the chain. Providers limit ranges and answers: what is refused is asked again in
 * halves, and what goes well makes the next range larger.
 */
export async function readLogs<const TEvents extends readonly AbiEvent[]>(parameters: ReadLogsParameters<TEvents>): Promise<Log<bigint, number, false, undefined, true, TEvents>[]> {
  const { source, address, events, from, to, progress, signal, patience = defaultPatience } = parameters;
  const logs: Log<bigint, number, false, undefined, true, TEvents>[] = [];
  let range = FIRST_RANGE;
  for (let start = from; start <= to; ) {
    signal?.throwIfAborted();
    const end = Math.min(to, start + range - 1);
    const ask = async (): Promise<typeof logs> => await source.client.getLogs({ address, events, strict: true, fromBlock: BigInt(start), toBlock: BigInt(end) });
    let found: typeof logs;
    try {
      // One block cannot be halved: then only patience helps.
      found = end > start ? await unlessStopped(ask(), signal) : await patiently('Events cannot be read', source, ask, { signal, patience });
    } catch (error) {
      signal?.throwIfAborted();
      if (end === start) throw error;
      range = Math.ceil((end - start + 1) / 2);
      continue;
    }
    for (const log of found) {
      if (log.address.toLowerCase() !== address.toLowerCase() || log.blockNumber < BigInt(start) || log.blockNumber > BigInt(end)) {
        throw chainDataError('An RPC gave an event that was not asked for', { expected: { contract: address, fromBlock: start, toBlock: end }, actual: { contract: log.address, block: log.blockNumber } }, [source]);
      }
    }
    logs.push(...found);
    start = end + 1;
    range = Math.min(LARGEST_RANGE, range * 2);
    progress?.(start - from, to - from + 1);
  }
  return logs.sort((a, b) => Number(a.blockNumber - b.blockNumber) || a.logIndex - b.logIndex);
}

export async function readHead(source: ChainSource, options: { signal?: AbortSignal | undefined; patience?: Patience | undefined } = {}): Promise<Head> {
  const { number, hash } = await patiently('The head cannot be read', source, () => source.client.getBlock({ blockTag: 'latest' }), options);
  return { number: Number(number), hash };
}

/** Whether the chain still has that block. */
export async function isStillThere(source: ChainSource, head: Head, options: { signal?: AbortSignal | undefined; patience?: Patience | undefined } = {}): Promise<boolean> {
  const hash = async (): Promise<Hex | null> => {
    try {
      return (await source.client.getBlock({ blockNumber: BigInt(head.number) })).hash;
    } catch (error) {
      if (error instanceof BlockNotFoundError) return null;
      throw error;
    }
  };
  return (await patiently('A block cannot be read', source, hash, options)) === head.hash;
}

/** Runs `fetch` on items ahead of the reader, `ahead` of them at once, and yields the results in order. */
export async function* fetchAhead<T, R>(items: readonly T[], ahead: number, fetch: (item: T) => Promise<R>): AsyncGenerator<{ item: T; result: R }> {
  const pending: { item: T; result: Promise<R> }[] = [];
  let next = 0;
  const fill = (): void => {
    while (pending.length < ahead && next < items.length) {
      const item = items[next++] as T;
      const result = fetch(item);
      // A failure is thrown when its turn comes; until then it must not end the process.
      result.catch(() => undefined);
      pending.push({ item, result });
    }
  };
  for (;;) {
    fill();
    const first = pending.shift();
    if (first === undefined) return;
    yield { item: first.item, result: await first.result };
  }
}
