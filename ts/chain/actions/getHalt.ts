import type { Address } from 'viem';

import type { ChainPublicClient } from '../clients.ts';
import { arbitrator as arbitratorContract } from '../contracts.ts';

export interface GetHaltParameters {
  /** Of the arbitrator's chain. */
  client: ChainPublicClient;
  arbitrator: Address;
}

export interface GetHaltReturnType {
  /** The rollup is in exit mode for good: `lastConfirmedBlock` is its last block. */
  halted: boolean;
  lastConfirmedBlock: number;
  /** Final root of that block; 0 for block 0. */
  finalRoot: bigint;
}

/** What the arbitrator says about exit mode. */
export async function getHalt({ client, arbitrator }: GetHaltParameters): Promise<GetHaltReturnType> {
  const { read } = arbitratorContract({ address: arbitrator, client });
  const at = { blockNumber: await client.getBlockNumber() };
  const [halted, lastConfirmedBlock] = await Promise.all([read.halted(at), read.lastConfirmedBlock(at)]);
  return { halted, lastConfirmedBlock, finalRoot: await read.confirmedRoot([lastConfirmedBlock], at) };
}

export interface FindConfirmableBlockParameters extends GetHaltParameters {
  /** Highest block that can have been synced everywhere. */
  upTo: number;
}

/** The highest block that confirmBlock would take now; null when there is none. */
export async function findConfirmableBlock({ client, arbitrator, upTo }: FindConfirmableBlockParameters): Promise<number | null> {
  const { read } = arbitratorContract({ address: arbitrator, client });
  const lowest = await read.lastConfirmedBlock();
  for (let blockNumber = upTo; blockNumber > lowest; blockNumber--) if (await read.isConfirmable([blockNumber])) return blockNumber;
  return null;
}
