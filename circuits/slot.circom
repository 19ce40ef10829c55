// SPDX-License-Identifier: GPL-3.0-or-later
pragma circom 2.2.0;

include "lib/bits.circom";
include "lib/float.circom";
include "lib/formats.circom";
include "lib/leaf.circom";
include "lib/merkle.circom";
include "slotInput.circom";
include "ops/authority.circom";
include "ops/deposit.circom";
include "ops/fees.circom";
include "ops/fullExit.circom";
include "ops/open.circom";
include "ops/transfer.circom";
include "ops/words.circom";

// One slot: one operation on one chain's tree.
//
// A. The kind is one of nine; what may happen follows from it.
// B. The leaf is decomposed into bounded limbs, the operation's fields are bounded.
// C. Each operation states its conditions.
// D. The leaf after the operation.
// E. The tree: the leaf changes, then the receiver's leaf (a transfer to oneself thus reads what the debit left).
// F. The words to publish.
template Slot(arity, depth, registerLevels, F) {
    var registers = arity ** registerLevels;

    signal input deploymentId;
    signal input chainIndex;            // 8 bits
    signal input timestamp;             // 40 bits
    input SlotInput(arity, depth - registerLevels, F) op;
    signal input registersIn[registers];
    signal output registersOut[registers];
    signal input feeToken[F];
    signal input accruedIn[F];
    signal output accruedOut[F];
    signal output onchain[4];           // words, 0 where not emitted
    signal output onchainEmits[4];
    signal output l2[4];
    signal output l2Emits[4];

    // A. Kind
    Boolean()(op.kind.deposit);
    Boolean()(op.kind.fullExit);
    Boolean()(op.kind.withdraw);
    Boolean()(op.kind.open);
    Boolean()(op.kind.transfer);
    Boolean()(op.kind.changeKey);
    Boolean()(op.kind.collectFees);
    Boolean()(op.kind.transferToNew);
    signal transfers <== op.kind.transfer + op.kind.transferToNew;
    signal signs <== op.kind.withdraw + transfers + op.kind.changeKey;
    Boolean()(op.kind.deposit + op.kind.fullExit + op.kind.open + op.kind.collectFees + signs); // at most one

    // B. Limbs. Leaf kind 3 does not exist; a leaf's balance is below 2^128 since it was written so. The amount is bounded in D.
    Boolean()(op.account);
    Boolean()(op.pool);
    Boolean()(op.account + op.pool);
    Range(BITS_OWNER())(op.owner);
    Range(BITS_TOKEN())(op.token);
    Range(BITS_NONCE())(op.nonce);
    Range(BITS_OWNER())(op.address);
    signal feeAmount <== Float(BITS_FEE_MANTISSA(), BITS_FEE_EXPONENT())(op.fee);

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
    authority.kind <== OP_WITHDRAW() * op.kind.withdraw + OP_TRANSFER() * transfers + OP_CHANGE_KEY() * op.kind.changeKey;
    authority.chainIndex <== chainIndex;
    authority.leafIndex <== op.leafIndex;
    authority.timestamp <== timestamp;
    authority.validUntil <== op.validUntil;
    authority.amount <== op.amount;
    authority.fee <== op.fee;
    authority.fields <== SignedFields()(op.kind.changeKey, transfers, op.address, op.keyX, op.keyY);
    authority.R8x <== op.R8x;
    authority.R8y <== op.R8y;
    authority.S <== op.S;
    EqualIf()(op.kind.changeKey, op.amount, 0);

    component transfer = Transfer();
    transfer.toAccount <== op.kind.transfer;
    transfer.toNew <== op.kind.transferToNew;
    transfer.amount <== op.amount;
    transfer.float <== op.float;
    transfer.owner <== op.address;
    transfer.keyX <== op.keyX;
    transfer.keyY <== op.keyY;
    transfer.token <== op.token;
    transfer.nonce <== op.peerNonce;
    transfer.balance <== op.peerBalance;
    transfer.before <== op.peerValue;

    component fees = Fees(F);
    fees.collects <== op.kind.collectFees;
    fees.paid <== signs * feeAmount;
    fees.leaf <== before;
    fees.amount <== op.amount;
    fees.flags <== op.feeFlags;
    fees.tokens <== feeToken;
    fees.accruedIn <== accruedIn;
    accruedOut <== fees.accruedOut;

    // D. The leaf after: opened for its user, credited or debited, nonce used up, key changed.
    signal change <== (op.kind.deposit + op.kind.collectFees - op.kind.fullExit - signs) * op.amount;
    signal rekeys <== opens + op.kind.changeKey;
    Leaf() after;
    after.account <== before.account + opens;
    after.pool <== before.pool;
    after.owner <== before.owner + opens * op.address;
    after.token <== op.token;
    after.nonce <== before.nonce + signs;
    after.balance <== before.balance + change - fees.paid;
    after.keyX <== before.keyX + rekeys * (op.keyX - before.keyX);
    after.keyY <== before.keyY + rekeys * (op.keyY - before.keyY);

    // No balance leaves 128 bits: no overdraft, no overflow. The amount and a transfer's new balance share one check: a transferred
    // amount is a float, so neither it (below 2^138) nor a balance is negative, and what bounds their sum bounds both.
    Range(BITS_BALANCE())(after.balance);
    Range(BITS_BALANCE())(op.amount + transfer.received);

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
    peerAccess.before <== op.peerValue;
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
