// SPDX-License-Identifier: GPL-3.0-or-later
pragma circom 2.2.0;

// Circuits that are wrong on purpose: the tests of soundness must find what is missing.

// out = a / b, but nothing says so.
template HintOnly() {
    signal input a;
    signal input b;
    signal output out;

    signal quotient;
    b * (b - 4) === 0;              // of all divisors, only 4 and 0
    quotient <-- b == 0 ? 0 : a / b;
    signal square <== quotient * quotient;
    out <== square + a;
}

// The bits of a number that nobody adds up: any bits will do.
template BitsWithoutSum(n) {
    signal input in;
    signal output low;

    signal bits[n];
    for (var i = 0; i < n; i++) {
        bits[i] <-- (in >> i) & 1;
        bits[i] * (bits[i] - 1) === 0;
    }
    low <== bits[0] + 2 * bits[1];
}
