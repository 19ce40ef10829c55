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
    signal openPool;
    signal swapIn;                      // first side of a swap
    signal swapOut;                     // second side
    signal addLiquidity;
    signal addLiquidityPeer;
    signal removeLiquidity;
    signal removeLiquidityPeer;
    signal credit;
}

// Everything the prover says about one operation. Fields that an operation does not use are free and reach neither a leaf nor a word.
bus SlotInput(arity, levels, F) {
    Kind() kind;

    // what the operation says
    signal leafIndex;                   // the leaf it is about: of what pays, the payer (of a swap out the pool)
    signal token;                       // token of that leaf after the operation
    signal address;                     // deposit, open: owner · full exit: who asks · withdraw: who is paid · transfers: receiver's owner ·
                                        // orders, credit: the user's owner
    signal keyX;                        // deposit, open, orders, credit: the user's key · transfers: receiver's key · change key: the new key ·
    signal keyY;                        // open pool: locked shares and place of the peer
    signal amount;                      // what that leaf pays or gets, in its token; unused by open, 0 for change key
    signal counter;                     // add liquidity: shares that are minted · remove liquidity: coins that are paid out · full exit of shares: coins
                                        // that they stand for
    signal float;                       // transfers, swaps: the amount as float40
    signal fee;                         // of what is signed: as float16
    signal validUntil;                  // of what is signed: last second at which the signature may be used
    signal R8x;                         // of what is signed: signature
    signal R8y;
    signal S;
    signal orderToken;                  // orders: token on which the second side starts
    signal limit;                       // orders: the rest of what is signed · full exit: the least amount
    signal peerAmount;
    signal peerLimit;
    signal orderHead;                   // second sides: m1 of the message
    signal orderRest;                   // second sides: pool, amount and fee of the first side, as they are in m2
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

    // the second leaf as it is before, after the first one changed: the receiver of a transfer or swap out, the pool of the other operations of
    // orders and of a full exit of shares; in other slots any leaf
    signal peerIndex;
    signal peerValue;
    signal peerNonce;                   // of an account
    signal peerBalance;                 // of an account, or reserve of a pool
    signal peerToken;                   // remove liquidity, full exit of shares: token of the pool
    signal peerShares;                  // of a pool: total shares
    signal peerPlace;                   // of a pool: place of its peer
    signal peerChildren[levels][arity];
}
