import { RollupError } from '../base/errors.ts';
import { FIELD } from '../spec/field.ts';
import { nearestFloat16, tryEncodeFloat16 } from '../spec/float16.ts';
import { bigintToBytes, bytesToHex } from '../spec/hex.ts';
import type { OrderType } from '../spec/operation.ts';
import { LEAF_COUNT, MAX_BALANCE, MAX_NONCE, params } from '../spec/params.ts';
import { MAX_RESERVE } from '../spec/pool.ts';
import { messageHash } from '../spec/signature.ts';
import type { QuoteParameters } from './poolView.ts';
import type { PairRequest, SignedTransaction, Submission } from './store.ts';

type Fields = Record<string, unknown>;

/**
 * Reads a transaction from a decoded JSON body. Integers may be JSON numbers, decimal strings or 0x-hex strings.
 * @throws RollupError that names the field, what was expected and what came
 */
export function parseTransaction(body: unknown): Submission {
  const fields = record(body, 'body');
  const type = kinds.find((kind) => kind === fields['type']);
  if (type === undefined) throw refuse('type', `one of ${kinds.join(', ')}`, fields['type']);
  const { bits } = params;
  const signature = record(fields['signature'], 'signature');
  const chainIndex = small(fields, 'chainIndex', 2 ** bits.chainIndex - 1);
  const leafIndex = small(fields, 'leafIndex', LEAF_COUNT - 1);
  const common = {
    chainIndex,
    token: integer(fields, 'token', 2n ** BigInt(bits.token) - 1n),
    nonce: integer(fields, 'nonce', MAX_NONCE),
    validUntil: small(fields, 'validUntil', 2 ** bits.timestamp - 1),
    fee: fee(fields),
    signature: {
      R8x: integer(signature, 'R8x', FIELD - 1n, 'signature.'),
      R8y: integer(signature, 'R8y', FIELD - 1n, 'signature.'),
      S: integer(signature, 'S', FIELD - 1n, 'signature.'),
    },
  };
  if (type === 'changeKey') {
    return { type, leafIndex, keyX: integer(fields, 'keyX', FIELD - 1n), keyY: integer(fields, 'keyY', FIELD - 1n), ...common };
  }
  if (type === 'swapIn' || type === 'addLiquidity' || type === 'removeLiquidity') return { type, from: leafIndex, ...orderFields(fields, type), ...common };
  const amount = integer(fields, 'amount', MAX_BALANCE);
  if (type === 'withdraw') return { type, leafIndex, to: address(fields, 'to'), amount, ...common };
  return {
    type,
    from: leafIndex,
    toOwner: address(fields, 'toOwner'),
    toKeyX: integer(fields, 'toKeyX', FIELD - 1n),
    toKeyY: integer(fields, 'toKeyY', FIELD - 1n),
    amount,
    ...common,
  };
}

const orderKinds = ['swapIn', 'addLiquidity', 'removeLiquidity'] as const;
const kinds = ['transfer', 'withdraw', 'changeKey', ...orderKinds] as const;

/** What an order has that other transactions do not. A swap demands nothing of its first side and takes nothing on its second. */
function orderFields(fields: Fields, type: OrderType) {
  const { bits } = params;
  const mostOfFirst = type === 'swapIn' ? 0n : MAX_RESERVE;
  return {
    amount: integer(fields, 'amount', MAX_RESERVE),
    pool: small(fields, 'pool', LEAF_COUNT - 1),
    peerChain: small(fields, 'peerChain', 2 ** bits.chainIndex - 1),
    peerLeaf: small(fields, 'peerLeaf', LEAF_COUNT - 1),
    peerToken: integer(fields, 'peerToken', 2n ** BigInt(bits.token) - 1n),
    limit: integer(fields, 'limit', mostOfFirst),
    peerAmount: integer(fields, 'peerAmount', mostOfFirst),
    peerLimit: integer(fields, 'peerLimit', MAX_RESERVE),
  };
}

