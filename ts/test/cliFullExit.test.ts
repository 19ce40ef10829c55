import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { stringify } from '../base/json.ts';
import { startCliNetwork, type CliNetwork } from './cliNetwork.ts';

/* Which least amount `full-exit` asks for. No chain answers here: what it is about to request is in its progress. */

const ether = 10n ** 18n;
const halfOf = (leafIndex: number, token: number, reserve: bigint): Record<string, unknown> => ({ chainIndex: 0, leafIndex, token, reserve: reserve.toString(), totalShares: reserve.toString() });
const leafOf = (leafIndex: number, token: number, balance: bigint): Record<string, unknown> => ({ chainIndex: 0, leafIndex, token, balance: balance.toString(), nonce: 0, keyX: '1', keyY: '2' });

let network: CliNetwork;

beforeAll(async () => {
  network = await startCliNetwork();
  network.pools = [{ first: halfOf(4, 2, 400n * ether), second: halfOf(5, 1, 2n * ether) }];
  network.leaves = [leafOf(3, 1, ether), leafOf(14, 2 ** 31 + 4, 100n * ether)];
});

afterAll(async () => await network.stop());

const requested = async (...args: string[]): Promise<string> => {
  const { err } = await network.cli(['full-exit', '--account', 'alice', '--chain', 'linea', ...args]);
  return /requesting the full exit of (.*)$/m.exec(err)?.[1] ?? err;
};

test('of coins whatever there is, of shares half a percent less than they stand for, unless --slippage or --least says otherwise', async () => {
  expect(await requested('--token', 'ETH')).toBe('leaf 3 on linea');
  expect(await requested('--leaf', '3')).toBe('leaf 3 on linea');
  expect(await requested('--leaf', '14')).toBe('leaf 14 on linea for at least 99.5 TST');
  expect(await requested('--leaf', '14', '--slippage', '10')).toBe('leaf 14 on linea for at least 90 TST');
  expect(await requested('--leaf', '14', '--least', '12.5')).toBe('leaf 14 on linea for at least 12.5 TST');
  expect(await requested('--leaf', '14', '--least', '0')).toBe('leaf 14 on linea');
  expect(await requested('--leaf', '3', '--least', '0.25')).toBe('leaf 3 on linea for at least 0.25 ETH');
  expect(await requested('--token', 'ETH', '--least', '2')).toBe('leaf 3 on linea for at least 2 ETH');
});

test('without a sequencer the least amount must be named, with the token that is paid unless it is 0', async () => {
  const { sequencerUrl: _, ...silent } = network.description({});
  const file = join(network.folder, 'silent.json');
  writeFileSync(file, stringify(silent));
  const alone = async (...args: string[]): Promise<string> => await requested('--devnet', file, '--leaf', '14', ...args);
  expect(await alone()).toMatch(/not known without the sequencer[\s\S]*Give --least: 0 for a leaf with coins/);
  expect(await alone('--least', '7')).toMatch(/not known without the sequencer/);
  expect(await alone('--least', '0')).toBe('leaf 14 on linea');
  expect(await alone('--least', '7', '--token', 'TST')).toBe('leaf 14 on linea for at least 7 TST');
});

test('an amount that cannot be read, an empty leaf and both names of a leaf are refused', async () => {
  expect(await requested('--leaf', '14', '--least', 'much')).toMatch(/decimal number/);
  expect(await requested('--leaf', '14', '--slippage', '51')).toMatch(/half of the order away/);
  expect(await requested('--leaf', '99', '--least', '1')).toMatch(/The token of --least is not known/);
  expect(await requested('--leaf', '14', '--token', 'TST')).toMatch(/either --token or --leaf/);
});
