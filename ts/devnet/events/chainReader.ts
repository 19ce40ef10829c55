import type { Hex } from 'viem';
import type { ChainPublicClient } from '../../chain/clients.ts';
import { LogCursor } from '../relayers/logCursor.ts';
import { meaningOf, type Names, type WatchedContract } from './decode.ts';
import type { NewEvent } from './event.ts';

export interface ChainReaderParameters {
  client: ChainPublicClient;
  contracts: readonly WatchedContract[];
  names: Names;
  emit: (event: NewEvent) => void;
}

/** Turns one chain's logs into events, each once, also when the chain is rolled back and goes on differently. */
export class ChainReader {
  readonly #parameters: ChainReaderParameters;
  readonly #cursor: LogCursor;
  /** Block and log of what was told already: after a rollback some blocks are read again. */
  readonly #told = new Set<string>();

  constructor(parameters: ChainReaderParameters) {
    this.#parameters = parameters;
    this.#cursor = new LogCursor(parameters.client);
  }

  async read(): Promise<void> {
    const { client, contracts, names, emit } = this.#parameters;
    const chain = client.chain.name;
    let rewound = false;
    await this.#cursor.advance(
      async (fromBlock, toBlock) => {
        if (rewound) {
          const { timestamp, number } = await client.getBlock();
          emit({ time: Number(timestamp), chain, kind: 'rewound', text: `to block ${number} or before`, block: Number(number), facts: {} });
          rewound = false;
        }
        const logs = await client.getLogs({ address: contracts.map(({ address }) => address), fromBlock, toBlock });
        for (const log of logs) {
          const key = `${log.blockHash} ${log.logIndex}`;
          if (this.#told.has(key)) continue;
          this.#told.add(key);
          const meaning = meaningOf(log, contracts, names);
          if (meaning === undefined) continue;
          emit({ time: await this.#timeOf(log), chain, ...meaning, block: Number(log.blockNumber), transaction: log.transactionHash });
        }
      },
      () => (rewound = true),
    );
  }

  async #timeOf({ blockTimestamp, blockHash }: { blockTimestamp?: bigint | undefined; blockHash: Hex }): Promise<number> {
    return Number(blockTimestamp ?? (await this.#parameters.client.getBlock({ blockHash })).timestamp);
  }
}
