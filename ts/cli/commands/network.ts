import { existsSync } from 'node:fs';

import { isAddress, isHex, type Address } from 'viem';
import { privateKeyToAccount, type PrivateKeyAccount } from 'viem/accounts';

import { RollupError } from '../../base/errors.ts';
import { devnetFile, findDevnet, loadDeployment, readChains, type ChainDeployment, type Deployment, type DevnetDescription, type RpcUrls, type TestAccount, type TokenDeployment } from '../../chain/deployments.ts';
import { UsageError, type CommandContext } from './command.ts';
import { nearest } from '../../base/nearest.ts';

/** A running rollup as the commands use it. */
export interface Network {
  deployment: Deployment;
  sequencerUrl: string;
  /** Named accounts whose keys are public; none on real networks. */
  accounts: readonly TestAccount[];
}

/** The chains of a rollup, whether or not anybody runs a sequencer for it. */
export interface Chains {
  deployment: Deployment;
  accounts: readonly TestAccount[];
}

/**
 * For commands that need nothing but chains: a devnet's description is read even when the process that wrote it has ended.
 * @param urls RPC URLs to use instead of the description's
 * @throws RollupError when there is no description
 */
export function findChains({ options, env }: Pick<CommandContext, 'options' | 'env'>, urls?: RpcUrls): Chains {
  const named = options.text('deployment');
  if (named !== undefined && !named.endsWith('.json')) return { deployment: loadDeployment(named, urls), accounts: [] };
  const file = named ?? options.text('devnet') ?? (env['ROLLUP_DEVNET'] || devnetFile);
  if (!existsSync(file)) {
    throw new RollupError('There is no description of the rollup', {
      facts: { file },
      hint: 'Give --deployment with a name in script/deployments or a .json file, or start a devnet with `npm run devnet`.',
    });
  }
  try {
    return readChains(file, urls);
  } catch (cause) {
    if (cause instanceof RollupError) throw cause;
    throw new RollupError('The description of the rollup cannot be read', { facts: { file }, cause });
  }
}

/** @throws RollupError when nothing runs, with the command that starts it */
export function findNetwork({ options, env }: Pick<CommandContext, 'options' | 'env'>): Network {
  const deployed = options.text('deployment');
  if (deployed !== undefined) {
    const sequencerUrl = options.text('sequencer') ?? (env['ROLLUP_SEQUENCER'] || undefined);
    if (sequencerUrl === undefined) throw new UsageError('Which sequencer?', { hint: 'Give --sequencer URL or set ROLLUP_SEQUENCER.' });
    return { deployment: loadDeployment(deployed), sequencerUrl, accounts: [] };
  }
  const named = options.text('devnet') ?? (env['ROLLUP_DEVNET'] || undefined);
  const file = named ?? devnetFile;
  const hint = 'Start one with `npm run devnet` in another terminal.';
  if (named !== undefined && !existsSync(named)) throw new RollupError('The network description does not exist', { facts: { file: named }, hint });
  const description = readDescription(file);
  if (description === undefined) throw new RollupError('No devnet is running', { facts: { file: existsSync(file) ? `${file} (its process has ended)` : file }, hint });
  const sequencerUrl = options.text('sequencer') ?? description.sequencerUrl;
  if (sequencerUrl === undefined) throw new RollupError('The devnet runs without a sequencer', { facts: { file }, hint: 'Start it again with its sequencer.' });
  return { deployment: description.deployment, sequencerUrl, accounts: [...description.accounts, ...(description.operators ?? [])] };
}

function readDescription(file: string): DevnetDescription | undefined {
  try {
    return findDevnet(file);
  } catch (cause) {
    if (cause instanceof RollupError) throw cause;
    throw new RollupError('The network description cannot be read', { facts: { file }, cause });
  }
}

/** The wallet to act for: `--account`, else the key in ROLLUP_PRIVATE_KEY. */
export function findAccount({ options, env }: Pick<CommandContext, 'options' | 'env'>, network: Chains): PrivateKeyAccount {
  const name = options.text('account');
  if (name !== undefined) return privateKeyToAccount(namedAccount(name, network).privateKey);
  const key = env['ROLLUP_PRIVATE_KEY'] ?? '';
  if (key === '') throw new UsageError('Whose wallet?', { hint: 'Give --account (alice, bob, carol, dave on the devnet) or set ROLLUP_PRIVATE_KEY.' });
  if (!isHex(key) || key.length !== 66) throw new UsageError('ROLLUP_PRIVATE_KEY is not a private key', { facts: { expected: '0x and 64 hex digits', actual: `${key.length} characters` } });
  return privateKeyToAccount(key);
}

function namedAccount(name: string, { accounts }: Chains): TestAccount {
  const found = accounts.find((account) => account.name === name.toLowerCase());
  if (found) return found;
  const names = accounts.map((account) => account.name);
  throw new UsageError(`There is no account "${name}" on this network`, { facts: { known: names.join(', ') || 'none' }, ...didYouMean(name, names) });
}

export function isNamedAccount(name: string, { accounts }: Chains): boolean {
  return accounts.some((account) => account.name === name.toLowerCase());
}

export function privateAccountOf(name: string, network: Chains): PrivateKeyAccount {
  return privateKeyToAccount(namedAccount(name, network).privateKey);
}

/** An address on a chain: 0x…, or the name of a devnet account. */
export function findAddress(text: string, network: Chains): Address {
  if (isAddress(text, { strict: false })) return text;
  if (text.startsWith('0x')) throw new UsageError('This is not an address', { facts: { expected: '0x and 40 hex digits', actual: text } });
  return namedAccount(text, network).address;
}

/** A chain by name or index. */
export function findChain(text: string, { deployment }: Chains): ChainDeployment {
  const found = deployment.chains.find(({ name, chainIndex }) => name === text.toLowerCase() || String(chainIndex) === text);
  if (found) return found;
  const names = deployment.chains.map(({ name }) => name);
  throw new UsageError(`There is no chain "${text}"`, { facts: { known: deployment.chains.map(({ name, chainIndex }) => `${chainIndex} ${name}`).join(', ') }, ...didYouMean(text, names) });
}

/** A token of a chain by symbol or id. */
export function findToken(text: string, chain: ChainDeployment): TokenDeployment {
  const found = chain.tokens.find(({ symbol, token }) => symbol.toLowerCase() === text.toLowerCase() || String(token) === text);
  if (found) return found;
  const symbols = chain.tokens.map(({ symbol }) => symbol);
  throw new UsageError(`There is no token "${text}" on ${chain.name}`, { facts: { known: chain.tokens.map(({ symbol, token }) => `${token} ${symbol}`).join(', ') }, ...didYouMean(text, symbols) });
}

function didYouMean(word: string, known: readonly string[]): { hint?: string } {
  const guess = nearest(word, known);
  return guess === undefined ? {} : { hint: `Did you mean ${guess}?` };
}
