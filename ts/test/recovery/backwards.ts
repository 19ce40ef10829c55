import { concatBytes, bigintToBytes, bytesToHex, hexToBytes, type Hex } from '../../spec/hex.ts';

/**
 * Writes arguments of a call so that every offset leads backwards: each value stands before what points to it. Contracts read that like any other
 * calldata. Places count from the begin of the arguments.
 */
export class Backwards {
  readonly #parts: Uint8Array[] = [];
  #next: number;

  /** @param head bytes of the arguments' head, which is written last */
  constructor(head: number) {
    this.#next = head;
  }

  words(words: readonly bigint[]): number {
    return this.#append(words.map((word) => bigintToBytes(BigInt.asUintN(256, word), 32)));
  }

  bytes(data: Hex): number {
    const bytes = hexToBytes(data);
    return this.#append([bigintToBytes(BigInt(bytes.length), 32), bytes, new Uint8Array((32 - (bytes.length % 32)) % 32)]);
  }

  /** @param places of the dynamic components, which stand last */
  tuple(words: readonly bigint[], places: readonly number[]): number {
    return this.words([...words, ...places.map((place) => BigInt(place - this.#next))]);
  }

  /** Of dynamic elements. */
  array(places: readonly number[]): number {
    const start = this.#next + 32;
    return this.words([BigInt(places.length), ...places.map((place) => BigInt(place - start))]);
  }

  calldata(selector: Hex, head: readonly bigint[]): Hex {
    return bytesToHex(concatBytes([hexToBytes(selector), ...head.map((word) => bigintToBytes(word, 32)), ...this.#parts]));
  }

  #append(parts: readonly Uint8Array[]): number {
    const at = this.#next;
    for (const part of parts) {
      this.#parts.push(part);
      this.#next += part.length;
    }
    return at;
  }
}
