import { shareToken } from '../../spec/leg.ts';
import { NO_SIGNATURE, RANGE, SIGNATURE, type Lies } from './lies.ts';
import { PEER_TOKEN, addLiquidity, addLiquidityPeer, credit, removeLiquidity, removeLiquidityPeer, swapIn, swapOut } from './poolWorld.ts';
import { LEAF, PEER_HALF, TIMESTAMP, TOKEN, account, deposit, users, withdraw } from './world.ts';

/* Lies about liquidity and its credits, of two and three slots. */

const MAX = 2n ** 128n - 1n;
const { alice, bob } = users;
const SHARES = shareToken(LEAF.half);
const toShares = credit(LEAF.shares);
const toCoins = credit(LEAF.alice);
const bobsShares = { bob: { token: SHARES } };
const bobsKey = { keyX: bob.key.publicKey.x, keyY: bob.key.publicKey.y };
const aliceUser = { '1/address': alice.owner, '1/keyX': alice.key.publicKey.x, '1/keyY': alice.key.publicKey.y };

export const liquidityLies: Lies = {
  'a credit is refused': {
    'in the first slot': { operation: [toShares], refusedBy: ['credit', 'credit.EqualIf'] },
    'after nothing': { operation: [{ type: 'noop' }, toShares], refusedBy: ['1/credit', '1/credit.EqualIf'] },
    'after a swap in': { operation: [swapIn(), toCoins], refusedBy: ['1/credit'] },
    'after a swap out': { operation: [swapOut(), toCoins], refusedBy: ['1/credit'] },
    'to another owner': { operation: [addLiquidity(), credit(LEAF.bob)], leaves: { bob: account(alice, { owner: bob.owner, token: SHARES }) }, refusedBy: ['1/credit.EqualIf'] },
    'to another key': { operation: [addLiquidity(), credit(LEAF.bob)], leaves: { bob: account(alice, { keyX: bobsKey.keyX, token: SHARES }) }, refusedBy: ['1/credit.EqualIf'] },
    'to another y of the key': { operation: [addLiquidity(), credit(LEAF.bob)], leaves: { bob: account(alice, { keyY: bobsKey.keyY, token: SHARES }) }, refusedBy: ['1/credit.EqualIf'] },
    'to another user who is said to be the one of the order': { operation: [addLiquidity(), credit(LEAF.bob)], leaves: bobsShares, inputs: aliceUser, refusedBy: ['1/ofUser.EqualIf'] },
    'of coins after an add': { operation: [addLiquidity(), toCoins], refusedBy: ['1/credit.EqualIf'] },
    'of shares after a remove': { operation: [removeLiquidity(), toShares], refusedBy: ['1/credit.EqualIf'] },
    'of the shares of another half': { operation: [addLiquidity(), credit(LEAF.bob)], leaves: { bob: account(alice, { token: SHARES + 1n }) }, refusedBy: ['1/credit.EqualIf'] },
    'of more than is due': { operation: [addLiquidity(), toShares], inputs: { '1/amount': 901n }, refusedBy: ['1/credit.EqualIf', '1/peerAccess'] },
    'of less than is due': { operation: [removeLiquidityPeer(), toCoins], inputs: { '1/amount': 2299n }, refusedBy: ['1/credit.EqualIf', '1/peerAccess'] },
    'to a pool': { operation: [removeLiquidity(), credit(LEAF.pool)], leaves: { pool: { ...account(alice), kind: 2n } }, refusedBy: ['1/ofUser.EqualIf'] },
    'to an empty leaf': { operation: [addLiquidity(), credit(LEAF.empty)], refusedBy: ['1/credit.EqualIf', '1/ofUser.EqualIf'] },
    'that overflows the balance': { operation: [addLiquidity(), toShares], leaves: { shares: { balance: MAX } }, refusedBy: ['1/Range.bits'] },
    'that is a deposit as well': { operation: [addLiquidity(), toShares], inputs: { '1/kind.deposit': 1n }, refusedBy: ['1/Boolean', '1/EqualIf', '1/peerAccess'] },
  },
  'a change of liquidity is refused': {
    'without a credit': { operation: [addLiquidity()], refusedBy: ['1/credit'] },
    'before something else than a credit': { operation: [removeLiquidity(), deposit(bob, LEAF.bob)], refusedBy: ['1/credit'] },
    'before another change': { operation: [addLiquidity(), addLiquidity({ nonce: 8n })], refusedBy: ['1/credit', '1/dueOut'] },
    'in the last slot': { operation: [{ type: 'noop' }, addLiquidity()], refusedBy: ['1/dueOut'] },
    'of the second side in the last slot': { operation: [{ type: 'noop' }, removeLiquidityPeer()], refusedBy: ['1/dueOut'] },
  },
  'add liquidity is refused': {
    'to a pool of another token': { operation: [addLiquidity(), toShares], leaves: { half: { token: TOKEN + 1n } }, refusedBy: ['peer.EqualIf'] },
    'to an account': { operation: [addLiquidity({ pool: LEAF.bob }), credit(LEAF.shares)], leaves: { shares: { token: shareToken(LEAF.bob) } }, refusedBy: [...SIGNATURE, 'peer.EqualIf'] },
    'signed by another': { operation: [addLiquidity({}, bob), toShares], refusedBy: SIGNATURE },
    "from another's leaf": { operation: [addLiquidity({ from: LEAF.bob, nonce: 0n }), toShares], leaves: { bob: { balance: 5000n } }, refusedBy: [...SIGNATURE, 'ofUser.EqualIf'] },
    'with the nonce before': { operation: [addLiquidity({ nonce: 6n }), toShares], refusedBy: SIGNATURE },
    'after its last second': { operation: [addLiquidity({ validUntil: TIMESTAMP - 1 }), toShares], refusedBy: ['authority.Range.bits'] },
    'of more than the balance': { operation: [addLiquidity({ amount: 1_000_001n }), toShares], refusedBy: [RANGE] },
    'with another limit than signed': { operation: [addLiquidity(), toShares], inputs: { limit: 0n }, refusedBy: SIGNATURE },
    'with another peer amount than signed': { operation: [addLiquidity(), toShares], inputs: { peerAmount: 0n }, refusedBy: SIGNATURE },
    'with another peer limit than signed': { operation: [addLiquidity(), toShares], inputs: { peerLimit: 0n }, refusedBy: SIGNATURE },
    'signed as a swap': { operation: [{ ...addLiquidity(), signature: swapIn({ amount: 2000n, limit: 5n, peerAmount: 6000n }).signature }, toShares], refusedBy: SIGNATURE },
    'without the signature that a second side does not need': { operation: [addLiquidity(), toShares], inputs: NO_SIGNATURE, refusedBy: SIGNATURE },
    'of a negative amount': { operation: [addLiquidity(), toShares], inputs: { amount: -2000n }, refusedBy: [RANGE, ...SIGNATURE] },
  },
  'add liquidity, peer is refused': {
    'of another amount than signed': { operation: [{ ...addLiquidityPeer(), amount: 5000n }, toShares], refusedBy: ['EqualIf'] },
    "from another's leaf": { operation: [{ ...addLiquidityPeer(), from: LEAF.bob }, toShares], leaves: { bob: { balance: 9000n } }, refusedBy: ['ofUser.EqualIf'] },
    'from a leaf of the owner with another key': { operation: [{ ...addLiquidityPeer(), from: LEAF.bob }, toShares], leaves: { bob: { owner: alice.owner, balance: 9000n } }, refusedBy: ['ofUser.EqualIf'] },
    'from a pool': { operation: [{ ...addLiquidityPeer(), from: LEAF.pool }, toShares], leaves: { pool: { ...account(alice, { balance: 9000n }), kind: 2n } }, refusedBy: ['ofUser.EqualIf'] },
    'with a fee': { operation: [addLiquidityPeer(), toShares], inputs: { fee: 1n << 5n }, refusedBy: ['EqualIf'] },
    'of more than the balance': { operation: [addLiquidityPeer({ peerAmount: 1_000_001n }), toShares], refusedBy: [RANGE] },
    'to a pool of another token': { operation: [addLiquidityPeer(), toShares], leaves: { half: { token: TOKEN + 1n } }, refusedBy: ['peer.EqualIf'] },
    'with another token than that of the half': { operation: [addLiquidityPeer(), toShares], inputs: { orderToken: PEER_TOKEN }, refusedBy: ['message.EqualIf'] },
    'with a rest of more than 168 bits': { operation: [addLiquidityPeer(), toShares], inputs: { orderRest: 2n ** 168n }, refusedBy: ['message.Range.bits'] },
  },
  'remove liquidity is refused': {
    'of coins': { operation: [removeLiquidity({ from: LEAF.alice, token: TOKEN, nonce: 7n }), toCoins], refusedBy: ['half.EqualIf'] },
    'of the shares of another half': { operation: [removeLiquidity({ token: SHARES + 1n }), toCoins], leaves: { shares: { token: SHARES + 1n } }, refusedBy: ['half.EqualIf'] },
    'of more shares than the balance': { operation: [removeLiquidity({ amount: 400_001n }), toCoins], refusedBy: [RANGE] },
    'of more coins than the reserve': { operation: [{ ...removeLiquidity(), amount: 1_000_001n }, toCoins], refusedBy: [RANGE] },
    'with another token of the pool': { operation: [removeLiquidity(), credit(LEAF.carolOther)], leaves: { carolOther: account(alice, { token: TOKEN + 1n }) }, inputs: { peerToken: TOKEN + 1n }, refusedBy: ['peer.EqualIf'] },
    'signed by another': { operation: [removeLiquidity({}, bob), toCoins], refusedBy: SIGNATURE },
    'of more shares than signed': { operation: [{ ...removeLiquidity(), shares: 1001n }, toCoins], refusedBy: SIGNATURE },
    'with another limit than signed': { operation: [removeLiquidity(), toCoins], inputs: { limit: 0n }, refusedBy: SIGNATURE },
  },
  'remove liquidity, peer is refused': {
    'of another amount than signed': { operation: [{ ...removeLiquidityPeer(), shares: 1000n }, toCoins], refusedBy: ['EqualIf'] },
    "of another's shares": { operation: [{ ...removeLiquidityPeer(), from: LEAF.bob }, toCoins], leaves: { bob: { token: SHARES, balance: 9000n } }, refusedBy: ['ofUser.EqualIf'] },
    'of the shares of another half': { operation: [removeLiquidityPeer({ peerToken: SHARES + 1n }), toCoins], leaves: { shares: { token: SHARES + 1n } }, refusedBy: ['half.EqualIf'] },
    'of more coins than the reserve': { operation: [{ ...removeLiquidityPeer(), amount: 1_000_001n }, toCoins], refusedBy: [RANGE] },
    'with a fee': { operation: [removeLiquidityPeer(), toCoins], inputs: { fee: 1n << 5n }, refusedBy: ['EqualIf'] },
    'with another token than that of its shares': { operation: [removeLiquidityPeer(), toCoins], inputs: { orderToken: shareToken(PEER_HALF) }, refusedBy: ['message.EqualIf'] },
  },
  'the order of another slot is refused': {
    'again, with the same nonce': { operation: [swapIn(), swapIn()], refusedBy: ['1/authority.Signature.EqualIf'] },
    'after a withdrawal with its nonce': { operation: [withdraw({ amount: 5n }), swapIn()], refusedBy: ['1/authority.Signature.EqualIf'] },
  },
};

export const liquidityLiesOfThreeSlots: Lies = {
  'a credit is refused': {
    twice: { operation: [addLiquidity(), toShares, toShares], refusedBy: ['2/credit'] },
    'one slot late': { operation: [addLiquidity(), { type: 'noop' }, toShares], refusedBy: ['1/credit', '2/credit', '2/credit.EqualIf'] },
    'in the wrong order': { operation: [{ type: 'noop' }, toShares, addLiquidity()], refusedBy: ['1/credit', '1/credit.EqualIf', '2/dueOut'] },
  },
};
