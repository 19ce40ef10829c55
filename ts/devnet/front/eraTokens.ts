import { type Address, BaseError, getAddress, type Hex, HttpRequestError, isAddressEqual, numberToHex, parseAbi, parseAbiItem, TimeoutError, zeroAddress, zeroHash } from 'viem';
import type { ChainPublicClient } from '../../chain/clients.ts';
import { SYSTEM_CONTRACTS } from '../systemContracts.ts';
import type { EraView } from './eraView.ts';
import { INVALID_PARAMS, RpcError } from './rpc.ts';

/** A token as Era's node names it. */
export interface EraToken {
  /** Zero for ETH. */
  l1Address: Address;
  /** Zero for ETH. */
  l2Address: Address;
  name: string;
  symbol: string;
  decimals: number;
}

const ETH: EraToken = { l1Address: zeroAddress, l2Address: zeroAddress, name: 'Ether', symbol: 'ETH', decimals: 18 };
const standInMade = parseAbiItem('event BridgeInitialize(address indexed l1Token, string name, string symbol, uint8 decimals)');
const vaultAbi = parseAbi(['function assetId(address token) view returns (bytes32)']);
const tokenAbi = parseAbi(['function balanceOf(address account) view returns (uint256)']);

/** Most tokens in one answer: the node takes one byte. */
const MOST_TOKENS = 255;

/** Tokens that the node knows: ETH, and every token of Ethereum that came over the bridge, by symbol. Tokens that were born on zkSync are none of them. */
export async function knownTokens({ parameters: { l2 }, history }: EraView): Promise<EraToken[]> {
  await history.refresh();
  // What a fork began with is not asked for.
  const fromBlock = history.blocks[0]?.number;
  const events = fromBlock === undefined ? [] : await l2.getLogs({ event: standInMade, fromBlock, strict: true });
  // Anybody may emit the event; the vault says which tokens it made.
  const assets = await Promise.all(events.map(async ({ address }) => await l2.readContract({ address: SYSTEM_CONTRACTS.L2NativeTokenVault, abi: vaultAbi, functionName: 'assetId', args: [address] })));
  const standIns = events.filter((_, i) => assets[i] !== zeroHash).map(({ address, args }): EraToken => {
    const { l1Token, name, symbol, decimals } = args;
    return { l1Address: lowerCase(l1Token), l2Address: lowerCase(address), name, symbol, decimals };
  });
  return [ETH, ...standIns].sort((a, b) => (a.symbol < b.symbol ? -1 : a.symbol > b.symbol ? 1 : 0));
}

/** Answers zks_getConfirmedTokens: tokens number `from` … `from + limit - 1`. */
export function pageOf(tokens: readonly EraToken[], from: number, limit: number): EraToken[] {
  if (limit > MOST_TOKENS) throw new RpcError({ code: INVALID_PARAMS, message: `The limit must be at most ${MOST_TOKENS}, not ${limit}` });
  return tokens.slice(from, from + limit);
}

/** Answers zks_getAllAccountBalances: address on zkSync → balance, without the tokens that the account has nothing of, or that do not tell. */
export async function balancesOf(view: EraView, account: Address): Promise<Record<Address, Hex>> {
  const { l2 } = view.parameters;
  const balances = await Promise.all(
    (await knownTokens(view)).map(async ({ l2Address }): Promise<[Address, bigint]> => {
      if (isAddressEqual(l2Address, zeroAddress)) return [l2Address, await l2.getBalance({ address: account })];
      return [l2Address, await tokenBalance(l2, l2Address, account)];
    }),
  );
  return Object.fromEntries(balances.filter(([, balance]) => balance > 0n).map(([token, balance]) => [token, numberToHex(balance)]));
}

/** 0 where the token itself refuses to tell: the others still do. */
async function tokenBalance(l2: ChainPublicClient, token: Address, account: Address): Promise<bigint> {
  try {
    return await l2.readContract({ address: getAddress(token), abi: tokenAbi, functionName: 'balanceOf', args: [account] });
  } catch (error) {
    const nodeAnswered = error instanceof BaseError && error.walk((cause) => cause instanceof HttpRequestError || cause instanceof TimeoutError) === null;
    if (nodeAnswered) return 0n;
    throw error;
  }
}

/** Era's node writes addresses without a checksum. */
function lowerCase(address: Address): Address {
  return address.toLowerCase() as Address;
}
