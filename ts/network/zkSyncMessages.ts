import { type Abi, type Address, type Hex, hexToBigInt, hexToNumber, isAddressEqual, keccak256, padHex } from 'viem';
import { RollupError } from '../base/errors.ts';
import { type ChainPublicClient, type Endpoint, publicClient } from '../chain/clients.ts';
import type { ChainDeployment } from '../chain/deployments.ts';
import { l1MessengerAbi, zkSyncL1GatewayAbi } from '../chain/generated/abi.ts';
import { receiptStatus } from '../chain/lookups.ts';
import { EventScan } from './eventScan.ts';
import { contentOf, type MessageSource } from './message.ts';
import { messageSource, type SentMessage } from './messageSource.ts';

export interface ZkSyncMessagesParameters {
  chain: ChainDeployment;
  l1Messenger: Address;
  /** The arbitrator's network. */
  ethereum: Endpoint;
  /** First block of Ethereum that can hold events of the deployment. */
  ethereumStart: bigint;
  /** Whether a claim of a message to Ethereum would change nothing any more. */
  isPointless(message: { content: string }): Promise<boolean>;
}

/** Messages of our gateways to zkSync. Its sequencer executes them, once and for good; nobody claims anything. */
export function zkSyncDown({ chain, ethereum, ethereumStart }: Omit<ZkSyncMessagesParameters, 'l1Messenger' | 'isPointless'>): MessageSource {
  const l2 = publicClient(chain);
  const scan = new EventScan({ client: publicClient(ethereum), abi: zkSyncL1GatewayAbi, address: chain.l1Gateway, eventName: 'TransactionRequested', fromBlock: ethereumStart });
  return messageSource<Hex>({
    chain: chain.name,
    direction: 'down',
    async read() {
      await scan.refresh();
      return scan.events.map(({ args: { canonicalTxHash }, transactionHash, blockNumber }) => ({ id: canonicalTxHash, content: 'priority transaction', transaction: transactionHash, block: blockNumber, event: canonicalTxHash }));
    },
    async stage({ event: hash }) {
      const status = await receiptStatus(l2, hash);
      if (status === undefined) return { stage: 'sent', waitsFor: `zkSync to execute it, once its block on ${ethereum.name} is final` };
      if (status === 'success') return { stage: 'delivered', waitsFor: undefined };
      return { stage: 'failed', waitsFor: 'it failed for good; anyone can have the arbitrator send it again (sendConfirmation, sendHalt)' };
    },
    claim: () => Promise.reject(new RollupError('Messages to zkSync are executed by its sequencer, nobody claims them')),
  });
}

/** A message in L1Messenger's events. */
interface SentToL1 {
  message: Hex;
  transaction: Hex;
  /** Among the messages of its transaction with the same content. */
  copy: number;
}

