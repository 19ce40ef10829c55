// SPDX-License-Identifier: GPL-3.0-or-later
pragma circom 2.2.0;

include "../lib/bits.circom";

// What a slot owes to the next one: the payout of a change of liquidity.
bus Due() {
    signal due;                         // boolean; if it is 0 the others mean nothing
    signal owner;
    signal keyX;
    signal keyY;
    signal token;
    signal amount;
}

// Credit: follows every change of liquidity in the very next slot, and nothing else. It pays the user of the order (that the leaf is that
// user's is OfUser's) exactly what the half minted or paid out.
template Credit() {
    signal input enabled;
    input Due() due;                    // of the slot before
    signal input owner;
    signal input keyX;
    signal input keyY;
    signal input token;
    signal input amount;

    enabled === due.due;                // so it is 0 or 1: the sum of flags of which at most one is 1
    EqualIf()(enabled, owner, due.owner);
    EqualIf()(enabled, keyX, due.keyX);
    EqualIf()(enabled, keyY, due.keyY);
    EqualIf()(enabled, token, due.token);
    EqualIf()(enabled, amount, due.amount);
}
