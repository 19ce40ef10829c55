import { Field } from '@noble/curves/abstract/modular.js';
import { FIELD, modField } from '../../../spec/field.ts';
import { leafMeta } from '../../../spec/leaf.ts';
import { shareToken } from '../../../spec/leg.ts';
import { poolLeaf } from '../../../spec/pool.ts';
import { SHARE_TOKEN, heldShares, keptShares, shareExit } from '../shareWorld.ts';
import { CHAIN_INDEX, LEAF, PEER_CHAIN, PEER_HALF, TOKEN, account, fullExit, users, world } from '../world.ts';
import type { SegmentClaim } from './segmentForge.ts';

/* Lies about full exits of shares that one statement of the segment circuit refuses all alone. */

const field = Field(FIELD);
const { alice, bob } = users;
const half = world().leaf(CHAIN_INDEX, LEAF.half);
const more = shareExit({ amount: 800_001n });
const unpaid = { ...fullExit(alice, LEAF.shares), token: 0n, amount: 0n, shares: 0n };
const noShares = { shares: { balance: 0n } };
/** bob's leaf, with numbers in its key that a pool could have. */
const asPool = account(bob, { balance: 2_000_000n, keyX: 1_000_000n });
const ofBob = { bob: asPool, shares: { token: shareToken(LEAF.bob) } };
const toldAsPool = { peerShares: asPool.keyX, peerPlace: asPool.keyY };
const rich = poolLeaf({ token: TOKEN, reserve: 10n ** 9n, totalShares: 500_000n, peer: { chainIndex: PEER_CHAIN, leafIndex: PEER_HALF } });

