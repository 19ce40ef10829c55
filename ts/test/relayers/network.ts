import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Abi, type Address, createTestClient, createWalletClient, encodeFunctionData, type Hex, http, keccak256, parseEther, toHex, zeroAddress } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { run } from '../../base/exec.ts';
import { RollupError } from '../../base/errors.ts';
import { foundryBinary, paths } from '../../base/paths.ts';
import { type ChainPublicClient, type ChainWalletClient, publicClient, viemChain } from '../../chain/clients.ts';
import { waitForReceipt } from '../../chain/errors.ts';
import type { ChainDeployment, Deployment } from '../../chain/deployments.ts';
import { testAccount } from '../../devnet/accounts.ts';
import { Anvil } from '../../devnet/anvil.ts';
import { L1_MESSENGER } from '../../devnet/relayers/eraTree.ts';

/*
 * Three anvils with the message services, the arbitrator and the real gateways; in place of each rollup a double that sends what the test
 * tells it. Linea is the primary.
 */

interface Artifact {
  abi: Abi;
  bytecode: { object: Hex };
  deployedBytecode: { object: Hex };
}

function artifact(name: string): Artifact {
  return JSON.parse(readFileSync(join(paths.forgeOut, `${name}.sol`, `${name}.json`), 'utf8')) as Artifact;
}

/** One chain and the deployer's account on it. */
export class TestChain {
  readonly anvil: Anvil;
  #clients: { client: ChainPublicClient; wallet: ChainWalletClient } | undefined;

  constructor(anvil: Anvil) {
    this.anvil = anvil;
  }

  get endpoint(): { name: string; chainId: number; rpcUrl: string } {
    return { name: this.anvil.name, chainId: this.anvil.chainId, rpcUrl: this.anvil.url };
  }

