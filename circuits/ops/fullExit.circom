// SPDX-License-Identifier: GPL-3.0-or-later
pragma circom 2.2.0;

include "comparators.circom";
include "../lib/bits.circom";
include "../lib/leaf.circom";

// Full exit: takes the whole balance if the leaf is an account whose owner asked, and nothing otherwise. Coins are paid as they are; shares for
// what they stand for (the slot opens their pool then, shareValue.circom), but no shares at all are no claim on any pool: whoever opens a leaf
// may give it the token of a pool that does not exist. The leaf is opened in all cases and the outcome follows from it, so that a full exit
// is never unprovable and can never be turned down falsely.
template FullExit() {
    signal input enabled;               // boolean
    input Leaf() leaf;                  // as it is before
    signal input isShares;              // whether its token is a share token
    signal input owner;                 // who asks, 160 bits
    signal input amount;                // what the leaf pays, in its token
    signal output pays;                 // 1 if the exit pays
    signal output ofShares;             // 1 if it pays for shares

    // 1. Who is entitled.
    signal asked <== IsEqual()([leaf.owner, owner]);
    signal asks <== asked * leaf.account;
    signal isZero <== IsZero()(leaf.balance);
    signal noShares <== isShares * isZero;
    signal entitled <== asks - asks * noShares;

    // 2. The whole balance or nothing. (Without shares the balance is 0.)
    signal due <== asks * leaf.balance;
    EqualIf()(enabled, amount, due);
    pays <== enabled * entitled;
    ofShares <== pays * isShares;
}
