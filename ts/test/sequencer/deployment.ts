import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeFunctionData, type Abi, type Address, type Hex } from 'viem';
import { run } from '../../base/exec.ts';
import { foundryBinary, paths } from '../../base/paths.ts';
import { RollupError } from '../../base/errors.ts';
import type { ChainDeployment, Deployment } from '../../chain/deployments.ts';
import { publicClient, walletClient, type ChainPublicClient, type ChainWalletClient, type Endpoint } from '../../chain/clients.ts';
import { deploymentIdOf } from '../../spec/chainSide.ts';
import { testAccount } from '../../devnet/accounts.ts';
import { Anvil } from '../../devnet/anvil.ts';

/*
 * Rollups for tests of the sequencer: each has a direct gateway, so that syncs and confirmations arrive in the same transaction and no
 * relayer is needed. Chains of one anvil share its arbitrator; chains on other anvils have one that nobody confirms.
 */

/** Seconds that a request has on these rollups; requests that may wait on one; wei that a full exit request brings. */
export const PRIORITY_EXPIRATION = 14 * 86_400;
export const MAX_OPEN_REQUESTS = 16;
export const EXIT_BOND = 10n ** 15n;

interface Artifact {
  abi: Abi;
  bytecode: { object: Hex };
}

let built: Promise<unknown> | null = null;

async function artifact(name: string, file = name): Promise<Artifact> {
  built ??= run({ command: foundryBinary('forge'), args: ['build'], cwd: paths.root });
  await built;
  return JSON.parse(readFileSync(join(paths.forgeOut, `${file}.sol`, `${name}.json`), 'utf8')) as Artifact;
}

class Deployer {
  readonly client: ChainPublicClient;
  readonly wallet: ChainWalletClient;

  constructor(endpoint: Endpoint) {
    this.client = publicClient(endpoint);
    this.wallet = walletClient({ endpoint, privateKey: testAccount('deployer').privateKey });
  }

  get admin(): Address {
    return this.wallet.account.address;
  }

  async deploy(name: string, args: readonly unknown[] = [], file = name): Promise<Address> {
    const { abi, bytecode } = await artifact(name, file);
    const hash = await this.wallet.deployContract({ abi, bytecode: bytecode.object, args });
    const { contractAddress, status } = await this.client.waitForTransactionReceipt({ hash });
    if (status !== 'success' || !contractAddress) throw new RollupError(`${name} could not be deployed`, { facts: { hash } });
    return contractAddress;
  }

  /** @param args of `initialize`; `constructorArgs` of the implementation */
  async proxy(name: string, args: readonly unknown[], constructorArgs: readonly unknown[] = []): Promise<Address> {
    const { abi } = await artifact(name);
    return await this.deploy('ERC1967Proxy', [await this.deploy(name, constructorArgs), encodeFunctionData({ abi, functionName: 'initialize', args })]);
  }

  async call(name: string, address: Address, functionName: string, args: readonly unknown[]): Promise<void> {
    const { abi } = await artifact(name);
    const hash = await this.wallet.writeContract({ address, abi, functionName, args });
    const { status } = await this.client.waitForTransactionReceipt({ hash });
    if (status !== 'success') throw new RollupError(`${functionName} of ${name} failed`, { facts: { hash } });
  }
}

export interface TestDeployment {
  deployment: Deployment;
  anvils: Anvil[];
  stop(): Promise<void>;
}

type VerifierName = 'Verifier' | 'VerifierDouble';

export interface DeployParameters {
  /** Number of the anvil of each chain, by chain index; the arbitrator is on anvil 0. */
  anvilOf: readonly number[];
  /** `Verifier` checks proofs; `VerifierDouble` takes all. One for all chains, or one for each by chain index. */
  verifier: VerifierName | readonly VerifierName[];
  logFolder: string;
}

