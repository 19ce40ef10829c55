// SPDX-License-Identifier: GPL-3.0-or-later
pragma circom 2.2.0;

include "poseidon_constants.circom";

// Poseidon with the constants and values of circomlib's Poseidon(n) and PoseidonEx(n, 1), at the same number of constraints. What is linear
// is kept in variables, not in signals: the compiler then has nothing to eliminate, which is most of its work with circomlib's template.
template HashFrom(n) {
    signal input initialState;
    signal input inputs[n];
    signal output out;

    var t = n + 1;
    var fullRounds = 8;
    var partialRoundsOf[16] = [56, 57, 56, 60, 60, 63, 64, 63, 60, 66, 60, 65, 70, 60, 64, 68];
    var partialRounds = partialRoundsOf[n - 1];
    var C[t * fullRounds + partialRounds] = POSEIDON_C(t); // added to the state, in the order of use
    var M[t][t] = POSEIDON_M(t);                            // mixes after a full round
    var P[t][t] = POSEIDON_P(t);                            // and after the last one before the partial rounds
    var S[partialRounds * (2 * t - 1)] = POSEIDON_S(t);     // sparse mixes: a row, then the rest of a column

    signal square[fullRounds][t];
    signal fourth[fullRounds][t];
    signal fifth[fullRounds][t];
    signal partialSquare[partialRounds];
    signal partialFourth[partialRounds];
    signal partialFifth[partialRounds];

    var state[t];
    state[0] = initialState + C[0];
    for (var j = 1; j < t; j++) state[j] = inputs[j - 1] + C[j];
    var used = t;

    for (var r = 0; r < fullRounds; r++) {
        // All cells to the fifth power.
        var cells[t];
        for (var j = 0; j < t; j++) {
            square[r][j] <== state[j] * state[j];
            fourth[r][j] <== square[r][j] * square[r][j];
            fifth[r][j] <== fourth[r][j] * state[j];
            cells[j] = fifth[r][j];
            if (r < fullRounds - 1) cells[j] += C[used + j];
        }
        used += t;
        for (var i = 0; i < t; i++) {
            state[i] = 0;
            for (var j = 0; j < t; j++) state[i] += (r == fullRounds \ 2 - 1 ? P[j][i] : M[j][i]) * cells[j];
        }

        // In the middle the partial rounds: only the first cell to the fifth power.
        if (r == fullRounds \ 2 - 1) {
            for (var q = 0; q < partialRounds; q++) {
                partialSquare[q] <== state[0] * state[0];
                partialFourth[q] <== partialSquare[q] * partialSquare[q];
                partialFifth[q] <== partialFourth[q] * state[0];
                var first = partialFifth[q] + C[used + q];
                var row = q * (2 * t - 1);
                state[0] = S[row] * first;
                for (var j = 1; j < t; j++) {
                    state[0] += S[row + j] * state[j];
                    state[j] += S[row + t - 1 + j] * first;
                }
            }
            used += partialRounds;
        }
    }
    out <== state[0];
}

template Hash(n) {
    signal input inputs[n];
    signal output out;

    out <== HashFrom(n)(0, inputs);
}
