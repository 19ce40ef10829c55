// SPDX-License-Identifier: GPL-3.0-or-later
pragma circom 2.2.0;

include "lib/bits.circom";
include "lib/float.circom";
include "lib/formats.circom";
include "lib/leaf.circom";
include "lib/merkle.circom";
include "lib/shareValue.circom";
include "slotInput.circom";
include "ops/authority.circom";
include "ops/credit.circom";
include "ops/fees.circom";
include "ops/fullExit.circom";
include "ops/half.circom";
include "ops/leg.circom";
include "ops/message.circom";
include "ops/open.circom";
include "ops/peer.circom";
include "ops/user.circom";
include "ops/words.circom";

// One slot: one operation on one chain's tree.
//
// A. The kind is one of seventeen; what may happen follows from it.
// B. The leaf is decomposed into bounded limbs, the operation's fields are bounded.
// C. Each operation states its conditions.
// D. The leaf after the operation.
// E. The tree: the leaf changes, then the second leaf (a transfer to oneself thus reads what the debit left).
// F. The leg of an operation on a pool half.
// G. The words to publish.
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
    input Due() dueIn;                  // what the slot before owes to this one
    output Due() dueOut;                // and this one to the next
    signal input legsIn;
    signal output legsOut;
    signal output onchain[4];           // words, 0 where not emitted
    signal output onchainEmits[4];
    signal output l2[4];
    signal output l2Emits[4];

    // A. Kind. (A credit is as much as the slot before owes, 0 or 1: credit.circom.)
    Boolean()(op.kind.deposit);
    Boolean()(op.kind.fullExit);
    Boolean()(op.kind.withdraw);
    Boolean()(op.kind.open);
    Boolean()(op.kind.transfer);
    Boolean()(op.kind.changeKey);
    Boolean()(op.kind.collectFees);
    Boolean()(op.kind.transferToNew);
    Boolean()(op.kind.openPool);
    Boolean()(op.kind.swapIn);
    Boolean()(op.kind.swapOut);
    Boolean()(op.kind.addLiquidity);
    Boolean()(op.kind.addLiquidityPeer);
    Boolean()(op.kind.removeLiquidity);
    Boolean()(op.kind.removeLiquidityPeer);
    signal transfers <== op.kind.transfer + op.kind.transferToNew;
    signal adds <== op.kind.addLiquidity + op.kind.addLiquidityPeer;
    signal removes <== op.kind.removeLiquidity + op.kind.removeLiquidityPeer;
    signal first <== op.kind.swapIn + op.kind.addLiquidity + op.kind.removeLiquidity;             // side of an order: signed
    signal second <== op.kind.swapOut + op.kind.addLiquidityPeer + op.kind.removeLiquidityPeer;   // not signed
    signal signs <== op.kind.withdraw + transfers + op.kind.changeKey + first;
    Boolean()(op.kind.deposit + op.kind.fullExit + op.kind.open + op.kind.collectFees + op.kind.openPool + op.kind.credit + second + signs); // at most one

    // B. Limbs. Leaf kind 3 does not exist; a leaf's balance is below 2^128 since it was written so. The amount is bounded in D.
    Boolean()(op.account);
    Boolean()(op.pool);
    Boolean()(op.account + op.pool);
    Range(BITS_OWNER())(op.owner);
    signal isShares <== Token()(op.token);
    Range(BITS_NONCE())(op.nonce);
    Range(BITS_OWNER())(op.address);
    signal feeAmount <== Float(BITS_FEE_MANTISSA(), BITS_FEE_EXPONENT())(op.fee);

    // A pool that is opened names a place, what pays with shares the token of the pool: one range serves both.
    Range(BITS_TOKEN())(op.peerToken + op.kind.openPool * (op.keyY - op.peerToken));

    // Shares stay on layer 2 (a full exit turns them into coins), and no pool is made of them.
    EqualIf()(op.kind.deposit + op.kind.withdraw + op.kind.openPool, isShares, 0);

    signal credits <== op.kind.deposit * (op.account + op.pool); // a deposit to an existing leaf
    signal opensAccount <== op.kind.open + op.kind.deposit - credits;
    signal opens <== opensAccount + op.kind.openPool;
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

    // C. Conditions. Of orders: the leaf that pays, like the one that is credited, is the user's; only a swap out pays from a pool.
    component ofUser = OfUser();
    ofUser.enabled <== credits + op.kind.credit + op.kind.swapIn + adds + removes;
    ofUser.leaf <== before;
    ofUser.owner <== op.address;
    ofUser.keyX <== op.keyX;
    ofUser.keyY <== op.keyY;

    component fullExit = FullExit();
    fullExit.enabled <== op.kind.fullExit;
    fullExit.leaf <== before;
    fullExit.isShares <== isShares;
    fullExit.owner <== op.address;
    fullExit.least <== op.limit;
    fullExit.worth <== op.counter;
    fullExit.amount <== op.amount;

    component open = Open();
    open.account <== op.kind.open;
    open.pool <== op.kind.openPool;
    open.leaf <== before;
    open.token <== op.token;
    open.keyX <== op.keyX;
    open.keyY <== op.keyY;
    open.place <== chainIndex * (1 << BITS_LEAF_INDEX()) + op.leafIndex;

    signal burns <== removes + fullExit.ofShares; // the leaf pays with shares of the half, for coins of it; or keeps them, and 0 is paid for 0
    component half = Half();
    half.swapOut <== op.kind.swapOut;
    half.adds <== adds;
    half.removes <== burns;
    half.leaf <== before;
    half.leafIndex <== op.leafIndex;
    half.peerIndex <== op.peerIndex;
    half.peerBalance <== op.peerBalance;
    half.peerShares <== op.peerShares;
    half.peerPlace <== op.peerPlace;
    half.token <== op.token;
    half.poolToken <== op.peerToken;
    half.amount <== op.amount;
    half.counter <== op.counter - fullExit.keeps * op.counter;
    signal place <== chainIndex * (1 << BITS_LEAF_INDEX()) + half.index;

    // A full exit goes by exactly what the shares stand for. (Coins are bounded by the margin over the least amount, the rest by a range in D.)
    component shareValue = ShareValue();
    shareValue.enabled <== fullExit.ofShares;
    shareValue.shares <== op.balance;
    shareValue.reserve <== half.reserve;
    shareValue.totalShares <== half.totalShares;
    shareValue.coins <== op.counter;

    component message = Message();
    message.changesKey <== op.kind.changeKey;
    message.toUser <== transfers;
    message.first <== first;
    message.second <== second;
    message.deploymentId <== deploymentId;
    message.kind <== OP_WITHDRAW() * op.kind.withdraw + OP_TRANSFER() * transfers + OP_CHANGE_KEY() * op.kind.changeKey
        + OP_SWAP_IN() * op.kind.swapIn + OP_ADD_LIQUIDITY() * op.kind.addLiquidity + OP_REMOVE_LIQUIDITY() * op.kind.removeLiquidity;
    message.chainIndex <== chainIndex;
    message.leafIndex <== op.leafIndex;
    message.token <== op.token;
    message.nonce <== op.nonce;
    message.validUntil <== op.validUntil;
    message.amount <== op.amount;
    message.fee <== op.fee;
    message.address <== op.address;
    message.keyX <== op.keyX;
    message.keyY <== op.keyY;
    message.pool <== half.index;
    message.place <== place;
    message.peer <== half.peer;
    message.orderHead <== op.orderHead;
    message.orderRest <== op.orderRest;
    message.orderToken <== op.orderToken;
    message.limit <== op.limit;
    message.peerAmount <== op.peerAmount;
    message.peerLimit <== op.peerLimit;

    component authority = Authority();
    authority.enabled <== signs;
    authority.leaf <== before;
    authority.timestamp <== timestamp;
    authority.validUntil <== op.validUntil;
    authority.message <== message.out;
    authority.R8x <== op.R8x;
    authority.R8y <== op.R8y;
    authority.S <== op.S;
    EqualIf()(op.kind.changeKey, op.amount, 0);

    // The second side of an order pays what the order says, and no fee. (What a swap out pays is the pair's rule.)
    EqualIf()(op.kind.addLiquidityPeer + op.kind.removeLiquidityPeer, op.amount, op.peerAmount);
    EqualIf()(second, op.fee, 0);

    component peer = Peer();
    peer.toAccount <== op.kind.transfer + op.kind.swapOut;
    peer.toNew <== op.kind.transferToNew;
    peer.toPool <== op.kind.swapIn + adds + burns;
    peer.isFloat <== transfers + op.kind.swapIn + op.kind.swapOut;
    peer.amount <== op.amount;
    peer.float <== op.float;
    peer.owner <== op.address;
    peer.keyX <== op.keyX;
    peer.keyY <== op.keyY;
    peer.token <== half.peerToken;
    peer.nonce <== op.peerNonce;
    peer.balance <== op.peerBalance;
    peer.shares <== op.peerShares;
    peer.place <== op.peerPlace;
    peer.balanceChange <== half.balanceChange;
    peer.sharesChange <== half.sharesChange;
    peer.before <== op.peerValue;

    component credit = Credit();
    credit.enabled <== op.kind.credit;
    credit.due <== dueIn;
    credit.owner <== op.address;
    credit.keyX <== op.keyX;
    credit.keyY <== op.keyY;
    credit.token <== op.token;
    credit.amount <== op.amount;
    dueOut.due <== adds + removes;
    dueOut.owner <== op.address;
    dueOut.keyX <== op.keyX;
    dueOut.keyY <== op.keyY;
    dueOut.token <== half.creditToken;
    dueOut.amount <== op.counter;

    component fees = Fees(F);
    fees.collects <== op.kind.collectFees;
    fees.paid <== signs * feeAmount;
    fees.leaf <== before;
    fees.amount <== op.amount;
    fees.flags <== op.feeFlags;
    fees.tokens <== feeToken;
    fees.accruedIn <== accruedIn;
    accruedOut <== fees.accruedOut;

    // D. The leaf after: opened, credited or debited, nonce used up, key changed.
    signal change <== (op.kind.deposit + op.kind.collectFees + op.kind.credit - op.kind.fullExit - signs - second) * op.amount;
    signal rekeys <== opens + op.kind.changeKey;
    Leaf() after;
    after.account <== before.account + opensAccount;
    after.pool <== before.pool + op.kind.openPool;
    after.owner <== before.owner + opensAccount * op.address;
    after.token <== op.token;
    after.nonce <== before.nonce + signs;
    after.balance <== before.balance + change - fees.paid;
    after.keyX <== before.keyX + rekeys * (op.keyX - before.keyX);
    after.keyY <== before.keyY + rekeys * (op.keyY - before.keyY);

    // No balance and no reserve leaves 128 bits: no overdraft, no overflow. (What is not the second leaf of an operation holds nothing here and
    // gets the amount. A full exit takes a balance that was there or none: the range of the amount is for its margin. One of shares leaves a
    // balance that was there or none: the range of the balance is for the rest.)
    Range(BITS_BALANCE())(fullExit.ranged);
    Range(BITS_BALANCE())(after.balance + fullExit.ofShares * (shareValue.rest - after.balance));
    Range(BITS_BALANCE())(peer.balanceAfter);

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
    peerAccess.after <== peer.after;
    peerAccess.registersIn <== access.registersOut;
    registersOut <== peerAccess.registersOut;

    // F. Leg
    component leg = Leg();
    leg.emits <== first + second;
    leg.kind <== OP_SWAP_IN() * op.kind.swapIn + OP_SWAP_OUT() * op.kind.swapOut
        + OP_ADD_LIQUIDITY() * op.kind.addLiquidity + OP_ADD_LIQUIDITY_PEER() * op.kind.addLiquidityPeer
        + OP_REMOVE_LIQUIDITY() * op.kind.removeLiquidity + OP_REMOVE_LIQUIDITY_PEER() * op.kind.removeLiquidityPeer;
    leg.place <== place;
    leg.peer <== half.peer;
    leg.order <== message.out;
    leg.coins <== half.coins;
    leg.shares <== half.shares;
    leg.reserve <== half.reserve;
    leg.totalShares <== half.totalShares;
    leg.limit <== op.limit + second * (op.peerLimit - op.limit);
    leg.legsIn <== legsIn;
    legsOut <== leg.legsOut;

    // G. Words. A full exit of shares publishes the token of their pool, one that takes nothing token 0.
    signal unpaid <== op.kind.fullExit - fullExit.pays;
    component words = Words();
    words.kind <== op.kind;
    words.leafIndex <== op.leafIndex;
    words.peerIndex <== op.peerIndex;
    words.token <== half.peerToken - unpaid * half.peerToken;
    words.address <== op.address;
    words.amount <== op.amount;
    words.float <== op.float;
    words.fee <== op.fee;
    words.keyX <== op.keyX;
    words.keyY <== op.keyY;
    words.coins <== half.coins;
    words.shares <== half.shares;
    words.least <== op.limit;
    onchain <== words.onchain;
    onchainEmits <== words.onchainEmits;
    l2 <== words.l2;
    l2Emits <== words.l2Emits;
}
