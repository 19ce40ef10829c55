import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from '../../base/json.ts';
import { deployCommand } from '../../cli/network/deploy.ts';
import { relayerCommand } from '../../cli/network/relayer.ts';
import { sequencerCommand } from '../../cli/network/sequencer.ts';
import { watchCommand } from '../../cli/network/watch.ts';
import { testAccount } from '../../devnet/accounts.ts';
import { Anvil } from '../../devnet/anvil.ts';
import { Gate } from './gate.ts';
import { runHere, type Environment } from './programs.ts';

/* What the commands for networks refuse, on anvils that only have the chain ids of Sepolia. */

const folder = mkdtempSync(join(tmpdir(), 'refusals-'));
const [ethereum, linea, zksync] = ([['ethereum', 11_155_111], ['linea', 59_141], ['zksync', 300]] as const).map(([name, chainId]) => new Anvil({ name, chainId, port: 0, logFile: join(folder, `${name}.log`) })) as [Anvil, Anvil, Anvil];
const sender = testAccount('alice').address;
let env: Environment;

beforeAll(async () => {
  await Promise.all([ethereum, linea, zksync].map(async (anvil) => await anvil.start()));
  env = {
    SEPOLIA_RPC_URL: ethereum.url, LINEA_SEPOLIA_RPC_URL: linea.url, ZKSYNC_SEPOLIA_RPC_URL: zksync.url, ALLOW_DEVELOPMENT_KEYS: '1',
    ROLLUP_GOVERNOR: sender, ROLLUP_VALIDATOR: sender, ROLLUP_BOND_RECEIVER: sender,
  };
});
afterAll(async () => {
  await Promise.all([ethereum, linea, zksync].map(async (anvil) => await anvil.stop()));
  rmSync(folder, { recursive: true });
});

const deploy = async (args: readonly string[], change: Environment = {}) => await runHere(deployCommand, args, { ...env, ...change });
const dryRun = ['sepolia', '--sender', sender, '--dry-run'];

