import { decodeFunctionData, type Hex } from 'viem';

import { RollupError } from '../../base/errors.ts';
import { publicClient } from '../../chain/clients.ts';
import { primaryOf, type Deployment } from '../../chain/deployments.ts';
import { primaryRollupAbi } from '../../chain/generated/abi.ts';
import type { PublicOperation } from '../../spec/operation.ts';
import { decodeOperations } from '../../spec/pubdata.ts';
import { LedgerState } from '../../state/ledger.ts';
import { replaySegment } from '../../state/replay.ts';
import type { Check } from './ledger.ts';

/** A block as the primary's calldata has it. */
export interface CommittedBlock {
  blockNumber: number;
  finalRoot: bigint;
  segments: readonly { chainIndex: number; onchainData: Hex; l2Data: Hex }[];
}

/** A block replayed from its public data alone. */
export interface ReplayedBlock extends CommittedBlock {
  before: LedgerState;
  after: LedgerState;
  /** By chain index, in order of the chain's segments; the on-chain list of a segment before its L2 list. */
  operations: readonly (readonly PublicOperation[])[];
}

/**
 * Every block that the primary holds, read from the calldata of the transactions that committed them; of a block that was reverted and
 * committed again the last one counts.
 */
export async function readCommittedBlocks(deployment: Deployment): Promise<CommittedBlock[]> {
  const chain = primaryOf(deployment);
  const client = publicClient(chain);
  const events = await client.getContractEvents({ address: chain.rollup, abi: primaryRollupAbi, eventName: 'BlockCommitted', strict: true, fromBlock: BigInt(chain.deployedAtBlock) });
  const blocks = new Map<number, CommittedBlock>();
  for (const hash of new Set(events.map(({ transactionHash }) => transactionHash))) {
    const { input } = await client.getTransaction({ hash });
    const { functionName, args } = decodeFunctionData({ abi: primaryRollupAbi, data: input });
    if (functionName !== 'commitBlocks') throw new RollupError('A block was committed by another call than commitBlocks', { facts: { transaction: hash, function: functionName } });
    for (const { blockNumber, finalRoot, segments } of args[2]) blocks.set(blockNumber, { blockNumber, finalRoot, segments });
  }
  return [...blocks.values()].toSorted((a, b) => a.blockNumber - b.blockNumber);
}

/** The state of every chain after each block, from block 0 on. @throws RollupError when public data do not fit the state */
export function replayBlocks(blocks: readonly CommittedBlock[], chainCount: number): ReplayedBlock[] {
  let state = LedgerState.empty({ chainCount });
  return blocks.map((block) => {
    const before = state;
    for (const segment of block.segments) state = replaySegment(state, segment);
    const operations = Array.from({ length: chainCount }, (_, chainIndex) =>
      block.segments
        .filter((segment) => segment.chainIndex === chainIndex)
        .flatMap(({ onchainData, l2Data }) => [...decodeOperations(onchainData, 'onchain'), ...decodeOperations(l2Data, 'l2')]),
    );
    return { ...block, before, after: state, operations };
  });
}

/** The root that each block's commitment states is the one that its public data lead to. */
export function checkReplay(blocks: readonly ReplayedBlock[]): Check[] {
  return blocks.map(({ blockNumber, finalRoot, after }) => ({
    what: `final root of block ${blockNumber}, replayed from the primary's calldata`,
    expected: finalRoot.toString(),
    actual: after.finalRoot.toString(),
    ok: after.finalRoot === finalRoot,
  }));
}
