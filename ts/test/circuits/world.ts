import type { Leaf } from '../../spec/leaf.ts';
import { LEAF_KIND, emptyLeaf } from '../../spec/leaf.ts';
import { shareToken } from '../../spec/leg.ts';
import type { ChangeKey, CollectFees, Deposit, FullExitRequest, Open, Transfer, TransferToNew, Withdraw } from '../../spec/operation.ts';
import { LEAF_COUNT } from '../../spec/params.ts';
import { poolLeaf } from '../../spec/pool.ts';
import { l2KeyFromSeed, signOperation, type L2Key } from '../../spec/signature.ts';
import { ChainState } from '../../state/chainState.ts';
import { LedgerState } from '../../state/ledger.ts';

/* A small state with a leaf of every sort, and makers of operations on it. All seeds are fixed. */

export const DEPLOYMENT_ID = 0x1234567890abcdefn;
export const CHAIN_INDEX = 3;
export const DOMAIN = { deploymentId: DEPLOYMENT_ID, chainIndex: CHAIN_INDEX };
export const BLOCK_NUMBER = 42;
export const TIMESTAMP = 1_800_000_000;
export const VALID_UNTIL = TIMESTAMP + 3600;
export const TOKEN = 2n;
export const PAYEE = 0xdeadbeef00000000000000000000000000000001n;

export interface User {
  owner: bigint;
  key: L2Key;
}

const user = (seed: bigint): User => ({ owner: (seed * 0x9e3779b97f4a7c15f39cc0605cedc8341082276bn) >> 8n, key: l2KeyFromSeed(`0x${seed.toString(16).padStart(64, '0')}`) });
const [alice, carol] = [user(1n), user(3n)];
export const users = { alice, bob: user(2n), carol, dave: user(4n) };

/** A leaf below the `digit`th node under the root, whatever the profile's depth. */
const below = (digit: number, offset: number): number => (digit * LEAF_COUNT) / 8 + offset;

/** Leaf indices, spread over the tree. */
export const LEAF = { alice: 0, bob: 9, carolOther: 0o12345670 % LEAF_COUNT, pool: below(7, 1), half: below(3, 7), shares: below(2, 3), empty: LEAF_COUNT - 1 } as const;
export type LeafName = keyof typeof LEAF;

export function account({ owner, key }: User, changes: Partial<Leaf> = {}): Leaf {
  return { ...emptyLeaf, kind: LEAF_KIND.account, owner, token: TOKEN, keyX: key.publicKey.x, keyY: key.publicKey.y, ...changes };
}

/** Where the pool half's peer is; poolWorld.ts puts it there. */
export const PEER_CHAIN = 1;
export const PEER_HALF = below(4, 5);

/**
 * alice and bob hold TOKEN, carol another token. A pool half of TOKEN of which alice has shares; and a leaf that no operation makes, a pool
 * with dave's owner and key.
 */
const LEAVES: Record<LeafName, Leaf> = {
  alice: account(users.alice, { balance: 1_000_000n, nonce: 7n }),
  bob: account(users.bob, { balance: 500n }),
  carolOther: account(users.carol, { balance: 77n, token: TOKEN + 1n }),
  pool: account(users.dave, { balance: 10n ** 9n, kind: LEAF_KIND.pool }),
  half: poolLeaf({ token: TOKEN, reserve: 1_000_000n, totalShares: 500_000n, peer: { chainIndex: PEER_CHAIN, leafIndex: PEER_HALF } }),
  shares: account(users.alice, { token: shareToken(LEAF.half), balance: 400_000n, nonce: 3n }),
  empty: emptyLeaf,
};

/** The state with some leaves different. */
export function world(changes: Partial<Record<LeafName, Partial<Leaf>>> = {}): LedgerState {
  let chain = ChainState.empty();
  for (const name of Object.keys(LEAVES) as LeafName[]) chain = chain.withLeaf(LEAF[name], { ...LEAVES[name], ...changes[name] });
  return LedgerState.empty({ chainCount: CHAIN_INDEX + 1 }).withChain(CHAIN_INDEX, chain);
}

/** Token of a leaf of the world as it is when nothing is changed; alice's leaf if none is named. */
function tokenIn(leafIndex: number = LEAF.alice): bigint {
  const name = (Object.keys(LEAF) as LeafName[]).find((candidate) => LEAF[candidate] === leafIndex);
  return (name && LEAVES[name].token) || TOKEN;
}

/** alice's transfer to bob, or what `changes` make of it, signed by `signer`. */
export function transfer(changes: Partial<Transfer> = {}, { signer = users.alice, receiver = users.bob } = {}): Transfer {
  const operation = {
    type: 'transfer' as const,
    from: LEAF.alice,
    to: LEAF.bob,
    token: tokenIn(changes.from),
    amount: 1200n,
    fee: 0n,
    nonce: 7n,
    validUntil: VALID_UNTIL,
    toOwner: receiver.owner,
    toKeyX: receiver.key.publicKey.x,
    toKeyY: receiver.key.publicKey.y,
    ...changes,
  };
  return { ...operation, signature: changes.signature ?? signOperation(operation, DOMAIN, signer.key) };
}

/** alice's withdrawal, or what `changes` make of it, signed by `signer`. */
export function withdraw(changes: Partial<Withdraw> = {}, { signer = users.alice } = {}): Withdraw {
  const operation = {
    type: 'withdraw' as const,
    leafIndex: LEAF.alice,
    token: TOKEN,
    to: PAYEE,
    amount: 999_999n,
    fee: 0n,
    nonce: 7n,
    validUntil: VALID_UNTIL,
    ...changes,
  };
  return { ...operation, signature: changes.signature ?? signOperation(operation, DOMAIN, signer.key) };
}

/** alice's transfer to carol, who has no leaf of the token, or what `changes` make of it, signed by `signer`. */
export function transferToNew(changes: Partial<TransferToNew> = {}, users?: { signer?: User; receiver?: User }): TransferToNew {
  const { type: _, ...rest } = changes;
  return { ...transfer({ to: LEAF.empty, ...rest }, { signer: users?.signer ?? alice, receiver: users?.receiver ?? carol }), type: 'transferToNew' };
}

/** alice's change of her key to that of `to`, or what `changes` make of it, signed by `signer`. */
export function changeKey(changes: Partial<ChangeKey> = {}, { signer = users.alice, to = users.dave } = {}): ChangeKey {
  const { x, y } = to.key.publicKey;
  const operation = { type: 'changeKey' as const, leafIndex: LEAF.alice, token: tokenIn(changes.leafIndex), fee: 0n, nonce: 7n, validUntil: VALID_UNTIL, keyX: x, keyY: y, ...changes };
  return { ...operation, signature: changes.signature ?? signOperation(operation, DOMAIN, signer.key) };
}

export function collectFees(leafIndex: number, amount: bigint): CollectFees {
  return { type: 'collectFees', leafIndex, amount };
}

export function deposit({ owner, key }: User, leafIndex: number, changes: Partial<Deposit> = {}): Deposit {
  return { type: 'deposit', leafIndex, token: TOKEN, owner, amount: 250n, keyX: key.publicKey.x, keyY: key.publicKey.y, ...changes };
}

export function open({ owner, key }: User, leafIndex: number, changes: Partial<Open> = {}): Open {
  return { type: 'open', leafIndex, token: TOKEN, owner, keyX: key.publicKey.x, keyY: key.publicKey.y, ...changes };
}

export function fullExit({ owner }: User, leafIndex: number, least = 0n): FullExitRequest {
  return { type: 'fullExit', leafIndex, owner, least };
}
