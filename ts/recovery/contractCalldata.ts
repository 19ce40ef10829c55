import type { AbiParameter } from 'viem';
import { RollupError } from '../base/errors.ts';
import { bytesToBigint, bytesToHex, hexToBytes, type Hex } from '../spec/hex.ts';

/*
 * Calldata as a contract reads it. Solidity follows offsets wherever they lead: backwards, into what another value uses already, and past the
 * end, where all is zero. Common decoders refuse such calldata or limit it. Whoever commits blocks chooses its form, so whoever rebuilds the state must
 * read what the contract read, not what is usually written.
 */

/** What all values of a transaction may take together. Values that share bytes count each time: a short calldata can spell out very long lists. */
export class DecodingBudget {
  #left: number;

  constructor(bytes = 1 << 26) {
    this.#left = bytes;
  }

  /** @throws RollupError when it is used up */
  spend(bytes: number): void {
    this.#left -= bytes;
    if (this.#left < 0) throw new RollupError('Calldata spells out more than can be decoded');
  }
}

export interface DecodeArgumentParameters {
  /** The function's, of its ABI item. */
  inputs: readonly AbiParameter[];
  /** Which of them. */
  index: number;
  /** With the selector, which is not looked at. */
  calldata: Hex;
  budget?: DecodingBudget;
}

/**
 * One argument of a call: numbers up to 48 bits as number, larger ones as bigint, tuples as objects.
 * @throws RollupError for what a contract that uses all of it does not accept either
 */
export function decodeArgument({ inputs, index, calldata, budget = new DecodingBudget() }: DecodeArgumentParameters): unknown {
  const input = inputs[index];
  if (input === undefined) throw new RollupError('The function has no such argument', { facts: { index, arguments: inputs.length } });
  // Thousands of calls may seem to begin within one calldata.
  budget.spend((calldata.length - 2) / 2);
  const reader = new Reader(hexToBytes(calldata), budget);
  const head = SELECTOR_BYTES + inputs.slice(0, index).reduce((sum, before) => sum + headBytes(before), 0);
  return reader.read(input, BigInt(head), BigInt(SELECTOR_BYTES));
}

const SELECTOR_BYTES = 4;
const WORD_BYTES = 32;
const MODULUS = 1n << 256n;
const LONGEST = (1n << 64n) - 1n;
/** As viem gives numbers. */
const NUMBER_BITS = 48;

type Components = readonly AbiParameter[];

/** Bytes in the place where a value, or the offset of it, stands. */
function headBytes(parameter: AbiParameter): number {
  return isDynamic(parameter) || !isTuple(parameter) ? WORD_BYTES : componentsOf(parameter).reduce((sum, component) => sum + headBytes(component), 0);
}

function isDynamic(parameter: AbiParameter): boolean {
  return parameter.type === 'bytes' || parameter.type.endsWith('[]') || (isTuple(parameter) && componentsOf(parameter).some(isDynamic));
}

function isTuple({ type }: AbiParameter): boolean {
  return type === 'tuple';
}

function componentsOf(parameter: AbiParameter): Components {
  return (parameter as { components?: Components }).components ?? [];
}

class Reader {
  readonly #bytes: Uint8Array;
  readonly #budget: DecodingBudget;

  constructor(bytes: Uint8Array, budget: DecodingBudget) {
    this.#bytes = bytes;
    this.#budget = budget;
  }

  /** @param base what an offset counts from */
  read(parameter: AbiParameter, head: bigint, base: bigint): unknown {
    const { type } = parameter;
    const at = isDynamic(parameter) ? (base + this.#word(head)) % MODULUS : head;
    if (type === 'bytes') return this.#data(at);
    if (type.endsWith('[]')) return this.#array({ ...parameter, type: type.slice(0, -2) }, at);
    if (isTuple(parameter)) return this.#tuple(componentsOf(parameter), at);
    return this.#value(type, at);
  }

  #tuple(components: Components, at: bigint): Record<string, unknown> {
    let head = at;
    const tuple: Record<string, unknown> = {};
    for (const component of components) {
      tuple[component.name ?? ''] = this.read(component, head, at);
      head = (head + BigInt(headBytes(component))) % MODULUS;
    }
    return tuple;
  }

  #array(element: AbiParameter, at: bigint): unknown[] {
    const stride = headBytes(element);
    const { start, length } = this.#list(at, stride);
    const elements: unknown[] = [];
    for (let i = 0; i < length; i++) elements.push(this.read(element, (start + BigInt(i * stride)) % MODULUS, start));
    return elements;
  }

  #data(at: bigint): Hex {
    const { start, length } = this.#list(at, 1);
    this.#budget.spend(length);
    return length === 0 ? '0x' : bytesToHex(this.#bytes.subarray(Number(start), Number(start) + length));
  }

  /** Length and place of what follows it; all of it is within the calldata. */
  #list(at: bigint, stride: number): { start: bigint; length: number } {
    const length = this.#word(at);
    const start = (at + BigInt(WORD_BYTES)) % MODULUS;
    if (length === 0n) return { start, length: 0 };
    const end = start + length * BigInt(stride);
    if (length > LONGEST || end > BigInt(this.#bytes.length)) throw new RollupError('A list in calldata is longer than the calldata', { facts: { at, length, bytes: this.#bytes.length } });
    return { start, length: Number(length) };
  }

  #value(type: string, at: bigint): unknown {
    const word = this.#word(at);
    if (type === 'bytes32') return bytesToHex(this.#wordBytes(at));
    const bits = Number(/^uint(\d+)$/.exec(type)?.[1] ?? Number.NaN);
    if (Number.isNaN(bits)) throw new RollupError('Calldata of this type is not decoded', { facts: { type } });
    if (word >> BigInt(bits) !== 0n) throw new RollupError('A number in calldata is too large for its type', { facts: { type, actual: word } });
    return bits <= NUMBER_BITS ? Number(word) : word;
  }

  #word(at: bigint): bigint {
    return bytesToBigint(this.#wordBytes(at));
  }

  /** Zero where there is no calldata. */
  #wordBytes(at: bigint): Uint8Array {
    this.#budget.spend(WORD_BYTES);
    const word = new Uint8Array(WORD_BYTES);
    if (at < BigInt(this.#bytes.length)) word.set(this.#bytes.subarray(Number(at), Number(at) + WORD_BYTES));
    return word;
  }
}
