import { existsSync } from 'node:fs';
import { mkdir, open, readFile, rm, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { RollupError } from '../base/errors.ts';
import type { BlockTrace } from '../state/trace.ts';
import type { ChainEvent, Checkpoint } from './events.ts';
import { JournalFile, readWhole, syncFolder, writeWhole } from './journalFile.ts';
import { checkNextBlock, rewound, TransactionIndex } from './memoryStore.ts';
import type { BlockRecord, PairRequest, ProofPart, ProvenStatement, SignedTransaction, Store } from './store.ts';

type TransactionEntry = { type: 'accept'; id: string; transaction: SignedTransaction } | { type: 'drop'; id: string; reason: string };
type EventEntry = { type: 'read'; checkpoint: Checkpoint; events: ChainEvent[] } | { type: 'rewind'; ancestor: Checkpoint };
interface CursorEntry {
  name: string;
  value: number;
}

/**
 * Files under `dataDir`: `blocks/N.json` (the file makes the block exist), `traces/N.json`, `proofs/N-part.json`, and append-only journals
 * for transactions, requested pairs, cursors and each watcher. One process at a time: `lock` holds its id.
 */
export async function openFileStore({ dataDir }: { dataDir: string }): Promise<Store> {
  for (const folder of ['blocks', 'traces', 'proofs']) await mkdir(join(dataDir, folder), { recursive: true });
  const unlock = await lock(join(dataDir, 'lock'));
  const opened: { close(): Promise<void> }[] = [{ close: unlock }];
  const close = async (): Promise<void> => {
    for (const resource of opened.splice(0).reverse()) await resource.close();
  };
  try {
    return await load({ dataDir, opened, close });
  } catch (error) {
    await close();
    throw error;
  }
}

interface LoadParameters {
  dataDir: string;
  /** What has to be closed, in the order of opening. */
  opened: { close(): Promise<void> }[];
  close: () => Promise<void>;
}

async function load({ dataDir, opened, close }: LoadParameters): Promise<Store> {
  const openJournal = async <T>(name: string): Promise<{ journal: JournalFile<T>; entries: T[] }> => {
    const found = await JournalFile.open<T>(join(dataDir, `${name}.jsonl`));
    opened.push(found.journal);
    return found;
  };
  const file = (folder: string, name: string | number): string => join(dataDir, folder, `${name}.json`);
  const transactions = new TransactionIndex();
  const transactionFile = await openJournal<TransactionEntry>('transactions');
  for (const entry of transactionFile.entries) {
    if (entry.type === 'accept') transactions.accept(entry.id, upgraded(entry.transaction));
    else transactions.drop(entry.id, entry.reason);
  }
  const pairFile = await openJournal<PairRequest>('pairs');
  const pairs = [...pairFile.entries];
  const cursorFile = await openJournal<CursorEntry>('cursors');
  const cursors = new Map(cursorFile.entries.map(({ name, value }) => [name, value]));
  const watchers = new Map<string, Promise<{ journal: JournalFile<EventEntry>; entries: EventEntry[] }>>();

  let last = 0;
  for (let block = await readWhole<BlockRecord>(file('blocks', 1)); block !== null; block = await readWhole<BlockRecord>(file('blocks', last + 1))) {
    checkNextBlock(last, block);
    transactions.include(block.transactions, block.blockNumber);
    last = block.blockNumber;
  }

  const watcher = async (name: string) => {
    const known = watchers.get(name) ?? openJournal<EventEntry>(`events-${name}`);
    watchers.set(name, known);
    return await known;
  };
  const parts = (block: BlockRecord): ProofPart[] => [...block.segments.keys(), 'join'];
  const block = async (number: number): Promise<BlockRecord | null> => (number < 1 || number > last ? null : await readWhole<BlockRecord>(file('blocks', number)));

  return {
    lastBlock: async () => last,
    block,
    trace: async (number) => (number > last ? null : await readWhole<BlockTrace>(file('traces', number))),
    async appendBlock({ block: next, trace }) {
      checkNextBlock(last, next);
      // What an earlier block of this number left (a crash between two files) must not be taken for this one's.
      for (const part of parts(next)) await rm(file('proofs', `${next.blockNumber}-${part}`), { force: true });
      await writeWhole(file('traces', next.blockNumber), trace);
      await writeWhole(file('blocks', next.blockNumber), next);
      transactions.include(next.transactions, next.blockNumber);
      last = next.blockNumber;
    },
    async dropBlocksAbove(number) {
      while (last > number) {
        const dropped = await block(last);
        await unlink(file('blocks', last));
        await syncFolder(join(dataDir, 'blocks'));
        last--;
        if (dropped === null) continue;
        transactions.release(dropped.transactions);
        await rm(file('traces', dropped.blockNumber), { force: true });
        for (const part of parts(dropped)) await rm(file('proofs', `${dropped.blockNumber}-${part}`), { force: true });
      }
    },
    async dropTrace(number) {
      await rm(file('traces', number), { force: true });
    },
    async proofs(number) {
      const found = await block(number);
      const proofs = new Map<ProofPart, ProvenStatement>();
      for (const part of found === null ? [] : parts(found)) {
        const statement = await readWhole<ProvenStatement>(file('proofs', `${number}-${part}`));
        if (statement !== null) proofs.set(part, statement);
      }
      return proofs;
    },
    async saveProof({ blockNumber, part, statement }) {
      if (blockNumber > last) return;
      await writeWhole(file('proofs', `${blockNumber}-${part}`), statement);
    },
    transaction: async (id) => transactions.get(id),
    pendingTransactions: async () => transactions.pending(),
    async acceptTransaction({ id, transaction }) {
      transactions.accept(id, transaction);
      await transactionFile.journal.append({ type: 'accept', id, transaction });
    },
    async dropTransaction({ id, reason }) {
      transactions.drop(id, reason);
      await transactionFile.journal.append({ type: 'drop', id, reason });
    },
    requestedPairs: async () => [...pairs],
    async requestPair(pair) {
      await pairFile.journal.append(pair);
      pairs.push({ ...pair });
    },
    cursor: async (name) => cursors.get(name) ?? 0,
    async setCursor(name, value) {
      cursors.set(name, value);
      await cursorFile.journal.append({ name, value });
    },
    journal(name) {
      return {
        async read() {
          const { entries } = await watcher(name);
          let state: { checkpoints: Checkpoint[]; events: ChainEvent[] } = { checkpoints: [], events: [] };
          for (const entry of entries) {
            if (entry.type === 'rewind') {
              state = rewound(state, entry.ancestor);
            } else {
              state.checkpoints.push(entry.checkpoint);
              state.events.push(...entry.events);
            }
          }
          return state;
        },
        async append(checkpoint, events) {
          const { journal, entries } = await watcher(name);
          const entry: EventEntry = { type: 'read', checkpoint, events: [...events] };
          await journal.append(entry);
          entries.push(entry);
        },
        async rewind(ancestor) {
          const { journal, entries } = await watcher(name);
          const entry: EventEntry = { type: 'rewind', ancestor };
          await journal.append(entry);
          entries.push(entry);
        },
      };
    },
    close,
  };
}

/** Before signed messages named their token, journals did not: token 0 is no leaf's, so what still waits is dropped with that reason. */
function upgraded(transaction: SignedTransaction): SignedTransaction {
  return { ...transaction, token: transaction.token ?? 0n };
}

/** Locks of this process: a lock file with its own id that is not among them is from a former process with the same id. */
const heldLocks = new Set<string>();

/** Takes the folder for this process. A lock whose process has ended is taken over. */
async function lock(path: string): Promise<() => Promise<void>> {
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      const file = await open(path, 'wx');
      await file.writeFile(`${process.pid}\n`);
      await file.close();
      heldLocks.add(path);
      return async () => {
        heldLocks.delete(path);
        await rm(path, { force: true });
      };
    } catch (error) {
      if (!existsSync(path)) throw error;
      const holder = Number((await readFile(path, 'utf8')).trim());
      if (holder === process.pid ? heldLocks.has(path) : isRunning(holder)) {
        throw new RollupError('The data folder is used by another process', {
          facts: { lock: path, process: holder },
          hint: 'Stop that process, or choose another data folder.',
        });
      }
      await rm(path, { force: true });
    }
  }
  throw new RollupError('The data folder cannot be locked', { facts: { lock: path } });
}

function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
