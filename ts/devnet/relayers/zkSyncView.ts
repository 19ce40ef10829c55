import { type Address, getAddress, type Hex, isAddressEqual, numberToHex } from 'viem';
import type { ChainPublicClient } from '../../chain/clients.ts';
import { zkSyncChainAbi, zkSyncL1GatewayAbi } from '../../chain/generated/abi.ts';
import { EraHistory, type EraTransaction } from './eraHistory.ts';
import type { Message, Place } from './message.ts';
import { ServiceEvents } from './serviceEvents.ts';
import { BatchMismatch, type EraBatch, EraBatches } from './zkSyncBatches.ts';
import { BridgeClaims, readWithdrawal } from './zkSyncBridge.ts';

export interface ZkSyncServices {
  /** Name of the zkSync chain. */
  chainName: string;
  l1: ChainPublicClient;
  /** The chain's contract on Ethereum. */
  diamond: Address;
  /** Through it the bridges of the network are found. */
  bridgehub: Address;
  l1Gateway: Address;
  /** The node itself, not its front. */
  l2: ChainPublicClient;
  l2Gateway: Address;
}

/** A transaction that was requested on Ethereum. */
export interface PriorityRequest extends Message {
  /** Id of the transaction. */
  number: bigint;
  gasLimit: bigint;
  /** Wei for a unit of gas. */
  gasPrice: bigint;
  refundRecipient: Address;
  /** Hash by which the node knows its execution; undefined before. */
  executed: Hex | undefined;
}

/** A message to Ethereum. */
export interface MessageFromZkSync extends Message {
  /** The batch that holds it; undefined before it is committed. */
  batch: EraBatch | undefined;
  txNumberInBatch: number;
}

interface BatchPlaces {
  committed: Map<bigint, Place>;
  proved: Map<bigint, Place>;
  executed: Map<bigint, Place>;
}

/** Every message between Ethereum and one local zkSync chain, read from the two chains. */
export class ZkSyncView {
  readonly services: ZkSyncServices;
  readonly history: EraHistory;
  readonly #batches: EraBatches;
  readonly #l1: ServiceEvents<typeof zkSyncChainAbi>;
  readonly #gateway: ServiceEvents<typeof zkSyncL1GatewayAbi>;
  readonly #bridge: BridgeClaims;
  #known: { versions: string; down: PriorityRequest[] } | undefined;
  /** What was read when neither the contract's events nor the chain's blocks were others than now. */
  #read: { versions: string; batches: readonly EraBatch[] } | undefined;

  constructor(services: ZkSyncServices) {
    const { l1, l2, diamond, l1Gateway, bridgehub } = services;
    this.services = services;
    this.history = new EraHistory(l2);
    this.#batches = new EraBatches({ l1, diamond, l2, history: this.history, zkSyncChainId: l2.chain.id });
    this.#l1 = new ServiceEvents({ client: l1, abi: zkSyncChainAbi, address: diamond });
    this.#gateway = new ServiceEvents({ client: l1, abi: zkSyncL1GatewayAbi, address: l1Gateway });
    this.#bridge = new BridgeClaims({ l1, bridgehub, zkSyncChainId: l2.chain.id });
  }

