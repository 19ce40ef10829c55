/** The part of circomlibjs that this project uses. Field elements are byte arrays in Montgomery form unless said otherwise. */
declare module 'circomlibjs' {
  type Bytes = Uint8Array;
  type Point = [Bytes, Bytes];

  export interface WasmField {
    readonly n8: number;
    readonly p: bigint;
    readonly zero: Bytes;
    readonly one: Bytes;
    readonly tm: unknown;
    e(value: bigint | number | string | Bytes): Bytes;
    add(a: Bytes, b: Bytes): Bytes;
    sub(a: Bytes, b: Bytes): Bytes;
    mul(a: Bytes, b: Bytes): Bytes;
    div(a: Bytes, b: Bytes): Bytes;
    square(a: Bytes): Bytes;
    neg(a: Bytes): Bytes;
    inv(a: Bytes): Bytes;
    eq(a: Bytes, b: Bytes): boolean;
    isZero(a: Bytes): boolean;
    toObject(a: Bytes): bigint;
    fromObject(value: bigint): Bytes;
    toString(a: Bytes, radix?: number): string;
    toRprLE(buffer: Bytes, offset: number, a: Bytes): void;
    fromRprLE(buffer: Bytes, offset?: number): Bytes;
    toMontgomery(a: Bytes): Bytes;
    fromMontgomery(a: Bytes): Bytes;
  }

  /** Hash of up to 16 inputs with an initial state (default 0); `outputs` > 1 gives an array. */
  export interface Poseidon {
    (inputs: readonly (bigint | Bytes)[] | Bytes, initialState?: bigint | Bytes | number, outputs?: 1): Bytes;
    (inputs: readonly (bigint | Bytes)[] | Bytes, initialState: bigint | Bytes | number, outputs: number): Bytes[];
    readonly F: WasmField;
  }

  export interface BabyJub {
    readonly F: WasmField;
    readonly p: bigint;
    readonly order: bigint;
    readonly subOrder: bigint;
    readonly Generator: Point;
    readonly Base8: Point;
    readonly A: Bytes;
    readonly D: Bytes;
    addPoint(a: Point, b: Point): Point;
    mulPointEscalar(base: Point, scalar: bigint | Bytes): Point;
    inSubgroup(point: Point): boolean;
    inCurve(point: Point): boolean;
    packPoint(point: Point): Bytes;
    unpackPoint(bytes: Bytes): Point | null;
  }

  export interface EddsaSignature {
    R8: Point;
    S: bigint;
  }

  export interface Eddsa {
    readonly F: WasmField;
    readonly babyJub: BabyJub;
    readonly poseidon: Poseidon;
    pruneBuffer(buffer: Bytes): Bytes;
    prv2pub(privateKey: Bytes): Point;
    signPoseidon(privateKey: Bytes, message: Bytes): EddsaSignature;
    verifyPoseidon(message: Bytes, signature: EddsaSignature, publicKey: Point): boolean;
  }

  export function buildPoseidon(): Promise<Poseidon>;
  export function buildPoseidonWasm(): Promise<Poseidon>;
  export function buildPoseidonReference(): Promise<Poseidon>;
  export function buildBabyjub(): Promise<BabyJub>;
  export function buildEddsa(): Promise<Eddsa>;
}
