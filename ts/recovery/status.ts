import { primaryRollupAbi } from '../chain/generated/abi.ts';
import type { Deployment } from '../chain/deployments.ts';
import type { Hex } from '../spec/hex.ts';
import { chainDataError, patiently, readHead, type ChainSource, type Head, type Patience } from './rpc.ts';

/** Mode of a chain's rollup contract, by its number. */
export const modes = ['running', 'stopped', 'halted'] as const;
export type Mode = (typeof modes)[number];

/** How far a chain is, at one block of it. */
export interface ChainStatus {
  head: Head;
  mode: Mode;
  committed: number;
  proved: number;
  synced: number;
  confirmed: number;
  executed: number;
  /** In mode halted; the final root is 0 until exits are open. */
  halt: { blockNumber: number; finalRoot: bigint } | null;
}

export interface ReadOptions {
  signal?: AbortSignal | undefined;
  patience?: Patience | undefined;
}

/**
 * Counters and mode of a chain, all at one block.
 * @throws ChainDataError when the contract is not the deployment's or the counters cannot be so
 */
export async function readStatus(source: ChainSource, deployment: Deployment, options: ReadOptions = {}): Promise<ChainStatus> {
  const { chain, client } = source;
  const head = await readHead(source, options);
  const contract = { address: chain.rollup, abi: primaryRollupAbi, blockNumber: BigInt(head.number) } as const;
  const status = await patiently(`State of ${chain.name} cannot be read`, source, async () => {
    const [chainId, deploymentId, chainIndex, chainCount, mode, committed, proved, synced, confirmed, executed] = await Promise.all([
      client.getChainId(),
      client.readContract({ ...contract, functionName: 'deploymentId' }),
      client.readContract({ ...contract, functionName: 'chainIndex' }),
      client.readContract({ ...contract, functionName: 'chainCount' }),
      client.readContract({ ...contract, functionName: 'mode' }),
      client.readContract({ ...contract, functionName: 'totalBlocksCommitted' }),
      client.readContract({ ...contract, functionName: 'totalBlocksProved' }),
      client.readContract({ ...contract, functionName: 'totalBlocksSynced' }),
      client.readContract({ ...contract, functionName: 'totalBlocksConfirmed' }),
      client.readContract({ ...contract, functionName: 'totalBlocksExecuted' }),
    ]);
    const [haltBlock, haltRoot] = await Promise.all([client.readContract({ ...contract, functionName: 'haltBlock' }), client.readContract({ ...contract, functionName: 'haltRoot' })]);
    return { identity: { chainId, deploymentId, chainIndex, chainCount }, mode, counters: { committed, proved, synced, confirmed, executed }, haltBlock, haltRoot };
  }, options);
  const expected = { chainId: chain.chainId, deploymentId: deployment.deploymentId, chainIndex: chain.chainIndex, chainCount: deployment.chains.length };
  for (const [name, value] of Object.entries(expected)) {
    const actual = (status.identity as Record<string, unknown>)[name];
    if (actual !== value) throw chainDataError(`Another rollup than the deployment's answers on ${chain.name}`, { field: name, expected: value, actual, contract: chain.rollup }, [source]);
  }
  const { committed, proved, synced, confirmed, executed } = status.counters;
  if (!(committed >= proved && proved >= synced && synced >= confirmed && confirmed >= executed)) {
    throw chainDataError(`Counters of ${chain.name} cannot be so`, { expected: 'committed ≥ proved ≥ synced ≥ confirmed ≥ executed', actual: [committed, proved, synced, confirmed, executed].join(', ') }, [source]);
  }
  const mode = modes[status.mode];
  if (mode === undefined) throw chainDataError(`${chain.name} is in an unknown mode`, { expected: modes.join(', '), actual: status.mode }, [source]);
  const halt = mode === 'halted' ? { blockNumber: status.haltBlock, finalRoot: status.haltRoot } : null;
  if (halt !== null && halt.blockNumber !== confirmed) throw chainDataError(`${chain.name} is halted at another block than it has confirmed`, { expected: confirmed, actual: halt.blockNumber }, [source]);
  return { head, mode, ...status.counters, halt };
}

/** Hash of what the contract holds of a block; zero when it holds none. Blocks that are synced never change, so the newest state is asked. */
export async function readStoredHash(source: ChainSource, blockNumber: number, options: ReadOptions = {}): Promise<Hex> {
  const { chain, client } = source;
  return await patiently(`Stored block ${blockNumber} of ${chain.name} cannot be read`, source, () => client.readContract({ address: chain.rollup, abi: primaryRollupAbi, functionName: 'storedBlockHash', args: [blockNumber] }), options);
}
