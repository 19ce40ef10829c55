// SPDX-License-Identifier: GPL-3.0-or-later
pragma circom 2.2.0;

include "comparators.circom";
include "../lib/bits.circom";
include "../lib/leaf.circom";

// Full exit: pays the whole balance if the leaf is an account whose owner asked and holds coins, not shares; and nothing otherwise. The leaf is
// opened in both cases and the outcome follows from it, so that a full exit is never unprovable and can never be turned down falsely.
template FullExit() {
    signal input enabled;
    input Leaf() leaf;                  // as it is before
    signal input isShares;              // whether its token is a share token
    signal input owner;                 // who asks, 160 bits
    signal input amount;
    signal output pays;                 // 1 if the exit pays

    signal asked <== IsEqual()([leaf.owner, owner]);
    signal holds <== leaf.account - leaf.account * isShares;
    signal entitled <== asked * holds;
    pays <== enabled * entitled;

    signal paid <== entitled * leaf.balance;
    EqualIf()(enabled, amount, paid);
}
