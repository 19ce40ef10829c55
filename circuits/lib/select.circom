// SPDX-License-Identifier: GPL-3.0-or-later
pragma circom 2.2.0;

include "bits.circom";

// The 2^n flags of which the one at the position that the n bits spell (least significant first) is 1 and the others are 0.
// Position 0 of every doubling is the remainder, so a doubling costs one constraint less than it has new flags.
template OneHot(n) {
    signal input bits[n];               // boolean, checked by the caller
    signal output hot[1 << n];

    signal tree[(2 << n) - 1];          // flags after k bits start at 2^k - 1
    tree[0] <== 1;
    for (var k = 0; k < n; k++) {
        var size = 1 << k;
        var from = size - 1;
        var to = 2 * size - 1;
        var rest = bits[k];
        for (var i = 1; i < size; i++) {
            tree[to + size + i] <== tree[from + i] * bits[k];
            rest -= tree[to + size + i];
        }
        tree[to + size] <== rest;
        for (var i = 0; i < size; i++) tree[to + i] <== tree[from + i] - tree[to + size + i];
    }
    for (var i = 0; i < (1 << n); i++) hot[i] <== tree[(1 << n) - 1 + i];
}

// n flags, each 0 or 1, of which exactly one is 1 if `enabled` is 1 and none otherwise.
template OneHotFlags(n) {
    signal input flags[n];
    signal input enabled;               // boolean, checked by the caller

    var sum = 0;
    for (var i = 0; i < n; i++) {
        Boolean()(flags[i]);
        sum += flags[i];
    }
    sum === enabled;
}

// Cell that `hot` points at; 0 if it points at none.
template Read(n) {
    signal input hot[n];
    signal input cells[n];
    signal output out;

    signal terms[n];
    var sum = 0;
    for (var i = 0; i < n; i++) {
        terms[i] <== hot[i] * cells[i];
        sum += terms[i];
    }
    out <== sum;
}

// Cells after the one that `hot` points at went from `before` to `after`.
template Write(n) {
    signal input hot[n];
    signal input cells[n];
    signal input before;                // value of that cell, read by the caller
    signal input after;
    signal output out[n];

    for (var i = 0; i < n; i++) out[i] <== cells[i] + hot[i] * (after - before);
}
