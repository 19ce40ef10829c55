import { SUBGROUP_ORDER } from '../../spec/signature.ts';
import { KEY_OF_EMPTY, RANGE, SIGNATURE, type Lies } from './lies.ts';
import { LEAF, TIMESTAMP, changeKey, transfer, transferToNew, users, withdraw } from './world.ts';

/* Lies about changes of keys and transfers that open a leaf. */

const MAX = 2n ** 128n - 1n;
const dave = users.dave.key.publicKey;

export const keyLies: Lies = {
  'change key is refused': {
    'signed by the new key': { operation: changeKey({}, { signer: users.dave }), refusedBy: SIGNATURE },
    'signed by another': { operation: changeKey({}, { signer: users.bob }), refusedBy: SIGNATURE },
    'to another key than signed': { operation: changeKey(), inputs: { keyX: 1n }, refusedBy: [...SIGNATURE, 'peerAccess'] },
    'to another y of the key than signed': { operation: changeKey(), inputs: { keyY: 1n }, refusedBy: [...SIGNATURE, 'peerAccess'] },
    'that keeps the old key': {
      operation: changeKey(),
      inputs: { keyX: users.alice.key.publicKey.x, keyY: users.alice.key.publicKey.y },
      refusedBy: [...SIGNATURE, 'peerAccess'],
    },
    'with the nonce before': { operation: changeKey({ nonce: 6n }), refusedBy: SIGNATURE },
    'with the nonce after': { operation: changeKey({ nonce: 8n }), refusedBy: SIGNATURE },
    'when the nonce is used up': {
      operation: changeKey({ nonce: 2n ** 32n - 1n }),
      leaves: { alice: { nonce: 2n ** 32n - 1n } },
      refusedBy: ['authority.NonZeroIf', 'peerAccess'],
    },
    'after its last second': { operation: changeKey({ validUntil: TIMESTAMP - 1 }), refusedBy: ['authority.Range.bits'] },
    'of a pool leaf': { operation: changeKey({ leafIndex: LEAF.pool, nonce: 0n }, { signer: users.dave }), refusedBy: ['authority.EqualIf'] },
    'of an empty leaf': {
      operation: changeKey({ leafIndex: LEAF.empty, nonce: 0n }),
      refusedBy: KEY_OF_EMPTY,
    },
    'that pays an amount': { operation: changeKey(), inputs: { amount: 5n }, refusedBy: ['EqualIf', ...SIGNATURE, 'peerAccess'] },
    'that takes an amount': { operation: changeKey(), inputs: { amount: -5n }, refusedBy: ['EqualIf', RANGE, ...SIGNATURE, 'peerAccess'] },
    'with another fee than signed': { operation: changeKey({ fee: 5n }), inputs: { fee: 6n << 5n }, refusedBy: [...SIGNATURE, 'peerAccess'] },
    'with a fee above the balance': { operation: changeKey({ fee: 1000n * 10n ** 4n }), refusedBy: [RANGE] },
    'signed for another leaf': { operation: changeKey({ signature: changeKey({ leafIndex: LEAF.bob }).signature }), refusedBy: SIGNATURE },
    'signed for another chain': { operation: changeKey(), inputs: { '/chainIndex': 4n }, refusedBy: SIGNATURE },
    'signed for another deployment': { operation: changeKey(), inputs: { '/deploymentId': 1n }, refusedBy: SIGNATURE },
    'signed as a transfer with the same fields': {
      operation: changeKey({ signature: transfer({ amount: 0n, toOwner: dave.x, toKeyX: dave.y, toKeyY: 0n }).signature }),
      refusedBy: SIGNATURE,
    },
    'with S + subgroup order': {
      operation: { ...changeKey(), signature: { ...changeKey().signature, S: changeKey().signature.S + SUBGROUP_ORDER } },
      refusedBy: ['authority.Signature.CanonicalScalar.Num2Bits', ...SIGNATURE],
    },
  },
  'transfer to new is refused': {
    "onto another's leaf": { operation: transferToNew({ to: LEAF.carolOther }), refusedBy: ['peer.EqualIf'] },
    "onto another's leaf that is said to be empty": {
      operation: transferToNew({ to: LEAF.carolOther }),
      inputs: { peerValue: 0n },
      refusedBy: ['peerAccess.nodes[0]'],
    },
    "onto the receiver's own leaf of the token": {
      operation: transferToNew({ to: LEAF.bob }, { receiver: users.bob }),
      refusedBy: ['peer.EqualIf'],
    },
    "onto the sender's leaf": { operation: transferToNew({ to: LEAF.alice }, { receiver: users.alice }), refusedBy: ['peer.EqualIf'] },
    'published as a transfer': { operation: { ...transferToNew(), type: 'transfer' }, refusedBy: ['peer.EqualIf'] },
    'in the place of a transfer': { operation: { ...transfer(), type: 'transferToNew' }, refusedBy: ['peer.EqualIf'] },
    'for another owner than signed': { operation: { ...transferToNew(), toOwner: users.bob.owner }, refusedBy: SIGNATURE },
    'for another key than signed': { operation: { ...transferToNew(), toKeyX: dave.x, toKeyY: dave.y }, refusedBy: SIGNATURE },
    'for an owner of more than 160 bits (a leaf of another token, one meta)': {
      operation: transferToNew({ signature: transfer({ toOwner: users.carol.owner + 2n ** 160n }, { receiver: users.carol }).signature }),
      inputs: { address: users.carol.owner + 2n ** 160n },
      refusedBy: [RANGE],
    },
    'of more than the balance': { operation: transferToNew({ amount: 1_000_001n }), refusedBy: [RANGE] },
    'of more than the balance with the fee': { operation: transferToNew({ amount: 1_000_000n, fee: 1n }), refusedBy: [RANGE] },
    'of an amount that is not the published one': { operation: transferToNew(), inputs: { float: 1201n << 5n }, refusedBy: ['peer.EqualIf'] },
    'of a float of more than 40 bits': { operation: transferToNew(), inputs: { float: (1200n << 5n) + 2n ** 40n }, refusedBy: ['peer.Float.bits'] },
    'of more than 128 bits': {
      operation: transferToNew({ amount: 34_028_236_693n * 10n ** 28n, signature: transfer().signature }),
      leaves: { alice: { balance: MAX } },
      refusedBy: [RANGE, ...SIGNATURE],
    },
    'of another amount than signed': {
      operation: { ...transferToNew(), amount: 1300n },
      refusedBy: SIGNATURE,
    },
    'from a pool leaf': { operation: transferToNew({ from: LEAF.pool, nonce: 0n }, { signer: users.dave }), refusedBy: ['authority.EqualIf'] },
    'with the nonce before': { operation: transferToNew({ nonce: 6n }), refusedBy: SIGNATURE },
    'signed as a transfer to new (it is signed as a transfer)': {
      operation: transferToNew(),
      inputs: { R8x: 0n, R8y: 1n, S: 0n },
      refusedBy: SIGNATURE,
    },
    'into an alias of a leaf index': { operation: transferToNew(), inputs: { peerIndex: BigInt(LEAF.empty) + 2n ** 24n }, refusedBy: ['peerAccess.bits'] },
  },
};

