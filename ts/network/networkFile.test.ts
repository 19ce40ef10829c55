import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { checksumAddress, type Address } from 'viem';
import { linea, lineaSepolia, mainnet, sepolia, zksync, zksyncSepoliaTestnet } from 'viem/chains';
import { afterAll, describe, expect, it } from 'vitest';
import { RollupError } from '../base/errors.ts';
import { paths } from '../base/paths.ts';
import { networksOfFile, readNetworkFile } from './networkFile.ts';

const folder = join(paths.deployments, `devnet-networkFile-${process.pid}`);
mkdirSync(folder, { recursive: true });
afterAll(() => rmSync(folder, { recursive: true }));

const env = {
  ...Object.fromEntries(['', 'SEPOLIA_', 'LINEA_', 'LINEA_SEPOLIA_', 'ZKSYNC_', 'ZKSYNC_SEPOLIA_', 'ETHEREUM_'].map((prefix) => [`${prefix}RPC_URL`, `https://${prefix.toLowerCase().replaceAll('_', '-')}rpc.example`])),
  ROLLUP_GOVERNOR: '0x5B38Da6a701c568545dCfcB03FcB875f56beddC4',
  ROLLUP_VALIDATOR: '0xAb8483F64d9C6d1EcF9b849Ae677dD3315835cb2',
  ROLLUP_BOND_RECEIVER: '0x4B20993Bc481177ec7E8f571ceCaE8A9e22C02db',
};
const fileOf = (name: string): string => join(paths.scriptConfig, `${name}.json`);

type Change = (json: Record<string, unknown> & { chains: Record<string, unknown>[] }) => void;

/** The file of Sepolia with a change. */
function changed(change: Change): string {
  const json = JSON.parse(readFileSync(fileOf('sepolia'), 'utf8')) as Parameters<Change>[0];
  change(json);
  const file = join(folder, 'config.json');
  writeFileSync(file, JSON.stringify(json));
  return file;
}

function refusal(read: () => unknown): { message: string; facts: Record<string, unknown> } {
  try {
    read();
  } catch (error) {
    if (error instanceof RollupError) return { message: error.message, facts: error.facts };
    throw error;
  }
  throw new Error('it was not refused');
}

describe.each([
  ['sepolia', sepolia, lineaSepolia, zksyncSepoliaTestnet],
  ['mainnet', mainnet, linea, zksync],
] as const)('script/config/%s.json', (name, ethereum, lineaChain, era) => {
  const network = readNetworkFile(fileOf(name), env);

  it('names the chains by the ids that viem has for them', () => {
    expect(network.arbitrator.chainId).toBe(ethereum.id);
    expect(network.chains.map(({ chainId }) => chainId)).toEqual([lineaChain.id, era.id, ethereum.id]);
    expect(networksOfFile(network).map(({ name: own }) => own)).toEqual(['ethereum', 'linea', 'zksync']);
    expect(network.chains.map(({ primary }) => primary)).toEqual([true, false, false]);
  });

  it("has Linea's message services where Linea's own SDK has them", () => {
    const { NETWORKS } = createRequire(import.meta.url)('@consensys/linea-sdk/dist/lib/utils/networks.js') as { NETWORKS: Record<string, { l1ContractAddress: Address; l2ContractAddress: Address }> };
    const known = NETWORKS[`linea-${name}`];
    expect(network.chains[0]?.messageService).toEqual({ kind: 'linea', l1Service: known?.l1ContractAddress, l2Service: known?.l2ContractAddress });
  });

  it('writes every address with its checksum', () => {
    const addresses = [...readFileSync(fileOf(name), 'utf8').matchAll(/"(0x[0-9a-fA-F]{40})"/g)].map(([, address]) => address as Address);
    expect(addresses.length).toBeGreaterThanOrEqual(8);
    expect(addresses.map((address) => checksumAddress(address))).toEqual(addresses);
    expect(new Set(addresses).size).toBe(addresses.length);
  });

  it('gives users more time to leave than upgrades need to take effect', () => {
    const { timelockDelay, priorityExpiration } = JSON.parse(readFileSync(fileOf(name), 'utf8')) as Record<string, number>;
    expect(timelockDelay).toBeGreaterThan((priorityExpiration ?? 0) + 7 * 86_400);
  });
});

describe('a network file', () => {
  it('that needs variables which are not set is refused with all of them', () => {
    const { message, facts } = refusal(() => readNetworkFile(fileOf('sepolia'), { ...env, ROLLUP_GOVERNOR: '', SEPOLIA_RPC_URL: undefined }));
    expect(message).toMatch(/Environment variables .* are not set/);
    expect(facts).toMatchObject({ ROLLUP_GOVERNOR: 'governor', SEPOLIA_RPC_URL: 'chains[2].rpcUrl, arbitratorRpcUrl' });
    expect(Object.keys(facts)).toHaveLength(3);
  });

  it.each<[string, Change, Record<string, unknown>]>([
    ['a slip in an address', (json) => (json['governor'] = '0x5B38Da6a701c568545dCfcB03FcB875f56beddc4'), { field: 'governor', expected: expect.stringContaining('checksum') as string }],
    ['no address', (json) => (json['governor'] = 'me'), { field: 'governor', expected: '0x and 40 hex digits' }],
    ['another kind of service', (json) => ((json.chains[0]?.['messageService'] as Record<string, unknown>)['kind'] = 'pigeon'), { field: 'chains[0].messageService.kind', actual: 'pigeon' }],
    ['no diamond', (json) => delete (json.chains[1]?.['messageService'] as Record<string, unknown>)['diamond'], { field: 'chains[1].messageService.diamond', actual: 'nothing' }],
    ['a URL that is none', (json) => (json['arbitratorRpcUrl'] = 'localhost:8545'), { field: 'arbitratorRpcUrl' }],
    ['no chains', (json) => (json.chains.length = 0), { field: 'chains' }],
    ['a chain id of text', (json) => (json.chains[0]!['chainId'] = '59141'), { field: 'chains[0].chainId', actual: '59141' }],
    ['no tokens', (json) => delete json.chains[2]!['tokens'], { field: 'chains[2].tokens' }],
    ['a name with a slash', (json) => (json['name'] = '../x'), { field: 'name' }],
  ])('with %s is refused, with the field', (_, change, facts) => {
    expect(refusal(() => readNetworkFile(changed(change), env)).facts).toMatchObject(facts);
  });

  it('that is not there, not JSON, or where forge may not read is refused', () => {
    expect(refusal(() => readNetworkFile(join(folder, 'none.json'), env)).message).toMatch(/no such network file/);
    const broken = join(folder, 'broken.json');
    writeFileSync(broken, '{');
    expect(refusal(() => readNetworkFile(broken, env)).message).toMatch(/not JSON/);
    expect(refusal(() => readNetworkFile(join(paths.root, 'package.json'), env)).message).toMatch(/forge may not read/);
  });
});
