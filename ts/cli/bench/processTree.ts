import { readdirSync, readFileSync } from 'node:fs';

/** One process as /proc describes it. */
export interface ProcessSample {
  pid: number;
  parent: number;
  /** Ticks since boot; with the pid it names the process for good. */
  startedAt: string;
  /** Bytes in memory. */
  resident: number;
}

const PAGE = 4096;

/** Reads a line of /proc/<pid>/stat. The name in it may hold blanks and brackets. */
export function parseStat(line: string): ProcessSample | undefined {
  const end = line.lastIndexOf(')');
  const fields = line.slice(end + 2).split(' ');
  const [, parent] = fields;
  const [startedAt, , pages] = fields.slice(19, 22);
  if (end < 0 || parent === undefined || startedAt === undefined || pages === undefined) return undefined;
  return { pid: Number.parseInt(line, 10), parent: Number(parent), startedAt, resident: Number(pages) * PAGE };
}

/** All processes of the machine; empty where there is no /proc. */
export function readProcesses(): ProcessSample[] {
  let names: string[];
  try {
    names = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
  return names.flatMap((name) => {
    try {
      return parseStat(readFileSync(`/proc/${name}/stat`, 'utf8')) ?? [];
    } catch {
      return []; // it ended in between
    }
  });
}

/**
 * Watches a process and all that it starts. A child that its parent left behind still counts: whoever was once seen below the root belongs to
 * it. Resident sizes are added up, so pages that several processes share count several times: the sum is an upper bound.
 */
export class ProcessTree {
  readonly #known = new Set<string>();
  readonly #roots = new Set<number>();
  readonly #read: () => ProcessSample[];
  #peak = 0;

  constructor(read: () => ProcessSample[] = readProcesses) {
    this.#read = read;
  }

  /** Adds a process to watch. */
  add(pid: number): void {
    this.#roots.add(pid);
  }

  /** Processes of the tree that are alive now. */
  sample(): ProcessSample[] {
    const all = this.#read();
    const members = new Set(all.filter((process) => this.#known.has(idOf(process)) || this.#roots.has(process.pid)).map(({ pid }) => pid));
    let grown = true;
    while (grown) {
      const more = all.filter(({ pid, parent }) => members.has(parent) && !members.has(pid));
      for (const { pid } of more) members.add(pid);
      grown = more.length > 0;
    }
    const alive = all.filter(({ pid }) => members.has(pid));
    for (const process of alive) this.#known.add(idOf(process));
    // From here on its start time names it: a later process may get the same pid.
    for (const { pid } of alive) this.#roots.delete(pid);
    this.#peak = Math.max(this.#peak, alive.reduce((sum, { resident }) => sum + resident, 0));
    return alive;
  }

  /** Largest sum of resident sizes that a sample found, in bytes. */
  get peak(): number {
    return this.#peak;
  }
}

function idOf({ pid, startedAt }: ProcessSample): string {
  return `${pid}:${startedAt}`;
}
