// SPDX-License-Identifier: GPL-3.0-or-later
pragma circom 2.2.0;

include "babyjub.circom";
include "montgomery.circom";
include "subgroup.circom";

// h·P for any field element h and a point P of prime order l (the caller checks both: on the curve, in the subgroup, not the identity).
//
// Double and add with digits of 1 and -1: the scalar is k = h (mod l) of RecodedScalar, made odd as K = k + 1 if k is even, and
//   K = 2^252 + sum of (2·bit[i+1] - 1)·2^i for i = 0 … 251, bit[i] the bits of k,
// so every step is Q <- 2Q + P or 2Q - P, in Montgomery form. k begins with two 1s: the first steps make 3P, then 7P. At the end P is
// taken off again if k was even.
//
// Montgomery's addition has exceptions, in which a prover could choose the slope freely or in which no slope exists. Why no slope is ever
// free: let Q = m·P before a step and d = 1 or -1 its digit. All m are odd, and l is odd.
//   Q + dP        denominator x(Q) - x(P), 0 only if m = ±1 (mod l). From 3P on m is at least 3, and before the last step it is below
//                 2^252 < 3·l; being odd, m would have to be 2·l - 1 or 2·l + 1. Those come from m = l alone, and lP = O is not reached because
//   (Q + dP) + Q  the slope obeys (l1 + l2)·(x(Q) - x(Q + dP)) = 2·y(Q), and y(Q) is not 0: no point of odd order but the identity has
//                 y = 0. Where the denominator is 0, that is 2Q + dP = O, nothing fulfils this.
// So no accepted witness passes through O, each step's result is the point it should be, and the coordinates are unique. Refused are
// multiples of l, for O has no coordinates, and a handful of their neighbours: as improbable as a preimage.
template ScalarMultiple() {
    signal input h;
    signal input x;
    signal input y;
    signal output outX;
    signal output outY;

    var n = BITS_SUBGROUP_ORDER();
    signal bits[n] <== RecodedScalar()(h);

    // x is not 0 and y not 1, for only the identity and the point of order 2 have such coordinates.
    component p = Edwards2Montgomery();
    p.in <== [x, y];
    component double = MontgomeryDouble();
    double.in <== p.out;
    component triple = MontgomeryAdd();
    triple.in1 <== double.out;
    triple.in2 <== p.out;

    component steps[n];
    for (var j = 0; j < n; j++) {
        steps[j] = DoubleAndAdd();
        steps[j].p <== p.out;
        if (j == 0) {
            steps[j].q <== triple.out;
            steps[j].bit <== 1;
        } else {
            steps[j].q <== steps[j - 1].out;
            steps[j].bit <== bits[n - j];
        }
    }

    // The result is not O, so its second coordinate is not 0; a point with first coordinate -1 does not exist on the curve.
    component odd = Montgomery2Edwards();
    odd.in <== steps[n - 1].out;

    // - P or - O, (0, 1). Edwards addition has no exceptions.
    signal even <== 1 - bits[0];
    component sum = BabyAdd();
    sum.x1 <== odd.out[0];
    sum.y1 <== odd.out[1];
    sum.x2 <== -even * x;
    sum.y2 <== 1 + even * (y - 1);
    outX <== sum.xout;
    outY <== sum.yout;
}

// 2Q + P if `bit` is 1, 2Q - P if it is 0, as (Q ± P) + Q: 6 constraints. The second coordinate of Q ± P is not needed: with the slopes
// a of Q and ±P, b of Q ± P and Q it is a·(x(Q) - x(Q ± P)) - y(Q). The caller sees to it that x(Q) is not x(P).
template DoubleAndAdd() {
    signal input q[2];                  // points in Montgomery form
    signal input p[2];
    signal input bit;                   // boolean
    signal output out[2];

    var A = 168698;                     // y^2 = x^3 + A·x^2 + x

    signal py <== (2 * bit - 1) * p[1];
    signal a;
    a <-- (q[1] - py) / (q[0] - p[0]);
    a * (q[0] - p[0]) === q[1] - py;
    signal x <== a * a - A - q[0] - p[0];

    signal b;
    b <-- 2 * q[1] / (q[0] - x) - a;
    (a + b) * (q[0] - x) === 2 * q[1];
    out[0] <== b * b - A - x - q[0];
    out[1] <== b * (q[0] - out[0]) - q[1];
}
