import { RollupError } from '../../base/errors.ts';
import { parseAmount, type ParseAmountParameters } from '../../chain/client/amount.ts';
import { describeToken, pairOfShares, sharesOf, type TokenName } from '../../chain/client/pairs.ts';
import { createRollupClient, type RollupClient } from '../../chain/client/rollupClient.ts';
import type { ChainDeployment, TokenDeployment } from '../../chain/deployments.ts';
import { UsageError, type CommandContext } from './command.ts';
import { findAccount, findChain, findNetwork, findToken, type Network } from './network.ts';

/** What a command that acts for a wallet starts from. */
export interface WalletSession {
  network: Network;
  client: RollupClient;
}

export function openWallet(context: CommandContext): WalletSession {
  const network = findNetwork(context);
  const account = findAccount(context, network);
  const keyIndex = readKeyIndex(context);
  return { network, client: createRollupClient({ deployment: network.deployment, sequencerUrl: network.sequencerUrl, account, keyIndex }) };
}

/** `--key-index`, else ROLLUP_KEY_INDEX, else 0; 0 for commands without that option. */
export function readKeyIndex({ options, env }: Pick<CommandContext, 'options' | 'env'>): number {
  const text = options.text('key-index');
  return text === undefined ? readNumber(env['ROLLUP_KEY_INDEX'] || '0', 'ROLLUP_KEY_INDEX') : readNumber(text, '--key-index');
}

/** What `--fee` says; undefined leaves it to the sequencer's minimum. */
export function readFee({ options }: CommandContext, { decimals, symbol }: TokenName): bigint | undefined {
  const text = options.text('fee');
  if (text === undefined) return undefined;
  if (/^0*\.?0*$/.test(text) && /0/.test(text)) return 0n;
  return readAmount({ text, decimals, symbol });
}

/** The chain, token and amount that `--chain`, `--token` and `--amount` name. */
export function readPayment({ options }: CommandContext, network: Network): { chain: ChainDeployment; token: TokenDeployment; amount: bigint } {
  const chain = findChain(options.required('chain'), network);
  const token = findToken(options.required('token'), chain);
  return { chain, token, amount: readAmount({ text: options.required('amount'), decimals: token.decimals, symbol: token.symbol }) };
}

/** As {@link readPayment}, but `--token pool-12` names the shares of pool 12 on the chain. */
export async function readTransfer(context: CommandContext, { network, client }: WalletSession): Promise<{ chain: ChainDeployment; token: TokenName & { token: number }; amount: bigint }> {
  const leafIndex = /^pool-(\d{1,8})$/i.exec(context.options.required('token'))?.[1];
  if (leafIndex === undefined) return readPayment(context, network);
  const chain = findChain(context.options.required('chain'), network);
  const pairs = await client.pools();
  const token = sharesOf({ leafIndex: Number(leafIndex) });
  if (pairOfShares(pairs, { chainIndex: chain.chainIndex, token }) === undefined) {
    const pools = pairs.flat().filter(({ chainIndex }) => chainIndex === chain.chainIndex);
    throw new UsageError(`There is no pool ${leafIndex} on ${chain.name}`, { facts: { known: pools.map((half) => `pool-${half.leafIndex}`).join(', ') || 'none' }, hint: 'See `npm run cli -- pools`.' });
  }
  const name = describeToken(network.deployment, pairs, { chainIndex: chain.chainIndex, token });
  return { chain, token: { token, ...name }, amount: readAmount({ text: context.options.required('amount'), ...name }) };
}

/** @throws UsageError */
export function readAmount(parameters: ParseAmountParameters): bigint {
  try {
    return parseAmount(parameters);
  } catch (error) {
    if (!(error instanceof RollupError)) throw error;
    throw new UsageError(error.message, { facts: error.facts, ...(error.hint === undefined ? {} : { hint: error.hint }) });
  }
}

/** A whole number from 0. @throws UsageError */
export function readNumber(text: string, name: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) throw new UsageError(`${name} must be a whole number`, { facts: { actual: text } });
  return value;
}
