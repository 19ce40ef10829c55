// SPDX-License-Identifier: GPL-3.0-or-later
pragma circom 2.2.0;

include "lib/bits.circom";
include "lib/formats.circom";
include "lib/leaf.circom";
include "lib/merkle.circom";
include "slotInput.circom";
include "ops/authority.circom";
include "ops/deposit.circom";
include "ops/fullExit.circom";
include "ops/open.circom";
include "ops/transfer.circom";
include "ops/words.circom";

// One slot: one operation on one chain's tree.
//
// A. The kind is one of six; what may happen follows from it.
// B. The leaf is decomposed into bounded limbs, the operation's fields are bounded.
// C. Each operation states its conditions.
// D. The leaf after the operation.
// E. The tree: the leaf changes, then the receiver's leaf (a transfer to oneself thus reads what the debit left).
// F. The words to publish.
template Slot(arity, depth, registerLevels) {
    var registers = arity ** registerLevels;

    signal input deploymentId;
    signal input chainIndex;            // 8 bits
    signal input timestamp;             // 40 bits
    input SlotInput(arity, depth - registerLevels) op;
    signal input registersIn[registers];
    signal output registersOut[registers];
    signal output onchain[4];           // words, 0 where not emitted
    signal output onchainEmits[4];
    signal output l2[3];
    signal output l2Emits[3];

    // A. Kind
    Boolean()(op.kind.deposit);
    Boolean()(op.kind.fullExit);
    Boolean()(op.kind.withdraw);
    Boolean()(op.kind.open);
    Boolean()(op.kind.transfer);
    Boolean()(op.kind.deposit + op.kind.fullExit + op.kind.withdraw + op.kind.open + op.kind.transfer); // at most one
    signal signs <== op.kind.withdraw + op.kind.transfer;

    // B. Limbs. Leaf kind 3 does not exist; a leaf's balance is below 2^128 since it was written so.
    Boolean()(op.account);
    Boolean()(op.pool);
    Boolean()(op.account + op.pool);
    Range(BITS_OWNER())(op.owner);
    Range(BITS_TOKEN())(op.token);
    Range(BITS_NONCE())(op.nonce);
    Range(BITS_OWNER())(op.address);
    Range(BITS_BALANCE())(op.amount);
    op.fee === 0;

    signal credits <== op.kind.deposit * (op.account + op.pool); // a deposit to an existing leaf
    signal opens <== op.kind.open + op.kind.deposit - credits;
    Leaf() before;
    before.account <== op.account;
    before.pool <== op.pool;
    before.owner <== op.owner;
    before.token <== op.token - opens * op.token;
    before.nonce <== op.nonce;
    before.balance <== op.balance;
    before.keyX <== op.leafKeyX;
    before.keyY <== op.leafKeyY;
    EmptyHasNoContent()(before);

    // C. Conditions
    component deposit = Deposit();
    deposit.credits <== credits;
    deposit.leaf <== before;
    deposit.owner <== op.address;
    deposit.keyX <== op.keyX;
    deposit.keyY <== op.keyY;

    component fullExit = FullExit();
    fullExit.enabled <== op.kind.fullExit;
    fullExit.leaf <== before;
    fullExit.owner <== op.address;
    fullExit.amount <== op.amount;

    component open = Open();
    open.enabled <== op.kind.open;
    open.leaf <== before;
    open.token <== op.token;

    component authority = Authority();
    authority.enabled <== signs;
    authority.leaf <== before;
    authority.deploymentId <== deploymentId;
    authority.kind <== OP_WITHDRAW() * op.kind.withdraw + OP_TRANSFER() * op.kind.transfer;
    authority.chainIndex <== chainIndex;
    authority.leafIndex <== op.leafIndex;
    authority.timestamp <== timestamp;
    authority.validUntil <== op.validUntil;
    authority.amount <== op.amount;
    authority.fee <== op.fee;
    authority.fields[0] <== op.address;
    authority.fields[1] <== op.kind.transfer * op.keyX; // a withdrawal names an address only
    authority.fields[2] <== op.kind.transfer * op.keyY;
    authority.R8x <== op.R8x;
    authority.R8y <== op.R8y;
    authority.S <== op.S;

    component transfer = Transfer();
    transfer.enabled <== op.kind.transfer;
    transfer.amount <== op.amount;
    transfer.float <== op.float;
    transfer.owner <== op.address;
    transfer.keyX <== op.keyX;
    transfer.keyY <== op.keyY;
    transfer.token <== op.token;
    transfer.nonce <== op.peerNonce;
    transfer.balance <== op.peerBalance;
    transfer.value <== op.peerValue;

    // D. The leaf after: opened for its user, credited or debited, nonce used up. A balance never leaves 128 bits: no overdraft, no overflow.
    signal credit <== op.kind.deposit * op.amount;
    signal debit <== (op.kind.fullExit + signs) * op.amount;
    Leaf() after;
    after.account <== before.account + opens;
    after.pool <== before.pool;
    after.owner <== before.owner + opens * op.address;
    after.token <== op.token;
    after.nonce <== before.nonce + signs;
    after.balance <== before.balance + credit - debit;
    after.keyX <== before.keyX + opens * op.keyX;
    after.keyY <== before.keyY + opens * op.keyY;
    Range(BITS_BALANCE())(after.balance);

    // E. Tree
    component access = Access(arity, depth, registerLevels);
    access.index <== op.leafIndex;
    access.children <== op.children;
    access.before <== LeafValue()(before);
    access.after <== LeafValue()(after);
    access.registersIn <== registersIn;

    component peerAccess = Access(arity, depth, registerLevels);
    peerAccess.index <== op.peerIndex;
    peerAccess.children <== op.peerChildren;
    peerAccess.before <== transfer.before;
    peerAccess.after <== transfer.after;
    peerAccess.registersIn <== access.registersOut;
    registersOut <== peerAccess.registersOut;

    // F. Words. A full exit that pays nothing publishes token 0.
    signal unpaid <== op.kind.fullExit - fullExit.pays;
    component words = Words();
    words.kind <== op.kind;
    words.leafIndex <== op.leafIndex;
    words.peerIndex <== op.peerIndex;
    words.token <== op.token - unpaid * op.token;
    words.address <== op.address;
    words.amount <== op.amount;
    words.float <== op.float;
    words.fee <== op.fee;
    words.keyX <== op.keyX;
    words.keyY <== op.keyY;
    onchain <== words.onchain;
    onchainEmits <== words.onchainEmits;
    l2 <== words.l2;
    l2Emits <== words.l2Emits;
}
