// SPDX-License-Identifier: GPL-3.0-or-later
pragma circom 2.2.0;

include "bits.circom";
include "bitify.circom";

// Baby Jubjub's subgroup of prime order l, about 1.51 · 2^250, and its generator. The field's prime p is a little below 8·l.
function SUBGROUP_ORDER() { return 2736030358979909402780800718157159386076813972158567259200215660948447373041; }
function BASE8() {
    return [
        5299619240641551281634865583518297030282874472190772894086521144482721001553,
        16950150798460657717958625567821834550301663161624707787222815936182638968203
    ];
}
function BITS_SUBGROUP_ORDER() { return 251; }

// Scalars are compared by what is above their lowest 126 bits. That halves the cost and leaves out the last 2^126 scalars below a limit:
// no signer meets them by chance, and none makes one: it would take 2^125 hashes.
function BITS_NOT_COMPARED() { return 126; }

// The high part (125 bits) of a scalar, as a linear combination of its bits.
template HighPart() {
    signal input bits[BITS_SUBGROUP_ORDER()];
    signal output out;

    component number = Bits2Num(BITS_SUBGROUP_ORDER() - BITS_NOT_COMPARED());
    for (var i = BITS_NOT_COMPARED(); i < BITS_SUBGROUP_ORDER(); i++) number.in[i - BITS_NOT_COMPARED()] <== bits[i];
    out <== number.out;
}

// The bits of `in`, least significant first. `in` is below l: its high part is below that of l.
template CanonicalScalar() {
    signal input in;
    signal output bits[BITS_SUBGROUP_ORDER()];

    bits <== Num2Bits(BITS_SUBGROUP_ORDER())(in);
    signal high <== HighPart()(bits);
    Range(BITS_SUBGROUP_ORDER() - BITS_NOT_COMPARED())((SUBGROUP_ORDER() >> BITS_NOT_COMPARED()) - 1 - high);
}

// A scalar k = h (mod l) of 253 bits of which the highest two are 1, for any field element h; `bits` are the other 251.
//
// With k = 3·2^251 + e and D = 4·l - 3·2^251 the claim is h = q·l + e - D for one q of 0 … 7, and it is made in the field. It holds for
// the integers, and so mod l, because the right side neither falls below 0 nor reaches p:
//   q = 0        the lowest. e >= D is checked, so it is at least 0; and at most 2^251.
//   q = 1 … 6    at least l - D > 0 (D is about l/31), at most 6·l + 2^251 - D < 7.3·l < p.
//   q = 7        the highest. e < p - 7·l + D is checked, so it is below p; and at least 7·l - D.
// Both checks compare high parts only, and one range check serves both; for q from 1 to 6 it asks for e >= D too, which costs nothing,
// for (h mod l) + D is so anyway. The witness program cannot serve 2^-126 of all h: those within 2^126 above a multiple of l or below p.
template RecodedScalar() {
    var order = SUBGROUP_ORDER();
    var D = 4 * order - 3 * (1 << 251);
    var lowest = (D >> BITS_NOT_COMPARED()) + 1;
    var highest = ((D - 7 * order) >> BITS_NOT_COMPARED()) - 1; // in the field D - 7·l is p - 7·l + D

    signal input in;
    signal output bits[BITS_SUBGROUP_ORDER()];

    signal q[3];
    for (var i = 0; i < 3; i++) {
        q[i] <-- ((in \ order) >> i) & 1;
        Boolean()(q[i]);
    }
    bits <== Num2Bits(BITS_SUBGROUP_ORDER())(in - order * (q[0] + 2 * q[1] + 4 * q[2]) + D);

    signal atLeast6 <== q[1] * q[2];
    signal is7 <== atLeast6 * q[0];
    signal high <== HighPart()(bits);
    signal room <== high - lowest + is7 * (lowest + highest - 2 * high);
    Range(BITS_SUBGROUP_ORDER() - BITS_NOT_COMPARED())(room);
}
