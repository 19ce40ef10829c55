import { params } from '../../../spec/params.ts';
import { poseidon } from '../../../spec/poseidon.ts';
import { messageInputs, signMessage, type L2Signature } from '../../../spec/signature.ts';
import { DOMAIN, LEAF, TIMESTAMP, TOKEN, VALID_UNTIL, changeKey, collectFees, deposit, fullExit, open, transfer, transferToNew, users, withdraw } from '../world.ts';
import { poolForgeries } from './poolForgeries.ts';
import type { SegmentClaim } from './segmentForge.ts';
import { shareForgeries } from './shareForgeries.ts';

/*
 * Lies that one statement of the segment circuit refuses all alone: what a cheater would do if just that statement were missing.
 */

/** To a leaf in another part of the tree, so that its path does not depend on the debit. */
const farTransfer = { operation: transfer({ to: LEAF.carolOther }, { receiver: users.carol }), leaves: { carolOther: { token: TOKEN } } };
const MAX = 2n ** BigInt(params.bits.balance) - 1n;
const { alice, bob, carol, dave } = users;
const toSelf = { to: alice.owner };
const ownKey = { keyX: alice.key.publicKey.x, keyY: alice.key.publicKey.y };
const unsigned = { R8x: 0n, R8y: 1n, S: 0n };
const payNobody = { token: 0n, amount: 0n, shares: 0n };
const paysNobody = { ...fullExit(alice, LEAF.bob), ...payNobody };
const paysBob = { ...fullExit(bob, LEAF.bob), amount: 500n, token: TOKEN, shares: 0n };
const collecting = { ...collectFees(LEAF.bob, 0n) };

/** alice's signature of a change of key to dave's with an amount in the message, which no wallet makes. */
function signedWithAmount(amount: bigint): L2Signature {
  return signMessage(poseidon(messageInputs(changeKey(), DOMAIN).with(2, amount << 16n)), alice.key);
}

