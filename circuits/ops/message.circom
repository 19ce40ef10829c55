// SPDX-License-Identifier: GPL-3.0-or-later
pragma circom 2.2.0;

include "../lib/bits.circom";
include "../lib/formats.circom";
include "../lib/hash.circom";

// The message M of an operation (src/FORMATS.md, "L2 signatures"): what the slot's leaf signs, or the order of which the slot is the second
// side. Both sides of an order show M in their legs, and the join demands that it is the same.
//
// Of a second side that says: the first side's M hashes the same nine elements, or somebody has found a collision of Poseidon. The first side
// has packed m1 and m2 out of bounded limbs and its leaf has signed them. So m1, of which the second side reads no limb, may be any element
// here; and m2 = place(32) | token(32) | rest(168) is bounded on both sides, so both read the same place, token and rest: the second side is
// on the chain, half and token that were signed.
template Message() {
    signal input changesKey;            // boolean
    signal input toUser;                // boolean: transfers
    signal input first;                 // boolean: first side of an order
    signal input second;                // boolean: second side; at most one of the four
    signal input deploymentId;
    signal input kind;                  // of what is signed
    signal input chainIndex;            // 8 bits
    signal input leafIndex;             // 24 bits
    signal input token;                 // 32 bits
    signal input nonce;                 // 32 bits
    signal input validUntil;            // 40 bits
    signal input amount;                // 128 bits
    signal input fee;                   // float16, 16 bits
    signal input address;
    signal input keyX;
    signal input keyY;
    signal input pool;                  // leaf index of the half, 24 bits
    signal input place;                 // of the half, 32 bits
    signal input peer;                  // place that the half names; 32 bits since it was opened
    signal input orderHead;             // second side: m1
    signal input orderRest;             // second side: the lowest 168 bits of m2
    signal input orderToken;            // token on which the second side starts
    signal input limit;
    signal input peerAmount;
    signal input peerLimit;
    signal output out;

    signal isOrder <== first + second;
    component message = Hash(9);
    message.inputs[0] <== deploymentId;

    // m1: kind(8) | chainIndex(8) | leafIndex(24) | token(32) | nonce(32) | validUntil(40)
    signal head <== ((((kind * (1 << 8) + chainIndex) * (1 << 24) + leafIndex) * (1 << 32) + token) * (1 << 32) + nonce) * (1 << 40) + validUntil;
    message.inputs[1] <== head + second * (orderHead - head);

    // m2: peerChain(8) | peerLeaf(24) | peerToken(32) | pool(24) | amount(128) | fee(16); the peer's are 0 for all but orders
    Range(BITS_TOKEN())(orderToken);
    EqualIf()(second, orderToken, token);
    signal where <== peer + second * (place - peer);
    signal side <== isOrder * (where * (1 << 32) + orderToken);
    Range(BITS_LEAF_INDEX() + BITS_BALANCE() + BITS_FEE_MANTISSA() + BITS_FEE_EXPONENT())(orderRest);
    signal rest <== first * pool * (1 << 144) + amount * (1 << 16) + fee;
    message.inputs[2] <== side * (1 << 168) + rest + second * (orderRest - rest);

    // a, b, c: the user who is paid or whose order it is · the receiving address of a withdrawal · the new key
    signal names <== toUser + isOrder;
    signal newKeyY <== changesKey * keyY;
    message.inputs[3] <== address + changesKey * (keyX - address);
    message.inputs[4] <== newKeyY + names * keyX;
    message.inputs[5] <== names * keyY;

    message.inputs[6] <== isOrder * limit;
    message.inputs[7] <== isOrder * peerAmount;
    message.inputs[8] <== isOrder * peerLimit;
    out <== message.out;
}
