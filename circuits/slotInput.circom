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
    signal changeKey;
    signal collectFees;
    signal transferToNew;
}

// Everything the prover says about one operation. Fields that an operation does not use are free and reach neither a leaf nor a word.
bus SlotInput(arity, levels, F) {
    Kind() kind;

    // what the operation says
    signal leafIndex;                   // the leaf it is about; sender of a transfer
    signal token;                       // token of that leaf after the operation
    signal address;                     // deposit, open: owner · full exit: who asks · withdraw: who is paid · transfers: receiver's owner
    signal keyX;                        // deposit, open: the user's key · transfers: receiver's key · change key: the new key
    signal keyY;
    signal amount;                      // unused by open, 0 for change key
    signal float;                       // transfers: the amount as float40
    signal fee;                         // of what is signed: as float16
    signal validUntil;                  // of what is signed: last second at which the signature may be used
    signal R8x;                         // of what is signed: signature
    signal R8y;
    signal S;
    signal feeFlags[F];                 // the fee register that takes the fee or is collected: one flag, or none

    // the leaf as it is before (its token is `token`, or 0 if the operation opens it)
    signal account;
    signal pool;
    signal owner;
    signal nonce;
    signal balance;
    signal leafKeyX;
    signal leafKeyY;
    signal children[levels][arity];

    // the receiver's leaf of a transfer as it is before, after the sender's leaf changed; in other slots any leaf
    signal peerIndex;
    signal peerValue;
    signal peerNonce;                   // transfer only
    signal peerBalance;                 // transfer only
    signal peerChildren[levels][arity];
}
