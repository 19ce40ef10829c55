import { FIELD, modField } from '../../spec/field.ts';
import { leafHash } from '../../spec/leaf.ts';
import { shareToken } from '../../spec/leg.ts';
import { poolLeaf } from '../../spec/pool.ts';
import { signOperation } from '../../spec/signature.ts';
import { RANGE, SIGNATURE, type Lies } from './lies.ts';
import { PEER_TOKEN, firstOrder, openPool, swapIn, swapOut } from './poolWorld.ts';
import { CHAIN_INDEX, DOMAIN, LEAF, PEER_CHAIN, PEER_HALF, TIMESTAMP, TOKEN, account, collectFees, deposit, transfer, users, withdraw, world } from './world.ts';

/* Lies about the opening of pools, swaps, and pools and shares in other operations. */

const MAX = 2n ** 128n - 1n;
const { alice, bob, dave } = users;
const half = world().leaf(CHAIN_INDEX, LEAF.half);
const peer = { chainIndex: PEER_CHAIN, leafIndex: PEER_HALF };
/** Another half in LEAF.pool. */
const second = poolLeaf({ token: TOKEN, reserve: 70_000n, totalShares: 5_000n, peer });
/** For who is told that a pool is an account: the user whose leaf it would be. */
const asUser = { toOwner: 0n, toKeyX: half.keyX, toKeyY: half.keyY };
const shares = { leafIndex: LEAF.shares, token: shareToken(LEAF.half), nonce: 3n };
/** What has to be added to the token of an order so that its message stays when the amount is `less` lower. */
const forAmount = (less: bigint): bigint => modField((less << 16n) * inverse(2n ** 168n));

/** Pool, amount and fee of the order of swapOut, as its message has them. */
const REST = (BigInt(PEER_HALF) << 144n) + (1200n << 16n);

function inverse(value: bigint): bigint {
  let [result, base] = [1n, value];
  for (let exponent = FIELD - 2n; exponent > 0n; exponent >>= 1n, base = modField(base * base)) if (exponent & 1n) result = modField(result * base);
  return result;
}

