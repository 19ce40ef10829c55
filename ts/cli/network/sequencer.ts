import { join } from 'node:path';
import type { Hex } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { formatError, type RollupError } from '../../base/errors.ts';
import { paths } from '../../base/paths.ts';
import type { Progress } from '../../base/progress.ts';
import { decodeL2Address, isL2Address } from '../../chain/client/address.ts';
import { keyOfAccount } from '../../chain/client/key.ts';
import { arbitratorEndpoint } from '../../chain/clients.ts';
import type { Deployment } from '../../chain/deployments.ts';
import { ensureBuilt } from '../../circuit/ensureBuilt.ts';
import { assertNoPublicAccounts } from '../../network/development.ts';
import { findKey, readKey, type Environment } from '../../network/keys.ts';
import { assertAccountsFit, planSequencer, type SequencerPlan } from '../../network/sequencer.ts';
import { proverHelp, useProver } from '../../prover/choice.ts';
import type { SequencerAccounts } from '../../sequencer/chains.ts';
import { type Operator, parseMinimumFees } from '../../sequencer/fees.ts';
import type { ProverPort } from '../../sequencer/proverPort.ts';
import { startSequencer, type Sequencer } from '../../sequencer/sequencer.ts';
import { UsageError, type CommandContext, type CommandSpec } from '../commands/command.ts';
import { findChains } from '../commands/network.ts';
import { formatTable } from '../output.ts';
import { deploymentOption, developmentEnvironment, passwordFileOption, rpcEnvironment, untilStopped } from './program.ts';
import { asUsage, isLocal, readConfirmations, readSeconds } from './values.ts';

/** Blocks until an event of a chain that is not local counts. */
const CONFIRMATIONS = { ethereum: 12, others: 5 };
const CONFIRMATIONS_HELP = `blocks until an event counts: 12, or ethereum=12 (default 1 on local chains, else ${CONFIRMATIONS.ethereum} on the arbitrator’s chain and ${CONFIRMATIONS.others} elsewhere)`;

/** @param prover another prover than the one that `--prover` names, for tests */
export function sequencerCommand(prover?: () => ProverPort): CommandSpec {
  return {
    name: 'sequencer',
    summary: 'Runs the sequencer of a deployment, with its provers and its API, until Ctrl-C.',
    description: [
      'Runs the sequencer of a deployment: takes deposits and transactions, makes blocks and proofs, and takes them through commit, prove, sync, confirm and execute.',
      'Messages between the chains are not its business: run `npm run relayer` beside it. What it has is kept in the data folder, which it goes on from after a restart:',
      'back it up, and never run two of them on one deployment. Keys come from the environment or from keystores. With --dry-run it prints what it would send next.',
    ],
    options: [
      deploymentOption,
      { name: 'dry-run', help: 'print what it would send now; send nothing and leave the data folder as it is' },
      { name: 'port', value: 'PORT', help: 'of the HTTP API (default 8550; 0 takes a free one)' },
      { name: 'host', value: 'ADDRESS', help: 'on which the API listens (default 127.0.0.1)' },
      { name: 'data-dir', value: 'FOLDER', help: 'blocks, proofs and transactions (default .sequencer, a folder for each deployment)' },
      { name: 'validator-keystore', value: 'FILE', help: 'key that commits (default: the one in $ROLLUP_VALIDATOR_KEY)' },
      { name: 'anyone-keystore', value: 'FILE', help: 'key that sends all the rest (default: the one in $ROLLUP_ANYONE_KEY, then the validator’s)' },
      passwordFileOption,
      { name: 'operator', value: 'L2ADDRESS', help: 'who gets the fees, as `npm run cli -- address` prints it (default: $ROLLUP_OPERATOR, then the anyone key’s own)' },
      { name: 'minimum-fee', value: 'FEE', multiple: true, help: 'least fee, e.g. ETH=0.0001 or withdraw:USDC=0.5 (default: those in $ROLLUP_MINIMUM_FEES, separated by spaces, else none)' },
      { name: 'confirmations', value: 'BLOCKS', multiple: true, help: CONFIRMATIONS_HELP },
      { name: 'poll', value: 'SECONDS', help: 'between two looks at the chains (default 4; 0.2 on local chains)' },
      { name: 'remake-old-blocks', help: 'blocks that a chain takes no more because of their age (it was away for a day, say) are taken back with all after them and made anew; what was not confirmed may be lost' },
      { name: 'prover', value: 'NAME', help: 'snarkjs (default), rapidsnark or auto; see circuits/KEYS.md' },
    ],
    environment: [
      { name: 'ROLLUP_VALIDATOR_KEY', help: 'private key (0x…) of the deployment’s validator' },
      { name: 'ROLLUP_ANYONE_KEY', help: 'private key (0x…) that sends what anyone may send' },
      { name: 'ROLLUP_OPERATOR', help: 'L2 address that fees go to' },
      { name: 'ROLLUP_MINIMUM_FEES', help: 'least fees, separated by spaces' },
      rpcEnvironment,
      developmentEnvironment,
      ...proverHelp.map(([name, help]) => ({ name, help })),
    ],
    examples: ['npm run sequencer -- --deployment sepolia --dry-run', 'npm run sequencer -- --deployment sepolia --validator-keystore validator.json --password-file validator.password'],
    run: async (context) => await run(context, prover),
  };
}

