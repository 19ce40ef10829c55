import { firstLine } from '../base/errors.ts';
import type { ChainDeployment } from '../chain/deployments.ts';
import type { SilentChain } from './exitPlan.ts';

/** Reads something of every chain at once. One that does not answer keeps nobody from the others: it is left out, and named. */
export async function readEach<T>(chains: readonly ChainDeployment[], read: (chain: ChainDeployment) => Promise<T>): Promise<{ found: T[]; silent: SilentChain[] }> {
  const silent: SilentChain[] = [];
  const found = await Promise.all(
    chains.map(async (chain) => {
      try {
        return [await read(chain)];
      } catch (error) {
        silent.push({ chainIndex: chain.chainIndex, name: chain.name, reason: firstLine(error) });
        return [];
      }
    }),
  );
  return { found: found.flat(), silent };
}
