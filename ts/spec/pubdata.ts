import { RollupError } from '../base/errors.ts';
import { isFieldElement, pack } from './field.ts';
import { decodeFloat16, encodeFloat16 } from './float16.ts';
import { decodeFloat40, encodeFloat40 } from './float40.ts';
import { bigintToBytes, bytesToBigint, bytesToHex, concatBytes, hexToBytes, type Hex } from './hex.ts';
import {
  isOnchain,
  type Operation,
  type PublicLiquidityChange,
  type PublicOperation,
  type PublicTransfer,
  type PublicTransferToNew,
} from './operation.ts';
import { MAX_BALANCE, params } from './params.ts';

/** Which of a segment's two lists. */
export type DataList = 'onchain' | 'l2';

type PublicType = PublicOperation['type'];
type FieldName =
  | 'leafIndex' | 'token' | 'owner' | 'to' | 'amount' | 'float' | 'fee' | 'keyX' | 'keyY' | 'from' | 'toLeaf' | 'pool' | 'shares' | 'least' | 'peerChain' | 'peerLeaf';

interface Layout {
  list: DataList;
  /** Words in order, each a row of fields with their byte lengths; the first word starts with the kind byte. */
  words: readonly (readonly (readonly [FieldName, number])[])[];
}

const KEYS = [[['keyX', 32]], [['keyY', 32]]] as const;

/** Of a peer side the fee is 0: it is in the layout so that both sides of an order have one. */
const LIQUIDITY: Layout = { list: 'l2', words: [[['from', 3], ['pool', 3], ['fee', 2]], [['amount', 16]], [['shares', 16]]] };

/** src/FORMATS.md, "Operations in public data". */
const LAYOUTS: Record<PublicType, Layout> = {
  deposit: { list: 'onchain', words: [[['leafIndex', 3], ['token', 4], ['owner', 20]], [['amount', 16]], ...KEYS] },
  fullExit: { list: 'onchain', words: [[['leafIndex', 3], ['token', 4], ['owner', 20]], [['amount', 16]], [['shares', 16]], [['least', 16]]] },
  withdraw: { list: 'onchain', words: [[['leafIndex', 3], ['token', 4], ['to', 20]], [['amount', 16], ['fee', 2]]] },
  open: { list: 'l2', words: [[['leafIndex', 3], ['token', 4], ['owner', 20]], ...KEYS] },
  transfer: { list: 'l2', words: [[['from', 3], ['toLeaf', 3], ['float', 5], ['fee', 2]]] },
  changeKey: { list: 'l2', words: [[['leafIndex', 3], ['fee', 2]], ...KEYS] },
  collectFees: { list: 'l2', words: [[['leafIndex', 3], ['amount', 16]]] },
  transferToNew: { list: 'l2', words: [[['from', 3], ['toLeaf', 3], ['float', 5], ['fee', 2]], [['owner', 20]], ...KEYS] },
  openPool: { list: 'l2', words: [[['leafIndex', 3], ['token', 4], ['peerChain', 1], ['peerLeaf', 3]]] },
  swapIn: { list: 'l2', words: [[['from', 3], ['pool', 3], ['float', 5], ['fee', 2]]] },
  swapOut: { list: 'l2', words: [[['pool', 3], ['toLeaf', 3], ['float', 5], ['fee', 2]]] },
  addLiquidity: LIQUIDITY,
  addLiquidityPeer: LIQUIDITY,
  removeLiquidity: LIQUIDITY,
  removeLiquidityPeer: LIQUIDITY,
  credit: { list: 'l2', words: [[['leafIndex', 3]]] },
};

const PUBLIC_TYPES = Object.keys(LAYOUTS) as PublicType[];

function wordLengths(type: PublicType): number[] {
  return LAYOUTS[type].words.map((fields, k) => fields.reduce((sum, [, length]) => sum + length, k === 0 ? 1 : 0));
}

/** Bytes of one operation of a type in public data. */
export function operationLength(type: PublicType): number {
  return wordLengths(type).reduce((sum, length) => sum + length, 0);
}

/**
 * Words that an operation emits; a no-op emits none.
 * @throws RollupError for a field that does not fit, a transferred or swapped amount without float40 form, a fee without float16 form and a
 * fee of the second side of an order
 */
export function operationWords(operation: PublicOperation | Operation): bigint[] {
  if (operation.type === 'noop') return [];
  const values = fieldsOf(operation);
  return LAYOUTS[operation.type].words.map((fields, k) =>
    pack([
      ...(k === 0 ? [[BigInt(params.opcodes[operation.type]), 8] as const] : []),
      ...fields.map(([name, length]) => [values[name] ?? 0n, 8 * length] as const),
    ]),
  );
}

