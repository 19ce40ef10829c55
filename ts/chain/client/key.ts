import type { LocalAccount } from 'viem';

import { RollupError } from '../../base/errors.ts';
import { deriveL2Key, L2_KEY_MESSAGE, type L2Key } from '../../spec/signature.ts';

/**
 * The L2 key of a wallet, made from its signature of a fixed message, so that the wallet alone restores it. Signs twice: a wallet whose
 * signatures differ from time to time would lose its leaves.
 * @throws RollupError when the two signatures differ
 */
export async function keyOfAccount(account: Pick<LocalAccount, 'address' | 'signMessage'>): Promise<L2Key> {
  const first = await account.signMessage({ message: L2_KEY_MESSAGE });
  const second = await account.signMessage({ message: L2_KEY_MESSAGE });
  if (first !== second) {
    throw new RollupError('This wallet signs the same message differently each time, so an L2 key made from it could not be made again', {
      facts: { wallet: account.address },
      hint: 'Use a wallet with deterministic signatures (RFC 6979), as most are.',
    });
  }
  return deriveL2Key(first);
}
