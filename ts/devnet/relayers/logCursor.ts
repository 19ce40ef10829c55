import type { Hex } from 'viem';
import type { ChainPublicClient } from '../../chain/clients.ts';

/** Most blocks that one eth_getLogs asks for. */
const LONGEST_RANGE = 10_000n;

/**
 * Hands out a chain's blocks once and in order, and notices when blocks that it handed out are gone (a revert to a snapshot, a reorg, a new
 * chain behind the same URL): it then starts again from the first block.
 */
export class LogCursor {
  readonly #client: ChainPublicClient;
  #last: { number: bigint; hash: Hex } | undefined;

  constructor(client: ChainPublicClient) {
    this.#client = client;
  }

  /**
   * Calls `read` for the blocks that are new. They count as read only when it returns.
   * @param rewound called before it when everything that was read is void
   */
  async advance(read: (fromBlock: bigint, toBlock: bigint) => Promise<void>, rewound: () => void): Promise<void> {
    const last = this.#last;
    if (last !== undefined && (await hashOf(this.#client, last.number)) !== last.hash) {
      this.#last = undefined;
      rewound();
    }
    const head = await this.#client.getBlockNumber();
    for (let from = (this.#last?.number ?? -1n) + 1n; from <= head; from += LONGEST_RANGE) {
      const to = from + LONGEST_RANGE - 1n < head ? from + LONGEST_RANGE - 1n : head;
      const hash = await hashOf(this.#client, to);
      if (hash === undefined) return; // Rewound just now; the next call sees it.
      await read(from, to);
      this.#last = { number: to, hash };
    }
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
