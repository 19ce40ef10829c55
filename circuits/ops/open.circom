// SPDX-License-Identifier: GPL-3.0-or-later
pragma circom 2.2.0;

include "../lib/bits.circom";
include "../lib/formats.circom";
include "../lib/leaf.circom";

// Open: makes an account leaf with balance 0 out of an empty one, or (open pool) one half of a liquidity pair with reserve 0. Needs no
// authority, for it touches nobody's money.
template Open() {
    signal input account;               // boolean: open
    signal input pool;                  // boolean: open pool; not both
    input Leaf() leaf;                  // as it is before
    signal input token;                 // token that the leaf gets
    signal input keyX;                  // and its keyX: of a pool the total shares
    signal input keyY;                  // and its keyY: of a pool the place of its peer (32 bits, checked by the slot)
    signal input place;                 // where the leaf is: chainIndex(8) | leafIndex(24)

    // 1. Out of an empty leaf; token 0 is none.
    EqualIf()(account + pool, leaf.account + leaf.pool, 0);
    NonZeroIf()(account + pool, token);

    // 2. A pool begins with shares that are nobody's, so that no one ever has them all; it is not its own peer.
    EqualIf()(pool, keyX, LOCKED_SHARES());
    component otherPlace = NonZeroIf();
    otherPlace.flag <== pool;
    otherPlace.in <== keyY - place;
}
