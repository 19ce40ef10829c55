import { type Abi, type Address, decodeFunctionData, type Hex, isAddressEqual, parseAbi, parseEventLogs, TransactionReceiptNotFoundError, zeroAddress } from 'viem';
import { RollupError } from '../base/errors.ts';
import { type ChainPublicClient, type Endpoint, publicClient } from '../chain/clients.ts';
import type { ChainDeployment } from '../chain/deployments.ts';
import { l2MessageServiceAbi, lineaRollupAbi } from '../chain/generated/abi.ts';
import { readEvents } from '../chain/logs.ts';
import { type LineaPosition, lineaPosition } from '../devnet/relayers/lineaTree.ts';
import type { SentArgs } from '../devnet/relayers/lineaView.ts';
import { EventScan } from './eventScan.ts';
import { contentOf, type MessageSource } from './message.ts';
import { messageSource, type SentMessage } from './messageSource.ts';

export interface LineaMessagesParameters {
  chain: ChainDeployment;
  services: { l1Service: Address; l2Service: Address };
  /** The arbitrator's network. */
  ethereum: Endpoint;
  /** First block of Ethereum that can hold events of the deployment. */
  ethereumStart: bigint;
  /** Whether a claim of a message to Ethereum would change nothing any more. */
  isPointless(message: { content: string }): Promise<boolean>;
}

/** `inboxL1L2MessageStatus` of a message. */
const ANCHORED = 1n;
const CLAIMED = 2n;

/** Messages of our gateways to Linea. Linea anchors them when Ethereum has finalized their block; then anyone claims them on Linea. */
export function lineaDown({ chain, services, ethereum, ethereumStart }: Omit<LineaMessagesParameters, 'isPointless'>): MessageSource {
  const l2 = publicClient(chain);
  const filter = { abi: lineaRollupAbi, address: services.l1Service, eventName: 'MessageSent', args: { _from: chain.l1Gateway, _to: chain.gateway } } as const;
  const scan = new EventScan({ ...filter, client: publicClient(ethereum), fromBlock: ethereumStart });
  return messageSource<SentArgs>({
    chain: chain.name,
    direction: 'down',
    async read() {
      await scan.refresh();
      return scan.events.map(sentMessage);
    },
    async stage({ event: args }) {
      const status = await l2.readContract({ abi: l2MessageServiceAbi, address: services.l2Service, functionName: 'inboxL1L2MessageStatus', args: [args._messageHash] });
      if (status === CLAIMED) return { stage: 'delivered', waitsFor: undefined };
      if (status === ANCHORED) return { stage: 'claimable', waitsFor: `a claim on ${chain.name}` };
      return { stage: 'sent', waitsFor: `Linea to anchor it, once its block on ${ethereum.name} is final` };
    },
    async claim({ event: { _from, _to, _fee, _value, _calldata, _nonce } }) {
      const args = [_from, _to, _fee, _value, zeroAddress, _calldata, _nonce];
      return { endpoint: endpointOf(chain), address: services.l2Service, abi: l2MessageServiceAbi as Abi, functionName: 'claimMessage', args };
    },
  });
}

/** Messages of our gateways from Linea. Linea finalizes their blocks on Ethereum after some hours; then anyone claims them there, with a proof. */
export function lineaUp({ chain, services, ethereum, ethereumStart, isPointless }: LineaMessagesParameters): MessageSource {
  const l1 = publicClient(ethereum);
  const l2 = publicClient(chain);
  const contract = { abi: lineaRollupAbi, address: services.l1Service } as const;
  const filter = { abi: l2MessageServiceAbi, address: services.l2Service, eventName: 'MessageSent', args: { _from: chain.gateway, _to: chain.l1Gateway } } as const;
  const scan = new EventScan({ ...filter, client: l2, fromBlock: BigInt(chain.deployedAtBlock) });
  const finalizations = new Finalizations({ l1, l1Service: services.l1Service, fromBlock: ethereumStart });
  return messageSource<SentArgs>({
    chain: chain.name,
    direction: 'up',
    isPointless,
    async read() {
      await scan.refresh();
      return scan.events.map(sentMessage);
    },
    async stage({ event: args, block }) {
      if (await l1.readContract({ ...contract, functionName: 'isMessageClaimed', args: [args._nonce] })) return { stage: 'delivered', waitsFor: undefined };
      const finalized = await l1.readContract({ ...contract, functionName: 'currentL2BlockNumber' });
      if (finalized >= block) return { stage: 'claimable', waitsFor: `a claim on ${ethereum.name}` };
      return { stage: 'sent', waitsFor: `Linea to finalize block ${block} on ${ethereum.name}; it is at ${finalized}` };
    },
    async claim({ event: { _from, _to, _fee, _value, _calldata, _nonce, _messageHash }, block }) {
      const { proof, leafIndex, root } = await positionOf({ finalizations, l2, services, messageHash: _messageHash, block });
      const args = [{ proof, messageNumber: _nonce, leafIndex, from: _from, to: _to, fee: _fee, value: _value, feeRecipient: zeroAddress, merkleRoot: root, data: _calldata }];
      return { endpoint: ethereum, address: services.l1Service, abi: lineaRollupAbi as Abi, functionName: 'claimMessageWithProof', args };
    },
  });
}

