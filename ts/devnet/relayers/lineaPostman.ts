import { type Address, type Hex, zeroAddress } from 'viem';
import { RollupError } from '../../base/errors.ts';
import { l2MessageServiceAbi, lineaRollupAbi } from '../../chain/generated/abi.ts';
import { Deliveries, type Delivery } from './deliveries.ts';
import { sentMessages } from './lineaFinalizer.ts';
import { type LineaPosition, lineaPosition } from './lineaTree.ts';
import { LogCursor } from './logCursor.ts';
import type { Log, Relayer } from './relayer.ts';
import type { Sender } from './sender.ts';

export interface LineaPostmanParameters {
  chainName: string;
  l1: Sender;
  l1Service: Address;
  l1Gateway: Address;
  l2: Sender;
  l2Service: Address;
  l2Gateway: Address;
  log: Log;
}

interface Message {
  _from: Address;
  _to: Address;
  _fee: bigint;
  _value: bigint;
  _nonce: bigint;
  _calldata: Hex;
  _messageHash: Hex;
}

/** `inboxL1L2MessageStatus` of a message. */
const ANCHORED = 1n;
const CLAIMED = 2n;

/** Claims our gateways' messages on Linea, once they are anchored. */
export function lineaPostmanDown({ chainName, l1, l1Service, l1Gateway, l2, l2Service, l2Gateway, log }: LineaPostmanParameters): Relayer {
  const name = `${chainName} postman down`;
  const deliveries = new Deliveries({ name, log });
  const cursor = new LogCursor(l1.client);

  const delivery = (message: Message): Delivery => ({
    label: labelOf(message),
    async status() {
      const status = await l2.client.readContract({ abi: l2MessageServiceAbi, address: l2Service, functionName: 'inboxL1L2MessageStatus', args: [message._messageHash] });
      return status === CLAIMED ? 'delivered' : status === ANCHORED ? 'deliverable' : 'unknown';
    },
    async deliver() {
      const { _from, _to, _fee, _value, _calldata, _nonce } = message;
      await l2.send({ abi: l2MessageServiceAbi, address: l2Service, functionName: 'claimMessage', args: [_from, _to, _fee, _value, zeroAddress, _calldata, _nonce] });
    },
  });

  return {
    name,
    async round() {
      await cursor.advance(
        async (fromBlock, toBlock) => {
          const filter = { abi: lineaRollupAbi, address: l1Service, eventName: 'MessageSent', strict: true } as const;
          const events = await l1.client.getContractEvents({ ...filter, args: { _from: l1Gateway, _to: l2Gateway }, fromBlock, toBlock });
          for (const { args } of events) deliveries.add(args._messageHash, delivery(args));
        },
        () => deliveries.clear(),
      );
      return await deliveries.round();
    },
  };
}

/** Claims our gateways' messages on Ethereum with a proof, once they are finalized. Everything that the proof needs is in the two chains' events. */
export function lineaPostmanUp({ chainName, l1, l1Service, l1Gateway, l2, l2Service, l2Gateway, log }: LineaPostmanParameters): Relayer {
  const name = `${chainName} postman up`;
  const deliveries = new Deliveries({ name, log });
  const cursor = new LogCursor(l2.client);

  /** Position of a message in the trees of the finalization that holds its block; undefined when there is none yet. */
  const position = async (message: Message, blockNumber: bigint): Promise<LineaPosition | undefined> => {
    const filter = { abi: lineaRollupAbi, address: l1Service, strict: true } as const;
    const [anchored] = await l1.client.getContractEvents({ ...filter, eventName: 'L2MessagingBlockAnchored', args: { l2Block: blockNumber }, fromBlock: 0n });
    if (anchored === undefined) return undefined;
    const at = { fromBlock: anchored.blockNumber, toBlock: anchored.blockNumber };
    const blocks = (await l1.client.getContractEvents({ ...filter, eventName: 'L2MessagingBlockAnchored', ...at }))
      .filter(({ transactionHash }) => transactionHash === anchored.transactionHash)
      .map(({ args }) => args.l2Block)
      .sort((a, b) => Number(a - b));
    const messages = await sentMessages({ l2: l2.client, l2Service, fromBlock: blocks[0] ?? blockNumber, toBlock: blocks.at(-1) ?? blockNumber });
    const found = lineaPosition(messages.map(({ messageHash }) => messageHash), message._messageHash);
    const roots = (await l1.client.getContractEvents({ ...filter, eventName: 'L2MerkleRootAdded', ...at })).map(({ args }) => args.l2MerkleRoot);
    if (found === undefined || !roots.includes(found.root)) {
      throw new RollupError(`Message ${message._messageHash} is not in the finalization of its block`, { facts: { block: blockNumber, transaction: anchored.transactionHash } });
    }
    return found;
  };

  const delivery = (message: Message, blockNumber: bigint): Delivery => ({
    label: labelOf(message),
    async status() {
      const at = { abi: lineaRollupAbi, address: l1Service } as const;
      if (await l1.client.readContract({ ...at, functionName: 'isMessageClaimed', args: [message._nonce] })) return 'delivered';
      return (await l1.client.readContract({ ...at, functionName: 'currentL2BlockNumber' })) < blockNumber ? 'unknown' : 'deliverable';
    },
    async deliver() {
      const found = await position(message, blockNumber);
      if (found === undefined) throw new RollupError(`Block ${blockNumber} was finalized without its messages`, { facts: { service: l1Service } });
      await l1.send({
        abi: lineaRollupAbi,
        address: l1Service,
        functionName: 'claimMessageWithProof',
        args: [
          {
            proof: found.proof,
            messageNumber: message._nonce,
            leafIndex: found.leafIndex,
            from: message._from,
            to: message._to,
            fee: message._fee,
            value: message._value,
            feeRecipient: zeroAddress,
            merkleRoot: found.root,
            data: message._calldata,
          },
        ],
      });
    },
  });

  return {
    name,
    async round() {
      await cursor.advance(
        async (fromBlock, toBlock) => {
          const filter = { abi: l2MessageServiceAbi, address: l2Service, eventName: 'MessageSent', strict: true } as const;
          const events = await l2.client.getContractEvents({ ...filter, args: { _from: l2Gateway, _to: l1Gateway }, fromBlock, toBlock });
          for (const { args, blockNumber } of events) deliveries.add(args._messageHash, delivery(args, blockNumber));
        },
        () => deliveries.clear(),
      );
      return await deliveries.round();
    },
  };
}

function labelOf({ _nonce, _messageHash }: Message): string {
  return `message ${_nonce} (${_messageHash.slice(0, 10)}…)`;
}
