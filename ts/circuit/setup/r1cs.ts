import { readFileSync } from 'node:fs';
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

export interface R1cs {
  header: R1csHeader;
  /** Calls back for each non-zero coefficient in file order: constraint by constraint, A then B then C. */
  forEachCoefficient(visit: (matrix: number, constraint: number, wire: number, value: bigint) => void): void;
}

/** @throws RollupError when the file is not an r1cs over BN254 */
export function readR1cs(path: string): R1cs {
  const file = readFileSync(path);
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const bad = (what: string): RollupError => new RollupError(`${path}: ${what}`, { hint: 'Run `npm run circuit -- build --force`.' });
  if (file.byteLength < 12 || file.toString('latin1', 0, 4) !== 'r1cs') throw bad('not an r1cs file');
  const sections = new Map<number, { start: number; size: number }>();
  for (let at = 12; at + 12 <= file.byteLength; ) {
    const size = Number(view.getBigUint64(at + 4, true));
    sections.set(view.getUint32(at, true), { start: at + 12, size });
    at += 12 + size;
  }
  const head = sections.get(1);
  const body = sections.get(2);
  if (!head || !body || body.start + body.size > file.byteLength) throw bad('header or constraints are missing or cut off');
  if (view.getUint32(head.start, true) !== N8 || readElement(view, head.start + 4) !== R) throw bad('not over the BN254 scalar field');
  const at = head.start + 4 + N8;
  const header: R1csHeader = {
    wires: view.getUint32(at, true),
    outputs: view.getUint32(at + 4, true),
    publicInputs: view.getUint32(at + 8, true),
    privateInputs: view.getUint32(at + 12, true),
    labels: Number(view.getBigUint64(at + 16, true)),
    constraints: view.getUint32(at + 24, true),
  };
  return {
    header,
    forEachCoefficient(visit) {
      let position = body.start;
      for (let constraint = 0; constraint < header.constraints; constraint++) {
        for (let matrix = MATRIX_A; matrix <= MATRIX_C; matrix++) {
          const count = view.getUint32(position, true);
          position += 4;
          for (let i = 0; i < count; i++, position += 4 + N8) {
            visit(matrix, constraint, view.getUint32(position, true), readElement(view, position + 4));
          }
        }
      }
      if (position !== body.start + body.size) throw bad('constraints do not fill their section');
    },
  };
}
