// SPDX-License-Identifier: GPL-3.0-or-later
pragma circom 2.2.0;

include "lib/hash.circom";
include "bitify.circom";
include "lib/bits.circom";
include "lib/formats.circom";
include "lib/leaf.circom";
include "lib/merkle.circom";
include "lib/select.circom";

// An exit: in the tree of the chain chainIndex, whose root is one of those that hash to finalRoot, the leaf at leafIndex is an account of
// that owner and token with exactly that balance.
//
// A. The leaf's limbs are bounded; only its nonce and key are not public.
// B. The leaf is in its chain's tree.
// C. The chain's root is in the final root.
template Exit(arity, depth, N) {
    // ---------------------------------------------------------------- PUBLIC
    signal input finalRoot;             // the one state commitment that exits are served against
    signal input chainIndex;            // whose tree
    signal input leafIndex;
    signal input owner;                 // who is paid
    signal input token;
    signal input amount;                // the leaf's whole balance

    // --------------------------------------------------------------- PRIVATE
    signal input nonce;
    signal input keyX;
    signal input keyY;
    signal input children[depth][arity]; // children[l]: the children of the node above level l
    signal input roots[N];              // root of every chain

    // A. Leaf
    Range(BITS_OWNER())(owner);
    Range(BITS_TOKEN())(token);
    Range(BITS_NONCE())(nonce);
    Leaf() leaf;
    leaf.account <== 1;
    leaf.pool <== 0;
    leaf.owner <== owner;
    leaf.token <== token;
    leaf.nonce <== nonce;
    leaf.balance <== amount;
    leaf.keyX <== keyX;
    leaf.keyY <== keyY;

    // B. Chain's tree
    component path = LeafRoot(arity, depth);
    path.index <== leafIndex;
    path.children <== children;
    path.leaf <== LeafValue()(leaf);

    // C. Final root. N is a power of two, so the bits of a chain index are its position.
    component bits = Num2Bits(LOG2(N));
    bits.in <== chainIndex;
    signal root <== Pick(LOG2(N))(bits.out, roots);
    root === path.root;
    signal hashed <== Hash(N)(roots);
    hashed === finalRoot;
}
