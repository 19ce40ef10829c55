import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, relative } from 'node:path';
import { type Address, formatEther, isAddress, isAddressEqual } from 'viem';
import { paths } from '../../base/paths.ts';
import { type DeploymentPlan, planDeployment, runDeployment } from '../../network/deploy.ts';
import type { Signer } from '../../network/forge.ts';
import { addressOfKeystore } from '../../network/keys.ts';
import { readNetworkFile } from '../../network/networkFile.ts';
import { UsageError, type CommandContext, type CommandSpec } from '../commands/command.ts';
import { formatTable } from '../output.ts';
import { developmentEnvironment, passwordFileOption } from './program.ts';

/** Ways to sign, as forge names them. */
const SIGNERS = ['account', 'keystore', 'ledger', 'trezor', 'unlocked'] as const;

export const deployCommand: CommandSpec = {
  name: 'deploy',
  summary: 'Deploys a rollup onto the networks of a file, by the scripts of script/.',
  description: [
    'Deploys a rollup onto the networks of a file. First it looks at every network (chain id, code of services and tokens, the deployer’s coins) and at the',
    'origin of the verifying keys; then it simulates everything on forks; then it sends, reads everything back, and writes script/deployments/NAME/deployment.json.',
    'With --dry-run it prints every transaction instead of sending it, needs no key and writes nothing.',
  ],
  options: [
    { name: 'sender', value: 'ADDRESS', required: true, help: 'the deployer; it holds nothing in the end' },
    { name: 'dry-run', help: 'simulate, print every transaction, send and write nothing' },
    { name: 'resume', help: 'go on with a deployment that was interrupted' },
    { name: 'account', value: 'NAME', help: 'sign with a keystore of ~/.foundry/keystores' },
    { name: 'keystore', value: 'FILE', help: 'sign with this keystore' },
    passwordFileOption,
    { name: 'ledger', help: 'sign with a Ledger' },
    { name: 'trezor', help: 'sign with a Trezor' },
    { name: 'unlocked', help: 'let the nodes sign (development nodes)' },
  ],
  positionals: [{ name: 'network', value: 'FILE', required: true, help: 'a network file of script/config, e.g. script/config/sepolia.json or just sepolia' }],
  environment: [
    { name: 'ROLLUP_GOVERNOR', help: 'address that governs, where the file says $ROLLUP_GOVERNOR; so with every other $NAME in it' },
    developmentEnvironment,
  ],
  examples: ['npm run deploy -- script/config/sepolia.json --sender 0x… --dry-run', 'npm run deploy -- script/config/sepolia.json --sender 0x… --account deployer --password-file ~/.deployer-password'],
  async run(context) {
    const { options, env, progress, signal } = context;
    const sender = readSender(options.required('sender'));
    const isDryRun = options.flag('dry-run');
    const signer = readSigner(context, sender);
    if (isDryRun && options.flag('resume')) throw new UsageError('--dry-run and --resume exclude each other');
    if (!isDryRun && signer === undefined) throw new UsageError('Who signs?', { facts: { expected: SIGNERS.map((name) => `--${name}`).join(', ') }, hint: 'Or add --dry-run.' });
    const network = readNetworkFile(fileOf(options.required('network')), env);
    if (isDryRun || signer === undefined) {
      const plan = await planDeployment({ network, env, progress, signal, deployer: sender });
      return { data: { network: network.name, ...plan }, lines: describePlan(plan) };
    }
    const result = await runDeployment({ network, env, progress, signal, signer, resume: options.flag('resume') });
    const file = relative(paths.root, result.file);
    return {
      data: { ...result, file },
      lines: [
        `Deployed "${network.name}", read back and found as configured.`,
        ...result.keys.map((line) => `  ${line}`),
        `  ${file}`,
        '',
        `Next: npm run sequencer -- --deployment ${network.name}`,
        `      npm run relayer -- --deployment ${network.name}`,
      ],
    };
  },
};

/** `sepolia` stands for script/config/sepolia.json. */
function fileOf(text: string): string {
  return text.endsWith('.json') || existsSync(text) ? text : join(paths.scriptConfig, `${text}.json`);
}

function readSender(text: string): Address {
  if (isAddress(text)) return text;
  throw new UsageError('--sender is not an address', { facts: { expected: '0x and 40 hex digits, with the right checksum if in both cases', actual: text } });
}

function readSigner({ options }: CommandContext, address: Address): Signer | undefined {
  const given = SIGNERS.filter((name) => options.text(name) !== undefined || options.flag(name));
  const [name] = given;
  if (given.length > 1) throw new UsageError('More than one signer', { facts: { actual: given.map((one) => `--${one}`).join(', ') } });
  if (name === undefined) return undefined;
  if (name !== 'account' && name !== 'keystore') return { address, args: [`--${name}`] };
  const passwordFile = options.text('password-file');
  if (passwordFile === undefined) throw new UsageError(`--${name} needs --password-file`, { hint: 'forge cannot ask for the password here.' });
  const keystore = name === 'keystore' ? options.required(name) : join(homedir(), '.foundry', 'keystores', options.required(name));
  const actual = addressOfKeystore(keystore);
  if (actual !== undefined && !isAddressEqual(actual, address)) {
    throw new UsageError('The keystore is not of the sender', { facts: { keystore, expected: address, actual }, hint: 'Name the keystore of --sender, or give its address as --sender.' });
  }
  if (!existsSync(passwordFile)) throw new UsageError('The password file does not exist', { facts: { file: passwordFile } });
  return { address, args: [`--${name}`, options.required(name), '--password-file', passwordFile] };
}

function describePlan({ networks, transactions }: DeploymentPlan): string[] {
  const nameOf = (chainId: number): string => networks.find((network) => network.chainId === chainId)?.name ?? String(chainId);
  return [
    ...formatTable({
      columns: [{ title: 'network' }, { title: 'nonce', align: 'right' }, { title: 'to' }, { title: 'what' }, { title: 'value', align: 'right' }, { title: 'gas', align: 'right' }, { title: 'bytes', align: 'right' }],
      rows: transactions.map(({ chainId, nonce, to, function: called, contract, value, gas, bytes }) => [
        nameOf(chainId),
        String(nonce),
        to ?? 'a new contract',
        contract === null || called.startsWith('new ') ? called : `${contract}.${called}`,
        value === 0n ? '' : formatEther(value),
        String(gas),
        String(bytes),
      ]),
      groupBy: 1,
    }),
    '',
    ...formatTable({
      columns: [{ title: 'network' }, { title: 'chain id', align: 'right' }, { title: 'transactions', align: 'right' }, { title: 'gas', align: 'right' }, { title: 'costs about', align: 'right' }, { title: 'deployer has', align: 'right' }],
      rows: networks.map(({ name, chainId, transactions: count, gas, cost, balance }) => [name, String(chainId), String(count), String(gas), formatEther(cost), `${formatEther(balance)}${balance < cost ? ' TOO LITTLE' : ''}`]),
    }),
    '',
    'Nothing was sent.',
  ];
}
