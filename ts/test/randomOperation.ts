import { coinsFor } from '../spec/amm.ts';
import { floorFloat16 } from '../spec/float16.ts';
import { floorFloat40 } from '../spec/float40.ts';
import type { Leaf } from '../spec/leaf.ts';
import { isShareToken, poolOfShares } from '../spec/leg.ts';
import type { OperationRequest } from '../spec/operation.ts';
import { LEAF_COUNT, MAX_BALANCE } from '../spec/params.ts';
import { isPoolLeaf } from '../spec/pool.ts';
import type { SigningDomain } from '../spec/signature.ts';
import type { ChainState, LeafEntry } from '../state/chainState.ts';
import type { LedgerState } from '../state/ledger.ts';
import type { SegmentState } from '../state/segmentState.ts';
import type { Random } from './random.ts';
import { randomPoolOperation } from './randomPoolOperation.ts';
import { changeKeyOf, depositOf, holderOf, openOf, transferTo, transferToNew, withdrawOf, type TestUser } from './users.ts';

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
  /** What the segment's earlier operations left and how many slots are left: lets it make operations on pool halves, whatever pairs would say. */
  segment?: { state: SegmentState; room: number };
}

/**
 * An operation of any kind that the state accepts. Keys change among the users, so that users come to have several leaves of one token and
 * leaves have owners and keys of different users; whoever has the key signs.
 */
export function randomOperation({ random, state, domain, users, tokens, far = true, segment }: RandomOperationParameters): OperationRequest {
  const chain = state.chain(domain.chainIndex);
  const leaves = chain.entries();
  const user = random.pick(users);
  const token = BigInt(1 + random.below(tokens));
  const next = chain.nextFreeIndex() ?? 0;
  const anywhere = Number(random.bits(24)) % LEAF_COUNT;
  const free = far && random.below(3) === 0 && !leaves.some(({ leafIndex }) => leafIndex === anywhere) ? anywhere : next;
  if (segment && (segment.state.awaited || random.below(2) === 0)) {
    const operation = randomPoolOperation({ random, chain, domain, users, tokens, free, segment: segment.state, room: segment.room });
    if (operation) return operation;
  }
  const existing = chain.findLeaf({ token, owner: user.owner, keyX: user.key.publicKey.x, keyY: user.key.publicKey.y });
  const deposit = depositOf(user, { leafIndex: existing ?? free, token, amount: random.bits(60) });
  const entry = leaves.length > 0 ? random.pick(leaves) : null;
  const holder = entry && holderOf(users, entry.leaf);
  if (!entry || !holder || isPoolLeaf(entry.leaf)) return deposit;

  const { leafIndex, leaf } = entry;
  const by = { by: holder, ...domain };
  const { nonce } = leaf;
  const fee = random.below(3) === 0 ? 0n : floorFloat16(leaf.balance / BigInt(1 + random.below(100)));
  const amount = (leaf.balance - fee) / BigInt(random.pick([1, 1, 2, 5]));
  const kind = random.below(9);
  // Shares are not withdrawn.
  switch (kind === 2 && isShareToken(leaf.token) ? 7 : kind) {
    case 0: {
      const shares = leaves.filter((other) => isShareToken(other.leaf.token) && other.leaf.balance > 0n);
      if (segment && shares.length > 0 && random.below(2) === 0) {
        const { leafIndex: from, leaf: held } = random.pick(shares);
        return { type: 'fullExit', leafIndex: from, owner: held.owner, least: randomLeast(random, chain, held) };
      }
      const least = randomLeast(random, chain, leaf);
      return { type: 'fullExit', leafIndex: random.below(3) === 0 ? random.below(12) : leafIndex, owner: random.below(3) === 0 ? user.owner : leaf.owner, least };
    }
    case 1:
      return openOf(user, { leafIndex: free, token });
    case 2:
      return withdrawOf({ leafIndex, token: leaf.token, to: user.owner, amount, fee, nonce }, by);
    case 3:
    case 4: {
      const receiver = random.pick(leaves.filter((other) => other.leaf.token === leaf.token && !isPoolLeaf(other.leaf)));
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

/** The least amount of a full exit: mostly none, else about what the leaf stands for, or more than anything. */
export function randomLeast(random: Random, chain: ChainState, { token, balance }: Leaf): bigint {
  if (random.below(3) === 0) return 0n;
  const half = isShareToken(token) && poolOfShares(token) < LEAF_COUNT ? chain.pool(poolOfShares(token)) : null;
  const worth = half ? coinsFor({ ...half, shares: balance }) : balance;
  const least = random.pick([worth, worth, worth + 1n, worth - 1n, worth / 2n, MAX_BALANCE]);
  return least < 0n || least > MAX_BALANCE ? MAX_BALANCE : least;
}

/** Whoever the leaf is of, as a receiver. */
function userOf({ leaf: { owner, keyX, keyY } }: LeafEntry): TestUser {
  return { owner, key: { privateKey: '0x', publicKey: { x: keyX, y: keyY } } };
}