  get #connected(): { client: ChainPublicClient; wallet: ChainWalletClient } {
    // The nonce is asked for each time, because the tests go back to snapshots.
    const wallet = createWalletClient({ account: privateKeyToAccount(testAccount('deployer').privateKey), chain: viemChain(this.endpoint), transport: http(this.anvil.url), cacheTime: 0 });
    this.#clients ??= { client: publicClient(this.endpoint), wallet };
    return this.#clients;
  }

  get client(): ChainPublicClient {
    return this.#connected.client;
  }

  get control() {
    return createTestClient({ mode: 'anvil', chain: viemChain(this.endpoint), transport: http(this.anvil.url, { timeout: 120_000 }) });
  }

  async deploy(name: string, args: readonly unknown[] = []): Promise<Address> {
    const { abi, bytecode } = artifact(name);
    const receipt = await waitForReceipt({ client: this.client, hash: await this.#connected.wallet.deployContract({ abi, bytecode: bytecode.object, args }) });
    if (!receipt.contractAddress) throw new RollupError(`${name} could not be deployed`);
    return receipt.contractAddress;
  }

  async proxy(name: string, args: readonly unknown[]): Promise<Address> {
    const implementation = await this.deploy(name);
    return await this.deploy('ERC1967Proxy', [implementation, encodeFunctionData({ abi: artifact(name).abi, functionName: 'initialize', args })]);
  }

  async write(name: string, address: Address, functionName: string, args: readonly unknown[] = [], value = 0n): Promise<void> {
    const { abi } = artifact(name);
    await waitForReceipt({ client: this.client, hash: await this.#connected.wallet.writeContract({ address, abi, functionName, args, value }), what: functionName });
  }

  async read<T>(name: string, address: Address, functionName: string, args: readonly unknown[] = []): Promise<T> {
    return (await this.client.readContract({ address, abi: artifact(name).abi, functionName, args })) as T;
  }
}

export interface TestNetwork {
  ethereum: TestChain;
  linea: TestChain;
  zksync: TestChain;
  deployment: Deployment;
  stop(): Promise<void>;
}

export const operator = testAccount('operator');
export const relayer = testAccount('relayer');
const admin = testAccount('deployer').address;
const role = (name: string): Hex => keccak256(toHex(name));

export async function startNetwork(logFolder: string): Promise<TestNetwork> {
  await run({ command: foundryBinary('forge'), args: ['build'], cwd: paths.root });
  const chain = (name: string, chainId: number): TestChain => new TestChain(new Anvil({ name, chainId, port: 0, logFile: join(logFolder, `${name}.log`) }));
  const ethereum = chain('ethereum', 41_337);
  const linea = chain('linea', 41_338);
  const zksync = chain('zksync', 41_339);
  const anvils = [ethereum.anvil, linea.anvil, zksync.anvil];
  const stop = async (): Promise<void> => {
    await Promise.all(anvils.map(async (anvil) => await anvil.stop()));
  };
  try {
    await Promise.all(anvils.map(async (anvil) => await anvil.start()));
    const arbitrator = await ethereum.proxy('Arbitrator', [admin, 2, 0]);
    const chains = [await deployLinea(ethereum, linea, arbitrator), await deployZkSync(ethereum, zksync, arbitrator)];
    const deployment = { name: 'test', deploymentId: 1n, arbitratorChainId: 41_337, arbitratorRpcUrl: ethereum.anvil.url, arbitrator, chains };
    return { ethereum, linea, zksync, deployment, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function deployLinea(ethereum: TestChain, linea: TestChain, arbitrator: Address): Promise<ChainDeployment> {
  const l1Service = await ethereum.deploy('LineaRollup');
  const head = await linea.client.getBlockNumber();
  await ethereum.write('LineaRollup', l1Service, 'initialize', [
    {
      initialStateRootHash: role('genesis'),
      initialL2BlockNumber: head,
      genesisTimestamp: 1n,
      defaultVerifier: await ethereum.deploy('OperatorVerifier', [[{ value: role('chain'), name: 'chain' }]]),
      rateLimitPeriodInSeconds: 86_400n,
      rateLimitAmountInWei: parseEther('1000'),
      roleAddresses: [{ addressWithRole: operator.address, role: role('OPERATOR_ROLE') }],
      pauseTypeRoles: [],
      unpauseTypeRoles: [],
      defaultAdmin: admin,
      shnarfProvider: zeroAddress,
      addressFilter: await ethereum.deploy('AddressFilter'),
    },
    admin,
    admin,
  ]);
  const l2Service = await linea.deploy('L2MessageService');
  const roles = [{ addressWithRole: operator.address, role: role('L1_L2_MESSAGE_SETTER_ROLE') }];
  await linea.write('L2MessageService', l2Service, 'initialize', [86_400n, parseEther('1000'), admin, roles, [], []]);

  const rollup = await linea.deploy('RollupDouble');
  const l1Gateway = await ethereum.proxy('LineaL1Gateway', [admin, arbitrator, l1Service]);
  const gateway = await linea.proxy('LineaL2Gateway', [admin, rollup, l2Service]);
  await ethereum.write('LineaL1Gateway', l1Gateway, 'setRemoteGateway', [gateway]);
  await linea.write('LineaL2Gateway', gateway, 'setRemoteGateway', [l1Gateway]);
  await ethereum.write('Arbitrator', arbitrator, 'setGateway', [0, l1Gateway]);
  return { ...description(linea, 0, 'primary'), rollup, gateway, l1Gateway, messageService: { kind: 'linea', l1Service, l2Service } };
}

async function deployZkSync(ethereum: TestChain, zksync: TestChain, arbitrator: Address): Promise<ChainDeployment> {
  const { chainId } = zksync.anvil;
  const bridgehub = await ethereum.deploy('Bridgehub', [admin]);
  const diamond = await ethereum.deploy('ZkSyncChain', [BigInt(chainId), bridgehub, admin]);
  const nullifier = await ethereum.deploy('L1Nullifier', [admin, bridgehub]);
  const router = await ethereum.deploy('L1AssetRouter', [admin, zeroAddress, bridgehub, nullifier, BigInt(chainId), diamond]);
  const vault = await ethereum.deploy('L1NativeTokenVault', [admin, zeroAddress, router, nullifier]);
  await ethereum.write('L1AssetRouter', router, 'setNativeTokenVault', [vault]);
  await ethereum.write('L1NativeTokenVault', vault, 'registerEthToken');
  await ethereum.write('Bridgehub', bridgehub, 'setAddresses', [router, zeroAddress, zeroAddress, zeroAddress]);
  await ethereum.write('Bridgehub', bridgehub, 'registerAlreadyDeployedZKChain', [BigInt(chainId), diamond]);
  await ethereum.write('ZkSyncChain', diamond, 'setValidator', [operator.address, true]);
  await zksync.control.setCode({ address: L1_MESSENGER, bytecode: artifact('L1Messenger').deployedBytecode.object });

  const rollup = await zksync.deploy('RollupDouble');
  const l1Gateway = await ethereum.proxy('ZkSyncL1Gateway', [admin, arbitrator, bridgehub, BigInt(chainId), 2_000_000n]);
  const gateway = await zksync.proxy('ZkSyncL2Gateway', [admin, rollup, L1_MESSENGER]);
  await ethereum.write('ZkSyncL1Gateway', l1Gateway, 'setRemoteGateway', [gateway]);
  await zksync.write('ZkSyncL2Gateway', gateway, 'setRemoteGateway', [l1Gateway]);
  await ethereum.write('Arbitrator', arbitrator, 'setGateway', [1, l1Gateway]);
  return { ...description(zksync, 1, 'secondary'), rollup, gateway, l1Gateway, messageService: { kind: 'zksync', bridgehub, diamond, l1Messenger: L1_MESSENGER } };
}

function description(chain: TestChain, chainIndex: number, role: ChainDeployment['role']): Pick<ChainDeployment, 'chainIndex' | 'name' | 'chainId' | 'rpcUrl' | 'role' | 'verifier' | 'extension' | 'deployedAtBlock' | 'tokens'> {
  const { name, chainId, rpcUrl } = chain.endpoint;
  // The rollups are doubles that only know their gateway.
  return { chainIndex, name, chainId, rpcUrl, role, verifier: zeroAddress, extension: zeroAddress, deployedAtBlock: 0, tokens: [{ token: 1, symbol: 'ETH', decimals: 18, address: zeroAddress }] };
}
