import { RollupError } from '../base/errors.ts';
import { FIELD } from '../spec/field.ts';
import { MAX_FEE } from '../spec/float16.ts';
import { bigintToBytes, bytesToHex } from '../spec/hex.ts';
import { LEAF_COUNT, MAX_BALANCE, MAX_NONCE, params } from '../spec/params.ts';
import { messageHash } from '../spec/signature.ts';
import type { SignedTransaction } from './store.ts';

type Fields = Record<string, unknown>;

/**
 * Reads a transaction from a decoded JSON body. Integers may be JSON numbers, decimal strings or 0x-hex strings.
 * @throws RollupError that names the field, what was expected and what came
 */
export function parseTransaction(body: unknown): SignedTransaction {
  const fields = record(body, 'body');
  const { type } = fields;
  if (type !== 'transfer' && type !== 'withdraw') {
    throw refuse('type', "'transfer' or 'withdraw'", type);
  }
  const { bits } = params;
  const signature = record(fields['signature'], 'signature');
  const chainIndex = small(fields, 'chainIndex', 2 ** bits.chainIndex - 1);
  const leafIndex = small(fields, 'leafIndex', LEAF_COUNT - 1);
  const common = {
    chainIndex,
    nonce: integer(fields, 'nonce', MAX_NONCE),
    validUntil: small(fields, 'validUntil', 2 ** bits.timestamp - 1),
    amount: integer(fields, 'amount', MAX_BALANCE),
    fee: integer(fields, 'fee', MAX_FEE),
    signature: {
      R8x: integer(signature, 'R8x', FIELD - 1n, 'signature.'),
      R8y: integer(signature, 'R8y', FIELD - 1n, 'signature.'),
      S: integer(signature, 'S', FIELD - 1n, 'signature.'),
    },
  };
  if (type === 'withdraw') return { type, leafIndex, to: address(fields, 'to'), ...common };
  return {
    type,
    from: leafIndex,
    toOwner: address(fields, 'toOwner'),
    toKeyX: integer(fields, 'toKeyX', FIELD - 1n),
    toKeyY: integer(fields, 'toKeyY', FIELD - 1n),
    ...common,
  };
}

/** The leaf that signs. */
export function signerLeaf(transaction: SignedTransaction): number {
  return transaction.type === 'transfer' ? transaction.from : transaction.leafIndex;
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

function address(fields: Fields, name: string): bigint {
  const value = fields[name];
  if (typeof value !== 'string' || !/^0x[0-9a-fA-F]{40}$/.test(value)) throw refuse(name, 'an address (0x and 40 hex digits)', value);
  return BigInt(value);
}

function refuse(field: string, expected: string, value: unknown): RollupError {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing');
  return new RollupError('The transaction has a wrong field', {
    facts: { reason: 'wrongField', field, expected, actual: text.slice(0, 100) },
    hint: `Send ${field} as ${expected}.`,
  });
}
