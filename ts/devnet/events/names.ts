import { formatUnits } from 'viem';
import type { Deployment, TestAccount } from '../../chain/deployments.ts';
import type { Names } from './decode.ts';

/** Names of a devnet's accounts, contracts, chains and tokens. */
export function namesOf(deployment: Deployment, accounts: readonly TestAccount[]): Names {
  const known = new Map<string, string>(accounts.map(({ name, address }) => [address.toLowerCase(), name]));
  known.set(deployment.arbitrator.toLowerCase(), 'the arbitrator');
  for (const { name, rollup, gateway, l1Gateway } of deployment.chains) {
    known.set(rollup.toLowerCase(), `${name}'s rollup`);
    known.set(l1Gateway.toLowerCase(), `${name}'s gateway`);
    known.set(gateway.toLowerCase(), `${name}'s gateway`);
  }
  return {
    account(address) {
      const text = String(address).toLowerCase();
      return known.get(text) ?? known.get(withoutAlias(text)) ?? `${text.slice(0, 10)}…`;
    },
    chain: (index) => deployment.chains[Number(index)]?.name ?? `chain ${String(index)}`,
    token(token) {
      const found = deployment.chains.flatMap(({ tokens }) => tokens).find((candidate) => candidate.token === Number(token));
      return { symbol: found?.symbol ?? `token ${String(token)}`, amount: (value) => formatUnits(BigInt(value as bigint), found?.decimals ?? 0) };
    },
  };
}

/** What zkSync adds to the address of a contract of Ethereum. */
const ALIAS = 0x1111000000000000000000000000000000001111n;

function withoutAlias(address: string): string {
  return `0x${((BigInt(address) - ALIAS + (1n << 160n)) & ((1n << 160n) - 1n)).toString(16).padStart(40, '0')}`;
}
