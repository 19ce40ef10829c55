import type { DevnetDescription } from '../../chain/deployments.ts';
import type { Verb } from '../devnetVerbs.ts';
import { noWords, runningDevnet } from './find.ts';

export const env: Verb = {
  name: 'env',
  help: ['env [--json]            URLs, addresses, accounts and ABI files as exports of a shell: eval "$(npm run --silent devnet -- env)"'],
  async run({ file, words, json }) {
    noWords('env', words);
    const variables = environmentOf(runningDevnet(file), file);
    const lines = Object.entries(variables).map(([name, value]) => `export ${name}='${value.replaceAll("'", `'\\''`)}'`);
    process.stdout.write(`${json ? JSON.stringify(variables, undefined, 2) : lines.join('\n')}\n`);
    return await Promise.resolve(0);
  },
};

/** A devnet as environment variables, e.g. LINEA_RPC_URL, ETHEREUM_LINEA_ROLLUP, ALICE_PRIVATE_KEY. */
export function environmentOf({ sequencerUrl, controlUrl, networks = {}, accounts, abis = {} }: DevnetDescription, file: string): Record<string, string> {
  const variables: Record<string, string | undefined> = { ROLLUP_DEVNET: file, SEQUENCER_URL: sequencerUrl, CONTROL_URL: controlUrl };
  for (const [chain, { chainId, rpcUrl, webSocketUrl, contracts, tokens }] of Object.entries(networks)) {
    const prefix = upper(chain);
    Object.assign(variables, { [`${prefix}_CHAIN_ID`]: String(chainId), [`${prefix}_RPC_URL`]: rpcUrl, [`${prefix}_WS_URL`]: webSocketUrl });
    for (const [name, address] of Object.entries({ ...contracts, ...Object.fromEntries(Object.entries(tokens).map(([symbol, address]) => [`Token${symbol}`, address])) })) variables[`${prefix}_${upper(name)}`] = address;
  }
  for (const { name, address, privateKey } of accounts) Object.assign(variables, { [`${upper(name)}_ADDRESS`]: address, [`${upper(name)}_PRIVATE_KEY`]: privateKey });
  for (const [name, path] of Object.entries(abis)) variables[`ABI_${upper(name)}`] = path;
  return Object.fromEntries(Object.entries(variables).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

/** `LineaL1Gateway` → `LINEA_L1_GATEWAY`. */
function upper(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase();
}
