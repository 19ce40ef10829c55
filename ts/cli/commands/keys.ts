import type { LocalAccount } from 'viem';

import { keyOfAccount } from '../../chain/client/key.ts';

/** How many of a wallet's keys are recognised. */
const knownKeys = 8;

/** Names a key: its index when it is one of the wallet's first keys, else its first digits. */
export type KeyName = (key: { keyX: bigint; keyY: bigint }) => string;

/** @param account absent when only the address is known: then no key is recognised */
export async function keyNames(account: Pick<LocalAccount, 'address' | 'signMessage'> | undefined): Promise<KeyName> {
  const keys = account === undefined ? [] : await Promise.all(Array.from({ length: knownKeys }, async (_, keyIndex) => (await keyOfAccount(account, keyIndex)).publicKey));
  return ({ keyX, keyY }) => {
    const keyIndex = keys.findIndex(({ x, y }) => x === keyX && y === keyY);
    return keyIndex >= 0 ? String(keyIndex) : `0x${keyX.toString(16).padStart(64, '0').slice(0, 8)}…`;
  };
}
