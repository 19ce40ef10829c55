import { type Address, type Hex, parseAbi } from 'viem';
import type { ChainPublicClient } from '../../chain/clients.ts';
import { zkSyncChainAbi } from '../../chain/generated/abi.ts';
import { clientHashOf, EraHistory, type EraPlace } from '../relayers/eraHistory.ts';
import { type EraLog, messageLog, priorityLog } from '../relayers/eraTree.ts';
import { firstBlockOf } from '../relayers/logCursor.ts';
import { BatchMismatch, type EraBatch, EraBatches } from '../relayers/zkSyncBatches.ts';

export interface EraViewParameters {
  l1: ChainPublicClient;
  bridgehub: Address;
  /** The chain's contract on Ethereum. */
  diamond: Address;
  /** The node itself, not the front. */
  l2: ChainPublicClient;
}

/** zkSync's contracts that clients ask the node for. */
export interface EraContracts {
  l1AssetRouter: Address;
  l1Nullifier: Address;
  l1NativeTokenVault: Address;
}

/** Where on Ethereum a stage of a batch was reached. */
export interface Stage {
  hash: Hex;
  /** ISO 8601. */
  at: string;
}

const hubAbi = parseAbi(['function assetRouter() view returns (address)']);
const chainAbi = parseAbi(['function getSemverProtocolVersion() view returns (uint32 major, uint32 minor, uint32 patch)']);
const routerAbi = parseAbi(['function L1_NULLIFIER() view returns (address)', 'function nativeTokenVault() view returns (address)']);

/** Transactions whose other hash is remembered until they are mined. */
const MOST_WAITING = 1_000;

/** What the two chains say at one moment. */
export interface EraMoment {
  /** The committed ones; the first is number 1. */
  batches: readonly EraBatch[];
  /** How many of them are proved, and executed. */
  verified: number;
  executed: number;
}

/**
 * zkSync's batches, transactions and logs as its node tells clients about them. Everything is read from the two chains, so it is right after a
 * restart, a revert or on a chain that was loaded from a dump.
 */
export class EraView {
  readonly parameters: EraViewParameters;
  readonly history: EraHistory;
  readonly #batches: EraBatches;
  /** Transactions of zkSync's own type that may wait for their block: the hash that their sender knows → the node's. */
  readonly #waiting = new Map<Hex, Hex>();
  #contracts: Promise<EraContracts> | undefined;
  #reading: Promise<EraMoment> | undefined;
  #next: Promise<EraMoment> | undefined;
  /** The last reading, and the hashes of the blocks that the chains ended with before it. */
  #last: { heads: string; moment: EraMoment } | undefined;

  constructor(parameters: EraViewParameters) {
    const { l1, l2, diamond } = parameters;
    this.parameters = parameters;
    this.history = new EraHistory(l2);
    this.#batches = new EraBatches({ l1, diamond, l2, history: this.history, zkSyncChainId: l2.chain.id });
  }

