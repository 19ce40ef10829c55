import { Field } from '@noble/curves/abstract/modular.js';
import { FIELD, modField } from '../../spec/field.ts';
import { leafHash, leafMeta } from '../../spec/leaf.ts';
import { shareToken } from '../../spec/leg.ts';
import type { FullExit } from '../../spec/operation.ts';
import { params } from '../../spec/params.ts';
import { MAX_RESERVE, poolLeaf, poolOf } from '../../spec/pool.ts';
import { RANGE, type Lies } from './lies.ts';
import { addLiquidity, credit, removeLiquidity } from './poolWorld.ts';
import { SHARE_TOKEN, heldShares, keptShares, shareExit } from './shareWorld.ts';
import { CHAIN_INDEX, LEAF, TOKEN, account, fullExit, users, world, type User } from './world.ts';

/* Lies about full exits of shares. */

const field = Field(FIELD);
const { alice, bob } = users;
/** Level of the children below the registers, whatever the profile's depth. */
const TOP = params.depth - params.registerLevels - 1;
const half = world().leaf(CHAIN_INDEX, LEAF.half);
const LEAF_PROOF = ['access.nodes[0]', 'peerAccess'];
/** Of more coins than shares stand for the rest is below 0 (RANGE), of fewer it is no rest. */
const FEWER = ['shareValue.Range.bits'];

/** An exit that pays nothing. */
const unpaid = (user: User, leafIndex: number, least = 0n): FullExit => ({ ...fullExit(user, leafIndex, least), token: 0n, amount: 0n, shares: 0n });

/** 3 of 7 shares of 100 coins stand for 42 and 6/7. */
const odd = heldShares({ reserve: 100n, totalShares: 7n }, 3n);
const largest = heldShares({ reserve: MAX_RESERVE, totalShares: MAX_RESERVE }, MAX_RESERVE - 1000n);

/** Another half in LEAF.pool. */
const rich = poolLeaf({ ...poolOf(half)!, reserve: 10n ** 9n });
const poor = poolLeaf({ ...poolOf(half)!, reserve: 500_000n });
const peerOfRich = { peerBalance: rich.balance, peerShares: rich.keyX, peerPlace: rich.keyY };

/** bob's leaf as the circuit would read it as a pool: its token is no token of 32 bits. */
const asPool = account(bob, { balance: 2_000_000n, keyX: 1_000_000n });
const aliasToken = field.div(modField(leafMeta(asPool) - 2n * 2n ** 224n), modField(2n ** 160n));

/** So many coins that coins · totalShares + 1 is shares · reserve + 1 in the field, with a rest that is one more than the true one. */
const aliasAmount = field.div(modField(400_000n * half.balance - 1n), half.keyX);

