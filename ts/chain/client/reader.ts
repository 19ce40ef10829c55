import { isAddress, isHex, type Address, type Hex } from 'viem';

import { RollupError } from '../../base/errors.ts';

/** Reads untrusted JSON field by field; what does not have the expected form is an error that names its place. */
export class Reader {
  private readonly value: unknown;
  private readonly place: string;

  constructor(value: unknown, place: string) {
    this.value = value;
    this.place = place;
  }

  field(name: string): Reader {
    const { value } = this;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return this.fail('an object');
    return new Reader((value as Record<string, unknown>)[name], `${this.place}.${name}`);
  }

  array(): Reader[] {
    if (!Array.isArray(this.value)) return this.fail('an array');
    return this.value.map((item: unknown, i) => new Reader(item, `${this.place}[${i}]`));
  }

  record(): Record<string, unknown> {
    const { value } = this;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return this.fail('an object');
    return value as Record<string, unknown>;
  }

  text(): string {
    return typeof this.value === 'string' ? this.value : this.fail('a string');
  }

  boolean(): boolean {
    return typeof this.value === 'boolean' ? this.value : this.fail('true or false');
  }

  integer(): number {
    const value = typeof this.value === 'string' && /^\d+$/.test(this.value) ? Number(this.value) : this.value;
    return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : this.fail('a whole number');
  }

  bigint(): bigint {
    const { value } = this;
    if (typeof value === 'string' && /^(\d+|0x[0-9a-fA-F]+)$/.test(value)) return BigInt(value);
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return BigInt(value);
    return this.fail('a decimal string');
  }

  address(): Address {
    return typeof this.value === 'string' && isAddress(this.value, { strict: false }) ? this.value : this.fail('an address');
  }

  hash(): Hex {
    return isHex(this.value) && this.value.length === 66 ? this.value : this.fail('a 32-byte hash');
  }

  oneOf<T extends string>(values: readonly T[]): T {
    const found = values.find((value) => value === this.value);
    return found ?? this.fail(`one of ${values.join(', ')}`);
  }

  /** undefined when the field is missing or null */
  optional(): Reader | undefined {
    return this.value === undefined || this.value === null ? undefined : this;
  }

  private fail(expected: string): never {
    const actual = this.value === undefined ? 'nothing' : JSON.stringify(this.value)?.slice(0, 120);
    throw new RollupError('The sequencer answered something unexpected', {
      facts: { at: this.place, expected, actual },
      hint: 'Check that the client and the sequencer are of the same version.',
    });
  }
}
