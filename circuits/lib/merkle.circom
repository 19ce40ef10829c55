// SPDX-License-Identifier: GPL-3.0-or-later
pragma circom 2.2.0;

include "poseidon.circom";
include "bitify.circom";
include "select.circom";

// One level of the tree: a node of which one child goes from `before` to `after`, the others stay.
template Level(arity) {
    signal input hot[arity];            // which child
    signal input children[arity];       // as they are before
    signal input before;
    signal input after;
    signal output nodeBefore;
    signal output nodeAfter;

    signal child <== Read(arity)(hot, children);
    child === before;
    nodeBefore <== Poseidon(arity)(children);
    nodeAfter <== Poseidon(arity)(Write(arity)(hot, children, before, after));
}

// One access of a leaf: it was `before` at `index` and is `after` now. The upper levels of the tree are not hashed but kept in
// registers: `registersIn` are the nodes at `registerLevels` below the root, in order.
template Access(arity, depth, registerLevels) {
    var digitBits = LOG2(arity);
    var levels = depth - registerLevels;
    var registers = arity ** registerLevels;

    signal input index;
    signal input children[levels][arity]; // children[l]: the children of the node above level l, as they are before
    signal input before;
    signal input after;
    signal input registersIn[registers];
    signal output registersOut[registers];

    // 1. The index is exactly depth digits: no two indices name one leaf.
    component bits = Num2Bits(depth * digitBits);
    bits.in <== index;

    // 2. From the leaf up to the register.
    component digits[levels];
    component nodes[levels];
    for (var l = 0; l < levels; l++) {
        digits[l] = OneHot(digitBits);
        for (var k = 0; k < digitBits; k++) digits[l].bits[k] <== bits.out[l * digitBits + k];
        nodes[l] = Level(arity);
        nodes[l].hot <== digits[l].hot;
        nodes[l].children <== children[l];
        nodes[l].before <== l == 0 ? before : nodes[l - 1].nodeBefore;
        nodes[l].after <== l == 0 ? after : nodes[l - 1].nodeAfter;
    }

    // 3. The register holds the node before and takes the node after.
    component top = OneHot(registerLevels * digitBits);
    for (var k = 0; k < registerLevels * digitBits; k++) top.bits[k] <== bits.out[levels * digitBits + k];
    signal held <== Read(registers)(top.hot, registersIn);
    held === nodes[levels - 1].nodeBefore;
    registersOut <== Write(registers)(top.hot, registersIn, nodes[levels - 1].nodeBefore, nodes[levels - 1].nodeAfter);
}

// The root above the registers.
template RegistersRoot(arity, registerLevels) {
    signal input registers[arity ** registerLevels];
    signal output root;

    component hashes[(arity ** registerLevels - 1) \ (arity - 1)];
    var made = 0;
    for (var l = registerLevels - 1; l >= 0; l--) {
        var below = made - arity ** (l + 1); // where the hashes of the level below start
        for (var i = 0; i < arity ** l; i++) {
            hashes[made + i] = Poseidon(arity);
            for (var k = 0; k < arity; k++) {
                if (l == registerLevels - 1) hashes[made + i].inputs[k] <== registers[i * arity + k];
                else hashes[made + i].inputs[k] <== hashes[below + i * arity + k].out;
            }
        }
        made += arity ** l;
    }
    root <== hashes[made - 1].out;
}

// The root above one leaf that is only read.
template LeafRoot(arity, depth) {
    var digitBits = LOG2(arity);

    signal input index;
    signal input children[depth][arity];
    signal input leaf;
    signal output root;

    component bits = Num2Bits(depth * digitBits);
    bits.in <== index;
    component digits[depth];
    component reads[depth];
    signal nodes[depth + 1];
    nodes[0] <== leaf;
    for (var l = 0; l < depth; l++) {
        digits[l] = OneHot(digitBits);
        for (var k = 0; k < digitBits; k++) digits[l].bits[k] <== bits.out[l * digitBits + k];
        reads[l] = Read(arity);
        reads[l].hot <== digits[l].hot;
        reads[l].cells <== children[l];
        reads[l].out === nodes[l];
        nodes[l + 1] <== Poseidon(arity)(children[l]);
    }
    root <== nodes[depth];
}

// Exponent of a power of two.
function LOG2(n) {
    var k = 0;
    while ((1 << k) < n) k++;
    return k;
}
