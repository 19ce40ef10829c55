// SPDX-License-Identifier: GPL-3.0-or-later
pragma circom 2.2.0;

include "lib/bits.circom";
include "lib/formats.circom";
include "lib/hash.circom";

// What the prover says about a pair; all 0 where the pair is not used. [0] is the first side, [1] the second.
bus Pair() {
    // The kind: one of these is 1, or none for an unused pair.
    signal swap;
    signal add;                         // liquidity in both coins
    signal addOne;                      // liquidity in the first coin alone: part of it is swapped for the second one on the way in
    signal remove;

    signal order;                       // both legs show it
    signal place[2];                    // where the half is: chainIndex | leafIndex
    signal amount[2];                   // by how much the reserve changes
    signal shares[2];                   // by how much the total shares change
    signal reserve[2];                  // before
    signal totalShares[2];              // before
    signal limit[2];                    // least that the order demands
    signal swapped[2];                  // coins in and coins out of a swap, or of the swap inside an add of one coin; else 0
}

// The words of a pair's two legs, hashed. The heads are made of the same two places, each the other's peer, and both legs show the same
// order: legs that do not name each other, or are of different orders, have no pair whose digests they are.
template PairDigests() {
    input Pair() pair;
    signal input used;                  // boolean: sum of the kind's flags
    signal output out[2];               // 0 if not used

    // Places in their bits: otherwise a head could be read as other places.
    var bits = BITS_CHAIN_INDEX() + BITS_LEAF_INDEX();
    for (var i = 0; i < 2; i++) Range(bits)(pair.place[i]);

    var kind = OP_SWAP_IN() * pair.swap + OP_ADD_LIQUIDITY() * (pair.add + pair.addOne) + OP_REMOVE_LIQUIDITY() * pair.remove;
    var shift = 1 << bits;
    signal hash[2];
    for (var i = 0; i < 2; i++) {
        var head = (kind + i * used) * shift * shift + pair.place[i] * shift + pair.place[1 - i];
        hash[i] <== Hash(7)([head, pair.order, pair.amount[i], pair.shares[i], pair.reserve[i], pair.totalShares[i], pair.limit[i]]);
        out[i] <== used * hash[i];
    }
}