/** Public data of one operation; no bytes for a no-op. Errors as in operationWords. */
export function encodeOperation(operation: PublicOperation | Operation): Uint8Array {
  if (operation.type === 'noop') return new Uint8Array(0);
  const lengths = wordLengths(operation.type);
  return concatBytes(operationWords(operation).map((word, k) => bigintToBytes(word, lengths[k] ?? 0)));
}

/** Public data of a segment's operations: each list in the order of the slots. */
export function encodeOperations(operations: readonly (PublicOperation | Operation)[]): { onchainData: Hex; l2Data: Hex } {
  const encode = (onchain: boolean): Hex => bytesToHex(concatBytes(operations.filter((o) => isOnchain(o) === onchain).map(encodeOperation)));
  return { onchainData: encode(true), l2Data: encode(false) };
}

/**
 * Operations in a list's bytes.
 * @throws RollupError that names kind and offset: kinds that are not of this list, missing bytes, words that are not field elements,
 * transferred or swapped amounts above the largest balance, fees of the second side of an order
 */
export function decodeOperations(data: Hex | Uint8Array, list: DataList): PublicOperation[] {
  return splitData(data, list).map(({ type, words, offset }) => buildOperation(type, words, offset));
}

/** Emitted words in a list's bytes; errors as in decodeOperations. */
export function wordsOfData(data: Hex | Uint8Array, list: DataList): bigint[] {
  return splitData(data, list).flatMap(({ words }) => words);
}

interface RawOperation {
  type: PublicType;
  offset: number;
  words: bigint[];
}

function splitData(data: Hex | Uint8Array, list: DataList): RawOperation[] {
  const bytes = typeof data === 'string' ? hexToBytes(data) : data;
  const operations: RawOperation[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    const kind = bytes[offset];
    const type = PUBLIC_TYPES.find((candidate) => params.opcodes[candidate] === kind);
    if (type === undefined || LAYOUTS[type].list !== list) {
      throw new RollupError('Unknown operation in public data', { facts: { list, kind, offset } });
    }
    const length = operationLength(type);
    if (offset + length > bytes.length) {
      throw new RollupError('Truncated operation in public data', {
        facts: { list, kind, type, offset, expectedLength: length, actualLength: bytes.length - offset },
      });
    }
    let at = offset;
    const words = wordLengths(type).map((wordLength) => {
      const word = bytesToBigint(bytes.subarray(at, at + wordLength));
      if (!isFieldElement(word)) throw new RollupError('Word in public data is not a field element', { facts: { list, kind, type, offset: at, word } });
      at += wordLength;
      return word;
    });
    operations.push({ type, offset, words });
    offset += length;
  }
  return operations;
}

/** Values of the layout's fields: what is a float there is encoded here. */
function fieldsOf(operation: PublicOperation): Partial<Record<FieldName, bigint>> {
  switch (operation.type) {
    case 'transfer':
      return transferFields(operation);
    case 'transferToNew':
      return { ...transferFields(operation), owner: operation.toOwner, keyX: operation.toKeyX, keyY: operation.toKeyY };
    case 'withdraw': {
      const { leafIndex, token, to, amount, fee } = operation;
      return { leafIndex: BigInt(leafIndex), token, to, amount, fee: encodeFloat16(fee) };
    }
    case 'changeKey': {
      const { leafIndex, fee, keyX, keyY } = operation;
      return { leafIndex: BigInt(leafIndex), fee: encodeFloat16(fee), keyX, keyY };
    }
    case 'deposit':
    case 'fullExit':
    case 'open':
    case 'collectFees': {
      const { type: _, leafIndex, ...rest } = operation;
      return { ...rest, leafIndex: BigInt(leafIndex) };
    }
    case 'openPool': {
      const { leafIndex, token, peerChain, peerLeaf } = operation;
      return { leafIndex: BigInt(leafIndex), token, peerChain: BigInt(peerChain), peerLeaf: BigInt(peerLeaf) };
    }
    case 'swapIn': {
      const { from, pool, amount, fee } = operation;
      return { from: BigInt(from), pool: BigInt(pool), float: encodeFloat40(amount), fee: encodeFloat16(fee) };
    }
    case 'swapOut': {
      const { pool, to, amount } = operation;
      return { pool: BigInt(pool), toLeaf: BigInt(to), float: encodeFloat40(amount) };
    }
    case 'addLiquidity':
    case 'addLiquidityPeer':
    case 'removeLiquidity':
    case 'removeLiquidityPeer':
      return liquidityFields(operation);
    case 'credit':
      return { leafIndex: BigInt(operation.leafIndex) };
  }
}

