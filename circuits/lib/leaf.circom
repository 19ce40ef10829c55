// SPDX-License-Identifier: GPL-3.0-or-later
pragma circom 2.2.0;

include "bitify.circom";
include "hash.circom";
include "bits.circom";
include "formats.circom";

// One account's balance of one token on one chain, or one half of a liquidity pair; src/FORMATS.md, section "State".
bus Leaf() {
    signal account;                     // 1 for an account leaf
    signal pool;                        // 1 for a pool leaf; an empty leaf is neither
    signal owner;
    signal token;
    signal nonce;
    signal balance;
    signal keyX;
    signal keyY;
}

// meta = owner(160) + token(32)·2^160 + nonce(32)·2^192 + kind(2)·2^224. The caller bounds every limb, or meta is ambiguous.
function LEAF_META(owner, token, nonce, kind) {
    return owner + token * (1 << 160) + nonce * (1 << 192) + kind * (1 << 224);
}

// A token fits in its bits. The ids of shares of a pool half are those with the highest bit: SHARE_TOKENS() + leaf index of the half.
template Token() {
    signal input in;
    signal output isShares;

    component bits = Num2Bits(BITS_TOKEN());
    bits.in <== in;
    isShares <== bits.out[BITS_TOKEN() - 1];
}

// The field element that stands for a leaf in the tree: 0 if it is empty.
template LeafValue() {
    input Leaf() leaf;
    signal output out;

    component hash = Hash(4);
    hash.inputs[0] <== LEAF_META(leaf.owner, leaf.token, leaf.nonce, LEAF_ACCOUNT() * leaf.account + LEAF_POOL() * leaf.pool);
    hash.inputs[1] <== leaf.balance;
    hash.inputs[2] <== leaf.keyX;
    hash.inputs[3] <== leaf.keyY;

    out <== (leaf.account + leaf.pool) * hash.out;
}

// An empty leaf has no content: all its fields are 0. Otherwise a leaf value of 0 could be opened with any key or balance.
template EmptyHasNoContent() {
    input Leaf() leaf;

    signal empty <== 1 - leaf.account - leaf.pool;
    empty * leaf.owner === 0;
    empty * leaf.token === 0;
    empty * leaf.nonce === 0;
    empty * leaf.balance === 0;
    empty * leaf.keyX === 0;
    empty * leaf.keyY === 0;
}
