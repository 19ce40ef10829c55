// SPDX-License-Identifier: GPL-3.0-or-later
pragma circom 2.2.0;

include "../lib/formats.circom";
include "../lib/hash.circom";

// The leg of an operation on a pool half goes to the end of the block's hash chain (src/FORMATS.md, "Legs"). The join pairs the legs of all
// segments of the block and demands what a pair's halves owe each other; the segment accepts any amounts and reserves.
template Leg() {
    signal input emits;                 // boolean
    signal input kind;                  // number of the operation
    signal input place;                 // of the half, 32 bits
    signal input peer;                  // place that the half names; 32 bits since it was opened
    signal input order;                 // message hash of the order
    signal input coins;
    signal input shares;
    signal input reserve;
    signal input totalShares;
    signal input limit;
    signal input legsIn;
    signal output legsOut;

    signal head <== (kind * (1 << 32) + place) * (1 << 32) + peer;
    signal digest <== Hash(7)([head, order, coins, shares, reserve, totalShares, limit]);
    signal next <== Hash(2)([legsIn, digest]);
    legsOut <== legsIn + emits * (next - legsIn);
}
