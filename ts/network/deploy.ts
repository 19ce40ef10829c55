import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Address, getAddress } from 'viem';
import { firstLine, RollupError } from '../base/errors.ts';
import { paths } from '../base/paths.ts';
import type { Progress } from '../base/progress.ts';
import { type Endpoint, isOnThisMachine } from '../chain/clients.ts';
import { deploymentFile } from '../chain/deployments.ts';
import { buildContracts } from '../devnet/deploy.ts';
import { assertNoPublicAccounts, findRealChain } from './development.ts';
import { broadcastDeployment, checkDeployment, type PlannedTransaction, type Signer, simulateDeployment } from './forge.ts';
import type { Environment } from './keys.ts';
import { contentOfFile, type NetworkFile, networksOfFile } from './networkFile.ts';
import { assertAffordable, checkNetworks, costOf, type NetworkReport } from './preflight.ts';
import { type DeploymentIntent, DeploymentRecord } from './record.ts';
import { assertNetworksFit, assertRecordFits, isUntouched } from './resume.ts';

export interface DeployParameters {
  network: NetworkFile;
  env: Environment;
  progress: Progress;
  signal?: AbortSignal;
}

/** What a deployment would do. */
export interface DeploymentPlan {
  networks: (NetworkReport & { transactions: number; gas: bigint; /** Wei, at today's gas price. */ cost: bigint })[];
  transactions: PlannedTransaction[];
}

/**
 * Simulates a deployment on forks of its networks. Nothing is sent and nothing is written.
 * @throws RollupError when the networks or the keys are not fit for it, or the simulation fails
 */
export async function planDeployment(parameters: DeployParameters & { deployer: Address }): Promise<DeploymentPlan> {
  return (await simulate(parameters)).plan;
}

async function simulate({ network, env, progress, signal, deployer }: DeployParameters & { deployer: Address }): Promise<{ plan: DeploymentPlan; intent: DeploymentIntent }> {
  await assertKeysFit({ network, env, deployer });
  progress.report('looking at the networks');
  const reports = await checkNetworks({ network, deployer });
  // Now that every node answers.
  await assertKeysFit({ network, env, deployer });
  await buildContracts({ progress, ...(signal === undefined ? {} : { signal }) });
  const { transactions, intent } = await simulateDeployment({ config: network.path, sender: deployer, env, progress, ...(signal === undefined ? {} : { signal }) });
  const networks = reports.map((report) => {
    const own = transactions.filter(({ chainId }) => chainId === report.chainId);
    return { ...report, transactions: own.length, ...costOf(own, report.gasPrice) };
  });
  return { plan: { networks, transactions }, intent: { config: contentOfFile(network, env), sender: getAddress(deployer), transactions: intent } };
}

export interface RunDeploymentParameters extends DeployParameters {
  signer: Signer;
  /** Go on with an interrupted run. */
  resume?: boolean;
}

export interface DeploymentResult {
  /** The description that clients, sequencer and relayers start from. */
  file: string;
  /** Where each chain's verifying keys come from. */
  keys: string[];
}

/**
 * Deploys a topology: looks at the networks, simulates, sends, and reads everything back.
 * @throws RollupError when something does not fit, before anything is sent if that can be known; its hint says whether to run it again with `resume`
 */
export async function runDeployment(parameters: RunDeploymentParameters): Promise<DeploymentResult> {
  const { network, env, progress, signal, signer, resume = false } = parameters;
  const file = deploymentFile(network.name);
  const record = new DeploymentRecord(network.name);
  const shared = { config: network.path, env, progress, ...(signal === undefined ? {} : { signal }) };
  const isComplete = resume ? await prepareResume({ ...parameters, record }) : await prepare({ ...parameters, record });
  if (!isComplete) {
    const networks = networksOfFile(network);
    const urlOf = (chainId: number): string => networks.find((one) => one.chainId === chainId)?.rpcUrl ?? '';
    try {
      await broadcastDeployment({ ...shared, signer, record, urlOf, resume, slow: !networks.every(({ rpcUrl }) => isOnThisMachine(rpcUrl)) });
    } catch (cause) {
      throw await afterFailure(cause, networks, record);
    }
  }
  return { file, keys: await checkDeployment(shared) };
}

type PrepareParameters = RunDeploymentParameters & { record: DeploymentRecord };

