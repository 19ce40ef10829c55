import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { RollupError } from '../../base/errors.ts';

/** Bytes of each section of a Groth16 `.zkey`, from section 1 on. */
export type SectionSizes = readonly number[];

const FILE_VERSION = 1;
const FILE_HEAD = 12;
const SECTION_HEAD = 12;

/** A zkey's first sections, from which its verifying key is made. */
export const VERIFYING_SECTIONS = 3;

/** Where the bytes of each section start: iden3's container is magic, version, count, then (id, size, bytes) for each section. */
export function sectionOffsets(sizes: SectionSizes): number[] {
  let at = FILE_HEAD;
  return sizes.map((size) => {
    const start = at + SECTION_HEAD;
    at = start + size;
    return start;
  });
}

/** Makes the file with the heads of its sections; their bytes are written in any order, by several threads. */
export function createZkey(path: string, sizes: SectionSizes): void {
  const file = openSync(path, 'w');
  try {
    writeAt(file, joinBytes(Buffer.from('zkey', 'latin1'), u32(FILE_VERSION), u32(sizes.length)), 0);
    sectionOffsets(sizes).forEach((start, i) => {
      const head = Buffer.alloc(SECTION_HEAD);
      head.writeUInt32LE(i + 1, 0);
      head.writeBigUInt64LE(BigInt(sizes[i]!), 4);
      writeAt(file, head, start - SECTION_HEAD);
    });
  } finally {
    closeSync(file);
  }
}

/** @param file descriptor of a file that is open for writing */
export function writeAt(file: number, bytes: Uint8Array, position: number): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, bytes.length - at, position + at);
}

/**
 * The first sections of a zkey as a zkey of its own: the others may be larger than memory.
 * @throws RollupError when the file is not a zkey whose first sections are these
 */
export function readFirstSections(path: string, count: number): Buffer {
  const file = openSync(path, 'r');
  try {
    const read = (length: number, position: number): Buffer => {
      const bytes = Buffer.alloc(length);
      for (let at = 0; at < length; ) {
        const got = readSync(file, bytes, at, length - at, position + at);
        if (got === 0) throw new RollupError(`${path} is not a proving key`, { facts: { problem: 'it is cut off' }, hint: 'Run `npm run circuit -- build --force`.' });
        at += got;
      }
      return bytes;
    };
    const head = read(FILE_HEAD, 0);
    if (head.toString('latin1', 0, 4) !== 'zkey') throw new RollupError(`${path} is not a proving key`, { facts: { problem: 'it does not start with "zkey"' } });
    let end = FILE_HEAD;
    for (let id = 1; id <= count; id++) {
      const section = read(SECTION_HEAD, end);
      if (section.readUInt32LE(0) !== id) throw new RollupError(`${path} has its sections in another order`, { facts: { expected: id, actual: section.readUInt32LE(0) } });
      end += SECTION_HEAD + Number(section.readBigUInt64LE(4));
    }
    const sections = read(end, 0);
    sections.writeUInt32LE(count, 8);
    return sections;
  } finally {
    closeSync(file);
  }
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
