import type { Address, Hex } from 'viem';
import type { ChainPublicClient } from '../../chain/clients.ts';
import { l1MessengerAbi } from '../../chain/generated/abi.ts';
import { BOOTLOADER, ERA_MAX_LOGS, type EraLog, L1_MESSENGER, messageLog, priorityLog } from './eraTree.ts';
import { LogCursor } from './logCursor.ts';

/** Transactions of a batch are numbered by two bytes. */
const MOST_TRANSACTIONS = 65_536;
/** Priority transactions that a batch takes unless one block has more: their hashes are calldata of its execution. */
const MOST_PRIORITY = 1_000;
/** Blocks that are asked for at once. */
const BLOCKS_AT_ONCE = 50;

export interface EraTransaction {
  hash: Hex;
  messages: { sender: Address; hash: Hex; message: Hex }[];
  /** Set for a priority transaction. */
  priority: { canonicalTxHash: Hex; success: boolean } | undefined;
  /** Set for a transaction of zkSync's own type: the hash that its sender knows. */
  eip712Hash: Hex | undefined;
}

/** A transaction and where it is. */
export interface EraPlace {
  block: EraBlock;
  /** Among the transactions of its block. */
  index: number;
  transaction: EraTransaction;
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
  messages: { transaction: Hex; index: number; txNumberInBatch: number; sender: Address; message: Hex }[];
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
  /** Goes up whenever the blocks are others than before. */
  version = 0;
  readonly blocks: EraBlock[] = [];
  /** Canonical hash → block, in order of execution. */
  readonly executed = new Map<Hex, bigint>();
  /** By the node's hash and by the one that clients know. */
  readonly #places = new Map<Hex, EraPlace>();
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

  /** @param hash the node's or the one that clients know */
  find(hash: Hex): EraPlace | undefined {
    return this.#places.get(hash);
  }

  /** Logs of the blocks `first` … `last` in order of execution. */
  contents(first: bigint, last: bigint): EraContents {
    const contents: EraContents = { logs: [], messages: [], priorityHashes: [] };
    const transactions = this.blocks.filter(({ number }) => number >= first && number <= last).flatMap((block) => block.transactions);
    for (const [txNumberInBatch, { hash: transaction, messages, priority }] of transactions.entries()) {
      for (const { sender, hash, message } of messages) {
        contents.messages.push({ transaction, index: contents.logs.length, txNumberInBatch, sender, message });
        contents.logs.push(messageLog({ txNumberInBatch, sender, messageHash: hash }));
      }
      if (priority === undefined) continue;
      contents.priorityHashes.push(priority.canonicalTxHash);
      contents.logs.push(priorityLog({ txNumberInBatch, ...priority }));
    }
    return contents;
  }

  /**
   * The last block that the next batch can reach when it starts after block `after`; undefined when there is nothing to seal. A batch ends with
   * a log; blocks without any are sealed once they are as old as timestamp `quietUntil`.
   */
  nextBatchEnd(after: bigint, quietUntil: bigint): EraBlock | undefined {
    let transactions = 0;
    let logs = 0;
    let requested = 0;
    let end: EraBlock | undefined;
    for (const block of this.blocks) {
      if (block.number <= after) continue;
      transactions += block.transactions.length;
      const before = logs;
      const ofPriority = block.transactions.filter(({ priority }) => priority !== undefined).length;
      logs += block.transactions.reduce((sum, { messages }) => sum + messages.length, ofPriority);
      requested += ofPriority;
      if (transactions > MOST_TRANSACTIONS || logs > ERA_MAX_LOGS || (requested > MOST_PRIORITY && end !== undefined)) break;
      if (logs > before || block.timestamp <= quietUntil) end = block;
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
        if (read.length > 0) this.version++;
        this.blocks.push(...read);
        for (const block of read) {
          for (const [index, transaction] of block.transactions.entries()) {
            const { hash, priority, eip712Hash } = transaction;
            if (priority !== undefined) this.executed.set(priority.canonicalTxHash, block.number);
            for (const known of [hash, clientHashOf(transaction), eip712Hash]) if (known !== undefined) this.#places.set(known, { block, index, transaction });
          }
        }
      },
      (lastBlock) => {
        this.version++;
        this.blocks.splice(this.blocks.findLastIndex(({ number }) => number <= lastBlock) + 1);
        for (const [hash, block] of this.executed) if (block > lastBlock) this.executed.delete(hash);
        for (const [hash, { block }] of this.#places) if (block.number > lastBlock) this.#places.delete(hash);
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
        const canonicalTxHash = tagOf(transaction, BOOTLOADER);
        const sent = events.filter(({ transactionHash }) => transactionHash === transaction.hash);
        return {
          hash: transaction.hash,
          messages: sent.map(({ args }) => ({ sender: args._sender, hash: args._hash, message: args._message })),
          eip712Hash: tagOf(transaction, NONCE_HOLDER),
          priority: canonicalTxHash === undefined ? undefined : { canonicalTxHash, success: (await this.#client.getTransactionReceipt({ hash: transaction.hash })).status === 'success' },
        };
      });
      read.push({ number, hash, timestamp, transactions: await Promise.all(entries) });
    }
    return read;
  }
}

/** The hash that clients know a transaction by. */
export function clientHashOf({ hash, priority, eip712Hash }: EraTransaction): Hex {
  return priority?.canonicalTxHash ?? eip712Hash ?? hash;
}

/** The same of a transaction as the node has it, which may still wait for its block. */
export function clientHashOfPending(transaction: Tagged & { hash: Hex }): Hex {
  return tagOf(transaction, BOOTLOADER) ?? eip712HashOfPending(transaction) ?? transaction.hash;
}

/** The hash that the sender of a transaction of zkSync's own type knows; undefined for one of another type. */
export function eip712HashOfPending(transaction: Tagged): Hex | undefined {
  return tagOf(transaction, NONCE_HOLDER);
}

type AccessList = { address: Address; storageKeys: Hex[] }[];

/** System contract that keeps nonces; its key in an access list tags the node's transaction for one of zkSync's own type. */
const NONCE_HOLDER: Address = '0x0000000000000000000000000000000000008003';

/** Access list of the transaction that executes a priority transaction. */
export function priorityTag(canonicalTxHash: Hex): AccessList {
  return [{ address: BOOTLOADER, storageKeys: [canonicalTxHash] }];
}

/** Access list of the transaction that executes a transaction of zkSync's own type. */
export function eip712Tag(hash: Hex): AccessList {
  return [{ address: NONCE_HOLDER, storageKeys: [hash] }];
}

/** Gas that a tag costs: one address and one key. */
export const TAG_GAS = 2_400n + 1_900n;

interface Tagged {
  accessList?: readonly { address: Address; storageKeys: readonly Hex[] }[] | undefined;
  r: Hex;
}

function tagOf({ accessList, r }: Tagged, contract: Address): Hex | undefined {
  // Only a transaction in another's name has no signature, so nobody else can write a tag.
  if (BigInt(r) !== 0n) return undefined;
  return accessList?.find(({ address }) => address === contract)?.storageKeys[0];
}
