import type { LocalAccount } from 'viem';

import { RollupError } from '../../base/errors.ts';
import { deriveL2Key, L2_KEY_MESSAGE, type L2Key } from '../../spec/signature.ts';

/** What a wallet signs to make its L2 key number `keyIndex`; number 0 is the key that every user starts with. */
export function l2KeyMessage(keyIndex: number): string {
  if (!Number.isSafeInteger(keyIndex) || keyIndex < 0) throw new RollupError('A key index is a whole number from 0', { facts: { actual: keyIndex } });
  return keyIndex === 0 ? L2_KEY_MESSAGE : `${L2_KEY_MESSAGE}\n\nKey number ${keyIndex}.`;
}

/**
 * The L2 key of a wallet, made from its signature of a fixed message, so that the wallet and the key's index alone restore it. Signs twice: a wallet whose
 * signatures differ from time to time would lose its leaves.
 * @param keyIndex which of the wallet's keys: 0 at first, another one after a change of key
 * @throws RollupError when the two signatures differ
 */
export async function keyOfAccount(account: Pick<LocalAccount, 'address' | 'signMessage'>, keyIndex = 0): Promise<L2Key> {
  const message = l2KeyMessage(keyIndex);
  const first = await account.signMessage({ message });
  const second = await account.signMessage({ message });
  if (first !== second) {
    throw new RollupError('This wallet signs the same message differently each time, so an L2 key made from it could not be made again', {
      facts: { wallet: account.address },
      hint: 'Use a wallet with deterministic signatures (RFC 6979), as most are.',
    });
  }
  return deriveL2Key(first);
}
