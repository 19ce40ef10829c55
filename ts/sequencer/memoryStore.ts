import { RollupError } from '../base/errors.ts';
import type { BlockTrace } from '../state/trace.ts';
import type { ChainEvent, Checkpoint } from './events.ts';
import type { BlockProofs, BlockRecord, PairRequest, SignedTransaction, Store, TransactionRecord } from './store.ts';
import type { EventJournal } from './watcher.ts';

/** Transactions with their status; shared by the stores that keep them in memory. */
export class TransactionIndex {
  readonly #records = new Map<string, TransactionRecord>();
  #sequence = 0;

  get(id: string): TransactionRecord | null {
    const record = this.#records.get(id);
    return record === undefined ? null : { ...record };
  }

  accept(id: string, transaction: SignedTransaction): void {
    const known = this.#records.get(id);
    if (known !== undefined && known.status !== 'dropped') throw new RollupError('The transaction is already known', { facts: { id, status: known.status } });
    this.#records.set(id, { id, transaction, sequence: this.#sequence++, status: 'pending' });
  }

  drop(id: string, reason: string): void {
    const { blockNumber: _, ...record } = this.#require(id);
    this.#records.set(id, { ...record, status: 'dropped', reason });
  }

  include(ids: readonly string[], blockNumber: number): void {
    for (const id of ids) this.#records.set(id, { ...this.#require(id), status: 'included', blockNumber });
  }

  release(ids: readonly string[]): void {
    for (const id of ids) {
      const { blockNumber: _, ...record } = this.#require(id);
      this.#records.set(id, { ...record, status: 'pending' });
    }
  }

  pending(): TransactionRecord[] {
    return [...this.#records.values()].filter((record) => record.status === 'pending').sort((a, b) => a.sequence - b.sequence);
  }

  all(): TransactionRecord[] {
    return [...this.#records.values()].sort((a, b) => a.sequence - b.sequence);
  }

  #require(id: string): TransactionRecord {
    const record = this.#records.get(id);
    if (record === undefined) throw new RollupError('The transaction is not known', { facts: { id } });
    return record;
  }
}

/** @throws RollupError when `block` does not follow block `last` */
export function checkNextBlock(last: number, block: BlockRecord): void {
  if (block.blockNumber !== last + 1) {
    throw new RollupError('Only the next block can be appended', { facts: { expected: last + 1, actual: block.blockNumber } });
  }
}

/** A store that forgets everything with the process; for tests. */
export function memoryStore(): Store {
  const blocks: { block: BlockRecord; trace: BlockTrace | null; proofs: BlockProofs }[] = [];
  const transactions = new TransactionIndex();
  const cursors = new Map<string, number>();
  const pairs: PairRequest[] = [];
  const journals = new Map<string, { checkpoints: Checkpoint[]; events: ChainEvent[] }>();

  return {
    lastBlock: async () => blocks.length,
    block: async (number) => blocks[number - 1]?.block ?? null,
    trace: async (number) => blocks[number - 1]?.trace ?? null,
    async appendBlock({ block, trace }) {
      checkNextBlock(blocks.length, block);
      transactions.include(block.transactions, block.blockNumber);
      blocks.push({ block, trace, proofs: new Map() });
    },
    async dropBlocksAbove(number) {
      for (const { block } of blocks.splice(number)) transactions.release(block.transactions);
    },
    async dropTrace(number) {
      const entry = blocks[number - 1];
      if (entry !== undefined) entry.trace = null;
    },
    proofs: async (number) => new Map(blocks[number - 1]?.proofs),
    async saveProof({ blockNumber, part, statement }) {
      blocks[blockNumber - 1]?.proofs.set(part, statement);
    },
    transaction: async (id) => transactions.get(id),
    pendingTransactions: async () => transactions.pending(),
    acceptTransaction: async ({ id, transaction }) => transactions.accept(id, transaction),
    dropTransaction: async ({ id, reason }) => transactions.drop(id, reason),
    requestedPairs: async () => [...pairs],
    async requestPair(pair) {
      pairs.push({ ...pair });
    },
    cursor: async (name) => cursors.get(name) ?? 0,
    async setCursor(name, value) {
      cursors.set(name, value);
    },
    journal(name): EventJournal {
      return {
        async read() {
          const journal = journals.get(name);
          return { checkpoints: [...(journal?.checkpoints ?? [])], events: [...(journal?.events ?? [])] };
        },
        async append(checkpoint, events) {
          const journal = journals.get(name) ?? { checkpoints: [], events: [] };
          journals.set(name, { checkpoints: [...journal.checkpoints, checkpoint], events: [...journal.events, ...events] });
        },
        async rewind(ancestor) {
          const journal = journals.get(name) ?? { checkpoints: [], events: [] };
          journals.set(name, rewound(journal, ancestor));
        },
      };
    },
    close: async () => {},
  };
}

/** What is left of a journal after going back to block `ancestor`. */
export function rewound(journal: { checkpoints: Checkpoint[]; events: ChainEvent[] }, ancestor: Checkpoint): { checkpoints: Checkpoint[]; events: ChainEvent[] } {
  return {
    checkpoints: journal.checkpoints.filter((checkpoint) => checkpoint.number <= ancestor.number),
    events: journal.events.filter((event) => event.blockNumber <= ancestor.number),
  };
}
