import { createHash } from 'node:crypto';
import { closeSync, createReadStream, fstatSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import type { File } from 'snarkjs';
import { RollupError } from '../../base/errors.ts';

/** Where a section's bytes are. */
export interface Section {
  start: number;
  size: number;
}

/** A file in iden3's container (`.ptau`, `.zkey`, `.r1cs`): magic, version, count, then (id, size, bytes) for each section. */
export interface BinaryFile {
  path: string;
  bytes: number;
  sections: ReadonlyMap<number, Section>;
  /** @throws RollupError when the section is missing or shorter */
  read(id: number, size?: number): Buffer;
}

/** Larger sections than this are never read whole here. */
const LARGEST_READ = 2 ** 24;

/** Reads the table of sections. @throws RollupError when the file is of another kind, cut off, or has a section twice */
export function readBinaryFile(path: string, magic: 'ptau' | 'zkey' | 'r1cs'): BinaryFile {
  const fail = (what: string, facts: Record<string, unknown> = {}): RollupError =>
    new RollupError(`${path} ${what}`, { facts, hint: 'Get the file again from where it is published and compare its hash.' });
  const bytes = withFile(path, (file) => fstatSync(file).size);
  const at = (start: number, size: number): Buffer => {
    if (start + size > bytes) throw fail('is cut off', { expected: `at least ${start + size} bytes`, actual: `${bytes} bytes` });
    return withFile(path, (file) => {
      const buffer = Buffer.alloc(size);
      for (let done = 0; done < size; ) done += readSync(file, buffer, done, size - done, start + done);
      return buffer;
    });
  };
  const head = bytes < 12 ? Buffer.alloc(12) : at(0, 12);
  const actual = head.toString('latin1', 0, 4);
  if (actual !== magic) throw fail(`is not a .${magic} file`, { expected: magic, actual: JSON.stringify(actual) });
  const sections = new Map<number, Section>();
  let position = 12;
  for (let i = 0; i < head.readUInt32LE(8); i++) {
    const entry = at(position, 12);
    const id = entry.readUInt32LE(0);
    const size = Number(entry.readBigUInt64LE(4));
    if (sections.has(id)) throw fail(`has section ${id} twice`);
    if (position + 12 + size > bytes) throw fail('is cut off', { expected: `at least ${position + 12 + size} bytes`, actual: `${bytes} bytes` });
    sections.set(id, { start: position + 12, size });
    position += 12 + size;
  }
  if (position !== bytes) throw fail('has bytes after its last section', { expected: `${position} bytes`, actual: `${bytes} bytes` });
  return {
    path,
    bytes,
    sections,
    read(id, size) {
      const section = sections.get(id);
      if (!section) throw fail(`has no section ${id}`);
      const wanted = size ?? section.size;
      if (wanted > section.size || wanted > LARGEST_READ) throw fail(`has a section ${id} of an unexpected size`, { expected: wanted, actual: section.size });
      return at(section.start, wanted);
    },
  };
}

/** Above this a file is read from disk as it is needed. */
const LARGEST_IN_MEMORY = 2 ** 30;

/** A file for snarkjs to read. From memory if it fits, because snarkjs leaves many files open. */
export function inMemory(path: string): File {
  return statSync(path).size > LARGEST_IN_MEMORY ? path : { type: 'mem', data: readFileSync(path) };
}

/** 128 hex digits: the hash that people publish for `.ptau` files (`b2sum`). */
export async function blake2bOfFile(path: string): Promise<string> {
  const hash = createHash('blake2b512');
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** Reads a container's fields one after another. */
export class Fields {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  u32(): number {
    return this.bytes(4).readUInt32LE(0);
  }

  bytes(size: number): Buffer {
    if (size > this.left) throw new RollupError('a section ends too early', { facts: { expected: size, actual: this.left } });
    const taken = this.#bytes.subarray(this.#at, this.#at + size);
    this.#at += size;
    return taken;
  }
}

/** Who made a contribution, as `.ptau` and `.zkey` files carry it. */
export interface ContributionLabel {
  kind: 'contribution' | 'beacon';
  name: string;
  /** Hex, and the exponent of the number of hashes; beacons only. */
  beacon?: string;
  iterations?: number;
}

/** Type word and parameters at the end of a contribution's record. */
export function readLabel(fields: Fields): ContributionLabel {
  const kind = fields.u32() === 1 ? 'beacon' : 'contribution';
  const parameters = new Fields(fields.bytes(fields.u32()));
  let name = '';
  let beacon: string | undefined;
  let iterations: number | undefined;
  while (parameters.left > 0) {
    const [type = 0] = parameters.bytes(1);
    if (type === 2) [iterations] = parameters.bytes(1);
    else {
      const [size = 0] = parameters.bytes(1);
      const value = parameters.bytes(size);
      if (type === 1) name = value.toString('utf8');
      else if (type === 3) beacon = value.toString('hex');
      else throw new RollupError('a contribution has an unknown parameter', { facts: { type } });
    }
  }
  return { kind, name, ...(beacon === undefined ? {} : { beacon }), ...(iterations === undefined ? {} : { iterations }) };
}

function withFile<T>(path: string, use: (file: number) => T): T {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (cause) {
    throw new RollupError(`${path} cannot be read`, { cause });
  }
  try {
    return use(file);
  } finally {
    closeSync(file);
  }
}
