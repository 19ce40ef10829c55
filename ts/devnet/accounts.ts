import { type Hex, toHex } from 'viem';
import { mnemonicToAccount } from 'viem/accounts';
import { RollupError } from '../base/errors.ts';
import type { TestAccount } from '../chain/deployments.ts';

/** The public mnemonic of every development chain. Whoever sends real money to its accounts loses it. */
export const TEST_MNEMONIC = 'test test test test test test test test test test test junk';

/** Who uses which account of the mnemonic, in order. */
const NAMES = ['deployer', 'validator', 'relayer', 'prover', 'operator', 'alice', 'bob', 'carol', 'dave'] as const;

export type TestAccountName = (typeof NAMES)[number];

/** The users among the test accounts: the others belong to the devnet's own parts. */
export const USERS = ['alice', 'bob', 'carol', 'dave'] as const satisfies readonly TestAccountName[];

export const testAccounts: readonly TestAccount[] = NAMES.map((name, addressIndex) => {
  const account = mnemonicToAccount(TEST_MNEMONIC, { addressIndex });
  const key = account.getHdKey().privateKey;
  if (!key) throw new RollupError('The mnemonic gave no private key', { facts: { name } });
  return { name, address: account.address, privateKey: toHex(key) satisfies Hex };
});

export function testAccount(name: TestAccountName): TestAccount {
  const account = testAccounts.find((candidate) => candidate.name === name);
  if (!account) throw new RollupError(`There is no test account "${name}"`);
  return account;
}