export const segmentForgeries: Record<string, SegmentClaim> = {
  ...poolForgeries,
  ...shareForgeries,
  // Header
  'a chain index of more than 8 bits': { operation: deposit(bob, LEAF.bob), inputs: { '/chainIndex': 256n } },
  'a block number of more than 32 bits': { operation: deposit(bob, LEAF.bob), inputs: { '/blockNumber': 2n ** 32n } },
  'a time of more than 40 bits': { operation: deposit(bob, LEAF.bob), inputs: { '/timestamp': 2n ** 40n } },
  'a time below 0': { operation: deposit(bob, LEAF.bob), inputs: { '/timestamp': -1n } },
  'legs that nobody emitted': { operation: deposit(bob, LEAF.bob), inputs: { '/legsOut': 5n } },

  // Kinds: minus one of a kind beside one of another
  'a withdrawal that is minus a deposit': { operation: withdraw({ ...toSelf, amount: 7n }), inputs: { 'kind.deposit': -1n, ...ownKey } },
  'a withdrawal of nothing that is minus a full exit, and not published': { operation: withdraw({ amount: 0n }), inputs: { 'kind.fullExit': -1n } },
  'an unsigned transfer that is minus a withdrawal, and not debited': { ...farTransfer, inputs: { 'kind.withdraw': -1n, ...unsigned } },
  'an unsigned withdrawal that is minus a transfer, and not debited': {
    ...farTransfer,
    leaves: { carolOther: { token: TOKEN, balance: 0n } },
    inputs: { 'kind.withdraw': 1n, 'kind.transfer': -1n, ...unsigned },
  },
  'an unsigned withdrawal that is minus a change of key, and garbles it': { operation: withdraw({ amount: 0n }), inputs: { 'kind.changeKey': -1n, ...unsigned, keyX: 5n } },
  'a withdrawal that is minus a collection': { operation: withdraw({ amount: 0n }), inputs: { 'kind.collectFees': -1n, '/feeToken[0]': TOKEN, 'feeFlags[0]': 1n } },
  'an unsigned withdrawal that is minus a transfer to new, and not debited': { operation: transferToNew(), inputs: { 'kind.withdraw': 1n, 'kind.transferToNew': -1n, ...unsigned } },
  'a withdrawal that is a deposit as well': { operation: withdraw({ ...toSelf, amount: 7n }), inputs: { 'kind.deposit': 1n, ...ownKey } },
  'a transfer that is not signed because it counts as none': { ...farTransfer, inputs: unsigned, forced: { transfers: 0n } },
  'a withdrawal that is not signed because it counts as not signed': { operation: withdraw(), inputs: unsigned, forced: { signs: 0n } },

  // Leaf kinds
  'an open that makes a pool': { operation: open(carol, LEAF.empty), inputs: { account: -1n, pool: 1n } },
  'an open that makes a leaf without kind': { operation: open(carol, LEAF.empty), inputs: { account: 1n, pool: -1n } },
  'a no-op that opens a leaf': { operation: open(carol, LEAF.empty), inputs: { 'kind.open': 0n }, forced: { opens: 1n } },
  'a deposit of half a token that closes the leaf': { operation: deposit(bob, LEAF.bob), inputs: { token: 1n }, forced: { credits: 2n } },

  // Limbs: one meta, two readings
  'an owner of more than 160 bits': { operation: paysNobody, inputs: { owner: bob.owner + 2n ** 160n, token: TOKEN - 1n } },
  'a token of more than 32 bits': { operation: { ...fullExit(bob, LEAF.alice), ...payNobody }, inputs: { token: TOKEN + 2n ** 32n, nonce: 6n } },
  'a nonce of more than 32 bits': { operation: { ...fullExit(alice, LEAF.pool), ...payNobody }, inputs: { account: 1n, pool: 0n, nonce: 2n ** 32n } },
  'an owner below 0': { operation: paysNobody, inputs: { owner: bob.owner - 2n ** 160n, token: TOKEN + 1n } },
  'an address of more than 160 bits': { operation: deposit(carol, LEAF.empty), inputs: { address: carol.owner + 2n ** 160n } },
  'a fee of more than 16 bits, out of the amount': { operation: withdraw({ amount: 7n }), inputs: { amount: 6n, fee: 2n ** 16n } },
  'an empty leaf with an owner': { operation: deposit(carol, LEAF.empty), inputs: { owner: 9n } },
  'an empty leaf with a token': { operation: { ...fullExit(alice, LEAF.empty), ...payNobody }, inputs: { token: TOKEN } },
  'an empty leaf with a nonce': { operation: deposit(carol, LEAF.empty), inputs: { nonce: 9n } },
  'an empty leaf with a balance': { operation: deposit(carol, LEAF.empty), inputs: { balance: 9n } },
  'an empty leaf with the x of a key': { operation: deposit(carol, LEAF.empty), inputs: { leafKeyX: 9n } },
  'an empty leaf with the y of a key': { operation: deposit(carol, LEAF.empty), inputs: { leafKeyY: 9n } },

  // Deposit
  "a deposit into another owner's leaf": { operation: { ...deposit(bob, LEAF.bob), owner: alice.owner } },
  'a deposit into a pool leaf of the user': { operation: deposit(dave, LEAF.pool) },
  'a deposit into a leaf with another key': { operation: { ...deposit(bob, LEAF.bob), keyX: 5n } },
  'a deposit into a leaf with another key (y)': { operation: { ...deposit(bob, LEAF.bob), keyY: 5n } },
  'a deposit that overflows the balance': { operation: deposit(bob, LEAF.bob, { amount: MAX }) },

  // Full exit
  'a full exit that pays nothing to the owner': { operation: { ...paysBob, amount: 0n } },
  'a full exit that pays a part': { operation: { ...paysBob, amount: 499n } },
  "a full exit that pays another's balance": { operation: { ...paysNobody, amount: 500n, token: TOKEN } },
  "a full exit that pays another's balance, as if he asked for it": { operation: { ...paysNobody, amount: 500n, token: TOKEN }, forced: { 'fullExit.pays': 1n } },
  'a full exit of no coins that pays twice': { operation: { ...paysBob, amount: 0n }, leaves: { bob: { balance: 0n } }, forced: { 'fullExit.pays': 2n } },

  // Signed operations
  'a withdrawal of more than the balance': { operation: withdraw({ amount: 1_000_001n }) },
  'a withdrawal of which the fee exceeds what is left': { operation: withdraw({ amount: 1_000_000n, fee: 1n }) },
  'a withdrawal with a used up nonce': { operation: withdraw({ nonce: 2n ** 32n - 1n }), leaves: { alice: { nonce: 2n ** 32n - 1n } } },
  'a withdrawal after its last second': { operation: withdraw({ validUntil: TIMESTAMP - 1 }) },
  'a signature of the nonce before that is late, as one of more than 40 bits': {
    operation: { ...withdraw(), nonce: 6n },
    leaves: { alice: { nonce: 6n } },
    inputs: { validUntil: BigInt(VALID_UNTIL) + 2n ** 40n, '/timestamp': BigInt(VALID_UNTIL) + 1n },
  },
  'a withdrawal from a pool leaf': { operation: withdraw({ leafIndex: LEAF.pool, nonce: 0n, amount: 5n }, { signer: dave }) },
  'a change of key with an amount, which is signed': { operation: { ...changeKey(), signature: signedWithAmount(5n) }, inputs: { amount: 5n } },
  'a withdrawal that is not authorised': { operation: withdraw(), inputs: unsigned, forced: { 'authority.enabled': 0n } },
  'a withdrawal of which the signature is not looked at': { operation: withdraw(), inputs: unsigned, forced: { 'authority.Signature.enabled': 0n } },
  'a withdrawal that is not debited': { operation: withdraw(), forced: { change: 0n } },
  'a withdrawal of which the fee is not debited': { operation: withdraw({ amount: 5n, fee: 2n }), forced: { 'fees.paid': 0n } },
  'a balance out of nothing': { operation: withdraw(), forced: { 'after.balance': 1_000_000n } },
  'a withdrawal that makes another token of what is left': { operation: withdraw({ token: TOKEN + 1n }), inputs: { token: TOKEN + 1n }, forced: { 'before.token': TOKEN } },
  'a pool leaf that pays, as an account with a nonce of more than 32 bits': {
    operation: { ...fullExit(dave, LEAF.pool), amount: 10n ** 9n, token: TOKEN, shares: 0n },
    inputs: { account: 1n, pool: 0n },
    forced: { 'before.nonce': 2n ** 32n },
  },
  'a leaf that is said to be none and used as an account': { operation: paysBob, inputs: { account: 0n }, forced: { 'before.account': 1n, 'fullExit.pays': 1n } },
  'a leaf that is said to be none and used as a pool': { operation: { ...fullExit(alice, LEAF.pool), ...payNobody }, inputs: { pool: 0n }, forced: { 'before.pool': 1n } },

  // Open
  'an open over an account of token 0': { operation: open(carol, LEAF.bob), leaves: { bob: { token: 0n } }, inputs: { account: 1n } },
  'an open with token 0': { operation: open(carol, LEAF.empty, { token: 0n }) },

  // Transfers
  'a transfer of another amount than published': { operation: transfer(), inputs: { float: 1201n << 5n } },
  'a transfer to a leaf of another owner': { operation: transfer({ to: LEAF.bob }, { receiver: carol }) },
  'a transfer that overflows the receiver': { operation: transfer(), leaves: { bob: { balance: MAX } } },
  'a transfer to new over an account': { operation: transferToNew({ to: LEAF.bob }) },
  "a receiver's nonce of more than 32 bits, as a pool's": { operation: transfer({ to: LEAF.pool }, { receiver: dave }), inputs: { peerNonce: 2n ** 32n } },
  'a float of more than 40 bits': { operation: transfer(), inputs: { float: (1200n << 5n) + 2n ** 40n } },

  // Fees
  'a collection by nobody': { operation: { ...collecting, leafIndex: LEAF.empty }, inputs: { '/feeToken[0]': 0n, 'feeFlags[0]': 1n } },
  'a collection by a pool': { operation: { ...collecting, leafIndex: LEAF.pool }, inputs: { '/feeToken[0]': TOKEN, 'feeFlags[0]': 1n } },
  'a collection of more than was paid': { operation: { ...collecting, amount: 5n } },
  'a collection without a register': { operation: collecting, inputs: { 'feeFlags[0]': 0n } },
  'a fee into a register of another token': { operation: withdraw({ amount: 5n, fee: 2n }), inputs: { '/feeToken[0]': TOKEN + 1n, 'feeFlags[0]': 1n } },
  'a fee into two registers': { operation: withdraw({ amount: 5n, fee: 2n }), inputs: { '/feeToken[0]': TOKEN, '/feeToken[1]': TOKEN, 'feeFlags[0]': 1n, 'feeFlags[1]': 1n } },
  'a fee twice into one register and minus once into another': { operation: withdraw({ amount: 5n, fee: 2n }), inputs: { '/feeToken[0]': TOKEN, '/feeToken[1]': TOKEN, 'feeFlags[0]': 2n, 'feeFlags[1]': -1n } },

  'a fee into two registers and minus once into a third': {
    operation: withdraw({ amount: 5n, fee: 2n }),
    inputs: { '/feeToken[0]': TOKEN, '/feeToken[1]': TOKEN, '/feeToken[2]': TOKEN, 'feeFlags[0]': 1n, 'feeFlags[1]': 1n, 'feeFlags[2]': -1n },
  },

  // Tree
  'a leaf that is account and pool at once': { operation: { ...fullExit(alice, LEAF.empty), ...payNobody }, inputs: { account: 1n, pool: 1n }, planted: true },
  'a leaf that no child is, with index bits that are no bits': { operation: deposit(bob, LEAF.bob), fractional: true },
  'an alias of a leaf index': { operation: deposit(bob, LEAF.bob), inputs: { leafIndex: BigInt(LEAF.bob) + 2n ** 24n } },
  'a sibling that is not there': { operation: paysNobody, inputs: { 'children[4][5]': 1n } },
  'another balance than the tree holds': { operation: deposit(bob, LEAF.bob), inputs: { balance: 501n } },
};
