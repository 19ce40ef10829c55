import { relative } from 'node:path';
import { paths } from '../base/paths.ts';
import type { ChainDeployment, Deployment, DevnetDescription } from '../chain/deployments.ts';
import { TEST_MNEMONIC } from './accounts.ts';
import { BALANCE } from './anvil.ts';

export interface BannerParameters {
  /** That the start took. */
  seconds: number;
  /** Ether of each user on each chain. */
  balance?: number;
  /** Of the users. */
  mnemonic?: string;
}

/** What a devnet shows once it runs. */
export function banner({ deployment, sequencerUrl, controlUrl, accounts, logs }: DevnetDescription, { seconds, balance = BALANCE, mnemonic = TEST_MNEMONIC }: BannerParameters): string {
  return [
    rule(`devnet, ready in ${seconds.toFixed(1)} s`),
    ...deployment.chains.flatMap((chain) => [...chainLines(chain, deployment, logs[chain.name]), '']),
    `sequencer    ${sequencerUrl ?? 'none (--no-sequencer)'}`,
    ...(controlUrl === undefined ? [] : [`control      ${controlUrl}  (/ready, /events)`]),
    ...['sequencer', 'relayers', 'events'].flatMap((name) => (logs[name] === undefined ? [] : [`  ${`${name} log`.padEnd(14)} ${short(logs[name])}`])),
    '',
    `accounts     ${balance.toLocaleString('en')} ETH on every chain; ${accounts.slice(0, 3).map(({ name }) => name).join(', ')} 1,000,000 TST too`,
    ...(mnemonic === TEST_MNEMONIC ? ['             THESE KEYS ARE PUBLIC (the development mnemonic "test test … junk"): never send them anything of value'] : []),
    ...accounts.map(({ name, address, privateKey }) => `  ${name.padEnd(8)} ${address}  ${privateKey}`),
    '',
    'next         (in another terminal)',
    ...(sequencerUrl === undefined
      ? ['  npm run devnet -- --help']
      : ['  npm run story', '  npm run cli -- deposit --account alice --chain linea --token ETH --amount 1.5', '  npm run cli -- balances --account alice', '  npm run cli -- status']),
    rule('Ctrl-C stops everything'),
  ].join('\n');
}

function chainLines(chain: ChainDeployment, deployment: Deployment, log: string | undefined): string[] {
  const { messageService: service } = chain;
  const addresses: [string, string][] = [
    ['rollup', chain.rollup],
    ['gateway', chain.gateway],
    ...(service.kind === 'direct' ? [] : [['L1 gateway', chain.l1Gateway] satisfies [string, string]]),
    ['verifier', chain.verifier],
    ['extension', chain.extension],
    ...(chain.chainId === deployment.arbitratorChainId ? [['arbitrator', deployment.arbitrator] satisfies [string, string]] : []),
    ...chain.tokens.filter(({ token }) => token !== 1).map(({ token, symbol, address }): [string, string] => [`${symbol} (token ${token})`, address]),
    ...(service.kind === 'linea' ? ([['LineaRollup', service.l1Service], ['L2MessageService', service.l2Service]] satisfies [string, string][]) : []),
    ...(service.kind === 'zksync' ? ([['Bridgehub', service.bridgehub], ['diamond', service.diamond], ['L1Messenger', service.l1Messenger]] satisfies [string, string][]) : []),
  ];
  return [
    `${chain.name.padEnd(12)} ${chain.role}, chain index ${chain.chainIndex}`,
    `  ${'chain id'.padEnd(16)} ${chain.chainId}`,
    `  ${'RPC'.padEnd(16)} ${chain.rpcUrl}`,
    ...(log === undefined ? [] : [`  ${'log'.padEnd(16)} ${short(log)}`]),
    ...addresses.map(([name, address]) => `  ${name.padEnd(16)} ${address}`),
  ];
}

function rule(text: string): string {
  return `── ${text} ${'─'.repeat(Math.max(0, 92 - text.length))}`;
}

/** Relative to the checkout where that is shorter. */
function short(file: string): string {
  const fromRoot = relative(paths.root, file);
  return fromRoot.startsWith('..') ? file : fromRoot;
}
