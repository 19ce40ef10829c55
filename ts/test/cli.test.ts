import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { stringify, stringifyPlain } from '../base/json.ts';
import { paths } from '../base/paths.ts';
import { privateKeyToAccount } from 'viem/accounts';

import { decodeL2Address } from '../chain/client/address.ts';
import { keyOfAccount } from '../chain/client/key.ts';
import type { DevnetDescription } from '../chain/deployments.ts';
import { parseOptions } from '../cli/commands/command.ts';
import { keyNames } from '../cli/commands/keys.ts';
import { nearest } from '../cli/commands/nearest.ts';
import { commands } from '../cli/commands/registry.ts';
import { runCommandLine } from '../cli/commands/run.ts';
import { formatDuration, formatTable, shortHex } from '../cli/output.ts';

const zero = '0x0000000000000000000000000000000000000000';
const alice = { name: 'alice', address: '0x9965507D1a55bcC2695C58ba16FB37d819B0A4dc', privateKey: '0x8b3a350cf5c34c9194ca85829a2df0ec3153be0318b5e2d3348e872092edffba' } as const;
const bob = { name: 'bob', address: '0x976EA74026E726554dB657fA54763abd0C3a0aa9', privateKey: '0x92db14e403b83dfe3df233f83dfa3a0d7096f21ca9b0d6d6b8d88b2b4ec1564e' } as const;

let folder = '';
let devnet = '';
let server: Server;
const posted: Record<string, unknown>[] = [];
let leaves: Record<string, unknown>[] = [];
let pools: Record<string, unknown>[] = [];

const ether = 10n ** 18n;
const halfOf = (leafIndex: number, token: number, reserve: bigint): Record<string, unknown> => ({ chainIndex: 0, leafIndex, token, reserve: reserve.toString(), totalShares: (reserve + 1000n).toString() });
/** 400 TST against 2 ETH. */
const pair = { first: halfOf(4, 2, 400n * ether), second: halfOf(5, 1, 2n * ether) };

const hash = (digit: string): string => `0x${digit.repeat(64)}`;
const block = {
  blockNumber: 1,
  finalRoot: '5',
  proofs: { done: 1, total: 2 },
  arbitratorTransaction: null,
  operations: [
    { type: 'deposit', chainIndex: 0, amount: '7' },
    { type: 'changeKey', chainIndex: 0, leafIndex: 3, fee: '2000000000000000', keyX: '5', keyY: '6' },
    { type: 'transferToNew', chainIndex: 0, from: 3, to: 4, amount: '10000000000000000', fee: '0', toOwner: bob.address, toKeyX: '5', toKeyY: '6' },
    { type: 'collectFees', chainIndex: 0, leafIndex: 3, amount: '2000000000000000' },
  ],
  chains: [{ chainIndex: 0, stage: 'committed', transactions: { commit: hash('a') }, withdrawalsPushed: false }],
};

/** Answers of a sequencer, by path. */
function answer(method: string, path: string): { status: number; body: unknown } {
  if (method === 'POST') return { status: 202, body: { id: 'abc' } };
  if (path === '/status') {
    const chains = [{ chainIndex: 0, committed: 3, proved: 2, synced: 1, confirmed: 1, executed: 0 }];
    const fees = { operator: { owner: bob.address, keyX: '1', keyY: '2' }, minimumFees: [{ kind: 'transfer', token: 1, amount: '2000000000000000' }] };
    return { status: 200, body: { deploymentId: '1', chains, pendingOperations: 4, lastBlock: 3, ...fees } };
  }
  if (path === '/pools') return { status: 200, body: pools };
  if (path.startsWith('/users/')) return { status: 200, body: leaves };
  if (path.startsWith('/leaves/')) return { status: 200, body: leaves.find(({ leafIndex }) => path === `/leaves/0/${String(leafIndex)}`) };
  if (path.startsWith('/blocks?')) return { status: 200, body: [block] };
  if (path === '/blocks/1') return { status: 200, body: block };
  return { status: 404, body: { error: { message: 'There is no such thing', facts: {} } } };
}