/** Everything before the first transaction. */
async function prepare({ network, env, progress, signal, signer, record }: PrepareParameters): Promise<false> {
  const file = deploymentFile(network.name);
  const begun = record.intent();
  // Killed before it sent anything: nothing of it counts.
  if (begun !== undefined && !record.isBegun && (await isUntouched(begun, networksOfFile(network)))) record.forget();
  if (existsSync(file) || record.intent() !== undefined) {
    const another = 'for another deployment on the same networks choose another name: every address depends on it.';
    throw new RollupError(`The name "${network.name}" is used already`, {
      facts: { file: existsSync(file) ? file : record.folder },
      hint: record.intent() !== undefined && !isFinished(record) ? `To go on with it after an interruption add --resume; ${another}` : `It is deployed; ${another}`,
    });
  }
  const { plan, intent } = await simulate({ network, env, progress, ...(signal === undefined ? {} : { signal }), deployer: signer.address });
  assertAffordable(plan.networks);
  record.begin(intent);
  return false;
}

/** What forge failed with, and what to do then: that depends on whether anything was sent. */
async function afterFailure(cause: unknown, networks: readonly Endpoint[], record: DeploymentRecord): Promise<RollupError> {
  const facts = { reason: firstLine(cause) };
  const intent = record.intent();
  if (record.isBegun || intent === undefined || !(await isUntouched(intent, networks))) {
    return new RollupError('The deployment was interrupted', { facts, hint: 'Remove the cause and run the same command with --resume.', cause });
  }
  record.forget();
  return new RollupError('The deployment did not begin: nothing was sent', { facts, hint: 'Remove the cause and run the same command again.', cause });
}

function isFinished(record: DeploymentRecord): boolean {
  const transactions = record.transactions();
  return transactions.length > 0 && transactions.every(({ succeeded }) => succeeded);
}

/** Everything before the rest is sent. @returns whether nothing is left to send */
async function prepareResume({ network, env, progress, signal, signer, record }: PrepareParameters): Promise<boolean> {
  const file = deploymentFile(network.name);
  if (!existsSync(file)) throw new RollupError('There is nothing to go on with', { facts: { expected: file }, hint: 'Run the command without --resume.' });
  const deployer = getAddress(signer.address);
  const transactions = assertRecordFits({ record, config: contentOfFile(network, env), sender: deployer });
  await assertKeysFit({ network, env, deployer });
  progress.report('looking at the networks');
  const reports = await checkNetworks({ network, deployer });
  // Now that every node answers.
  await assertKeysFit({ network, env, deployer });
  const nonces = await assertNetworksFit({ transactions, networks: networksOfFile(network), reports, name: network.name });
  // The deployer may have sent other things since.
  for (const [chainId, nonce] of nonces) record.renumber(chainId, nonce);
  await buildContracts({ progress, ...(signal === undefined ? {} : { signal }) });
  return isFinished(record);
}

/** Contracts refuse development keys anyway, but only after minutes; whose accounts they have they cannot know. @throws RollupError */
async function assertKeysFit({ network, env, deployer }: { network: NetworkFile; env: Environment; deployer: Address }): Promise<void> {
  const transcript = /TRANSCRIPT_HASH = (0x[0-9a-fA-F]+|0);/.exec(readFileSync(join(paths.generatedSolidity, 'VerifyingKeys.sol'), 'utf8'))?.[1];
  if (transcript === undefined) throw new RollupError('The origin of the verifying keys cannot be read', { facts: { file: 'src/generated/VerifyingKeys.sol' }, hint: 'Run `npm run gen`.' });
  const networks = networksOfFile(network);
  const real = BigInt(transcript) === 0n ? await findRealChain(networks, env) : undefined;
  if (real !== undefined) {
    throw new RollupError('The verifying keys are development keys', {
      facts: { network: `${real.name} (chain id ${real.chainId})`, expected: 'keys of a ceremony', actual: 'keys made from public beacons: everybody can forge proofs for them' },
      hint: 'Make keys by a ceremony (`npm run circuit -- ceremony`, circuits/KEYS.md). For anvils of this machine with real ids set ALLOW_DEVELOPMENT_KEYS=1.',
    });
  }
  const { governor, validator, bondReceiver } = network;
  await assertNoPublicAccounts({ networks, env, accounts: { sender: deployer, governor, validator, bondReceiver } });
}