/** Starts anvils and deploys one rollup for each chain on them. Chain 0 is the primary. */
export async function deployRollups({ anvilOf, verifier, logFolder }: DeployParameters): Promise<TestDeployment> {
  const count = Math.max(...anvilOf) + 1;
  const anvils = Array.from({ length: count }, (_, i) => new Anvil({ name: `anvil${i}`, chainId: 41_337 + i, port: 0, logFile: join(logFolder, `anvil${i}.log`) }));
  const stop = async (): Promise<void> => {
    await Promise.all(anvils.map((anvil) => anvil.stop()));
  };
  try {
    await Promise.all(anvils.map((anvil) => anvil.start()));
    const deployers = anvils.map(({ name, chainId, url }) => new Deployer({ name, chainId, rpcUrl: url }));
    const arbitrators: Address[] = [];
    for (const deployer of deployers) arbitrators.push(await deployer.proxy('Arbitrator', [deployer.admin, anvilOf.length, 0]));
    const [arbitrator] = arbitrators as [Address];
    const deploymentId = deploymentIdOf({ name: 'test', arbitratorChainId: 41_337, arbitrator });
    const chains: ChainDeployment[] = [];
    for (const [chainIndex, anvilIndex] of anvilOf.entries()) {
      const on = { deployer: deployers[anvilIndex]!, anvil: anvils[anvilIndex]!, arbitrator: arbitrators[anvilIndex]! };
      const own = typeof verifier === 'string' ? verifier : verifier[chainIndex]!;
      chains.push(await deployChain({ ...on, chainIndex, chainCount: anvilOf.length, deploymentId, verifier: own }));
    }
    return { deployment: { name: 'test', deploymentId, arbitratorChainId: 41_337, arbitratorRpcUrl: anvils[0]!.url, arbitrator, chains }, anvils, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface DeployChainParameters {
  deployer: Deployer;
  anvil: Anvil;
  arbitrator: Address;
  chainIndex: number;
  chainCount: number;
  deploymentId: bigint;
  verifier: VerifierName;
}

async function deployChain({ deployer, anvil, arbitrator, chainIndex, chainCount, deploymentId, verifier }: DeployChainParameters): Promise<ChainDeployment> {
  const deployedAtBlock = Number(await deployer.client.getBlockNumber());
  const isPrimary = chainIndex === 0;
  // These anvils' chain ids are none of those that the verifier takes for local: development keys are allowed by its argument.
  const verifierAddress = await deployer.deploy(verifier, verifier === 'Verifier' ? [true] : []);
  const parameters = {
    verifier: verifierAddress, maxOpenRequests: MAX_OPEN_REQUESTS, exitBond: EXIT_BOND, bondReceiver: testAccount('validator').address,
    deploymentId, chainIndex, chainCount, admin: deployer.admin, governor: deployer.admin, validator: testAccount('validator').address,
    priorityExpiration: PRIORITY_EXPIRATION, timestampPastTolerance: 86_400, timestampFutureTolerance: 900,
  };
  const name = isPrimary ? 'PrimaryRollup' : 'SecondaryRollup';
  const extension = await deployer.deploy('RollupExtension');
  const rollup = await deployer.proxy(name, [parameters], [extension]);
  const gateway = await deployer.proxy('DirectGateway', [deployer.admin, arbitrator, rollup]);
  await deployer.call('Arbitrator', arbitrator, 'setGateway', [chainIndex, gateway]);
  await deployer.call(name, rollup, 'setGateway', [gateway]);
  return {
    chainIndex, name: `chain${chainIndex}`, chainId: anvil.chainId, rpcUrl: anvil.url, role: isPrimary ? 'primary' : 'secondary', rollup, gateway, l1Gateway: gateway, verifier: verifierAddress, extension, deployedAtBlock,
    tokens: [{ token: 1, symbol: 'ETH', decimals: 18, address: '0x0000000000000000000000000000000000000000' }], messageService: { kind: 'direct' },
  };
}
