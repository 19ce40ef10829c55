import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { RollupError } from '../../base/errors.ts';
import { N8, R, readElement } from './field.ts';

/** Header of circom's `.r1cs` (binary format version 1). */
export interface R1csHeader {
  wires: number;
  outputs: number;
  publicInputs: number;
  privateInputs: number;
  labels: number;
  constraints: number;
}

/** Which of the three linear combinations of a constraint a coefficient stands in: A·B = C. */
export const MATRIX_A = 0;
export const MATRIX_B = 1;
export const MATRIX_C = 2;

/** Bytes of a coefficient: wire, value. */
export const COEFFICIENT_BYTES = 4 + N8;

export interface R1cs {
  header: R1csHeader;
  /** Calls back for each non-zero coefficient in file order: constraint by constraint, A then B then C. */
  forEachCoefficient(visit: (matrix: number, constraint: number, wire: number, value: bigint) => void): void;
}

/** Consecutive constraints of a file. */
export interface R1csBlock {
  /** Where their bytes are. */
  offset: number;
  bytes: number;
  firstConstraint: number;
  constraints: number;
  /** Coefficients of A and B in all blocks before, and in this one. */
  firstCoefficient: number;
  coefficients: number;
}

export interface R1csBlocks {
  header: R1csHeader;
  blocks: R1csBlock[];
  /** Coefficients of A and B. */
  coefficients: number;
}

/** Default size of a block. It ends with the constraint that fills it, so it is longer by at most one constraint. */
const BLOCK_BYTES = 2 ** 20;

/** Bytes that are read at a time to find where constraints end. */
const WINDOW_BYTES = 2 ** 22;

const HEADER_BYTES = 4 + N8 + 28;

/** Reads all of the file. @throws RollupError when it is not an r1cs over BN254 */
export function readR1cs(path: string): R1cs {
  const file = readFileSync(path);
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const { header, start, size } = findSections(path, file.byteLength, (offset, length) => view.buffer.slice(view.byteOffset + offset, view.byteOffset + offset + length));
  return {
    header,
    forEachCoefficient(visit) {
      let position = start;
      for (let constraint = 0; constraint < header.constraints; constraint++) {
        for (let matrix = MATRIX_A; matrix <= MATRIX_C; matrix++) {
          const count = view.getUint32(position, true);
          position += 4;
          for (let i = 0; i < count; i++, position += COEFFICIENT_BYTES) {
            visit(matrix, constraint, view.getUint32(position, true), readElement(view, position + 4));
          }
        }
      }
      if (position !== start + size) throw damaged(path, 'constraints do not fill their section');
    },
  };
}

/** Cuts the constraints into blocks and keeps none of them. @throws RollupError when the file is not an r1cs over BN254 */
export function readR1csBlocks(path: string, blockBytes: number = BLOCK_BYTES): R1csBlocks {
  const file = openSync(path, 'r');
  try {
    const read = (offset: number, length: number): ArrayBuffer => {
      const bytes = new Uint8Array(length);
      for (let at = 0; at < length; ) {
        const count = readSync(file, bytes, at, length - at, offset + at);
        if (count === 0) throw damaged(path, 'it is cut off');
        at += count;
      }
      return bytes.buffer;
    };
    const { header, start, size } = findSections(path, fstatSync(file).size, read);
    const end = start + size;
    let windowStart = start;
    let window = new DataView(read(start, Math.min(WINDOW_BYTES, size)));
    const readCount = (position: number): number => {
      if (position + 4 > end) throw damaged(path, 'constraints do not fill their section');
      if (position + 4 > windowStart + window.byteLength) {
        windowStart = position;
        window = new DataView(read(position, Math.min(WINDOW_BYTES, end - position)));
      }
      return window.getUint32(position - windowStart, true);
    };

    const blocks: R1csBlock[] = [];
    let block: R1csBlock = { offset: start, bytes: 0, firstConstraint: 0, constraints: 0, firstCoefficient: 0, coefficients: 0 };
    let position = start;
    for (let constraint = 0; constraint < header.constraints; constraint++) {
      for (let matrix = MATRIX_A; matrix <= MATRIX_C; matrix++) {
        const count = readCount(position);
        position += 4 + count * COEFFICIENT_BYTES;
        if (matrix !== MATRIX_C) block.coefficients += count;
      }
      block.constraints++;
      block.bytes = position - block.offset;
      if (block.bytes < blockBytes && constraint + 1 < header.constraints) continue;
      blocks.push(block);
      block = {
        offset: position,
        bytes: 0,
        firstConstraint: constraint + 1,
        constraints: 0,
        firstCoefficient: block.firstCoefficient + block.coefficients,
        coefficients: 0,
      };
    }
    if (position !== end) throw damaged(path, 'constraints do not fill their section');
    return { header, blocks, coefficients: block.firstCoefficient };
  } finally {
    closeSync(file);
  }
}

function findSections(path: string, fileSize: number, read: (offset: number, length: number) => ArrayBuffer): { header: R1csHeader; start: number; size: number } {
  const magic = fileSize < 12 ? '' : Buffer.from(read(0, 4)).toString('latin1');
  if (magic !== 'r1cs') throw damaged(path, 'not an r1cs file');
  const sections = new Map<number, { start: number; size: number }>();
  for (let at = 12; at + 12 <= fileSize; ) {
    const head = new DataView(read(at, 12));
    const size = Number(head.getBigUint64(4, true));
    sections.set(head.getUint32(0, true), { start: at + 12, size });
    at += 12 + size;
  }
  const head = sections.get(1);
  const body = sections.get(2);
  if (!head || !body || head.size < HEADER_BYTES || body.start + body.size > fileSize || head.start + head.size > fileSize) {
    throw damaged(path, 'header or constraints are missing or cut off');
  }
  const view = new DataView(read(head.start, HEADER_BYTES));
  if (view.getUint32(0, true) !== N8 || readElement(view, 4) !== R) throw damaged(path, 'not over the BN254 scalar field');
  const at = 4 + N8;
  return {
    ...body,
    header: {
      wires: view.getUint32(at, true),
      outputs: view.getUint32(at + 4, true),
      publicInputs: view.getUint32(at + 8, true),
      privateInputs: view.getUint32(at + 12, true),
      labels: Number(view.getBigUint64(at + 16, true)),
      constraints: view.getUint32(at + 24, true),
    },
  };
}

function damaged(path: string, what: string): RollupError {
  return new RollupError(`${path}: ${what}`, { hint: 'Run `npm run circuit -- build --force`.' });
}