async function run(context: CommandContext, prover: (() => ProverPort) | undefined): Promise<{ data: unknown; lines: string[] }> {
  const { options, env, signal, emit } = context;
  const { deployment } = findChains(context);
  const local = isLocal(deployment);
  const port = readPort(options.text('port') ?? '8550');
  const pollMs = readSeconds(options.text('poll'), '--poll', local ? 0.2 : 4) * 1000;
  const confirmations = readConfirmations(options.list('confirmations'), defaultConfirmations(deployment, local));
  const fees = asUsage(() => parseMinimumFees(options.list('minimum-fee').length > 0 ? options.list('minimum-fee') : (env['ROLLUP_MINIMUM_FEES'] ?? '').split(/\s+/).filter((text) => text !== ''), deployment));
  const dataDir = options.text('data-dir') ?? join(paths.sequencer, `${deployment.name}-${deployment.deploymentId.toString(16).slice(0, 8)}`);
  if (prover === undefined) asUsage(() => useProver(options.text('prover'), process.env));
  const accounts = readAccounts(context);
  const operator = await readOperator(options.text('operator') ?? (env['ROLLUP_OPERATOR'] || undefined), accounts);
  await assertAccountsFit({ deployment, accounts });
  const addresses = Object.fromEntries(Object.entries(accounts).map(([role, key]: [string, Hex]) => [role, privateKeyToAccount(key).address]));
  await assertNoPublicAccounts({ networks: [arbitratorEndpoint(deployment), ...deployment.chains], env, accounts: addresses });
  if (options.flag('dry-run')) {
    const plan = await planSequencer({ deployment, accounts, dataDir, progress: context.progress });
    return { data: plan, lines: describePlan(plan) };
  }

  const progress: Progress = { report: (message) => emit({ type: 'progress', time: new Date().toISOString(), message }, `${new Date().toISOString()} ${message}`) };
  if (prover === undefined) await build(progress, signal);
  if (signal.aborted) return { data: undefined, lines: [] };
  const sequencer = await startSequencer({
    deployment, accounts, operator, fees, dataDir, port, confirmations, pollMs, progress, remakeOldBlocks: options.flag('remake-old-blocks'),
    ...(options.text('host') === undefined ? {} : { host: options.required('host') }),
    ...(prover === undefined ? {} : { prover: prover() }),
  });
  emit({ type: 'started', deployment: deployment.name, url: sequencer.url, dataDir, validator: privateKeyToAccount(accounts.validator).address }, `sequencer of "${deployment.name}" at ${sequencer.url}, data in ${dataDir}; Ctrl-C stops it`);
  const watch = reportHalt(sequencer, emit);
  await untilStopped(signal);
  clearInterval(watch);
  await sequencer.stop();
  emit({ type: 'stopped' }, 'stopped');
  return { data: undefined, lines: [] };
}

