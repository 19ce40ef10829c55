import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { firstLine } from '../base/errors.ts';
import { run } from '../base/exec.ts';
import { foundryBinary, paths } from '../base/paths.ts';
import { deploymentFile } from '../chain/deployments.ts';
import { testAccount } from './accounts.ts';
import { Anvil } from './anvil.ts';
import { buildContracts, deployDevnet, networksOf, placeTopology, readTopology, removeDeployment, type TopologyConfig } from './deploy.ts';

const folder = mkdtempSync(join(tmpdir(), 'deploy-test-'));
const topology = readTopology('devnet');
const anvils = networksOf(topology).map(({ name, chainId }) => new Anvil({ name, chainId, port: 0, logFile: join(folder, `${name}.log`) }));
const name = `devnet-deploy-test-${process.pid}`;
let placed: TopologyConfig;

beforeAll(async () => {
  await Promise.all([buildContracts(), ...anvils.map((anvil) => anvil.start())]);
  placed = placeTopology(topology, name, anvils.map(({ name: network, chainId, url }) => ({ name: network, chainId, rpcUrl: url })));
});
afterAll(async () => {
  await Promise.all(anvils.map((anvil) => anvil.stop()));
  rmSync(folder, { recursive: true });
  removeDeployment(name);
});

/** What forge says when it runs a script on a changed config; undefined when it does not fail. */
async function errorOf(script: string, config: unknown, ...args: string[]): Promise<string | undefined> {
  const file = join(dirname(deploymentFile(name)), 'changed.json');
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(config));
  const signature = args.length === 0 ? 'run(string)' : 'run(string,address,address[])';
  try {
    await run({
      command: foundryBinary('forge'),
      args: ['script', `script/${script}.s.sol`, '--sig', signature, file.slice(paths.root.length + 1), ...args, '--sender', testAccount('deployer').address],
      cwd: paths.root,
    });
    return undefined;
  } catch (error) {
    return error instanceof Error ? (error.message.split('\n').find((line) => line.startsWith('Error:')) ?? error.message) : firstLine(error);
  }
}

test('simulated services are refused on a chain that is not local', async () => {
  const chains = placed.chains.map((chain) => (chain.name === 'linea' ? { ...chain, chainId: 59_144 } : chain));
  expect(await errorOf('devnet/DeployServices', { ...placed, chains }, testAccount('operator').address, '[]')).toContain('NotALocalChain("linea", 59144');
  const abroad = { ...placed, arbitratorChainId: 1, chains: placed.chains.map((chain) => (chain.name === 'ethereum' ? { ...chain, chainId: 1 } : chain)) };
  expect(await errorOf('devnet/DeployServices', abroad, testAccount('operator').address, '[]')).toContain('NotALocalChain("arbitrator", 1)');
});

test('services are refused on an Era chain without its system contract', async () => {
  expect(await errorOf('devnet/DeployServices', placed, testAccount('operator').address, '[]')).toContain('NoCodeInPlace(0x0000000000000000000000000000000000008008)');
});

test('a URL at which another chain answers is refused', async () => {
  const real = { kind: 'linea', l1Service: testAccount('bob').address, l2Service: testAccount('bob').address };
  const chains = placed.chains.map((chain) => (chain.name === 'linea' ? { ...chain, chainId: 31_399, messageService: real } : { ...chain, messageService: { kind: 'direct' }, chainId: placed.arbitratorChainId }));
  expect(await errorOf('Deploy', { ...placed, chains })).toContain('WrongChainId(');
});

test('a deployment reads back; a changed config and a second use of the name do not pass', async () => {
  const deployment = await deployDevnet({ topology: placed });
  expect(deployment.name).toBe(name);
  const config = JSON.parse(readFileSync(join(dirname(deploymentFile(name)), 'config.json'), 'utf8')) as Record<string, unknown>;
  expect(await errorOf('Check', config)).toBeUndefined();
  expect(await errorOf('Check', { ...config, timelockDelay: 11 })).toContain('Unexpected("arbitrator", "timelock delay"');
  expect(await errorOf('Check', { ...config, validator: testAccount('bob').address })).toContain('Unexpected("linea", "validator"');
  await expect(deployDevnet({ topology: placed })).rejects.toThrow('deploying message services and tokens');
});
