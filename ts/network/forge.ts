import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Abi, type AbiFunction, type Address, type Hex, toFunctionSelector, toFunctionSignature } from 'viem';
import { RollupError } from '../base/errors.ts';
import { run } from '../base/exec.ts';
import { foundryBinary, paths } from '../base/paths.ts';
import type { Progress } from '../base/progress.ts';
import * as generated from '../chain/generated/abi.ts';
import type { Environment } from './keys.ts';
import { withoutSecrets } from './secrets.ts';
import { type DeploymentIntent, type DeploymentRecord, intentOf, ownCache, type RecordedTransaction, recordFile, transactionsOfRecord } from './record.ts';

/** A transaction that the deployment sends. */
export interface PlannedTransaction {
  chainId: number;
  from: Address;
  /** Null makes a contract. */
  to: Address | null;
  /** What it does: a function's signature, or the contract that it makes. */
  function: string;
  /** The contract that is made or called, if forge knows its name. */
  contract: string | null;
  /** Wei. */
  value: bigint;
  /** Limit that forge sends it with. */
  gas: bigint;
  nonce: number;
  /** Bytes of calldata. */
  bytes: number;
}

/** Who signs, in forge's own words. Keys stay where they are: in a keystore, a hardware wallet, or the node. */
export interface Signer {
  address: Address;
  /** Arguments for forge, e.g. `--account deployer`. */
  args: readonly string[];
}

export interface ForgeParameters {
  /** Below the root of the checkout. */
  config: string;
  env?: Environment;
  progress: Progress;
  signal?: AbortSignal;
}

/**
 * Runs the deployment on forks of the networks. Nothing is sent and nothing is written.
 * @returns every transaction that it would send, in order on each network
 */
export async function simulateDeployment({ config, sender, ...rest }: ForgeParameters & { sender: Address }): Promise<{ transactions: PlannedTransaction[]; intent: DeploymentIntent['transactions'] }> {
  const folder = mkdtempSync(join(tmpdir(), 'deploy-'));
  try {
    const folders = { FOUNDRY_BROADCAST: join(folder, 'broadcast'), ...ownCache(join(folder, 'cache')) };
    await forgeScript({ ...rest, what: 'simulating the deployment', folders, args: ['script/Deploy.s.sol', '--sig', 'dryRun(string)', config, '--sender', sender] });
    const file = recordFile(join(folder, 'broadcast'));
    if (file === undefined) throw new RollupError('forge wrote no transactions down', { facts: { config } });
    const recorded = transactionsOfRecord(readFileSync(file, 'utf8'));
    return { transactions: recorded.map(planned), intent: intentOf(recorded) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export interface BroadcastParameters extends ForgeParameters {
  signer: Signer;
  /** Where forge notes what it sends. */
  record: DeploymentRecord;
  /** RPC URL of a chain. */
  urlOf(chainId: number): string;
  /** Go on with what the record says. */
  resume: boolean;
  /** Wait for each transaction before the next. */
  slow: boolean;
}

/** Sends the deployment's transactions; `resume` goes on with those of an interrupted run. */
export async function broadcastDeployment({ config, signer, record, urlOf, resume, slow, ...rest }: BroadcastParameters): Promise<void> {
  const several = !resume || record.isMulti ? ['--multi'] : [];
  const args = ['script/Deploy.s.sol', '--sig', 'run(string)', config, '--sender', signer.address, ...signer.args, ...several, '--broadcast', ...(resume ? ['--resume'] : []), ...(slow ? ['--slow'] : [])];
  try {
    await forgeScript({ ...rest, what: resume ? 'sending the rest of the deployment' : 'deploying', args, folders: resume ? record.openAgain(urlOf) : record.open() });
  } finally {
    record.close();
  }
}

/** Reads everything back from the chains. @returns where each chain's verifying keys come from, as the script says */
export async function checkDeployment({ config, ...rest }: ForgeParameters): Promise<string[]> {
  const output = await forgeScript({ ...rest, what: 'reading the deployment back', args: ['script/Check.s.sol', '--sig', 'run(string)', config] });
  return output.split('\n').flatMap((line) => (/^\s*verifying keys on /.test(line) ? [line.trim()] : []));
}

interface ForgeScriptParameters extends Omit<ForgeParameters, 'config'> {
  what: string;
  args: readonly string[];
  /** Environment variables that say where forge keeps its things. */
  folders?: Record<string, string>;
}

/** forge prints a trace of everything it did before the error; only the error matters here. */
async function forgeScript({ what, args, folders, env, progress, signal }: ForgeScriptParameters): Promise<string> {
  progress.report(what);
  const variables = Object.fromEntries(Object.entries({ ...env, ...folders }).filter((entry): entry is [string, string] => entry[1] !== undefined));
  const onLine = (line: string): void => {
    if (/^(?:Compiling|##|✅)/.test(line.trim())) progress.report(line.trim());
  };
  try {
    const { stdout } = await run({ command: foundryBinary('forge'), args: ['script', ...args], cwd: paths.root, env: variables, onLine, ...(signal === undefined ? {} : { signal }) });
    return stdout;
  } catch (cause) {
    // forge names URLs whole, and providers put keys into them.
    const text = withoutSecrets(cause instanceof Error ? cause.message : String(cause), variables);
    if (cause instanceof RollupError && signal?.aborted === true) throw cause;
    const reason = reasonOf(text.split('\n'));
    throw new RollupError(reason === undefined ? text : `${what}: ${reason.slice(0, 600)}`, { facts: { command: `forge script ${args.slice(0, 4).join(' ')}` } });
  }
}

/** The last error that forge names, with the lines that it puts below it: of a node that did not answer only they say so. */
function reasonOf(lines: readonly string[]): string | undefined {
  const at = lines.findLastIndex((line) => /^\s*(?:Error|└─ ← \[Revert\])/.test(line));
  if (at < 0) return undefined;
  const first = (lines[at] ?? '').trim().replace(/^(?:Error: |└─ ← \[Revert\] )/, '');
  const below = lines.slice(at + 1, at + 6).map((line) => line.trim()).filter((line) => line !== '' && line !== 'Context:');
  return [first, ...below].join(' ');
}

/** By selector: forge does not know what is behind a proxy. */
const signatures: ReadonlyMap<string, string> = new Map(
  Object.values(generated)
    .flatMap((abi): Abi => abi as Abi)
    .filter((item): item is AbiFunction => item.type === 'function')
    .map((item) => [toFunctionSelector(item), toFunctionSignature(item)]),
);

function signatureOf(input: Hex): string {
  const selector = input.slice(0, 10);
  return signatures.get(selector) ?? `call of ${selector}`;
}

function planned({ chainId, from, to, function: called, contract, creates, value, gas, nonce, input }: RecordedTransaction): PlannedTransaction {
  return { chainId, from, to, function: creates !== null ? `new ${contract ?? 'contract'}` : (called ?? signatureOf(input)), contract, value, gas, nonce, bytes: (input.length - 2) / 2 };
}
