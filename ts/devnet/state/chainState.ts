import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { Hex } from 'viem';
import { RollupError } from '../../base/errors.ts';
import { httpNode, type RpcHandler } from '../front/rpc.ts';

/** A chain of a devnet at its own node, not at a front. */
export interface ChainNode {
  name: string;
  url: string;
}

/** The newest block of a chain. */
export interface ChainHead {
  number: number;
  hash: Hex;
  /** Seconds since 1970. */
  timestamp: number;
}

/** A chain whose whole state is in a file that anvil loads (`--load-state`). */
export interface StoredChain {
  name: string;
  chainId: number;
  file: string;
  head: ChainHead;
}

export function nodeOf({ name, url }: ChainNode): RpcHandler {
  return httpNode({ name, url });
}

export async function headOf(chain: ChainNode): Promise<ChainHead> {
  const { number, hash, timestamp } = (await nodeOf(chain)({ method: 'eth_getBlockByNumber', params: ['latest', false] })) as { number: Hex; hash: Hex; timestamp: Hex };
  return { number: Number(number), hash, timestamp: Number(timestamp) };
}

/** Timestamp (seconds) that the chain's next block would have. */
export async function clockOf(chain: ChainNode): Promise<number> {
  const { timestamp } = (await nodeOf(chain)({ method: 'eth_getBlockByNumber', params: ['pending', false] })) as { timestamp: Hex };
  return Number(timestamp);
}

/**
 * All that anvil keeps of a chain, as the text that it loads: accounts, blocks, transactions with receipts, logs and traces, and the states
 * at its blocks. It does not keep: transactions that wait in its pool, filters, subscriptions, impersonated accounts and its own snapshots.
 */
export async function dumpChain(chain: ChainNode): Promise<Buffer> {
  const answer = await nodeOf(chain)({ method: 'anvil_dumpState', params: [true] });
  if (typeof answer !== 'string' || !answer.startsWith('0x')) throw new RollupError(`Chain ${chain.name} gave no state`, { facts: { answer } });
  return await promisify(gunzip)(Buffer.from(answer.slice(2), 'hex'));
}

/** @throws RollupError when another state than the stored one was loaded */
export async function assertLoaded(chain: ChainNode, { head }: Pick<StoredChain, 'head'>): Promise<void> {
  const actual = await headOf(chain);
  if (actual.hash !== head.hash) throw new RollupError(`Chain ${chain.name} did not load its state`, { facts: { expected: head, actual } });
}

export function checksumOf(data: Buffer | string): string {
  return createHash('sha256').update(data).digest('hex');
}