  async refresh(): Promise<void> {
    await Promise.all([this.#l1.refresh(), this.#gateway.refresh(), this.#bridge.refresh(), this.history.refresh()]);
  }

  /**
   * The committed batches of the last `refresh`, in order of number.
   * @throws BatchMismatch when one is not what the blocks of the chain give
   */
  async batches(): Promise<readonly EraBatch[]> {
    const versions = `${this.#l1.version} ${this.history.version}`;
    if (this.#read?.versions !== versions) this.#read = { versions, batches: await this.#batches.read() };
    return this.#read.batches;
  }

  /** The committed batches up to the first that is not what the blocks of the chain give. */
  async rightBatches(): Promise<readonly EraBatch[]> {
    try {
      return await this.batches();
    } catch (error) {
      if (error instanceof BatchMismatch) return error.known;
      throw error;
    }
  }

  /** In order of id. */
  get down(): readonly PriorityRequest[] {
    const versions = `${this.#l1.version} ${this.history.version}`;
    if (this.#known?.versions !== versions) this.#known = { versions, down: this.#readDown() };
    return this.#known.down;
  }

  #readDown(): PriorityRequest[] {
    return this.#l1.of('NewPriorityRequest').map((event) => {
      const { txId, txHash, transaction } = event.args;
      const { from, to, value, data, gasLimit, maxFeePerGas, reserved } = transaction;
      const found = this.history.find(txHash);
      const done = found?.transaction.priority === undefined ? undefined : this.#place(found.transaction.priority.success ? 'executed' : 'failed', found.block, found.transaction);
      return {
        ...{ chain: this.services.chainName, service: 'zksync', direction: 'down', hash: txHash, number: txId },
        ...{ from: addressOf(from), to: addressOf(to), value, fee: reserved[0] - value, data, gasLimit, gasPrice: maxFeePerGas, refundRecipient: addressOf(reserved[1]) },
        executed: found?.transaction.hash,
        places: done === undefined ? [this.#l1.place('sent', event)] : [this.#l1.place('sent', event), done],
      };
    });
  }

  /** In the order in which they were sent. */
  up(batches: readonly EraBatch[]): MessageFromZkSync[] {
    const places = this.#batchPlaces();
    const claimed = new Map(this.#gateway.of('MessageFinalized').map((event) => [`${event.args.batchNumber}:${event.args.index}`, this.#gateway.place('claimed', event)]));
    return this.history.blocks.flatMap((block) => {
      const batch = batches.find(({ firstBlock, lastBlock }) => firstBlock <= block.number && block.number <= lastBlock);
      return block.transactions.flatMap((transaction) => {
        const sent = this.#place('sent', block, transaction);
        return transaction.messages.map((message, n): MessageFromZkSync => {
          const place = batch === undefined ? undefined : placeInBatch(batch, transaction, n);
          const { batchNumber } = batch?.info ?? { batchNumber: 0n };
          const isOurs = isAddressEqual(message.sender, this.services.l2Gateway);
          const mine = place === undefined ? undefined : isOurs ? claimed.get(`${batchNumber}:${place.index}`) : this.#bridge.find(batchNumber, place.index);
          const { to, value } = readWithdrawal(message) ?? { to: isOurs ? this.services.l1Gateway : message.sender, value: 0n };
          const later = place === undefined ? [] : [places.committed.get(batchNumber), places.proved.get(batchNumber), places.executed.get(batchNumber), mine];
          return {
            ...{ chain: this.services.chainName, service: 'zksync', direction: 'up', hash: message.hash, number: place === undefined ? undefined : BigInt(place.index) },
            ...{ from: message.sender, to, value, fee: 0n, data: message.message },
            ...{ batch: place === undefined ? undefined : batch, txNumberInBatch: place?.txNumberInBatch ?? 0 },
            places: [sent, ...later.filter((entry) => entry !== undefined)],
          };
        });
      });
    });
  }

  /** Timestamp of the proof of a batch. */
  provedAt(batchNumber: bigint): bigint | undefined {
    return this.#batchPlaces().proved.get(batchNumber)?.timestamp;
  }

  /** Last block of the last executed batch; undefined when there is none. */
  async lastExecutedBlock(): Promise<bigint | undefined> {
    await this.refresh();
    const { executed } = this.#batchPlaces();
    return (await this.rightBatches()).findLast(({ info }) => executed.has(info.batchNumber))?.lastBlock;
  }

  #batchPlaces(): BatchPlaces {
    // A batch may be reverted and committed again: the last event counts.
    return {
      committed: new Map(this.#l1.of('BlockCommit').map((event) => [event.args.batchNumber, this.#l1.place('committed', event)])),
      proved: this.#proofs(),
      executed: new Map(this.#l1.of('BlockExecution').map((event) => [event.args.batchNumber, this.#l1.place('executed', event)])),
    };
  }

  #proofs(): Map<bigint, Place> {
    const reverts = this.#l1.of('BlocksRevert');
    const isAfter = (a: Located, b: Located): boolean => a.blockNumber > b.blockNumber || (a.blockNumber === b.blockNumber && a.logIndex > b.logIndex);
    return new Map(
      this.#l1
        .of('BlocksVerification')
        .filter((event) => !reverts.some((revert) => isAfter(revert, event) && revert.args.totalBatchesVerified < event.args.currentLastVerifiedBatch))
        .map((event) => [event.args.currentLastVerifiedBatch, this.#l1.place('proved', event)]),
    );
  }

  #place(stage: Place['stage'], { number, timestamp }: { number: bigint; timestamp: bigint }, { hash }: EraTransaction): Place {
    return { stage, chain: this.services.chainName, block: number, transaction: hash, timestamp };
  }
}

interface Located {
  blockNumber: bigint;
  logIndex: number;
}

/** Where the `n`-th message of a transaction lies in its batch. */
function placeInBatch({ contents }: EraBatch, { hash }: EraTransaction, n: number): { index: number; txNumberInBatch: number } | undefined {
  return contents.messages.filter((message) => message.transaction === hash)[n];
}

function addressOf(word: bigint): Address {
  return getAddress(numberToHex(word, { size: 20 }));
}
