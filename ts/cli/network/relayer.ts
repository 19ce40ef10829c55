import { type Address, isAddress, zeroAddress } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { arbitratorEndpoint, assertChainId, publicClient } from '../../chain/clients.ts';
import type { Deployment } from '../../chain/deployments.ts';
import { assertNoPublicAccounts } from '../../network/development.ts';
import { findKey, readKey, type KeySource } from '../../network/keys.ts';
import { planClaims, startRelayer, type RelayerEvent } from '../../network/relayer.ts';
import { UsageError, type CommandContext, type CommandSpec } from '../commands/command.ts';
import { findChains } from '../commands/network.ts';
import { formatTable, shortHex } from '../output.ts';
import { deploymentOption, developmentEnvironment, passwordFileOption, rpcEnvironment, untilStopped } from './program.ts';
import { isLocal, readSeconds } from './values.ts';

export const relayerCommand: CommandSpec = {
  name: 'relayer',
  summary: "Claims the messages of a deployment's gateways, in both directions, until Ctrl-C.",
  description: [
    'Claims the messages between the gateways of a deployment as soon as they can be claimed: on Linea, on Ethereum with a proof for Linea, and with a proof for',
    'zkSync. It needs no role: anyone may run it, any number of times, and it keeps nothing. What it does not do is the networks’ own work: anchoring messages on',
    'Linea, finalizing Linea’s blocks, executing zkSync’s batches. With --dry-run it prints each claim that it would send now, and what the others wait for.',
  ],
  options: [
    deploymentOption,
    { name: 'dry-run', help: 'print each claim that it would send now; send nothing' },
    { name: 'keystore', value: 'FILE', help: 'the key that pays for the claims (default: the one in $ROLLUP_RELAYER_KEY)' },
    passwordFileOption,
    { name: 'from', value: 'ADDRESS', help: 'with --dry-run and without a key: who would send' },
    { name: 'poll', value: 'SECONDS', help: 'between two looks at the chains (default 15; 0.5 on local chains)' },
  ],
  environment: [{ name: 'ROLLUP_RELAYER_KEY', help: 'private key (0x…) that pays for the claims' }, rpcEnvironment, developmentEnvironment],
  examples: ['npm run relayer -- --deployment sepolia --dry-run --from 0x…', 'npm run relayer -- --deployment sepolia --keystore relayer.json --password-file relayer.password'],
  async run(context) {
    const { options, env, signal, emit } = context;
    const { deployment } = findChains(context);
    const pollMs = readSeconds(options.text('poll'), '--poll', isLocal(deployment) ? 0.5 : 15) * 1000;
    const source: KeySource = { role: 'relayer', variable: 'ROLLUP_RELAYER_KEY', keystore: options.text('keystore'), passwordFile: options.text('password-file') };
    await Promise.all([...deployment.chains, arbitratorEndpoint(deployment)].map(async (chain) => await assertChainId(chain)));
    if (options.flag('dry-run')) return await dryRun(context, deployment, source);

    const privateKey = readKey(source, env);
    const { address } = privateKeyToAccount(privateKey);
    await assertNoPublicAccounts({ networks: [arbitratorEndpoint(deployment), ...deployment.chains], env, accounts: { relayer: address } });
    emit({ type: 'started', deployment: deployment.name, address, pollSeconds: pollMs / 1000 }, `relayer of "${deployment.name}", account ${address}; Ctrl-C stops it`);
    for (const { name, balance } of await balances(deployment, address)) if (balance === 0n) emit({ type: 'poor', network: name, address }, `WARNING: ${address} has no coins on ${name}: nothing can be claimed there`);
    const relayer = startRelayer({ deployment, privateKey, pollMs, onEvent: (event) => emit(event, lineOf(event)) });
    await untilStopped(signal);
    await relayer.stop();
    emit({ type: 'stopped' }, 'stopped');
    return { data: undefined, lines: [] };
  },
};

async function dryRun({ options, env }: CommandContext, deployment: Deployment, source: KeySource): Promise<{ data: unknown; lines: string[] }> {
  const key = findKey(source, env);
  const from = key === undefined ? readFrom(options.text('from')) : privateKeyToAccount(key).address;
  const { claims, waiting } = await planClaims({ deployment, from });
  const lines = [
    ...(claims.length === 0 ? ['There is nothing to claim.'] : formatTable({
      columns: [{ title: 'route' }, { title: 'message' }, { title: 'network' }, { title: 'to' }, { title: 'function' }, { title: 'gas', align: 'right' }],
      rows: claims.map(({ source: route, content, network, to, function: called, gas, refusal }) => [route, content, network, to, called, gas === undefined ? `refused: ${refusal ?? ''}` : String(gas)]),
    })),
    ...(waiting.length === 0 ? [] : ['', ...waiting.map(({ chain, direction, content, waitsFor = '' }) => `${chain} ${direction}: ${content} waits for ${waitsFor}`)]),
    '',
    'Nothing was sent.',
  ];
  return { data: { from, claims, waiting }, lines };
}

function readFrom(text: string | undefined): Address {
  if (text === undefined) return zeroAddress;
  if (isAddress(text)) return text;
  throw new UsageError('--from is not an address', { facts: { expected: '0x and 40 hex digits', actual: text } });
}

async function balances(deployment: Deployment, address: Address): Promise<{ name: string; balance: bigint }[]> {
  // Nothing is claimed on zkSync.
  const networks = [arbitratorEndpoint(deployment), ...deployment.chains.filter(({ messageService }) => messageService.kind === 'linea')];
  return await Promise.all(networks.map(async (endpoint) => ({ name: endpoint.name, balance: await publicClient(endpoint).getBalance({ address }) })));
}

function lineOf(event: RelayerEvent): string {
  switch (event.type) {
    case 'claimed':
      return `${event.source}: ${event.content} delivered on ${event.network} ${event.transaction}`;
    case 'refused':
      return `${event.source}: ${event.content} not delivered: ${event.reason}; tries again in ${Math.round((event.nextTry - Date.now()) / 1000)} s`;
    case 'unreadable':
      return `${event.source}: cannot be read: ${event.reason}; tries again`;
    case 'waiting':
      return `${event.source}: ${event.content} (${shortHex(event.id)}) waits for ${event.waitsFor}`;
  }
}
