// SPDX-License-Identifier: GPL-3.0-or-later
pragma circom 2.2.0;

include "../lib/bits.circom";
include "../lib/leaf.circom";

// Fees. A segment has F registers, each for one token. The fee that a slot's leaf paid goes into the register that is flagged; a fee
// without a flag is gone. Collect fees credits an account with all that its register holds and empties the register, so that nothing is
// collected that was not paid, and nothing twice.
template Fees(F) {
    signal input collects;              // boolean: collect fees
    signal input paid;                  // what the leaf pays as a fee: 0 unless the slot is signed, so 0 if it collects
    input Leaf() leaf;                  // the slot's, as it is before
    signal input amount;                // what the leaf is credited with if it collects
    signal input flags[F];
    signal input tokens[F];             // of the registers
    signal input accruedIn[F];
    signal output accruedOut[F];

    // 1. At most one register, of the leaf's token. Two registers may have the same token: they stay apart.
    var flagged = 0;
    for (var f = 0; f < F; f++) {
        Boolean()(flags[f]);
        EqualIf()(flags[f], tokens[f], leaf.token);
        flagged += flags[f];
    }
    Boolean()(flagged);

    // 2. It grows by what is paid, or goes to 0.
    signal taken[F];
    signal change[F];
    var collected = 0;
    for (var f = 0; f < F; f++) {
        taken[f] <== collects * accruedIn[f];
        change[f] <== flags[f] * (paid - taken[f]);
        accruedOut[f] <== accruedIn[f] + change[f];
        collected -= change[f];
    }

    // 3. Who collects is an account, flags a register and gets what it held. (The slot bounds the new balance.)
    EqualIf()(collects, leaf.account, 1);
    EqualIf()(collects, flagged, 1);
    EqualIf()(collects, amount, collected);
}
