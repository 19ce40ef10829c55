import type { Address, Hex } from 'viem';
import { type Progress, silentProgress } from '../base/progress.ts';

interface QueuedTransaction {
  hash: Hex;
  nonce: Hex;
}

export interface PoolGuard {
  stop(): Promise<void>;
}

/**
 * Frees transactions that anvil forgot. A transaction that reaches anvil at the moment when the one with the nonce before it is mined can stay
 * "queued" for ever, although nothing is missing before it; no block takes it, and mining does not help. Its sender's transactions are then
 * taken out of the pool and put back as they were, so that their hashes stay the same.
 */
export function guardPool({ rpcUrl, intervalMs = 250, progress = silentProgress }: { rpcUrl: string; intervalMs?: number; progress?: Progress }): PoolGuard {
  const stopping = new AbortController();
  let suspects = new Set<Hex>();
  const look = async (): Promise<void> => {
    const stuck = await stuckTransactions(rpcUrl, stopping.signal);
    // Seen twice: what is just being mined looks stuck for a moment.
    const confirmed = stuck.filter(({ first }) => suspects.has(first));
    suspects = new Set(stuck.map(({ first }) => first));
    for (const { sender, hashes } of confirmed) {
      await putBack({ rpcUrl, sender, hashes, signal: stopping.signal });
      progress.report(`anvil had forgotten ${hashes.length} queued transaction(s) of ${sender}; put back`);
    }
  };
  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await look().catch(() => {}); // The chain may be stopping; a chain that died is reported by its process.
      await new Promise((resolve) => setTimeout(resolve, intervalMs));
    }
  };
  const done = loop();
  return {
    async stop() {
      stopping.abort();
      await done;
    },
  };
}

/** Senders whose next nonce sits in the queue, which is for transactions that wait for an earlier one. */
async function stuckTransactions(rpcUrl: string, signal: AbortSignal): Promise<{ sender: Address; first: Hex; hashes: Hex[] }[]> {
  const { queued: count } = await rpc<{ queued: Hex }>({ rpcUrl, method: 'txpool_status', params: [], signal });
  if (Number(count) === 0) return [];
  const { queued } = await rpc<{ queued: Record<Address, Record<string, QueuedTransaction>> }>({ rpcUrl, method: 'txpool_content', params: [], signal });
  const stuck: { sender: Address; first: Hex; hashes: Hex[] }[] = [];
  for (const [sender, byNonce] of Object.entries(queued) as [Address, Record<string, QueuedTransaction>][]) {
    const next = Number(await rpc<Hex>({ rpcUrl, method: 'eth_getTransactionCount', params: [sender, 'latest'], signal }));
    const transactions = Object.values(byNonce).sort((a, b) => Number(a.nonce) - Number(b.nonce));
    const first = transactions[0];
    if (first !== undefined && Number(first.nonce) === next) stuck.push({ sender, first: first.hash, hashes: transactions.map(({ hash }) => hash) });
  }
  return stuck;
}

async function putBack({ rpcUrl, sender, hashes, signal }: { rpcUrl: string; sender: Address; hashes: readonly Hex[]; signal: AbortSignal }): Promise<void> {
  const raw: Hex[] = [];
  for (const hash of hashes) raw.push(await rpc<Hex>({ rpcUrl, method: 'eth_getRawTransactionByHash', params: [hash], signal }));
  await rpc({ rpcUrl, method: 'anvil_removePoolTransactions', params: [sender], signal });
  for (const transaction of raw) await rpc({ rpcUrl, method: 'eth_sendRawTransaction', params: [transaction], signal });
}

async function rpc<T>({ rpcUrl, method, params, signal }: { rpcUrl: string; method: string; params: unknown[]; signal: AbortSignal }): Promise<T> {
  const response = await fetch(rpcUrl, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }), signal });
  const { result, error } = (await response.json()) as { result: T; error?: { message: string } };
  if (error) throw new Error(error.message);
  return result;
}
