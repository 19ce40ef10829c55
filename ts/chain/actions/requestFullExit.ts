import { parseEventLogs, type TransactionReceipt } from 'viem';

import { RollupError } from '../../base/errors.ts';
import { secondaryRollupAbi } from '../generated/abi.ts';
import { send } from '../send.ts';
import { gasCostOf, type WriteParameters } from './types.ts';

export interface RequestFullExitParameters extends WriteParameters {
  /** Leaf of this chain that is to be emptied; it must be the sender's, or the request is served with 0. */
  leafIndex: number;
  /**
   * The fewest coins (smallest unit of the token that is paid) that will do: an exit that would pay fewer pays nothing and leaves the leaf as it is. 0: whatever it stands for.
   * What shares stand for moves with every order, and whoever orders operations can move it: see leastOfExit.
   */
  least: bigint;
  /** The most that a request may cost while the queue is full (wei): there the price doubles with every `maxOpenRequests` that wait. Default: no more than the bond. */
  maxPrice?: bigint;
}

export interface RequestFullExitReturnType {
  /** Place in the chain's priority queue. */
  requestId: bigint;
  /** Unix seconds by which the request must have been executed. */
  expiresAt: number;
  /** Wei that came with the request: back to the owner with an exit that pays, lost with one that pays nothing, be it because `least` is not reached. */
  bond: bigint;
  /** Wei that the request cost: the bond, or more while the queue was full; what is above the bond is lost. */
  price: bigint;
  receipt: TransactionReceipt;
  /** Wei that the sender paid for gas. */
  gasCost: bigint;
}

/**
 * Asks the chain itself for everything in a leaf; no operator can refuse it. Brings the chain's bond, or up to `maxPrice` while the queue is full. Waits until the request is mined.
 * @throws RollupError when the queue is full and the price above `maxPrice`; nothing is sent then
 */
export async function requestFullExit({ client, wallet, rollup, leafIndex, least, maxPrice }: RequestFullExitParameters): Promise<RequestFullExitReturnType> {
  const target = { address: rollup, abi: secondaryRollupAbi } as const;
  const [bond, price] = await Promise.all([client.readContract({ ...target, functionName: 'exitBond' }), client.readContract({ ...target, functionName: 'fullExitPrice' })]);
  const full = price > bond;
  if (full && price > (maxPrice ?? bond)) throw queueFull({ bond, price, maxPrice });
  const functionName = full ? 'requestFullExitAtPrice' : 'requestFullExit';
  const receipt = await send({ ...target, client, wallet, functionName, args: [leafIndex, least], value: price, what: 'full exit' });
  const event = parseEventLogs({ abi: secondaryRollupAbi, eventName: 'FullExitRequested', logs: receipt.logs }).at(0);
  if (!event) throw new RollupError('The request was mined but left no FullExitRequested event', { facts: { transaction: receipt.transactionHash, rollup } });
  return { requestId: event.args.requestId, expiresAt: event.args.expiresAt, bond, price, receipt, gasCost: gasCostOf(receipt) };
}

function queueFull({ bond, price, maxPrice }: { bond: bigint; price: bigint; maxPrice: bigint | undefined }): RollupError {
  return new RollupError('The queue of the chain is full: a full exit costs more than its bond there', {
    facts: { bond: `${bond} wei`, price: `${price} wei`, allowed: maxPrice === undefined ? 'the bond' : `${maxPrice} wei` },
    hint: 'Allow the price (`full-exit --max-price AMOUNT`; what is above the bond is lost), or try again when requests have been served.',
  });
}
