/** A worker's peak memory by measurement: some 250 MB and 4.2 bytes for each byte of the key. */
const BASE_FOOTPRINT = 250e6;
const FOOTPRINT_PER_KEY_BYTE = 4.2;

/** How much memory proofs need: by the size of the key until one has been made, by what was measured then. */
export class MemoryBudget {
  readonly cap: number;
  readonly #measured = new Map<string, number>();

  /** @param cap bytes of all workers together */
  constructor(cap: number) {
    this.cap = cap;
  }

  /** Peak bytes of a worker that proves with a key. */
  footprintOf(zkey: string, zkeyBytes: number): number {
    return this.#measured.get(zkey) ?? BASE_FOOTPRINT + FOOTPRINT_PER_KEY_BYTE * zkeyBytes;
  }

  /** @param peakBytes of the worker since it was started, so a larger proof before this one counts too */
  note(zkey: string, peakBytes: number): void {
    this.#measured.set(zkey, Math.max(peakBytes, this.#measured.get(zkey) ?? 0));
  }
}
