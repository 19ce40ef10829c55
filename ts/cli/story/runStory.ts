import type { Progress } from '../../base/progress.ts';
import { RollupError } from '../../base/errors.ts';
import { poll } from '../../chain/client/wait.ts';
import { blockVerbs, type BlockRecord, type SequencerApi } from '../../chain/client/sequencerApi.ts';
import { arbitratorEndpoint, publicClient } from '../../chain/clients.ts';
import type { Deployment } from '../../chain/deployments.ts';
import { iArbitratorAbi } from '../../chain/generated/abi.ts';
import { gatherCast, takeSnapshot, type Cast, type Snapshot, type StoryNetwork, type UserName } from './cast.ts';
import { checkCustody, readCustody, type Custody } from './custody.ts';
import { checkFees, readFees } from './fees.ts';
import { StoryLedger, type Check } from './ledger.ts';
import { depositPhase, transferPhase, withdrawPhase, type PhaseParameters } from './phases.ts';
import { watchBlocks } from './watchBlocks.ts';

export interface RunStoryParameters {
  network: StoryNetwork;
  progress: Progress;
  signal: AbortSignal;
}

export interface StoryResult {
  deployment: Deployment;
  before: Snapshot;
  after: Snapshot;
  /** The blocks that the story made, in order. */
  blocks: BlockRecord[];
  custody: Custody[];
  checks: Check[];
  /** From the first deposit to the last withdrawal in its owner's wallet. */
  milliseconds: number;
}

const executeMilliseconds = 600_000;
/** How long the sequencer gets to pay out withdrawals before their owners do it themselves. */
const payoutMilliseconds = 30_000;

/** Plays the story from the first deposit to the last check. What is false is in `checks`; only what cannot go on throws. */
export async function runStory({ network, progress, signal }: RunStoryParameters): Promise<StoryResult> {
  const cast = gatherCast(network);
  const { deployment } = cast;
  const { api } = cast.clients.alice;
  const executed = Math.min(...(await api.getStatus()).chains.map((chain) => chain.executed));
  const watch = watchBlocks({ api, deployment, above: executed, progress });
  const { before, after, ledger, keys, first, last, milliseconds } = await play({ cast, progress, signal }).finally(async () => await watch.stop());
  const blocks = await readBlocks(api, first, last);
  const custody = await readCustody({ api, deployment });
  const checks = [...ledger.compare(before, after), ...checkCustody(custody), ...keys, ...checkFees(deployment, await readFees({ api, deployment, blocks })), ...checkBlocks(deployment, blocks), await checkArbitrator(cast)];
  return { deployment, before, after, blocks, custody, checks, milliseconds };
}

interface Played extends Pick<StoryResult, 'before' | 'after' | 'milliseconds'> {
  ledger: StoryLedger;
  /** What holds of the change of key. */
  keys: Check[];
  /** Last block before the story, and its own last one. */
  first: number;
  last: number;
}

async function play({ cast, progress, signal }: Pick<PhaseParameters, 'cast' | 'progress' | 'signal'>): Promise<Played> {
  progress.report('waiting until earlier blocks, if any, are executed');
  const { lastBlock: first } = await settle({ cast, signal });
  // On a devnet that was used before, an owner may still be owed something; the numbers below are the story's alone.
  await collectPending({ cast, progress });
  const before = await takeSnapshot(cast);
  const start = Date.now();
  const ledger = new StoryLedger();
  const parameters: PhaseParameters = { cast, before, ledger, progress, signal };
  progress.report('deposits: alice on the primary, bob and carol on the secondaries');
  await depositPhase(parameters);
  progress.report('transfers: alice to bob and to dave, who has no leaf at first, with fees; a change of key');
  const keys = await transferPhase(parameters);
  progress.report('withdrawals: bob and carol by signature, dave by a full exit at the contract');
  await withdrawPhase(parameters);
  progress.report('everything is in blocks; waiting until they are proved and executed on every chain');
  const { lastBlock: last } = await settle({ cast, signal });
  await awaitPayouts(cast, signal);
  for (const { user, chainIndex, gasCost } of await collectPending({ cast, progress })) ledger.addGas(user, chainIndex, gasCost);
  return { before, after: await takeSnapshot(cast), ledger, keys, first, last, milliseconds: Date.now() - start };
}

