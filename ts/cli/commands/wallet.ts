import { RollupError } from '../../base/errors.ts';
import { parseAmount } from '../../chain/client/amount.ts';
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
  return { network, client: createRollupClient({ deployment: network.deployment, sequencerUrl: network.sequencerUrl, account }) };
}

/** The chain, token and amount that `--chain`, `--token` and `--amount` name. */
export function readPayment({ options }: CommandContext, network: Network): { chain: ChainDeployment; token: TokenDeployment; amount: bigint } {
  const chain = findChain(options.required('chain'), network);
  const token = findToken(options.required('token'), chain);
  const text = options.required('amount');
  try {
    return { chain, token, amount: parseAmount({ text, decimals: token.decimals, symbol: token.symbol }) };
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
