import { type Address, HttpRequestError, isAddressEqual, TimeoutError } from 'viem';
import { RollupError } from '../base/errors.ts';
import { type Endpoint, isOnThisMachine, publicClient } from '../chain/clients.ts';
import { operatorAccounts, userAccounts } from '../devnet/accounts.ts';
import type { Environment } from './keys.ts';

/** As src/libraries/LocalChain.sol. */
function isLocalChain(chainId: number): boolean {
  return chainId === 1337 || (chainId >= 31_337 && chainId <= 31_399);
}

/** Accounts of the public mnemonic that are looked for: more than any client shows. */
const PUBLIC_USERS = 50;

/**
 * The first chain on which keys that everybody knows do harm; undefined when there is none. Chains are local by their ids. Others may be local, too:
 * ALLOW_DEVELOPMENT_KEYS=1 says so, and it counts only when every URL is of this machine and anvils answer there, not a tunnel to something real.
 */
export async function findRealChain(networks: readonly Endpoint[], env: Environment): Promise<Endpoint | undefined> {
  const real = networks.find(({ chainId }) => !isLocalChain(chainId));
  if (real === undefined || env['ALLOW_DEVELOPMENT_KEYS'] !== '1') return real;
  const abroad = networks.find(({ rpcUrl }) => !isOnThisMachine(rpcUrl));
  if (abroad !== undefined) return abroad;
  const answers = await Promise.all(networks.map(isAnvil));
  return networks.find((_, i) => answers[i] === false);
}

/** A node that does not answer at all does no harm as long as it does not: whoever sends something looks at the networks besides. */
async function isAnvil(endpoint: Endpoint): Promise<boolean> {
  try {
    const info: unknown = await publicClient(endpoint).request({ method: 'anvil_metadata', params: [] } as never);
    return typeof info === 'object' && info !== null;
  } catch (error) {
    return error instanceof TimeoutError || (error instanceof HttpRequestError && error.status === undefined);
  }
}

/**
 * Refuses accounts whose keys everybody has, wherever a chain is not local.
 * @param accounts by what they do
 * @throws RollupError that names them
 */
export async function assertNoPublicAccounts({ networks, env, accounts }: { networks: readonly Endpoint[]; env: Environment; accounts: Readonly<Record<string, Address>> }): Promise<void> {
  if (networks.every(({ chainId }) => isLocalChain(chainId))) return;
  const known = [...userAccounts({ count: PUBLIC_USERS }), ...operatorAccounts];
  const found = Object.entries(accounts).filter(([, address]) => known.some((account) => isAddressEqual(account.address, address)));
  if (found.length === 0) return;
  const real = await findRealChain(networks, env);
  if (real === undefined) return;
  throw new RollupError('An account is one of the public mnemonic', {
    facts: { network: `${real.name} (chain id ${real.chainId})`, ...Object.fromEntries(found.map(([role, address]) => [role, `${address}: everybody has its key`])) },
    hint: 'Name accounts of your own. For anvils of this machine with real ids set ALLOW_DEVELOPMENT_KEYS=1.',
  });
}
