import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { stringify } from '../base/json.ts';
import { chainOfDeployment, type Deployment, findDevnet, loadDeployment, primaryOf, saveDeployment, validateDeployment } from './deployments.ts';

const folder = mkdtempSync(join(tmpdir(), 'deployments-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

const address = (digit: string): `0x${string}` => `0x${digit.repeat(40)}`;

function deployment(): Deployment {
  const chain = { deployedAtBlock: 3, tokens: [{ token: 1, symbol: 'ETH', decimals: 18, address: address('0') }], rollup: address('1'), gateway: address('2'), l1Gateway: address('3'), verifier: address('6'), extension: address('7') };
  return {
    name: 'test',
    deploymentId: 123n << 200n,
    arbitratorChainId: 31_337,
    arbitratorRpcUrl: 'http://127.0.0.1:8545',
    arbitrator: address('a'),
    chains: [
      { ...chain, chainIndex: 0, name: 'linea', chainId: 31_338, rpcUrl: 'http://127.0.0.1:8546', role: 'primary', messageService: { kind: 'linea', l1Service: address('4'), l2Service: address('5') } },
      { ...chain, chainIndex: 1, name: 'ethereum', chainId: 31_337, rpcUrl: '$DEPLOYMENTS_TEST_URL', role: 'secondary', messageService: { kind: 'direct' } },
    ],
  };
}

test('what was saved is loaded; URLs may come from the environment', () => {
  const file = join(folder, 'deployment.json');
  saveDeployment(deployment(), file);
  expect(() => loadDeployment(file)).toThrow('The environment variable DEPLOYMENTS_TEST_URL is not set');
  process.env['DEPLOYMENTS_TEST_URL'] = 'http://127.0.0.1:1';
  const loaded = loadDeployment(file);
  delete process.env['DEPLOYMENTS_TEST_URL'];
  expect(loaded.deploymentId).toBe(123n << 200n);
  expect(loaded.chains[1]?.rpcUrl).toBe('http://127.0.0.1:1');
  expect(loaded.chains[0]).toEqual(deployment().chains[0]);
});

test('a description that is not whole names the field', () => {
  const broken: [string, (value: Record<string, never>) => void][] = [
    ['name', (value) => Object.assign(value, { name: '' })],
    ['deploymentId', (value) => Object.assign(value, { deploymentId: '123' })],
    ['arbitrator', (value) => Object.assign(value, { arbitrator: '0x12' })],
    ['chains', (value) => Object.assign(value, { chains: [] })],
    ['chains[0].chainIndex', (value: { chains?: { chainIndex: number }[] }) => Object.assign(value.chains?.[0] ?? {}, { chainIndex: 1 })],
    ['chains[0].rollup', (value: { chains?: object[] }) => Object.assign(value.chains?.[0] ?? {}, { rollup: undefined })],
    ['chains[1].verifier', (value: { chains?: object[] }) => Object.assign(value.chains?.[1] ?? {}, { verifier: undefined })],
    ['chains[1].extension', (value: { chains?: object[] }) => Object.assign(value.chains?.[1] ?? {}, { extension: '0x12' })],
    ['chains[0].role', (value: { chains?: object[] }) => Object.assign(value.chains?.[0] ?? {}, { role: 'first' })],
    ['chains[0].tokens[0].decimals', (value: { chains?: object[] }) => Object.assign(value.chains?.[0] ?? {}, { tokens: [{ token: 1, symbol: 'ETH', decimals: -1, address: address('0') }] })],
    ['chains[0].messageService.kind', (value: { chains?: object[] }) => Object.assign(value.chains?.[0] ?? {}, { messageService: { kind: 'pigeon' } })],
    ['chains[0].messageService.l2Service', (value: { chains?: object[] }) => Object.assign(value.chains?.[0] ?? {}, { messageService: { kind: 'linea', l1Service: address('4') } })],
    ['chains', (value: { chains?: object[] }) => Object.assign(value.chains?.[0] ?? {}, { role: 'secondary' })],
  ];
  for (const [field, damage] of broken) {
    const value = structuredClone(deployment());
    (damage as (value: unknown) => void)(value);
    expect(() => validateDeployment(value), field).toThrow(expect.objectContaining({ facts: expect.objectContaining({ field }) }));
  }
  expect(() => validateDeployment(null)).toThrow('Not a deployment description');
});

test('an unknown deployment, an unknown chain', () => {
  expect(() => loadDeployment('no-such-deployment')).toThrow('There is no deployment "no-such-deployment"');
  expect(chainOfDeployment(deployment(), 'ethereum').chainIndex).toBe(1);
  expect(chainOfDeployment(deployment(), 0).name).toBe('linea');
  expect(() => chainOfDeployment(deployment(), 'mars')).toThrow('no chain "mars"');
  expect(primaryOf(deployment()).name).toBe('linea');
});

test('the description of a devnet counts while its process lives', () => {
  const file = join(folder, 'devnet.json');
  expect(findDevnet(file)).toBeUndefined();
  const write = (pid: number): void => writeFileSync(file, stringify({ pid, deployment: deployment(), accounts: [], logs: {} }));
  write(process.pid);
  expect(findDevnet(file)?.deployment.name).toBe('test');
  write(2 ** 30);
  expect(findDevnet(file)).toBeUndefined();
});
