import { type Address, type Hex, zeroHash } from 'viem';
import type { ChainPublicClient } from '../../chain/clients.ts';
import { l2MessageServiceAbi, lineaRollupAbi } from '../../chain/generated/abi.ts';
import type { Message, Place } from './message.ts';
import { ServiceEvents } from './serviceEvents.ts';

export interface LineaServices {
  /** Name of the Linea chain. */
  chainName: string;
  l1: ChainPublicClient;
  l1Service: Address;
  l2: ChainPublicClient;
  l2Service: Address;
}

/** A message to Linea. */
export interface MessageDown extends Message {
  number: bigint;
  /** After it, as Ethereum computed it. */
  rollingHash: Hex;
}

/** A message from Linea. */
export interface MessageUp extends Message {
  number: bigint;
}

/** One call that finalized blocks of Linea on Ethereum. */
export interface Finalization {
  firstBlock: bigint;
  lastBlock: bigint;
  roots: Hex[];
  transaction: Hex;
}

export interface FinalizedState {
  /** Seconds. */
  timestamp: bigint;
  /** Last message from Ethereum that was anchored by then; 0 without any. */
  messageNumber: bigint;
  rollingHash: Hex;
}

interface Moment {
  versions: string;
  down: MessageDown[];
  up: MessageUp[];
  finalizations: Finalization[];
  roots: Set<Hex>;
}

/** Every message between Ethereum and one Linea chain, read from the events of the two services. */
export class LineaView {
  readonly services: LineaServices;
  readonly #l1: ServiceEvents<typeof lineaRollupAbi>;
  readonly #l2: ServiceEvents<typeof l2MessageServiceAbi>;
  #moment: Moment | undefined;

  constructor(services: LineaServices) {
    this.services = services;
    this.#l1 = new ServiceEvents({ client: services.l1, abi: lineaRollupAbi, address: services.l1Service });
    this.#l2 = new ServiceEvents({ client: services.l2, abi: l2MessageServiceAbi, address: services.l2Service });
  }

  async refresh(): Promise<void> {
    await Promise.all([this.#l1.refresh(), this.#l2.refresh()]);
  }

  /** In order of message number. */
  get down(): readonly MessageDown[] {
    return this.#read().down;
  }

  /** In the order in which they were sent. */
  get up(): readonly MessageUp[] {
    return this.#read().up;
  }

  get finalizations(): readonly Finalization[] {
    return this.#read().finalizations;
  }

  /** What Ethereum knows of Linea's last finalized block, which the next finalization must repeat. */
  get finalizedState(): FinalizedState {
    const last = this.#l1.of('FinalizedStateUpdated').at(-1)?.args;
    if (last === undefined) return { timestamp: this.#l1.of('LineaRollupBaseInitialized')[0]?.args.initializationData.genesisTimestamp ?? 0n, messageNumber: 0n, rollingHash: zeroHash };
    const { timestamp, messageNumber } = last;
    return { timestamp, messageNumber, rollingHash: this.down.find(({ number }) => number === messageNumber)?.rollingHash ?? zeroHash };
  }

  /** Whether Ethereum has this root of messages from Linea. */
  hasRoot(root: Hex): boolean {
    return this.#read().roots.has(root);
  }

  #read(): Moment {
    const versions = `${this.#l1.version} ${this.#l2.version}`;
    if (this.#moment?.versions !== versions) {
      this.#moment = { versions, down: this.#readDown(), up: this.#readUp(), finalizations: this.#readFinalizations(), roots: new Set(this.#l1.of('L2MerkleRootAdded').map(({ args }) => args.l2MerkleRoot)) };
    }
    return this.#moment;
  }

  #readDown(): MessageDown[] {
    const rollingHashes = new Map(this.#l1.of('RollingHashUpdated').map(({ args }) => [args.messageNumber, args.rollingHash]));
    const anchored = new Map<Hex, Place>();
    for (const event of this.#l2.of('L1L2MessageHashesAddedToInbox')) for (const hash of event.args.messageHashes) anchored.set(hash, this.#l2.place('anchored', event));
    const claimed = new Map(this.#l2.of('MessageClaimed').map((event) => [event.args._messageHash, this.#l2.place('claimed', event)]));
    return this.#l1.of('MessageSent').map((event) => ({
      ...this.#message('down', event.args, [this.#l1.place('sent', event), anchored.get(event.args._messageHash), claimed.get(event.args._messageHash)]),
      rollingHash: rollingHashes.get(event.args._nonce) ?? '0x',
    }));
  }

  #readUp(): MessageUp[] {
    const finalized = new Map(this.#l1.of('L2MessagingBlockAnchored').map((event) => [event.args.l2Block, this.#l1.place('finalized', event)]));
    const claimed = new Map(this.#l1.of('MessageClaimed').map((event) => [event.args._messageHash, this.#l1.place('claimed', event)]));
    return this.#l2.of('MessageSent').map((event) => this.#message('up', event.args, [this.#l2.place('sent', event), finalized.get(event.blockNumber), claimed.get(event.args._messageHash)]));
  }

  #readFinalizations(): Finalization[] {
    const roots = this.#l1.of('L2MerkleRootAdded');
    return this.#l1.of('DataFinalizedV3').map(({ args, transactionHash }) => ({
      firstBlock: args.startBlockNumber,
      lastBlock: args.endBlockNumber,
      roots: roots.filter((root) => root.transactionHash === transactionHash).map((root) => root.args.l2MerkleRoot),
      transaction: transactionHash,
    }));
  }

  #message(direction: 'up' | 'down', { _from, _to, _fee, _value, _nonce, _calldata, _messageHash }: SentArgs, [sent, ...later]: [Place, ...(Place | undefined)[]]): Message & { number: bigint } {
    return {
      ...{ chain: this.services.chainName, service: 'linea', direction, hash: _messageHash, number: _nonce },
      ...{ from: _from, to: _to, value: _value, fee: _fee, data: _calldata },
      places: [sent, ...later.filter((place) => place !== undefined)],
    };
  }
}

/** MessageSent, the same on both services. */
export interface SentArgs {
  _from: Address;
  _to: Address;
  _fee: bigint;
  _value: bigint;
  _nonce: bigint;
  _calldata: Hex;
  _messageHash: Hex;
}
