// SPDX-License-Identifier: GPL-3.0-or-later
pragma circom 2.2.0;

include "comparators.circom";
include "../lib/bits.circom";
include "../lib/formats.circom";
include "../lib/leaf.circom";

// Full exit: takes the whole balance if the leaf is an account whose owner asked and it stands for the least amount that was asked for or more,
// and nothing otherwise. Coins are paid as they are; shares for what they stand for, but no shares at all are no claim on any pool: whoever
// opens a leaf may give it the token of a pool that does not exist. The leaf is opened in all cases, and the pool of shares too, also if they
// stay; the outcome follows from both, so that a full exit is never unprovable and can never be turned down falsely.
template FullExit() {
    signal input enabled;               // boolean
    input Leaf() leaf;                  // as it is before
    signal input isShares;              // whether its token is a share token
    signal input owner;                 // who asks, 160 bits
    signal input least;                 // fewest coins that will do, 128 bits: a word of 16 bytes
    signal input worth;                 // of shares: coins that they stand for (shareValue.circom)
    signal input amount;                // what the leaf pays, in its token
    signal output pays;                 // 1 if the exit pays
    signal output ofShares;             // 1 if there are shares to value: the slot opens their pool, whether the exit pays or not
    signal output keeps;                // 1 if these stay where they are
    signal output ranged;               // 128 bits: the caller has a range for the amount, which a full exit has no use for

    // 1. Who is entitled.
    signal asked <== IsEqual()([leaf.owner, owner]);
    signal asks <== asked * leaf.account;
    signal isZero <== IsZero()(leaf.balance);
    signal noShares <== isShares * isZero;
    signal entitled <== asks - asks * noShares;
    signal claims <== enabled * entitled;
    ofShares <== claims * isShares;

    // 2. Whether it is enough: the margin is coins - least if it pays, else least - coins - 1, and from 0 to 2^128 - 1. That is so for integers: the
    //    least amount is below 2^128, so coins are above -2^128 and below 2^129, which is near enough to value shares by them.
    signal coins <== leaf.balance + isShares * (worth - leaf.balance);
    pays <-- claims == 1 && coins >= least ? 1 : 0;
    Boolean()(pays);
    EqualIf()(pays, claims, 1);
    signal margin <== pays * (2 * (coins - least) + 1) - (coins - least) - 1;
    ranged <== amount + claims * (margin - amount);
    keeps <== ofShares - ofShares * pays;

    // 3. The whole balance or nothing.
    signal due <== pays * leaf.balance;
    EqualIf()(enabled, amount, due);
}
