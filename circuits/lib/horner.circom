// SPDX-License-Identifier: GPL-3.0-or-later
pragma circom 2.2.0;

// Puts n words in front of a list of which the value Σ w_k · r^k is known. A word that is not emitted must be 0 and does not push the
// others to a higher power, so the value is that of the compacted list of emitted words: exactly the list that is published.
template Emit(n) {
    signal input r;
    signal input words[n];              // 0 where not emitted
    signal input emits[n];              // boolean
    signal input following;             // value of the words that come after these
    signal output value;

    signal factor[n];                   // r where a word is emitted, else 1
    signal values[n + 1];
    values[n] <== following;
    for (var k = n - 1; k >= 0; k--) {
        factor[k] <== 1 + emits[k] * (r - 1);
        values[k] <== words[k] + factor[k] * values[k + 1];
    }
    value <== values[0];
}

// The same for words that are always emitted.
template EmitAll(n) {
    signal input r;
    signal input words[n];
    signal input following;
    signal output value;

    signal values[n + 1];
    values[n] <== following;
    for (var k = n - 1; k >= 0; k--) values[k] <== words[k] + r * values[k + 1];
    value <== values[0];
}
