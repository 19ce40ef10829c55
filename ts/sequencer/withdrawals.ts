import { formatError } from '../base/errors.ts';
import type { Progress } from '../base/progress.ts';
import { RevertError } from '../chain/errors.ts';
import { addressOf } from '../spec/hex.ts';
import { decodeOperations } from '../spec/pubdata.ts';
import { chainBlock } from './driver.ts';
import type { Payout, RollupPort } from './ports.ts';
import type { BlockRecord } from './store.ts';

/** The native coin, in which a full exit's bond comes back. */
const NATIVE_TOKEN = 1;

/** Who gets pending balances when a chain executes these blocks; each owner and token once. Bonds that are lost are left to who gets them. */
export function payoutsOf(blocks: readonly BlockRecord[], chainIndex: number): Payout[] {
  const payouts = new Map<string, Payout>();
  for (const block of blocks) {
    for (const operation of decodeOperations(chainBlock(block, chainIndex).onchainData, 'onchain')) {
      if ((operation.type !== 'withdraw' && operation.type !== 'fullExit') || operation.amount === 0n) continue;
      const owner = addressOf(operation.type === 'withdraw' ? operation.to : operation.owner);
      const tokens = operation.type === 'withdraw' ? [Number(operation.token)] : [Number(operation.token), NATIVE_TOKEN];
      for (const token of tokens) payouts.set(`${owner}/${token}`, { owner, token });
    }
  }
  return [...payouts.values()];
}

/**
 * Pushes pending balances to their owners. An owner that cannot be paid (a contract that refuses, a token that reverts) is left alone:
 * the balance stays pending and anyone can push it later.
 */
export async function pushWithdrawals({ rollup, blocks, progress }: { rollup: RollupPort; blocks: readonly BlockRecord[]; progress: Progress }): Promise<void> {
  for (const payout of payoutsOf(blocks, rollup.chainIndex)) {
    if ((await rollup.pendingBalance(payout)) === 0n) continue;
    try {
      const { hash } = await rollup.withdrawPending(payout);
      progress.report(`withdrawal of token ${payout.token} pushed to ${payout.owner} on ${rollup.name} ${hash}`);
    } catch (error) {
      if (!(error instanceof RevertError)) throw error;
      progress.report(`${rollup.name}: ${payout.owner} could not be paid token ${payout.token}, the balance stays pending: ${formatError(error)}`);
    }
  }
}
