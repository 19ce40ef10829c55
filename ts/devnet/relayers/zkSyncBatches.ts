import { type Address, BlockNotFoundError, decodeFunctionData, encodeAbiParameters, type Hex, keccak256, zeroHash } from 'viem';
import { RollupError } from '../../base/errors.ts';
import type { ChainPublicClient } from '../../chain/clients.ts';
import { zkSyncChainAbi } from '../../chain/generated/abi.ts';
import type { EraContents, EraHistory } from './eraHistory.ts';
import { eraLeaf, eraRoot } from './eraTree.ts';
import { firstBlockOf } from './logCursor.ts';
import { type BatchInfo, committedBatch, storedHashOf } from './zkSyncCalls.ts';

/** Thrown when a committed batch is not what the blocks of the zkSync chain give, so that it cannot be proved or executed. */
export class BatchMismatch extends RollupError {
  /** The batches before it. */
  readonly known: readonly EraBatch[];
  /** What was committed; undefined when that cannot be read. */
  readonly info: BatchInfo | undefined;

  constructor(message: string, { known, info, facts }: { known: readonly EraBatch[]; info?: BatchInfo; facts: Record<string, unknown> }) {
    super(message, { facts, hint: 'The batcher takes back what is not executed. An executed batch stays: go back to a snapshot of all chains.' });
    this.known = known;
    this.info = info;
  }
}

/** What a batch says of its priority transactions. */
export function priorityHash({ priorityHashes }: Pick<EraContents, 'priorityHashes'>): Hex {
  return priorityHashes.reduce<Hex>((hash, canonicalTxHash) => keccak256(encodeAbiParameters([{ type: 'bytes32' }, { type: 'bytes32' }], [hash, canonicalTxHash])), keccak256('0x'));
}

/** A committed batch. */
export interface EraBatch {
  info: BatchInfo;
  /** Block on zkSync. */
  firstBlock: bigint;
  lastBlock: bigint;
  contents: EraContents;
  /** What the contract remembers of it. */
  storedHash: Hex;
}

export interface ReadBatchesParameters {
  l1: ChainPublicClient;
  diamond: Address;
  l2: ChainPublicClient;
  history: EraHistory;
  zkSyncChainId: number;
}

/**
 * The committed batches, read from Ethereum: BlockCommit names the transaction, whose calldata holds what was committed, whose `newStateRoot` (`batchHash`) is
 * the hash of the batch's last block on zkSync. So a batch's blocks and logs can be found again by anyone who has the two chains.
 */
export class EraBatches {
  readonly #parameters: ReadBatchesParameters;
  readonly #known: EraBatch[] = [];
  #reading: Promise<unknown> = Promise.resolve();

  constructor(parameters: ReadBatchesParameters) {
    this.#parameters = parameters;
  }

  /**
   * In order of batch number, which starts at 1. Several readers may share one.
   * @throws BatchMismatch when a batch is not what the blocks of the zkSync chain give
   */
  async read(): Promise<readonly EraBatch[]> {
    const reading = this.#reading.then(async () => await this.#read());
    this.#reading = reading.catch(() => {});
    return await reading;
  }

  async #read(): Promise<readonly EraBatch[]> {
    const { l1, diamond, history } = this.#parameters;
    // Batches before blocks: a batch that somebody commits in between would end with a block that is not read yet.
    const committed = Number(await l1.readContract({ abi: zkSyncChainAbi, address: diamond, functionName: 'getTotalBatchesCommitted' }));
    await history.refresh();
    // A batch may have been reverted since, alone or with those before it, and another committed under its number.
    this.#known.splice(committed);
    for (let last = this.#known.at(-1); last !== undefined && !(await this.#isThere(last, this.#known.length)); last = this.#known.at(-1)) this.#known.pop();
    while (this.#known.length < committed) this.#known.push(await this.#find(this.#known.length + 1));
    return [...this.#known];
  }

  /** Whether the contract has the batch, and the chain has the blocks that it was read from: either may have been rolled back. */
  async #isThere({ info, lastBlock, storedHash }: EraBatch, number: number): Promise<boolean> {
    return storedHash === (await this.#storedHash(number)) && (await this.#lastBlock(info)) === lastBlock;
  }

  /** Of a batch; undefined when the chain does not have it. */
  async #lastBlock({ batchHash }: BatchInfo): Promise<bigint | undefined> {
    const { l2 } = this.#parameters;
    try {
      const { number } = await l2.getBlock({ blockHash: batchHash });
      // A node still knows a block by its hash when another one has taken its place.
      return (await l2.getBlock({ blockNumber: number })).hash === batchHash ? number : undefined;
    } catch (error) {
      if (error instanceof BlockNotFoundError) return undefined;
      throw error;
    }
  }

  async #storedHash(number: number): Promise<Hex> {
    const { l1, diamond } = this.#parameters;
    return await l1.readContract({ abi: zkSyncChainAbi, address: diamond, functionName: 'storedBatchHash', args: [BigInt(number)] });
  }

