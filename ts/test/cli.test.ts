import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { privateKeyToAccount } from 'viem/accounts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { stringify } from '../base/json.ts';
import { paths } from '../base/paths.ts';
import { decodeL2Address } from '../chain/client/address.ts';
import { keyOfAccount } from '../chain/client/key.ts';
import { parseOptions } from '../cli/commands/command.ts';
import { keyNames } from '../cli/commands/keys.ts';
import { nearest } from '../base/nearest.ts';
import { commands } from '../cli/commands/registry.ts';
import { formatDuration, formatTable, shortHex } from '../cli/output.ts';
import { alice, bob, hash, startCliNetwork, zero, type CliNetwork, type Ran } from './cliNetwork.ts';

let network: CliNetwork;
const cli = async (...parameters: Parameters<CliNetwork['cli']>): Promise<Ran> => await network.cli(...parameters);

beforeAll(async () => {
  network = await startCliNetwork();
});

afterAll(async () => await network.stop());

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
    [['full-exit', '--account', 'bob', '--chain', '0', '--leaf', '3', '--token', '1'], /either --token or --leaf/],
    [['transfer', '--account', 'alice', '--chain', '0', '--token', '1', '--amount', '1', '--to', bob.address], /does not say which L2 key[\s\S]*--use-record/],
    [['transfer', '--account', 'alice', '--chain', '0', '--token', '1', '--amount', '1', '--to', 'mallory'], /receiver is not understood/],
    [['status', '--deployment', 'x'], /Which sequencer\?/],
    [['exit-mode', 'advnce'], /no command "exit-mode advnce"[\s\S]*Did you mean exit-mode advance\?/],
    [['exit-mode', 'trigger', '--account', 'bob'], /Missing --chain/],
    [['exit-mode', 'advance', '--account', 'bob', '--interval', 'often'], /--interval must be a whole number/],
    [['exit-mode', '--trigger'], /exit-mode has no option --trigger/],
    [['exit', '--dry-run'], /Whose money\?/],
    [['exit', '--owner', '0x12', '--dry-run'], /not an address/],
    [['exit'], /Whose wallet\?/],
    [['refund', '--account', 'bob', '--owner', 'mallory'], /no account "mallory"/],
    [['execute', '--account', 'bob', '--chain', 'line'], /no chain "line"[\s\S]*Did you mean linea\?/],
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
    const { code, err } = await cli(['address'], { ROLLUP_DEVNET: network.devnet, ROLLUP_PRIVATE_KEY: '0xsecret' });
    expect(code).toBe(2);
    expect(err).not.toContain('secret');
  });
});

