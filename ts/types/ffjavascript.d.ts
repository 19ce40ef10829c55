/** The part of ffjavascript that this project uses. Field elements and points are byte arrays in Montgomery form, little-endian. */
declare module 'ffjavascript' {
  export type Bytes = Uint8Array<ArrayBufferLike>;

  export interface RandomSource {
    nextU32(): number;
    nextU64(): bigint;
    nextBool(): boolean;
  }

  export class ChaCha implements RandomSource {
    /** @param seed eight 32-bit words */
    constructor(seed: readonly number[]);
    nextU32(): number;
    nextU64(): bigint;
    nextBool(): boolean;
  }

  export interface Field {
    readonly n8: number;
    readonly zero: Bytes;
    readonly one: Bytes;
    /** Roots of unity: `w[k]` has order 2^k. */
    readonly w: Bytes[];
    e(value: bigint | number | string | Bytes): Bytes;
    add(a: Bytes, b: Bytes): Bytes;
    sub(a: Bytes, b: Bytes): Bytes;
    mul(a: Bytes, b: Bytes): Bytes;
    neg(a: Bytes): Bytes;
    inv(a: Bytes): Bytes;
    eq(a: Bytes, b: Bytes): boolean;
    fromRng(random: RandomSource): Bytes;
    toObject(a: Bytes): bigint;
    fromObject(value: bigint): Bytes;
    toRprLE(buffer: Bytes, offset: number, a: Bytes): void;
    fromRprLE(buffer: Bytes, offset: number): Bytes;
  }

  export interface Group {
    readonly F: { readonly n8: number };
    /** Generator. */
    readonly g: Bytes;
    readonly zero: Bytes;
    readonly zeroAffine: Bytes;
    add(a: Bytes, b: Bytes): Bytes;
    neg(a: Bytes): Bytes;
    eq(a: Bytes, b: Bytes): boolean;
    isZero(a: Bytes): boolean;
    timesFr(point: Bytes, scalar: Bytes): Bytes;
    timesScalar(point: Bytes, scalar: bigint | number): Bytes;
    toAffine(point: Bytes): Bytes;
    fromRng(random: RandomSource): Bytes;
    /** Affine coordinates; in G2 each is [real, imaginary]. */
    toObject(point: Bytes): unknown[];
    toRprLEM(buffer: Bytes, offset: number, point: Bytes): void;
    fromRprLEM(buffer: Bytes, offset?: number): Bytes;
    toRprUncompressed(buffer: Bytes, offset: number, point: Bytes): void;
    batchLEMtoU(points: Bytes): Promise<Bytes>;
  }

  export type WasmFunction = (...pointersAndLengths: number[]) => number;

  export interface WasmMemory {
    readonly buffer: ArrayBuffer;
    /** @returns the number of 64 KiB pages before */
    grow(pages: number): number;
  }

  export interface ThreadManager {
    readonly memory: WasmMemory;
    readonly instance: { readonly exports: Record<string, WasmFunction> };
    readonly u32: Uint32Array;
    readonly pG1gen: number;
    readonly pG2gen: number;
  }

  export interface Curve {
    readonly name: string;
    readonly q: bigint;
    readonly r: bigint;
    readonly Fr: Field;
    readonly G1: Group;
    readonly G2: Group;
    readonly tm: ThreadManager;
    terminate(): Promise<void>;
  }

  export function buildBn128(singleThread?: boolean): Promise<Curve>;
}
