import type { Abi, ContractEventName, GetContractEventsReturnType, Hex } from 'viem';
import type { ChainPublicClient } from '../chain/clients.ts';
import { readEvents, type ReadEventsParameters } from '../chain/logs.ts';

/** Blocks that are read before it is noted how far reading came. */
const BLOCKS_AT_ONCE = 50_000n;
/**
 * Blocks that are read again each time. Behind one URL there may be many nodes, of which one names its newest block, and another, which does not have it
 * yet, is asked for the logs and answers that there are none.
 */
const BLOCKS_AGAIN = 128n;
/** Places that are remembered, so that a reorg costs little. */
const MOST_MARKS = 64;

/** `fromBlock` is the first block that can hold one. */
export type EventScanParameters<TAbi extends Abi, TName extends ContractEventName<TAbi>> = Omit<ReadEventsParameters<TAbi, TName>, 'toBlock'>;

type Events<TAbi extends Abi, TName extends ContractEventName<TAbi>> = GetContractEventsReturnType<TAbi, TName, true>;

/**
 * The events of one kind on one chain. Reads what is new at each `refresh`, in ranges that the RPC gives, and the newest blocks once more; after a reorg it goes back to the last
 * block that is still there.
 */
export class EventScan<const TAbi extends Abi, TName extends ContractEventName<TAbi>> {
  readonly #parameters: EventScanParameters<TAbi, TName>;
  /** Blocks at which reading ended, oldest first. */
  readonly #marks: { number: bigint; hash: Hex }[] = [];
  #events: Events<TAbi, TName> = [] as unknown as Events<TAbi, TName>;
  #reading: Promise<void> = Promise.resolve();

  constructor(parameters: EventScanParameters<TAbi, TName>) {
    this.#parameters = parameters;
  }

  /** In order, as the chain was at the last `refresh`. */
  get events(): Events<TAbi, TName> {
    return this.#events;
  }

  /** @throws RollupError when the RPC does not answer; what was read before stays */
  async refresh(): Promise<void> {
    const reading = this.#reading.then(async () => await this.#advance());
    this.#reading = reading.catch(() => {});
    await reading;
  }

  async #advance(): Promise<void> {
    const { client, address, abi, eventName, args, fromBlock } = this.#parameters;
    await this.#goBack();
    const head = await client.getBlockNumber();
    const known = this.#marks.at(-1)?.number ?? fromBlock - 1n;
    const again = known - BLOCKS_AGAIN + 1n;
    for (let from = again < fromBlock ? fromBlock : again; from <= head; from += BLOCKS_AT_ONCE) {
      const to = from + BLOCKS_AT_ONCE - 1n < head ? from + BLOCKS_AT_ONCE - 1n : head;
      const hash = await hashOf(client, to);
      // Gone just now: the next call sees it.
      if (hash === undefined) return;
      this.#add(await readEvents({ client, address, abi, eventName, ...(args === undefined ? {} : { args }), fromBlock: from, toBlock: to }));
      if (to > known) this.#marks.push({ number: to, hash });
      if (this.#marks.length > MOST_MARKS) this.#marks.shift();
    }
  }

  /** What is known stays when it is not found again; of two blocks with one number the one that was read last counts. */
  #add(found: Events<TAbi, TName>): void {
    const hashes = new Map(found.map(({ blockNumber, blockHash }) => [blockNumber, blockHash]));
    const kept = this.#events.filter(({ blockNumber }) => !hashes.has(blockNumber));
    this.#events = [...kept, ...found].sort((a, b) => Number(a.blockNumber - b.blockNumber) || a.logIndex - b.logIndex) as unknown as Events<TAbi, TName>;
  }

  async #goBack(): Promise<void> {
    const before = this.#marks.length;
    for (let mark = this.#marks.at(-1); mark !== undefined && (await hashOf(this.#parameters.client, mark.number)) !== mark.hash; mark = this.#marks.at(-1)) this.#marks.pop();
    if (this.#marks.length === before) return;
    const last = this.#marks.at(-1)?.number ?? -1n;
    this.#events = this.#events.filter(({ blockNumber }) => blockNumber <= last) as unknown as Events<TAbi, TName>;
  }
}

/** Undefined when the chain has no such block (any more). */
async function hashOf(client: ChainPublicClient, blockNumber: bigint): Promise<Hex | undefined> {
  try {
    return (await client.getBlock({ blockNumber })).hash;
  } catch (error) {
    if (error instanceof Error && error.name === 'BlockNotFoundError') return undefined;
    throw error;
  }
}
