import { keccak256 } from '../spec/keccak.ts';
import type { Leaf } from '../spec/leaf.ts';
import type { ChangeKey, Deposit, Open, Transfer, TransferToNew, Withdraw } from '../spec/operation.ts';
import { l2KeyFromSeed, signOperation, type L2Key, type SigningDomain } from '../spec/signature.ts';

/** An L2 user whose address and key follow from a name. */
export interface TestUser {
  owner: bigint;
  key: L2Key;
}

export function testUser(name: string): TestUser {
  const hash = keccak256(new TextEncoder().encode(`user ${name}`));
  return { owner: BigInt(hash) & ((1n << 160n) - 1n), key: l2KeyFromSeed(keccak256(hash)) };
}

/** The fields that say whose leaf it is. */
export function userFields({ owner, key }: TestUser): { owner: bigint; keyX: bigint; keyY: bigint } {
  return { owner, keyX: key.publicKey.x, keyY: key.publicKey.y };
}

/** Who has the key of a leaf, whoever owns it; null when none of the users has. */
export function holderOf(users: readonly TestUser[], { keyX, keyY }: Leaf): TestUser | null {
  return users.find(({ key }) => key.publicKey.x === keyX && key.publicKey.y === keyY) ?? null;
}

export function depositOf(user: TestUser, fields: Pick<Deposit, 'leafIndex' | 'token' | 'amount'>): Deposit {
  return { type: 'deposit', ...fields, ...userFields(user) };
}

export function openOf(user: TestUser, fields: Pick<Open, 'leafIndex' | 'token'>): Open {
  return { type: 'open', ...fields, ...userFields(user) };
}

export interface SignedBy extends SigningDomain {
  by: TestUser;
}

export type TransferFields = Pick<Transfer, 'from' | 'to' | 'amount' | 'nonce'> & Partial<Pick<Transfer, 'token' | 'fee' | 'validUntil'>>;

export function transferTo(receiver: TestUser, fields: TransferFields, { by, ...domain }: SignedBy): Transfer {
  const { owner, keyX, keyY } = userFields(receiver);
  const message = { type: 'transfer' as const, token: 1n, fee: 0n, validUntil: 2_000_000_000, ...fields, toOwner: owner, toKeyX: keyX, toKeyY: keyY };
  return { ...message, signature: signOperation(message, domain, by.key) };
}

export type WithdrawFields = Pick<Withdraw, 'leafIndex' | 'token' | 'to' | 'amount' | 'nonce'> & Partial<Pick<Withdraw, 'fee' | 'validUntil'>>;

export function withdrawOf(fields: WithdrawFields, { by, ...domain }: SignedBy): Withdraw {
  const message = { type: 'withdraw' as const, fee: 0n, validUntil: 2_000_000_000, ...fields };
  return { ...message, signature: signOperation(message, domain, by.key) };
}

/** As transferTo, but `to` is an empty leaf that becomes the receiver's. */
export function transferToNew(receiver: TestUser, fields: TransferFields, by: SignedBy): TransferToNew {
  return { ...transferTo(receiver, fields, by), type: 'transferToNew' };
}

export type ChangeKeyFields = Pick<ChangeKey, 'leafIndex' | 'nonce'> & Partial<Pick<ChangeKey, 'token' | 'fee' | 'validUntil'>>;

/** Gives a leaf the key of `next`; signed with the key that `by` has. */
export function changeKeyOf(next: TestUser, fields: ChangeKeyFields, { by, ...domain }: SignedBy): ChangeKey {
  const { keyX, keyY } = userFields(next);
  const message = { type: 'changeKey' as const, token: 1n, fee: 0n, validUntil: 2_000_000_000, ...fields, keyX, keyY };
  return { ...message, signature: signOperation(message, domain, by.key) };
}
