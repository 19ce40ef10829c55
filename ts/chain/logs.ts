import type { Abi, Address, ContractEventName, GetContractEventsReturnType } from 'viem';

import { firstLine } from '../base/errors.ts';
import type { ChainPublicClient } from './clients.ts';
import { toRollupError } from './errors.ts';

export interface ReadEventsParameters<TAbi extends Abi, TName extends ContractEventName<TAbi>> {
  client: ChainPublicClient;
  address: Address;
  abi: TAbi;
  eventName: TName;
  /** Values of indexed arguments that events must have. */
  args?: Record<string, unknown>;
  fromBlock: bigint;
  /** Default: the chain's newest block. */
  toBlock?: bigint;
}

/** Nodes that refuse even so few blocks have another reason. */
const leastBlocks = 64n;

/**
 * All events of one kind in a range of blocks, in order. Asks for the whole range and, when the node finds that too much, for parts of it.
 * @throws RollupError when a node refuses even a small part
 */
export async function readEvents<const TAbi extends Abi, TName extends ContractEventName<TAbi>>(
  parameters: ReadEventsParameters<TAbi, TName>,
): Promise<GetContractEventsReturnType<TAbi, TName, true>> {
  const { client, address, abi, eventName, args, fromBlock } = parameters;
  const end = parameters.toBlock ?? (await client.getBlockNumber());
  const events: unknown[] = [];
  let [start, step] = [fromBlock, end - fromBlock + 1n];
  while (start <= end) {
    const toBlock = start + step - 1n < end ? start + step - 1n : end;
    try {
      const query = { address, abi: abi as Abi, eventName: eventName as string, ...(args === undefined ? {} : { args }), fromBlock: start, toBlock, strict: true } as const;
      events.push(...(await client.getContractEvents(query)));
      start = toBlock + 1n;
    } catch (error) {
      if (step <= leastBlocks) throw toRollupError(error, `reading ${eventName} of ${client.chain.name}`, { address, fromBlock: start, toBlock, reason: firstLine(error) });
      step = step / 4n > leastBlocks ? step / 4n : leastBlocks;
    }
  }
  return events as GetContractEventsReturnType<TAbi, TName, true>;
}
