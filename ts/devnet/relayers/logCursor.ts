import type { Hex } from 'viem';
import type { ChainPublicClient } from '../../chain/clients.ts';

/** Most blocks that one eth_getLogs asks for. */
const LONGEST_RANGE = 10_000n;
/** Blocks that are remembered with their hash. */
const MOST_MARKS = 64;

/**
 * Hands out a chain's blocks once and in order, and notices when blocks that it handed out are gone (a revert to a snapshot, a reorg, a new
 * chain behind the same URL): it then goes back to the last block that it knows to be still there.
 */
export class LogCursor {
  readonly #client: ChainPublicClient;
  /** Blocks at which reading ended, oldest first. */
  readonly #marks: { number: bigint; hash: Hex }[] = [];
  /** Where reading begins. */
  #first: bigint | undefined;

  constructor(client: ChainPublicClient) {
    this.#client = client;
  }

  #next(): bigint {
    const last = this.#marks.at(-1)?.number;
    return last === undefined ? (this.#first ?? 0n) : last + 1n;
  }

  /**
   * Calls `read` for the blocks that are new. They count as read only when it returns.
   * @param rewound called before it with the last block that still holds, -1 for none: everything that was read of later ones is void
   */
  async advance(read: (fromBlock: bigint, toBlock: bigint) => Promise<void>, rewound: (lastBlock: bigint) => void): Promise<void> {
    // Most of the time nothing is new, and one look tells.
    const { number: head, hash: headHash } = await this.#client.getBlock();
    const newest = this.#marks.at(-1);
    if (newest !== undefined && newest.number === head && newest.hash === headHash) return;
    const marks = this.#marks.length;
    for (let mark = this.#marks.at(-1); mark !== undefined && (await hashOf(this.#client, mark.number)) !== mark.hash; mark = this.#marks.at(-1)) this.#marks.pop();
    if (this.#marks.length < marks) rewound(this.#marks.at(-1)?.number ?? -1n);
    this.#first ??= await firstBlockOf(this.#client);
    for (let from = this.#next(); from <= head; from += LONGEST_RANGE) {
      const to = from + LONGEST_RANGE - 1n < head ? from + LONGEST_RANGE - 1n : head;
      const hash = await hashOf(this.#client, to);
      if (hash === undefined) return; // Rewound just now; the next call sees it.
      await read(from, to);
      this.#marks.push({ number: to, hash });
      if (this.#marks.length > MOST_MARKS) this.#marks.shift();
    }
  }
}

/** The first block that a local chain made itself; 0 on others. What a fork began with may be millions of blocks of another network. */
export async function firstBlockOf(client: ChainPublicClient): Promise<bigint> {
  try {
    const { forkedNetwork } = (await client.request({ method: 'anvil_metadata' } as never)) as { forkedNetwork?: { forkBlockNumber: number } | null };
    return forkedNetwork === undefined || forkedNetwork === null ? 0n : BigInt(forkedNetwork.forkBlockNumber) + 1n;
  } catch {
    return 0n;
  }
}

async function hashOf(client: ChainPublicClient, blockNumber: bigint): Promise<Hex | undefined> {
  try {
    return (await client.getBlock({ blockNumber })).hash ?? undefined;
  } catch (error) {
    if (error instanceof Error && error.name === 'BlockNotFoundError') return undefined;
    throw error;
  }
}
