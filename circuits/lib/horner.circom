// SPDX-License-Identifier: GPL-3.0-or-later
pragma circom 2.2.0;

// Adds n words to Σ w_k · r^k. A word that is not emitted must be 0 and does not advance the power, so the sum runs over the compacted
// list of emitted words: exactly the list that is published.
template Emit(n) {
    signal input r;
    signal input words[n];              // 0 where not emitted
    signal input emits[n];              // boolean and a prefix: no word is emitted after one that is not
    signal input powerIn;               // power of r of the first word
    signal input sumIn;
    signal output powerOut;
    signal output sumOut;

    signal powers[n + 1];
    signal terms[n];
    signal steps[n];
    powers[0] <== powerIn;
    var power = powerIn;
    var sum = sumIn;
    for (var k = 0; k < n; k++) {
        powers[k + 1] <== powers[k] * r;
        terms[k] <== words[k] * powers[k];
        steps[k] <== emits[k] * (powers[k + 1] - powers[k]);
        sum += terms[k];
        power += steps[k];
    }
    powerOut <== power;
    sumOut <== sum;
}

// Words that are always emitted.
template EmitAll(n) {
    signal input r;
    signal input words[n];
    signal output power;                // r^n
    signal output sum;

    signal powers[n + 1];
    signal terms[n];
    powers[0] <== 1;
    var total = 0;
    for (var k = 0; k < n; k++) {
        powers[k + 1] <== powers[k] * r;
        terms[k] <== words[k] * powers[k];
        total += terms[k];
    }
    power <== powers[n];
    sum <== total;
}
