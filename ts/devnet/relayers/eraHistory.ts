import type { Address, Hex } from 'viem';
import type { ChainPublicClient } from '../../chain/clients.ts';
import { l1MessengerAbi } from '../../chain/generated/abi.ts';
import { BOOTLOADER, ERA_MAX_LOGS, type EraLog, L1_MESSENGER, messageLog, priorityLog } from './eraTree.ts';
import { LogCursor } from './logCursor.ts';

/** Transactions of a batch are numbered by two bytes. */
const MOST_TRANSACTIONS = 65_536;
/** Blocks that are asked for at once. */
const BLOCKS_AT_ONCE = 50;

export interface EraTransaction {
  hash: Hex;
  messages: { sender: Address; hash: Hex; message: Hex }[];
  /** Set for a priority transaction. */
  priority: { canonicalTxHash: Hex; success: boolean } | undefined;
}

/** A block with transactions. */
export interface EraBlock {
  number: bigint;
  hash: Hex;
  timestamp: bigint;
  transactions: EraTransaction[];
}

/** What a batch of some blocks holds. */
export interface EraContents {
  logs: EraLog[];
  /** Messages with the index of their log. */
  messages: { index: number; txNumberInBatch: number; sender: Address; message: Hex }[];
  /** Canonical hashes of the priority transactions, in order. */
  priorityHashes: Hex[];
}

/**
 * Everything on a local zkSync chain that batches are made of, read from its blocks.
 *
 * The chain itself says which priority transactions it executed: each carries its canonical hash in its access list, as a storage key of
 * the bootloader (`priorityTag`). So there is no state to keep beside the chain, and none that a kill could leave behind it.
 */
export class EraHistory {
  readonly blocks: EraBlock[] = [];
  /** Canonical hash → block. */
  readonly executed = new Map<Hex, bigint>();
  readonly #client: ChainPublicClient;
  readonly #cursor: LogCursor;
  #refreshing: Promise<void> = Promise.resolve();

  constructor(client: ChainPublicClient) {
    this.#client = client;
    this.#cursor = new LogCursor(client);
  }

  /** Reads the new blocks. Several callers may share one history. */
  async refresh(): Promise<void> {
    const refreshing = this.#refreshing.then(async () => await this.#advance());
    this.#refreshing = refreshing.catch(() => {});
    await refreshing;
  }

  /** Logs of the blocks `first` … `last` in order of execution. */
  contents(first: bigint, last: bigint): EraContents {
    const contents: EraContents = { logs: [], messages: [], priorityHashes: [] };
    const transactions = this.blocks.filter(({ number }) => number >= first && number <= last).flatMap((block) => block.transactions);
    for (const [txNumberInBatch, { messages, priority }] of transactions.entries()) {
      for (const { sender, hash, message } of messages) {
        contents.messages.push({ index: contents.logs.length, txNumberInBatch, sender, message });
        contents.logs.push(messageLog({ txNumberInBatch, sender, messageHash: hash }));
      }
      if (priority === undefined) continue;
      contents.priorityHashes.push(priority.canonicalTxHash);
      contents.logs.push(priorityLog({ txNumberInBatch, ...priority }));
    }
    return contents;
  }

  /** The last block that the next batch can reach when it starts after block `after`; undefined when there is no log to carry. */
  nextBatchEnd(after: bigint): EraBlock | undefined {
    let transactions = 0;
    let logs = 0;
    let end: EraBlock | undefined;
    for (const block of this.blocks) {
      if (block.number <= after) continue;
      transactions += block.transactions.length;
      const before = logs;
      for (const { messages, priority } of block.transactions) logs += messages.length + (priority === undefined ? 0 : 1);
      if (transactions > MOST_TRANSACTIONS || logs > ERA_MAX_LOGS) break;
      if (logs > before) end = block;
    }
    return end;
  }

  async #advance(): Promise<void> {
    await this.#cursor.advance(
      async (fromBlock, toBlock) => {
        const read: EraBlock[] = [];
        for (let from = fromBlock; from <= toBlock; from += BigInt(BLOCKS_AT_ONCE)) {
          const to = from + BigInt(BLOCKS_AT_ONCE) - 1n < toBlock ? from + BigInt(BLOCKS_AT_ONCE) - 1n : toBlock;
          read.push(...(await this.#read(from, to)));
        }
        this.blocks.push(...read);
        for (const { number, transactions } of read) {
          for (const { priority } of transactions) if (priority !== undefined) this.executed.set(priority.canonicalTxHash, number);
        }
      },
      () => {
        this.blocks.length = 0;
        this.executed.clear();
      },
    );
  }

  async #read(fromBlock: bigint, toBlock: bigint): Promise<EraBlock[]> {
    const numbers = Array.from({ length: Number(toBlock - fromBlock) + 1 }, (_, i) => fromBlock + BigInt(i));
    const [blocks, events] = await Promise.all([
      Promise.all(numbers.map(async (blockNumber) => await this.#client.getBlock({ blockNumber, includeTransactions: true }))),
      this.#client.getContractEvents({ abi: l1MessengerAbi, address: L1_MESSENGER, eventName: 'L1MessageSent', fromBlock, toBlock, strict: true }),
    ]);
    events.sort((a, b) => a.logIndex - b.logIndex);
    const read: EraBlock[] = [];
    for (const { number, hash, timestamp, transactions } of blocks) {
      if (transactions.length === 0) continue;
      const entries = transactions.map(async (transaction): Promise<EraTransaction> => {
        const canonicalTxHash = canonicalHashOf(transaction);
        const sent = events.filter(({ transactionHash }) => transactionHash === transaction.hash);
        return {
          hash: transaction.hash,
          messages: sent.map(({ args }) => ({ sender: args._sender, hash: args._hash, message: args._message })),
          priority: canonicalTxHash === undefined ? undefined : { canonicalTxHash, success: (await this.#client.getTransactionReceipt({ hash: transaction.hash })).status === 'success' },
        };
      });
      read.push({ number, hash, timestamp, transactions: await Promise.all(entries) });
    }
    return read;
  }
}

/** Access list of the transaction that executes a priority transaction. */
export function priorityTag(canonicalTxHash: Hex): { address: Address; storageKeys: Hex[] }[] {
  return [{ address: BOOTLOADER, storageKeys: [canonicalTxHash] }];
}

/** Gas that the tag costs: one address and one key. */
export const TAG_GAS = 2_400n + 1_900n;

interface Tagged {
  accessList?: readonly { address: Address; storageKeys: readonly Hex[] }[] | undefined;
  r: Hex;
}

function canonicalHashOf({ accessList, r }: Tagged): Hex | undefined {
  // Only a transaction in another's name has no signature, so nobody else can write the tag.
  if (BigInt(r) !== 0n) return undefined;
  return accessList?.find(({ address }) => address === BOOTLOADER)?.storageKeys[0];
}