/**
 * Reads which pair is to be opened from a decoded JSON body.
 * @throws RollupError that names the field, what was expected and what came
 */
export function parsePairRequest(body: unknown): PairRequest {
  const fields = record(body, 'body');
  const chain = (name: string): number => small(fields, name, 2 ** params.bits.chainIndex - 1);
  const token = (name: string): number => small(fields, name, params.shareTokens - 1);
  return { chainIndex: chain('chainIndex'), token: token('token'), peerChain: chain('peerChain'), peerToken: token('peerToken') };
}

/**
 * Reads what is to be quoted from the query `type, chainIndex, pool, amount` and, if they are there, `peerAmount` (0) and `slippage` (basis
 * points, 50).
 * @throws RollupError that names the field, what was expected and what came
 */
export function parseQuote(query: Readonly<Record<string, string>>): QuoteParameters {
  const type = orderKinds.find((kind) => kind === query['type']);
  if (type === undefined) throw refuse('type', `one of ${orderKinds.join(', ')}`, query['type']);
  const fields = { peerAmount: '0', slippage: '50', ...query };
  const amount = integer(fields, 'amount', MAX_RESERVE);
  const half = { chainIndex: small(fields, 'chainIndex', 2 ** params.bits.chainIndex - 1), pool: small(fields, 'pool', LEAF_COUNT - 1) };
  return { type, ...half, amount, peerAmount: integer(fields, 'peerAmount', type === 'swapIn' ? 0n : MAX_RESERVE), slippage: small(fields, 'slippage', 10_000) };
}

/** A transaction's id: the message hash that its owner signed, as 32 bytes. */
export function transactionId(transaction: SignedTransaction, deploymentId: bigint): string {
  return bytesToHex(bigintToBytes(messageHash(transaction, { deploymentId, chainIndex: transaction.chainIndex }), 32));
}

function record(value: unknown, name: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refuse(name, 'an object', value);
  return value as Fields;
}

function integer(fields: Fields, name: string, maximum: bigint, prefix = ''): bigint {
  const value = fields[name];
  let parsed: bigint | null = null;
  if (typeof value === 'number' && Number.isSafeInteger(value)) parsed = BigInt(value);
  // 80 digits hold every field element; longer text is not worth the conversion.
  if (typeof value === 'string' && value.length <= 80 && /^(0x[0-9a-fA-F]+|[0-9]+)$/.test(value)) parsed = BigInt(value);
  if (parsed === null || parsed < 0n || parsed > maximum) throw refuse(`${prefix}${name}`, `an integer from 0 to ${maximum}`, value);
  return parsed;
}

function small(fields: Fields, name: string, maximum: number): number {
  return Number(integer(fields, name, BigInt(maximum)));
}

/** An amount that has a float16 form: others cannot even be signed. */
function fee(fields: Fields): bigint {
  const amount = integer(fields, 'fee', MAX_BALANCE);
  if (tryEncodeFloat16(amount) !== null) return amount;
  throw new RollupError('The fee has no float16 form', {
    facts: { reason: 'feeNotFloat16', field: 'fee', actual: amount },
    hint: `${nearestFloat16(amount)} A fee keeps about three significant digits.`,
  });
}

function address(fields: Fields, name: string): bigint {
  const value = fields[name];
  if (typeof value !== 'string' || !/^0x[0-9a-fA-F]{40}$/.test(value)) throw refuse(name, 'an address (0x and 40 hex digits)', value);
  return BigInt(value);
}

function refuse(field: string, expected: string, value: unknown): RollupError {
  return new RollupError('The transaction has a wrong field', {
    facts: { reason: 'wrongField', field, expected, actual: shown(value) },
    hint: `Send ${field} as ${expected}.`,
  });
}

/** What came, shortened; of objects only the kind, because they can be nested deeper than a stack holds. */
function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'string') return value.slice(0, 100);
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
