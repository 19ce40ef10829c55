import { expect, test } from 'vitest';
import raw from '../../circuits/params.json' with { type: 'json' };
import { selectProfile } from '../spec/profile.ts';
import { textOf } from './repository.ts';

// The circuits' own numbers are held against params.json in ts/test/circuits/constants.test.ts.

/** Constants of a Solidity file whose value is a plain number, by name. */
function constantsOf(text: string): Record<string, bigint> {
  return Object.fromEntries([...text.matchAll(/\bconstant (\w+) = (\d+|0x[0-9a-fA-F]+);/g)].map(([, name = '', value = '']) => [name, BigInt(value)]));
}

// What is in git is generated for the profile that the file chooses, whatever the environment says.
const params = selectProfile(raw);
const constants = constantsOf(textOf('src/generated/Params.sol'));

test("the contracts' sizes are those of circuits/params.json", () => {
  expect(constants).toMatchObject({
    SEGMENT_SLOTS: BigInt(params.slots),
    MAX_CHAINS: BigInt(params.chains),
    MAX_SEGMENTS: BigInt(params.joinSegments),
    MAX_PAIRS: BigInt(params.joinPairs),
    MAX_ONCHAIN_BYTES: BigInt(params.maxOnchainBytes),
    MAX_LEAF_INDEX: BigInt(params.arity ** params.depth - 1),
    MAX_TOKEN_ID: BigInt(params.shareTokens - 1),
  });
});

test("the contracts' operation kinds are those of circuits/params.json, no more and no fewer", () => {
  const kinds = Object.fromEntries(Object.entries(constants).filter(([name]) => name.startsWith('OP_')));
  const expected = Object.entries(params.opcodes).map(([name, code]) => [`OP_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`, BigInt(code)]);
  expect(kinds).toEqual(Object.fromEntries(expected));
});

test('every size that circuits/circuits.json names is in circuits/params.json', () => {
  const instances = JSON.parse(textOf('circuits/circuits.json')) as Record<string, { params: string[] }>;
  const named = Object.values(instances).flatMap((instance) => instance.params);
  expect(named.filter((name) => !(name in params))).toEqual([]);
});

test('every profile of params.json is valid', () => {
  for (const name of Object.keys(raw.profiles)) expect(selectProfile(raw, name).profile).toBe(name);
});