describe('the network', () => {
  test('when none runs, the command that starts one is named', async () => {
    const file = join(network.folder, 'dead.json');
    writeFileSync(file, stringify(network.description({ pid: 2 ** 22 + 1 })));
    for (const env of [{ ROLLUP_DEVNET: file }, { ROLLUP_DEVNET: join(network.folder, 'none.json') }]) {
      const { code, err } = await cli(['status'], env);
      expect(code).toBe(1);
      expect(err).toContain('npm run devnet');
    }
  });

  test('one without a sequencer, and a broken description, are errors', async () => {
    const { sequencerUrl: _, ...silent } = network.description({});
    const file = join(network.folder, 'silent.json');
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
    expect(await cli(['address'], { ROLLUP_DEVNET: network.devnet, ROLLUP_PRIVATE_KEY: alice.privateKey })).toEqual(named);
    const json = await cli(['address', '--account', 'alice', '--json']);
    expect(JSON.parse(json.out)).toMatchObject({ address: named.out, owner: alice.address });
  });

  test('status shows exit mode with what to do, and requests near their expiry', async () => {
    const chains = [{ chainIndex: 0, committed: 3, proved: 2, synced: 1, confirmed: 1, executed: 0, mode: 'stopped' }];
    network.status = { chains, exitMode: { message: 'Exit mode: a request was not served', hint: 'Run `recover`.' }, warnings: ['deposit 4 of linea has expired'] };
    const { out } = await cli(['status']);
    network.status = {};
    for (const line of ['  EXIT MODE: Exit mode: a request was not served.', '  Run `recover`.', '  WARNING: deposit 4 of linea has expired']) expect(out).toContain(line);
    expect(out).toMatch(/linea +primary +3 +2 +1 +1 +0 +stopped/);
    expect((await cli(['status'])).out).toMatch(/linea +primary +3 +2 +1 +1 +0 +running/);
  });

  test('status and blocks print tables, or JSON', async () => {
    expect((await cli(['status'])).out).toMatch(/linea +primary +3 +2 +1 +1 +0/);
    expect(JSON.parse((await cli(['status', '--json'])).out)).toMatchObject({ deploymentId: '1', lastBlock: 3, pendingOperations: 4 });
    expect((await cli(['blocks'])).out).toMatch(/1 +4 +1\/2 +committed/);
    expect((await cli(['status'])).out).toContain(`operator ${bob.address}, minimum fees: transfer 0.002 ETH`);
    const own = decodeL2Address((await cli(['address', '--account', 'alice'])).out);
    network.leaves = [{ chainIndex: 0, leafIndex: 3, token: 1, balance: '1', nonce: 0, keyX: own.keyX.toString(), keyY: own.keyY.toString() }];
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
    network.leaves = [{ chainIndex: 0, leafIndex: 3, token: 1, balance: (10n ** 18n).toString(), nonce: 0, keyX: own.keyX.toString(), keyY: own.keyY.toString() }];
    for (const to of ['bob', l2Address]) {
      network.posted.length = 0;
      const { code, out } = await cli(['transfer', '--account', 'alice', '--chain', 'linea', '--token', 'eth', '--amount', '0.25', '--to', to]);
      expect(code).toBe(0);
      expect(out).toContain('Transferred 0.25 ETH on linea');
      expect(out).toContain('fee 0.002 ETH');
      expect(network.posted).toMatchObject([{ type: 'transfer', fee: '2000000000000000', amount: '250000000000000000', toOwner: bob.address, toKeyX: keyX.toString(), toKeyY: keyY.toString() }]);
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
      network.posted.length = 0;
      return await cli([command, '--account', 'alice', '--chain', 'linea', '--token', 'ETH', '--amount', '0.1', '--to', 'bob', '--fee', fee]);
    };
    for (const command of ['transfer', 'withdraw']) {
      expect((await send('0.003', command)).out).toContain('fee 0.003 ETH');
      expect(network.posted).toMatchObject([{ type: command, fee: '3000000000000000' }]);
    }
    expect((await send('0')).code).toBe(0);
    expect(network.posted).toMatchObject([{ fee: '0' }]);
    const uneven = await send('0.0020481');
    expect(uneven.code).toBe(1);
    expect(uneven.err).toMatch(/cannot carry exactly this fee[\s\S]*nearest below: 0\.002047 ETH[\s\S]*nearest above: 0\.00205 ETH/);
    expect(await send('much')).toMatchObject({ code: 2, err: expect.stringContaining('decimal number') as string });
  });

  test('change-key signs with the present key, for all of its leaves or for one, and says how to go on', async () => {
    const address = async (...more: string[]) => (await cli(['address', '--account', 'alice', ...more])).out;
    const [own, next, third] = [decodeL2Address(await address()), decodeL2Address(await address('--key-index', '1')), decodeL2Address(await address('--key-index', '2'))];
    expect(decodeL2Address((await cli(['address', '--account', 'alice'], { ROLLUP_DEVNET: network.devnet, ROLLUP_KEY_INDEX: '1' })).out)).toEqual(next);
    const leaf = (leafIndex: number, token: number, { keyX, keyY }: { keyX: bigint; keyY: bigint }) => ({ chainIndex: 0, leafIndex, token, balance: '9000000000000000', nonce: 0, keyX: keyX.toString(), keyY: keyY.toString() });
    network.leaves = [leaf(3, 1, own), leaf(4, 2, own), leaf(5, 1, next)];
    const change = async (...more: string[]): Promise<Ran> => {
      network.posted.length = 0;
      return await cli(['change-key', '--account', 'alice', ...more]);
    };
    const all = await change();
    expect(all.out).toMatch(/New key for leaf 3 of ETH on linea[\s\S]*New key for leaf 4 of TST on linea[\s\S]*--key-index 1/);
    expect(all.out).toContain(await address('--key-index', '1'));
    expect(network.posted.map(({ type, leafIndex, keyX }) => [type, leafIndex, keyX])).toEqual([['changeKey', 3, next.keyX.toString()], ['changeKey', 4, next.keyX.toString()]]);
    await change('--chain', 'linea', '--token', 'TST');
    expect(network.posted.map(({ leafIndex }) => leafIndex)).toEqual([4]);
    await change('--key-index', '1', '--fee', '0.001');
    expect(network.posted).toMatchObject([{ leafIndex: 5, fee: '1000000000000000', keyX: third.keyX.toString() }]);
    await change('--new-key', await address('--key-index', '2'), '--chain', '0', '--token', '2');
    expect(network.posted).toMatchObject([{ leafIndex: 4, keyX: third.keyX.toString() }]);
    expect(await change('--key-index', '7')).toMatchObject({ code: 1, err: expect.stringContaining('no leaf of this key') as string });
    expect(await change('--new-key-index', '0')).toMatchObject({ code: 2, err: expect.stringContaining('present one') as string });
    expect(await change('--new-key', await address())).toMatchObject({ code: 2, err: expect.stringContaining('present one') as string });
    expect(await change('--token', 'ETH')).toMatchObject({ code: 2, err: expect.stringContaining('--token needs --chain') as string });
    expect(await change('--key-index', 'one')).toMatchObject({ code: 2, err: expect.stringContaining('whole number') as string });
    expect(await change('--new-key', 'l2:00', '--new-key-index', '3')).toMatchObject({ code: 2, err: expect.stringContaining('either --new-key') as string });
    const other = (await cli(['address', '--account', 'bob'])).out;
    expect(await change('--new-key', other)).toMatchObject({ code: 2, err: expect.stringContaining('another owner') as string });
    expect(network.posted).toEqual([]);
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
    const { status, stderr } = spawnSync(process.execPath, [paths.launcher, main, 'deposit', '--account', 'alice', '--chain', 'linea', '--token', 'ETH', '--amount', '1'], {
      cwd: paths.root,
      env: { ...process.env, ROLLUP_DEVNET: network.devnet },
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
