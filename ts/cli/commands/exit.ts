import type { Address } from 'viem';

import { RollupError } from '../../base/errors.ts';
import type { Progress } from '../../base/progress.ts';
import { ensureBuilt } from '../../circuit/ensureBuilt.ts';
import { readInstances, selectInstances } from '../../circuit/instances.ts';
import { createProver } from '../../prover/pool.ts';
import type { Prover } from '../../prover/prove.ts';
import { getHalt } from '../../chain/actions/getHalt.ts';
import { arbitratorEndpoint, publicClient } from '../../chain/clients.ts';
import { readAllClaims, type ChainClaims } from '../../recovery/claims.ts';
import { ChainWallets } from '../../recovery/chainWallets.ts';
import { holdingsOf } from '../../recovery/holdings.ts';
import { leaveChain, takeOnEach, type Refusal } from '../../recovery/leave.ts';
import type { Recovered } from '../../recovery/recover.ts';
import type { LeaveOutcome } from '../../recovery/refunds.ts';
import { accountOption, chainsEnvironment, keyEnvironment, UsageError, type CommandContext, type CommandSpec } from './command.ts';
import { claimLines, notOpenLines, outcomeLines, plainRefusals, refusalLines } from './leaveText.ts';
import { findAccount, findAddress, type Chains } from './network.ts';
import { findRpcs, recoverOptions, recoverState } from './recovering.ts';

export const exitCommand: CommandSpec = {
  name: 'exit',
  summary: 'in exit mode: leave with everything, by proofs that you make yourself',
  description: [
    'Lists what an owner has on each chain, proves every leaf, has the chains pay it, and gets back deposits and bonds that no block has used.',
    'Needs the chains and nothing else: the state is rebuilt from their data first (`recover`; its snapshots are used and kept), the proofs are made here.',
    'Everything goes to the owner, whoever runs it: any funded account may pay the gas. What was taken already is skipped, so an interrupted run is',
    'simply run again. With --dry-run it lists and sends nothing, also before exits are open.',
  ],
  options: [
    accountOption,
    { name: 'owner', value: 'ADDRESS', help: 'whose money: an address or a named account (default: your own)' },
    ...recoverOptions,
    { name: 'dry-run', help: 'show what there is and send nothing' },
  ],
  environment: [...chainsEnvironment, keyEnvironment],
  examples: [
    'npm run cli -- exit --owner alice --dry-run',
    'npm run cli -- exit --account alice',
    'npm run cli -- exit --owner 0x15d34AAf54267DB7D7c367839AAf71A00a2C6A65 --account dave --deployment .devnet/devnet.json',
  ],
  async run(context) {
    const network = findRpcs(context);
    const { deployment } = network;
    const owner = findOwner(context, network);
    const isDry = context.options.flag('dry-run');
    // Whoever cannot pay the gas is told so before the work begins.
    const wallets = isDry ? undefined : new ChainWallets({ deployment, account: findAccount(context, network) });
    // The last block of all, also where its confirmation has not arrived yet.
    const { lastConfirmedBlock } = await getHalt({ client: publicClient(arbitratorEndpoint(deployment)), arbitrator: deployment.arbitrator });
    const { recovered } = await recoverState({ context, to: lastConfirmedBlock });
    const holdings = holdingsOf({ state: recovered.state, owner });
    const { claims, silent } = await readAllClaims({ deployment, owner, holdings });
    const list = [`${owner}, by block ${recovered.blockNumber}:`, '', ...claimLines(claims), ''];
    if (wallets === undefined) return { data: { owner, blockNumber: recovered.blockNumber, claims: claims.map(plainClaims), silent }, lines: [...list, ...notOpenLines(claims, silent)] };
    const open = claims.filter(({ exitMode }) => exitMode.exitsOpen);
    if (open.length === 0) {
      throw new RollupError('Exits are not open on any chain yet', {
        facts: Object.fromEntries([...claims.map(({ chain, exitMode }) => [chain.name, exitMode.mode]), ...silent.map(({ name, reason }) => [name, `does not answer: ${reason}`])]),
        hint: 'See `npm run cli -- exit-mode`; --dry-run shows what there is.',
      });
    }
    list.forEach((line) => context.progress.report(line));
    const { outcomes, refusals } = await leaveAll({ context, open, owner, wallets, recovered });
    const left = await readAllClaims({ deployment, owner, holdings });
    return {
      data: { owner, blockNumber: recovered.blockNumber, outcomes, refusals: plainRefusals(refusals), claims: left.claims.map(plainClaims), silent: left.silent },
      lines: [...outcomeLines(deployment, outcomes, owner), ...refusalLines(refusals), '', ...claimLines(left.claims), ...notOpenLines(left.claims, left.silent)],
    };
  },
};

function findOwner({ options, env }: CommandContext, network: Chains): Address {
  const text = options.text('owner');
  if (text !== undefined) return findAddress(text, network);
  if (options.flag('dry-run') && options.text('account') === undefined && (env['ROLLUP_PRIVATE_KEY'] ?? '') === '') throw new UsageError('Whose money?', { hint: 'Give --owner or --account.' });
  return findAccount({ options, env }, network).address;
}

function plainClaims({ chain, exitMode, leaves, pending, requests, taken }: ChainClaims) {
  return { chain: chain.name, mode: exitMode.mode, exitsOpen: exitMode.exitsOpen, leaves, pending, requests, taken };
}

interface LeaveAllParameters {
  context: CommandContext;
  open: readonly ChainClaims[];
  owner: Address;
  wallets: ChainWallets;
  recovered: Recovered;
}

async function leaveAll({ context: { progress, signal }, open, owner, wallets, recovered: { state } }: LeaveAllParameters): Promise<{ outcomes: LeaveOutcome[]; refusals: Refusal[] }> {
  const needsProofs = open.some(({ leaves }) => leaves.some(({ status, amount }) => status === 'open' && amount > 0n));
  const prover = needsProofs ? await startProver({ progress, signal }) : undefined;
  const take = (claims: ChainClaims): AsyncIterable<LeaveOutcome> => leaveChain({ claims, owner, place: wallets.of(claims.chain), state, progress, signal, ...(prover === undefined ? {} : { prover }) });
  try {
    return await takeOnEach({ claims: open, take, progress, signal });
  } finally {
    await prover?.terminate();
  }
}

/** Compiles the exit circuit and makes its keys when that has not been done: seconds. */
async function startProver({ progress, signal }: { progress: Progress; signal: AbortSignal }): Promise<Prover> {
  await ensureBuilt({ instances: selectInstances(readInstances(), ['exit']), progress, signal });
  return createProver();
}
