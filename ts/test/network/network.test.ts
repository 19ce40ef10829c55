import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { encrypt, pbkdf2 } from 'ox/Keystore';
import type { Address, Hex } from 'viem';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { parse, stringify } from '../../base/json.ts';
import { paths } from '../../base/paths.ts';
import { publicClient } from '../../chain/clients.ts';
import { deploymentFile, loadDeployment, type Deployment } from '../../chain/deployments.ts';
import { deployCommand } from '../../cli/network/deploy.ts';
import { relayerCommand } from '../../cli/network/relayer.ts';
import { sequencerCommand } from '../../cli/network/sequencer.ts';
import { watchCommand } from '../../cli/network/watch.ts';
import { testAccount } from '../../devnet/accounts.ts';
import { startDevnet, type Devnet } from '../../devnet/devnet.ts';
import { runDeployment } from '../../network/deploy.ts';
import type { PlannedTransaction } from '../../network/forge.ts';
import { readNetworkFile } from '../../network/networkFile.ts';
import { CREATE2_FACTORY, type NetworkReport } from '../../network/preflight.ts';
import type { PlannedClaim } from '../../network/relayer.ts';
import type { MessageSource } from '../../network/message.ts';
import type { SequencerPlan } from '../../network/sequencer.ts';
import { messageSources } from '../../network/sources.ts';
import { watchRollup, type WatchView } from '../../network/watch.ts';
import { testUser, type TestUser } from '../../sequencer/testSupport.ts';
import { depositFor, testClient } from '../sequencer/chain.ts';
import { Gate } from './gate.ts';
import { Program, runHere, type Environment } from './programs.ts';

/*
 * The commands for real networks, end to end, on chains of this machine that go by the real networks' ids with the message services at their
 * addresses: the rollup of script/config/mainnet.json (under another name) is deployed, sequenced, relayed and watched by these commands alone. The
 * devnet's relayers do what the networks' own operators do; they carry nothing of this rollup's gateways.
 */

const folder = mkdtempSync(join(tmpdir(), 'networks-'));
const name = `devnet-networks-${process.pid}`;
const config = join(dirname(deploymentFile(name)), 'config.json');
/** A rollup on Ethereum alone. */
const otherName = `${name}-other`;
const other = join(dirname(deploymentFile(otherName)), 'config.json');
const mainnet = join(paths.scriptConfig, 'mainnet.json');
const alice: TestUser = { ...testUser(1), owner: BigInt(testAccount('alice').address) };
const ether = 10n ** 18n;
/** Code that answers every call with 1, for a verifier that takes proofs of zeros. */
const ANSWERS_TRUE: Hex = '0x600160005260206000f3';
/** Code that says that it has 6 decimals, and answers every other call with the text USDC. */
const IS_USDC: Hex = `0x60003560e01c63313ce56714604257602060005260046020527f${'55534443'.padEnd(64, '0')}60405260606000f35b600660005260206000f3`;
const running: Program[] = [];

let devnet: Devnet;
let gate: Gate;
let env: Environment;
let deployment: Deployment;