function transferFields({ from, to, amount, fee }: PublicTransfer | PublicTransferToNew): Partial<Record<FieldName, bigint>> {
  return { from: BigInt(from), toLeaf: BigInt(to), float: encodeFloat40(amount), fee: encodeFloat16(fee) };
}

function liquidityFields({ type, from, pool, fee, amount, shares }: PublicLiquidityChange): Partial<Record<FieldName, bigint>> {
  checkPeerFee(type, fee);
  return { from: BigInt(from), pool: BigInt(pool), fee: encodeFloat16(fee), amount, shares };
}

/** The first side of an order pays for both. */
function checkPeerFee(type: PublicType, fee: bigint, facts: Record<string, unknown> = {}): void {
  if (fee === 0n || type === 'addLiquidity' || type === 'removeLiquidity' || type === 'swapIn') return;
  throw new RollupError('The second side of an order pays no fee', { facts: { kind: params.opcodes[type], type, ...facts, expected: 0n, actual: fee } });
}

function decodeAmount(type: PublicType, float: bigint, offset: number): bigint {
  const amount = decodeFloat40(float);
  if (amount <= MAX_BALANCE) return amount;
  throw new RollupError('Transferred amount is larger than any balance', { facts: { kind: params.opcodes[type], offset, amount } });
}

function buildOperation(type: PublicType, words: readonly bigint[], offset: number): PublicOperation {
  const values: Partial<Record<FieldName, bigint>> = {};
  LAYOUTS[type].words.forEach((fields, k) => {
    let rest = words[k] ?? 0n;
    for (const [name, length] of fields.toReversed()) {
      values[name] = rest & ((1n << BigInt(8 * length)) - 1n);
      rest >>= BigInt(8 * length);
    }
  });
  const get = (name: FieldName): bigint => values[name] ?? 0n;
  const index = (name: FieldName): number => Number(get(name));
  const key = { keyX: get('keyX'), keyY: get('keyY') };
  switch (type) {
    case 'deposit':
      return { type, leafIndex: index('leafIndex'), token: get('token'), owner: get('owner'), amount: get('amount'), ...key };
    case 'fullExit':
      return { type, leafIndex: index('leafIndex'), token: get('token'), owner: get('owner'), amount: get('amount'), shares: get('shares'), least: get('least') };
    case 'withdraw':
      return { type, leafIndex: index('leafIndex'), token: get('token'), to: get('to'), amount: get('amount'), fee: decodeFloat16(get('fee')) };
    case 'open':
      return { type, leafIndex: index('leafIndex'), token: get('token'), owner: get('owner'), ...key };
    case 'changeKey':
      return { type, leafIndex: index('leafIndex'), fee: decodeFloat16(get('fee')), ...key };
    case 'collectFees':
      return { type, leafIndex: index('leafIndex'), amount: get('amount') };
    case 'transfer':
    case 'transferToNew': {
      const transfer = { from: index('from'), to: index('toLeaf'), amount: decodeAmount(type, get('float'), offset), fee: decodeFloat16(get('fee')) };
      if (type === 'transfer') return { type, ...transfer };
      return { type, ...transfer, toOwner: get('owner'), toKeyX: key.keyX, toKeyY: key.keyY };
    }
    case 'openPool':
      return { type, leafIndex: index('leafIndex'), token: get('token'), peerChain: index('peerChain'), peerLeaf: index('peerLeaf') };
    case 'swapIn':
      return { type, from: index('from'), pool: index('pool'), amount: decodeAmount(type, get('float'), offset), fee: decodeFloat16(get('fee')) };
    case 'swapOut':
      checkPeerFee(type, get('fee'), { offset });
      return { type, pool: index('pool'), to: index('toLeaf'), amount: decodeAmount(type, get('float'), offset) };
    case 'addLiquidity':
    case 'addLiquidityPeer':
    case 'removeLiquidity':
    case 'removeLiquidityPeer': {
      const fee = decodeFloat16(get('fee'));
      checkPeerFee(type, get('fee'), { offset });
      return { type, from: index('from'), pool: index('pool'), fee, amount: get('amount'), shares: get('shares') };
    }
    case 'credit':
      return { type, leafIndex: index('leafIndex') };
  }
}
