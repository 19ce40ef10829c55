// SPDX-License-Identifier: GPL-3.0-or-later
pragma circom 2.2.0;

include "../lib/bits.circom";
include "../lib/float.circom";
include "../lib/formats.circom";
include "../lib/leaf.circom";

// The slot's second leaf. Transfers and a swap out credit an account: that of the user (owner, key) that was signed; a transfer to new makes
// it out of an empty leaf. The other operations of orders, and a full exit of shares, change a pool. A leaf is opened with fixed kind, and a
// pool with owner 0 and nonce 0, so neither can be taken for the other. (What the slot's own leaf must satisfy is elsewhere.)
template Peer() {
    signal input toAccount;             // boolean: transfer, swap out
    signal input toNew;                 // boolean: transfer to new
    signal input toPool;                // boolean: swap in, liquidity, full exit of shares; at most one of the three
    signal input isFloat;               // boolean: the amount is published as a float40
    signal input amount;
    signal input float;                 // the published amount
    signal input owner;                 // account: its owner, 160 bits, as signed
    signal input keyX;                  // account: its key, as signed
    signal input keyY;
    signal input token;                 // 32 bits
    signal input nonce;                 // account: as it is before
    signal input balance;               // as it is before; of a pool the reserve
    signal input shares;                // pool: total shares before
    signal input place;                 // pool: place of its peer
    signal input balanceChange;
    signal input sharesChange;          // 0 if the leaf is no pool
    signal input before;                // value of that leaf in the tree, of any leaf if the slot is none of the three
    signal output after;                // and after the operation
    signal output balanceAfter;

    // 1. The published amount is the signed one.
    signal decoded <== Float(BITS_FLOAT_MANTISSA(), BITS_FLOAT_EXPONENT())(float);
    EqualIf()(isFloat, amount, decoded);

    // 2. The leaf. Its other limbs are bounded already, the nonce here; a leaf that is opened starts with nonce 0 and balance 0.
    Range(BITS_NONCE())(nonce);
    signal held <== (toAccount + toPool) * balance;
    Leaf() leaf;
    leaf.account <== 1 - toPool;
    leaf.pool <== toPool;
    leaf.owner <== owner - toPool * owner;
    leaf.token <== token;
    leaf.nonce <== toAccount * nonce;
    leaf.balance <== held;
    leaf.keyX <== keyX + toPool * (shares - keyX);
    leaf.keyY <== keyY + toPool * (place - keyY);
    signal value <== LeafValue()(leaf);
    EqualIf()(toAccount + toPool, before, value);
    EqualIf()(toNew, before, 0);

    // 3. It changes by what the operation says and nothing else about it. (The slot bounds the balance, the join a pool's total shares.)
    Leaf() changed;
    changed.account <== leaf.account;
    changed.pool <== leaf.pool;
    changed.owner <== leaf.owner;
    changed.token <== token;
    changed.nonce <== leaf.nonce;
    balanceAfter <== leaf.balance + balanceChange;
    changed.balance <== balanceAfter;
    changed.keyX <== leaf.keyX + sharesChange;
    changed.keyY <== leaf.keyY;
    signal changedValue <== LeafValue()(changed);
    after <== before + (toAccount + toNew + toPool) * (changedValue - before);
}
