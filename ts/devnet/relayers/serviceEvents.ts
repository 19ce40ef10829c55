import type { Abi, Address, ContractEventName, GetContractEventsReturnType } from 'viem';
import type { ChainPublicClient } from '../../chain/clients.ts';
import { LogCursor } from './logCursor.ts';
import type { Place, Stage } from './message.ts';

type EventOf<TAbi extends Abi, TName extends ContractEventName<TAbi>> = GetContractEventsReturnType<TAbi, TName, true>[number];

/** All events of one contract, in order, as the chain has them now. Several readers may share one. */
export class ServiceEvents<const TAbi extends Abi> {
  /** Goes up whenever the events are others than before. */
  version = 0;
  readonly #contract: { client: ChainPublicClient; abi: TAbi; address: Address };
  readonly #cursor: LogCursor;
  #events: EventOf<TAbi, ContractEventName<TAbi>>[] = [];
  /** Timestamps of blocks whose events did not carry one. */
  readonly #timestamps = new Map<string, bigint>();
  #refreshing: Promise<void> = Promise.resolve();

  constructor(contract: { client: ChainPublicClient; abi: TAbi; address: Address }) {
    this.#contract = contract;
    this.#cursor = new LogCursor(contract.client);
  }

  /** Reads what is new. */
  async refresh(): Promise<void> {
    const refreshing = this.#refreshing.then(async () => await this.#advance());
    this.#refreshing = refreshing.catch(() => {});
    await refreshing;
  }

  of<TName extends ContractEventName<TAbi>>(name: TName): EventOf<TAbi, TName>[] {
    return (this.#events as { eventName: string }[]).filter(({ eventName }) => eventName === name) as EventOf<TAbi, TName>[];
  }

  /** Where an event happened, as the place of a stage. */
  place(stage: Stage, { blockNumber, blockHash, transactionHash, blockTimestamp }: Located): Place {
    const timestamp = blockTimestamp ?? this.#timestamps.get(blockHash) ?? 0n;
    return { stage, chain: this.#contract.client.chain.name, block: blockNumber, transaction: transactionHash, timestamp };
  }

  async #advance(): Promise<void> {
    const { client, abi, address } = this.#contract;
    await this.#cursor.advance(
      async (fromBlock, toBlock) => {
        const read = (await client.getContractEvents({ abi, address, fromBlock, toBlock, strict: true } as never)) as unknown as EventOf<TAbi, ContractEventName<TAbi>>[];
        if (read.length === 0) return;
        const located = read as readonly Located[];
        for (const { blockHash, blockTimestamp } of located) {
          if (blockTimestamp === undefined && !this.#timestamps.has(blockHash)) this.#timestamps.set(blockHash, (await client.getBlock({ blockHash })).timestamp);
        }
        this.#events.push(...[...read].sort((a, b) => Number((a as Located).blockNumber - (b as Located).blockNumber) || (a as Located).logIndex - (b as Located).logIndex));
        this.version++;
      },
      (lastBlock) => {
        this.#events = this.#events.filter((event) => (event as Located).blockNumber <= lastBlock);
        this.version++;
      },
    );
  }
}

interface Located {
  blockNumber: bigint;
  blockHash: `0x${string}`;
  blockTimestamp?: bigint | undefined;
  transactionHash: `0x${string}`;
  logIndex: number;
}
