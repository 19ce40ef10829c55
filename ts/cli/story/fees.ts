import { formatAmount } from '../../chain/client/amount.ts';
import type { BlockRecord, SequencerApi } from '../../chain/client/sequencerApi.ts';
import type { Deployment } from '../../chain/deployments.ts';
import type { Check } from './ledger.ts';

/** What the story's blocks paid and collected as fees of one token on one chain; in the token's smallest unit. */
export interface FeeSums {
  chainIndex: number;
  token: number;
  paid: bigint;
  collected: bigint;
}

export interface ReadFeesParameters {
  api: SequencerApi;
  deployment: Deployment;
  blocks: readonly BlockRecord[];
}

/** For every chain and token, by the operations of the blocks. */
export async function readFees({ api, deployment, blocks }: ReadFeesParameters): Promise<FeeSums[]> {
  const sums = deployment.chains.flatMap(({ chainIndex, tokens }) => tokens.map(({ token }): FeeSums => ({ chainIndex, token, paid: 0n, collected: 0n })));
  for (const operation of blocks.flatMap(({ operations }) => operations)) {
    const [chainIndex, leafIndex] = [Number(operation['chainIndex']), Number(operation['from'] ?? operation['leafIndex'])];
    const [fee, amount] = [BigInt(String(operation['fee'] ?? 0)), operation['type'] === 'collectFees' ? BigInt(String(operation['amount'])) : 0n];
    if (fee === 0n && amount === 0n) continue;
    const token = (await api.getLeaf(chainIndex, leafIndex))?.token;
    const sum = sums.find((candidate) => candidate.chainIndex === chainIndex && candidate.token === token);
    if (sum === undefined) continue;
    sum.paid += fee;
    sum.collected += amount;
  }
  return sums;
}

/** A fee that nobody collects is lost, so all of them must be the operator's. */
export function checkFees(deployment: Deployment, sums: readonly FeeSums[]): Check[] {
  return sums.map(({ chainIndex, token, paid, collected }) => {
    const chain = deployment.chains[chainIndex];
    const { symbol, decimals } = chain?.tokens.find((candidate) => candidate.token === token) ?? { symbol: `token ${token}`, decimals: 0 };
    return { what: `${chain?.name ?? chainIndex}: ${symbol} collected as fees = paid as fees`, expected: formatAmount(paid, decimals), actual: formatAmount(collected, decimals), ok: paid === collected };
  });
}
