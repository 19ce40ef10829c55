// SPDX-License-Identifier: GPL-3.0-or-later
pragma circom 2.2.0;

include "hash.circom";
include "formats.circom";

// A commitment to n words: absorbs 16 words a permutation, the state carried in the capacity element. The number of words is fixed by
// the circuit and the tag tells the lists apart, so padding with zeros is unambiguous.
template Sponge(tag, n) {
    var rate = SPONGE_RATE();
    var runs = (n + rate - 1) \ rate;

    signal input words[n];
    signal output out;

    component permutations[runs];
    for (var i = 0; i < runs; i++) {
        permutations[i] = HashFrom(rate);
        permutations[i].initialState <== i == 0 ? tag : permutations[i - 1].out;
        for (var k = 0; k < rate; k++) permutations[i].inputs[k] <== i * rate + k < n ? words[i * rate + k] : 0;
    }
    out <== permutations[runs - 1].out;
}
