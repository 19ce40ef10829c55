import { createTestClient, http } from 'viem';
import { primaryRollupAbi } from '../../chain/generated/abi.ts';
import { publicClient, viemChain, type Endpoint } from '../../chain/clients.ts';
import type { ChainDeployment } from '../../chain/deployments.ts';
import { addressOf, type Hex } from '../../spec/hex.ts';
import { testAccount, type TestAccountName } from '../../devnet/accounts.ts';
import { Outbox } from '../../sequencer/outbox.ts';
import { EXIT_BOND } from './deployment.ts';
import type { TestUser } from '../../sequencer/testSupport.ts';

/* Steps of users and of the outer chains in tests of the sequencer. */

export function endpointOf({ name, chainId, rpcUrl }: ChainDeployment): Endpoint {
  return { name, chainId, rpcUrl };
}

export function testClient(chain: ChainDeployment) {
  return createTestClient({ mode: 'anvil', chain: viemChain(chain), transport: http(chain.rpcUrl) });
}

export function outboxOf(chain: ChainDeployment, account: TestAccountName, options: { stuckMs?: number } = {}): Outbox {
  return new Outbox({ endpoint: endpointOf(chain), privateKey: testAccount(account).privateKey, ...options });
}

/** Deposits `amount` wei for `user`, paid by `account`. */
export async function depositFor(chain: ChainDeployment, user: TestUser, amount: bigint, account: TestAccountName = 'alice'): Promise<Hex> {
  const receipt = await outboxOf(chain, account).send({
    address: chain.rollup, abi: primaryRollupAbi, functionName: 'depositNative', args: [addressOf(user.owner), user.keyX, user.keyY], value: amount,
  });
  return receipt.transactionHash;
}

export async function requestFullExit(chain: ChainDeployment, account: TestAccountName, leafIndex: number, least = 0n): Promise<void> {
  await outboxOf(chain, account).send({ address: chain.rollup, abi: primaryRollupAbi, functionName: 'requestFullExit', args: [leafIndex, least], value: EXIT_BOND });
}

export async function balance(chain: ChainDeployment, address: Hex): Promise<bigint> {
  return await publicClient(chain).getBalance({ address });
}

export async function until(condition: () => boolean | Promise<boolean>, what: string, ms = 60_000): Promise<void> {
  const end = Date.now() + ms;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`it did not happen in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
