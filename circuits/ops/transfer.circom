// SPDX-License-Identifier: GPL-3.0-or-later
pragma circom 2.2.0;

include "../lib/bits.circom";
include "../lib/float.circom";
include "../lib/formats.circom";
include "../lib/leaf.circom";

// Transfers, the receiver's side. The leaf that is credited is the account of the user (owner, key) that the sender signed, of the sender's
// token; a transfer to new makes it out of an empty leaf. (What the sender's side must satisfy is authority.circom and the slot's ranges.)
template Transfer() {
    signal input toAccount;             // boolean: transfer
    signal input toNew;                 // boolean: transfer to new; not both
    signal input amount;
    signal input float;                 // the published amount
    signal input owner;                 // receiver's owner, 160 bits, as signed
    signal input keyX;                  // receiver's key, as signed
    signal input keyY;
    signal input token;                 // sender's token, 32 bits
    signal input nonce;                 // receiver's leaf as it is before
    signal input balance;
    signal input before;                // value of that leaf in the tree, of any leaf if the slot is no transfer
    signal output after;                // and after the operation
    signal output received;             // balance that the credit adds to

    // 1. The published amount is the signed one.
    signal decoded <== Float(BITS_FLOAT_MANTISSA(), BITS_FLOAT_EXPONENT())(float);
    EqualIf()(toAccount + toNew, amount, decoded);

    // 2. The receiver's leaf. Its other limbs are bounded already, the nonce here; a leaf that is opened starts with nonce 0 and balance 0.
    Range(BITS_NONCE())(nonce);
    received <== toAccount * balance;
    Leaf() leaf;
    leaf.account <== 1;
    leaf.pool <== 0;
    leaf.owner <== owner;
    leaf.token <== token;
    leaf.nonce <== toAccount * nonce;
    leaf.balance <== received;
    leaf.keyX <== keyX;
    leaf.keyY <== keyY;
    signal value <== LeafValue()(leaf);
    EqualIf()(toAccount, before, value);
    EqualIf()(toNew, before, 0);

    // 3. It is credited and nothing else about it changes. (The slot bounds the new balance.)
    Leaf() credited;
    credited.account <== 1;
    credited.pool <== 0;
    credited.owner <== owner;
    credited.token <== token;
    credited.nonce <== leaf.nonce;
    credited.balance <== received + amount;
    credited.keyX <== keyX;
    credited.keyY <== keyY;
    signal creditedValue <== LeafValue()(credited);
    after <== before + (toAccount + toNew) * (creditedValue - before);
}
