// SPDX-License-Identifier: GPL-3.0-or-later
pragma circom 2.2.0;

include "../lib/formats.circom";
include "../slotInput.circom";

// The words that an operation publishes (src/FORMATS.md, "Operations in public data"), 0 where it emits none. Which words are emitted
// follows from the kind alone. Every limb is bounded by the slot; a number that is a word of its own is bounded by the contract, which makes the
// word of its bytes.
template Words() {
    input Kind() kind;
    signal input leafIndex;             // 24 bits
    signal input peerIndex;             // 24 bits
    signal input token;                 // as published, 32 bits
    signal input address;               // 160 bits
    signal input amount;                // 128 bits
    signal input float;                 // 40 bits
    signal input fee;                   // 16 bits
    signal input keyX;
    signal input keyY;
    signal input coins;                 // liquidity, full exit of shares: by how much the reserve changes · others: the amount
    signal input shares;                // by how much the total shares change · others: 0
    signal input least;                 // full exit: the least amount
    signal output onchain[4];
    signal output onchainEmits[4];
    signal output l2[4];
    signal output l2Emits[4];

    // 1. On chain: kind(8) leafIndex(24) token(32) address(160) · amount(128), with fee(16) in a withdrawal · key of a deposit, shares and
    //    least amount of a full exit.
    var opcode = OP_DEPOSIT() * kind.deposit + OP_FULL_EXIT() * kind.fullExit + OP_WITHDRAW() * kind.withdraw + OP_OPEN() * kind.open;
    signal head <== ((opcode * (1 << 24) + leafIndex) * (1 << 32) + token) * (1 << 160) + address;
    signal isOnchain <== kind.deposit + kind.fullExit + kind.withdraw;
    signal withFee <== kind.withdraw * (amount * (1 << 16) + fee - amount);

    onchainEmits <== [isOnchain, isOnchain, kind.deposit + kind.fullExit, kind.deposit + kind.fullExit];
    onchain[0] <== isOnchain * head;
    onchain[1] <== isOnchain * coins + withFee;
    signal exitShares <== kind.fullExit * shares;
    onchain[2] <== kind.deposit * keyX + exitShares;
    signal exitLeast <== kind.fullExit * least;
    onchain[3] <== kind.deposit * keyY + exitLeast;

    // 2. L2, the first word: as on chain for an open · kind(8) from(24) to(24) float(40) fee(16) of transfers and swaps · kind(8)
    //    leafIndex(24) fee(16) of a change of key · kind(8) leafIndex(24) amount(128) of a collection · kind(8) leafIndex(24) token(32)
    //    place(32) of an open pool · kind(8) from(24) pool(24) fee(16) of a change of liquidity · kind(8) leafIndex(24) of a credit.
    signal payments <== kind.transfer + kind.transferToNew + kind.swapIn + kind.swapOut;
    signal liquidity <== kind.addLiquidity + kind.addLiquidityPeer + kind.removeLiquidity + kind.removeLiquidityPeer;
    var paymentOpcode = OP_TRANSFER() * kind.transfer + OP_TRANSFER_TO_NEW() * kind.transferToNew + OP_SWAP_IN() * kind.swapIn + OP_SWAP_OUT() * kind.swapOut;
    var liquidityOpcode = OP_ADD_LIQUIDITY() * kind.addLiquidity + OP_ADD_LIQUIDITY_PEER() * kind.addLiquidityPeer
        + OP_REMOVE_LIQUIDITY() * kind.removeLiquidity + OP_REMOVE_LIQUIDITY_PEER() * kind.removeLiquidityPeer;
    signal openWord <== kind.open * head;
    signal paymentWord <== payments * ((((paymentOpcode * (1 << 24) + leafIndex) * (1 << 24) + peerIndex) * (1 << 40) + float) * (1 << 16) + fee);
    signal changeKeyWord <== kind.changeKey * ((OP_CHANGE_KEY() * (1 << 24) + leafIndex) * (1 << 16) + fee);
    signal collectFeesWord <== kind.collectFees * ((OP_COLLECT_FEES() * (1 << 24) + leafIndex) * (1 << 128) + amount);
    signal openPoolWord <== kind.openPool * (((OP_OPEN_POOL() * (1 << 24) + leafIndex) * (1 << 32) + token) * (1 << 32) + keyY);
    signal liquidityWord <== liquidity * (((liquidityOpcode * (1 << 24) + leafIndex) * (1 << 24) + peerIndex) * (1 << 16) + fee);
    signal creditWord <== kind.credit * (OP_CREDIT() * (1 << 24) + leafIndex);
    l2[0] <== openWord + paymentWord + changeKeyWord + collectFeesWord + openPoolWord + liquidityWord + creditWord;

    // 3. L2, the others: the key of an open and of a change of key · owner and key of a transfer to new · coins and shares of a change of
    //    liquidity.
    signal keyAlone <== kind.open + kind.changeKey;
    signal keyXAlone <== keyAlone * keyX;
    signal keyYAlone <== keyAlone * keyY;
    signal ownerAfter <== kind.transferToNew * address;
    signal keyXAfter <== kind.transferToNew * keyX;
    l2[1] <== keyXAlone + ownerAfter + liquidity * coins;
    l2[2] <== keyYAlone + keyXAfter + liquidity * shares;
    l2[3] <== kind.transferToNew * keyY;

    signal three <== keyAlone + kind.transferToNew + liquidity;
    l2Emits <== [three + payments - kind.transferToNew + kind.collectFees + kind.openPool + kind.credit, three, three, kind.transferToNew];
}
