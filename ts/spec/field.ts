import { RollupError } from '../base/errors.ts';

/** Order of BN254's scalar field: the `p` of src/FORMATS.md. */
export const FIELD = 21888242871839275222246405745257275088548364400416034343698204186575808495617n;

export function isFieldElement(value: bigint): boolean {
  return value >= 0n && value < FIELD;
}

/** @throws RollupError that names the value when it is not a canonical field element */
export function assertField(value: bigint, name: string): bigint {
  if (!isFieldElement(value)) throw new RollupError(`${name} is not a field element`, { facts: { [name]: value, field: FIELD } });
  return value;
}

export function modField(value: bigint): bigint {
  const rest = value % FIELD;
  return rest < 0n ? rest + FIELD : rest;
}

/** `Σ words[k] · r^k` in the field. */
export function evaluateWords(words: readonly bigint[], r: bigint): bigint {
  let sum = 0n;
  for (let k = words.length - 1; k >= 0; k--) sum = (sum * r + (words[k] ?? 0n)) % FIELD;
  return sum;
}

/** One integer of several bit fields, the first one in the most significant place: the `a | b` of src/FORMATS.md. */
export function pack(fields: readonly (readonly [value: bigint, bits: number])[]): bigint {
  let packed = 0n;
  for (const [value, bits] of fields) {
    if (value < 0n || value >> BigInt(bits) !== 0n) throw new RollupError('Value does not fit its bits', { facts: { value, bits } });
    packed = (packed << BigInt(bits)) | value;
  }
  return packed;
}
