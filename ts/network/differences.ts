/** Where two values of JSON differ. */
export interface Difference {
  /** E.g. `config.chains[1].chainId`. */
  path: string;
  expected: string;
  actual: string;
}

/** Every place at which two values differ, in the order of the first. */
export function differences(expected: unknown, actual: unknown, path = ''): Difference[] {
  if (Array.isArray(expected) && Array.isArray(actual)) {
    const places = Array.from({ length: Math.max(expected.length, actual.length) }, (_, i) => i);
    return places.flatMap((i) => differences(expected[i], actual[i], `${path}[${i}]`));
  }
  if (isObject(expected) && isObject(actual)) {
    return [...new Set([...Object.keys(expected), ...Object.keys(actual)])].flatMap((key) => differences(expected[key], actual[key], path === '' ? key : `${path}.${key}`));
  }
  return expected === actual ? [] : [{ path, expected: show(expected), actual: show(actual) }];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = typeof value === 'object' ? JSON.stringify(value, (_, one: unknown) => (typeof one === 'bigint' ? String(one) : one)) : String(value);
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