function sentMessage({ args, transactionHash, blockNumber }: { args: SentArgs; transactionHash: Hex; blockNumber: bigint }): SentMessage<SentArgs> {
  return { id: args._messageHash, content: contentOf(gatewayMessage(args._calldata)), transaction: transactionHash, block: blockNumber, event: args };
}

/** The finalization that holds a block of Linea, from Ethereum's events. */
interface Finalization {
  transaction: Hex;
  /** Linea's blocks with messages in it. */
  blocks: readonly bigint[];
  roots: readonly Hex[];
}

/** Finds finalizations. Linea finalizes its blocks in order, so it searches from where it found an earlier block; one that is known it only looks up. */
export class Finalizations {
  readonly #l1: ChainPublicClient;
  readonly #l1Service: Address;
  readonly #fromBlock: bigint;
  /** By block of Linea, where it was found on Ethereum. */
  readonly #known = new Map<bigint, { transaction: Hex; foundAt: bigint }>();

  constructor({ l1, l1Service, fromBlock }: { l1: ChainPublicClient; l1Service: Address; fromBlock: bigint }) {
    this.#l1 = l1;
    this.#l1Service = l1Service;
    this.#fromBlock = fromBlock;
  }

  /** Undefined when there is none. */
  async of(block: bigint): Promise<Finalization | undefined> {
    const known = this.#known.get(block);
    if (known !== undefined) {
      try {
        return await this.#read(known.transaction);
      } catch (error) {
        if (!(error instanceof TransactionReceiptNotFoundError)) throw error;
        // A reorg took it away: another transaction finalizes the block.
        this.#known.delete(block);
      }
    }
    const before = [...this.#known].filter(([other]) => other <= block).map(([, { foundAt }]) => foundAt);
    // Not from that block itself on: a reorg may have moved what was found by a little.
    const start = before.reduce(most, this.#fromBlock + MOVED_BY_REORG) - MOVED_BY_REORG;
    const filter = { abi: lineaRollupAbi, address: this.#l1Service, eventName: 'L2MessagingBlockAnchored', args: { l2Block: block } } as const;
    const [anchored] = await readEvents({ client: this.#l1, ...filter, fromBlock: start });
    if (anchored === undefined) return undefined;
    this.#known.set(block, { transaction: anchored.transactionHash, foundAt: anchored.blockNumber });
    return await this.#read(anchored.transactionHash);
  }

  async #read(transaction: Hex): Promise<Finalization> {
    const { logs } = await this.#l1.getTransactionReceipt({ hash: transaction });
    const own = logs.filter(({ address }) => isAddressEqual(address, this.#l1Service));
    return {
      transaction,
      blocks: parseEventLogs({ abi: lineaRollupAbi, logs: own, eventName: 'L2MessagingBlockAnchored' }).map(({ args }) => args.l2Block),
      roots: parseEventLogs({ abi: lineaRollupAbi, logs: own, eventName: 'L2MerkleRootAdded' }).map(({ args }) => args.l2MerkleRoot),
    };
  }
}

/** Blocks of Ethereum: more than its reorgs have. */
const MOVED_BY_REORG = 128n;

interface PositionParameters {
  finalizations: Finalizations;
  l2: ChainPublicClient;
  services: LineaMessagesParameters['services'];
  messageHash: Hex;
  /** Of Linea. */
  block: bigint;
}

/**
 * Where a message lies in the trees of the finalization that holds its block. The transaction that finalized it names all blocks with messages and
 * all roots; the messages themselves, everybody's, are events on Linea.
 */
async function positionOf({ finalizations, l2, services, messageHash, block }: PositionParameters): Promise<LineaPosition> {
  const finalization = await finalizations.of(block);
  if (finalization === undefined) throw new RollupError(`Block ${block} of Linea was finalized without its messages`, { facts: { service: services.l1Service, message: messageHash } });
  const { blocks, roots, transaction } = finalization;
  const [first, last] = [blocks.reduce(least, block), blocks.reduce(most, block)];
  const sent = await readEvents({ client: l2, abi: l2MessageServiceAbi, address: services.l2Service, eventName: 'MessageSent', fromBlock: first, toBlock: last });
  const found = lineaPosition(sent.map(({ args }) => args._messageHash), messageHash);
  if (found !== undefined && roots.includes(found.root)) return found;
  throw new RollupError(`A message of Linea is not in the finalization of its block`, {
    facts: { message: messageHash, block, transaction, expected: roots, actual: found?.root ?? 'no such message' },
    hint: 'The RPC of Linea may not give all events: name another one.',
  });
}

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const most = (a: bigint, b: bigint): bigint => (a > b ? a : b);

const receiverAbi = parseAbi(['function receiveMessage(bytes message)']);

/** What `receiveMessage` hands to the other gateway. */
function gatewayMessage(calldata: Hex): Hex {
  try {
    return decodeFunctionData({ abi: receiverAbi, data: calldata }).args[0];
  } catch {
    return '0x';
  }
}

function endpointOf({ name, chainId, rpcUrl }: ChainDeployment): Endpoint {
  return { name, chainId, rpcUrl };
}