function description(changes: Partial<DevnetDescription>): DevnetDescription {
  const chain = { chainIndex: 0, name: 'linea', chainId: 31338, rpcUrl: 'http://127.0.0.1:1', role: 'primary' as const, rollup: zero, gateway: zero, l1Gateway: zero, deployedAtBlock: 0 } as const;
  const tokens = [
    { token: 1, symbol: 'ETH', decimals: 18, address: zero },
    { token: 2, symbol: 'TST', decimals: 18, address: alice.address },
  ] as const;
  return {
    pid: process.pid,
    deployment: {
      name: 'test',
      deploymentId: 1n,
      arbitratorChainId: 31337,
      arbitratorRpcUrl: 'http://127.0.0.1:1',
      arbitrator: zero,
      chains: [{ ...chain, tokens: [...tokens], messageService: { kind: 'direct' } }],
    },
    sequencerUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    accounts: [alice, bob],
    logs: {},
    ...changes,
  };
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cli-test-'));
  devnet = join(folder, 'devnet.json');
  server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      if (text !== '') posted.push(JSON.parse(text) as Record<string, unknown>);
      const { status, body } = answer(request.method ?? '', request.url ?? '');
      response.writeHead(status, { connection: 'close' }).end(stringifyPlain(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  writeFileSync(devnet, stringify(description({})));
});

afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

interface Ran {
  code: number;
  out: string;
  err: string;
}

async function cli(args: readonly string[], env: Record<string, string> = { ROLLUP_DEVNET: devnet }): Promise<Ran> {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await runCommandLine({ commands, args, env, writeOut: (line) => out.push(line), writeError: (line) => err.push(line) });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

describe('help', () => {
  test('without a command it lists the commands and exits 2, with --help 0', async () => {
    const none = await cli([]);
    const help = await cli(['--help']);
    expect(none.code).toBe(2);
    expect(help).toMatchObject({ code: 0, out: none.out });
    for (const { name, summary } of commands) expect(help.out).toMatch(new RegExp(`${name} +${summary}`));
    expect(help.out).toMatch(/Exit codes:\n {2}0 /);
  });

  test.each(commands.map((command) => [command.name, command] as const))('%s --help shows usage, every option, environment, exit codes and an example', async (name, command) => {
    const { code, out } = await cli([...name.split(' '), '--help']);
    expect(code).toBe(0);
    expect(out).toContain(`Usage: npm run cli -- ${name}`);
    for (const option of command.options) expect(out).toContain(`--${option.name}`);
    for (const { name: variable } of command.environment) expect(out).toContain(variable);
    expect(out).toContain('ROLLUP_DEVNET');
    expect(out).toContain('Exit codes:');
    expect(command.examples.length).toBeGreaterThan(0);
    for (const example of command.examples) expect(out).toContain(example);
    expect((await cli(['help', ...name.split(' ')])).out).toBe(out);
  });

  test('every example is understood by the parser', () => {
    for (const command of commands) {
      for (const example of command.examples) {
        const [words, line] = [command.name.split(' '), example.replace('npm run cli -- ', '').split(' ')];
        expect(line.slice(0, words.length)).toEqual(words);
        expect(() => parseOptions(command, line.slice(words.length)), example).not.toThrow();
      }
    }
  });
});

describe('command lines that are not understood exit 2', () => {
  const cases: [args: string[], message: RegExp][] = [
    [['transfre'], /no command "transfre"[\s\S]*Did you mean transfer\?/],
    [['--account', 'alice'], /command comes before/],
    [['balances', '--acount', 'alice'], /no option --acount[\s\S]*Did you mean --account\?/],
    [['balances', 'alice'], /does not take the argument "alice"/],
    [['deposit', '--account', 'alice', '--chain', 'linea', '--token', 'ETH'], /Missing --amount/],
    [['deposit', '--account', 'alice', '--chain', 'linea', '--token', 'ETH', '--amount'], /--amount needs a value/],
    [['deposit', '--account', 'alice', '--chain', 'linea', '--amount', '--token', 'ETH'], /--amount needs a value/],
    [['status', '--help=yes'], /takes no value/],
    [['balances', '--account', 'alice', '--account', 'bob'], /given twice/],
    [['block'], /Missing NUMBER/],
    [['block', 'one'], /whole number/],
    [['balances'], /Whose wallet\?/],
    [['balances', '--account', 'alcie'], /no account "alcie"[\s\S]*Did you mean alice\?/],
    [['balances', '--account', 'alice', '--owner', zero], /either --account or --owner/],
    [['balances', '--owner', '0x12'], /not an address/],
    [['withdraw', '--account', 'bob', '--chain', 'line', '--token', 'ETH', '--amount', '1'], /no chain "line"[\s\S]*Did you mean linea\?/],
    [['withdraw', '--account', 'bob', '--chain', '0', '--token', 'TTS', '--amount', '1'], /no token "TTS" on linea[\s\S]*Did you mean TST\?/],
    [['withdraw', '--account', 'bob', '--chain', '0', '--token', '2', '--amount', 'much'], /decimal number/],
    [['withdraw', '--account', 'bob', '--chain', '0', '--token', '2', '--amount', '1', '--wait', 'excuted'], /--wait does not know[\s\S]*Did you mean executed\?/],
    [['full-exit', '--account', 'bob', '--chain', '0'], /either --token or --leaf/],
    [['transfer', '--account', 'alice', '--chain', '0', '--token', '1', '--amount', '1', '--to', bob.address], /does not say which L2 key[\s\S]*--use-record/],
    [['transfer', '--account', 'alice', '--chain', '0', '--token', '1', '--amount', '1', '--to', 'mallory'], /receiver is not understood/],
    [['status', '--deployment', 'x'], /Which sequencer\?/],
    [['pool'], /pool needs one more word[\s\S]*pool open, pool add, pool remove/],
    [['pool', 'ad'], /no command "pool ad"[\s\S]*Did you mean pool add\?/],
    [['swap', '--account', 'bob', '--chain', '0', '--token', 'TST', '--amount', '1'], /Missing --to-token/],
    [['quote', '--chain', '0', '--token', 'TST', '--amount', '1', '--to-chain', 'zkync', '--to-token', 'ETH'], /no chain "zkync"/],
    [['quote', '--chain', '0', '--token', 'TST', '--amount', '1', '--to-token', 'ETH', '--slippage', 'half'], /from 0 to 100[\s\S]*actual: half/],
    [['quote', '--chain', '0', '--token', 'TST', '--amount', '1', '--to-token', 'ETH', '--slippage', '51'], /half of the order away[\s\S]*expected: from 0 to 50/],
    [['pool', 'add', '--account', 'bob', '--chain', '0', '--token', 'TST', '--amount', '1', '--peer-token', 'ETH', '--peer-amount', '1', '--one-coin'], /either --peer-amount or --one-coin/],
    [['pool', 'remove', '--account', 'bob', '--chain', '0', '--token', 'TST', '--peer-token', 'ETH', '--percent', '0'], /Nothing would be removed/],
    [['transfer', '--account', 'alice', '--chain', '0', '--token', 'pool-9', '--amount', '1', '--to', 'bob'], /no pool 9 on linea/],
  ];

  test.each(cases)('%j', async (args, message) => {
    const { code, out, err } = await cli(args);
    expect(err).toMatch(message);
    expect(err).toContain('help: npm run cli --');
    expect({ code, out }).toEqual({ code: 2, out: '' });
  });

  test('a malformed private key is named, not shown', async () => {
    const { code, err } = await cli(['address'], { ROLLUP_DEVNET: devnet, ROLLUP_PRIVATE_KEY: '0xsecret' });
    expect(code).toBe(2);
    expect(err).not.toContain('secret');
  });
});

describe('the network', () => {
  test('when none runs, the command that starts one is named', async () => {
    const file = join(folder, 'dead.json');
    writeFileSync(file, stringify(description({ pid: 2 ** 22 + 1 })));
    for (const env of [{ ROLLUP_DEVNET: file }, { ROLLUP_DEVNET: join(folder, 'none.json') }]) {
      const { code, err } = await cli(['status'], env);
      expect(code).toBe(1);
      expect(err).toContain('npm run devnet');
    }
  });

  test('one without a sequencer, and a broken description, are errors', async () => {
    const { sequencerUrl: _, ...silent } = description({});
    const file = join(folder, 'silent.json');
    writeFileSync(file, stringify(silent));
    expect((await cli(['status', '--devnet', file], {})).err).toContain('without a sequencer');
    writeFileSync(file, '{');
    expect((await cli(['status', '--devnet', file], {})).err).toContain('cannot be read');
  });

  test('a sequencer that does not answer is named', async () => {
    const { code, err } = await cli(['status', '--sequencer', 'http://127.0.0.1:1']);
    expect(code).toBe(1);
    expect(err).toMatch(/does not answer[\s\S]*127\.0\.0\.1:1/);
  });
});

describe('commands', () => {
  test('address prints an L2 address, by name or by key', async () => {
    const named = await cli(['address', '--account', 'alice']);
    expect(decodeL2Address(named.out).owner).toBe(alice.address);
    expect(await cli(['address'], { ROLLUP_DEVNET: devnet, ROLLUP_PRIVATE_KEY: alice.privateKey })).toEqual(named);
    const json = await cli(['address', '--account', 'alice', '--json']);
    expect(JSON.parse(json.out)).toMatchObject({ address: named.out, owner: alice.address });
  });

  test('status and blocks print tables, or JSON', async () => {
    expect((await cli(['status'])).out).toMatch(/linea +primary +3 +2 +1 +1 +0/);
    expect(JSON.parse((await cli(['status', '--json'])).out)).toMatchObject({ deploymentId: '1', lastBlock: 3, pendingOperations: 4 });
    expect((await cli(['blocks'])).out).toMatch(/1 +4 +1\/2 +committed/);
    expect((await cli(['status'])).out).toContain(`operator ${bob.address}, minimum fees: transfer 0.002 ETH`);
    const own = decodeL2Address((await cli(['address', '--account', 'alice'])).out);
    leaves = [{ chainIndex: 0, leafIndex: 3, token: 1, balance: '1', nonce: 0, keyX: own.keyX.toString(), keyY: own.keyY.toString() }];
    const shown = (await cli(['block', '1'])).out;
    expect(shown).toContain('linea  changeKey  fee 0.002 ETH  leafIndex 3');
    expect(shown).toContain(`linea  transferToNew  0.01 ETH  from 3  to 4  toOwner ${bob.address}`);
    expect(shown).toContain('linea  collectFees  0.002 ETH  leafIndex 3');
    expect((await cli(['block', '1'])).out).toContain(`commit  ${hash('a')}`);
    const missing = await cli(['block', '2']);
    expect(missing).toMatchObject({ code: 1, err: expect.stringContaining('There is no block 2') as string });
  });

  test('transfer sends a signed transaction to a named account or an L2 address', async () => {
    const own = decodeL2Address((await cli(['address', '--account', 'alice'])).out);
    const l2Address = (await cli(['address', '--account', 'bob'])).out;
    const { keyX, keyY } = decodeL2Address(l2Address);
    leaves = [{ chainIndex: 0, leafIndex: 3, token: 1, balance: (10n ** 18n).toString(), nonce: 0, keyX: own.keyX.toString(), keyY: own.keyY.toString() }];
    for (const to of ['bob', l2Address]) {
      posted.length = 0;
      const { code, out } = await cli(['transfer', '--account', 'alice', '--chain', 'linea', '--token', 'eth', '--amount', '0.25', '--to', to]);
      expect(code).toBe(0);
      expect(out).toContain('Transferred 0.25 ETH on linea');
      expect(out).toContain('fee 0.002 ETH');
      expect(posted).toMatchObject([{ type: 'transfer', fee: '2000000000000000', amount: '250000000000000000', toOwner: bob.address, toKeyX: keyX.toString(), toKeyY: keyY.toString() }]);
    }
    const uneven = await cli(['transfer', '--account', 'alice', '--chain', 'linea', '--token', 'eth', '--amount', '0.123456789012345', '--to', 'bob']);
    expect(uneven.code).toBe(1);
    expect(uneven.err).toMatch(/nearest below: 0\.12345678901 ETH[\s\S]*next: Send 0\.12345678901/);
    const overdraft = await cli(['withdraw', '--account', 'alice', '--chain', '0', '--token', '1', '--amount', '2', '--json']);
    expect(overdraft.code).toBe(1);
    expect(JSON.parse(overdraft.out)).toMatchObject({ error: { message: expect.stringContaining('does not hold enough') as string } });
  });

  test('--fee is what is paid, and names the nearest when it cannot be carried', async () => {
    const send = async (fee: string, command = 'transfer'): Promise<Ran> => {
      posted.length = 0;
      return await cli([command, '--account', 'alice', '--chain', 'linea', '--token', 'ETH', '--amount', '0.1', '--to', 'bob', '--fee', fee]);
    };
    for (const command of ['transfer', 'withdraw']) {
      expect((await send('0.003', command)).out).toContain('fee 0.003 ETH');
      expect(posted).toMatchObject([{ type: command, fee: '3000000000000000' }]);
    }
    expect((await send('0')).code).toBe(0);
    expect(posted).toMatchObject([{ fee: '0' }]);
    const uneven = await send('0.0020481');
    expect(uneven.code).toBe(1);
    expect(uneven.err).toMatch(/cannot carry exactly this fee[\s\S]*nearest below: 0\.002047 ETH[\s\S]*nearest above: 0\.00205 ETH/);
    expect(await send('much')).toMatchObject({ code: 2, err: expect.stringContaining('decimal number') as string });
  });

  test('quote shows price, impact and least amount, and says which pairs exist when there is no route', async () => {
    pools = [pair];
    const { code, out } = await cli(['quote', '--chain', 'linea', '--token', 'TST', '--amount', '20', '--to-token', 'ETH']);
    expect(code).toBe(0);
    expect(out).toMatch(/^20 TST on linea for 0\.09496594751 ETH on linea\n/);
    expect(out).toContain('route     TST on linea → ETH on linea');
    expect(out).toContain('0.005 ETH for 1 TST');
    expect(out).toContain('impact    4.74 %');
    expect(out).toContain('at least  0.09449111777245 ETH on linea with 0.5 % slippage');
    pools = [];
    const none = await cli(['quote', '--chain', 'linea', '--token', 'TST', '--amount', '20', '--to-token', 'ETH']);
    expect(none).toMatchObject({ code: 1, err: expect.stringMatching(/No pair swaps TST on linea for ETH on linea[\s\S]*none is open[\s\S]*pool open/) as string });
    const uneven = await cli(['quote', '--chain', 'linea', '--token', 'TST', '--amount', '0.123456789012345', '--to-token', 'ETH']);
    expect(uneven.err).toMatch(/A swap cannot carry exactly[\s\S]*next: Swap 0\.12345678901/);
  });

  test('swap shows the quote and signs one order for both halves, with the least amount in it', async () => {
    pools = [pair];
    const own = decodeL2Address((await cli(['address', '--account', 'alice'])).out);
    const key = { keyX: own.keyX.toString(), keyY: own.keyY.toString(), nonce: 0 };
    leaves = [{ chainIndex: 0, leafIndex: 3, token: 2, balance: (100n * ether).toString(), ...key }];
    posted.length = 0;
    const swap = ['swap', '--account', 'alice', '--chain', 'linea', '--token', 'TST', '--amount', '20', '--to-token', 'ETH'];
    const { code, out, err } = await cli(swap);
    expect(code).toBe(0);
    expect(err).toContain('impact    4.74 %');
    expect(out).toContain('Swap of 20 TST on linea for at least 0.09449111777245 ETH on linea: accepted');
    expect(posted).toMatchObject([{
      type: 'swapIn', leafIndex: 3, token: 2, amount: (20n * ether).toString(), pool: 4, peerChain: 0, peerLeaf: 5, peerToken: 1, limit: '0', peerAmount: '0', peerLimit: '94491117772450000',
    }]);
    expect((await cli([...swap, '--slippage', '0', '--json'])).out).toContain('"minimum": "94965947510000000"');
    leaves = [{ chainIndex: 0, leafIndex: 3, token: 2, balance: '5', ...key }];
    expect(await cli(swap)).toMatchObject({ code: 1, err: expect.stringContaining('does not hold enough for TST on linea') as string });
  });

  test('pools lists reserves, price, and with an account what its shares are worth', async () => {
    pools = [pair];
    const shares = (leafIndex: number, amount: bigint): Record<string, unknown> => ({ chainIndex: 0, leafIndex: leafIndex + 10, token: 2 ** 31 + leafIndex, balance: amount.toString(), nonce: 0, keyX: '1', keyY: '2' });
    leaves = [shares(4, 200n * ether), shares(5, ether)];
    expect((await cli(['pools'])).out).toMatch(/TST on linea \/ ETH on linea +linea 4 \/ linea 5 +400 \/ 2 +0\.005$/m);
    expect((await cli(['pools', '--account', 'alice'])).out).toMatch(/0\.005 +200 \/ 1 +199\.999999 TST on linea \+ 0\.999999 ETH on linea/);
    pools = [];
    expect((await cli(['pools'])).out).toContain('pool open');
  });

  test('pool add and pool remove sign what both halves give and take', async () => {
    pools = [pair];
    const own = decodeL2Address((await cli(['address', '--account', 'alice'])).out);
    const leaf = (leafIndex: number, token: number, amount: bigint): Record<string, unknown> => ({ chainIndex: 0, leafIndex, token, balance: amount.toString(), nonce: 0, keyX: own.keyX.toString(), keyY: own.keyY.toString() });
    leaves = [leaf(1, 2, 100n * ether), leaf(2, 1, ether)];
    const where = ['--account', 'alice', '--chain', 'linea', '--token', 'TST', '--peer-token', 'ETH'];
    posted.length = 0;
    expect((await cli(['pool', 'add', ...where, '--amount', '40'])).out).toContain('LP TST/ETH (linea pool 4)');
    expect((await cli(['pool', 'add', ...where, '--amount', '40', '--one-coin'])).code).toBe(0);
    expect(posted).toMatchObject([
      { type: 'addLiquidity', leafIndex: 1, amount: (40n * ether).toString(), peerAmount: (ether / 5n).toString(), pool: 4, peerLeaf: 5, peerToken: 1 },
      { type: 'addLiquidity', leafIndex: 1, amount: (40n * ether).toString(), peerAmount: '0' },
    ]);
    expect(await cli(['pool', 'add', ...where, '--amount', '40', '--peer-amount', '0.1'])).toMatchObject({ code: 1, err: expect.stringMatching(/do not suffice[\s\S]*expected: 0\.2 ETH[\s\S]*actual: 0\.1 ETH/) as string });
    expect((await cli(['pool', 'remove', ...where])).err).toContain('There are no shares of TST on linea / ETH on linea');
    leaves = [leaf(6, 2 ** 31 + 4, 200n * ether), leaf(7, 2 ** 31 + 5, ether)];
    posted.length = 0;
    expect((await cli(['pool', 'remove', ...where, '--percent', '25'])).code).toBe(0);
    expect(posted).toMatchObject([{ type: 'removeLiquidity', leafIndex: 6, token: 2 ** 31 + 4, peerToken: 2 ** 31 + 5, amount: (50n * ether).toString(), peerAmount: (ether / 4n).toString() }]);
  });

  test('pool open hands the request in and shows where the pools are; a refusal is the sequencer\'s', async () => {
    pools = [pair];
    posted.length = 0;
    const { out } = await cli(['pool', 'open', '--chain', 'linea', '--token', 'TST', '--peer-token', 'ETH']);
    expect(posted).toEqual([{ chainIndex: 0, token: 2, peerChain: 0, peerToken: 1 }]);
    expect(out).toContain('pool 4 on linea');
  });

  test('shares are transferred by the name of their pool', async () => {
    pools = [pair];
    const own = decodeL2Address((await cli(['address', '--account', 'alice'])).out);
    leaves = [{ chainIndex: 0, leafIndex: 6, token: 2 ** 31 + 4, balance: (200n * ether).toString(), nonce: 0, keyX: own.keyX.toString(), keyY: own.keyY.toString() }];
    posted.length = 0;
    const { out } = await cli(['transfer', '--account', 'alice', '--chain', 'linea', '--token', 'pool-4', '--amount', '3', '--to', 'bob']);
    expect(out).toContain('Transferred 3 LP TST/ETH (linea pool 4) on linea');
    expect(posted).toMatchObject([{ type: 'transfer', leafIndex: 6, token: 2 ** 31 + 4, amount: (3n * ether).toString() }]);
  });

  test('change-key signs with the present key, for all of its leaves or for one, and says how to go on', async () => {
    const address = async (...more: string[]) => (await cli(['address', '--account', 'alice', ...more])).out;
    const [own, next, third] = [decodeL2Address(await address()), decodeL2Address(await address('--key-index', '1')), decodeL2Address(await address('--key-index', '2'))];
    expect(decodeL2Address((await cli(['address', '--account', 'alice'], { ROLLUP_DEVNET: devnet, ROLLUP_KEY_INDEX: '1' })).out)).toEqual(next);
    const leaf = (leafIndex: number, token: number, { keyX, keyY }: { keyX: bigint; keyY: bigint }) => ({ chainIndex: 0, leafIndex, token, balance: '9000000000000000', nonce: 0, keyX: keyX.toString(), keyY: keyY.toString() });
    leaves = [leaf(3, 1, own), leaf(4, 2, own), leaf(5, 1, next)];
    const change = async (...more: string[]): Promise<Ran> => {
      posted.length = 0;
      return await cli(['change-key', '--account', 'alice', ...more]);
    };
    const all = await change();
    expect(all.out).toMatch(/New key for leaf 3 of ETH on linea[\s\S]*New key for leaf 4 of TST on linea[\s\S]*--key-index 1/);
    expect(all.out).toContain(await address('--key-index', '1'));
    expect(posted.map(({ type, leafIndex, keyX }) => [type, leafIndex, keyX])).toEqual([['changeKey', 3, next.keyX.toString()], ['changeKey', 4, next.keyX.toString()]]);
    await change('--chain', 'linea', '--token', 'TST');
    expect(posted.map(({ leafIndex }) => leafIndex)).toEqual([4]);
    await change('--key-index', '1', '--fee', '0.001');
    expect(posted).toMatchObject([{ leafIndex: 5, fee: '1000000000000000', keyX: third.keyX.toString() }]);
    await change('--new-key', await address('--key-index', '2'), '--chain', '0', '--token', '2');
    expect(posted).toMatchObject([{ leafIndex: 4, keyX: third.keyX.toString() }]);
    expect(await change('--key-index', '7')).toMatchObject({ code: 1, err: expect.stringContaining('no leaf of this key') as string });
    expect(await change('--new-key-index', '0')).toMatchObject({ code: 2, err: expect.stringContaining('present one') as string });
    expect(await change('--new-key', await address())).toMatchObject({ code: 2, err: expect.stringContaining('present one') as string });
    expect(await change('--token', 'ETH')).toMatchObject({ code: 2, err: expect.stringContaining('--token needs --chain') as string });
    expect(await change('--key-index', 'one')).toMatchObject({ code: 2, err: expect.stringContaining('whole number') as string });
    expect(await change('--new-key', 'l2:00', '--new-key-index', '3')).toMatchObject({ code: 2, err: expect.stringContaining('either --new-key') as string });
    const other = (await cli(['address', '--account', 'bob'])).out;
    expect(await change('--new-key', other)).toMatchObject({ code: 2, err: expect.stringContaining('another owner') as string });
    expect(posted).toEqual([]);
  });

  test('keys are named by their index, others by their first digits', async () => {
    const account = privateKeyToAccount(alice.privateKey);
    const third = (await keyOfAccount(account, 3)).publicKey;
    const key = { keyX: third.x, keyY: third.y };
    expect((await keyNames(account))(key)).toBe('3');
    expect((await keyNames(account))({ keyX: 1n << 248n, keyY: 2n })).toBe('0x01000000…');
    expect((await keyNames(undefined))(key)).toMatch(/^0x[0-9a-f]{8}…$/);
  });

  test('a chain that does not answer is an error without a stack trace, from the shell too', () => {
    const main = join(paths.root, 'ts', 'cli', 'main.ts');
    const { status, stderr } = spawnSync(process.execPath, ['--import', 'tsx', main, 'deposit', '--account', 'alice', '--chain', 'linea', '--token', 'ETH', '--amount', '1'], {
      cwd: paths.root,
      env: { ...process.env, ROLLUP_DEVNET: devnet },
      encoding: 'utf8',
    });
    expect(status).toBe(1);
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});

describe('output', () => {
  test('tables align and group', () => {
    const rows = [
      ['linea', 'ETH', '1.5'],
      ['linea', 'TST', '20'],
      ['zksync', 'ETH', '3'],
    ];
    expect(formatTable({ columns: [{ title: 'chain' }, { title: 'token' }, { title: 'amount', align: 'right' }], rows, groupBy: 1 })).toEqual([
      'chain   token  amount',
      '------  -----  ------',
      'linea   ETH       1.5',
      '        TST        20',
      'zksync  ETH         3',
    ]);
  });

  test('durations, hashes, near words', () => {
    expect([formatDuration(1234), formatDuration(125_000)]).toEqual(['1.2 s', '2 min 05 s']);
    expect(shortHex(hash('a'))).toBe('0xaaaa…aaaa');
    expect([nearest('witdraw', ['deposit', 'withdraw']), nearest('with', ['deposit', 'withdraw']), nearest('swap', ['deposit'])]).toEqual(['withdraw', 'withdraw', undefined]);
  });
});