beforeAll(async () => {
  devnet = await startDevnet({ folder: join(folder, 'devnet'), sequencer: false, chainIds: 'mainnet', relayers: { pollInterval: 100, delays: { seal: 0 } } });
  // Nothing is left to carry: tests compare numbers of blocks.
  await devnet.relayers.idle();
  const url = (chain: string): string => devnet.deployment.chains.find((candidate) => candidate.name === chain)?.rpcUrl ?? '';
  gate = new Gate(url('linea'));
  await gate.open();
  env = {
    ...process.env,
    ETHEREUM_RPC_URL: url('ethereum'),
    LINEA_RPC_URL: gate.url,
    ZKSYNC_RPC_URL: url('zksync'),
    ROLLUP_GOVERNOR: testAccount('deployer').address,
    ROLLUP_VALIDATOR: testAccount('validator').address,
    ROLLUP_BOND_RECEIVER: testAccount('dave').address,
    ROLLUP_VALIDATOR_KEY: testAccount('validator').privateKey,
    ROLLUP_ANYONE_KEY: testAccount('prover').privateKey,
    ROLLUP_RELAYER_KEY: testAccount('bob').privateKey,
    ALLOW_DEVELOPMENT_KEYS: '1',
  };
  // The file's RPC URLs are read from the environment of this process, too.
  for (const variable of ['ETHEREUM_RPC_URL', 'LINEA_RPC_URL', 'ZKSYNC_RPC_URL']) process.env[variable] = env[variable];
  mkdirSync(dirname(config), { recursive: true });
  const file = JSON.parse(readFileSync(mainnet, 'utf8')) as { chains: { name: string; tokens: { address: Address }[] }[] };
  writeFileSync(config, JSON.stringify({ ...file, name }));
  mkdirSync(dirname(other), { recursive: true });
  writeFileSync(other, JSON.stringify({ ...file, name: otherName, chains: file.chains.filter((chain) => chain.name === 'ethereum').map((chain) => ({ ...chain, primary: true })) }));
  // The tokens of mainnet are not there.
  for (const chain of devnet.deployment.chains) {
    for (const { address } of file.chains.find((candidate) => candidate.name === chain.name)?.tokens ?? []) await testClient(chain).setCode({ address, bytecode: IS_USDC });
  }
});

afterEach((context) => {
  if (context.task.result?.state === 'fail') for (const { lines } of running) process.stderr.write(`${lines.slice(-40).join('\n')}\n\n`);
});

afterAll(async () => {
  for (const program of running) if (program.isRunning) await program.kill();
  await gate?.stop();
  await devnet?.stop();
  rmSync(dirname(other), { recursive: true, force: true });
  rmSync(dirname(config), { recursive: true, force: true });
  rmSync(folder, { recursive: true, force: true });
});

async function sendFrom(chain: Deployment['chains'][number], { from, to, input, gas }: { from: Address; to: Address; input: Hex; gas?: Hex }): Promise<{ hash: Hex; status: string }> {
  const hash = (await publicClient(chain).request({ method: 'eth_sendTransaction', params: [{ from, to, data: input, gas }] } as never)) as Hex;
  return { hash, status: (await publicClient(chain).waitForTransactionReceipt({ hash })).status };
}

function start(file: string, args: readonly string[]): Program {
  const program = new Program(file, ['--deployment', name, ...args], env);
  running.push(program);
  return program;
}

const dataDir = join(folder, 'sequencer');
const startSequencer = (): Program => start('ts/test/network/sequencerProcess.ts', ['--port', '0', '--data-dir', dataDir, '--poll', '0.3']);

