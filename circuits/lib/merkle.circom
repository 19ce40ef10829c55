// SPDX-License-Identifier: GPL-3.0-or-later
pragma circom 2.2.0;

include "hash.circom";
include "bitify.circom";
include "select.circom";

// One level of the tree: a node of which one child goes from `before` to `after`, the others stay.
template Level(arity) {
    signal input digit[LOG2(arity)];    // bits of the child's position
    signal input children[arity];       // as they are before
    signal input before;
    signal input after;
    signal output nodeBefore;
    signal output nodeAfter;

    signal child <== Pick(LOG2(arity))(digit, children);
    child === before;
    nodeBefore <== Hash(arity)(children);

    signal change[arity] <== Place(LOG2(arity))(digit, after - before);
    component hash = Hash(arity);
    for (var i = 0; i < arity; i++) hash.inputs[i] <== children[i] + change[i];
    nodeAfter <== hash.out;
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
    component nodes[levels];
    for (var l = 0; l < levels; l++) {
        nodes[l] = Level(arity);
        for (var k = 0; k < digitBits; k++) nodes[l].digit[k] <== bits.out[l * digitBits + k];
        nodes[l].children <== children[l];
        nodes[l].before <== l == 0 ? before : nodes[l - 1].nodeBefore;
        nodes[l].after <== l == 0 ? after : nodes[l - 1].nodeAfter;
    }

    // 3. The register holds the node before and takes the node after.
    signal top[registerLevels * digitBits];
    for (var k = 0; k < registerLevels * digitBits; k++) top[k] <== bits.out[levels * digitBits + k];
    signal held <== Pick(registerLevels * digitBits)(top, registersIn);
    held === nodes[levels - 1].nodeBefore;
    signal change[registers] <== Place(registerLevels * digitBits)(top, nodes[levels - 1].nodeAfter - nodes[levels - 1].nodeBefore);
    for (var i = 0; i < registers; i++) registersOut[i] <== registersIn[i] + change[i];
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
            hashes[made + i] = Hash(arity);
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
    component picks[depth];
    signal nodes[depth + 1];
    nodes[0] <== leaf;
    for (var l = 0; l < depth; l++) {
        picks[l] = Pick(digitBits);
        for (var k = 0; k < digitBits; k++) picks[l].bits[k] <== bits.out[l * digitBits + k];
        picks[l].cells <== children[l];
        picks[l].out === nodes[l];
        nodes[l + 1] <== Hash(arity)(children[l]);
    }
    root <== nodes[depth];
}

// Exponent of a power of two.
function LOG2(n) {
    var k = 0;
    while ((1 << k) < n) k++;
    return k;
}
