// SPDX-License-Identifier: GPL-3.0-or-later
pragma circom 2.2.0;

include "lib/bits.circom";

// Six words of a leg; src/FORMATS.md, "Join".
bus Leg() {
    signal head;                        // kind | side | chainIndex | leafIndex | peerChain | peerLeaf
    signal order;
    signal amount;
    signal reserve;
    signal shares;
    signal limit;
}

// What the two legs of a pair owe each other, by kind of leg. Every kind of cross-chain operation adds a template of its rule here, with a
// flag that says that the pair is of its kind. A pair that no rule takes is refused; while there is no kind, that is every pair.
template PairRules() {
    signal input enabled;               // boolean
    input Leg() legIn;
    input Leg() legOut;

    var ruled = 0;                      // sum of the flags of the rules
    enabled === ruled;
}
