import { bytesToHex } from 'viem';
import { mnemonicToAccount, privateKeyToAddress } from 'viem/accounts';
import { RollupError } from '../base/errors.ts';
import type { TestAccount } from '../chain/deployments.ts';

/** The public mnemonic of every development chain. Whoever sends real money to its accounts loses it. */
export const TEST_MNEMONIC = 'test test test test test test test test test test test junk';

/** Who uses which account of the mnemonic, in order: the accounts that anvil prints. Whoever comes after them is called `user10`, `user11`, … */
const USER_NAMES = ['alice', 'bob', 'carol', 'dave', 'erin', 'frank', 'grace', 'heidi', 'ivan', 'judy'] as const;

/**
 * The devnet's own parts, in order. Their keys come from another path of the public mnemonic (its second branch), whatever the users' mnemonic is: no
 * client uses them by chance, and the users' nonces stay untouched.
 */
const OPERATOR_NAMES = ['deployer', 'validator', 'relayer', 'prover', 'operator'] as const;

export type UserName = (typeof USER_NAMES)[number];
export type OperatorName = (typeof OPERATOR_NAMES)[number];
export type TestAccountName = UserName | OperatorName;

/** Users' accounts as clients of anvil derive them: m/44'/60'/0'/0/i. */
const USER_PATH = 'm/0';
/** m/44'/60'/0'/1/i: BIP-44's path for a wallet's own change, which wallets of Ethereum do not use. */
const OPERATOR_PATH = 'm/1';

export interface Users {
  /** Default: anvil's. */
  mnemonic?: string;
  /** Default 10. */
  count?: number;
}

/** @throws RollupError when the words are no mnemonic */
export function userAccounts({ mnemonic = TEST_MNEMONIC, count = USER_NAMES.length }: Users = {}): TestAccount[] {
  return derive(mnemonic, USER_PATH, Array.from({ length: count }, (_, i) => USER_NAMES[i] ?? `user${i}`));
}

function derive(mnemonic: string, path: string, names: readonly string[]): TestAccount[] {
  try {
    // The slow step from the words to a key is taken once.
    const root = mnemonicToAccount(mnemonic, { path: "m/44'/60'/0'" }).getHdKey();
    return names.map((name, i) => {
      const privateKey = bytesToHex(root.derive(`${path}/${i}`).privateKey ?? new Uint8Array());
      return { name, address: privateKeyToAddress(privateKey), privateKey };
    });
  } catch (cause) {
    throw new RollupError('These words are no mnemonic', { facts: { expected: '12, 15, 18, 21 or 24 words', actual: `${mnemonic.split(/\s+/).length} words` }, cause });
  }
}

export const operatorAccounts: readonly TestAccount[] = derive(TEST_MNEMONIC, OPERATOR_PATH, OPERATOR_NAMES);

/** Users of the default mnemonic, then the devnet's own parts. */
export const testAccounts: readonly TestAccount[] = [...userAccounts(), ...operatorAccounts];

export function testAccount(name: TestAccountName): TestAccount {
  const account = testAccounts.find((candidate) => candidate.name === name);
  if (!account) throw new RollupError(`There is no test account "${name}"`);
  return account;
}
