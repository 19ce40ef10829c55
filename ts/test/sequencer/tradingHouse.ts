import { Auditor } from '../../sequencer/auditor.ts';
import { requestHashOf, type PriorityEvent } from '../../sequencer/events.ts';
import { openFileStore } from '../../sequencer/fileStore.ts';
import { Mempool } from '../../sequencer/mempool.ts';
import { PairDesk } from '../../sequencer/pairDesk.ts';
import { Producer } from '../../sequencer/producer.ts';
import { refusalReason } from '../../sequencer/refusal.ts';
import { restoreTip } from '../../sequencer/sealer.ts';
import type { BlockRecord, PairRequest, Store, Submission } from '../../sequencer/store.ts';
import { context, operator } from '../../sequencer/testSupport.ts';

export interface TradingHouseOptions {
  dataDir: string;
  /** By chain index: deposits that are there from the beginning. */
  requests: PriorityEvent[][];
}

/**
 * The part of a sequencer between API and chains: file store, mempool, desk for pairs, producer and auditor, on a clock that a test moves.
 * `restart` forgets all but the files, as a crash does.
 */
export class TradingHouse {
  readonly #options: TradingHouseOptions;
  /** Seconds. */
  now = 1_000_000;
  store!: Store;
  mempool!: Mempool;
  desk!: PairDesk;
  producer!: Producer;
  /** Lives on: it is nobody's memory but the chains'. */
  readonly auditor: Auditor;

  private constructor(options: TradingHouseOptions) {
    this.#options = options;
    this.auditor = new Auditor({
      ...context, operator, verifyProof: async () => true,
      readRequest: async ({ chainIndex, requestId }) => {
        const event = options.requests[chainIndex]?.[requestId];
        return event === undefined ? null : requestHashOf(event);
      },
    });
  }

  static async start(options: TradingHouseOptions): Promise<TradingHouse> {
    const house = new TradingHouse(options);
    await house.#open();
    return house;
  }

  async restart(): Promise<void> {
    await this.store.close();
    await this.#open();
  }

  async #open(): Promise<void> {
    const { dataDir, requests } = this.#options;
    const now = (): number => this.now * 1000;
    this.store = await openFileStore({ dataDir });
    const tip = await restoreTip({ context, store: this.store });
    this.mempool = new Mempool({ deploymentId: context.deploymentId, state: () => this.producer.tip.state, operator, now });
    this.desk = new PairDesk({ store: this.store, requests: await this.store.requestedPairs(), state: () => this.producer.tip.state, isRegistered: async (_, token) => token <= 2 });
    this.producer = new Producer({
      context, tip, store: this.store, mempool: this.mempool, operator, now, requests: () => requests, pairs: () => this.desk.pending(), provable: () => Infinity,
      chainNames: ['a', 'b', 'c'], policy: { blockIntervalMs: 3000 },
    });
    for (const { id, transaction } of await this.store.pendingTransactions()) this.mempool.add({ id, transaction });
  }

  /** @returns the id, or the reason of the refusal */
  async submit(submission: Submission): Promise<{ id: string } | { refused: string }> {
    try {
      const { id, transaction, known, signer } = this.mempool.check(submission);
      if (!known) {
        await this.store.acceptTransaction({ id, transaction });
        this.mempool.add({ id, transaction, ...(signer === undefined ? {} : { signer }) });
      }
      return { id };
    } catch (error) {
      const refused = refusalReason(error);
      if (refused === null) throw error;
      return { refused };
    }
  }

  async openPair(pair: PairRequest): Promise<void> {
    await this.desk.request(pair);
  }

  /** Lets some seconds pass, seals what it is time for, and audits it. */
  async tick(seconds = 3): Promise<BlockRecord[]> {
    const blocks = [await this.producer.tick()];
    this.now += seconds;
    blocks.push(await this.producer.tick());
    const sealed = blocks.filter((block) => block !== null);
    for (const block of sealed) await this.auditor.auditBlock(block);
    return sealed;
  }
}
