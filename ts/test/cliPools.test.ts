import { afterAll, beforeAll, expect, test } from 'vitest';

import { decodeL2Address } from '../chain/client/address.ts';
import { startCliNetwork, type CliNetwork, type Ran } from './cliNetwork.ts';

/* The commands about pools: what they show, and what they sign. */

const ether = 10n ** 18n;
const halfOf = (leafIndex: number, token: number, reserve: bigint): Record<string, unknown> => ({ chainIndex: 0, leafIndex, token, reserve: reserve.toString(), totalShares: (reserve + 1000n).toString() });
/** 400 TST against 2 ETH. */
const pair = { first: halfOf(4, 2, 400n * ether), second: halfOf(5, 1, 2n * ether) };

let network: CliNetwork;
const cli = async (...parameters: Parameters<CliNetwork['cli']>): Promise<Ran> => await network.cli(...parameters);

beforeAll(async () => {
  network = await startCliNetwork();
});

afterAll(async () => await network.stop());

test('quote shows price, impact and least amount, and says which pairs exist when there is no route', async () => {
  network.pools = [pair];
  const { code, out } = await cli(['quote', '--chain', 'linea', '--token', 'TST', '--amount', '20', '--to-token', 'ETH']);
  expect(code).toBe(0);
  expect(out).toMatch(/^20 TST on linea for 0\.09496594751 ETH on linea\n/);
  expect(out).toContain('route     TST on linea → ETH on linea');
  expect(out).toContain('0.005 ETH for 1 TST');
  expect(out).toContain('impact    4.74 %');
  expect(out).toContain('at least  0.09449111777245 ETH on linea with 0.5 % slippage');
  network.pools = [];
  const none = await cli(['quote', '--chain', 'linea', '--token', 'TST', '--amount', '20', '--to-token', 'ETH']);
  expect(none).toMatchObject({ code: 1, err: expect.stringMatching(/No pair swaps TST on linea for ETH on linea[\s\S]*none is open[\s\S]*pool open/) as string });
  const uneven = await cli(['quote', '--chain', 'linea', '--token', 'TST', '--amount', '0.123456789012345', '--to-token', 'ETH']);
  expect(uneven.err).toMatch(/A swap cannot carry exactly[\s\S]*next: Swap 0\.12345678901/);
});

test('swap shows the quote and signs one order for both halves, with the least amount in it', async () => {
  network.pools = [pair];
  const own = decodeL2Address((await cli(['address', '--account', 'alice'])).out);
  const key = { keyX: own.keyX.toString(), keyY: own.keyY.toString(), nonce: 0 };
  network.leaves = [{ chainIndex: 0, leafIndex: 3, token: 2, balance: (100n * ether).toString(), ...key }];
  network.posted.length = 0;
  const swap = ['swap', '--account', 'alice', '--chain', 'linea', '--token', 'TST', '--amount', '20', '--to-token', 'ETH'];
  const { code, out, err } = await cli(swap);
  expect(code).toBe(0);
  expect(err).toContain('impact    4.74 %');
  expect(out).toContain('Swap of 20 TST on linea for at least 0.09449111777245 ETH on linea: accepted');
  expect(network.posted).toMatchObject([{
    type: 'swapIn', leafIndex: 3, token: 2, amount: (20n * ether).toString(), pool: 4, peerChain: 0, peerLeaf: 5, peerToken: 1, limit: '0', peerAmount: '0', peerLimit: '94491117772450000',
  }]);
  expect((await cli([...swap, '--slippage', '0', '--json'])).out).toContain('"minimum": "94965947510000000"');
  network.leaves = [{ chainIndex: 0, leafIndex: 3, token: 2, balance: '5', ...key }];
  expect(await cli(swap)).toMatchObject({ code: 1, err: expect.stringContaining('does not hold enough for TST on linea') as string });
});

