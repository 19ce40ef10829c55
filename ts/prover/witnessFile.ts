import { FIELD } from '../spec/field.ts';

const FIELD_BYTES = 32;
const VERSION = 2;
const SECTION_HEADER = 12;

/** A witness in iden3's `.wtns` format: what snarkjs and rapidsnark take. */
export function witnessFile(witness: readonly bigint[]): Uint8Array {
  const head = 4 + FIELD_BYTES + 4;
  const bytes = new Uint8Array(12 + SECTION_HEADER + head + SECTION_HEADER + witness.length * FIELD_BYTES);
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode('wtns'));
  view.setUint32(4, VERSION, true);
  view.setUint32(8, 2, true); // sections
  let at = 12;
  const section = (id: number, size: number): void => {
    view.setUint32(at, id, true);
    view.setBigUint64(at + 4, BigInt(size), true);
    at += SECTION_HEADER;
  };
  const element = (value: bigint): void => {
    for (let i = 0; i < 4; i++) view.setBigUint64(at + 8 * i, BigInt.asUintN(64, value >> BigInt(64 * i)), true);
    at += FIELD_BYTES;
  };
  section(1, head);
  view.setUint32(at, FIELD_BYTES, true);
  at += 4;
  element(FIELD);
  view.setUint32(at, witness.length, true);
  at += 4;
  section(2, witness.length * FIELD_BYTES);
  witness.forEach(element);
  return bytes;
}
