// SPDX-License-Identifier: GPL-3.0-or-later
pragma circom 2.2.0;

include "bits.circom";
include "formats.circom";

// What shares of a pool half stand for: coins = ⌊shares · reserve / totalShares⌋, shown as
//
//   shares · reserve = coins · totalShares + rest,   0 ≤ rest < totalShares
//
// This holds for integers, not only modulo p > 2^253: shares, reserve and total shares are those of a leaf and its pool in the tree, so they are
// below 2^112 (whatever changes them is a leg of a pair that the join has bounded, or lowers them); the caller keeps coins between -2^128 and
// 2^129 and the rest from 0 to 2^128. So the left side is from 0 to 2^224 and the right side between -2^240 and 2^242.
template ShareValue() {
    signal input enabled;               // boolean
    signal input shares;
    signal input reserve;
    signal input totalShares;
    signal input coins;
    signal output rest;                 // bounded by the caller, which may have a range to spare

    signal value <== shares * reserve;
    signal paid <== coins * totalShares;
    rest <== enabled * (value - paid);
    signal missing <== enabled * (totalShares - 1 - rest); // to the next coin, less one
    Range(BITS_RESERVE())(missing);
}
