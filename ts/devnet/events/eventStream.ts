import { createWriteStream, type WriteStream } from 'node:fs';
import { type Address, type Hex, parseAbi } from 'viem';
import type { LogFormat } from '../../base/progress.ts';
import { arbitratorEndpoint, type ChainPublicClient, publicClient } from '../../chain/clients.ts';
import type { Deployment, TestAccount } from '../../chain/deployments.ts';
import { ChainReader } from './chainReader.ts';
import { watchedContracts } from './decode.ts';
import { type DevnetEvent, eventLine, type NewEvent } from './event.ts';
import { namesOf } from './names.ts';

export interface StartEventStreamParameters {
  /** As clients see it: with the front's URL for zkSync. */
  deployment: Deployment;
  /** Accounts whose names the texts use. */
  accounts: readonly TestAccount[];
  /** Also written there, a line each. */
  file?: string;
  /** Of the file; default text. */
  format?: LogFormat;
  /** Milliseconds between two looks at the chains; default 250. */
  pollInterval?: number;
}

export interface EventStream {
  /** All events after number `after`, oldest first. */
  list(after?: number): readonly DevnetEvent[];
  /** Calls back with every new event. @returns ends that */
  subscribe(listener: (event: DevnetEvent) => void): () => void;
  /** Adds what no chain says, e.g. a refused delivery. */
  add(event: Omit<NewEvent, 'time'>): void;
  /** Looks at the chains now. */
  refresh(): Promise<void>;
  stop(): Promise<void>;
}

/** Older ones are forgotten; the file has them. */
const MOST_EVENTS = 20_000;

/**
 * What happens on a devnet's chains, in one readable stream: messages, stages of the rollup, deposits, withdrawals, failures. It reads the chains'
 * logs from the beginning, so it tells of what users' own clients did, and of what happened before it was started.
 */
export async function startEventStream({ deployment, accounts, file, format = 'text', pollInterval = 250 }: StartEventStreamParameters): Promise<EventStream> {
  const events: DevnetEvent[] = [];
  const listeners = new Set<(event: DevnetEvent) => void>();
  const log: WriteStream | undefined = file === undefined ? undefined : createWriteStream(file);
  let last = 0;
  const emit = (event: NewEvent): void => {
    const numbered = { id: ++last, ...event };
    events.push(numbered);
    if (events.length > MOST_EVENTS) events.splice(0, events.length - MOST_EVENTS);
    log?.write(`${format === 'json' ? JSON.stringify(numbered) : eventLine(numbered)}\n`);
    for (const listener of listeners) listener(numbered);
    if (event.kind === 'sent' && event.text.startsWith('priority transaction')) requested.add(event.facts['hash'] as Hex);
  };

  const l1 = publicClient(arbitratorEndpoint(deployment));
  const clients = clientsOf(deployment, l1);
  const assetRouters = await assetRoutersOf(deployment, l1);
  const names = namesOf(deployment, accounts);
  const readers = clients.map((client) => new ChainReader({ client, names, emit, contracts: watchedContracts({ deployment, chainId: client.chain.id, assetRouters }) }));
  /** Canonical hashes of priority transactions that are not executed yet. */
  const requested = new Set<Hex>();
  const zksync = deployment.chains.find(({ messageService }) => messageService.kind === 'zksync');
  const l2 = zksync === undefined ? undefined : publicClient(zksync);

  const readExecutions = async (): Promise<void> => {
    for (const hash of requested) {
      const receipt = await l2?.getTransactionReceipt({ hash }).catch(() => undefined);
      if (receipt === undefined || l2 === undefined) continue;
      requested.delete(hash);
      const { timestamp } = await l2.getBlock({ blockNumber: receipt.blockNumber });
      const success = receipt.status === 'success';
      const text = `priority transaction ${hash.slice(0, 10)}…${success ? '' : ' failed for good; its value is given back'}`;
      emit({ time: Number(timestamp), chain: l2.chain.name, kind: success ? 'claimed' : 'failed', text, block: Number(receipt.blockNumber), transaction: hash, facts: { hash } });
    }
  };
  let reading: Promise<void> = Promise.resolve();
  const refresh = async (): Promise<void> => {
    const next = reading.then(async () => {
      // One after the other: the order of events is the order of the chains' dealings as well as it can be told.
      for (const reader of readers) await reader.read();
      await readExecutions();
    });
    reading = next.catch(() => {});
    await next;
  };

  const stopping = new AbortController();
  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      // A chain that stops, or is being rolled back, does not answer for a moment; the next look sees what it missed.
      await refresh().catch(() => {});
      await pause(pollInterval, stopping.signal);
    }
  };
  const running = loop();
  return {
    list: (after = 0) => events.filter(({ id }) => id > after),
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    add: (event) => emit({ time: Math.floor(Date.now() / 1000), ...event }),
    refresh,
    async stop() {
      stopping.abort();
      await running;
      await new Promise<void>((resolve) => (log === undefined ? resolve() : log.end(() => resolve())));
    },
  };
}

/** One for each network, Ethereum first. */
function clientsOf({ chains }: Deployment, l1: ChainPublicClient): ChainPublicClient[] {
  return [l1, ...chains.filter(({ chainId }) => chainId !== l1.chain.id).map((chain) => publicClient(chain))];
}

const hubAbi = parseAbi(['function assetRouter() view returns (address)']);

async function assetRoutersOf({ chains }: Deployment, l1: ChainPublicClient): Promise<Map<string, Address>> {
  const entries = chains.flatMap(({ name, messageService }) => (messageService.kind === 'zksync' ? [{ name, hub: messageService.bridgehub }] : []));
  return new Map(await Promise.all(entries.map(async ({ name, hub }) => [name, await l1.readContract({ address: hub, abi: hubAbi, functionName: 'assetRouter' })] as const)));
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(end, milliseconds);
    function end(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    }
    signal.addEventListener('abort', end, { once: true });
  });
}
