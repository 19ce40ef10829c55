import { type Address, concat, type Hex, numberToHex, zeroHash } from 'viem';
import type { ChainPublicClient } from '../../chain/clients.ts';
import { l2MessageServiceAbi, lineaRollupAbi } from '../../chain/generated/abi.ts';
import { LINEA_TREE_DEPTH, lineaRoot, lineaTrees } from './lineaTree.ts';
import type { Log, Relayer, Round } from './relayer.ts';
import { chainTime, type Sender } from './sender.ts';

/** Offsets of blocks are two bytes. */
const MOST_BLOCKS = 65_535n;

export interface LineaFinalizerParameters {
  chainName: string;
  /** Holds OPERATOR_ROLE. */
  l1: Sender;
  l1Service: Address;
  l2: ChainPublicClient;
  l2Service: Address;
  /** Seconds of Linea's clock. */
  delay: number;
  log: Log;
}

interface SentMessage {
  blockNumber: bigint;
  messageHash: Hex;
}

/**
 * Finalizes Linea's blocks on Ethereum up to the last one with a message that is due: puts the hashes of all messages in them into trees of
 * 32. How far it is, LineaRollup knows (`currentL2BlockNumber`). Without messages it does nothing.
 */
export function lineaFinalizer({ chainName, l1, l1Service, l2, l2Service, delay, log }: LineaFinalizerParameters): Relayer {
  const name = `${chainName} finalizer`;

  /** Due: old enough, and before Ethereum's next block, which refuses blocks that are not older than itself. */
  const isDue = async (blockNumber: bigint): Promise<boolean> => {
    const { timestamp } = await l2.getBlock({ blockNumber });
    return timestamp < (await chainTime(l1.client)) && (delay === 0 || timestamp + BigInt(delay) <= (await chainTime(l2)));
  };

  const round = async (): Promise<Round> => {
    let carried = 0;
    for (;;) {
      const last = await l1.client.readContract({ abi: lineaRollupAbi, address: l1Service, functionName: 'currentL2BlockNumber' });
      const head = await l2.getBlockNumber();
      const messages = head > last ? await sentMessages({ l2, l2Service, fromBlock: last + 1n, toBlock: head }) : [];
      if (messages.length === 0) return { carried, waiting: 0 };
      const end = await finalizationEnd({ last, blocks: messages.map(({ blockNumber }) => blockNumber), isDue });
      if (end === undefined) return { carried, waiting: messages.length };
      const finalized = messages.filter(({ blockNumber }) => blockNumber <= end);
      await finalize(last, end, finalized);
      carried += Math.max(finalized.length, 1);
    }
  };

  const finalize = async (last: bigint, end: bigint, messages: readonly SentMessage[]): Promise<void> => {
    const at = { abi: l2MessageServiceAbi, address: l2Service, blockNumber: end } as const;
    const block = await l2.getBlock({ blockNumber: end });
    const anchored = await l2.readContract({ ...at, functionName: 'lastAnchoredL1MessageNumber' });
    const trees = lineaTrees(messages.map(({ messageHash }) => messageHash));
    const blocks = [...new Set(messages.map(({ blockNumber }) => blockNumber))];
    await l1.send({
      abi: lineaRollupAbi,
      address: l1Service,
      functionName: 'finalizeBlocks',
      args: [
        {
          parentStateRootHash: await l1.client.readContract({ abi: lineaRollupAbi, address: l1Service, functionName: 'stateRootHashes', args: [last] }),
          finalStateRootHash: block.stateRoot,
          endBlockNumber: end,
          finalTimestamp: block.timestamp,
          l1RollingHash: anchored === 0n ? zeroHash : await l2.readContract({ ...at, functionName: 'l1RollingHashes', args: [anchored] }),
          l1RollingHashMessageNumber: anchored,
          l2MerkleTreesDepth: BigInt(LINEA_TREE_DEPTH),
          l2MerkleRoots: trees.map(lineaRoot),
          l2MessagingBlocksOffsets: concat(blocks.map((number) => numberToHex(number - last, { size: 2 }))),
        },
      ],
    });
    log(`${name}: blocks ${last + 1n} … ${end} finalized, ${messages.length} message(s) in ${trees.length} tree(s)`);
  };
  return { name, round };
}

export interface FinalizationEndParameters {
  /** Last block that is finalized. */
  last: bigint;
  /** Blocks after it with messages; one block may come several times. */
  blocks: readonly bigint[];
  isDue(blockNumber: bigint): Promise<boolean>;
}

/**
 * The block to finalize up to: the last one with a message that is due, as far as one call reaches. Blocks without messages that are too many
 * for one call are finalized by themselves.
 * @returns undefined when none is due
 */
export async function finalizationEnd({ last, blocks, isDue }: FinalizationEndParameters): Promise<bigint | undefined> {
  const reach = last + MOST_BLOCKS;
  const ends = new Set(blocks.map((block) => (block < reach ? block : reach)));
  for (const end of [...ends].sort((a, b) => Number(b - a))) if (await isDue(end)) return end;
  return undefined;
}

/** All messages that were sent on Linea in a range of blocks, in order of block and log. */
export async function sentMessages({
  l2,
  l2Service,
  fromBlock,
  toBlock,
}: {
  l2: ChainPublicClient;
  l2Service: Address;
  fromBlock: bigint;
  toBlock: bigint;
}): Promise<SentMessage[]> {
  const events = await l2.getContractEvents({ abi: l2MessageServiceAbi, address: l2Service, eventName: 'MessageSent', fromBlock, toBlock, strict: true });
  return events
    .sort((a, b) => Number(a.blockNumber - b.blockNumber) || a.logIndex - b.logIndex)
    .map(({ blockNumber, args }) => ({ blockNumber, messageHash: args._messageHash }));
}
