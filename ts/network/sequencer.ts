import { existsSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { type Address, keccak256, stringToHex } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { firstLine, RollupError } from '../base/errors.ts';
import type { Progress } from '../base/progress.ts';
import { getPriorityQueue } from '../chain/actions/getPriorityQueue.ts';
import { arbitratorEndpoint, assertChainId, type Endpoint, publicClient } from '../chain/clients.ts';
import { primaryRollup } from '../chain/contracts.ts';
import type { Deployment } from '../chain/deployments.ts';
import { hasCode } from '../chain/lookups.ts';
import { connect, type SequencerAccounts } from '../sequencer/chains.ts';
import { openFileStore } from '../sequencer/fileStore.ts';
import { chooseSyncTarget, defaultLimits, nextActions, type Action, type PipelineView } from '../sequencer/pipeline.ts';
import type { Store } from '../sequencer/store.ts';

const VALIDATOR_ROLE = keccak256(stringToHex('VALIDATOR_ROLE'));

/**
 * Makes sure that the chains are those of the deployment and that the accounts can do what a sequencer has to do: the validator holds its role on every chain, and both have coins wherever they send.
 * @throws RollupError with everything that is missing
 */
export async function assertAccountsFit({ deployment, accounts }: { deployment: Deployment; accounts: SequencerAccounts }): Promise<void> {
  const validator = privateKeyToAccount(accounts.validator).address;
  const anyone = privateKeyToAccount(accounts.anyone ?? accounts.validator).address;
  await Promise.all([...deployment.chains, arbitratorEndpoint(deployment)].map(async (endpoint) => await assertChainId(endpoint)));
  const problems: Record<string, string> = {};
  const note = (name: string, text: string): void => void (problems[name] = [problems[name], text].filter(Boolean).join('; '));
  await Promise.all(
    deployment.chains.map(async (chain) => {
      const client = publicClient(chain);
      const { read } = primaryRollup({ address: chain.rollup, client });
      try {
        if (!(await hasCode(client, chain.rollup))) note(chain.name, `no contract at ${chain.rollup}, where the deployment has its rollup`);
        else if (!(await read.hasRole([VALIDATOR_ROLE, validator]))) note(chain.name, `${validator} is not the validator`);
      } catch (error) {
        note(chain.name, `its RPC does not answer: ${firstLine(error)}`);
      }
    }),
  );
  const senders: [Endpoint, Address, string][] = [
    ...deployment.chains.flatMap((chain): [Endpoint, Address, string][] => [[chain, validator, 'validator'], [chain, anyone, 'anyone']]),
    [arbitratorEndpoint(deployment), anyone, 'anyone'],
  ];
  const poor = new Set<string>();
  await Promise.all(
    senders.map(async ([endpoint, address, role]) => {
      const balance = await publicClient(endpoint).getBalance({ address }).catch(() => undefined);
      if (balance === 0n && !poor.has(`${endpoint.name} ${address}`)) {
        poor.add(`${endpoint.name} ${address}`);
        note(endpoint.name, `the ${role} account ${address} has no coins`);
      }
    }),
  );
  if (Object.keys(problems).length === 0) return;
  throw new RollupError('The sequencer cannot work with these accounts', { facts: problems, hint: 'Name the deployment that the chains have and the keys of its validator, and send the accounts coins for gas.' });
}

/** A transaction that a sequencer would send next. */
export interface PlannedStep {
  network: string;
  chainId: number;
  /** `commit`, `prove`, `sync`, `confirm`, `resend`, `execute` or `withdraw`. */
  action: Action['type'];
  /** First and last block. */
  from: number;
  to: number;
  sender: Address;
  contract: Address;
}

export interface SequencerPlan {
  /** In the data folder; 0 when there is none. */
  lastBlock: number;
  /** Blocks up to here have all their proofs. */
  provable: number;
  steps: PlannedStep[];
  /** Requests on each chain that no block has used. */
  waitingRequests: { name: string; requests: number }[];
  /** Transactions that were accepted and are in no block. */
  waitingTransactions: number;
}

/** What a sequencer would send if it was started now. Sends nothing and leaves the data folder alone, whether or not a sequencer uses it. @throws RollupError when something does not fit */
export async function planSequencer({ deployment, accounts, dataDir, progress }: { deployment: Deployment; accounts: SequencerAccounts; dataDir: string; progress: Progress }): Promise<SequencerPlan> {
  const { chains, arbitrator } = await connect({ deployment, accounts, progress });
  const copy = existsSync(dataDir) ? await copyOf(dataDir) : undefined;
  const store = copy === undefined ? undefined : await openFileStore({ dataDir: copy });
  try {
    const lastBlock = (await store?.lastBlock()) ?? 0;
    const counters = await Promise.all(chains.map(async ({ port }) => await port.counters()));
    const provable = store === undefined ? 0 : await provableBlock(store, Math.min(...counters.map(({ proved }) => proved)), lastBlock);
    const first = counters[0]?.sent ?? [];
    const state = await arbitrator.state(first.filter((block) => counters.every(({ sent, confirmed }) => sent.includes(block) || confirmed >= block)));
    const settled = await Promise.all(chains.map(async ({ chainIndex }) => (await store?.cursor(`settled-${chainIndex}`)) ?? 0));
    const view: PipelineView = { audited: lastBlock, provable, ceiling: Infinity, chains: counters, arbitrator: { ...state, deferred: [] }, settled, syncTarget: null, limits: defaultLimits };
    const validator = privateKeyToAccount(accounts.validator).address;
    const anyone = privateKeyToAccount(accounts.anyone ?? accounts.validator).address;
    const ethereum = arbitratorEndpoint(deployment);
    const steps = nextActions({ ...view, syncTarget: chooseSyncTarget(view) }).map(({ type, lane, from, to }): PlannedStep => {
      const chain = lane === 'arbitrator' ? undefined : deployment.chains[lane];
      const { name, chainId } = chain ?? ethereum;
      return { network: name, chainId, action: type, from, to, sender: type === 'commit' ? validator : anyone, contract: chain?.rollup ?? deployment.arbitrator };
    });
    const waitingRequests = await Promise.all(
      deployment.chains.map(async (chain) => {
        const { nextId, nextToCommit } = await getPriorityQueue({ client: publicClient(chain), rollup: chain.rollup });
        return { name: chain.name, requests: Number(nextId - nextToCommit) };
      }),
    );
    return { lastBlock, provable, steps, waitingRequests, waitingTransactions: (await store?.pendingTransactions())?.length ?? 0 };
  } finally {
    await store?.close();
    if (copy !== undefined) await rm(copy, { recursive: true, force: true });
  }
}

/** Opening a data folder takes its lock and may mend its files, so a copy is opened: without traces, which are large and not needed. */
async function copyOf(dataDir: string): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), 'sequencer-plan-'));
  await cp(dataDir, copy, { recursive: true, filter: (source) => !['traces', 'lock'].includes(relative(dataDir, source)) });
  return copy;
}

/** The last block up to which every block has the proofs of all its segments and of its join. */
async function provableBlock(store: Store, proved: number, last: number): Promise<number> {
  for (let block = proved + 1; block <= last; block++) {
    const [record, proofs] = await Promise.all([store.block(block), store.proofs(block)]);
    if (record === null || !proofs.has('join') || record.segments.some((_, part) => !proofs.has(part))) return block - 1;
  }
  return Math.max(proved, last);
}
