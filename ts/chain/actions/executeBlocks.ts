import type { TransactionReceipt } from 'viem';

import type { ExecuteBlock } from '../../spec/chainSide.ts';
import { secondaryRollupAbi } from '../generated/abi.ts';
import { send } from '../send.ts';
import { gasCostOf, type WriteParameters } from './types.ts';

export interface ExecuteBlocksParameters extends WriteParameters {
  /** The chain's next blocks, in order; each confirmed. */
  blocks: readonly ExecuteBlock[];
}

export interface ExecuteBlocksReturnType {
  receipt: TransactionReceipt;
  /** Wei that the sender paid for gas. */
  gasCost: bigint;
}

/**
 * Has a chain credit what confirmed blocks pay. Anyone may: the blocks are checked against what the chain remembers of them.
 * @throws RevertError with WrongBlockNumber, BlockNotConfirmed, WrongStoredBlock or WrongOnchainData
 */
export async function executeBlocks({ client, wallet, rollup, blocks }: ExecuteBlocksParameters): Promise<ExecuteBlocksReturnType> {
  const list = blocks.map(({ stored, onchainData }) => ({
    stored: { ...stored, priorityRequestsTotal: BigInt(stored.priorityRequestsTotal), timestamp: BigInt(stored.timestamp) },
    onchainData,
  }));
  const receipt = await send({ client, wallet, address: rollup, abi: secondaryRollupAbi, functionName: 'executeBlocks', args: [list], what: 'execution of blocks' });
  return { receipt, gasCost: gasCostOf(receipt) };
}
