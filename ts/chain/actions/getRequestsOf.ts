import type { Address, Hex } from 'viem';

import { queuedRequestHash } from '../../spec/chainSide.ts';
import { secondaryRollupAbi } from '../generated/abi.ts';
import { readEvents } from '../logs.ts';
import type { ReadParameters } from './types.ts';

/**
 * `executed`: a block has served it; `open`: it waits; `refundable`: no block up to the halt has served it, and exits are open;
 * `refunded`: it has been.
 */
export type OwnedRequestStatus = 'executed' | 'open' | 'refundable' | 'refunded';

interface RequestFields {
  requestId: bigint;
  status: OwnedRequestStatus;
  owner: Address;
  /** Unix seconds. */
  expiresAt: number;
  /** That made the request. */
  transaction: Hex;
}

export interface OwnedDeposit extends RequestFields {
  type: 'deposit';
  token: number;
  /** In the token's smallest unit. */
  amount: bigint;
  keyX: bigint;
  keyY: bigint;
}

export interface OwnedFullExit extends RequestFields {
  type: 'fullExit';
  leafIndex: number;
  /** The fewest coins that the owner takes. */
  least: bigint;
}

export type OwnedRequest = OwnedDeposit | OwnedFullExit;

export interface GetRequestsOfParameters extends ReadParameters {
  /** Of deposits: whom they are for; of full exits: who asked. */
  owner: Address;
  /** Block from which on the rollup's events are to be read. */
  fromBlock: number;
}

/** Deposits and full exit requests of one owner on a chain, in order; found by events and checked against the queue. */
export async function getRequestsOf({ client, rollup, owner, fromBlock }: GetRequestsOfParameters): Promise<OwnedRequest[]> {
  const toBlock = await client.getBlockNumber();
  const contract = { address: rollup, abi: secondaryRollupAbi } as const;
  const range = { ...contract, client, args: { owner }, fromBlock: BigInt(fromBlock), toBlock };
  const at = { ...contract, blockNumber: toBlock };
  const [deposits, fullExits, [, , nextToExecute], exitsOpen] = await Promise.all([
    readEvents({ ...range, eventName: 'DepositRequested' }),
    readEvents({ ...range, eventName: 'FullExitRequested' }),
    client.readContract({ ...at, functionName: 'priorityQueueState' }),
    client.readContract({ ...at, functionName: 'exitsOpen' }),
  ]);
  const requests: OwnedRequest[] = [
    ...deposits.map(({ args: { requestId, token, amount, keyX, keyY, expiresAt }, transactionHash: transaction }) =>
      ({ type: 'deposit' as const, requestId, status: 'open' as const, owner, token, amount, keyX, keyY, expiresAt, transaction })),
    ...fullExits.map(({ args: { requestId, leafIndex, least, expiresAt }, transactionHash: transaction }) =>
      ({ type: 'fullExit' as const, requestId, status: 'open' as const, owner, leafIndex, least, expiresAt, transaction })),
  ];
  const statusOf = async (request: OwnedRequest): Promise<OwnedRequestStatus> => {
    if (request.requestId < nextToExecute) return 'executed';
    const [hash] = await client.readContract({ ...at, functionName: 'priorityRequest', args: [request.requestId] });
    if (hash !== hashOf(request)) return 'refunded';
    return exitsOpen ? 'refundable' : 'open';
  };
  const known = await Promise.all(requests.map(async (request): Promise<OwnedRequest> => ({ ...request, status: await statusOf(request) })));
  return known.sort((a, b) => Number(a.requestId - b.requestId));
}

/** What the queue keeps of a request. */
function hashOf(request: OwnedRequest): Hex {
  const owner = BigInt(request.owner);
  if (request.type === 'fullExit') return queuedRequestHash({ type: 'fullExit', leafIndex: request.leafIndex, owner, least: request.least });
  const { token, amount, keyX, keyY } = request;
  return queuedRequestHash({ type: 'deposit', token: BigInt(token), owner, amount, keyX, keyY });
}
