/** The part of WebAssembly's JavaScript interface that this project uses; Node's types leave it to the DOM library. */
declare namespace WebAssembly {
  interface Memory {
    readonly buffer: ArrayBuffer;
  }
  interface Instance {
    readonly exports: Record<string, unknown>;
  }
  function instantiate(program: Uint8Array, imports: Record<string, Record<string, unknown>>): Promise<{ instance: Instance }>;
}
