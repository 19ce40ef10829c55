// SPDX-License-Identifier: GPL-3.0-or-later
pragma circom 2.2.0;

include "bits.circom";

// The cell at the position that the n bits spell, least significant first. Every bit halves what is left: 2^n - 1 constraints.
template Pick(n) {
    signal input bits[n];               // boolean, checked by the caller
    signal input cells[1 << n];
    signal output out;

    signal left[(2 << n) - 1];          // 2^n cells, then the half that bit 0 leaves, then the half of these that bit 1 leaves …
    for (var i = 0; i < (1 << n); i++) left[i] <== cells[i];
    var from = 0;
    for (var k = 0; k < n; k++) {
        var size = 1 << (n - k);
        for (var i = 0; i < size \ 2; i++) {
            left[from + size + i] <== left[from + 2 * i] + bits[k] * (left[from + 2 * i + 1] - left[from + 2 * i]);
        }
        from += size;
    }
    out <== left[from];
}

// `in` at the position that the n bits spell, 0 everywhere else: the reverse of Pick, at the same cost.
template Place(n) {
    signal input bits[n];               // boolean, checked by the caller
    signal input in;
    signal output out[1 << n];

    signal tree[(2 << n) - 1];          // after k of the most significant bits the 2^k places start at 2^k - 1
    tree[0] <== in;
    for (var k = 0; k < n; k++) {
        for (var i = 0; i < (1 << k); i++) {
            var at = (1 << k) - 1 + i;
            tree[2 * at + 2] <== tree[at] * bits[n - 1 - k];
            tree[2 * at + 1] <== tree[at] - tree[2 * at + 2];
        }
    }
    for (var i = 0; i < (1 << n); i++) out[i] <== tree[(1 << n) - 1 + i];
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
