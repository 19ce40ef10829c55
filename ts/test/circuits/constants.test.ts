import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { paths } from '../../base/paths.ts';
import { params } from '../../spec/params.ts';

/** Numbers that circuits/lib/formats.circom states, by function name. */
function formats(): Record<string, number> {
  const source = readFileSync(join(paths.circuits, 'lib', 'formats.circom'), 'utf8');
  return Object.fromEntries([...source.matchAll(/function (\w+)\(\) \{ return (\d+); \}/g)].map(([, name, value]) => [name ?? '', Number(value)]));
}

const upper = (name: string): string => name.replace(/[A-Z]/g, (c) => `_${c}`).toUpperCase();
const prefixed = (prefix: string, values: Record<string, number>): [string, number][] => Object.entries(values).map(([name, value]) => [`${prefix}_${upper(name)}`, value]);

it('circuits and params.json state the same numbers', () => {
  const { noop, ...opcodes } = params.opcodes;
  const { empty, ...leafKinds } = params.leafKinds;
  const { leafKind, ...bits } = params.bits;
  expect([noop, empty, leafKind]).toEqual([0, 0, 2]); // in the circuits: the absence of flags, and two flags
  const expected = Object.fromEntries([
    ...prefixed('OP', opcodes),
    ...prefixed('LEAF', leafKinds),
    ...prefixed('BITS', bits),
    ...prefixed('TAG', params.spongeTags),
    ['SPONGE_RATE', params.spongeRate],
    ['LOCKED_SHARES', params.lockedShares],
    ['SHARE_TOKENS', params.shareTokens],
    ...prefixed('SWAP_FEE', params.swapFee),
  ]);
  expect(formats()).toEqual(expected);
});
