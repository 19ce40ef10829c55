import { FIELD } from '../../spec/field.ts';
import { MAX_FEE, encodeFloat16 } from '../../spec/float16.ts';
import type { Operation } from '../../spec/operation.ts';
import { RANGE, SIGNATURE, type Lies } from './lies.ts';
import { LEAF, TOKEN, changeKey, collectFees, deposit, fullExit, open, transfer, transferToNew, users, withdraw } from './world.ts';

/* Lies about fees: what is paid, where it accrues, who collects it. */

const HALF = (FIELD + 1n) / 2n;
const MAX = 2n ** 128n - 1n;
const OTHER_TOKEN = TOKEN + 1n;
/** alice pays 30, bob collects. */
const pay = transfer({ fee: 30n });
const paidAndCollected: Operation[] = [pay, collectFees(LEAF.bob, 30n)];

export const feeLies: Lies = {
  'a fee is refused': {
    'that overdraws the leaf by itself': { operation: withdraw({ amount: 1_000_000n, fee: 1n }), refusedBy: [RANGE] },
    'that is larger than the balance': { operation: transfer({ amount: 0n, fee: 1001n * 10n ** 3n }), refusedBy: [RANGE] },
    'that is the largest': { operation: transfer({ amount: 0n, fee: MAX_FEE }), refusedBy: [RANGE] },
    'of more than 16 bits': { operation: withdraw({ amount: 5n }), inputs: { fee: 2n ** 16n }, refusedBy: ['Float.bits', ...SIGNATURE] },
    'that is negative': { operation: withdraw({ amount: 5n }), inputs: { fee: -1n }, refusedBy: ['Float.bits', ...SIGNATURE] },
    'in another form than signed (of the same value)': {
      operation: withdraw({ amount: 5n, fee: 10n }),
      inputs: { fee: (1n << 5n) | 1n },
      refusedBy: SIGNATURE,
    },
    'of an exponent more than signed': { operation: withdraw({ amount: 5n, fee: 10n }), inputs: { fee: (10n << 5n) | 1n }, refusedBy: [...SIGNATURE, 'peerAccess'] },
    'of 0, when another is signed': { operation: transfer({ fee: 10n }), inputs: { fee: 0n }, refusedBy: [...SIGNATURE, 'peerAccess'] },
  },
  'a collection is refused': {
    'of what nobody paid': { operation: collectFees(LEAF.bob, 1n), refusedBy: ['fees.EqualIf'] },
    'of a negative amount': { operation: collectFees(LEAF.bob, -1n), refusedBy: ['fees.EqualIf', RANGE] },
    'by a pool leaf': { operation: collectFees(LEAF.pool, 0n), refusedBy: ['fees.EqualIf'] },
    'by an empty leaf': { operation: collectFees(LEAF.empty, 0n), inputs: { 'feeFlags[0]': 1n }, refusedBy: ['fees.EqualIf'] },
    'that names no register': { operation: collectFees(LEAF.bob, 0n), inputs: { 'feeFlags[0]': 0n }, refusedBy: ['fees.EqualIf'] },
    'that names the register of another token': { operation: collectFees(LEAF.bob, 0n), inputs: { '/feeToken[0]': OTHER_TOKEN }, refusedBy: ['fees.EqualIf[0]'] },
    'that names two registers of the token': {
      operation: collectFees(LEAF.bob, 0n),
      inputs: { '/feeToken[1]': TOKEN, 'feeFlags[1]': 1n },
      refusedBy: ['fees.Boolean', 'fees.EqualIf'],
    },
    'that names halves of two registers of the token': {
      operation: collectFees(LEAF.bob, 0n),
      inputs: { '/feeToken[1]': TOKEN, 'feeFlags[0]': HALF, 'feeFlags[1]': HALF },
      refusedBy: ['fees.Boolean[0]', 'fees.Boolean[1]'],
    },
    'that names one register twice and another minus once': {
      operation: collectFees(LEAF.bob, 0n),
      inputs: { '/feeToken[1]': TOKEN, 'feeFlags[0]': 2n, 'feeFlags[1]': -1n },
      refusedBy: ['fees.Boolean[0]', 'fees.Boolean[1]'],
    },
    'said to be signed as well': { operation: collectFees(LEAF.bob, 0n), inputs: { 'kind.withdraw': 1n }, refusedBy: ['Boolean', 'authority.Range.bits', 'peerAccess', ...SIGNATURE] },
  },
};

