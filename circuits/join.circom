// SPDX-License-Identifier: GPL-3.0-or-later
pragma circom 2.2.0;

include "lib/hash.circom";
include "lib/bits.circom";
include "lib/formats.circom";
include "lib/horner.circom";
include "lib/select.circom";
include "lib/sponge.circom";
include "pairRules.circom";

// A join: the segments of a block, in order, lead from the final root in to the final root out, and the legs that the segments emitted are
// exactly the legs of S pairs that keep their rules. Formulas: src/FORMATS.md, "Join".
//
// A. The chain roots are kept in registers; they hash to the final root in.
// B. Every used segment slot takes its chain's root to another.
// C. They hash to the final root out.
// D. The emitted legs, as a list of digests, hash to the header's `legs`.
// E. The pairs keep their rules; their digests are the same multiset as the list, shown at r (which depends on both).
// F. The words, their commitment and their value at r.
template Join(N, M, S) {
    // ---------------------------------------------------------------- PUBLIC
    signal input c1;                    // commitment to words and pairs
    signal input r;                     // challenge, derived on chain from c1 and the words
    signal input y1;                    // value at r of the words

    // --------------------------------------------------------------- PRIVATE
    signal input deploymentId;
    signal input blockNumber;
    signal input rootsIn[N];            // root of every chain before the block
    signal input used[M];               // which segment slots are used: the first ones
    signal input chain[M][N];           // whose tree: one flag is 1 in a used slot, none otherwise
    signal input rootOut[M];            // root of that chain after the segment, 0 if not used
    signal input listed[2 * S];         // which slots of the list of emitted legs are used: the first ones
    signal input digest[2 * S];         // the list: digests of the legs in the order of the segments' slots
    input Pair() pairs[S];              // the used ones first, in any order

    // A. Final root in
    Range(BITS_BLOCK_NUMBER())(blockNumber);
    signal finalRootIn <== Hash(N)(rootsIn);

    // B. Segments
    signal roots[M + 1][N];
    signal rootIn[M];
    signal chainIndex[M];
    roots[0] <== rootsIn;
    Prefix(M)(used);
    var segmentCount = 0;
    for (var j = 0; j < M; j++) {
        segmentCount += used[j];
        OneHotFlags(N)(chain[j], used[j]);
        var index = 0;
        for (var i = 0; i < N; i++) index += i * chain[j][i];
        chainIndex[j] <== index;
        rootIn[j] <== Read(N)(chain[j], roots[j]);
        roots[j + 1] <== Write(N)(chain[j], roots[j], rootIn[j], rootOut[j]);
        rootOut[j] * (1 - used[j]) === 0;
    }

    // C. Final root out
    signal finalRootOut <== Hash(N)(roots[M]);

    // D. List of legs: the hash chain starts at 0 and skips unused slots
    component links[2 * S];
    signal legs[2 * S + 1];
    legs[0] <== 0;
    Prefix(2 * S)(listed);
    var listedCount = 0;
    for (var i = 0; i < 2 * S; i++) {
        listedCount += listed[i];
        links[i] = Hash(2);
        links[i].inputs[0] <== legs[i];
        links[i].inputs[1] <== digest[i];
        legs[i + 1] <== legs[i] + listed[i] * (links[i].out - legs[i]);
    }

    // E. Pairs: Π (r + digest) over the list equals Π (r + digest) over the legs of the pairs
    signal pairDigest[2 * S];
    signal listProduct[2 * S + 1];
    signal pairProduct[2 * S + 1];
    listProduct[0] <== 1;
    pairProduct[0] <== 1;
    signal listFactor[2 * S];
    signal pairFactor[2 * S];
    component usedFirst = Prefix(S);
    var pairCount = 0;
    component rules[S];
    component digests[S];
    for (var s = 0; s < S; s++) {
        rules[s] = PairRules();
        rules[s].pair <== pairs[s];
        pairCount += rules[s].used;
        usedFirst.flags[s] <== rules[s].used;
        digests[s] = PairDigests();
        digests[s].pair <== pairs[s];
        digests[s].used <== rules[s].used;
        for (var side = 0; side < 2; side++) {
            var i = 2 * s + side;
            pairDigest[i] <== digests[s].out[side];
            listFactor[i] <== listed[i] * (r + digest[i] - 1);
            pairFactor[i] <== rules[s].used * (r + pairDigest[i] - 1);
            listProduct[i + 1] <== listProduct[i] * (1 + listFactor[i]);
            pairProduct[i + 1] <== pairProduct[i] * (1 + pairFactor[i]);
        }
    }
    listProduct[2 * S] === pairProduct[2 * S];
    listedCount === 2 * pairCount;

    // F. Words: header, three for every segment, then (committed, not published) the digests of the pairs' legs
    signal header[5] <== [deploymentId, blockNumber * (1 << BITS_WORD_COUNT()) + segmentCount, finalRootIn, finalRootOut, legs[2 * S]];
    component sponge = Sponge(TAG_JOIN(), 5 + 3 * M + 2 * S);
    for (var k = 0; k < 5; k++) sponge.words[k] <== header[k];
    for (var j = 0; j < M; j++) {
        sponge.words[5 + 3 * j] <== chainIndex[j];
        sponge.words[6 + 3 * j] <== rootIn[j];
        sponge.words[7 + 3 * j] <== rootOut[j];
    }
    for (var i = 0; i < 2 * S; i++) sponge.words[5 + 3 * M + i] <== pairDigest[i];
    sponge.out === c1;

    component segmentAtR[M];
    for (var j = M - 1; j >= 0; j--) {
        segmentAtR[j] = Emit(3);
        segmentAtR[j].r <== r;
        segmentAtR[j].words <== [chainIndex[j], rootIn[j], rootOut[j]];
        segmentAtR[j].emits <== [used[j], used[j], used[j]];
        segmentAtR[j].following <== j == M - 1 ? 0 : segmentAtR[j + 1].value;
    }
    signal valueAtR <== EmitAll(5)(r, header, segmentAtR[0].value);
    valueAtR === y1;
}