/** Messages of our gateways from zkSync. zkSync executes their batch on Ethereum after some hours; then anyone presents them to our gateway, with a proof. */
export function zkSyncUp({ chain, l1Messenger, ethereum, isPointless }: Omit<ZkSyncMessagesParameters, 'ethereumStart'>): MessageSource {
  const l1 = publicClient(ethereum);
  const l2 = publicClient(chain);
  const gateway = { abi: zkSyncL1GatewayAbi, address: chain.l1Gateway } as const;
  const scan = new EventScan({ client: l2, abi: l1MessengerAbi, address: l1Messenger, eventName: 'L1MessageSent', args: { _sender: chain.gateway }, fromBlock: BigInt(chain.deployedAtBlock) });
  return messageSource<SentToL1>({
    chain: chain.name,
    direction: 'up',
    isPointless,
    async read() {
      await scan.refresh();
      const copies = new Map<string, number>();
      return scan.events.map(({ args: { _message }, transactionHash, blockNumber }): SentMessage<SentToL1> => {
        const key = `${transactionHash} ${_message}`;
        const copy = copies.get(key) ?? 0;
        copies.set(key, copy + 1);
        const event = { message: _message, transaction: transactionHash, copy };
        return { id: `${transactionHash}:${keccak256(_message)}:${copy}`, content: contentOf(_message), transaction: transactionHash, block: blockNumber, event };
      });
    },
    async stage({ event }) {
      const { batch, logIndex } = await placeOf({ l2, l1Messenger, sender: chain.gateway, ...event });
      if (batch === undefined) return { stage: 'sent', waitsFor: 'zkSync to seal the batch of its block' };
      const proof = await logProof(l2, event.transaction, logIndex);
      if (proof === undefined) return { stage: 'sent', waitsFor: `zkSync to execute batch ${batch} on ${ethereum.name}` };
      const isDelivered = await l1.readContract({ ...gateway, functionName: 'isMessageFinalized', args: [batch, BigInt(proof.id)] });
      return isDelivered ? { stage: 'delivered', waitsFor: undefined } : { stage: 'claimable', waitsFor: `finalizeMessage on ${ethereum.name}` };
    },
    async claim({ event }) {
      const { batch, logIndex, numberInBatch } = await placeOf({ l2, l1Messenger, sender: chain.gateway, ...event });
      const proof = batch === undefined ? undefined : await logProof(l2, event.transaction, logIndex);
      if (batch === undefined || proof === undefined) {
        throw new RollupError('zkSync gives no proof of this message', {
          facts: { transaction: event.transaction, batch },
          hint: 'Its batch is not executed any more, or the RPC is behind: try again later.',
        });
      }
      return { endpoint: ethereum, address: chain.l1Gateway, abi: zkSyncL1GatewayAbi as Abi, functionName: 'finalizeMessage', args: [batch, BigInt(proof.id), numberInBatch, event.message, proof.proof] };
    },
  });
}

/** What a receipt of zkSync's nodes has besides Ethereum's. */
interface ZkSyncReceipt {
  l1BatchNumber?: Hex | null;
  l1BatchTxIndex?: Hex | null;
  l2ToL1Logs?: readonly { sender: Address; key: Hex; value: Hex }[];
}

interface Place {
  /** Undefined while its block is in none. */
  batch: bigint | undefined;
  /** Of the transaction in its batch. */
  numberInBatch: number;
  /** Of the message's log among all logs to Ethereum of its transaction. */
  logIndex: number;
}

/** Where a message is, as zkSync's node says. */
async function placeOf({ l2, l1Messenger, sender, message, transaction, copy }: SentToL1 & { l2: ChainPublicClient; l1Messenger: Address; sender: Address }): Promise<Place> {
  const receipt = await request<ZkSyncReceipt | null>(l2, 'eth_getTransactionReceipt', [transaction]);
  const [key, value] = [padHex(sender, { size: 32 }).toLowerCase(), keccak256(message)];
  const own = (receipt?.l2ToL1Logs ?? []).flatMap((log, i) => (isAddressEqual(log.sender, l1Messenger) && log.key.toLowerCase() === key && log.value.toLowerCase() === value ? [i] : []));
  const logIndex = own[copy];
  if (receipt === null || logIndex === undefined) {
    throw new RollupError("A message is not in its transaction's receipt", {
      facts: { transaction, expected: `log ${copy + 1} of L1Messenger with value ${value}`, actual: receipt === null ? 'no receipt' : `${own.length} such log(s)` },
      hint: `The RPC of ${l2.chain.name} must be a zkSync node: one that answers zks_ methods.`,
    });
  }
  const { l1BatchNumber, l1BatchTxIndex } = receipt;
  return { batch: l1BatchNumber ? hexToBigInt(l1BatchNumber) : undefined, numberInBatch: l1BatchTxIndex ? hexToNumber(l1BatchTxIndex) : 0, logIndex };
}

/** Undefined until the batch is executed on Ethereum. */
async function logProof(l2: ChainPublicClient, transaction: Hex, logIndex: number): Promise<{ id: number; proof: Hex[] } | undefined> {
  return (await request<{ id: number; proof: Hex[] } | null>(l2, 'zks_getL2ToL1LogProof', [transaction, logIndex])) ?? undefined;
}

async function request<T>(client: ChainPublicClient, method: string, params: readonly unknown[]): Promise<T> {
  return (await client.request({ method, params } as never)) as T;
}