/** Of one slot. */
export const shareForgeries: Record<string, SegmentClaim> = {
  // What shares stand for
  'a full exit of shares that pays one coin more': { operation: more },
  'a full exit of shares that pays one coin less': { operation: shareExit({ amount: 799_999n }) },
  'a full exit of shares that stay for what is right modulo p only': { operation: keptShares({ least: 800_000n }), inputs: { counter: field.div(modField(400_000n * half.balance - 1n), half.keyX) }, forced: { 'fullExit.pays': 0n } },
  'a full exit of shares whose value is not looked at': { operation: more, forced: { 'shareValue.enabled': 0n } },
  'a full exit of shares with another rest': { operation: more, forced: { 'shareValue.rest': 0n } },
  'a full exit of shares with another distance to the next coin': { operation: shareExit({ amount: 799_999n }), forced: { 'shareValue.missing': 0n } },
  'a full exit of shares for the value of more of them': { operation: shareExit({ amount: 800_002n }), forced: { 'shareValue.shares': 400_001n } },
  'a full exit of shares for other coins than are paid': { operation: more, forced: { 'shareValue.coins': 800_000n } },
  'a full exit of shares for a value of a larger reserve': { operation: shareExit({ amount: 880_000n }), forced: { 'shareValue.reserve': 1_100_000n } },
  'a full exit of shares for a value of fewer total shares': { operation: shareExit({ amount: 1_000_000n }), forced: { 'shareValue.totalShares': 400_000n } },

  // Who is entitled, and to what
  'a full exit of a part of the shares': { operation: shareExit({ shares: 399_999n }) },
  'a full exit of shares that pays nothing because they count as none': { operation: unpaid, forced: { 'fullExit.noShares': 1n, 'fullExit.pays': 0n } },
  'a full exit without shares that pays for none of them': { operation: shareExit({ shares: 1n, amount: 0n }), leaves: noShares, inputs: { amount: 0n }, forced: { 'fullExit.noShares': 0n, 'fullExit.pays': 1n } },
  'a full exit of shares that is paid as coins': { operation: unpaid, inputs: { amount: 400_000n }, forced: { 'fullExit.ofShares': 0n } },
  'a full exit of shares that are said to be coins': { operation: unpaid, inputs: { amount: 400_000n }, forced: { isShares: 0n } },
  'a full exit of shares that is not paid': { operation: unpaid, forced: { 'fullExit.entitled': 0n, 'fullExit.pays': 0n } },

  // The least amount
  'a full exit of shares that pays fewer coins than the least amount': { operation: shareExit({ least: 800_001n }) },
  'a full exit of shares that pays fewer coins than the least amount, by another margin': { operation: shareExit({ least: 800_001n }), forced: { 'fullExit.pays': 1n } },
  'a full exit of coins that pays fewer than the least amount': { operation: { ...fullExit(bob, LEAF.bob, 501n), token: TOKEN, amount: 500n, shares: 0n }, forced: { 'fullExit.pays': 1n } },
  'a full exit of shares that are enough and stay': { operation: keptShares({ least: 800_000n }) },
  'a full exit of shares that are enough and stay, by another margin': { operation: keptShares({ least: 800_000n }), forced: { 'fullExit.pays': 0n } },
  'a full exit of shares that are said to be worth less and stay': { operation: keptShares({ least: 800_000n }), inputs: { counter: 799_999n } },
  'a full exit of shares that stay and are worth other coins than their value': { operation: keptShares({ least: 800_000n }), inputs: { counter: 799_999n }, forced: { 'shareValue.coins': 800_000n } },
  'a full exit of shares that stay and are worth as much as fewer of them': { operation: keptShares({ least: 800_000n }), inputs: { counter: 799_998n }, forced: { 'shareValue.shares': 399_999n } },
  'a full exit of shares that stay and whose value is not looked at': { operation: keptShares({ least: 800_000n }), inputs: { counter: 1n }, forced: { 'shareValue.enabled': 0n } },
  'a full exit of shares whose value is not what counts': { operation: shareExit({ least: 800_001n }), forced: { 'fullExit.coins': 800_001n, 'fullExit.pays': 1n } },
  'a full exit of shares for another least amount': { operation: shareExit({ least: 800_001n }), forced: { 'fullExit.least': 800_000n, 'fullExit.pays': 1n } },
  'a full exit of shares that stay and lets coins go': { operation: keptShares({ amount: 800_001n - 1n }), inputs: { amount: 0n, counter: 800_000n }, forced: { 'fullExit.keeps': 0n } },

  // Which pool
  'a full exit of shares from another pool': { operation: { ...shareExit({ amount: 800_000_000n }), pool: LEAF.pool }, leaves: { pool: rich } },
  'a full exit of shares from an account': { operation: shareExit(), leaves: ofBob, inputs: toldAsPool },
  'a full exit of shares from an account, with a token of more than 32 bits': {
    operation: shareExit(),
    leaves: ofBob,
    inputs: { ...toldAsPool, peerToken: field.div(modField(leafMeta(asPool) - 2n * 2n ** 224n), modField(2n ** 160n)) },
  },
  'a full exit of shares from a pool beyond the tree': { operation: { ...shareExit(), pool: LEAF.half }, leaves: { shares: { token: SHARE_TOKEN + 2n ** 24n } }, inputs: { peerIndex: BigInt(LEAF.half) + 2n ** 24n } },
  'a full exit of shares that the half does not notice': { operation: shareExit(), forced: { burns: 0n } },
  'a full exit of shares that leaves the pool as it is': { operation: shareExit({ amount: 0n, shares: 1000n }), leaves: heldShares({ reserve: 4n, totalShares: 5000n }, 1000n), forced: { 'peer.toPool': 0n } },
  'a full exit of shares that leaves the reserve': { operation: shareExit(), forced: { 'half.paid': 0n } },
  'a full exit of shares that leaves the total shares': { operation: shareExit(), forced: { 'half.burnt': 0n } },

  // What it publishes
  'a full exit of shares that publishes other coins': { operation: shareExit(), forced: { 'words.coins': 800_001n } },
  'a full exit of shares that publishes other shares': { operation: shareExit(), forced: { 'words.shares': 1n } },
  'a full exit of shares that publishes no shares': { operation: shareExit(), forced: { 'words.exitShares': 0n } },
  'a full exit of shares that publishes another least amount': { operation: shareExit({ least: 5n }), forced: { 'words.least': 6n } },
  'a full exit of shares that publishes no least amount': { operation: shareExit({ least: 5n }), forced: { 'words.exitLeast': 0n } },
  'a full exit of shares that publishes the token of the shares': { operation: shareExit(), forced: { 'words.token': SHARE_TOKEN } },
};
