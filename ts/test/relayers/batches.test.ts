import { type Address, createWalletClient, encodeFunctionData, type Hex, http, keccak256, pad, zeroHash } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { zkSyncChainAbi } from '../../chain/generated/abi.ts';
import { viemChain } from '../../chain/clients.ts';
import { EraHistory } from '../../devnet/relayers/eraHistory.ts';
import { eraLeaf, eraRoot } from '../../devnet/relayers/eraTree.ts';
import { EraBatches, priorityHash } from '../../devnet/relayers/zkSyncBatches.ts';
import { commitCall, type CommitParameters, GENESIS_BATCH } from '../../devnet/relayers/zkSyncCalls.ts';
import { operator } from './network.ts';
import { Scene } from './scene.ts';

// Batches of zkSync that somebody else committed, or that are late. The relayer takes back what could never be executed.

const DAY = 86_400;
let scene: Scene;
let block = 0;
beforeAll(async () => {
  scene = await Scene.start();
});
afterEach(async () => await scene.rest());
afterAll(async () => await scene?.stop());

function diamond(): Address {
  const { messageService } = scene.described(1);
  if (messageService.kind !== 'zksync') throw new Error('not zkSync');
  return messageService.diamond;
}

/** What the batcher would commit next, and the batches before it. */
async function nextBatch(): Promise<Pick<CommitParameters, 'previous' | 'batch'> & { earlierBlock: Hex }> {
  const { ethereum, zksync } = scene.network;
  const history = new EraHistory(zksync.client);
  const batches = await new EraBatches({ l1: ethereum.client, diamond: diamond(), l2: zksync.client, history, zkSyncChainId: zksync.client.chain.id }).read();
  const last = batches.at(-1);
  const end = history.blocks.at(-1)!;
  const contents = history.contents((last?.lastBlock ?? -1n) + 1n, end.number);
  const previous = last?.info ?? GENESIS_BATCH;
  const timestamp = end.timestamp > previous.timestamp ? end.timestamp : previous.timestamp + 1n;
  const batch = {
    ...{ timestamp, blockTimestamp: end.timestamp, batchHash: end.hash, numberOfLayer1Txs: BigInt(contents.priorityHashes.length) },
    ...{ priorityOperationsHash: priorityHash(contents), l2LogsTreeRoot: eraRoot(contents.logs.map(eraLeaf), zksync.client.chain.id) },
  };
  return { previous, batch, earlierBlock: last?.info.batchHash ?? zeroHash };
}

function validator() {
  const { ethereum } = scene.network;
  return createWalletClient({ account: privateKeyToAccount(operator.privateKey), chain: viemChain(ethereum.endpoint), transport: http(ethereum.endpoint.rpcUrl) });
}

const commitData = (parameters: Pick<CommitParameters, 'previous' | 'batch'>): Hex =>
  encodeFunctionData({ abi: zkSyncChainAbi, functionName: 'commitBatchesSharedBridge', args: commitCall({ diamond: diamond(), ...parameters }) });

async function send(to: Address, data: Hex): Promise<void> {
  const { status } = await scene.network.ethereum.client.waitForTransactionReceipt({ hash: await validator().sendTransaction({ to, data }), pollingInterval: 20 });
  expect(status).toBe('success');
}

/** A message up and a priority transaction, both in no batch yet. */
beforeEach(async () => {
  scene.run({ manual: ['zksync batcher', 'zksync claimer'] });
  block++;
  await scene.sync(block);
  const confirmations = await scene.confirmations(1);
  await scene.confirmAgain(1).catch(() => undefined);
  await scene.until(async () => block === 1 || (await scene.confirmations(1)) > confirmations, 'the priority transaction is executed');
  await scene.rest();
});

describe('a batch of somebody else', () => {
  async function isTakenBack(reason: string): Promise<void> {
    const relayers = scene.run();
    await scene.until(() => scene.lines.some((line) => line.includes('taken back') && line.includes(reason)), `the batch is taken back: ${reason}`);
    await relayers.idle();
    expect(await scene.arrived(block, 1)).toBe(true);
    await scene.confirm(block);
    await relayers.idle();
  }

  it('that is right is proved, executed and followed', async () => {
    await send(diamond(), commitData(await nextBatch()));
    const relayers = scene.run();
    await relayers.idle();
    expect(scene.lines.filter((line) => line.includes('taken back'))).toEqual([]);
    expect(await scene.arrived(block, 1)).toBe(true);
    await scene.confirm(block);
    await relayers.idle();
  });

  it('with another number of priority transactions than it names', async () => {
    const { previous, batch } = await nextBatch();
    await send(diamond(), commitData({ previous, batch: { ...batch, numberOfLayer1Txs: batch.numberOfLayer1Txs + 1n } }));
    await isTakenBack('does not hold the priority transactions of its blocks');
  });

  it('that ends with a block of the batch before', async () => {
    const { previous, batch, earlierBlock } = await nextBatch();
    const nothing = { logs: [], messages: [], priorityHashes: [] };
    const empty = { numberOfLayer1Txs: 0n, priorityOperationsHash: priorityHash(nothing), l2LogsTreeRoot: eraRoot([], scene.network.zksync.client.chain.id) };
    await send(diamond(), commitData({ previous, batch: { ...batch, ...empty, batchHash: earlierBlock } }));
    await isTakenBack('ends with a block of an earlier one');
  });

  it('that ends with a block that is not there', async () => {
    const { previous, batch } = await nextBatch();
    await send(diamond(), commitData({ previous, batch: { ...batch, batchHash: keccak256('0x01') } }));
    await isTakenBack('ends with a block that zksync does not have');
  });

  it('that came through a contract, where it cannot be read', async () => {
    const { ethereum } = scene.network;
    // Calls the address in its first word with the rest: CALLDATACOPY(0, 32, size - 32), CALL(gas, word 0, 0, 0, size - 32, 0, 0), STOP or REVERT.
    const runtime: Hex = '0x6020360360206000376000600060203603600060006000355af1602157600080fd5b00';
    const hash = await validator().sendTransaction({ data: `0x60${((runtime.length - 2) / 2).toString(16)}600c60003960${((runtime.length - 2) / 2).toString(16)}6000f3${runtime.slice(2)}` });
    const { contractAddress: forwarder } = await ethereum.client.waitForTransactionReceipt({ hash, pollingInterval: 20 });
    await ethereum.write('ZkSyncChain', diamond(), 'setValidator', [forwarder, true]);
    await send(forwarder!, `${pad(diamond())}${commitData(await nextBatch()).slice(2)}`);
    await isTakenBack('was committed by another call than commitBatchesSharedBridge');
  });
});

describe('a batch that nothing carried for a month', () => {
  it('is committed all the same', async () => {
    const relayers = scene.run({ manual: ['zksync batcher'] });
    await relayers.passTime(31 * DAY);
    await relayers.setMode('auto');
    await relayers.idle();
    expect(await scene.arrived(block, 1)).toBe(true);
  });
});
