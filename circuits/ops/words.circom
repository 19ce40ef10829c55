// SPDX-License-Identifier: GPL-3.0-or-later
pragma circom 2.2.0;

include "../lib/formats.circom";
include "../slotInput.circom";

// The words that an operation publishes (src/FORMATS.md, "Operations in public data"), 0 where it emits none. Which words are emitted
// follows from the kind alone. Every limb is bounded by the slot.
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
    signal output onchain[4];
    signal output onchainEmits[4];
    signal output l2[4];
    signal output l2Emits[4];

    // 1. On chain: kind(8) leafIndex(24) token(32) address(160) · amount(128), with fee(16) in a withdrawal · key of a deposit.
    var opcode = OP_DEPOSIT() * kind.deposit + OP_FULL_EXIT() * kind.fullExit + OP_WITHDRAW() * kind.withdraw + OP_OPEN() * kind.open;
    signal head <== ((opcode * (1 << 24) + leafIndex) * (1 << 32) + token) * (1 << 160) + address;
    signal isOnchain <== kind.deposit + kind.fullExit + kind.withdraw;
    signal withFee <== kind.withdraw * (amount * (1 << 16) + fee - amount);

    onchainEmits <== [isOnchain, isOnchain, kind.deposit, kind.deposit];
    onchain[0] <== isOnchain * head;
    onchain[1] <== isOnchain * amount + withFee;
    onchain[2] <== kind.deposit * keyX;
    onchain[3] <== kind.deposit * keyY;

    // 2. L2, the first word: as on chain for an open · kind(8) from(24) to(24) float(40) fee(16) of transfers · kind(8) leafIndex(24)
    //    fee(16) of a change of key · kind(8) leafIndex(24) amount(128) of a collection.
    signal transfers <== kind.transfer + kind.transferToNew;
    var transferOpcode = OP_TRANSFER() * kind.transfer + OP_TRANSFER_TO_NEW() * kind.transferToNew;
    signal openWord <== kind.open * head;
    signal transferWord <== transfers * ((((transferOpcode * (1 << 24) + leafIndex) * (1 << 24) + peerIndex) * (1 << 40) + float) * (1 << 16) + fee);
    signal changeKeyWord <== kind.changeKey * ((OP_CHANGE_KEY() * (1 << 24) + leafIndex) * (1 << 16) + fee);
    signal collectFeesWord <== kind.collectFees * ((OP_COLLECT_FEES() * (1 << 24) + leafIndex) * (1 << 128) + amount);
    l2[0] <== openWord + transferWord + changeKeyWord + collectFeesWord;

    // 3. L2, the others: the key of an open and of a change of key · owner and key of a transfer to new.
    signal keyAlone <== kind.open + kind.changeKey;
    signal keyXAlone <== keyAlone * keyX;
    signal keyYAlone <== keyAlone * keyY;
    l2[1] <== keyXAlone + kind.transferToNew * address;
    l2[2] <== keyYAlone + kind.transferToNew * keyX;
    l2[3] <== kind.transferToNew * keyY;

    signal withKey <== keyAlone + kind.transferToNew;
    l2Emits <== [withKey + kind.transfer + kind.collectFees, withKey, withKey, kind.transferToNew];
}
