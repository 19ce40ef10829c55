// SPDX-License-Identifier: GPL-3.0-or-later
pragma circom 2.2.0;

include "babyjub.circom";
include "escalarmulfix.circom";
include "hash.circom";
include "bits.circom";
include "scalarMultiple.circom";
include "subgroup.circom";

// EdDSA-Poseidon over Baby Jubjub, the scheme of circomlib's verifier: S·Base8 = R8 + h·8·A with h = Poseidon(R8, A, message), S below
// the subgroup's order, the key A on the curve and not of small order (8·A is not the identity).
//
// With `enabled` 0 nothing is asked of key, R8 and S; the key is then replaced by the base point and S by 0, so that a key that is not on
// the curve (anybody may deposit to any two field elements) cannot make a slot unprovable.
//
// It costs less than circomlib's verifier because h·8·A is made with signed digits, because h and S are compared by their high parts,
// and because R8 is computed, as S·Base8 - h·8·A, and then compared: it never enters an addition, so nothing is to be checked of it.
template Signature() {
    signal input enabled;               // boolean
    signal input keyX;
    signal input keyY;
    signal input R8x;
    signal input R8y;
    signal input S;
    signal input message;

    // 1. The key is on the curve, P = 8·A is not the identity. P then has prime order, and its x is not 0.
    var base[2] = BASE8();
    signal x <== base[0] + enabled * (keyX - base[0]);
    signal y <== base[1] + enabled * (keyY - base[1]);
    BabyCheck()(x, y);
    signal (x2, y2) <== BabyDbl()(x, y);
    signal (x4, y4) <== BabyDbl()(x2, y2);
    signal (x8, y8) <== BabyDbl()(x4, y4);
    NonZeroIf()(1, x8);

    // 2. h·P
    signal h <== Hash(5)([R8x, R8y, x, y, message]);
    signal (rightX, rightY) <== ScalarMultiple()(h, x8, y8);

    // 3. S·Base8
    signal bits[BITS_SUBGROUP_ORDER()] <== CanonicalScalar()(enabled * S);
    signal left[2] <== EscalarMulFix(BITS_SUBGROUP_ORDER(), BASE8())(bits);

    // 4. R8 is their difference.
    signal (differenceX, differenceY) <== BabyAdd()(left[0], left[1], -rightX, rightY);
    EqualIf()(enabled, R8x, differenceX);
    EqualIf()(enabled, R8y, differenceY);
}
