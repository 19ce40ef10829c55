// SPDX-License-Identifier: GPL-3.0-or-later
pragma circom 2.2.0;

include "../lib/bits.circom";
include "../lib/leaf.circom";

// Open: makes an account leaf with balance 0 out of an empty one. Needs no authority, for it touches nobody's money.
template Open() {
    signal input enabled;
    input Leaf() leaf;                  // as it is before
    signal input token;                 // token that the leaf gets

    EqualIf()(enabled, leaf.account + leaf.pool, 0);
    NonZeroIf()(enabled, token);
}
