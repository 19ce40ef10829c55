import type { Address } from 'viem';

import { RollupError } from '../../base/errors.ts';
import { isUsableKey } from '../../spec/signature.ts';
import { decodeL2Address, type RollupUser } from './address.ts';
import type { SequencerApi } from './sequencerApi.ts';

/** @param to an L2 address (`l2:…`) or a user. @throws RollupError when it is malformed or its key could never sign */
export function resolveReceiver(to: RollupUser | string): RollupUser {
  const user = typeof to === 'string' ? decodeL2Address(to) : to;
  if (!isUsableKey({ x: user.keyX, y: user.keyY })) {
    throw new RollupError("The receiver's key is not a usable Baby Jubjub key", { facts: { owner: user.owner, keyX: user.keyX, keyY: user.keyY } });
  }
  return user;
}

export interface LookUpUserParameters {
  api: SequencerApi;
  owner: Address;
}

/**
 * The user that the leaves on record for `owner` belong to. A convenience with a risk: anyone may deposit for any owner under any key, so
 * only take this key when the owner is known to have opened a leaf; an L2 address from the owner is always better.
 * @throws RollupError when there is no leaf, or leaves under several keys
 */
export async function lookUpUser({ api, owner }: LookUpUserParameters): Promise<RollupUser> {
  const leaves = await api.getLeaves(owner);
  const keys = new Map(leaves.map(({ keyX, keyY }) => [`${keyX}/${keyY}`, { keyX, keyY }]));
  const [key] = keys.values();
  if (key === undefined) {
    throw new RollupError('This address has no leaf yet, so no key of its is known', {
      facts: { owner },
      hint: 'Ask the receiver for an L2 address (l2:…): `npm run cli -- address` prints it.',
    });
  }
  if (keys.size > 1) {
    throw new RollupError('This address has leaves under several keys', {
      facts: { owner, keys: keys.size },
      hint: 'Ask the receiver for an L2 address (l2:…), which says which key.',
    });
  }
  return { owner, ...key };
}
