// SPDX-License-Identifier: GPL-3.0-or-later
pragma circom 2.2.0;

include "lib/hash.circom";
include "bitify.circom";
include "lib/bits.circom";
include "lib/formats.circom";
include "lib/leaf.circom";
include "lib/merkle.circom";
include "lib/select.circom";
include "lib/shareValue.circom";

// An exit: in the tree of the chain chainIndex, whose root is one of those that hash to finalRoot, the leaf at leafIndex is an account of
// that owner and stands for exactly that amount of that token: coins of its own, or what its shares are of their pool's coins.
//
// A. The account's limbs are bounded; its token is the public one, or that of shares of the half at poolIndex.
// B. The pool of shares, a leaf of that token.
// C. Both leaves are in the chain's tree. (For coins the second one is the account once more.)
// D. The amount: the whole balance, or what the shares stand for.
// E. The chain's root is in the final root.
template Exit(arity, depth, N) {
    // ---------------------------------------------------------------- PUBLIC
    signal input finalRoot;             // the one state commitment that exits are served against
    signal input chainIndex;            // whose tree
    signal input leafIndex;
    signal input owner;                 // who is paid
    signal input token;                 // of the coins that are paid
    signal input amount;

    // --------------------------------------------------------------- PRIVATE
    signal input isShares;              // whether the leaf holds shares
    signal input nonce;
    signal input balance;               // coins or shares
    signal input keyX;
    signal input keyY;
    signal input children[depth][arity]; // children[l]: the children of the node above level l
    signal input poolIndex;             // shares: where their pool is; the five that follow are of it
    signal input reserve;
    signal input totalShares;
    signal input peerPlace;
    signal input poolChildren[depth][arity]; // coins: the account's again
    signal input roots[N];              // root of every chain

    // A. Account. The token of coins is below 2^31, that of shares is not (C bounds poolIndex): so no leaf can be told as the other.
    Boolean()(isShares);
    Range(BITS_OWNER())(owner);
    Range(BITS_TOKEN() - 1)(token);
    Range(BITS_NONCE())(nonce);
    Leaf() leaf;
    leaf.account <== 1;
    leaf.pool <== 0;
    leaf.owner <== owner;
    leaf.token <== token + isShares * (SHARE_TOKENS() + poolIndex - token);
    leaf.nonce <== nonce;
    leaf.balance <== balance;
    leaf.keyX <== keyX;
    leaf.keyY <== keyY;
    signal value <== LeafValue()(leaf);

    // B. Pool
    Leaf() pool;
    pool.account <== 0;
    pool.pool <== 1;
    pool.owner <== 0;
    pool.token <== token;
    pool.nonce <== 0;
    pool.balance <== reserve;
    pool.keyX <== totalShares;
    pool.keyY <== peerPlace;
    signal poolValue <== LeafValue()(pool);

    // C. Chain's tree
    component path = LeafRoot(arity, depth);
    path.index <== leafIndex;
    path.children <== children;
    path.leaf <== value;
    component poolPath = LeafRoot(arity, depth);
    poolPath.index <== leafIndex + isShares * (poolIndex - leafIndex);
    poolPath.children <== poolChildren;
    poolPath.leaf <== value + isShares * (poolValue - value);
    poolPath.root === path.root;

    // D. Amount. Its range is for the value of shares; no balance is larger.
    Range(BITS_BALANCE())(amount);
    EqualIf()(1 - isShares, amount, balance);
    component shareValue = ShareValue();
    shareValue.enabled <== isShares;
    shareValue.shares <== balance;
    shareValue.reserve <== reserve;
    shareValue.totalShares <== totalShares;
    shareValue.coins <== amount;
    Range(BITS_RESERVE())(shareValue.rest);

    // E. Final root. N is a power of two, so the bits of a chain index are its position.
    component bits = Num2Bits(LOG2(N));
    bits.in <== chainIndex;
    signal root <== Pick(LOG2(N))(bits.out, roots);
    root === path.root;
    signal hashed <== Hash(N)(roots);
    hashed === finalRoot;
}
