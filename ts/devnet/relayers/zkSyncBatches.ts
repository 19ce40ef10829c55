import { type Address, decodeFunctionData, type DecodeFunctionDataReturnType, type Hex } from 'viem';
import { RollupError } from '../../base/errors.ts';
import type { ChainPublicClient } from '../../chain/clients.ts';
import { zkSyncChainAbi } from '../../chain/generated/abi.ts';
import type { EraContents, EraHistory } from './eraHistory.ts';
import { eraLeaf, eraRoot } from './eraTree.ts';

type CommitCall = Extract<DecodeFunctionDataReturnType<typeof zkSyncChainAbi>, { functionName: 'commitBatch' }>;
export type CommitBatchInfo = CommitCall['args'][1];

/** A committed batch. */
export interface EraBatch {
  info: CommitBatchInfo;
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
 * The committed batches, read from Ethereum: BlockCommit names the transaction, whose calldata holds what was committed, whose `newStateRoot` is
 * the hash of the batch's last block on zkSync. So a batch's blocks and logs can be found again by anyone who has the two chains.
 */
export class EraBatches {
  readonly #parameters: ReadBatchesParameters;
  readonly #known: EraBatch[] = [];

  constructor(parameters: ReadBatchesParameters) {
    this.#parameters = parameters;
  }

  /**
   * In order of batch number, which starts at 1.
   * @throws RollupError when a batch is not what the blocks of the zkSync chain give
   */
  async read(): Promise<readonly EraBatch[]> {
    const { l1, diamond, history } = this.#parameters;
    await history.refresh();
    const committed = Number(await l1.readContract({ abi: zkSyncChainAbi, address: diamond, functionName: 'getTotalBatchesCommitted' }));
    // A batch may have been reverted since, alone or with those before it, and another committed under its number.
    this.#known.splice(committed);
    for (let last = this.#known.at(-1); last !== undefined && last.storedHash !== (await this.#storedHash(this.#known.length)); last = this.#known.at(-1)) this.#known.pop();
    while (this.#known.length < committed) this.#known.push(await this.#find(this.#known.length + 1));
    return [...this.#known];
  }

  async #storedHash(number: number): Promise<Hex> {
    const { l1, diamond } = this.#parameters;
    return await l1.readContract({ abi: zkSyncChainAbi, address: diamond, functionName: 'storedBatchHash', args: [BigInt(number)] });
  }

  async #find(number: number): Promise<EraBatch> {
    const { l1, diamond, l2, history, zkSyncChainId } = this.#parameters;
    const events = await l1.getContractEvents({ abi: zkSyncChainAbi, address: diamond, eventName: 'BlockCommit', args: { batchNumber: BigInt(number) }, fromBlock: 0n, strict: true });
    const event = events.at(-1);
    if (event === undefined) throw new RollupError(`Batch ${number} has no event on ${l1.chain.name}`, { facts: { diamond } });
    const { input } = await l1.getTransaction({ hash: event.transactionHash });
    const call = decodeFunctionData({ abi: zkSyncChainAbi, data: input });
    if (call.functionName !== 'commitBatch') throw new RollupError(`Batch ${number} was committed by another call than commitBatch`, { facts: { call: call.functionName } });
    const info = call.args[1];
    const { number: lastBlock } = await l2.getBlock({ blockHash: info.newStateRoot });
    const firstBlock = (this.#known.at(-1)?.lastBlock ?? -1n) + 1n;
    const contents = history.contents(firstBlock, lastBlock);
    const root = eraRoot(contents.logs.map(eraLeaf), zkSyncChainId);
    if (root !== info.l2LogsTreeRoot) {
      throw new RollupError(`Batch ${number} does not hold the logs of its blocks`, { facts: { firstBlock, lastBlock, expected: root, actual: info.l2LogsTreeRoot } });
    }
    return { info, firstBlock, lastBlock, contents, storedHash: await this.#storedHash(number) };
  }
}
