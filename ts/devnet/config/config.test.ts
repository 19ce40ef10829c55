import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { configObject, configText, optionsHelp } from './configText.ts';
import { optionNames, optionSpec, variableOf } from './options.ts';
import { ConfigError, readConfig, type ReadConfigReturnType } from './readConfig.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'config-'))));
afterEach(() => rmSync(folder, { recursive: true }));

function read(args: readonly string[] = [], env: Record<string, string> = {}, file?: unknown): ReadConfigReturnType {
  rmSync(join(folder, 'devnet.config.json'), { force: true });
  if (file !== undefined) writeFileSync(join(folder, 'devnet.config.json'), typeof file === 'string' ? file : JSON.stringify(file));
  return readConfig({ args, env, folder });
}

function refusal(args: readonly string[], env: Record<string, string> = {}, file?: unknown): ConfigError {
  try {
    read(args, env, file);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error(`${args.join(' ')} was not refused`);
}

test('without anything there are defaults', () => {
  const { config, sources } = read();
  expect(config).toMatchObject({ 'port-ethereum': 8545, 'port-linea': 8546, 'port-zksync': 8547, 'port-sequencer': 8550, 'port-control': 8551, sequencer: true, 'minimum-fee': [], json: false, accounts: 10, 'log-format': 'text' });
  expect(new Set(Object.values(sources))).toEqual(new Set(['default']));
});

test('a flag goes before a variable, that before the file, that before the default', () => {
  const file = { 'port-ethereum': 1, 'port-linea': 2, 'port-zksync': 3, sequencer: false, 'finalize-delay': '3h' };
  const { config, sources } = read(['--port-ethereum', '11', '--sequencer'], { ROLLUP_DEVNET_PORT_ETHEREUM: '21', ROLLUP_DEVNET_PORT_LINEA: '22' }, file);
  expect(config).toMatchObject({ 'port-ethereum': 11, 'port-linea': 22, 'port-zksync': 3, 'port-sequencer': 8550, sequencer: true, 'finalize-delay': 10_800 });
  expect(sources).toMatchObject({
    'port-ethereum': '--port-ethereum', 'port-linea': 'ROLLUP_DEVNET_PORT_LINEA', 'port-zksync': 'devnet.config.json', 'port-sequencer': 'default', sequencer: '--sequencer', 'finalize-delay': 'devnet.config.json',
  });
});

test('a route that there is not is refused wherever it comes from, with those that there are', () => {
  expect(read(['--manual', 'linea anchor, zksync', '--manual', 'up']).config.manual).toEqual(['linea anchor, zksync', 'up']);
  for (const refused of [refusal(['--manual', 'linea anchro']), refusal([], { ROLLUP_DEVNET_MANUAL: 'mars' }), refusal([], {}, { manual: ['zksync postman'] }), refusal(['--manual', ' '])]) {
    expect(refused.facts['expected']).toContain('linea postman up, linea anchor, linea postman down, zksync batcher, zksync claimer, zksync sequencer');
  }
});

test('every option can be given in all three ways, under one name', () => {
  // Another value than the default for each type.
  const examples: Record<string, [text: string, json: unknown]> = {
    PORT: ['7', 7], NUMBER: ['3', 3], S: ['2', 2], BLOCK: ['5', 5], ETHER: ['9', 9], TIME: ['2m', 120], URL: ['http://localhost:1', 'http://localhost:1'], PATH: ['sub', 'sub'],
    FEE: ['ETH=1', ['ETH=1']], ROUTE: ['linea anchor', ['linea anchor']], WORDS: [`${'abandon '.repeat(11)}about`, `${'abandon '.repeat(11)}about`],
  };
  const choices: Record<string, string> = { prover: 'auto', 'log-format': 'json', 'chain-ids': 'mainnet' };
  for (const name of optionNames) {
    const { type, flagOnly, default: fallback } = optionSpec(name);
    if (flagOnly === true || name === 'config') continue;
    const isToggle = type.value === '';
    const [text, json] = isToggle ? [String(!fallback), !fallback] : type.value === 'NAME' ? [choices[name] ?? '', choices[name]] : (examples[type.value] ?? expect.fail(`no example for ${type.value}`));
    const flag = isToggle ? [`--${fallback === true ? 'no-' : ''}${name}`] : [`--${name}`, text];
    const byFlag = read(flag).config[name];
    expect(byFlag, name).not.toEqual(fallback);
    expect(read([], { [variableOf(name)]: text }).config[name], name).toEqual(byFlag);
    expect(read([], {}, { [name]: json }).config[name], name).toEqual(byFlag);
  }
});

test('--port moves all ports, 0 frees them, and a port of its own stays', () => {
  expect(read(['--port', '9000', '--port-linea', '9500']).config).toMatchObject({ 'port-ethereum': 9000, 'port-linea': 9500, 'port-zksync': 9002, 'port-sequencer': 9005, 'port-control': 9006 });
  const { config, sources } = read(['--port', '0', '--port-control', '9999']);
  expect(config).toMatchObject({ 'port-ethereum': 0, 'port-linea': 0, 'port-zksync': 0, 'port-sequencer': 0, 'port-control': 9999 });
  expect(sources['port-zksync']).toBe('--port');
  expect(refusal(['--port', '65534']).message).toContain('no place for port-zksync');
});

test('variables that other commands know stay, behind their own name', () => {
  expect(read([], { ROLLUP_MINIMUM_FEES: 'ETH=0.1  withdraw:TST=2', ROLLUP_PROVER: 'auto', ROLLUP_DEVNET: '/somewhere/devnet.json' }).config).toMatchObject({ 'minimum-fee': ['ETH=0.1', 'withdraw:TST=2'], prover: 'auto' });
  expect(read([], { ROLLUP_MINIMUM_FEES: 'ETH=0.1', ROLLUP_DEVNET_MINIMUM_FEE: 'ETH=0.2' }).config['minimum-fee']).toEqual(['ETH=0.2']);
  expect(read(['--minimum-fee', 'ETH=1', '--minimum-fee', 'TST=2'], { ROLLUP_MINIMUM_FEES: 'ETH=0.1' }).config['minimum-fee']).toEqual(['ETH=1', 'TST=2']);
  expect(read([], { ROLLUP_DEVNET_PORT_LINEA: '' }).sources['port-linea']).toBe('default');
});

test('another file, with paths that start from its folder', () => {
  writeFileSync(join(folder, 'other.json'), JSON.stringify({ folder: 'state', port: 0 }));
  expect(read(['--config', 'other.json']).config).toMatchObject({ folder: join(folder, 'state'), 'port-linea': 0 });
  expect(read([], { ROLLUP_DEVNET_CONFIG: join(folder, 'other.json') }).sources['folder']).toBe('other.json');
  expect(refusal(['--config', 'missing.json'])).toMatchObject({ message: 'The config file cannot be read', facts: { file: join(folder, 'missing.json') } });
});

test('what is unknown or wrong is refused with what was expected, what came, and what to do', () => {
  const cases: [ConfigError, message: string, facts: Record<string, unknown>, hint: string][] = [
    [refusal(['--port-lina', '1']), 'There is no option --port-lina', { actual: '--port-lina' }, 'Did you mean --port-linea?'],
    [refusal([], { ROLLUP_DEVNET_PORT_LINAE: '1' }), 'There is no environment variable ROLLUP_DEVNET_PORT_LINAE', {}, 'Did you mean ROLLUP_DEVNET_PORT_LINEA?'],
    [refusal([], {}, { prot: 1 }), 'devnet.config.json has an unknown key "prot"', { actual: 'prot' }, 'Did you mean port?'],
    [refusal(['--port-linea', 'many']), '--port-linea is not a whole number from 0 to 65535', { expected: 'a whole number from 0 to 65535', actual: 'many' }, '--help'],
    [refusal([], { ROLLUP_DEVNET_ANCHOR_DELAY: '1w' }), 'anchor-delay (from ROLLUP_DEVNET_ANCHOR_DELAY) is not a time', { actual: '1w' }, '--help'],
    [refusal([], {}, { sequencer: 'maybe' }), 'sequencer (from devnet.config.json) is not true or false', { actual: 'maybe' }, '--help'],
    [refusal([], {}, { 'minimum-fee': 'ETH=1' }), 'minimum-fee (from devnet.config.json) is not a fee', { actual: 'ETH=1' }, '--help'],
    [refusal(['--minimum-fee', 'ETH']), '--minimum-fee is not a fee', { actual: 'ETH' }, '--help'],
    [refusal(['--fork-linea', 'linea.example']), '--fork-linea is not the URL of a node', { actual: 'linea.example' }, '--help'],
    [refusal(['--prover', 'magic']), '--prover is not one of snarkjs, rapidsnark, auto', { actual: 'magic' }, '--help'],
    [refusal(['--mnemonic', 'test test junk']), '--mnemonic is not a mnemonic', { actual: 'test test junk' }, '--help'],
    [refusal(['--folder']), '--folder needs a value', { expected: '--folder PATH', actual: 'nothing' }, '--help'],
    [refusal(['--folder', '--json']), '--folder needs a value', { actual: '--json' }, '--help'],
    [refusal(['--json=yes']), '--json takes no value', { actual: '--json=yes' }, '--help'],
    [refusal(['--port', '1', '--port', '2']), '--port is given twice', { actual: '1 and 2' }, '--help'],
    [refusal(['--sequencer', '--no-sequencer']), '--sequencer is given twice', {}, '--help'],
    [refusal([], {}, '[1]'), 'The config file is no JSON object', {}, '--help'],
    [refusal([], {}, '{'), 'The config file cannot be read', {}, '--help'],
    [refusal([], {}, { help: true }), 'devnet.config.json has an unknown key "help"', {}, '--help'],
  ];
  for (const [error, message, facts, hint] of cases) {
    expect(error.message).toContain(message);
    expect(error.facts).toMatchObject(facts);
    expect(error.hint).toContain(hint);
  }
});

test('words and flags of verbs are left to them', () => {
  const { words, extras, config } = readConfig({ args: ['relay', 'flush', '--dry-run', '--port', '0', '--most', '3'], env: {}, folder, extra: { 'dry-run': { type: 'boolean' }, most: { type: 'string' } } });
  expect(words).toEqual(['relay', 'flush']);
  expect(extras).toEqual({ 'dry-run': true, most: '3' });
  expect(config.port).toBe(0);
});

test('the help and the print of the config name every option, and nothing of this machine', () => {
  const help = optionsHelp();
  const printed = configText(read(['--port', '0'], { ROLLUP_PROVER: 'auto' }));
  for (const name of optionNames) {
    expect(help, name).toMatch(new RegExp(`--(\\[no-\\])?${name}\\b`));
    if (optionSpec(name).flagOnly !== true) expect(printed, name).toMatch(new RegExp(`^${name} `, 'm'));
  }
  expect(help.split('\n').filter((line) => line.length > 160)).toEqual([]);
  expect(help).not.toContain(process.cwd());
  expect(printed).toMatch(/^port-linea +0 +from --port$/m);
  expect(printed).toMatch(/^prover +auto +from ROLLUP_PROVER$/m);
  expect(configObject(read(['--port', '0']))['port-linea']).toEqual({ value: 0, source: '--port' });
});
