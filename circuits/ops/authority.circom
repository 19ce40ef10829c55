// SPDX-License-Identifier: GPL-3.0-or-later
pragma circom 2.2.0;

include "../lib/bits.circom";
include "../lib/formats.circom";
include "../lib/leaf.circom";
include "../lib/signature.circom";

// What is signed (withdraw, transfers, change key, the first side of an order): the leaf's key signed exactly this operation, on this leaf of
// this chain of this deployment, for the leaf's present nonce, and the block is not later than the signature allows.
template Authority() {
    signal input enabled;               // boolean
    input Leaf() leaf;                  // as it is before, limbs bounded
    signal input timestamp;             // of the block, 40 bits
    signal input validUntil;
    signal input message;               // message.circom
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

    // 3. The signature.
    Signature()(enabled, leaf.keyX, leaf.keyY, R8x, R8y, S, message);
}
