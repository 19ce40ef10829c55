import { FIELD, modField } from '../../../spec/field.ts';
import { shareToken } from '../../../spec/leg.ts';
import { poseidon } from '../../../spec/poseidon.ts';
import { messageInputs, signMessage } from '../../../spec/signature.ts';
import { PEER_TOKEN, addLiquidity, addLiquidityPeer, credit, firstOrder, openPool, removeLiquidity, removeLiquidityPeer, swapIn, swapOut } from '../poolWorld.ts';
import { CHAIN_INDEX, DOMAIN, LEAF, PEER_HALF, TOKEN, account, deposit, open, transfer, users } from '../world.ts';
import type { SegmentClaim } from './segmentForge.ts';

/* Lies about pools and orders that one statement of the segment circuit refuses all alone. */

const { alice, bob, carol } = users;
const SHARES = shareToken(LEAF.half);
const MAX = 2n ** 128n - 1n;
const bobsUser = { owner: bob.owner, keyX: bob.key.publicKey.x, keyY: bob.key.publicKey.y };
const idleRemove = { ...removeLiquidity({ amount: 0n }), amount: 0n };
const idleRemovePeer = { ...removeLiquidityPeer({ peerAmount: 0n }), amount: 0n };
const idleAdd = { ...addLiquidity({ amount: 0n, from: LEAF.shares, token: SHARES, nonce: 3n }), shares: 0n };
const idleAddPeer = { ...addLiquidityPeer({ peerAmount: 0n, peerToken: SHARES }), from: LEAF.shares, shares: 0n };

/** Of one slot. */
export const poolForgeries: Record<string, SegmentClaim> = {
  // Kinds: minus one of a kind beside one of another
  'an open that is minus an open pool': {
    operation: open(carol, LEAF.empty, { token: 0n }),
    inputs: { 'kind.openPool': -1n, keyX: 1000n, keyY: 6n, peerToken: 6n },
    forced: { 'open.otherPlace.inverse': minusInverse(6n - BigInt(CHAIN_INDEX * 2 ** 24 + LEAF.empty)) },
  },
  'a transfer to oneself that is minus a swap in, and takes a leg back': { operation: transfer({ to: LEAF.carolOther }, { receiver: alice }), inputs: { 'kind.swapIn': -1n, ...{ R8x: 0n, R8y: 1n, S: 0n } } },
  'a full exit of a pool that is minus a swap out': {
    operation: { ...swapOut({ ...bobsUser, amount: 0n }), amount: 0n, to: LEAF.bob },
    leaves: { bob: { balance: 0n } },
    inputs: { 'kind.fullExit': 1n, 'kind.swapOut': -1n },
  },
  'an idle remove that is minus an add': { operation: idleRemove, inputs: { 'kind.addLiquidity': -1n } },
  'an idle remove that is minus an add, of second sides': { operation: idleRemovePeer, inputs: { 'kind.addLiquidityPeer': -1n } },
  'an idle add that is minus a remove': { operation: idleAdd, inputs: { 'kind.removeLiquidity': -1n } },
  'an idle add that is minus a remove, of second sides': { operation: idleAddPeer, inputs: { 'kind.removeLiquidityPeer': -1n } },
  'an unsigned swap in that is not signed because it counts as no first side': { operation: swapIn(), inputs: { R8x: 0n, R8y: 1n, S: 0n }, forced: { first: 0n } },
  'a swap out that counts as no second side, and is not debited': { operation: swapOut(), forced: { second: 0n } },
  'an add that counts as none, and does not reach the half': { operation: addLiquidity(), forced: { adds: 0n, 'dueOut.due': 0n } },
  'a remove that counts as none, and does not reach the half': { operation: removeLiquidity(), forced: { removes: 0n, 'dueOut.due': 0n } },

  // Credits
  'a credit of nothing due that counts as none': {
    operation: credit(LEAF.alice),
    inputs: { address: alice.owner, keyX: alice.key.publicKey.x, keyY: alice.key.publicKey.y, amount: 5n },
    forced: { 'credit.enabled': 0n },
  },
  'a credit in the first slot': {
    operation: credit(LEAF.bob),
    leaves: { bob: { owner: 0n, token: 0n, keyX: 0n, keyY: 0n } },
    inputs: { address: 0n, token: 0n, keyX: 0n, keyY: 0n, amount: 0n },
    forced: { 'dueIn.due': 1n },
  },

  // Open pool
  'a pool over an account of token 0': { operation: openPool({ leafIndex: LEAF.bob }), leaves: { bob: { token: 0n } } },
  'a pool of token 0': { operation: openPool({ token: 0n }) },
  'a pool of shares': { operation: openPool({ token: SHARES }) },
  'a pool with itself as its peer': { operation: openPool({ peerChain: CHAIN_INDEX, peerLeaf: LEAF.empty }) },
  'a pool without locked shares': { operation: openPool(), inputs: { keyX: 0n } },
  'a pool with a peer of more than 32 bits': { operation: openPool(), inputs: { keyY: 2n ** 32n + 6n } },
  'a deposit of shares': { operation: deposit(alice, LEAF.shares, { token: SHARES }) },
  'a pool with an owner': { operation: openPool(), inputs: { address: bob.owner }, forced: { 'after.owner': bob.owner } },
  'a pool with a reserve': { operation: openPool(), forced: { 'after.balance': 5n } },

  // Swaps
  'a swap out of an account': { operation: swapOut({ peerLeaf: LEAF.bob }) },
  'a swap out with a fee': { operation: swapOut(), inputs: { fee: 1n << 5n } },
  'a swap out of more than the reserve': { operation: { ...swapOut(), amount: 1_000_001n } },
  'a swap out whose order was signed for another token': { operation: swapOut(), inputs: { orderToken: TOKEN + 1n } },
  'a swap out whose order was signed for another half': {
    operation: { ...swapOut({ peerLeaf: LEAF.half + 1 }), pool: LEAF.half },
    inputs: { orderRest: (BigInt(PEER_HALF) << 144n) + (1200n << 16n) + 2n ** 200n },
  },
  'a swap in whose order names a token of more than 32 bits': { operation: swapIn({ peerLeaf: PEER_HALF + 1 }), inputs: { orderToken: PEER_TOKEN + 2n ** 32n } },
  'a swap in that overflows the reserve': { operation: swapIn(), leaves: { half: { balance: MAX } } },
  'a swap in that does not move the reserve': { operation: swapIn(), forced: { 'peer.balanceAfter': 1_000_000n } },
  "a swap in of another user's order": { operation: swapIn({ owner: bob.owner }) },
  'a swap in of which the leg is dropped': { operation: swapIn(), inputs: { '/legsOut': 0n } },
  'a leg with another reserve': { operation: swapIn(), forced: { 'leg.reserve': 1n } },
  'a leg of another order': { operation: swapOut(), forced: { 'leg.order': 1n } },
};

