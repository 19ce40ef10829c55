import { existsSync } from 'node:fs';
import { open, readFile, rename, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { RollupError } from '../base/errors.ts';
import { parse, stringify } from '../base/json.ts';

/** Writes a whole file so that a crash leaves either the old or the new content. */
export async function writeWhole(path: string, value: unknown): Promise<void> {
  const temporary = `${path}.new`;
  const file = await open(temporary, 'w');
  try {
    await file.writeFile(stringify(value));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  await syncFolder(dirname(path));
}

export async function readWhole<T>(path: string): Promise<T | null> {
  if (!existsSync(path)) return null;
  try {
    return parse<T>(await readFile(path, 'utf8'));
  } catch (cause) {
    throw new RollupError('A stored file is not readable', { facts: { path }, cause });
  }
}

/** A rename or a new file is only durable once its folder is. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/**
 * A file of lines that only grows. A line counts once it is complete: what a crash left of a last line is cut off when the file is opened
 * again; a broken line anywhere else is an error.
 */
export class JournalFile<T> {
  readonly #path: string;
  readonly #file: FileHandle;
  #tail: Promise<void> = Promise.resolve();

  private constructor(path: string, file: FileHandle) {
    this.#path = path;
    this.#file = file;
  }

  static async open<T>(path: string): Promise<{ journal: JournalFile<T>; entries: T[] }> {
    const isNew = !existsSync(path);
    const file = await open(path, 'a+');
    try {
      if (isNew) await syncFolder(dirname(path));
      const content = await file.readFile();
      const end = content.lastIndexOf(0x0a) + 1;
      if (end < content.length) {
        await file.truncate(end);
        await file.sync();
      }
      const lines = content.subarray(0, end).toString('utf8').split('\n').slice(0, -1);
      return { journal: new JournalFile<T>(path, file), entries: lines.map((line, i) => parseLine<T>(path, line, i + 1)) };
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Resolves when the entry is on the disk. Entries keep the order of the calls. */
  async append(entry: T): Promise<void> {
    const write = this.#tail.then(async () => {
      await this.#file.appendFile(`${stringify(entry)}\n`);
      await this.#file.datasync();
    });
    // A failed write must not look like success to those that wait behind it, nor block them for ever.
    this.#tail = write.catch(() => {});
    try {
      await write;
    } catch (cause) {
      throw new RollupError('A journal cannot be written', { facts: { path: this.#path }, hint: 'Check free space and permissions.', cause });
    }
  }

  async close(): Promise<void> {
    await this.#tail;
    await this.#file.close();
  }
}

function parseLine<T>(path: string, line: string, number: number): T {
  try {
    return parse<T>(line);
  } catch (cause) {
    throw new RollupError('A journal has a broken line', { facts: { path, line: number }, cause });
  }
}
