import { leafHash } from '../../spec/leaf.ts';
import type { Operation } from '../../spec/operation.ts';
import { SUBGROUP_ORDER } from '../../spec/signature.ts';
import { smallOrderPoints } from './curve.ts';
import { KEY_OF_EMPTY, NO_KEY, RANGE, SIGNATURE, type Lies } from './lies.ts';
import { LEAF, PAYEE, TIMESTAMP, TOKEN, VALID_UNTIL, account, deposit, fullExit, open, transfer, users, withdraw, type LeafName } from './world.ts';

/* Lies about deposits, full exits, withdrawals, opens and transfers. */

const LEAF_PROOF = ['access.nodes[0]', 'peerAccess'];
const MAX = 2n ** 128n - 1n;
const exit = (by: keyof typeof users, leaf: LeafName, amount = 0n, token = 0n): Operation => ({ ...fullExit(users[by], LEAF[leaf]), amount, token, shares: 0n });
const BASE8 = {
  x: 5299619240641551281634865583518297030282874472190772894086521144482721001553n,
  y: 16950150798460657717958625567821834550301663161624707787222815936182638968203n,
};

export const paymentLies: Lies = {
  'deposit is refused': {
    "into another user's leaf": { operation: deposit(users.alice, LEAF.bob), refusedBy: ['ofUser.EqualIf'] },
    'into a leaf of the same owner with another key': { operation: { ...deposit(users.bob, LEAF.bob), keyX: 5n }, refusedBy: ['ofUser.EqualIf'] },
    'into a leaf of another token': { operation: deposit(users.carol, LEAF.carolOther), inputs: { token: TOKEN }, refusedBy: LEAF_PROOF },
    "into the user's own pool leaf": { operation: deposit(users.dave, LEAF.pool), refusedBy: ['ofUser.EqualIf'] },
    'that overflows the balance': { operation: deposit(users.bob, LEAF.bob, { amount: MAX }), refusedBy: [RANGE] },
    'of more than 128 bits': { operation: deposit(users.carol, LEAF.empty, { amount: MAX + 1n }), refusedBy: [RANGE] },
    'of a negative amount': { operation: deposit(users.bob, LEAF.bob, { amount: -1n }), refusedBy: [RANGE] },
    'that claims an existing leaf to be empty': {
      operation: deposit(users.alice, LEAF.bob),
      inputs: { account: 0n, owner: 0n, nonce: 0n, balance: 0n, leafKeyX: 0n, leafKeyY: 0n },
      refusedBy: LEAF_PROOF,
    },
    'that finds a balance in an empty leaf': { operation: deposit(users.carol, LEAF.empty), inputs: { balance: 9n }, refusedBy: ['EmptyHasNoContent', 'peerAccess'] },
    'that finds a nonce in an empty leaf': { operation: deposit(users.carol, LEAF.empty), inputs: { nonce: 9n }, refusedBy: ['EmptyHasNoContent', 'peerAccess'] },
    'that finds a key in an empty leaf': { operation: deposit(users.carol, LEAF.empty), inputs: { leafKeyX: 9n, leafKeyY: 9n }, refusedBy: ['EmptyHasNoContent'] },
    'that finds an owner in an empty leaf': { operation: deposit(users.carol, LEAF.empty), inputs: { owner: 9n }, refusedBy: ['EmptyHasNoContent', 'peerAccess'] },
    'to an owner of more than 160 bits': { operation: deposit(users.carol, LEAF.empty), inputs: { address: users.carol.owner + 2n ** 160n }, refusedBy: [RANGE, 'peerAccess'] },
    'of a token of more than 32 bits': { operation: deposit(users.carol, LEAF.empty), inputs: { token: TOKEN + 2n ** 32n }, refusedBy: ['Token.bits', 'peerAccess'] },
  },
  'full exit is refused': {
    "that pays another's balance": { operation: exit('alice', 'bob', 500n, TOKEN), refusedBy: ['fullExit.EqualIf'] },
    'that pays the owner nothing': { operation: exit('bob', 'bob', 0n), refusedBy: ['fullExit.EqualIf'] },
    'that pays the owner a part': { operation: exit('bob', 'bob', 499n, TOKEN), refusedBy: ['fullExit.EqualIf'] },
    'that pays more than the balance': { operation: exit('bob', 'bob', 501n, TOKEN), refusedBy: [RANGE, 'fullExit.EqualIf'] },
    'that pays from a pool leaf': { operation: exit('dave', 'pool', 10n ** 9n, TOKEN), refusedBy: ['fullExit.EqualIf'] },
    'that pays from an empty leaf': { operation: exit('alice', 'empty', 5n), refusedBy: [RANGE, 'fullExit.EqualIf'] },
    "that says another's leaf is the owner's": { operation: exit('alice', 'bob', 500n, TOKEN), inputs: { owner: users.alice.owner }, refusedBy: LEAF_PROOF },
    "that says the owner's leaf is another's": { operation: exit('bob', 'bob', 0n), inputs: { owner: users.alice.owner }, refusedBy: ['access.nodes[0]'] },
    'that says the leaf is empty': {
      operation: exit('bob', 'bob', 0n),
      inputs: { token: 0n, account: 0n, owner: 0n, nonce: 0n, balance: 0n, leafKeyX: 0n, leafKeyY: 0n },
      refusedBy: ['access.nodes[0]'],
    },
    'that names the token of an empty leaf': { operation: exit('bob', 'empty', 0n), inputs: { token: TOKEN }, refusedBy: ['EmptyHasNoContent'] },
  },
  'withdraw is refused': {
    'of more than the balance': { operation: withdraw({ amount: 1_000_001n }), refusedBy: [RANGE] },
    'of a negative amount': { operation: withdraw({ amount: 5n }), inputs: { amount: -5n }, refusedBy: [...SIGNATURE, RANGE, 'peerAccess'] },
    'from a leaf of a token that was not signed': { operation: withdraw(), leaves: { alice: { token: TOKEN + 1n } }, refusedBy: SIGNATURE },
    'with the nonce before': { operation: withdraw({ nonce: 6n }), refusedBy: SIGNATURE },
    'with the nonce after': { operation: withdraw({ nonce: 8n }), refusedBy: SIGNATURE },
    'when the nonce is used up': {
      operation: withdraw({ nonce: 2n ** 32n - 1n }),
      leaves: { alice: { nonce: 2n ** 32n - 1n } },
      refusedBy: ['authority.NonZeroIf', 'peerAccess'],
    },
    'after its last second': { operation: withdraw({ validUntil: TIMESTAMP - 1 }), refusedBy: ['authority.Range.bits'] },
    'signed by another': { operation: withdraw({}, { signer: users.bob }), refusedBy: SIGNATURE },
    'of another amount than signed': { operation: withdraw(), inputs: { amount: 999_998n }, refusedBy: [...SIGNATURE, 'peerAccess'] },
    'to another address than signed': { operation: withdraw(), inputs: { address: PAYEE + 1n }, refusedBy: SIGNATURE },
    'with a later validUntil than signed': { operation: withdraw(), inputs: { validUntil: BigInt(VALID_UNTIL) + 1n }, refusedBy: SIGNATURE },
    'signed for another leaf': { operation: withdraw({ signature: withdraw({ leafIndex: LEAF.bob }).signature }), refusedBy: SIGNATURE },
    'signed as a transfer': {
      operation: withdraw({ signature: transfer({ amount: 999_999n, toOwner: PAYEE, toKeyX: 0n, toKeyY: 0n }).signature }),
      refusedBy: SIGNATURE,
    },
    'signed for another chain': { operation: withdraw(), inputs: { '/chainIndex': 4n }, refusedBy: SIGNATURE },
    'signed for another deployment': { operation: withdraw(), inputs: { '/deploymentId': 1n }, refusedBy: SIGNATURE },
    'with another fee than signed': { operation: withdraw(), inputs: { fee: 1n << 5n }, refusedBy: [...SIGNATURE, 'peerAccess'] },
    'with a fee out of the amount (one message, two readings)': {
      operation: withdraw({ amount: 7n }),
      inputs: { amount: 6n, fee: 2n ** 16n },
      refusedBy: ['Float.bits', 'peerAccess'],
    },
    'with an earlier nonce out of validUntil (one message, two readings)': {
      operation: { ...withdraw(), nonce: 6n },
      leaves: { alice: { nonce: 6n } },
      inputs: { validUntil: BigInt(VALID_UNTIL) + 2n ** 40n },
      refusedBy: ['authority.Range.bits'],
    },
    'with S + subgroup order': {
      operation: { ...withdraw(), signature: { ...withdraw().signature, S: withdraw().signature.S + SUBGROUP_ORDER } },
      refusedBy: ['authority.Signature.CanonicalScalar.Num2Bits', ...SIGNATURE],
    },
    'with an R8 off the curve': {
      operation: withdraw({ signature: { ...withdraw().signature, R8x: 1n } }),
      refusedBy: SIGNATURE,
    },
    'from a pool leaf': { operation: withdraw({ leafIndex: LEAF.pool, nonce: 0n }, { signer: users.dave }), refusedBy: ['authority.EqualIf'] },
    'from a pool leaf said to be an account (one meta, two readings)': {
      operation: withdraw({ leafIndex: LEAF.pool, nonce: 0n }, { signer: users.dave }),
      inputs: { account: 1n, pool: 0n, nonce: 2n ** 32n },
      refusedBy: [RANGE, ...SIGNATURE],
    },
    'from an empty leaf': { operation: withdraw({ leafIndex: LEAF.empty, nonce: 0n, amount: 0n }), inputs: { token: 0n }, refusedBy: KEY_OF_EMPTY },
    'with a key off the curve': { operation: withdraw(), leaves: { alice: { keyX: 1n, keyY: 1n } }, refusedBy: ['authority.Signature.BabyCheck', ...SIGNATURE] },
    ...Object.fromEntries(
      smallOrderPoints().map(({ order, x, y }) => [
        `with a key of order ${order}, for which S·B = R8`,
        {
          operation: withdraw({ signature: { R8x: BASE8.x, R8y: BASE8.y, S: 1n } }),
          leaves: { alice: { keyX: x, keyY: y } },
          refusedBy: [...NO_KEY, ...SIGNATURE],
        },
      ]),
    ),
  },
  'open is refused': {
    "over another's leaf": { operation: open(users.alice, LEAF.bob), refusedBy: ['access.nodes[0]', 'open.EqualIf', 'peerAccess'] },
    'over a leaf of the same user and token with balance 0': {
      operation: open(users.bob, LEAF.bob),
      leaves: { bob: { balance: 0n } },
      refusedBy: ['access.nodes[0]', 'open.EqualIf', 'peerAccess'],
    },
    'with token 0': { operation: open(users.carol, LEAF.empty, { token: 0n }), refusedBy: ['open.NonZeroIf'] },
    'with a balance': { operation: open(users.carol, LEAF.empty), inputs: { balance: 5n }, refusedBy: ['EmptyHasNoContent', 'peerAccess'] },
  },
  'transfer is refused': {
    'of more than the balance': { operation: transfer({ amount: 1_000_001n }), refusedBy: [RANGE] },
    "that overflows the receiver's balance": { operation: transfer(), leaves: { bob: { balance: MAX } }, refusedBy: [RANGE] },
    'of an amount that is not the published one': { operation: transfer(), inputs: { float: 1201n << 5n }, refusedBy: ['peer.EqualIf'] },
    'of a float of more than 128 bits': {
      operation: transfer({ amount: 34_028_236_693n * 10n ** 28n, signature: transfer().signature }),
      leaves: { alice: { balance: MAX } },
      refusedBy: [RANGE, ...SIGNATURE],
    },
    'of a float of more than 40 bits': { operation: transfer(), inputs: { float: (1200n << 5n) + 2n ** 40n }, refusedBy: ['peer.Float.bits'] },
    'with the nonce before': { operation: transfer({ nonce: 6n }), refusedBy: SIGNATURE },
    'after its last second': { operation: transfer({ validUntil: TIMESTAMP - 1 }), refusedBy: ['authority.Range.bits'] },
    'with another fee than signed': { operation: transfer({ fee: 5n }), inputs: { fee: 4n << 5n }, refusedBy: [...SIGNATURE, 'peerAccess'] },
    "into another's leaf": { operation: { ...transfer(), to: LEAF.carolOther }, refusedBy: ['peer.EqualIf'] },
    'to another user than signed': {
      operation: { ...transfer(), toOwner: users.dave.owner, toKeyX: users.dave.key.publicKey.x, toKeyY: users.dave.key.publicKey.y, to: LEAF.carolOther },
      leaves: { carolOther: account(users.dave, { balance: 1n }) },
      refusedBy: SIGNATURE,
    },
    "into the receiver's leaf of another token": {
      operation: { ...transfer({}, { receiver: users.carol }), to: LEAF.carolOther },
      refusedBy: ['peer.EqualIf'],
    },
    'into a leaf of another token through a signed owner of more than 160 bits (one meta, two readings)': {
      operation: { ...transfer({ toOwner: users.carol.owner + 2n ** 160n }, { receiver: users.carol }), to: LEAF.carolOther },
      refusedBy: [RANGE],
    },
    "into the receiver's pool leaf": {
      operation: { ...transfer({}, { receiver: users.dave }), to: LEAF.pool },
      refusedBy: ['peer.EqualIf'],
    },
    "into the receiver's pool leaf through a nonce of more than 32 bits (one meta, two readings)": {
      operation: { ...transfer({}, { receiver: users.dave }), to: LEAF.pool },
      inputs: { peerNonce: 2n ** 32n },
      refusedBy: ['peer.Range.bits'],
    },
    "into another's leaf that is said to be the receiver's": {
      operation: { ...transfer(), to: LEAF.carolOther },
      inputs: { peerValue: leafHash(account(users.bob, { balance: 77n })) },
      refusedBy: ['peerAccess.nodes[0]'],
    },
    'into an empty leaf': { operation: { ...transfer(), to: LEAF.empty }, refusedBy: ['peer.EqualIf'] },
    'to oneself that reads the balance before the debit': {
      operation: transfer({ to: LEAF.alice }, { receiver: users.alice }),
      inputs: { peerBalance: 1_000_000n },
      refusedBy: ['peer.EqualIf'],
    },
  },
};