export const feeLiesOfTwoSlots: Lies = {
  'a collection is refused': {
    'of more than was paid': { operation: [pay, collectFees(LEAF.bob, 31n)], refusedBy: ['1/fees.EqualIf'] },
    'of less than was paid': { operation: [pay, collectFees(LEAF.bob, 29n)], refusedBy: ['1/fees.EqualIf'] },
    'of what is paid afterwards': { operation: [collectFees(LEAF.bob, 30n), pay], refusedBy: ['fees.EqualIf'] },
    'of another token': {
      operation: [pay, collectFees(LEAF.carolOther, 30n)],
      inputs: { '/feeToken[0]': TOKEN, 'feeFlags[0]': 1n },
      refusedBy: ['1/fees.EqualIf[0]'],
    },
    "of another token, that the payer's flag is said to be of": {
      operation: [pay, collectFees(LEAF.carolOther, 30n)],
      inputs: { 'feeFlags[0]': 1n },
      refusedBy: ['fees.EqualIf[0]'],
    },
    'of a fee that has no flag': { operation: paidAndCollected, inputs: { 'feeFlags[0]': 0n }, refusedBy: ['1/fees.EqualIf'] },
    'of a fee in another register': {
      operation: paidAndCollected,
      inputs: { '/feeToken[1]': TOKEN, 'feeFlags[0]': 0n, 'feeFlags[1]': 1n },
      refusedBy: ['1/fees.EqualIf'],
    },
    'of a fee that went into two registers': {
      operation: [pay, collectFees(LEAF.bob, 60n)],
      inputs: { '/feeToken[1]': TOKEN, 'feeFlags[1]': 1n, '1/feeFlags[1]': 1n },
      refusedBy: ['fees.Boolean', '1/fees.Boolean', '1/fees.EqualIf'],
    },
    'of a fee that was flagged twice over': { operation: [pay, collectFees(LEAF.bob, 60n)], inputs: { 'feeFlags[0]': 2n }, refusedBy: ['fees.Boolean', 'fees.Boolean[0]'] },
    'of a fee that was flagged minus once': {
      operation: [pay, collectFees(LEAF.bob, -30n)],
      inputs: { 'feeFlags[0]': -1n },
      refusedBy: ['fees.Boolean', 'fees.Boolean[0]', `1/${RANGE}`],
    },
    'that overflows the balance': { operation: paidAndCollected, leaves: { bob: { balance: MAX - 1200n } }, refusedBy: [`1/${RANGE}`] },
    'by a pool leaf': { operation: [pay, collectFees(LEAF.pool, 30n)], refusedBy: ['1/fees.EqualIf'] },
    'of a fee that is not what was debited': {
      operation: paidAndCollected,
      inputs: { fee: encodeFloat16(31n) },
      refusedBy: [...SIGNATURE, 'peerAccess', '1/access', '1/fees.EqualIf', '1/peerAccess'],
    },
    ...Object.fromEntries(
      Object.entries({
        deposit: deposit(users.bob, LEAF.bob),
        'full exit': { ...fullExit(users.alice, LEAF.bob), token: 0n, amount: 0n, shares: 0n },
      }).map(([name, operation]) => [
        `of a fee that a ${name} claims to pay`,
        { operation: [operation, collectFees(LEAF.bob, 30n)], inputs: { fee: encodeFloat16(30n), 'feeFlags[0]': 1n }, refusedBy: ['1/fees.EqualIf'] },
      ]),
    ),
    'of a fee that an open claims to pay (the leaf has no token yet)': {
      operation: [open(users.carol, LEAF.empty), collectFees(LEAF.bob, 30n)],
      inputs: { fee: encodeFloat16(30n), 'feeFlags[0]': 1n },
      refusedBy: ['fees.EqualIf[0]', '1/fees.EqualIf'],
    },
    'of a fee that a collection claims to pay': {
      operation: [collectFees(LEAF.bob, 0n), collectFees(LEAF.bob, 30n)],
      inputs: { fee: encodeFloat16(30n) },
      refusedBy: ['1/fees.EqualIf'],
    },
    'of a fee that a slot of no kind claims to pay': {
      operation: [{ type: 'noop' }, collectFees(LEAF.bob, 30n)],
      inputs: { fee: encodeFloat16(30n), 'feeFlags[0]': 1n },
      refusedBy: ['1/fees.EqualIf'],
    },
  },
};

export const feeLiesOfThreeSlots: Lies = {
  'a collection is refused': {
    'of what was collected before': { operation: [pay, collectFees(LEAF.bob, 30n), collectFees(LEAF.bob, 30n)], refusedBy: ['2/fees.EqualIf'] },
    'of what another collected before': { operation: [pay, collectFees(LEAF.bob, 30n), collectFees(LEAF.alice, 30n)], refusedBy: ['2/fees.EqualIf'] },
    'of one of two fees': { operation: [pay, changeKey({ fee: 7n, nonce: 8n }), collectFees(LEAF.bob, 30n)], refusedBy: ['2/fees.EqualIf'] },
  },
  'a collection is accepted': {
    'of two fees': { operation: [pay, changeKey({ fee: 7n, nonce: 8n }), collectFees(LEAF.bob, 37n)], refusedBy: [] },
    'of the only one of two fees that has a flag (the other is gone)': {
      operation: [pay, changeKey({ fee: 7n, nonce: 8n }), collectFees(LEAF.bob, 30n)],
      inputs: { '1/feeFlags[0]': 0n },
      refusedBy: [],
    },
    'of nothing after another took it': { operation: [pay, collectFees(LEAF.alice, 30n), collectFees(LEAF.bob, 0n)], refusedBy: [] },
    'of what was paid since the last': { operation: [collectFees(LEAF.bob, 0n), pay, collectFees(LEAF.bob, 30n)], refusedBy: [] },
    'of each of two tokens': {
      operation: [
        transferToNew({ from: LEAF.carolOther, token: OTHER_TOKEN, amount: 1n, fee: 4n, nonce: 0n }, { signer: users.carol, receiver: users.bob }),
        collectFees(LEAF.bob, 0n),
        collectFees(LEAF.carolOther, 4n),
      ],
      refusedBy: [],
    },
  },
};