export const keyLiesOfTwoSlots: Lies = {
  'after a change of key is refused': {
    "the old key's next signature": { operation: [changeKey(), withdraw({ nonce: 8n })], refusedBy: SIGNATURE.map((place) => `1/${place}`) },
    'the same change again': { operation: [changeKey(), changeKey()], refusedBy: SIGNATURE.map((place) => `1/${place}`) },
    'the same change again by the new key': {
      operation: [changeKey(), changeKey({}, { signer: users.dave })],
      refusedBy: SIGNATURE.map((place) => `1/${place}`),
    },
    'a transfer to the user with the old key': {
      operation: [changeKey(), transfer({ from: LEAF.bob, to: LEAF.alice, nonce: 0n, amount: 5n }, { signer: users.bob, receiver: users.alice })],
      refusedBy: ['1/peer.EqualIf'],
    },
  },
  'after a transfer to new is refused': {
    'another one into the same leaf': {
      operation: [transferToNew(), transferToNew({ nonce: 8n })],
      refusedBy: ['1/peer.EqualIf'],
    },
    'a signature with another nonce than 0': {
      operation: [transferToNew(), withdraw({ leafIndex: LEAF.empty, amount: 1n, nonce: 1n }, { signer: users.carol })],
      refusedBy: SIGNATURE.map((place) => `1/${place}`),
    },
  },
};