export const swapLies: Lies = {
  'open pool is refused': {
    "over another's leaf": { operation: openPool({ leafIndex: LEAF.bob }), refusedBy: ['access.nodes[0]', 'open.EqualIf', 'peerAccess'] },
    'over a pool': { operation: openPool({ leafIndex: LEAF.half }), refusedBy: ['access.nodes[0]', 'open.EqualIf', 'peerAccess'] },
    'over a pool that is said to be empty': {
      operation: openPool({ leafIndex: LEAF.half }),
      inputs: { pool: 0n, balance: 0n, leafKeyX: 0n, leafKeyY: 0n },
      refusedBy: ['access.nodes[0]', 'peerAccess'],
    },
    'of token 0': { operation: openPool({ token: 0n }), refusedBy: ['open.NonZeroIf'] },
    'of shares': { operation: openPool({ token: shareToken(LEAF.half) }), refusedBy: ['EqualIf'] },
    'with itself as its peer': { operation: openPool({ peerChain: CHAIN_INDEX, peerLeaf: LEAF.empty }), refusedBy: ['open.otherPlace'] },
    'with more locked shares': { operation: openPool(), inputs: { keyX: 1001n }, refusedBy: ['open.EqualIf', 'peerAccess'] },
    'without locked shares': { operation: openPool(), inputs: { keyX: 0n }, refusedBy: ['open.EqualIf', 'peerAccess'] },
    'with a peer of more than 32 bits': { operation: openPool(), inputs: { keyY: 2n ** 32n + 6n }, refusedBy: [RANGE, 'peerAccess'] },
    'with a peer below 0': { operation: openPool(), inputs: { keyY: -1n }, refusedBy: [RANGE, 'peerAccess'] },
    'with a reserve': { operation: openPool(), inputs: { balance: 5n }, refusedBy: ['EmptyHasNoContent', 'peerAccess'] },
  },
  'swap in is refused': {
    'into a pool of another token': { operation: swapIn(), leaves: { half: { token: TOKEN + 1n } }, refusedBy: ['peer.EqualIf'] },
    'into an account': { operation: swapIn({ pool: LEAF.bob }), refusedBy: [...SIGNATURE, 'peer.EqualIf'] },
    'into an account that is told as a pool': {
      operation: swapIn({ pool: LEAF.bob }),
      inputs: { peerShares: bob.key.publicKey.x, peerPlace: bob.key.publicKey.y },
      refusedBy: [...SIGNATURE, 'peer.EqualIf'],
    },
    'into an empty leaf': { operation: swapIn({ pool: LEAF.empty }), refusedBy: [...SIGNATURE, 'peer.EqualIf'] },
    'into an empty leaf that is said to be a pool': {
      operation: swapIn({ pool: LEAF.empty }),
      inputs: { peerValue: leafHash(half), peerBalance: half.balance, peerShares: half.keyX, peerPlace: half.keyY },
      refusedBy: ['peerAccess.nodes[0]'],
    },
    'into a pool with an owner': { operation: swapIn({ pool: LEAF.pool }), refusedBy: [...SIGNATURE, 'peer.EqualIf'] },
    'that says another reserve': { operation: swapIn(), inputs: { peerBalance: 999_999n }, refusedBy: ['peer.EqualIf'] },
    'that says other total shares': { operation: swapIn(), inputs: { peerShares: 1000n }, refusedBy: ['peer.EqualIf'] },
    'that says another peer': { operation: swapIn(), inputs: { peerPlace: half.keyY + 1n }, refusedBy: [...SIGNATURE, 'peer.EqualIf'] },
    'that overflows the reserve': { operation: swapIn(), leaves: { half: { balance: MAX } }, refusedBy: [RANGE] },
    'of more than the balance': { operation: swapIn({ amount: 1_000_001n }), refusedBy: [RANGE] },
    'of more than the balance with the fee': { operation: swapIn({ amount: 1_000_000n, fee: 1n }), refusedBy: [RANGE] },
    'of an amount that is not the published one': { operation: swapIn(), inputs: { float: 1201n << 5n }, refusedBy: ['peer.EqualIf'] },
    'with the nonce before': { operation: swapIn({ nonce: 6n }), refusedBy: SIGNATURE },
    'with the nonce after': { operation: swapIn({ nonce: 8n }), refusedBy: SIGNATURE },
    'when the nonce is used up': { operation: swapIn({ nonce: 2n ** 32n - 1n }), leaves: { alice: { nonce: 2n ** 32n - 1n } }, refusedBy: ['authority.NonZeroIf'] },
    'after its last second': { operation: swapIn({ validUntil: TIMESTAMP - 1 }), refusedBy: ['authority.Range.bits'] },
    'signed by another': { operation: swapIn({}, bob), refusedBy: SIGNATURE },
    "from another's leaf": { operation: swapIn({ from: LEAF.bob, nonce: 0n }), refusedBy: [RANGE, ...SIGNATURE, 'ofUser.EqualIf'] },
    'for another owner than that of the leaf': { operation: swapIn({ owner: bob.owner }), refusedBy: ['ofUser.EqualIf'] },
    'for another key than that of the leaf': { operation: swapIn({ keyX: bob.key.publicKey.x }), refusedBy: ['ofUser.EqualIf'] },
    'for another y of the key than that of the leaf': { operation: swapIn({ keyY: bob.key.publicKey.y }), refusedBy: ['ofUser.EqualIf'] },
    'from a pool': { operation: swapIn({ from: LEAF.pool, nonce: 0n, owner: dave.owner, keyX: dave.key.publicKey.x, keyY: dave.key.publicKey.y }, dave), refusedBy: ['authority.EqualIf', 'ofUser.EqualIf'] },
    'of another amount than signed': { operation: { ...swapIn(), amount: 1300n }, refusedBy: SIGNATURE },
    'with another fee than signed': { operation: { ...swapIn(), fee: 1n }, refusedBy: SIGNATURE },
    'into another pool than signed': { operation: { ...swapIn(), pool: LEAF.pool }, leaves: { pool: second }, refusedBy: SIGNATURE },
    'from a leaf of another token than signed': { operation: swapIn({ token: TOKEN + 1n }), refusedBy: SIGNATURE },
    'of a half with a peer that was not signed': { operation: swapIn({ peerLeaf: PEER_HALF + 1 }), refusedBy: SIGNATURE },
    'of a half with a peer on a chain that was not signed': { operation: swapIn({ peerChain: 2 }), refusedBy: SIGNATURE },
    'for another token than signed': { operation: swapIn(), inputs: { orderToken: PEER_TOKEN + 1n }, refusedBy: SIGNATURE },
    'for a token of more than 32 bits, of a half with another peer than signed (one message, two readings)': {
      operation: swapIn({ peerLeaf: PEER_HALF + 1 }),
      inputs: { orderToken: PEER_TOKEN + 2n ** 32n },
      refusedBy: ['message.Range.bits'],
    },
    'of another amount than signed, out of the token (one message, two readings)': {
      operation: { ...swapIn(), amount: 1000n },
      inputs: { orderToken: PEER_TOKEN + forAmount(200n) },
      refusedBy: ['message.Range.bits'],
    },
    'with another limit than signed': { operation: swapIn(), inputs: { limit: 1n }, refusedBy: SIGNATURE },
    'with another peer amount than signed': { operation: swapIn(), inputs: { peerAmount: 1n }, refusedBy: SIGNATURE },
    'with another peer limit than signed': { operation: swapIn(), inputs: { peerLimit: 4n }, refusedBy: SIGNATURE },
    'signed for another chain': { operation: swapIn(), inputs: { '/chainIndex': 4n }, refusedBy: SIGNATURE },
    'signed for another deployment': { operation: swapIn(), inputs: { '/deploymentId': 1n }, refusedBy: SIGNATURE },
    'signed as an add': { operation: { ...swapIn(), signature: signOperation({ ...firstOrder('swapIn'), type: 'addLiquidity' }, DOMAIN, alice.key) }, refusedBy: SIGNATURE },
    'signed as a transfer to oneself': {
      operation: { ...swapIn(), signature: transfer({ to: LEAF.alice }, { receiver: alice }).signature },
      refusedBy: SIGNATURE,
    },
    'of which the leg is dropped': { operation: swapIn(), inputs: { '/legsOut': 0n }, refusedBy: ['/'] },
    'that is a swap out as well': { operation: swapIn(), inputs: { 'kind.swapOut': 1n }, refusedBy: ['Boolean', ...SIGNATURE, 'half.EqualIf', 'message.EqualIf', 'peer.EqualIf'] },
  },
  'swap out is refused': {
    'from an account': { operation: swapOut({ peerLeaf: LEAF.bob }), refusedBy: ['half.EqualIf'] },
    'from an account of the user': { operation: swapOut({ peerLeaf: LEAF.alice }), refusedBy: ['half.EqualIf'] },
    'from an account that is said to be a pool': { operation: swapOut({ peerLeaf: LEAF.bob }), inputs: { account: 0n, pool: 1n }, refusedBy: ['access.nodes[0]', 'peerAccess'] },
    'from an empty leaf': { operation: { ...swapOut({ peerLeaf: LEAF.empty }), amount: 0n }, refusedBy: ['half.EqualIf', 'message.EqualIf', 'peer.EqualIf'] },
    'of more than the reserve': { operation: { ...swapOut(), amount: 1_000_001n }, refusedBy: [RANGE] },
    "that overflows the receiver's balance": { operation: swapOut(), leaves: { alice: { balance: MAX } }, refusedBy: [RANGE] },
    'of an amount that is not the published one': { operation: swapOut(), inputs: { float: 301n << 5n }, refusedBy: ['peer.EqualIf'] },
    'with a fee': { operation: swapOut(), inputs: { fee: 1n << 5n }, refusedBy: ['EqualIf'] },
    'to another user than that of the order': { operation: { ...swapOut(), to: LEAF.bob }, refusedBy: ['peer.EqualIf'] },
    'to a leaf of another token': { operation: { ...swapOut(), to: LEAF.carolOther }, leaves: { carolOther: account(alice, { token: TOKEN + 1n }) }, refusedBy: ['peer.EqualIf'] },
    'to a pool': { operation: { ...swapOut(), to: LEAF.half }, refusedBy: ['peer.EqualIf'] },
    'to an empty leaf': { operation: { ...swapOut(), to: LEAF.empty }, refusedBy: ['peer.EqualIf'] },
    'with another token than that of the half': { operation: swapOut(), inputs: { orderToken: TOKEN + 1n }, refusedBy: ['message.EqualIf'] },
    'of which the order was signed for another half (one message, two readings)': {
      operation: { ...swapOut({ peerLeaf: LEAF.half + 1 }), pool: LEAF.half },
      inputs: { orderRest: REST + 2n ** 200n },
      refusedBy: ['message.Range.bits'],
    },
    'of which the order was signed for another token (one message, two readings)': {
      operation: swapOut({ peerToken: TOKEN + 1n }),
      inputs: { orderToken: TOKEN, orderRest: REST + 2n ** 168n },
      refusedBy: ['message.Range.bits'],
    },
    'of which the leg is dropped': { operation: swapOut(), inputs: { '/legsOut': 0n }, refusedBy: ['/'] },
  },
  'a pool in other operations is refused': {
    'as who is paid by a transfer': { operation: { ...transfer(asUser), to: LEAF.half }, refusedBy: ['peer.EqualIf'] },
    'as who is paid by a transfer, with a nonce of more than 32 bits (one meta, two readings)': {
      operation: { ...transfer(asUser), to: LEAF.half },
      inputs: { peerNonce: 2n ** 32n },
      refusedBy: ['peer.Range.bits'],
    },
    'as who is paid by a deposit': { operation: { ...deposit(bob, LEAF.half), owner: 0n, keyX: half.keyX, keyY: half.keyY }, refusedBy: ['ofUser.EqualIf'] },
    'as who collects fees': { operation: collectFees(LEAF.half, 0n), refusedBy: ['fees.EqualIf'] },
    'as who exits': { operation: { type: 'fullExit', leafIndex: LEAF.half, owner: 0n, least: 0n, token: TOKEN, amount: half.balance, shares: 0n }, refusedBy: ['fullExit.EqualIf'] },
    'as who withdraws': { operation: withdraw({ leafIndex: LEAF.half, nonce: 0n, amount: 5n }), refusedBy: ['authority.EqualIf', 'authority.Signature.BabyCheck', ...SIGNATURE] },
  },
  'shares are refused': {
    'in a deposit that opens a leaf': { operation: deposit(users.carol, LEAF.empty, { token: shareToken(LEAF.half) }), refusedBy: ['EqualIf'] },
    'in a deposit': { operation: deposit(alice, LEAF.shares, { token: shareToken(LEAF.half) }), refusedBy: ['EqualIf'] },
    'in a withdrawal': { operation: withdraw({ ...shares, amount: 5n }), refusedBy: ['EqualIf'] },
  },
  'shares are accepted': {
    'in a transfer': {
      operation: { ...transfer({ from: LEAF.shares, token: shareToken(LEAF.half), nonce: 3n }), to: LEAF.bob },
      leaves: { bob: { token: shareToken(LEAF.half) } },
      refusedBy: [],
    },
  },
};
