import { closeSync, openSync, writeSync } from 'node:fs';

/** Sections of a Groth16 `.zkey` in file order. */
export interface ZkeySections {
  1: Uint8Array;
  2: Uint8Array;
  3: Uint8Array;
  4: Uint8Array;
  5: Uint8Array;
  6: Uint8Array;
  7: Uint8Array;
  8: Uint8Array;
  9: Uint8Array;
  10: Uint8Array;
}

const FILE_VERSION = 1;
const SECTION_COUNT = 10;

/** Writes the container that iden3's tools read: magic, version, count, then (id, size, bytes) for each section. */
export function writeZkey(path: string, sections: ZkeySections): void {
  const file = openSync(path, 'w');
  try {
    writeAll(file, joinBytes(Buffer.from('zkey', 'latin1'), u32(FILE_VERSION), u32(SECTION_COUNT)));
    for (const [id, bytes] of Object.entries(sections) as [string, Uint8Array][]) {
      const head = Buffer.alloc(12);
      head.writeUInt32LE(Number(id), 0);
      head.writeBigUInt64LE(BigInt(bytes.length), 4);
      writeAll(file, head);
      writeAll(file, bytes);
    }
  } finally {
    closeSync(file);
  }
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, bytes.length - at);
}

/** Little-endian, as everywhere in these files. */
export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

export function joinBytes(...parts: readonly Uint8Array[]): Buffer {
  return Buffer.concat(parts);
}

/** An integer as it stands in headers: little-endian, 32 bytes. */
export function bytes32(value: bigint): Buffer {
  return Buffer.from(value.toString(16).padStart(64, '0'), 'hex').reverse();
}