export const shareLies: Lies = {
  'a full exit of shares is refused': {
    'that pays one coin more': { operation: shareExit({ amount: 800_001n }), refusedBy: [RANGE] },
    'that pays one coin less': { operation: shareExit({ amount: 799_999n }), refusedBy: FEWER },
    'that pays one coin more where it is almost there': { operation: shareExit({ amount: 43n, shares: 3n }), leaves: odd, refusedBy: [RANGE] },
    'that pays one coin less where coins are rounded off': { operation: shareExit({ amount: 41n, shares: 3n }), leaves: odd, refusedBy: FEWER },
    'that pays one coin more where the products are the largest': { operation: shareExit({ amount: MAX_RESERVE - 999n, shares: MAX_RESERVE - 1000n }), leaves: largest, refusedBy: [RANGE, ...FEWER] },
    'that pays a coin of an empty half': { operation: shareExit({ amount: 1n }), leaves: { half: { balance: 0n } }, refusedBy: [RANGE] },
    'that pays the whole reserve': { operation: shareExit({ amount: half.balance }), refusedBy: [RANGE] },
    'that pays more than the reserve': { operation: shareExit({ amount: half.balance + 1n }), refusedBy: [RANGE] },
    'that pays nothing for shares': { operation: shareExit({ amount: 0n }), refusedBy: FEWER },
    'that brings coins to the half': { operation: shareExit({ amount: -1n }), refusedBy: ['fullExit.EqualIf', ...FEWER] },
    'that pays an amount that is right modulo p only': { operation: shareExit({ amount: aliasAmount }), refusedBy: [RANGE] },
    'that takes a part of the shares': { operation: shareExit({ shares: 399_999n, amount: 799_998n }), refusedBy: ['fullExit.EqualIf', ...FEWER] },
    'that takes more shares than there are': { operation: shareExit({ shares: 400_001n, amount: 800_002n }), refusedBy: [RANGE, 'fullExit.EqualIf'] },
    'of shares that are not there': { operation: shareExit({ shares: 400_001n, amount: 800_002n }), inputs: { balance: 400_001n }, refusedBy: ['access.nodes[0]'] },
    'that pays nothing to the owner': { operation: unpaid(alice, LEAF.shares), refusedBy: ['fullExit.EqualIf', 'half.EqualIf', 'peer.EqualIf', ...FEWER] },
    'that pays nothing to the owner, with the pool': { operation: { ...shareExit({ amount: 0n, shares: 1n }) }, inputs: { amount: 0n }, refusedBy: ['fullExit.EqualIf', ...FEWER] },
    "of another's leaf": { operation: shareExit({}, bob), refusedBy: ['fullExit.EqualIf'] },
    "of another's leaf that is said to be the owner's": { operation: shareExit({}, bob), inputs: { owner: bob.owner }, refusedBy: ['access.nodes[0]'] },
    "of the owner's leaf that is said to be another's": { operation: unpaid(alice, LEAF.shares), inputs: { owner: bob.owner }, refusedBy: ['access.nodes[0]'] },
    'of a leaf that is said to be empty': {
      operation: unpaid(alice, LEAF.shares),
      inputs: { token: 0n, account: 0n, owner: 0n, nonce: 0n, balance: 0n, leafKeyX: 0n, leafKeyY: 0n },
      refusedBy: ['access.nodes[0]'],
    },
    'of a leaf that is said to have none': { operation: unpaid(alice, LEAF.shares), inputs: { balance: 0n }, refusedBy: ['access.nodes[0]'] },
    'as coins': { operation: { ...unpaid(alice, LEAF.shares), token: SHARE_TOKEN, amount: 400_000n }, refusedBy: ['half.EqualIf', 'peer.EqualIf', ...FEWER] },
    'as coins of the token of the pool': { operation: { ...unpaid(alice, LEAF.shares), token: TOKEN, amount: 400_000n }, inputs: { token: TOKEN }, refusedBy: LEAF_PROOF },
  },
  'the pool of a full exit is refused': {
    'that is another one': { operation: { ...shareExit({ amount: 800_000_000n }), pool: LEAF.pool }, leaves: { pool: rich }, refusedBy: ['half.EqualIf'] },
    'that is another one, at the place of the right one': {
      operation: shareExit({ amount: 800_000_000n }),
      inputs: { ...peerOfRich, peerValue: leafHash(rich) },
      leaves: { pool: rich },
      refusedBy: ['peerAccess.nodes[0]'],
    },
    'that has another reserve': { operation: shareExit({ amount: 1_600_000n }), inputs: { peerBalance: 2_000_000n }, refusedBy: ['peer.EqualIf'] },
    'that has other total shares': { operation: shareExit({ amount: 1_000_000n }), inputs: { peerShares: 400_000n }, refusedBy: ['peer.EqualIf'] },
    'that has another peer': { operation: shareExit(), inputs: { peerPlace: half.keyY + 1n }, refusedBy: ['peer.EqualIf'] },
    'that is of another token': { operation: shareExit(), inputs: { peerToken: TOKEN + 1n }, refusedBy: ['peer.EqualIf'] },
    'that is an account': { operation: shareExit({ amount: 0n }), leaves: { shares: { token: shareToken(LEAF.bob) } }, refusedBy: ['peer.EqualIf', ...FEWER] },
    'that is an account, with all that a pool has': {
      operation: shareExit({ amount: 800_000n }),
      leaves: { bob: asPool, shares: { token: shareToken(LEAF.bob) } },
      inputs: { peerShares: asPool.keyX, peerPlace: asPool.keyY },
      refusedBy: ['peer.EqualIf'],
    },
    'that is an account, with a token of more than 32 bits (one meta, two readings)': {
      operation: shareExit({ amount: 800_000n }),
      leaves: { bob: asPool, shares: { token: shareToken(LEAF.bob) } },
      inputs: { peerShares: asPool.keyX, peerPlace: asPool.keyY, peerToken: aliasToken },
      refusedBy: [RANGE],
    },
    'that is empty': { operation: shareExit({ amount: 0n }), leaves: { shares: { token: shareToken(LEAF.empty) } }, refusedBy: ['peer.EqualIf', ...FEWER] },
    'that has an owner': { operation: shareExit({ amount: 0n }), leaves: { shares: { token: shareToken(LEAF.pool) } }, refusedBy: ['peer.EqualIf', ...FEWER] },
    'that is beyond the tree': { operation: { ...shareExit(), pool: LEAF.half }, leaves: { shares: { token: SHARE_TOKEN + 2n ** 24n } }, inputs: { peerIndex: BigInt(LEAF.half) + 2n ** 24n }, refusedBy: ['peerAccess.bits'] },
    'that is the leaf itself': { operation: shareExit({ amount: 0n }), leaves: { shares: { token: shareToken(LEAF.shares) } }, refusedBy: ['peer.EqualIf', ...FEWER] },
  },
  'of a full exit of shares it is refused': {
    'that the shares stay in the leaf': { operation: shareExit(), inputs: { [`peerChildren[${TOP}][0]`]: 1n }, refusedBy: [`peerAccess.nodes[${TOP}]`, 'peerAccess'] },
    'to emit a leg': { operation: shareExit(), inputs: { '/legsOut': 5n }, refusedBy: ['/'] },
    'that it is a remove as well': { operation: shareExit(), inputs: { 'kind.removeLiquidityPeer': 1n, peerAmount: 400_000n }, refusedBy: ['Boolean', 'dueOut', 'message.EqualIf', 'ofUser.EqualIf', 'peer.EqualIf'] },
    'that it pays a fee': { operation: shareExit(), inputs: { fee: 1n << 5n }, refusedBy: [] },
  },
  'a least amount is not passed over by an exit': {
    'that pays fewer coins': { operation: shareExit({ least: 800_001n }), refusedBy: ['fullExit.EqualIf'] },
    'that pays a coin more to reach it': { operation: shareExit({ least: 800_001n, amount: 800_001n }), refusedBy: [RANGE] },
    'that pays a coin more to reach it, where it is almost there': { operation: shareExit({ least: 43n, amount: 43n, shares: 3n }), leaves: odd, refusedBy: [RANGE] },
    'that pays all the reserve to reach it': { operation: shareExit({ least: half.balance, amount: half.balance }), refusedBy: [RANGE] },
    'that pays an amount that is right modulo p only': { operation: shareExit({ least: 800_001n, amount: aliasAmount }), refusedBy: [RANGE] },
    'that pays fewer coins and says that they are more': { operation: shareExit({ least: 800_001n }), inputs: { counter: 800_001n }, refusedBy: [RANGE] },
    'that pays fewer coins than the leaf has not': { operation: { ...fullExit(bob, LEAF.bob, 501n), token: TOKEN, amount: 500n, shares: 0n }, refusedBy: ['fullExit.EqualIf'] },
    'that pays what a leaf without shares has': { operation: { ...shareExit({ least: 1n, amount: 0n, shares: 0n }) }, leaves: { shares: { balance: 0n } }, refusedBy: [] },
  },
  'shares that are enough do not stay': {
    'when they are just enough': { operation: keptShares({ least: 800_000n }), refusedBy: ['fullExit.EqualIf'] },
    'when anything is': { operation: keptShares({ least: 0n }), refusedBy: ['fullExit.EqualIf'] },
    'when they are said to stand for less': { operation: keptShares({ least: 800_000n }), inputs: { counter: 799_999n }, refusedBy: FEWER },
    'when they are said to stand for nothing': { operation: keptShares({ least: 1n }), inputs: { counter: 0n }, refusedBy: FEWER },
    'when they are said to stand for less than nothing': { operation: keptShares({ least: 1n }), inputs: { counter: -1n }, refusedBy: FEWER },
    'when they are said to stand for what is right modulo p only': { operation: keptShares({ least: 800_000n }), inputs: { counter: aliasAmount }, refusedBy: [RANGE, 'fullExit.EqualIf'] },
    'when another pool is shown, where they stand for less': { operation: keptShares({ least: 800_000n, pool: LEAF.pool }), leaves: { pool: poor }, refusedBy: ['half.EqualIf'] },
    'when the pool is shown with a smaller reserve': { operation: keptShares({ least: 800_000n }), inputs: { peerBalance: 500_000n, counter: 400_000n }, refusedBy: ['peer.EqualIf'] },
    'when the pool is not shown': { operation: unpaid(alice, LEAF.shares, 800_000n), inputs: { counter: 0n }, refusedBy: ['half.EqualIf', 'peer.EqualIf', ...FEWER] },
    'when the leaf is said to have fewer': { operation: keptShares({ least: 800_000n }), inputs: { balance: 399_999n, counter: 799_998n }, refusedBy: ['access.nodes[0]'] },
    'when coins are': { operation: { ...fullExit(bob, LEAF.bob, 500n), token: 0n, amount: 0n, shares: 0n }, refusedBy: ['fullExit.EqualIf'] },
  },
  'shares that are not enough': {
    'stay': { operation: keptShares(), refusedBy: [] },
    'do not stand for more than they do': { operation: keptShares({ least: 900_000n }), inputs: { counter: 800_001n }, refusedBy: [RANGE] },
    'do not stand for less than they do': { operation: keptShares({ least: 900_000n }), inputs: { counter: 799_999n }, refusedBy: FEWER },
    'are shown with their pool': { operation: unpaid(alice, LEAF.shares, 800_001n), refusedBy: ['half.EqualIf', 'peer.EqualIf', ...FEWER] },
    'do not leave by some': { operation: keptShares(), inputs: { amount: 5n }, refusedBy: ['fullExit.EqualIf'] },
    'are not taken away without coins': { operation: keptShares({ shares: 400_000n }), refusedBy: ['fullExit.EqualIf', ...FEWER] },
    'emit no leg': { operation: keptShares(), inputs: { '/legsOut': 5n }, refusedBy: ['/'] },
  },
  'coins are refused in a full exit': {
    'as shares, for more coins': { operation: { ...fullExit(bob, LEAF.bob), token: TOKEN, amount: 1000n, shares: 500n, pool: LEAF.half }, inputs: { amount: 1000n }, refusedBy: [RANGE, 'fullExit.EqualIf'] },
    'as shares, which stay coins and change no pool': { operation: { ...fullExit(bob, LEAF.bob), token: TOKEN, amount: 1000n, shares: 500n, pool: LEAF.half }, refusedBy: [] },
    'of a pool leaf, to nobody': { operation: { ...unpaid(alice, LEAF.half), owner: 0n, token: TOKEN, amount: half.balance }, refusedBy: ['fullExit.EqualIf'] },
  },
  'a full exit without shares': {
    'of the owner pays nothing': { operation: unpaid(alice, LEAF.shares), leaves: { shares: { balance: 0n } }, refusedBy: [] },
    'of the owner does not touch the pool': { operation: { ...shareExit({ amount: 0n, shares: 0n }), pool: LEAF.half }, leaves: { shares: { balance: 0n } }, refusedBy: [] },
    'of shares of what is no pool pays nothing': { operation: unpaid(alice, LEAF.shares), leaves: { shares: { balance: 0n, token: shareToken(LEAF.bob) } }, refusedBy: [] },
    'of shares of a place beyond the tree pays nothing': { operation: unpaid(alice, LEAF.shares), leaves: { shares: { balance: 0n, token: 2n ** 32n - 1n } }, refusedBy: [] },
    'by another pays nothing': { operation: unpaid(bob, LEAF.shares), refusedBy: [] },
  },
};

export const shareLiesOfTwoSlots: Lies = {
  'shares are not used twice': {
    'in two full exits': { operation: [shareExit(), shareExit({ amount: 800_000n })], refusedBy: [RANGE, 'fullExit.EqualIf'].map((place) => `1/${place}`) },
    'in a full exit and a remove': { operation: [shareExit(), removeLiquidity()], refusedBy: ['1/Range.bits', '1/dueOut'] },
    'in a full exit that owes a credit': { operation: [shareExit(), credit(LEAF.alice)], refusedBy: ['1/credit', '1/credit.EqualIf'] },
    'in a full exit in the place of a credit': { operation: [addLiquidity(), shareExit()], refusedBy: ['1/credit', ...FEWER.map((place) => `1/${place}`)] },
  },
};
