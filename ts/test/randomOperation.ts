import { floorFloat16 } from '../spec/float16.ts';
import { floorFloat40 } from '../spec/float40.ts';
import type { Leaf } from '../spec/leaf.ts';
import type { OperationRequest } from '../spec/operation.ts';
import { LEAF_COUNT } from '../spec/params.ts';
import type { SigningDomain } from '../spec/signature.ts';
import type { LeafEntry } from '../state/chainState.ts';
import type { LedgerState } from '../state/ledger.ts';
import type { Random } from './random.ts';
import { changeKeyOf, depositOf, openOf, transferTo, transferToNew, withdrawOf, type TestUser } from './users.ts';

export interface RandomOperationParameters {
  random: Random;
  state: LedgerState;
  domain: SigningDomain;
  /** Their keys are the keys that leaves have and change to. */
  users: readonly TestUser[];
  /** Tokens 1 … tokens. */
  tokens: number;
  /** Lets it open leaves anywhere in the tree. */
  far?: boolean;
}

/**
 * An operation of any kind that the state accepts. Keys change among the users, so that users come to have several leaves of one token and
 * leaves have owners and keys of different users; whoever has the key signs.
 */
export function randomOperation({ random, state, domain, users, tokens, far = true }: RandomOperationParameters): OperationRequest {
  const chain = state.chain(domain.chainIndex);
  const leaves = chain.entries();
  const user = random.pick(users);
  const token = BigInt(1 + random.below(tokens));
  const next = chain.nextFreeIndex() ?? 0;
  const anywhere = Number(random.bits(24)) % LEAF_COUNT;
  const free = far && random.below(3) === 0 && !leaves.some(({ leafIndex }) => leafIndex === anywhere) ? anywhere : next;
  const existing = chain.findLeaf({ token, owner: user.owner, keyX: user.key.publicKey.x, keyY: user.key.publicKey.y });
  const deposit = depositOf(user, { leafIndex: existing ?? free, token, amount: random.bits(60) });
  const entry = leaves.length > 0 ? random.pick(leaves) : null;
  const holder = entry && holderOf(users, entry.leaf);
  if (!entry || !holder) return deposit;

  const { leafIndex, leaf } = entry;
  const by = { by: holder, ...domain };
  const { nonce } = leaf;
  const fee = random.below(3) === 0 ? 0n : floorFloat16(leaf.balance / BigInt(1 + random.below(100)));
  const amount = (leaf.balance - fee) / BigInt(random.pick([1, 1, 2, 5]));
  switch (random.below(9)) {
    case 0:
      return { type: 'fullExit', leafIndex: random.below(3) === 0 ? random.below(12) : leafIndex, owner: random.below(3) === 0 ? user.owner : leaf.owner };
    case 1:
      return openOf(user, { leafIndex: free, token });
    case 2:
      return withdrawOf({ leafIndex, token: leaf.token, to: user.owner, amount, fee, nonce }, by);
    case 3:
    case 4: {
      const receiver = random.pick(leaves.filter((other) => other.leaf.token === leaf.token));
      return transferTo(userOf(receiver), { from: leafIndex, to: receiver.leafIndex, token: leaf.token, amount: floorFloat40(amount), fee, nonce }, by);
    }
    case 5:
      return transferToNew(user, { from: leafIndex, to: free, token: leaf.token, amount: floorFloat40(amount), fee, nonce }, by);
    case 6:
      return changeKeyOf(user, { leafIndex, token: leaf.token, fee, nonce }, by);
    case 7:
      return { type: 'collectFees', leafIndex };
    default:
      return deposit;
  }
}

/** Who has the key of a leaf, whoever owns it; null when none of the users has. */
export function holderOf(users: readonly TestUser[], { keyX, keyY }: Leaf): TestUser | null {
  return users.find(({ key }) => key.publicKey.x === keyX && key.publicKey.y === keyY) ?? null;
}

/** Whoever the leaf is of, as a receiver. */
function userOf({ leaf: { owner, keyX, keyY } }: LeafEntry): TestUser {
  return { owner, key: { privateKey: '0x', publicKey: { x: keyX, y: keyY } } };
}
