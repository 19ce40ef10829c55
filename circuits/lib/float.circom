// SPDX-License-Identifier: GPL-3.0-or-later
pragma circom 2.2.0;

include "bitify.circom";

// A number of public data: mantissa | exponent, value mantissa · 10^exponent. Any of a value's forms will do. The largest value is below
// 2^mantissaBits · 10^(2^exponentBits): with 5 bits of exponent it stays far below p for every mantissa in use, so nothing wraps.
template Float(mantissaBits, exponentBits) {
    signal input float;                 // bounded here
    signal output value;

    component bits = Num2Bits(mantissaBits + exponentBits);
    bits.in <== float;

    var mantissa = 0;
    for (var i = 0; i < mantissaBits; i++) mantissa += bits.out[exponentBits + i] * (1 << i);

    signal power[exponentBits + 1];
    power[0] <== 1;
    for (var i = 0; i < exponentBits; i++) power[i + 1] <== power[i] * (1 + bits.out[i] * (10 ** (1 << i) - 1));
    value <== mantissa * power[exponentBits];
}
