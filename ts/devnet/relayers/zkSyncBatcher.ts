import { type Hex, keccak256 } from 'viem';
import { zkSyncChainAbi } from '../../chain/generated/abi.ts';
import type { EraBlock } from './eraHistory.ts';
import { eraLeaf, eraRoot } from './eraTree.ts';
import { type Message, stageOf } from './message.ts';
import type { Falsification, Log, Manner, Preview, Relayer, Step } from './relayer.ts';
import { type RouteId, routeName } from './routes.ts';
import { chainTime, type Sender } from './sender.ts';
import { BatchMismatch, type EraBatch, priorityHash } from './zkSyncBatches.ts';
import { commitCall, type CommitParameters, executeCall, GENESIS_BATCH, proveCall } from './zkSyncCalls.ts';
import type { ZkSyncView } from './zkSyncView.ts';

export interface ZkSyncBatcherParameters {
  view: ZkSyncView;
  /** A validator of the chain. */
  l1: Sender;
  /** Seconds of Ethereum's clock from the proof of a batch to its execution. */
  delay: () => number;
  /** Seconds of zkSync's clock that a block without logs waits for one. */
  seal: number;
  /** Whether batches that are not what the blocks give are taken back now. */
  repairs: () => boolean;
  log: Log;
}

/**
 * The oldest that a batch may be, in seconds of Ethereum's clock: the contract takes 3 days on Ethereum itself, 30 elsewhere; the hour is
 * for the time until the commit is mined.
 */
const OLDEST = 3n * 86_400n - 3_600n;

/**
 * Seals the blocks of zkSync into batches and takes them through commit, prove and execute on Ethereum. A batch ends with the last block that
 * has a log; without new logs it is sealed after a while, as long as there is a transaction. How far it is, the chain's contract knows.
 * A batch that is not what the blocks give (the chain was rolled back, or a fault falsified it) is never proved; it is taken back.
 */