/** @param sources of messages; none unless the condition is about them: every look costs */
async function until(condition: (view: WatchView) => boolean, what: string, sources: readonly MessageSource[] = []): Promise<WatchView> {
  const end = Date.now() + 240_000;
  for (;;) {
    const view = await watchRollup({ deployment, sources });
    if (condition(view)) return view;
    if (Date.now() > end) throw new Error(`it did not happen in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}

const stages = ({ chains }: WatchView, stage: 'committed' | 'proved' | 'synced' | 'confirmed' | 'executed'): number[] => chains.map(({ state }) => state?.stages[stage] ?? -1);

const sender = testAccount('alice').address;
const run = async (args: readonly string[], change: Environment = {}) => await runHere(deployCommand, [...args, '--unlocked'], { ...env, ...change });
const recordOf = (of: string): string => join(dirname(deploymentFile(of)), 'record');
const blockNumbers = async (): Promise<bigint[]> => await Promise.all(devnet.deployment.chains.map(async (chain) => await publicClient(chain).getBlockNumber()));

it('deploy --dry-run prints every transaction of script/config/mainnet.json and leaves nothing behind', async () => {
  const before = await Promise.all(devnet.deployment.chains.map(async (chain) => await publicClient(chain).getBlockNumber()));
  const { code, out, error } = await runHere(deployCommand, [mainnet, '--sender', testAccount('alice').address, '--dry-run', '--json'], env);
  expect({ code, error }).toEqual({ code: 0, error: '' });
  const { networks, transactions } = JSON.parse(out) as { networks: (NetworkReport & { cost: string; gas: string; transactions: number })[]; transactions: (PlannedTransaction & { gas: string })[] };
  expect(networks.map(({ chainId }) => chainId)).toEqual([1, 59_144, 324]);
  for (const network of networks) {
    const own = transactions.filter(({ chainId }) => chainId === network.chainId);
    expect(own.length, network.name).toBeGreaterThan(5);
    expect(network.transactions).toBe(own.length);
    expect(own.every(({ from, gas }) => from === testAccount('alice').address && BigInt(gas) > 20_000n)).toBe(true);
    // In order, without a gap.
    expect(own.map(({ nonce }) => nonce - own[0]!.nonce)).toEqual(own.map((_, i) => i));
    expect(BigInt(network.gas)).toBe(own.reduce((sum, { gas }) => sum + BigInt(gas), 0n));
  }
  const calls = transactions.map((transaction) => transaction.function).join('\n');
  expect(calls).toMatch(/^new TimelockController\nnew Arbitrator[\s\S]*new PrimaryRollup[\s\S]*setRemoteGateway\(address\)[\s\S]*registerToken\(uint32,address\)/);
  expect(calls).not.toContain('call of');
  expect(existsSync(deploymentFile('mainnet'))).toBe(false);
  expect(await Promise.all(devnet.deployment.chains.map(async (chain) => await publicClient(chain).getBlockNumber()))).toEqual(before);
});

it('deploy refuses contracts that are not the services of Linea, and tokens that are not those of the file', async () => {
  interface File { chains: { name: string; messageService: Record<string, string>; tokens: { symbol: string; decimals: number }[] }[] }
  const file = JSON.parse(readFileSync(config, 'utf8')) as File;
  const [linea, zksync, ethereum] = ['linea', 'zksync', 'ethereum'].map((chain) => file.chains.find((candidate) => candidate.name === chain)!);
  // Both have code there.
  linea!.messageService = { ...linea!.messageService, l1Service: zksync!.messageService['bridgehub']!, l2Service: CREATE2_FACTORY };
  ethereum!.tokens[0]!.symbol = 'USDT';
  zksync!.tokens[0]!.decimals = 18;
  const wrong = join(dirname(config), 'wrong.json');
  writeFileSync(wrong, JSON.stringify(file));
  const { code, error } = await runHere(deployCommand, [wrong, '--sender', sender, '--dry-run'], env);
  expect(code).toBe(1);
  expect(error).toMatch(/ethereum: .*l1Service of linea 0x\w+ does not answer as Linea's LineaRollup.*symbol of the token 0x\w+: expected USDT, got USDC/);
  expect(error).toMatch(/linea: l2Service of linea 0x\w+ does not answer as Linea's L2MessageService/);
  expect(error).toMatch(/zksync: decimals of the token USDC 0x\w+: expected 18, got 6/);
});

it('a deployment of which nothing was sent leaves its name free', async () => {
  const before = await blockNumbers();
  const stop = new AbortController();
  const progress = { report: (what: string) => void (what === 'deploying' && setTimeout(() => stop.abort(), 50)) };
  const interrupted = runDeployment({ network: readNetworkFile(other, env), env, progress, signal: stop.signal, signer: { address: sender, args: ['--unlocked'] } });
  await expect(interrupted).rejects.toMatchObject({ message: 'The deployment did not begin: nothing was sent', facts: { reason: 'forge was interrupted' }, hint: expect.stringMatching(/run the same command again/) as string });
  expect(existsSync(deploymentFile(otherName)) || existsSync(recordOf(otherName))).toBe(false);

  const [key, options] = pbkdf2({ password: 'open sesame', iterations: 2 });
  const keystore = join(folder, 'keystore.json');
  writeFileSync(keystore, JSON.stringify(encrypt(testAccount('alice').privateKey, key, options)));
  writeFileSync(join(folder, 'password'), 'another');
  const { code, error } = await runHere(deployCommand, [other, '--sender', sender, '--keystore', keystore, '--password-file', join(folder, 'password')], env);
  expect(code, error).toBe(1);
  expect(error).toMatch(/did not begin: nothing was sent[\s\S]*run the same command again/);
  expect(error).not.toContain('--resume');
  expect(existsSync(deploymentFile(otherName)) || existsSync(recordOf(otherName))).toBe(false);
  expect(await blockNumbers()).toEqual(before);
});

it('a deployment that was interrupted keeps its name and what it sent', async () => {
  gate.closed = true;
  const { code, error } = await run([config, '--sender', sender]);
  gate.closed = false;
  expect(code, error).toBe(1);
  expect(error).toMatch(/was interrupted[\s\S]*the gate is closed[\s\S]*--resume/);
  const again = await run([config, '--sender', sender]);
  expect(again.code).toBe(1);
  expect(again.error).toMatch(/name .* is used already[\s\S]*--resume/);
});

it('another deployment from the same checkout has a record of its own', async () => {
  const kept = readdirSync(recordOf(name), { recursive: true });
  const { code, error } = await run([other, '--sender', sender]);
  expect({ code, error: error.replace(/^.*\n(?=$)/, '') }, error).toMatchObject({ code: 0 });
  expect(loadDeployment(otherName).chains.map(({ chainId }) => chainId)).toEqual([1]);
  expect(readdirSync(recordOf(name), { recursive: true })).toEqual(kept);
  // No provider's key stays there.
  expect(kept.filter((file) => String(file).includes('cache'))).toEqual([]);
});

it('--resume refuses what does not belong to the deployment, and sends nothing', async () => {
  const before = await blockNumbers();
  const resume = async (change: Environment = {}, from: Address = sender) => (await run([config, '--sender', from, '--resume'], change)).error;
  expect(await resume({ ROLLUP_GOVERNOR: testAccount('carol').address })).toMatch(new RegExp(`began otherwise[\\s\\S]*config.governor: expected ${testAccount('deployer').address}, got ${testAccount('carol').address}`));
  expect(await resume({}, testAccount('bob').address)).toMatch(/began otherwise[\s\S]*sender: expected/);
  expect(await resume({ LINEA_RPC_URL: env['ZKSYNC_RPC_URL'] })).toMatch(/linea: chain id: expected 59144, got 324/);
  const own = join(folder, 'record');
  cpSync(join(recordOf(name), 'broadcast'), own, { recursive: true });
  rmSync(join(recordOf(name), 'broadcast'), { recursive: true });
  cpSync(join(recordOf(otherName), 'broadcast'), join(recordOf(name), 'broadcast'), { recursive: true });
  expect(await resume()).toMatch(/The record is not of the deployment[\s\S]*expected .*, got /);
  rmSync(join(recordOf(name), 'broadcast'), { recursive: true });
  cpSync(own, join(recordOf(name), 'broadcast'), { recursive: true });
  expect(await blockNumbers()).toEqual(before);
  const file = join(recordOf(name), 'broadcast', 'multi', 'Deploy.s.sol-latest', 'run.json');
  const text = readFileSync(file, 'utf8');
  const { hash } = (JSON.parse(text) as { deployments: { transactions: { hash: Hex }[] }[] }).deployments[0]!.transactions.at(-1)!;
  // Another chain with the same id, or one that was begun anew.
  writeFileSync(file, text.replaceAll(hash, `0x${'11'.repeat(32)}`));
  expect(await resume()).toMatch(/not where the deployment .* stopped[\s\S]*ethereum: it does not know the transaction 0x1111/);
  // A transaction that is there, but failed.
  const failed = await sendFrom(devnet.deployment.chains[2]!, { from: testAccount('bob').address, to: CREATE2_FACTORY, input: `0x${'00'.repeat(32)}fe`, gas: '0x30d40' });
  expect(failed.status).toBe('reverted');
  const record = JSON.parse(text) as { deployments: { chain: number; transactions: { hash: Hex | null }[]; receipts: { transactionHash: Hex }[] }[] };
  record.deployments[0]!.transactions.at(-1)!.hash = failed.hash;
  record.deployments[0]!.receipts = record.deployments[0]!.receipts.filter(({ transactionHash }) => transactionHash !== hash);
  writeFileSync(file, JSON.stringify(record));
  expect(await resume()).toMatch(new RegExp(`ethereum: the transaction ${failed.hash} of the record failed there`));
  writeFileSync(file, text);
  // The transaction that comes next was sent, though forge did not note it.
  const { transaction } = (JSON.parse(text) as { deployments: { chain: number; transactions: { transaction: { to: Address; input: Hex } }[] }[] }).deployments.find(({ chain }) => chain === 59_144)!.transactions[0]!;
  const [linea] = devnet.deployment.chains;
  const snapshot = await testClient(linea!).snapshot();
  const sent = await sendFrom(linea!, { ...transaction, from: testAccount('bob').address });
  expect(sent.status).toBe('success');
  expect(await resume()).toMatch(/linea: the next transaction \(.*\) would fail/);
  await testClient(linea!).revert({ id: snapshot });
  writeFileSync(file, text);
});

it('--resume deploys the rest, reads all of it back and writes the description; the name is used then', async () => {
  const { code, out, error } = await run([config, '--sender', sender, '--resume', '--json']);
  expect({ code, error }, out).toEqual({ code: 0, error: '' });
  expect(out).toContain('development keys');
  deployment = loadDeployment(name);
  expect(deployment.chains.map(({ chainId }) => chainId)).toEqual([59_144, 324, 1]);
  // The description names the variables, not the URLs behind them.
  expect(parse<Deployment>(readFileSync(deploymentFile(name), 'utf8')).chains.map(({ rpcUrl }) => rpcUrl)).toEqual(['$LINEA_RPC_URL', '$ZKSYNC_RPC_URL', '$ETHEREUM_RPC_URL']);

  const again = await run([config, '--sender', sender]);
  expect(again.code).toBe(1);
  expect(again.error).toMatch(/name .* is used already[\s\S]*another name/);
  expect(again.error).not.toContain('--resume');
});

it('sequencer --dry-run says what waits; a deposit goes to commit and sync without anybody relaying', async () => {
  const [linea, zksync] = deployment.chains as [Deployment['chains'][number], Deployment['chains'][number], Deployment['chains'][number]];
  await testClient(linea).setCode({ address: linea.verifier, bytecode: ANSWERS_TRUE });
  await depositFor(linea, alice, ether);
  await depositFor(zksync, alice, 2n * ether);
  const dry = await runHere(sequencerCommand(), ['--deployment', name, '--data-dir', dataDir, '--dry-run', '--json'], env);
  expect(dry.code, dry.out).toBe(0);
  const plan = JSON.parse(dry.out) as SequencerPlan;
  expect(plan).toMatchObject({ lastBlock: 0, steps: [], waitingRequests: [{ name: 'linea', requests: 1 }, { name: 'zksync', requests: 1 }, { name: 'ethereum', requests: 0 }] });
  expect(existsSync(dataDir)).toBe(false);

  const sequencer = startSequencer();
  await sequencer.event('started');
  await until((view) => stages(view, 'synced').every((block) => block >= 1), 'sync on every chain');
  // While one runs, too: it has the data folder's lock.
  const beside = await runHere(sequencerCommand(), ['--deployment', name, '--data-dir', dataDir, '--dry-run', '--json'], env);
  expect(beside.code, beside.out).toBe(0);
  expect(JSON.parse(beside.out)).toMatchObject({ lastBlock: 1, provable: 1 });
  expect(sequencer.isRunning).toBe(true);
  expect(await sequencer.interrupt()).toBe(0);
  expect(sequencer.lines.some((line) => line.includes('"stopped"'))).toBe(true);
});

it('relayer --dry-run shows the claims with their proofs, and sends none', async () => {
  const view = await until(({ messages }) => messages.filter(({ stage }) => stage === 'claimable').length === 2, 'both sync messages can be claimed', messageSources(deployment));
  expect(view.arbitrator).toEqual({ lastConfirmed: 0, halted: false });
  expect(view.messages.map(({ chain, direction, content }) => `${chain} ${direction} ${content}`)).toEqual(['linea up sync hashes of block 1', 'zksync up sync hash of block 1']);
  const { code, out } = await runHere(relayerCommand, ['--deployment', name, '--dry-run', '--json'], env);
  expect(code, out).toBe(0);
  const { claims } = JSON.parse(out) as { claims: (PlannedClaim & { gas?: string })[] };
  expect(claims.map(({ network, function: called, refusal }) => ({ network, called, refusal }))).toEqual([
    { network: 'ethereum', called: 'claimMessageWithProof', refusal: undefined },
    { network: 'ethereum', called: 'finalizeMessage', refusal: undefined },
  ]);
  expect(claims.every(({ gas, from }) => BigInt(gas ?? 0) > 50_000n && from === testAccount('bob').address)).toBe(true);
  expect(stages(await watchRollup({ deployment }), 'confirmed')).toEqual([0, 0, 0]);
});

it('relayer and sequencer, each a process of its own, take the block to execution; a killed sequencer goes on where it was', async () => {
  const relayer = start('ts/cli/relayer.ts', ['--poll', '0.3']);
  await relayer.event('started');
  const sequencer = startSequencer();
  await until((view) => (view.arbitrator?.lastConfirmed ?? 0) >= 1, 'confirmation by the arbitrator');
  await sequencer.kill();
  const restarted = startSequencer();
  const done = await until((view) => stages(view, 'executed').every((block) => block >= 1), 'execution on every chain');
  expect(done.chains.map(({ state }) => state?.openRequests)).toEqual([0, 0, 0]);
  const { url } = (await restarted.event('started')) as { url: string };
  const leaves = (await (await fetch(`${url}/users/${testAccount('alice').address}`)).json()) as { chainIndex: number; balance: string }[];
  expect(leaves.map(({ chainIndex, balance }) => [chainIndex, balance])).toEqual([[0, String(ether)], [1, String(2n * ether)]]);
  expect(await restarted.interrupt()).toBe(0);
  expect(await relayer.interrupt()).toBe(0);
  // To zkSync nobody claims anything.
  expect(relayer.lines.filter((line) => line.includes('"claimed"')).map((line) => (JSON.parse(line) as { source: string }).source).sort()).toEqual(['linea down', 'linea up', 'zksync up']);
});

it('sequencer and relayer refuse keys of the public mnemonic on what may be a real network, and a deployment that is not there', async () => {
  for (const [command, role] of [[sequencerCommand(), 'validator'], [relayerCommand, 'relayer']] as const) {
    const { code, error } = await runHere(command, ['--deployment', name, ...(role === 'validator' ? ['--dry-run', '--data-dir', dataDir] : [])], { ...env, ALLOW_DEVELOPMENT_KEYS: '' });
    expect(code).toBe(1);
    expect(error).toMatch(new RegExp(`one of the public mnemonic[\\s\\S]*${role}: 0x\\w{40}: everybody has its key`));
  }
  const absent: Address = '0x00000000000000000000000000000000000000aa';
  const file = join(folder, 'absent.json');
  writeFileSync(file, stringify({ ...deployment, chains: deployment.chains.map((chain) => (chain.name === 'zksync' ? { ...chain, rollup: absent } : chain)) }));
  const { error } = await runHere(sequencerCommand(), ['--deployment', file, '--data-dir', dataDir, '--dry-run'], env);
  expect(error).toMatch(new RegExp(`zksync: no contract at ${absent}`));
  writeFileSync(file, stringify({ ...deployment, chains: deployment.chains.map((chain) => ({ ...chain, rpcUrl: deployment.chains[0]!.rpcUrl })) }));
  expect((await runHere(sequencerCommand(), ['--deployment', file, '--data-dir', dataDir, '--dry-run'], env)).error).toMatch(/Another chain than \w+ answers/);
});

it('watch --once shows it, to programs and to people', async () => {
  const watch = start('ts/cli/watch.ts', ['--once']);
  while (watch.isRunning) await new Promise((resolve) => setTimeout(resolve, 25));
  const view = JSON.parse(watch.lines.filter((line) => !line.includes('Warning')).join('\n')) as WatchView;
  expect(view.blocks).toEqual([{ blockNumber: 1, arbitrated: true, stages: [0, 1, 2].map((chainIndex) => ({ chainIndex, stage: 'executed' })) }]);
  expect(view.messages).toEqual([]);
  expect(view.trouble).toEqual({});
  const { code, out } = await runHere(watchCommand, ['--deployment', name, '--once'], env);
  expect(code).toBe(0);
  expect(out).toMatch(/has confirmed block 1[\s\S]*1 {2}executed {2}executed {2}executed {2}confirmed[\s\S]*No message is in flight/);
});
