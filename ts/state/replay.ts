import { RollupError } from '../base/errors.ts';
import type { Hex } from '../spec/hex.ts';
import { isEmptyLeaf, type Leaf } from '../spec/leaf.ts';
import type { PublicOperation } from '../spec/operation.ts';
import { MAX_BALANCE } from '../spec/params.ts';
import { decodeOperations } from '../spec/pubdata.ts';
import type { LeafIdentity } from './chainState.ts';
import type { LedgerState } from './ledger.ts';
import { accountLeaf } from './plan.ts';

export interface ReplaySegmentParameters {
  chainIndex: number;
  onchainData: Hex;
  l2Data: Hex;
}

/** What a segment does to one leaf, whatever the order of its operations. */
interface Delta {
  balance: bigint;
  nonce: bigint;
  opens: LeafIdentity | null;
}

/**
 * The state after a proved segment, from its public data alone. Signatures and order are not in the data and not needed: each operation
 * is a delta or opens a leaf. Whether the result is right is for the caller to see by the root.
 * @throws RollupError when the data cannot be decoded or no valid segment with this data fits the state
 */
export function replaySegment(state: LedgerState, { chainIndex, onchainData, l2Data }: ReplaySegmentParameters): LedgerState {
  const deltas = new Map<number, Delta>();
  for (const operation of [...decodeOperations(onchainData, 'onchain'), ...decodeOperations(l2Data, 'l2')]) addTo(deltas, operation);
  let chain = state.chain(chainIndex);
  for (const [leafIndex, delta] of deltas) {
    const before = chain.leaf(leafIndex);
    const after = changed(before, delta);
    if (after === null) {
      throw new RollupError('Public data of a segment do not fit the state', {
        facts: { chainIndex, leafIndex, balanceBefore: before.balance, balanceChange: delta.balance, opens: delta.opens !== null },
        hint: 'Replay every earlier segment first, in order.',
      });
    }
    chain = chain.withLeaf(leafIndex, after);
  }
  return state.withChain(chainIndex, chain);
}

function addTo(deltas: Map<number, Delta>, operation: PublicOperation): void {
  const delta = (leafIndex: number): Delta => {
    const found = deltas.get(leafIndex) ?? { balance: 0n, nonce: 0n, opens: null };
    deltas.set(leafIndex, found);
    return found;
  };
  switch (operation.type) {
    case 'deposit':
      delta(operation.leafIndex).opens = operation;
      delta(operation.leafIndex).balance += operation.amount;
      return;
    case 'open':
      delta(operation.leafIndex).opens = operation;
      return;
    case 'fullExit':
      delta(operation.leafIndex).balance -= operation.amount;
      return;
    case 'withdraw':
      delta(operation.leafIndex).balance -= operation.amount;
      delta(operation.leafIndex).nonce += 1n;
      return;
    case 'transfer':
      delta(operation.from).balance -= operation.amount;
      delta(operation.from).nonce += 1n;
      delta(operation.to).balance += operation.amount;
  }
}

/** Null when the leaf cannot change like that. */
function changed(before: Leaf, { balance, nonce, opens }: Delta): Leaf | null {
  const isUsed = nonce > 0n || balance !== 0n;
  if (isEmptyLeaf(before) && opens === null) return isUsed ? null : before;
  const start = isEmptyLeaf(before) && opens ? accountLeaf(opens, 0n) : before;
  const after = { ...start, balance: start.balance + balance, nonce: start.nonce + nonce };
  return after.balance < 0n || after.balance > MAX_BALANCE ? null : after;
}
