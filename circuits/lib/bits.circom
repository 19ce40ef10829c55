// SPDX-License-Identifier: GPL-3.0-or-later
pragma circom 2.2.0;

include "bitify.circom";

// `in` fits in n bits.
template Range(n) {
    signal input in;

    component bits = Num2Bits(n);
    bits.in <== in;
}

// `in` is 0 or 1.
template Boolean() {
    signal input in;

    in * (1 - in) === 0;
}

// n flags of which each is 0 or 1 and no flag follows a 0: used slots come first.
template Prefix(n) {
    signal input flags[n];

    for (var i = 0; i < n; i++) Boolean()(flags[i]);
    for (var i = 1; i < n; i++) flags[i] * (1 - flags[i - 1]) === 0;
}

// If `flag` is 1, `in` is not 0: only then has it an inverse. A flag of 0 asks for nothing.
template NonZeroIf() {
    signal input flag;
    signal input in;

    signal inverse;
    inverse <-- flag != 0 && in != 0 ? 1 / in : 0;
    in * inverse === flag;
}

// If `flag` is 1, `a` equals `b`.
template EqualIf() {
    signal input flag;
    signal input a;
    signal input b;

    flag * (a - b) === 0;
}
