import type { Progress } from '../../base/progress.ts';
import type { BlockRecord } from '../../chain/client/sequencerApi.ts';
import type { Deployment } from '../../chain/deployments.ts';
import { checkArbitrator, checkBlocks, readBlocks } from './blockChecks.ts';
import { gatherCast, takeSnapshot, type Snapshot, type StoryNetwork } from './cast.ts';
import { checkCustody, readCustody, type Custody } from './custody.ts';
import { checkFees, readFees } from './fees.ts';
import { StoryLedger, type Check } from './ledger.ts';
import { depositPhase, transferPhase, withdrawPhase, type PhaseParameters } from './phases.ts';
import { awaitPayouts, collectPending, settle } from './settle.ts';
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
