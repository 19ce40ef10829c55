/** The part of snarkjs that this project uses. Files are paths or `{ type: 'mem' }` objects, which calls fill with `data`. */
declare module 'snarkjs' {
  export interface MemoryFile {
    type: 'mem';
    data?: Uint8Array;
  }
  export type File = string | Uint8Array | MemoryFile;

  export interface Logger {
    debug(message: string): void;
    info(message: string): void;
    warn(message: string): void;
    error(message: string): void;
    log?(message: string): void;
  }

  /** Decimal strings; points are projective with z = 1, G2 coordinates are [real, imaginary]. */
  export interface Groth16Proof {
    pi_a: [string, string, string];
    pi_b: [[string, string], [string, string], [string, string]];
    pi_c: [string, string, string];
    protocol: 'groth16';
    curve: 'bn128';
  }

  export interface Groth16VerificationKey {
    protocol: 'groth16';
    curve: 'bn128';
    nPublic: number;
    vk_alpha_1: [string, string, string];
    vk_beta_2: [[string, string], [string, string], [string, string]];
    vk_gamma_2: [[string, string], [string, string], [string, string]];
    vk_delta_2: [[string, string], [string, string], [string, string]];
    vk_alphabeta_12: string[][][];
    IC: [string, string, string][];
  }

  export namespace groth16 {
    function prove(
      zkey: File,
      witness: File,
      logger?: Logger,
      options?: { singleThread?: boolean },
    ): Promise<{ proof: Groth16Proof; publicSignals: string[] }>;
    function verify(key: Groth16VerificationKey, publicSignals: readonly string[], proof: Groth16Proof, logger?: Logger): Promise<boolean>;
  }

  export namespace wtns {
    function calculate(signals: object, wasm: File, witness: File): Promise<void>;
    function check(r1cs: File, witness: File, logger?: Logger): Promise<boolean>;
  }

  export namespace zKey {
    function newZKey(r1cs: File, ptau: File, zkey: File, logger?: Logger): Promise<Uint8Array | -1>;
    /** False (and a line in the logger) when an argument is bad. */
    function beacon(old: File, out: File, name: string, beacon: string, iterationsExponent: number, logger?: Logger): Promise<Uint8Array | false>;
    /** @returns the contribution's hash */
    function contribute(old: File, out: File, name: string, entropy: string, logger?: Logger): Promise<Uint8Array>;
    /** Some refusals are lines on the console. */
    function verifyFromInit(init: File, ptau: File, zkey: File, logger?: Logger): Promise<boolean>;
    function verifyFromR1cs(r1cs: File, ptau: File, zkey: File, logger?: Logger): Promise<boolean>;
    function exportVerificationKey(zkey: File, logger?: Logger): Promise<Groth16VerificationKey>;
    function exportSolidityVerifier(zkey: File, templates: { groth16: string }, logger?: Logger): Promise<string>;
  }

  export namespace powersOfTau {
    function newAccumulator(curve: import('ffjavascript').Curve, power: number, out: File, logger?: Logger): Promise<Uint8Array>;
    /** False (and a line in the logger) when an argument is bad. */
    function beacon(old: File, out: File, name: string, beacon: string, iterationsExponent: number, logger?: Logger): Promise<Uint8Array | false | undefined>;
    function contribute(old: File, out: File, name: string, entropy: string, logger?: Logger): Promise<Uint8Array>;
    function verify(ptau: File, logger?: Logger): Promise<boolean>;
    function preparePhase2(old: File, out: File, logger?: Logger): Promise<void>;
  }

  export namespace curves {
    function getCurveFromName(name: 'bn128' | 'bls12381', options?: { singleThread?: boolean }): Promise<import('ffjavascript').Curve>;
  }
}
