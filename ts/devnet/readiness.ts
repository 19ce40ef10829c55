import { firstLine } from '../base/errors.ts';
import { publicClient, type Endpoint } from '../chain/clients.ts';
import type { DevnetNetwork } from '../chain/deployments.ts';
import { hasCode } from '../chain/lookups.ts';
import type { RelayerStatus } from './relayers/relayer.ts';

/** Whether a devnet can be used, and if not why. */
export interface Readiness {
  ready: boolean;
  /** What is not there yet, or not any more; one sentence each. */
  missing: string[];
}

export interface ReadinessParameters {
  networks: Readonly<Record<string, DevnetNetwork>>;
  relayers: readonly Pick<RelayerStatus, 'name' | 'error' | 'rounds' | 'mode'>[];
  /** Absent when it runs without one. */
  sequencer?: { url: string; halted: () => Error | null };
}

/** Asks everything anew: contracts in place on every chain, relayers polling, sequencer running. */
export async function readinessOf({ networks, relayers, sequencer }: ReadinessParameters): Promise<Readiness> {
  const missing = (await Promise.all([...Object.entries(networks).map(async ([name, network]) => await missingOn(name, network)), sequencer === undefined ? [] : missingSequencer(sequencer)])).flat();
  for (const { name, rounds, error, mode } of relayers) {
    if (error !== undefined) missing.push(`relayer ${name} fails: ${error}`);
    else if (rounds === 0 && mode === 'auto') missing.push(`relayer ${name} has not looked at the chains yet`);
  }
  return { ready: missing.length === 0, missing };
}

async function missingOn(name: string, { chainId, rpcUrl, contracts }: DevnetNetwork): Promise<string[]> {
  const endpoint: Endpoint = { name, chainId, rpcUrl };
  const client = publicClient(endpoint);
  try {
    const actual = await client.getChainId();
    if (actual !== chainId) return [`${name}: another chain answers (expected ${chainId}, actual ${actual})`];
    const found = await Promise.all(Object.entries(contracts).map(async ([contract, address]) => ((await hasCode(client, address)) ? [] : [`${name}: ${contract} is not at ${address}`])));
    return found.flat();
  } catch (error) {
    return [`${name} does not answer: ${firstLine(error)}`];
  }
}

async function missingSequencer({ url, halted }: NonNullable<ReadinessParameters['sequencer']>): Promise<string[]> {
  const reason = halted();
  if (reason !== null) return [`the sequencer has halted: ${firstLine(reason)}`];
  try {
    const { ok, status } = await fetch(`${url}/status`, { signal: AbortSignal.timeout(5_000) });
    return ok ? [] : [`the sequencer answers with ${status}`];
  } catch (error) {
    return [`the sequencer does not answer: ${firstLine(error)}`];
  }
}
