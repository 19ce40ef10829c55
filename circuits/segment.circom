// SPDX-License-Identifier: GPL-3.0-or-later
pragma circom 2.2.0;

include "lib/bits.circom";
include "lib/formats.circom";
include "lib/horner.circom";
include "lib/merkle.circom";
include "lib/sponge.circom";
include "slot.circom";

// A segment: at most K operations on one chain's tree lead from one root to another, and (c1, c2, y1, y2) are the commitments to and the
// values at r of the published words. Formulas: src/FORMATS.md, "Segment".
//
// A. The header's numbers are bounded.
// B. The registers hash to the root in.
// C. The slots run one after another. Fees accrue from slot to slot, one register for each of F tokens, and start at 0. A change of liquidity
//    owes its payout to the very next slot; nothing is owed to the first slot or by the last. Legs go to the end of the block's chain of legs.
// D. The registers hash to the root out.
// E. Sponges over the words of all slots give c2 and c1; the contract derives r from them, so the words were fixed before r was known.
// F. Values at r of the emitted words only.
template Segment(K, arity, depth, registerLevels, F) {
    var registers = arity ** registerLevels;

    // ---------------------------------------------------------------- PUBLIC
    signal input c1;                    // commitment to header and on-chain words
    signal input c2;                    // commitment to L2 words
    signal input r;                     // challenge, derived on chain from c1, c2 and the data
    signal input y1;                    // value at r of header and on-chain words
    signal input y2;                    // value at r of L2 words

    // --------------------------------------------------------------- PRIVATE
    signal input deploymentId;          // domain of every signature
    signal input chainIndex;            // whose tree
    signal input blockNumber;
    signal input timestamp;             // bounds validUntil of every signature
    signal input legsIn;                // hash chain of the block's legs before this segment
    signal input legsOut;               // and after it
    signal input registersIn[registers]; // nodes of the tree at registerLevels below the root, before
    signal input feeToken[F];            // of which tokens fees can be collected; a free choice, for a fee that is not collected is gone
    input SlotInput(arity, depth - registerLevels, F) slots[K];

    // A. Header numbers
    Range(BITS_CHAIN_INDEX())(chainIndex);
    Range(BITS_BLOCK_NUMBER())(blockNumber);
    Range(BITS_TIMESTAMP())(timestamp);

    // B. Root in
    signal rootIn <== RegistersRoot(arity, registerLevels)(registersIn);

    // C. Slots
    component slot[K];
    for (var i = 0; i < K; i++) {
        slot[i] = Slot(arity, depth, registerLevels, F);
        slot[i].deploymentId <== deploymentId;
        slot[i].chainIndex <== chainIndex;
        slot[i].timestamp <== timestamp;
        slot[i].op <== slots[i];
        slot[i].registersIn <== i == 0 ? registersIn : slot[i - 1].registersOut;
        slot[i].feeToken <== feeToken;
        for (var f = 0; f < F; f++) slot[i].accruedIn[f] <== i == 0 ? 0 : slot[i - 1].accruedOut[f];
        slot[i].dueIn.due <== i == 0 ? 0 : slot[i - 1].dueOut.due;
        slot[i].dueIn.owner <== i == 0 ? 0 : slot[i - 1].dueOut.owner;
        slot[i].dueIn.keyX <== i == 0 ? 0 : slot[i - 1].dueOut.keyX;
        slot[i].dueIn.keyY <== i == 0 ? 0 : slot[i - 1].dueOut.keyY;
        slot[i].dueIn.token <== i == 0 ? 0 : slot[i - 1].dueOut.token;
        slot[i].dueIn.amount <== i == 0 ? 0 : slot[i - 1].dueOut.amount;
        slot[i].legsIn <== i == 0 ? legsIn : slot[i - 1].legsOut;
    }
    slot[K - 1].dueOut.due === 0;
    legsOut === slot[K - 1].legsOut;

    // D. Root out
    signal rootOut <== RegistersRoot(arity, registerLevels)(slot[K - 1].registersOut);

    // E. Commitments
    var onchainWords = 0;
    var l2Words = 0;
    component sponge2 = Sponge(TAG_SEGMENT_L2(), 4 * K);
    for (var i = 0; i < K; i++) {
        for (var k = 0; k < 4; k++) {
            onchainWords += slot[i].onchainEmits[k];
            l2Words += slot[i].l2Emits[k];
            sponge2.words[4 * i + k] <== slot[i].l2[k];
        }
    }
    sponge2.out === c2;

    // chainIndex(8) | blockNumber(32) | timestamp(40) | onchainWords(16) | l2Words(16); the counts are sums of flags, far below 2^16
    signal numbers <== (((chainIndex * (1 << 32) + blockNumber) * (1 << 40) + timestamp) * (1 << 16) + onchainWords) * (1 << 16) + l2Words;
    signal header[7] <== [deploymentId, numbers, rootIn, rootOut, legsIn, legsOut, c2];
    component sponge1 = Sponge(TAG_SEGMENT_ONCHAIN(), 7 + 4 * K);
    for (var k = 0; k < 7; k++) sponge1.words[k] <== header[k];
    for (var i = 0; i < K; i++) for (var k = 0; k < 4; k++) sponge1.words[7 + 4 * i + k] <== slot[i].onchain[k];
    sponge1.out === c1;

    // F. Values at r, the last slot first
    component onchainAtR[K];
    component l2AtR[K];
    for (var i = K - 1; i >= 0; i--) {
        onchainAtR[i] = Emit(4);
        onchainAtR[i].r <== r;
        onchainAtR[i].words <== slot[i].onchain;
        onchainAtR[i].emits <== slot[i].onchainEmits;
        onchainAtR[i].following <== i == K - 1 ? 0 : onchainAtR[i + 1].value;

        l2AtR[i] = Emit(4);
        l2AtR[i].r <== r;
        l2AtR[i].words <== slot[i].l2;
        l2AtR[i].emits <== slot[i].l2Emits;
        l2AtR[i].following <== i == K - 1 ? 0 : l2AtR[i + 1].value;
    }
    signal valueAtR <== EmitAll(7)(r, header, onchainAtR[0].value);
    valueAtR === y1;
    l2AtR[0].value === y2;
}
