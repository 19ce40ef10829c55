// SPDX-License-Identifier: GPL-3.0-or-later
pragma circom 2.2.0;

include "../lib/bits.circom";
include "../lib/leaf.circom";

// The slot's leaf is the account of the user that the operation names: a deposit to a leaf that is not empty, a leaf that pays for an order,
// and a leaf that is credited with what an order pays out. (A deposit can also open a leaf; there is always an empty one, so it is never
// unprovable. The leaf's token is the operation's by construction of the slot.)
template OfUser() {
    signal input enabled;               // boolean
    input Leaf() leaf;                  // as it is before
    signal input owner;
    signal input keyX;
    signal input keyY;

    EqualIf()(enabled, leaf.account, 1);
    EqualIf()(enabled, leaf.owner, owner);
    EqualIf()(enabled, leaf.keyX, keyX);
    EqualIf()(enabled, leaf.keyY, keyY);
}
