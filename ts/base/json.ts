/** JSON in which a bigint is written as `{"$bigint": "…"}`, so that what is written can be read back as it was. */
export function stringify(value: unknown, space?: number): string {
  return JSON.stringify(value, (_, v: unknown) => (typeof v === 'bigint' ? { $bigint: v.toString() } : v), space);
}

export function parse<T>(text: string): T {
  return JSON.parse(text, (_, v: unknown) => {
    if (typeof v === 'object' && v !== null && '$bigint' in v && typeof v.$bigint === 'string') return BigInt(v.$bigint);
    return v;
  }) as T;
}

/** JSON for people and other programs: bigints as decimal strings. */
export function stringifyPlain(value: unknown, space?: number): string {
  return JSON.stringify(value, (_, v: unknown) => (typeof v === 'bigint' ? v.toString() : v), space);
}
