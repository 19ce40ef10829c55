// SPDX-License-Identifier: GPL-3.0-or-later
pragma circom 2.2.0;

include "../lib/hash.circom";
include "../lib/bits.circom";
include "../lib/formats.circom";
include "../lib/leaf.circom";
include "../lib/signature.circom";

// What is signed (withdraw, transfers, change key): the leaf's key signed exactly this operation, on this leaf of this chain of this deployment, for the leaf's
// present nonce, and the block is not later than the signature allows.
template Authority() {
    signal input enabled;               // boolean
    input Leaf() leaf;                  // as it is before, limbs bounded
    signal input deploymentId;
    signal input kind;                  // number of the operation that is signed
    signal input chainIndex;            // 8 bits
    signal input leafIndex;             // 24 bits
    signal input timestamp;             // of the block, 40 bits
    signal input validUntil;
    signal input amount;                // 128 bits
    signal input fee;                   // float16, 16 bits
    signal input fields[3];             // a, b, c of the message: who gets it, or the new key
    signal input R8x;
    signal input R8y;
    signal input S;

    // 1. Only an account has a key, and its nonce can still grow by one.
    EqualIf()(enabled, leaf.account, 1);
    NonZeroIf()(enabled, (1 << BITS_NONCE()) - 1 - leaf.nonce);

    // 2. validUntil is not before the block. Both are bounded, so the difference cannot wrap and the message is unambiguous.
    Range(BITS_TIMESTAMP())(validUntil);
    signal left <== enabled * (validUntil - timestamp);
    Range(BITS_TIMESTAMP())(left);

    // 3. The message: kind(8) | chainIndex(8) | leafIndex(24) | token(32) | nonce(32) | validUntil(40), amount(128) | fee(16), fields.
    component message = Hash(9);
    message.inputs[0] <== deploymentId;
    message.inputs[1] <== ((((kind * (1 << 8) + chainIndex) * (1 << 24) + leafIndex) * (1 << 32) + leaf.token) * (1 << 32) + leaf.nonce) * (1 << 40) + validUntil;
    message.inputs[2] <== amount * (1 << 16) + fee;
    for (var i = 0; i < 3; i++) message.inputs[3 + i] <== fields[i];
    for (var i = 6; i < 9; i++) message.inputs[i] <== 0; // limits, of orders only

    // 4. The signature.
    Signature()(enabled, leaf.keyX, leaf.keyY, R8x, R8y, S, message.out);
}

// The fields a, b, c of the message: the receiver's owner and key of transfers · the receiving address of a withdrawal · the new key.
template SignedFields() {
    signal input changesKey;            // boolean
    signal input transfers;             // boolean
    signal input address;
    signal input keyX;
    signal input keyY;
    signal output fields[3];

    signal newKeyY <== changesKey * keyY;
    fields[0] <== address + changesKey * (keyX - address);
    fields[1] <== newKeyY + transfers * keyX;
    fields[2] <== transfers * keyY;
}
