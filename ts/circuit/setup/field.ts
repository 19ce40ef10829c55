/** Order of BN254's scalar field. */
export const R = 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001n;

/** Bytes of a field element. */
export const N8 = 32;

/** Montgomery radix 2^256 to a power, mod R: coefficients in a zkey are stored multiplied by its square. */
export function radixPower(exponent: number): bigint {
  return (1n << BigInt(256 * exponent)) % R;
}

export function mod(a: bigint): bigint {
  const rest = a % R;
  return rest < 0n ? rest + R : rest;
}

export function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let b = base, e = exponent; e > 0n; e >>= 1n, b = (b * b) % R) if (e & 1n) result = (result * b) % R;
  return result;
}

/** @throws RangeError for 0 */
export function inverse(a: bigint): bigint {
  if (mod(a) === 0n) throw new RangeError('0 has no inverse');
  return power(mod(a), R - 2n);
}

export function readElement(view: DataView, offset: number): bigint {
  return (
    view.getBigUint64(offset, true) |
    (view.getBigUint64(offset + 8, true) << 64n) |
    (view.getBigUint64(offset + 16, true) << 128n) |
    (view.getBigUint64(offset + 24, true) << 192n)
  );
}

export function writeElement(view: DataView, offset: number, value: bigint): void {
  for (let i = 0; i < 4; i++) view.setBigUint64(offset + 8 * i, BigInt.asUintN(64, value >> BigInt(64 * i)), true);
}
