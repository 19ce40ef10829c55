// SPDX-License-Identifier: GPL-3.0-or-later
pragma circom 2.2.0;

include "lib/leaf.circom";

// Which operation a slot holds: one of these is 1, or none for a no-op.
bus Kind() {
    signal deposit;
    signal fullExit;
    signal withdraw;
    signal open;
    signal transfer;
}

// Everything the prover says about one operation. Fields that an operation does not use are free and reach neither a leaf nor a word.
bus SlotInput(arity, levels) {
    Kind() kind;

    // what the operation says
    signal leafIndex;                   // the leaf it is about; sender of a transfer
    signal token;                       // token of that leaf after the operation
    signal address;                     // deposit, open: owner · full exit: who asks · withdraw: who is paid · transfer: receiver's owner
    signal keyX;                        // deposit, open: the user's key · transfer: receiver's key
    signal keyY;
    signal amount;                      // 0 for open
    signal float;                       // transfer: the amount as float40
    signal fee;                         // 0 until fees exist
    signal validUntil;                  // withdraw, transfer: last second at which the signature may be used
    signal R8x;                         // withdraw, transfer: signature; otherwise any point on the curve
    signal R8y;
    signal S;

    // the leaf as it is before (its token is `token`, or 0 if the operation opens it)
    signal account;
    signal pool;
    signal owner;
    signal nonce;
    signal balance;
    signal leafKeyX;
    signal leafKeyY;
    signal children[levels][arity];

    // the receiver's leaf of a transfer as it is before, after the sender's leaf changed; in other slots any leaf, by value
    signal peerIndex;
    signal peerNonce;
    signal peerBalance;
    signal peerValue;
    signal peerChildren[levels][arity];
}
