import { type Hex, hexToBigInt, numberToHex } from 'viem';
import { clientHashOf, eip712HashOfPending, type EraPlace, TAG_GAS } from '../relayers/eraHistory.ts';
import { EIP712_TYPE } from './eip712Transaction.ts';
import type { EraMoment, EraView } from './eraView.ts';

/** A JSON object of the node's. */
export type RpcObject = Record<string, unknown>;

/** Type byte of transactions that come from Ethereum. */
export const PRIORITY_TYPE = '0xff';

/** All that Era's node tells subscribers of a new block: of batches nothing, which do not hold the block yet. */
const HEADER = [
  ...['hash', 'parentHash', 'sha3Uncles', 'miner', 'stateRoot', 'transactionsRoot', 'receiptsRoot', 'number', 'gasUsed', 'gasLimit', 'baseFeePerGas'],
  ...['extraData', 'logsBloom', 'timestamp', 'difficulty'],
];

/** A block as subscribers to new heads get it. */
export function headerOf(block: RpcObject): RpcObject {
  return { ...Object.fromEntries(HEADER.map((field) => [field, block[field]])), mixHash: null, nonce: null };
}

/** Gives the node's answers what Era's have and hashes that clients know. */
export class EraDress {
  readonly #view: EraView;
  readonly #moment: EraMoment;

  constructor(view: EraView, moment: EraMoment) {
    this.#view = view;
    this.#moment = moment;
  }

  block(block: RpcObject): RpcObject {
    const number = block['number'] === null ? undefined : hexToBigInt(block['number'] as Hex);
    const batch = number === undefined ? undefined : this.#moment.batches.findLast(({ firstBlock, lastBlock }) => firstBlock <= number && number <= lastBlock);
    const transactions = (block['transactions'] as (string | RpcObject)[]).map((entry) => (typeof entry === 'string' ? this.hash(entry as Hex) : this.transaction(entry)));
    return {
      ...block,
      transactions,
      l1BatchNumber: batch === undefined ? null : numberToHex(batch.info.batchNumber),
      l1BatchTimestamp: batch === undefined ? null : numberToHex(batch.info.timestamp),
    };
  }

  transaction(transaction: RpcObject): RpcObject {
    const place = this.#view.history.find(transaction['hash'] as Hex);
    const dressed = { ...transaction, hash: this.hash(transaction['hash'] as Hex), ...this.#batchFields(place) };
    if (place === undefined) return waiting(transaction, dressed);
    const type = typeOf(place);
    if (type === undefined) return dressed;
    const { accessList: _tag, ...rest } = dressed as RpcObject;
    // The nonce of a priority transaction is its number; they are executed in order.
    const nonce = place.transaction.priority === undefined ? rest['nonce'] : numberToHex([...this.#view.history.executed.keys()].indexOf(place.transaction.priority.canonicalTxHash));
    return { ...rest, type, nonce, gas: withoutTag(rest['gas']) };
  }

  receipt(receipt: RpcObject): RpcObject {
    const place = this.#view.history.find(receipt['transactionHash'] as Hex);
    const fields = this.#batchFields(place);
    const logs = (receipt['logs'] as RpcObject[]).map((log, i) => this.#log(log, i));
    const dressed = { ...receipt, transactionHash: this.hash(receipt['transactionHash'] as Hex), logs, ...fields, l2ToL1Logs: this.#l2ToL1Logs(place) };
    const type = place === undefined ? undefined : typeOf(place);
    return type === undefined ? dressed : { ...dressed, type, gasUsed: withoutTag(receipt['gasUsed']), cumulativeGasUsed: withoutTag(receipt['cumulativeGasUsed']) };
  }

  /** @param firstLogIndex of the transaction's logs in its block */
  log(log: RpcObject, firstLogIndex: number): RpcObject {
    return this.#log(log, Number(log['logIndex']) - firstLogIndex);
  }

  hash(hash: Hex): Hex {
    const place = this.#view.history.find(hash);
    return place === undefined ? hash : clientHashOf(place.transaction);
  }

  #log(log: RpcObject, transactionLogIndex: number): RpcObject {
    const place = this.#view.history.find(log['transactionHash'] as Hex);
    const { l1BatchNumber } = this.#batchFields(place);
    return { ...log, transactionHash: this.hash(log['transactionHash'] as Hex), l1BatchNumber, transactionLogIndex: numberToHex(transactionLogIndex), logType: null };
  }

  /** Null until the transaction's batch is sealed. */
  #batchFields(place: EraPlace | undefined): { l1BatchNumber: Hex | null; l1BatchTxIndex: Hex | null } {
    const inBatch = place === undefined ? undefined : this.#view.inBatch(this.#moment, place);
    if (inBatch === undefined) return { l1BatchNumber: null, l1BatchTxIndex: null };
    return { l1BatchNumber: numberToHex(inBatch.batch.info.batchNumber), l1BatchTxIndex: numberToHex(inBatch.txNumberInBatch) };
  }

  #l2ToL1Logs(place: EraPlace | undefined): RpcObject[] {
    if (place === undefined) return [];
    const { block, index, transaction } = place;
    const { l1BatchNumber, l1BatchTxIndex } = this.#batchFields(place);
    const before = block.transactions.slice(0, index).reduce((sum, { messages, priority }) => sum + messages.length + (priority === undefined ? 0 : 1), 0);
    return this.#view.logsOf(place).map(({ sender, key, value }, i) => ({
      blockHash: block.hash,
      blockNumber: numberToHex(block.number),
      l1BatchNumber,
      logIndex: numberToHex(before + i),
      transactionIndex: numberToHex(index),
      transactionHash: clientHashOf(transaction),
      transactionLogIndex: numberToHex(i),
      txIndexInL1Batch: l1BatchTxIndex,
      shardId: '0x0',
      isService: true,
      sender,
      // Addresses in it would be in mixed case.
      key: key.toLowerCase(),
      value,
    }));
  }
}

/** A transaction that is in no block yet, as its sender knows it. */
function waiting(transaction: RpcObject, dressed: RpcObject): RpcObject {
  const hash = eip712HashOfPending(transaction as unknown as Parameters<typeof eip712HashOfPending>[0]);
  if (hash === undefined) return dressed;
  const { accessList: _tag, ...rest } = dressed;
  return { ...rest, hash, type: EIP712_TYPE, gas: withoutTag(rest['gas']) };
}

function typeOf({ transaction }: EraPlace): string | undefined {
  if (transaction.priority !== undefined) return PRIORITY_TYPE;
  return transaction.eip712Hash === undefined ? undefined : EIP712_TYPE;
}

/** Gas without what the tag in the access list cost. */
function withoutTag(gas: unknown): Hex {
  const value = hexToBigInt(gas as Hex);
  return numberToHex(value > TAG_GAS ? value - TAG_GAS : 0n);
}
