import { createTestClient, http } from 'viem';
import { RollupError } from '../../base/errors.ts';
import { chainTime } from './sender.ts';
import type { ChainPublicClient } from '../../chain/clients.ts';

/**
 * Lets `seconds` pass on all chains in step: each gets one block, all with the same timestamp, `seconds` after what the chain that is furthest
 * ahead would have now.
 * @param clients of the nodes themselves, which must be anvils
 * @returns the timestamp
 */
export async function passTimeOn(clients: readonly ChainPublicClient[], seconds: number): Promise<bigint> {
  if (!Number.isSafeInteger(seconds) || seconds < 1) throw new RollupError('Time goes ahead by whole seconds', { facts: { expected: 'at least 1', actual: seconds } });
  const times = await Promise.all(clients.map(chainTime));
  const timestamp = times.reduce((latest, time) => (time > latest ? time : latest), 0n) + BigInt(seconds);
  await Promise.all(
    clients.map(async (client) => {
      const anvil = createTestClient({ mode: 'anvil', transport: http(client.transport.url) });
      await anvil.setNextBlockTimestamp({ timestamp });
      await anvil.mine({ blocks: 1 });
    }),
  );
  return timestamp;
}