describe('deploy refuses', () => {
  it('networks without the message services, and names all that is missing', async () => {
    const { code, out } = await deploy([...dryRun, '--json']);
    expect(code).toBe(1);
    const { error } = JSON.parse(out) as { error: { message: string; facts: Record<string, string>; hint: string } };
    expect(error.message).toBe('The networks are not ready for a deployment');
    expect(error.facts['ethereum']).toMatch(/no code at l1Service of linea 0xB218f8A4Bc926cF1cA7b3423c154a0D627Bdb7E5.*bridgehub of zksync.*diamond of zksync.*token USDC/);
    expect(error.facts['linea']).toMatch(/no code at l2Service of linea 0x971e727e956690b9957be6d51Ec16E73AcAC83A7/);
    expect(error.facts['zksync']).toMatch(/no code at l1Messenger of zksync.*not that of a zkSync node/);
    expect(error.hint).toMatch(/nothing was sent/);
  });

  it('another chain behind a URL, a node that is not there, and a deployer without coins', async () => {
    const { error, code } = await deploy(['sepolia', '--sender', '0x000000000000000000000000000000000000dEaD', '--dry-run'], { LINEA_SEPOLIA_RPC_URL: zksync.url, ZKSYNC_SEPOLIA_RPC_URL: 'http://127.0.0.1:9' });
    expect(code).toBe(1);
    expect(error).toMatch(/linea: chain id: expected 59141, got 300/);
    expect(error).toMatch(/zksync: its RPC does not answer/);
    expect(error).toMatch(/ethereum: .*has no coins/);
  });

  it('development keys wherever a chain is not known to be local', async () => {
    const forbidden = await deploy(dryRun, { ALLOW_DEVELOPMENT_KEYS: '' });
    expect(forbidden.code).toBe(1);
    expect(forbidden.error).toMatch(/verifying keys are development keys[\s\S]*ceremony/);
    // The variable counts for nodes of this machine only.
    const remote = await deploy(dryRun, { LINEA_SEPOLIA_RPC_URL: 'https://rpc.example' });
    expect(remote.error).toMatch(/verifying keys are development keys/);
  });

  it('a file whose variables are not set', async () => {
    const { code, error } = await deploy(dryRun, { ROLLUP_GOVERNOR: undefined, SEPOLIA_RPC_URL: undefined });
    expect(code).toBe(1);
    expect(error).toMatch(/ROLLUP_GOVERNOR: governor/);
    expect(error).toMatch(/SEPOLIA_RPC_URL: chains\[2\]\.rpcUrl, arbitratorRpcUrl/);
  });

  it.each([
    [['sepolia', '--dry-run'], /Missing --sender/],
    [['--sender', sender, '--dry-run'], /Missing FILE/],
    [['sepolia', '--sender', sender], /Who signs/],
    [['sepolia', '--sender', 'me', '--dry-run'], /--sender is not an address/],
    [['sepolia', '--sender', sender, '--unlocked', '--ledger'], /More than one signer/],
    [['sepolia', '--sender', sender, '--account', 'deployer'], /needs --password-file/],
    [['sepolia', '--sender', sender, '--dry-run', '--resume'], /exclude each other/],
    [['sepolia', '--sender', sender, '--dry-rum'], /Did you mean --dry-run/],
  ])('the command line %j with exit code 2', async (args, message) => {
    const { code, error } = await deploy(args);
    expect(code).toBe(2);
    expect(error).toMatch(message);
    expect(error).toMatch(/help: npm run deploy -- --help/);
  });

  it('a keystore of somebody else and a password file that is not there with exit code 2', async () => {
    const [keystore, password] = [join(folder, 'keystore.json'), join(folder, 'password')];
    writeFileSync(keystore, JSON.stringify({ version: 3, address: testAccount('bob').address.slice(2).toLowerCase() }));
    const signed = ['sepolia', '--sender', sender, '--keystore', keystore, '--password-file', password];
    const { code, error } = await deploy(signed);
    expect(code).toBe(2);
    expect(error).toMatch(new RegExp(`keystore is not of the sender[\\s\\S]*expected: ${sender}[\\s\\S]*actual: ${testAccount('bob').address}`));
    writeFileSync(keystore, JSON.stringify({ version: 3, address: sender.toLowerCase() }));
    expect((await deploy(signed)).error).toMatch(/password file does not exist/);
    writeFileSync(password, 'x');
    expect((await deploy(signed)).error).toMatch(/networks are not ready/);
  });

  it('to show the key of a provider', async () => {
    const key = 'h3pQ7vT1mZ9aB5cD8eF2';
    const gate = new Gate(zksync.url);
    await gate.open();
    const { error } = await deploy(dryRun, { SEPOLIA_RPC_URL: `http://127.0.0.1:9/v2/${key}`, LINEA_SEPOLIA_RPC_URL: `${gate.url}/v2/${key}` });
    expect(error).toMatch(/ethereum: its RPC does not answer/);
    expect(error).not.toContain(key);
    const contracts = Object.fromEntries(['rollup', 'gateway', 'l1Gateway', 'verifier', 'extension'].map((one) => [one, sender]));
    const chain = { chainIndex: 0, name: 'linea', chainId: 1, rpcUrl: `${gate.url}/v2/${key}`, role: 'primary', deployedAtBlock: 1, tokens: [], messageService: { kind: 'direct' }, ...contracts };
    const file = join(folder, 'deployment.json');
    writeFileSync(file, stringify({ name: 'elsewhere', deploymentId: 1n, arbitratorChainId: 1, arbitratorRpcUrl: chain.rpcUrl, arbitrator: sender, chains: [chain] }));
    const other = await runHere(relayerCommand, ['--deployment', file], env);
    expect(other.error).toMatch(/Another chain than linea answers[\s\S]*rpc: http:\/\/127.0.0.1:\d+\n/);
    expect(other.error).not.toContain(key);
    await gate.stop();
  });

  it('to go on with what was never begun, and a file that is not there', async () => {
    expect((await deploy(['sepolia', '--sender', sender, '--unlocked', '--resume'])).error).toMatch(/nothing to go on with/);
    expect((await deploy(['nowhere', '--sender', sender, '--dry-run'])).error).toMatch(/no such network file/);
  });
});

describe('sequencer, relayer and watch refuse', () => {
  it.each([
    ['sequencer', sequencerCommand(), []],
    ['relayer', relayerCommand, []],
    ['watch', watchCommand, ['--once']],
  ] as const)('%s: to run without a deployment, or with one that is not there', async (_, command, args) => {
    const missing = await runHere(command, args, env);
    expect(missing.code).toBe(2);
    expect(missing.error).toMatch(/Missing --deployment/);
    const unknown = await runHere(command, [...args, '--deployment', 'nowhere'], env);
    expect(unknown.code).toBe(1);
    expect(unknown.error).toMatch(/There is no deployment "nowhere"/);
  });

  it.each([
    ['deploy', deployCommand, /--dry-run[\s\S]*ROLLUP_GOVERNOR[\s\S]*Exit codes/],
    ['sequencer', sequencerCommand(), /--data-dir FOLDER[\s\S]*ROLLUP_VALIDATOR_KEY[\s\S]*Exit codes/],
    ['relayer', relayerCommand, /--from ADDRESS[\s\S]*ROLLUP_RELAYER_KEY[\s\S]*Exit codes/],
    ['watch', watchCommand, /--once[\s\S]*Exit codes/],
  ] as const)('nobody who asks %s for help', async (name, command, expected) => {
    const { code, out } = await runHere(command, ['--help'], env);
    expect(code).toBe(0);
    expect(out).toMatch(new RegExp(`^Usage: npm run ${name} -- `));
    expect(out).toMatch(expected);
  });
});