/** Circuit keys that are missing are made first. Ctrl-C ends that in order, too. */
async function build(progress: Progress, signal: AbortSignal): Promise<void> {
  try {
    await ensureBuilt({ progress, signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

function readPort(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new UsageError('--port is not a port', { facts: { expected: '0 to 65535', actual: text } });
}

function defaultConfirmations({ chains, arbitratorChainId }: Deployment, local: boolean): Record<string, number> {
  const of = (chainId: number): number => (local ? 1 : chainId === arbitratorChainId ? CONFIRMATIONS.ethereum : CONFIRMATIONS.others);
  const named = Object.fromEntries(chains.map(({ name, chainId }) => [name, of(chainId)]));
  return chains.some(({ chainId }) => chainId === arbitratorChainId) ? named : { ...named, arbitrator: of(arbitratorChainId) };
}

function readAccounts({ options, env }: { options: CommandContext['options']; env: Environment }): SequencerAccounts {
  const passwordFile = options.text('password-file');
  const validator = readKey({ role: 'validator', variable: 'ROLLUP_VALIDATOR_KEY', keystore: options.text('validator-keystore'), passwordFile }, env);
  const anyone = findKey({ role: 'anyone account', variable: 'ROLLUP_ANYONE_KEY', keystore: options.text('anyone-keystore'), passwordFile }, env);
  return { validator, ...(anyone === undefined ? {} : { anyone }) };
}

/** The public part is enough: the sequencer only credits the operator. */
async function readOperator(text: string | undefined, accounts: SequencerAccounts): Promise<Operator> {
  if (text === undefined) {
    const account = privateKeyToAccount(accounts.anyone ?? accounts.validator);
    const { publicKey } = await keyOfAccount(account);
    return { owner: BigInt(account.address), keyX: publicKey.x, keyY: publicKey.y };
  }
  if (!isL2Address(text)) throw new UsageError('--operator is not an L2 address', { facts: { expected: 'l2:…', actual: text.slice(0, 20) }, hint: '`npm run cli -- address` prints it.' });
  const { owner, keyX, keyY } = asUsage(() => decodeL2Address(text));
  return { owner: BigInt(owner), keyX, keyY };
}

/** The API goes on when nothing can be sent any more: users must learn of it. */
function reportHalt(sequencer: Sequencer, emit: CommandContext['emit']): NodeJS.Timeout {
  let known: RollupError | null = null;
  return setInterval(() => {
    const halted = sequencer.halted();
    if (halted !== null && halted !== known) emit({ type: 'halted', error: { message: halted.message, facts: halted.facts, hint: halted.hint } }, `HALTED: ${formatError(halted)}`);
    known = halted;
  }, 1_000);
}

function describePlan({ lastBlock, provable, steps, waitingRequests, waitingTransactions }: SequencerPlan): string[] {
  const requests = waitingRequests.filter(({ requests: count }) => count > 0).map(({ name, requests: count }) => `${count} on ${name}`);
  return [
    `Blocks in the data folder: ${lastBlock}, proved up to ${provable}`,
    `Waiting for a block: ${requests.length === 0 ? 'no request' : `requests: ${requests.join(', ')}`}, ${waitingTransactions} transaction(s)`,
    '',
    ...(steps.length === 0 ? ['There is nothing to send now.'] : formatTable({
      columns: [{ title: 'network' }, { title: 'action' }, { title: 'blocks' }, { title: 'sender' }, { title: 'to' }],
      rows: steps.map(({ network, action, from, to, sender, contract }) => [network, action, from === to ? String(from) : `${from} … ${to}`, sender, contract]),
    })),
    '',
    'Nothing was sent.',
  ];
}