export function zkSyncBatcher({ view, l1, delay, seal, repairs, log }: ZkSyncBatcherParameters): Relayer {
  const { chainName, diamond, l2 } = view.services;
  const id: RouteId = { chain: chainName, role: 'batcher', direction: 'up' };
  const name = routeName(id);
  const contract = { abi: zkSyncChainAbi, address: diamond } as const;
  let waiting = 0;

  const count = async (functionName: 'getTotalBatchesCommitted' | 'getTotalBatchesVerified' | 'getTotalBatchesExecuted'): Promise<number> => Number(await l1.client.readContract({ ...contract, functionName }));

  const commit = async (last: EraBatch | undefined, end: EraBlock, { falsification, afterSend }: Manner): Promise<void> => {
    const firstBlock = (last?.lastBlock ?? -1n) + 1n;
    const contents = view.history.contents(firstBlock, end.number);
    const { logs, priorityHashes } = contents;
    const previous = last?.info ?? GENESIS_BATCH;
    const batch = {
      // Batches must not share a timestamp, blocks of one second do; nor may a batch be old, which blocks become while nothing carries them.
      timestamp: [end.timestamp, previous.timestamp + 1n, (await chainTime(l1.client)) - OLDEST].reduce((a, b) => (a > b ? a : b)),
      blockTimestamp: end.timestamp,
      batchHash: end.hash,
      numberOfLayer1Txs: BigInt(priorityHashes.length),
      priorityOperationsHash: priorityHash(contents),
      l2LogsTreeRoot: eraRoot(logs.map(eraLeaf), l2.chain.id),
    };
    const args = commitCall({ diamond, previous, batch: falsify(batch, priorityHashes, falsification) });
    await l1.send({ ...contract, functionName: 'commitBatchesSharedBridge', args, afterSend });
    log(`${name}: batch ${previous.batchNumber + 1n} committed: blocks ${firstBlock} … ${end.number}, ${logs.length} log(s)`);
  };

  const messagesOf = (batches: readonly EraBatch[], in_: (message: { batch: EraBatch | undefined; block: bigint }) => boolean): Message[] =>
    view.up(batches).filter((message) => in_({ batch: message.batch, block: message.places[0].block }));

  /** Batches that the chain's contract has, and that are right. The step that takes back the others, if there are any. */
  const read = async (): Promise<{ batches: readonly EraBatch[]; back: Step | undefined }> => {
    await view.refresh();
    try {
      return { batches: await view.batches(), back: undefined };
    } catch (error) {
      if (!(error instanceof BatchMismatch) || error.known.length < (await count('getTotalBatchesExecuted'))) throw error;
      return { batches: error.known, back: proveWrong(error) ?? takeBack(error) };
    }
  };

  /** No proof fits a falsified batch. Ethereum refuses any. */
  const proveWrong = ({ known, info, message }: BatchMismatch): Step | undefined => {
    if (repairs() || info === undefined) return undefined;
    return {
      ...{ key: `prove ${info.batchNumber}`, label: `batch ${info.batchNumber}`, messages: [], to: 'proved' },
      async perform({ afterSend } = {}) {
        const args = proveCall({ diamond, previous: known.at(-1)?.info ?? GENESIS_BATCH, batch: info, proof: 0n });
        await l1.send({ ...contract, functionName: 'proveBatchesSharedBridge', args, what: `${message}; proveBatchesSharedBridge`, afterSend });
        log(`${name}: batch ${info.batchNumber} proved although it is wrong`);
        return {};
      },
    };
  };

  const takeBack = ({ known, message }: BatchMismatch): Step => ({
    key: `back to ${known.length}`,
    label: `batches after ${known.length}`,
    messages: [],
    to: 'sent',
    async perform({ afterSend } = {}) {
      await l1.send({ ...contract, functionName: 'revertBatchesSharedBridge', args: [diamond, BigInt(known.length)], afterSend });
      log(`${name}: batches after ${known.length} taken back: ${message}`);
      return {};
    },
  });

  /** The next step: batches go one after the other, and each through all of its stages. */
  const plan = async (): Promise<Step[]> => {
    const { batches, back } = await read();
    const [verified, executed] = [await count('getTotalBatchesVerified'), await count('getTotalBatchesExecuted')];
    waiting = batches.length - executed;
    if (back !== undefined) return [back];
    const toProve = batches[verified];
    if (toProve !== undefined) {
      return [
        {
          ...{ key: `prove ${toProve.info.batchNumber}`, label: `batch ${toProve.info.batchNumber}`, to: 'proved' },
          messages: messagesOf(batches, ({ batch }) => batch === toProve),
          async perform({ afterSend } = {}) {
            const args = proveCall({ diamond, previous: batches[verified - 1]?.info ?? GENESIS_BATCH, batch: toProve.info });
            await l1.send({ ...contract, functionName: 'proveBatchesSharedBridge', args, afterSend });
            return {};
          },
        },
      ];
    }
    const toExecute = batches[executed];
    const executable = toExecute === undefined ? undefined : await executableAt(toExecute);
    const execution: Step[] =
      toExecute === undefined
        ? []
        : [
            {
              ...{ key: `execute ${toExecute.info.batchNumber}`, label: `batch ${toExecute.info.batchNumber}`, to: 'executed' },
              messages: messagesOf(batches, ({ batch }) => batch === toExecute),
              ...(executable === undefined ? {} : { notBefore: executable }),
              async perform({ afterSend } = {}) {
                const earlier = batches.slice(0, executed).flatMap(({ contents }) => contents.priorityHashes);
                const args = executeCall({ diamond, batch: toExecute.info, priorityHashes: toExecute.contents.priorityHashes, earlier });
                await l1.send({ ...contract, functionName: 'executeBatchesSharedBridge', args, afterSend });
                log(`${name}: batch ${toExecute.info.batchNumber} executed`);
                return {};
              },
            },
          ];
    if (toExecute !== undefined && executable === undefined) return execution;
    const last = batches.at(-1);
    const isSealed = (view.history.blocks.at(-1)?.number ?? -1n) <= (last?.lastBlock ?? -1n);
    const end = isSealed ? undefined : view.history.nextBatchEnd(last?.lastBlock ?? -1n, (await chainTime(l2)) - BigInt(seal));
    if (end === undefined) return execution;
    const sealing: Step = {
      ...{ key: `commit ${batches.length + 1}`, label: `blocks … ${end.number}`, to: 'committed' },
      messages: messagesOf(batches, ({ batch, block }) => batch === undefined && block <= end.number),
      async perform(manner = {}) {
        await commit(last, end, manner);
        return {};
      },
    };
    return [sealing, ...execution];
  };

  /** When the delay of a proved batch is over; undefined when it is. */
  const executableAt = async ({ info }: EraBatch): Promise<bigint | undefined> => {
    const proved = delay() === 0 ? undefined : view.provedAt(info.batchNumber);
    if (proved === undefined || proved + BigInt(delay()) <= (await chainTime(l1.client))) return undefined;
    return proved + BigInt(delay());
  };

  return {
    id,
    independent: false,
    waiting: () => waiting,
    plan,
    async preview() {
      const { batches } = await read();
      const open = view.up(batches).filter((message) => ['sent', 'committed', 'proved'].includes(stageOf(message)));
      return await Promise.all(
        open.map(async (message): Promise<Preview> => {
          const notBefore = message.batch === undefined || stageOf(message) !== 'proved' ? undefined : await executableAt(message.batch);
          return { message, to: 'executed', ...(notBefore === undefined ? {} : { notBefore }) };
        }),
      );
    },
  };
}

type NewBatch = CommitParameters['batch'];

function falsify(batch: NewBatch, priorityHashes: readonly Hex[], falsification: Falsification | undefined): NewBatch {
  if (falsification === undefined) return batch;
  if (falsification === 'wrong-root') return { ...batch, l2LogsTreeRoot: keccak256(batch.l2LogsTreeRoot) };
  return { ...batch, priorityOperationsHash: priorityHash({ priorityHashes: priorityHashes.length > 1 ? [...priorityHashes].reverse() : [keccak256(batch.priorityOperationsHash)] }) };
}