  /** Remembers a transaction that the node has taken. */
  noteWaiting(clientHash: Hex, nodeHash: Hex): void {
    this.#waiting.set(clientHash, nodeHash);
    const [oldest] = this.#waiting.keys();
    if (this.#waiting.size > MOST_WAITING && oldest !== undefined) this.#waiting.delete(oldest);
  }

  /** The node's hash of a transaction that clients know by another one; the same hash for all others. */
  nodeHash(hash: Hex): Hex {
    const known = hash.toLowerCase() as Hex;
    const place = this.history.find(known);
    if (place === undefined) return this.#waiting.get(known) ?? hash;
    return clientHashOf(place.transaction) === known ? place.transaction.hash : hash;
  }

  /** The chains as they are now or later, never as they were before the call. Callers that wait share one reading. */
  async moment(): Promise<EraMoment> {
    if (this.#reading === undefined) return await (this.#reading = this.#read());
    this.#next ??= this.#reading.then(
      () => this.#follow(),
      () => this.#follow(),
    );
    return await this.#next;
  }

  #follow(): Promise<EraMoment> {
    this.#next = undefined;
    return (this.#reading = this.#read());
  }

  async #read(): Promise<EraMoment> {
    try {
      const { l1, l2, diamond } = this.parameters;
      const heads = (await Promise.all([l1, l2].map(async (client) => (await client.getBlock()).hash))).join();
      // No new block anywhere: nothing else to ask.
      if (this.#last?.heads === heads) return this.#last.moment;
      const contract = { abi: zkSyncChainAbi, address: diamond } as const;
      // Stages before batches: a batch may have come on in between, never gone back.
      const executed = Number(await l1.readContract({ ...contract, functionName: 'getTotalBatchesExecuted' }));
      const verified = Number(await l1.readContract({ ...contract, functionName: 'getTotalBatchesVerified' }));
      const moment = { batches: await this.#rightBatches(), verified, executed };
      this.#last = { heads, moment };
      return moment;
    } finally {
      if (this.#next === undefined) this.#reading = undefined;
    }
  }

  /** A batch that the blocks of the chain do not give is not shown: the batcher takes it back. */
  async #rightBatches(): Promise<readonly EraBatch[]> {
    try {
      return await this.#batches.read();
    } catch (error) {
      if (error instanceof BatchMismatch) return error.known;
      throw error;
    }
  }

  /** What the chain's contract on Ethereum says. */
  async protocolVersion(): Promise<{ major: number; minor: number; patch: number }> {
    const { l1, diamond } = this.parameters;
    const [major, minor, patch] = await l1.readContract({ address: diamond, abi: chainAbi, functionName: 'getSemverProtocolVersion' });
    return { major, minor, patch };
  }

  async contracts(): Promise<EraContracts> {
    this.#contracts ??= this.#readContracts();
    this.#contracts.catch(() => (this.#contracts = undefined));
    return await this.#contracts;
  }

  async #readContracts(): Promise<EraContracts> {
    const { l1, bridgehub } = this.parameters;
    const l1AssetRouter = await l1.readContract({ address: bridgehub, abi: hubAbi, functionName: 'assetRouter' });
    const l1Nullifier = await l1.readContract({ address: l1AssetRouter, abi: routerAbi, functionName: 'L1_NULLIFIER' });
    const l1NativeTokenVault = await l1.readContract({ address: l1AssetRouter, abi: routerAbi, functionName: 'nativeTokenVault' });
    return { l1AssetRouter, l1Nullifier, l1NativeTokenVault };
  }

  /** Place of a transaction in its batch; undefined while it is in none. */
  inBatch({ batches }: EraMoment, { block, index }: EraPlace): { batch: EraBatch; txNumberInBatch: number } | undefined {
    const batch = batches.findLast(({ firstBlock, lastBlock }) => firstBlock <= block.number && block.number <= lastBlock);
    if (batch === undefined) return undefined;
    const before = this.history.blocks.filter(({ number }) => number >= batch.firstBlock && number < block.number);
    return { batch, txNumberInBatch: before.reduce((sum, { transactions }) => sum + transactions.length, index) };
  }

  /** Logs that a transaction sends to Ethereum, in order. `txNumberInBatch` is 0 while it is in no batch. */
  logsOf({ transaction }: EraPlace, txNumberInBatch = 0): EraLog[] {
    const messages = transaction.messages.map(({ sender, hash }) => messageLog({ txNumberInBatch, sender, messageHash: hash }));
    return transaction.priority === undefined ? messages : [...messages, priorityLog({ txNumberInBatch, ...transaction.priority })];
  }

  /** Index of a transaction's first log among those of its batch. */
  firstLogIndex(batch: EraBatch, { block, index }: EraPlace): number {
    const before = this.history.blocks.filter(({ number }) => number >= batch.firstBlock && number <= block.number);
    const count = (transaction: EraPlace['transaction']): number => transaction.messages.length + (transaction.priority === undefined ? 0 : 1);
    return before.flatMap(({ number, transactions }) => (number < block.number ? transactions : transactions.slice(0, index))).reduce((sum, transaction) => sum + count(transaction), 0);
  }

  /** Last block of the last batch that is committed, or executed; 0 when there is none. */
  lastBlock({ batches, executed }: EraMoment, stage: 'committed' | 'executed'): bigint {
    return batches[(stage === 'committed' ? batches.length : executed) - 1]?.lastBlock ?? 0n;
  }

  /** When and where a batch was committed, proved and executed, as far as it is. */
  async stages({ verified, executed }: EraMoment, batchNumber: number): Promise<{ commit?: Stage; prove?: Stage; execute?: Stage }> {
    const { l1, diamond } = this.parameters;
    const contract = { abi: zkSyncChainAbi, address: diamond, fromBlock: await firstBlockOf(l1), strict: true } as const;
    const number = BigInt(batchNumber);
    const last = async (events: readonly { transactionHash: Hex; blockNumber: bigint }[]): Promise<Stage | undefined> => {
      const event = events.at(-1);
      if (event === undefined) return undefined;
      const { timestamp } = await l1.getBlock({ blockNumber: event.blockNumber });
      return { hash: event.transactionHash, at: isoTime(timestamp) };
    };
    const commit = await last(await l1.getContractEvents({ ...contract, eventName: 'BlockCommit', args: { batchNumber: number } }));
    const prove = batchNumber > verified ? undefined : await last(await l1.getContractEvents({ ...contract, eventName: 'BlocksVerification', args: { currentLastVerifiedBatch: number } }));
    const execute = batchNumber > executed ? undefined : await last(await l1.getContractEvents({ ...contract, eventName: 'BlockExecution', args: { batchNumber: number } }));
    return { ...(commit === undefined ? {} : { commit }), ...(prove === undefined ? {} : { prove }), ...(execute === undefined ? {} : { execute }) };
  }
}

/** @param timestamp seconds since 1970 */
export function isoTime(timestamp: bigint): string {
  return new Date(Number(timestamp) * 1_000).toISOString();
}
