import { type Address, encodeAbiParameters, type Hex, keccak256 } from 'viem';
import { zkSyncChainAbi } from '../../chain/generated/abi.ts';
import type { EraBlock, EraHistory } from './eraHistory.ts';
import { eraLeaf, eraRoot } from './eraTree.ts';
import type { Log, Relayer, Round } from './relayer.ts';
import { chainTime, type Sender } from './sender.ts';
import type { CommitBatchInfo, EraBatch, EraBatches } from './zkSyncBatches.ts';

export interface ZkSyncBatcherParameters {
  chainName: string;
  /** A validator of the chain. */
  l1: Sender;
  diamond: Address;
  zkSyncChainId: number;
  history: EraHistory;
  batches: EraBatches;
  /** Seconds of Ethereum's clock. */
  delay: number;
  log: Log;
}

/**
 * Seals the blocks of zkSync into batches and takes them through commit, prove and execute on Ethereum. A batch ends with the last block that
 * has a log; without new logs there is none. How far it is, the chain's contract knows.
 */
export function zkSyncBatcher({ chainName, l1, diamond, zkSyncChainId, history, batches, delay, log }: ZkSyncBatcherParameters): Relayer {
  const name = `${chainName} batcher`;
  const contract = { abi: zkSyncChainAbi, address: diamond } as const;

  const stored = async (batch: EraBatch | undefined) =>
    batch === undefined
      ? await l1.client.readContract({ ...contract, functionName: 'genesisBatch' })
      : await l1.client.readContract({ ...contract, functionName: 'storedBatch', args: [batch.info] });

  const commit = async (last: EraBatch | undefined, end: EraBlock): Promise<void> => {
    const firstBlock = (last?.lastBlock ?? -1n) + 1n;
    const { logs, priorityHashes } = history.contents(firstBlock, end.number);
    const lastTimestamp = last?.info.timestamp ?? 0n;
    const info: CommitBatchInfo = {
      batchNumber: (last?.info.batchNumber ?? 0n) + 1n,
      // Batches must not share a timestamp; blocks of one second do.
      timestamp: end.timestamp > lastTimestamp ? end.timestamp : lastTimestamp + 1n,
      newStateRoot: end.hash,
      numberOfLayer1Txs: BigInt(priorityHashes.length),
      priorityOperationsHash: priorityHashes.reduce<Hex>(
        (hash, canonicalTxHash) => keccak256(encodeAbiParameters([{ type: 'bytes32' }, { type: 'bytes32' }], [hash, canonicalTxHash])),
        keccak256('0x'),
      ),
      l2LogsTreeRoot: eraRoot(logs.map(eraLeaf), zkSyncChainId),
    };
    await l1.send({ ...contract, functionName: 'commitBatch', args: [await stored(last), info] });
    log(`${name}: batch ${info.batchNumber} committed: blocks ${firstBlock} … ${end.number}, ${logs.length} log(s)`);
  };

  const isExecutable = async (number: bigint): Promise<boolean> => {
    if (delay === 0) return true;
    const events = await l1.client.getContractEvents({ ...contract, eventName: 'BlocksVerification', args: { currentLastVerifiedBatch: number }, fromBlock: 0n, strict: true });
    const event = events.at(-1);
    if (event === undefined) return true;
    return (await l1.client.getBlock({ blockNumber: event.blockNumber })).timestamp + BigInt(delay) <= (await chainTime(l1.client));
  };

  /** @returns whether there was something to do */
  const step = async (committed: readonly EraBatch[]): Promise<boolean> => {
    const verified = Number(await l1.client.readContract({ ...contract, functionName: 'getTotalBatchesVerified' }));
    const executed = Number(await l1.client.readContract({ ...contract, functionName: 'getTotalBatchesExecuted' }));
    const toProve = committed[verified];
    if (toProve !== undefined) {
      await l1.send({ ...contract, functionName: 'proveBatch', args: [await stored(committed[verified - 1]), await stored(toProve)] });
      return true;
    }
    const toExecute = committed[executed];
    if (toExecute !== undefined && (await isExecutable(toExecute.info.batchNumber))) {
      await l1.send({ ...contract, functionName: 'executeBatches', args: [[await stored(toExecute)]] });
      log(`${name}: batch ${toExecute.info.batchNumber} executed`);
      return true;
    }
    const end = history.nextBatchEnd(committed.at(-1)?.lastBlock ?? -1n);
    if (end === undefined) return false;
    await commit(committed.at(-1), end);
    return true;
  };

  const round = async (): Promise<Round> => {
    let carried = 0;
    while (await step(await batches.read())) carried++;
    const executed = await l1.client.readContract({ ...contract, functionName: 'getTotalBatchesExecuted' });
    return { carried, waiting: (await batches.read()).length - Number(executed) };
  };
  return { name, round };
}
