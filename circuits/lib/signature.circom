// SPDX-License-Identifier: GPL-3.0-or-later
pragma circom 2.2.0;

include "babyjub.circom";
include "eddsaposeidon.circom";

// EdDSA-Poseidon over Baby Jubjub. With `enabled` 0 nothing is verified; the key is then replaced by the base point, so that a key
// that is not on the curve (anybody may deposit to any two field elements) cannot make a slot unprovable.
//
// What the verifier of circomlib leaves to its caller is checked here: key and R8 are on the curve, for only there are its additions
// complete. It refuses itself: S not below the subgroup order, a key of small order (8·key = 0).
template Signature() {
    signal input enabled;               // boolean
    signal input keyX;
    signal input keyY;
    signal input R8x;                   // a point on the curve even when not enabled
    signal input R8y;
    signal input S;                     // 253 bits even when not enabled
    signal input message;

    var BASE8[2] = [
        5299619240641551281634865583518297030282874472190772894086521144482721001553,
        16950150798460657717958625567821834550301663161624707787222815936182638968203
    ];
    signal x <== BASE8[0] + enabled * (keyX - BASE8[0]);
    signal y <== BASE8[1] + enabled * (keyY - BASE8[1]);
    BabyCheck()(x, y);
    BabyCheck()(R8x, R8y);

    component verifier = EdDSAPoseidonVerifier();
    verifier.enabled <== enabled;
    verifier.Ax <== x;
    verifier.Ay <== y;
    verifier.R8x <== R8x;
    verifier.R8y <== R8y;
    verifier.S <== S;
    verifier.M <== message;
}
