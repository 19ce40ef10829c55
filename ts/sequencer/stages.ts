import type { Hex } from '../spec/hex.ts';
import type { ChainEvent } from './events.ts';

/** Transactions that took one block through its stages on one chain; a stage that has not been seen yet is absent. */
export interface StageTransactions {
  commit?: Hex;
  prove?: Hex;
  sync?: Hex;
  confirm?: Hex;
  execute?: Hex;
}

/**
 * Finds the transactions of block `blockNumber` in a chain's events. A sync and a confirmation cover all blocks up to theirs; what a
 * revert took back does not count.
 */
export function stageTransactions(events: readonly ChainEvent[], blockNumber: number): StageTransactions {
  const found: StageTransactions = {};
  for (const event of events) {
    if (event.type === 'reverted' && event.committedAfter < blockNumber) {
      delete found.commit;
      delete found.prove;
    }
    if (!('rollupBlock' in event)) continue;
    const { type, rollupBlock, transactionHash } = event;
    if (type === 'committed' && rollupBlock === blockNumber) found.commit = transactionHash;
    if (type === 'proved' && rollupBlock === blockNumber) found.prove = transactionHash;
    if (type === 'executed' && rollupBlock === blockNumber) found.execute = transactionHash;
    if (type === 'synced' && rollupBlock >= blockNumber) found.sync ??= transactionHash;
    if (type === 'confirmed' && rollupBlock >= blockNumber) found.confirm ??= transactionHash;
  }
  return found;
}

/** The transaction in which the arbitrator confirmed block `blockNumber` or a later one; null before that. */
export function arbitratorTransaction(events: readonly ChainEvent[], blockNumber: number): Hex | null {
  const found = events.find((event) => event.type === 'arbitrated' && event.rollupBlock >= blockNumber);
  return found?.transactionHash ?? null;
}

/** Chains to which the arbitrator could not send the confirmation of its last confirmed block. */
export function deferredChains(events: readonly ChainEvent[]): number[] {
  const deferred = new Set<number>();
  for (const event of events) {
    if (event.type === 'arbitrated') deferred.clear();
    if (!('aboutChain' in event) || event.aboutChain === undefined) continue;
    if (event.type === 'deferred') deferred.add(event.aboutChain);
    if (event.type === 'confirmationSent') deferred.delete(event.aboutChain);
  }
  return [...deferred];
}
