import type { Curve, WasmMemory } from 'ffjavascript';

/** What the curve library's own batch functions need behind its heap pointer: one field element per element of a batch. */
const LIBRARY_SCRATCH_BYTES = 2 ** 20;
const PAGE = 2 ** 16;
const ALIGNMENT = 32;

/**
 * Memory inside the curve library's wasm instance, so that its functions work on pointers and no call allocates. It grows the wasm memory,
 * which detaches the library's own view of it: give it a curve that nothing else uses.
 */
export class WasmArena {
  readonly #memory: WasmMemory;
  readonly #start: number;
  #next: number;
  #end: number;

  constructor(curve: Curve) {
    this.#memory = curve.tm.memory;
    this.#start = this.#memory.grow(LIBRARY_SCRATCH_BYTES / PAGE) * PAGE + LIBRARY_SCRATCH_BYTES;
    this.#next = this.#start;
    this.#end = this.#start;
  }

  /** Pointer to so many bytes, aligned; not cleared if they were used before. Every view of the memory must be made anew afterwards. */
  reserve(bytes: number): number {
    const pointer = this.#next;
    this.#next += Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
    if (this.#next > this.#end) {
      const pages = Math.ceil((this.#next - this.#end) / PAGE);
      this.#memory.grow(pages);
      this.#end += pages * PAGE;
    }
    return pointer;
  }

  /** Gives all that was reserved free. */
  clear(): void {
    this.#next = this.#start;
  }

  bytes(pointer: number, length: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#memory.buffer, pointer, length);
  }

  /** All of the memory: index by pointer. */
  words(): Uint32Array {
    return new Uint32Array(this.#memory.buffer);
  }

  view(): DataView {
    return new DataView(this.#memory.buffer);
  }
}
