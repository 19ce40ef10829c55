// SPDX-License-Identifier: GPL-3.0-or-later
pragma circom 2.2.0;

include "../lib/bits.circom";
include "../lib/float40.circom";
include "../lib/leaf.circom";

// Transfer, the receiver's side: the leaf that is credited is an account of the user (owner, key) that the sender signed, of the sender's
// token. (What the sender's side must satisfy is authority.circom and the slot's balance check.)
template Transfer() {
    signal input enabled;
    signal input amount;                // 128 bits
    signal input float;                 // the published amount
    signal input owner;                 // receiver's owner, 160 bits, as signed
    signal input keyX;                  // receiver's key, as signed
    signal input keyY;
    signal input token;                 // sender's token, 32 bits
    signal input nonce;                 // receiver's leaf as it is before
    signal input balance;
    signal input value;                 // value of the leaf when the slot is no transfer: it stays
    signal output before;               // value of the leaf in the tree before and after
    signal output after;

    // 1. The published amount is the signed one.
    component decoded = Float40();
    decoded.float <== float;
    EqualIf()(enabled, amount, decoded.value);

    // 2. The receiver's leaf. Its other limbs are bounded already, the nonce here.
    Range(BITS_NONCE())(nonce);
    Leaf() leaf;
    leaf.account <== 1;
    leaf.pool <== 0;
    leaf.owner <== owner;
    leaf.token <== token;
    leaf.nonce <== nonce;
    leaf.balance <== balance;
    leaf.keyX <== keyX;
    leaf.keyY <== keyY;
    signal opened <== LeafValue()(leaf);

    // 3. It is credited and nothing else about it changes.
    Leaf() credited;
    credited.account <== 1;
    credited.pool <== 0;
    credited.owner <== owner;
    credited.token <== token;
    credited.nonce <== nonce;
    credited.balance <== balance + amount;
    credited.keyX <== keyX;
    credited.keyY <== keyY;
    signal creditedValue <== LeafValue()(credited);
    signal creditedBalance <== enabled * (balance + amount);
    Range(BITS_BALANCE())(creditedBalance);

    before <== value + enabled * (opened - value);
    after <== value + enabled * (creditedValue - value);
}