// The rule of a pair: src/FORMATS.md, "Pairs". One comparison serves all kinds, because each is the same with other numbers. Say that b0
// coins are swapped for b1 on the way. Then the first half holds u0 = r0 + b0 coins for its S0 shares and the second u1 = r1 - b1, and
//
//   997·b0·u1 ≥ 1000·r0·b1                               the product rule: P(b0, b1) with 1000·r0·r1 taken away from both sides
//   S·(reserve after - u) ≥ (shares after - S)·u         in each half no share becomes worth less than it is after the swap: M
//
// A swap has b = amounts, reserves after = u, shares after = S: M says 0 ≥ 0. An add of both coins and a remove have b = 0: P says 0 ≥ 0.
//
// All comparisons are ranges of differences. B = 2^112. They hold for integers because no difference can wrap around the field, p > 2^253:
// every factor is bounded by a range of C before it is compared (bounds beside each statement), so a true difference is below 2^234 and a
// false one is p - x with x ≤ 2^235, which no 234 bits spell.
template PairRules() {
    input Pair() pair;
    signal output used;                 // boolean, checked by whoever counts pairs

    var bits = BITS_RESERVE();

    // A. The kind. At most one flag: `used` is boolean.
    Boolean()(pair.swap);
    Boolean()(pair.add);
    Boolean()(pair.addOne);
    Boolean()(pair.remove);
    used <== pair.swap + pair.add + pair.addOne + pair.remove;
    signal adds <== pair.add + pair.addOne;
    signal swaps <== pair.swap + pair.addOne;

    // B. An unused pair is empty (amounts, shares and limits then follow from the ranges). A swap moves no shares, an add of one coin none
    //    of the other's coins. `swapped` is what a swap pays and takes, and 0 in kinds without a swap.
    (1 - used) * pair.order === 0;
    for (var i = 0; i < 2; i++) {
        (1 - used) * pair.place[i] === 0;
        (1 - used) * pair.reserve[i] === 0;
        (1 - used) * pair.totalShares[i] === 0;
        pair.swap * pair.shares[i] === 0;
        pair.swap * (pair.swapped[i] - pair.amount[i]) === 0;
        (1 - swaps) * pair.swapped[i] === 0;
    }
    pair.addOne * pair.amount[1] === 0;

    // C. What goes in and out, and the ranges. The lower of before and after is in range, and so is the higher: then both are, if what
    //    moves is not negative. That is shown in D for what comes out or is minted, in F for what goes in or is burnt.
    signal coinsIn[2];
    signal coinsOut[2];
    signal minted[2];
    signal burnt[2];
    signal reserveAfter[2];
    signal sharesAfter[2];
    signal kept <== pair.reserve[1] - pair.swapped[1]; // u1
    for (var i = 0; i < 2; i++) {
        coinsIn[i] <== (i == 0 ? pair.swap + adds : adds) * pair.amount[i];
        coinsOut[i] <== pair.amount[i] - coinsIn[i];
        minted[i] <== adds * pair.shares[i];
        burnt[i] <== pair.shares[i] - minted[i];
        reserveAfter[i] <== pair.reserve[i] + coinsIn[i] - coinsOut[i];
        sharesAfter[i] <== pair.totalShares[i] + minted[i] - burnt[i];
    }
    component lowReserve[2];
    component highReserve[2];
    component lowShares[2];
    component highShares[2];
    signal alone <== pair.addOne * pair.swapped[1];
    for (var i = 0; i < 2; i++) {
        lowReserve[i] = Range(bits);
        lowReserve[i].in <== pair.reserve[i] - coinsOut[i];
        highReserve[i] = Range(bits);
        // An add of one coin leaves the second reserve as it is, one range is enough for it; the other one bounds u1.
        highReserve[i].in <== pair.reserve[i] + coinsIn[i] - (i == 0 ? 0 : alone);
        // The locked shares stay, so S ≥ 1000 in what follows.
        lowShares[i] = Range(bits);
        lowShares[i].in <== pair.totalShares[i] - burnt[i] - used * LOCKED_SHARES();
        highShares[i] = Range(bits);
        highShares[i].in <== pair.totalShares[i] + minted[i];
    }
    component swappedRange = Range(bits);
    swappedRange.in <== pair.swapped[0];

    // D. Limits. 0 ≤ limit ≤ what comes out or is minted, so that is in [0, 2B). A swap has no limit for its first side.
    component limitRange[2];
    component aboveLimit[2];
    signal limited <== (1 - pair.swap) * pair.limit[0];
    for (var i = 0; i < 2; i++) {
        limitRange[i] = Range(bits);
        limitRange[i].in <== pair.limit[i];
        aboveLimit[i] = Range(bits);
        aboveLimit[i].in <== minted[i] + coinsOut[i] - (i == 0 ? limited : pair.limit[1]);
    }

    // E. The product rule. b0 and u1 are in [0, B) by C; r0 is in [0, B) and |b1| = |r1 - u1| < B: both sides are below 1000·B² < 2^234.
    //    A half without coins pays none.
    signal paid <== pair.swapped[0] * kept;
    signal taken <== pair.reserve[0] * pair.swapped[1];
    signal product <== SWAP_FEE_KEPT() * paid - SWAP_FEE_OF() * taken;
    signal empty[2];
    for (var i = 0; i < 2; i++) empty[i] <== IsZero()(pair.reserve[i]);
    empty[0] * pair.swapped[1] === 0;

    //    A pair has coins on both sides or on none: a swap finds both, an add leaves both.
    for (var i = 0; i < 2; i++) pair.swap * empty[i] === 0;
    component leftFilled[2];
    for (var i = 0; i < 2; i++) {
        leftFilled[i] = NonZeroIf();
        leftFilled[i].flag <== adds;
        leftFilled[i].in <== reserveAfter[i];
    }

    // F. The value of a share: M. By C and D every factor is between -2B and 2B, so |M| ≤ 8·B². A half without coins has no price yet: there
    //    one coin is worth one share, which is M with S = 1 and u = 1.
    signal afterSwap[2] <== [pair.reserve[0] + pair.swapped[0], kept]; // u
    signal perShares[2];                // S, or 1
    signal perCoins[2];                 // u, or 1
    signal worthOfCoins[2];
    signal worth[2];
    for (var i = 0; i < 2; i++) {
        perShares[i] <== pair.totalShares[i] + empty[i] * (1 - pair.totalShares[i]);
        perCoins[i] <== afterSwap[i] + empty[i] * (1 - afterSwap[i]);
        worthOfCoins[i] <== perShares[i] * (reserveAfter[i] - afterSwap[i]);
        worth[i] <== worthOfCoins[i] - (sharesAfter[i] - pair.totalShares[i]) * perCoins[i];
    }

    // G. worth[0], worth[1] and product are not negative. Where coins are swapped, `product` may be large, and the two worths are below B:
    //    0 in a swap; in an add of one coin because b0 and u1 are the largest numbers that M allows, which are the best for P. Where nothing
    //    is swapped, `product` is 0 and the worths may be large: the bits beyond 112 are those that a product would have.
    var mask = (1 << bits) - 1;
    signal rest[2];
    component restRange[2];
    for (var i = 0; i < 2; i++) {
        rest[i] <-- worth[i] & mask;
        restRange[i] = Range(bits);
        restRange[i].in <== rest[i];
    }
    signal low <-- swaps == 1 ? product & mask : worth[0] >> bits;
    signal high <-- swaps == 1 ? product >> bits : worth[1] >> bits;
    component lowRange = Range(bits);
    component highRange = Range(bits + 10); // 1000 < 2^10
    lowRange.in <== low;
    highRange.in <== high;
    swaps * (low + (1 << bits) * high) === product;
    worth[0] - rest[0] === (1 << bits) * (1 - swaps) * low;
    worth[1] - rest[1] === (1 << bits) * (1 - swaps) * high;
}
