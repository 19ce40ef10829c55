import { parseEventLogs, type Address, type TransactionReceipt } from 'viem';

import type { Proof } from '../../spec/chainSide.ts';
import { secondaryRollupAbi } from '../generated/abi.ts';
import { send } from '../send.ts';
import { gasCostOf, type WriteParameters } from './types.ts';

/** What one leaf is paid, with the proof of it (src/types/LeafExit.sol). */
export interface LeafExit {
  leafIndex: number;
  owner: Address;
  /** Of the coins that are paid: for a leaf with shares the token of their pool. */
  token: number;
  /** In the token's smallest unit. */
  amount: bigint;
  proof: Proof;
}

export interface ExitLeavesParameters extends WriteParameters {
  /** Leaves of this chain; all of them are credited, or none. */
  exits: readonly LeafExit[];
}

export interface ExitLeavesReturnType {
  /** What the chain credited, leaf by leaf. */
  exited: { leafIndex: number; owner: Address; token: number; amount: bigint }[];
  receipt: TransactionReceipt;
  /** Wei that the sender paid for gas. */
  gasCost: bigint;
}

/**
 * Credits the owners of leaves with what they hold in the rollup's last state. Anyone may; withdrawPending pays.
 * @throws RevertError with ExitsNotOpen, LeafAlreadyExited, InvalidProof or ZeroExitAmount
 */
export async function exitLeaves({ client, wallet, rollup, exits }: ExitLeavesParameters): Promise<ExitLeavesReturnType> {
  const receipt = await send({ client, wallet, address: rollup, abi: secondaryRollupAbi, functionName: 'exitLeaves', args: [exits.map(toAbi)], what: 'exit' });
  const events = parseEventLogs({ abi: secondaryRollupAbi, eventName: 'Exited', logs: receipt.logs });
  return { exited: events.map(({ args: { leafIndex, owner, token, amount } }) => ({ leafIndex, owner, token, amount })), receipt, gasCost: gasCostOf(receipt) };
}

function toAbi({ leafIndex, owner, token, amount, proof: { a, b, c } }: LeafExit) {
  return { leafIndex, owner, token, amount, proof: { a, b, c } };
}