  async #find(number: number): Promise<EraBatch> {
    const { l1, diamond, l2, history, zkSyncChainId } = this.#parameters;
    const events = await l1.getContractEvents({ abi: zkSyncChainAbi, address: diamond, eventName: 'BlockCommit', args: { batchNumber: BigInt(number) }, fromBlock: await firstBlockOf(l1), strict: true });
    const event = events.at(-1);
    if (event === undefined) throw new RollupError(`Batch ${number} has no event on ${l1.chain.name}`, { facts: { diamond } });
    const { input } = await l1.getTransaction({ hash: event.transactionHash });
    const known = [...this.#known];
    const info = batchIn(input);
    if (info === undefined) throw new BatchMismatch(`Batch ${number} was committed by another call than commitBatchesSharedBridge with one batch`, { known, facts: { transaction: event.transactionHash } });
    const storedHash = await this.#storedHash(number);
    if (storedHashOf(info) !== storedHash) throw new RollupError(`Batch ${number} was replaced while it was read`, { facts: { expected: storedHash, actual: storedHashOf(info) }, hint: 'It is read again.' });
    const lastBlock = await this.#lastBlock(info);
    const firstBlock = (this.#known.at(-1)?.lastBlock ?? -1n) + 1n;
    if (lastBlock === undefined) throw new BatchMismatch(`Batch ${number} ends with a block that ${l2.chain.name} does not have`, { known, info, facts: { block: info.batchHash } });
    if (lastBlock < firstBlock) throw new BatchMismatch(`Batch ${number} ends with a block of an earlier one`, { known, info, facts: { expected: `${firstBlock} or later`, actual: lastBlock } });
    if (info.dependencyRootsRollingHash !== zeroHash) throw new BatchMismatch(`Batch ${number} wants messages of other chains, of which there are none`, { known, info, facts: { actual: info.dependencyRootsRollingHash } });
    const contents = history.contents(firstBlock, lastBlock);
    const root = eraRoot(contents.logs.map(eraLeaf), zkSyncChainId);
    if (root !== info.l2LogsTreeRoot) {
      throw new BatchMismatch(`Batch ${number} does not hold the logs of its blocks`, { known, info, facts: { firstBlock, lastBlock, expected: root, actual: info.l2LogsTreeRoot } });
    }
    const hash = priorityHash(contents);
    if (hash !== info.priorityOperationsHash || BigInt(contents.priorityHashes.length) !== info.numberOfLayer1Txs) {
      throw new BatchMismatch(`Batch ${number} does not hold the priority transactions of its blocks`, {
        ...{ known, info },
        facts: { firstBlock, lastBlock, expected: `${contents.priorityHashes.length}, ${hash}`, actual: `${info.numberOfLayer1Txs}, ${info.priorityOperationsHash}` },
      });
    }
    return { info, firstBlock, lastBlock, contents, storedHash };
  }
}

/** The batch that a transaction commits; undefined when it calls something else, e.g. a contract that commits for it. */
function batchIn(input: Hex): BatchInfo | undefined {
  try {
    const call = decodeFunctionData({ abi: zkSyncChainAbi, data: input });
    return call.functionName === 'commitBatchesSharedBridge' ? committedBatch(call.args[3]) : undefined;
  } catch {
    return undefined;
  }
}
