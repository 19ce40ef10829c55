import { RollupError } from '../../base/errors.ts';
import type { Progress } from '../../base/progress.ts';
import { poll } from '../../chain/client/wait.ts';
import { takeSnapshot, type Cast, type UserName } from './cast.ts';

const executeMilliseconds = 600_000;
/** How long the sequencer gets to pay out withdrawals before their owners do it themselves. */
const payoutMilliseconds = 30_000;

/** Waits until nothing waits for a block and the last block is executed on every chain. */
export async function settle({ cast, signal }: { cast: Cast; signal: AbortSignal }): Promise<{ lastBlock: number }> {
  const { api } = cast.clients.alice;
  return await poll({
    what: 'the last block to be executed on every chain',
    timeoutMilliseconds: executeMilliseconds,
    signal,
    check: async () => {
      const { lastBlock, pendingOperations, chains, halted } = await api.getStatus();
      if (halted !== undefined) throw new RollupError('The sequencer has halted', { facts: { reason: halted }, hint: "See the sequencer's log." });
      return pendingOperations === 0 && chains.every(({ executed }) => executed === lastBlock) ? { lastBlock } : undefined;
    },
  });
}

interface Owed {
  user: UserName;
  chainIndex: number;
  token: number;
}

async function readOwed({ clients }: Cast): Promise<Owed[]> {
  const snapshot = await takeSnapshot({ clients });
  return [...snapshot.values()].filter(({ pending }) => pending > 0n);
}

/** Gives the sequencer some time to pay out what executed blocks owe. */
export async function awaitPayouts(cast: Cast, signal: AbortSignal): Promise<void> {
  const end = Date.now() + payoutMilliseconds;
  await poll({
    what: 'withdrawals to be paid out',
    timeoutMilliseconds: 2 * payoutMilliseconds,
    signal,
    check: async () => ((await readOwed(cast)).length === 0 || Date.now() >= end ? true : undefined),
  });
}

/** Whoever is still owed something collects it. */
export async function collectPending({ cast, progress }: { cast: Cast; progress: Progress }): Promise<{ user: UserName; chainIndex: number; gasCost: bigint }[]> {
  const collected = [];
  for (const { user, chainIndex, token } of await readOwed(cast)) {
    const { gasCost } = await cast.clients[user].withdrawPending({ chainIndex, token });
    progress.report(`${user} collects the pending balance of token ${token} on ${cast.deployment.chains[chainIndex]?.name}`);
    collected.push({ user, chainIndex, gasCost });
  }
  return collected;
}
