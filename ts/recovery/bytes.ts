import { RollupError } from '../base/errors.ts';
import { bigintToBytes, bytesToBigint, bytesToHex, hexToBytes, type Hex } from '../spec/hex.ts';

/* Big-endian fields one behind the other. */

/** Collects fields into one byte string. */
export class ByteWriter {
  #bytes = new Uint8Array(1 << 16);
  #length = 0;

  /** A whole number of at most 6 bytes. @throws RollupError when it does not fit */
  number(value: number, length: number): void {
    if (!Number.isSafeInteger(value) || value < 0 || value >= 256 ** length) throw new RollupError('Value does not fit its bytes', { facts: { value, bytes: length } });
    const at = this.#reserve(length);
    for (let i = length - 1, rest = value; i >= 0; i--, rest = Math.floor(rest / 256)) this.#bytes[at + i] = rest % 256;
  }

  bigint(value: bigint, length: number): void {
    this.raw(bigintToBytes(value, length));
  }

  /** One byte that counts, then as many as the value needs. */
  shortBigint(value: bigint): void {
    const length = value === 0n ? 0 : Math.ceil(value.toString(16).length / 2);
    this.number(length, 1);
    this.bigint(value, length);
  }

  hex(value: Hex): void {
    this.raw(hexToBytes(value));
  }

  raw(bytes: Uint8Array): void {
    const at = this.#reserve(bytes.length);
    this.#bytes.set(bytes, at);
  }

  /** All that was written. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #reserve(length: number): number {
    const at = this.#length;
    this.#length += length;
    if (this.#length > this.#bytes.length) {
      const larger = new Uint8Array(2 * this.#length);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    return at;
  }
}

/** Reads what ByteWriter wrote. Every method throws a RollupError where the bytes end. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  number(length: number): number {
    return this.raw(length).reduce((value, byte) => value * 256 + byte, 0);
  }

  bigint(length: number): bigint {
    return bytesToBigint(this.raw(length));
  }

  shortBigint(): bigint {
    return this.bigint(this.number(1));
  }

  hex(length: number): Hex {
    return bytesToHex(this.raw(length));
  }

  raw(length: number): Uint8Array {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new RollupError('Bytes end too early', { facts: { expected: end, actual: this.#bytes.length } });
    const bytes = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }
}
