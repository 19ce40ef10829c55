// SPDX-License-Identifier: GPL-3.0-or-later
pragma circom 2.2.0;

include "../lib/bits.circom";
include "../lib/formats.circom";
include "../lib/leaf.circom";

// A pool half and what an operation of an order, or a full exit of shares, changes about it. The half is the slot's own leaf in a swap out,
// the second leaf in all others.
//
// Bounds. The slot keeps what is paid, the reserve and all balances from 0 to 2^128 - 1. Total shares are bounded by the join alone: every
// operation of an order emits a leg (leg.circom), every leg is one of a pair of the block's join or the block is invalid, and the join demands
// that coins, shares, reserve and total shares, before and after, are from 0 to 2^112 - 1. So nothing wraps: neither what leaves a half nor
// what it gets. A full exit has no leg, but it only lowers a reserve and total shares, and these by no more than the shares of one leaf.
template Half() {
    signal input swapOut;               // boolean
    signal input adds;                  // boolean: adds liquidity, either side
    signal input removes;               // boolean: removes liquidity, either side, or exits with shares; at most one of the three
    input Leaf() leaf;                  // the slot's own, as it is before
    signal input leafIndex;
    signal input peerIndex;             // the second leaf, as it is before if it is a pool
    signal input peerBalance;
    signal input peerShares;
    signal input peerPlace;
    signal input token;                 // of the slot's own leaf, 32 bits
    signal input poolToken;             // removes: token of the pool
    signal input amount;                // what the slot's own leaf pays: coins, or (removes) shares
    signal input counter;               // adds: shares that are minted · removes: coins that are paid out
    signal output index;                // where the half is
    signal output reserve;              // before
    signal output totalShares;          // before
    signal output peer;                 // place that the half names
    signal output coins;                // by how much the reserve changes; without a half the amount
    signal output shares;               // by how much the total shares change; without a half 0
    signal output balanceChange;        // of the second leaf, pool or not
    signal output sharesChange;         // of the second leaf
    signal output peerToken;            // of the second leaf
    signal output creditToken;          // of what a change of liquidity pays out

    // 1. Which leaf it is.
    EqualIf()(swapOut, leaf.pool, 1);
    index <== peerIndex + swapOut * (leafIndex - peerIndex);
    reserve <== peerBalance + swapOut * (leaf.balance - peerBalance);
    totalShares <== peerShares + swapOut * (leaf.keyX - peerShares);
    peer <== peerPlace + swapOut * (leaf.keyY - peerPlace);

    // 2. Tokens. The second leaf has that of the slot's own leaf, but what removes pays with shares of just that half.
    EqualIf()(removes, token, SHARE_TOKENS() + peerIndex);
    peerToken <== token + removes * (poolToken - token);
    creditToken <== peerToken + adds * (SHARE_TOKENS() + peerIndex - peerToken);

    // 3. Changes.
    signal minted <== adds * counter;
    signal burnt <== removes * amount;
    signal paid <== removes * counter;
    coins <== amount - burnt + paid;
    shares <== minted + burnt;
    balanceChange <== amount - burnt - paid;
    sharesChange <== minted - burnt;
}