/** Of two slots. */
export const liquidityForgeries: Record<string, SegmentClaim> = {
  'a credit of nothing due': { operation: [{ type: 'noop' }, credit(LEAF.alice)], inputs: { address: alice.owner, keyX: alice.key.publicKey.x, keyY: alice.key.publicKey.y } },
  'an add in the last slot': { operation: [{ type: 'noop' }, addLiquidity()] },
  'a credit to another owner': { operation: [addLiquidity(), credit(LEAF.bob)], leaves: { bob: account(alice, { owner: bob.owner, token: SHARES }) } },
  'a credit to another key': { operation: [addLiquidity(), credit(LEAF.bob)], leaves: { bob: account(alice, { keyX: 1n, token: SHARES }) } },
  'a credit to another key (y)': { operation: [addLiquidity(), credit(LEAF.bob)], leaves: { bob: account(alice, { keyY: 1n, token: SHARES }) } },
  'a credit of other shares': { operation: [addLiquidity(), credit(LEAF.bob)], leaves: { bob: account(alice, { token: SHARES + 1n }) } },
  'a credit of more than is due': { operation: [addLiquidity(), credit(LEAF.shares)], inputs: { counter: 899n } },
  'shares that are minted to the LP and not to the half': { operation: [addLiquidity(), credit(LEAF.shares)], forced: { 'half.minted': 0n } },
  'a remove that does not move the reserve': { operation: [removeLiquidity(), credit(LEAF.alice)], forced: { 'half.paid': 0n } },
  'a remove that burns no shares of the half': { operation: [removeLiquidity(), credit(LEAF.alice)], forced: { 'half.burnt': 0n } },
  'a remove that the half takes for coins': { operation: [removeLiquidity(), credit(LEAF.shares)], leaves: { half: { token: SHARES } }, forced: { 'half.removes': 0n } },
  'a remove that pays with coins': { operation: [removeLiquidity({ from: LEAF.alice, token: TOKEN, nonce: 7n }), credit(LEAF.alice)] },
  'a second side that pays less than signed': { operation: [{ ...addLiquidityPeer(), amount: 5000n }, credit(LEAF.shares)] },
  'an add below 0': negativeAdd(2000n),
};

/** alice signs an add of minus so many coins, which no wallet does. */
function negativeAdd(amount: bigint): SegmentClaim {
  const inputs = messageInputs(firstOrder('addLiquidity', { amount: 0n }), DOMAIN);
  const signature = signMessage(poseidon(inputs.with(2, modField((inputs[2] ?? 0n) - (amount << 16n)))), alice.key);
  return { operation: [{ ...addLiquidity(), amount: FIELD - amount, signature }, credit(LEAF.shares)] };
}

/** What NonZeroIf's hint would be for a flag of -1. */
function minusInverse(value: bigint): bigint {
  let [result, base] = [FIELD - 1n, modField(value)];
  for (let exponent = FIELD - 2n; exponent > 0n; exponent >>= 1n, base = modField(base * base)) if (exponent & 1n) result = modField(result * base);
  return result;
}
