// SPDX-License-Identifier: GPL-3.0-or-later
pragma circom 2.2.0;

include "bitify.circom";
include "formats.circom";

// An amount of public data: mantissa(35) | exponent(5), value mantissa · 10^exponent (below 2^138: no wrap; the caller bounds it further).
template Float40() {
    var mantissaBits = BITS_FLOAT_MANTISSA();
    var exponentBits = BITS_FLOAT_EXPONENT();

    signal input float;
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
