import { resolve } from 'node:path';

/** Where a value stands, for values whose meaning depends on it. */
export interface Place {
  /** Folder that relative paths start from. */
  folder: string;
}

/** What values of an option are, wherever they come from. */
export interface OptionType<T> {
  /** Stands for the value in the help, e.g. `PORT`; empty for a switch. */
  value: string;
  /** Ends the sentence "It is not …". */
  expected: string;
  /** May be given several times; an environment variable holds all of them, separated by `separator`. */
  separator?: RegExp;
  /** Reads text (flag, environment variable) or a JSON value (file); a list for options that have a separator. @returns undefined when it is not understood */
  read(raw: unknown, place: Place): T | undefined;
  /** As a user would write it. */
  show(value: T): string;
}

export function integer({ minimum = 0, maximum = 2 ** 31, value = 'NUMBER' }: { minimum?: number; maximum?: number; value?: string } = {}): OptionType<number> {
  return {
    value,
    expected: `a whole number from ${minimum} to ${maximum}`,
    read: (raw) => inRange(typeof raw === 'string' && /^\d+$/.test(raw) ? Number(raw) : raw, minimum, maximum),
    show: String,
  };
}

function inRange(number: unknown, minimum: number, maximum: number): number | undefined {
  return Number.isSafeInteger(number) && Number(number) >= minimum && Number(number) <= maximum ? Number(number) : undefined;
}

export const port = integer({ maximum: 65_535, value: 'PORT' });

const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

/** Seconds; text may carry a unit. */
export function seconds(maximum: number): OptionType<number> {
  const amount = (text: string): number => {
    const [, count = '', unit = ''] = /^(\d{1,9})([smhd]?)$/.exec(text) ?? [];
    return count === '' ? Number.NaN : Number(count) * (units[unit] ?? 1);
  };
  return {
    value: 'TIME',
    expected: `a time from 0 to ${maximum} seconds, e.g. 90, 15m, 3h or 2d`,
    read: (raw) => inRange(typeof raw === 'string' ? amount(raw) : raw, 0, maximum),
    show: (value) => `${value}`,
  };
}

const words: Readonly<Record<string, boolean>> = { true: true, false: false, '1': true, '0': false, yes: true, no: false };

/** `--name` and `--no-name`; in the environment true, false, 1, 0, yes or no. */
export const toggle: OptionType<boolean> = {
  value: '',
  expected: 'true or false',
  read: (raw) => (typeof raw === 'boolean' ? raw : typeof raw === 'string' && Object.hasOwn(words, raw) ? words[raw] : undefined),
  show: String,
};

export function choice<const T extends string>(...known: readonly T[]): OptionType<T> {
  return { value: 'NAME', expected: `one of ${known.join(', ')}`, read: (raw) => known.find((candidate) => candidate === raw), show: String };
}

export function text({ value = 'TEXT', expected = 'a text', test = (given: string) => given !== '' }: { value?: string; expected?: string; test?: (given: string) => boolean } = {}): OptionType<string> {
  return { value, expected, read: (raw) => (typeof raw === 'string' && test(raw) ? raw : undefined), show: String };
}

export const url = text({
  value: 'URL',
  expected: 'the URL of a node, beginning with http://, https://, ws:// or wss://',
  test: (given) => URL.canParse(given) && /^(?:https?|wss?):$/.test(new URL(given).protocol),
});

/** Absolute; relative ones start from the folder of the file that they are in, or the working folder. */
export const path: OptionType<string> = { value: 'PATH', expected: 'a path', read: (raw, { folder }) => (typeof raw === 'string' && raw !== '' ? resolve(folder, raw) : undefined), show: String };

/** Several texts. */
export function list({ value, expected, separator, test = (item) => item !== '' }: { value: string; expected: string; separator: RegExp; test?: (item: string) => boolean }): OptionType<readonly string[]> {
  return {
    ...{ value, expected, separator },
    read: (raw) => (Array.isArray(raw) && raw.every((item): item is string => typeof item === 'string' && test(item)) ? raw : undefined),
    show: (value) => (value.length === 0 ? 'none' : value.join(', ')),
  };
}

/** An option that may be left out. */
export function optional<T>(type: OptionType<T>): OptionType<T | undefined> {
  return { ...type, show: (value) => (value === undefined ? 'none' : type.show(value)) };
}