test('pools lists reserves, price, and with an account what its shares are worth', async () => {
  network.pools = [pair];
  const shares = (leafIndex: number, amount: bigint): Record<string, unknown> => ({ chainIndex: 0, leafIndex: leafIndex + 10, token: 2 ** 31 + leafIndex, balance: amount.toString(), nonce: 0, keyX: '1', keyY: '2' });
  network.leaves = [shares(4, 200n * ether), shares(5, ether)];
  expect((await cli(['pools'])).out).toMatch(/TST on linea \/ ETH on linea +linea 4 \/ linea 5 +400 \/ 2 +0\.005$/m);
  expect((await cli(['pools', '--account', 'alice'])).out).toMatch(/0\.005 +200 \/ 1 +199\.999999 TST on linea \+ 0\.999999 ETH on linea/);
  network.pools = [];
  expect((await cli(['pools'])).out).toContain('pool open');
});

test('pool add and pool remove sign what both halves give and take', async () => {
  network.pools = [pair];
  const own = decodeL2Address((await cli(['address', '--account', 'alice'])).out);
  const leaf = (leafIndex: number, token: number, amount: bigint): Record<string, unknown> => ({ chainIndex: 0, leafIndex, token, balance: amount.toString(), nonce: 0, keyX: own.keyX.toString(), keyY: own.keyY.toString() });
  network.leaves = [leaf(1, 2, 100n * ether), leaf(2, 1, ether)];
  const where = ['--account', 'alice', '--chain', 'linea', '--token', 'TST', '--peer-token', 'ETH'];
  network.posted.length = 0;
  expect((await cli(['pool', 'add', ...where, '--amount', '40'])).out).toContain('LP TST/ETH (linea pool 4)');
  expect((await cli(['pool', 'add', ...where, '--amount', '40', '--one-coin'])).code).toBe(0);
  expect(network.posted).toMatchObject([
    { type: 'addLiquidity', leafIndex: 1, amount: (40n * ether).toString(), peerAmount: (ether / 5n).toString(), pool: 4, peerLeaf: 5, peerToken: 1 },
    { type: 'addLiquidity', leafIndex: 1, amount: (40n * ether).toString(), peerAmount: '0' },
  ]);
  expect(await cli(['pool', 'add', ...where, '--amount', '40', '--peer-amount', '0.1'])).toMatchObject({ code: 1, err: expect.stringMatching(/do not suffice[\s\S]*expected: 0\.2 ETH[\s\S]*actual: 0\.1 ETH/) as string });
  expect((await cli(['pool', 'remove', ...where])).err).toContain('There are no shares of TST on linea / ETH on linea');
  network.leaves = [leaf(6, 2 ** 31 + 4, 200n * ether), leaf(7, 2 ** 31 + 5, ether)];
  network.posted.length = 0;
  expect((await cli(['pool', 'remove', ...where, '--percent', '25'])).code).toBe(0);
  expect(network.posted).toMatchObject([{ type: 'removeLiquidity', leafIndex: 6, token: 2 ** 31 + 4, peerToken: 2 ** 31 + 5, amount: (50n * ether).toString(), peerAmount: (ether / 4n).toString() }]);
});

test('pool open hands the request in and shows where the pools are; a refusal is the sequencer\'s', async () => {
  network.pools = [pair];
  network.posted.length = 0;
  const { out } = await cli(['pool', 'open', '--chain', 'linea', '--token', 'TST', '--peer-token', 'ETH']);
  expect(network.posted).toEqual([{ chainIndex: 0, token: 2, peerChain: 0, peerToken: 1 }]);
  expect(out).toContain('pool 4 on linea');
});

test('shares are transferred by the name of their pool', async () => {
  network.pools = [pair];
  const own = decodeL2Address((await cli(['address', '--account', 'alice'])).out);
  network.leaves = [{ chainIndex: 0, leafIndex: 6, token: 2 ** 31 + 4, balance: (200n * ether).toString(), nonce: 0, keyX: own.keyX.toString(), keyY: own.keyY.toString() }];
  network.posted.length = 0;
  const { out } = await cli(['transfer', '--account', 'alice', '--chain', 'linea', '--token', 'pool-4', '--amount', '3', '--to', 'bob']);
  expect(out).toContain('Transferred 3 LP TST/ETH (linea pool 4) on linea');
  expect(network.posted).toMatchObject([{ type: 'transfer', leafIndex: 6, token: 2 ** 31 + 4, amount: (3n * ether).toString() }]);
});