/** Waits until nothing waits for a block and the last block is executed on every chain. */
async function settle({ cast, signal }: Pick<PhaseParameters, 'cast' | 'signal'>): Promise<{ lastBlock: number }> {
  const { api } = cast.clients.alice;
  return await poll({
    what: 'the last block to be executed on every chain',
    timeoutMilliseconds: executeMilliseconds,
    signal,
    check: async () => {
      const { lastBlock, pendingOperations, chains, halted } = await api.getStatus();
      if (halted !== undefined) throw new RollupError('The sequencer has halted', { facts: { reason: halted }, hint: "See the sequencer's log." });
      return pendingOperations === 0 && chains.every(({ executed }) => executed === lastBlock) ? { lastBlock } : undefined;
    },
  });
}

interface Owed {
  user: UserName;
  chainIndex: number;
  token: number;
}

async function readOwed({ clients }: Cast): Promise<Owed[]> {
  const snapshot = await takeSnapshot({ clients });
  return [...snapshot.values()].filter(({ pending }) => pending > 0n);
}

/** Gives the sequencer some time to pay out what executed blocks owe. */
async function awaitPayouts(cast: Cast, signal: AbortSignal): Promise<void> {
  const end = Date.now() + payoutMilliseconds;
  await poll({
    what: 'withdrawals to be paid out',
    timeoutMilliseconds: 2 * payoutMilliseconds,
    signal,
    check: async () => ((await readOwed(cast)).length === 0 || Date.now() >= end ? true : undefined),
  });
}

/** Whoever is still owed something collects it. */
async function collectPending({ cast, progress }: Pick<PhaseParameters, 'cast' | 'progress'>): Promise<{ user: UserName; chainIndex: number; gasCost: bigint }[]> {
  const collected = [];
  for (const { user, chainIndex, token } of await readOwed(cast)) {
    const { gasCost } = await cast.clients[user].withdrawPending({ chainIndex, token });
    progress.report(`${user} collects the pending balance of token ${token} on ${cast.deployment.chains[chainIndex]?.name}`);
    collected.push({ user, chainIndex, gasCost });
  }
  return collected;
}

async function readBlocks(api: SequencerApi, above: number, last: number): Promise<BlockRecord[]> {
  const blocks: BlockRecord[] = [];
  for (let blockNumber = above + 1; blockNumber <= last; blockNumber += 1) {
    const block = await api.getBlock(blockNumber);
    if (block === undefined) throw new RollupError(`The sequencer does not know block ${blockNumber}`, { facts: { lastBlock: last } });
    blocks.push(block);
  }
  return blocks;
}

/** Every block is executed everywhere, and each stage has its transaction. */
function checkBlocks(deployment: Deployment, blocks: readonly BlockRecord[]): Check[] {
  return blocks.flatMap((block) =>
    deployment.chains.map(({ chainIndex, name, role }): Check => {
      const chain = block.chains.find((candidate) => candidate.chainIndex === chainIndex);
      const verbs = blockVerbs.filter((verb) => verb !== 'prove' || role === 'primary');
      const missing = verbs.filter((verb) => chain?.transactions[verb] === undefined);
      const actual = `${chain?.stage ?? 'unknown'}${missing.length === 0 ? '' : `, no transaction for ${missing.join(', ')}`}`;
      return { what: `block ${block.blockNumber} on ${name}`, expected: 'executed', actual, ok: actual === 'executed' };
    }),
  );
}

/** The root that the arbitrator confirmed last is the one that the sequencer has for that block. */
async function checkArbitrator({ deployment, clients }: Cast): Promise<Check> {
  const client = publicClient(arbitratorEndpoint(deployment));
  const arbitrator = { address: deployment.arbitrator, abi: iArbitratorAbi } as const;
  const blockNumber = await client.readContract({ ...arbitrator, functionName: 'lastConfirmedBlock' });
  const confirmed = await client.readContract({ ...arbitrator, functionName: 'confirmedRoot', args: [blockNumber] });
  const expected = (await clients.alice.api.getBlock(blockNumber))?.finalRoot.toString() ?? 'a known block';
  return { what: `final root of block ${blockNumber} at the arbitrator`, expected, actual: confirmed.toString(), ok: confirmed.toString() === expected };
}
