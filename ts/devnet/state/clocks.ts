import { type ChainNode, headOf, nodeOf } from './chainState.ts';

/** Seconds since 1970 by this machine's clock. */
export function wallClock(): number {
  return Math.floor(Date.now() / 1000);
}

/**
 * Puts the clocks of chains that were loaded to now, all to the same second, and mines a block there, so that `latest` is not as old as the
 * file. Chains whose last block is in the future (time was passed on them) go on from the latest of those.
 * @returns the timestamp of the blocks
 */
export async function startClocks(chains: readonly ChainNode[]): Promise<number> {
  const heads = await Promise.all(chains.map(headOf));
  const time = Math.max(wallClock(), ...heads.map(({ timestamp }) => timestamp + 1));
  await Promise.all(chains.map(async (chain) => {
    const node = nodeOf(chain);
    await node({ method: 'evm_setNextBlockTimestamp', params: [time] });
    await node({ method: 'evm_mine', params: [] });
  }));
  return time;
}

/** Sets the clocks of all chains; they go on from there. No block is mined. */
export async function setClocks(chains: readonly ChainNode[], time: number): Promise<void> {
  await Promise.all(chains.map(async (chain) => await nodeOf(chain)({ method: 'evm_setTime', params: [time] })));
}
