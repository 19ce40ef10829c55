// SPDX-License-Identifier: GPL-3.0-or-later
pragma circom 2.2.0;

include "../lib/bits.circom";
include "../lib/leaf.circom";

// Deposit: adds the amount to the user's leaf, and opens it if it is empty. Whoever builds the block chooses the leaf; there is always an
// empty one, so a deposit is never unprovable. (The leaf's token is the deposit's by construction of the slot.)
template Deposit() {
    signal input credits;               // 1 if a deposit goes to a leaf that is not empty
    input Leaf() leaf;                  // as it is before
    signal input owner;
    signal input keyX;
    signal input keyY;

    // Such a leaf must be that user's account.
    EqualIf()(credits, leaf.account, 1);
    EqualIf()(credits, leaf.owner, owner);
    EqualIf()(credits, leaf.keyX, keyX);
    EqualIf()(credits, leaf.keyY, keyY);
}
