import { RollupError } from '../../base/errors.ts';
import type { Progress } from '../../base/progress.ts';
import { getTokenBalance } from '../../chain/actions/getTokenBalance.ts';
import { poll } from '../../chain/client/wait.ts';
import { arbitratorEndpoint, publicClient } from '../../chain/clients.ts';
import { arbitrator, secondaryRollup } from '../../chain/contracts.ts';
import type { Deployment } from '../../chain/deployments.ts';
import { iArbitratorAbi } from '../../chain/generated/abi.ts';
import { readPrimaryBlocks } from '../../recovery/chainData.ts';
import { checkReplay, replayBlocks } from './calldata.ts';
import { gatherCast, takeSnapshot, userNames, type Cast } from './cast.ts';
import { readEntitlements, readCosts, readHeads, type Entitlement, type Unowned } from './entitlements.ts';
import { checkContracts, checkHalt, checkMoney, checkReplays, checkStandstill } from './exitChecks.ts';
import { abandonPhase, isPrepared, preparePhase, readScene, type ExitScene, type Wreck } from './exitPhases.ts';
import { StoryLedger, type Check } from './ledger.ts';
import type { OpenedNetwork, StoryControl } from './network.ts';
import type { PhaseParameters } from './phases.ts';
import { collectPending, settle } from './settle.ts';
import { runUserCommand, type UserCommand } from './userCommands.ts';
import { watchBlocks } from './watchBlocks.ts';

export interface RunExitParameters {
  network: OpenedNetwork;
  progress: Progress;
  signal: AbortSignal;
}

export interface ExitResult {
  deployment: Deployment;
  scene: ExitScene;
  wreck: Wreck;
  /** What everybody was owed, with what is in the wallet at the end. */
  entitlements: (Entitlement & { after: bigint })[];
  unowned: Unowned[];
  /** What users typed, in order. */
  commands: UserCommand[];
  checks: Check[];
  /** From the disappearance of the operator to the last exit. */
  milliseconds: number;
}

const messageMilliseconds = 120_000;

/** Plays the third story: it ends the rollup. What is false is in `checks`; only what cannot go on throws. */
export async function runExit({ network, progress, signal }: RunExitParameters): Promise<ExitResult> {
  const { control, accounts } = network;
  if (control === undefined) throw new RollupError('This story ends the rollup for good, so it is not told on a devnet that runs already', { hint: 'npm run story -- exit' });
  const cast = gatherCast(network);
  const { deployment } = cast;
  const { scene, wreck } = await playOperator({ cast, control, network, progress, signal });
  progress.report("reading the primary's calldata: what everybody is owed");
  const replayed = replayBlocks(await readPrimaryBlocks({ deployment, to: wreck.confirmed, progress, signal }), deployment.chains.length);
  const [{ entitlements, unowned }, heads] = [await readEntitlements({ cast, replayed }), await readHeads(deployment)];
  const start = Date.now();
  const { commands, checks: orders } = await playUsers({ cast, control, progress, signal, heads });
  const milliseconds = Date.now() - start;
  const { checks: money, after } = await checkMoney({ cast, entitlements, heads });
  const checks = [
    ...money,
    ...(await checkContracts({ deployment, entitlements, unowned })),
    ...(await checkHalt(cast, wreck, replayed.at(-1))),
    ...checkReplay(replayed),
    ...orders,
    ...checkVariety(entitlements),
    ...(await checkReplays({ deployment, heads })),
    ...(await checkStandstill({ cast, wreck, accounts })),
  ];
  return { deployment, scene, wreck, entitlements: entitlements.map((row) => ({ ...row, after: after.get(row) ?? 0n })), unowned, commands, checks, milliseconds };
}

type Play = Pick<PhaseParameters, 'cast' | 'progress' | 'signal'> & { control: StoryControl };

/** Until the operator is gone. */
async function playOperator({ cast, control, network, progress, signal }: Play & { network: OpenedNetwork }): Promise<{ scene: ExitScene; wreck: Wreck }> {
  progress.report('waiting until earlier blocks, if any, are executed');
  const { lastBlock: first } = await settle({ cast, signal });
  await collectPending({ cast, progress });
  const watch = watchBlocks({ api: cast.clients.alice.api, deployment: cast.deployment, above: first, progress });
  try {
    const parameters: PhaseParameters = { cast, before: await takeSnapshot(cast), ledger: new StoryLedger(), progress, signal };
    if (!(await isPrepared(cast))) await preparePhase(parameters);
    await settle({ cast, signal });
    await collectPending({ cast, progress });
    const scene = await readScene(cast);
    return { scene, wreck: await abandonPhase({ ...parameters, scene, control, accounts: network.accounts }) };
  } finally {
    await watch.stop();
  }
}

/** From there on by nothing but what users type. */
async function playUsers({ cast, control, progress, signal, heads }: Play & { heads: readonly bigint[] }): Promise<{ commands: UserCommand[]; checks: Check[] }> {
  const { deployment, clients, zksync } = cast;
  const commands: UserCommand[] = [];
  const cli = async (...words: string[]): Promise<UserCommand> => {
    const command = await runUserCommand({ words, file: control.file, progress, signal });
    commands.push(command);
    return command;
  };
  await control.passTime(await expiry(deployment));
  progress.report('days pass on all chains; nobody serves the requests');
  await cli('exit-mode');
  await cli('exit-mode', 'trigger', '--account', 'carol', '--chain', zksync.name);
  // Whoever wants to leave carries on; the message services go on when the halts are sent, confirmations that were held back among them.
  const released = releaseWhenHalted({ deployment, control, progress, signal });
  released.catch(() => undefined);
  await Promise.all([cli('exit-mode', 'advance', '--account', 'prover', '--watch', '--interval', '1'), released]);
  await cli('recover');
  for (const user of userNames) await cli('exit', '--account', user, '--owner', clients[user].account.address);
  const counted = await readCosts({ cast, heads });
  const wallets = await readWallets(cast);
  await cli('exit', '--account', 'alice', '--owner', clients.alice.account.address);
  await cli('refund', '--account', 'carol');
  const [again, later] = [await readCosts({ cast, heads }), await readWallets(cast)];
  const transactions = (costs: typeof counted): number => costs.reduce((sum, row) => sum + row.transactions, 0);
  const check = (what: string, expected: string, actual: string): Check => ({ what, expected, actual, ok: expected === actual });
  return {
    commands,
    checks: [
      check('transactions of a second exit and a second refund', '0', String(transactions(again) - transactions(counted))),
      check('wallets after a second exit and a second refund', wallets, later),
    ],
  };
}

/** Seconds after which every request has expired. */
async function expiry(deployment: Deployment): Promise<number> {
  const expirations = deployment.chains.map(async (chain) => await secondaryRollup({ address: chain.rollup, client: publicClient(chain) }).read.priorityExpiration());
  return Math.max(...(await Promise.all(expirations))) + 60;
}

/** Lets messages down again once the halt of every chain is on its way: then confirmation and halt travel together. */
async function releaseWhenHalted({ deployment, control, progress, signal }: Pick<Play, 'control' | 'progress' | 'signal'> & { deployment: Deployment }): Promise<void> {
  const client = publicClient(arbitratorEndpoint(deployment));
  const { read } = arbitrator({ address: deployment.arbitrator, client });
  await poll({
    what: 'the halt of every chain to be sent',
    timeoutMilliseconds: messageMilliseconds,
    signal,
    check: async () => {
      if (!(await read.halted())) return undefined;
      const events = await client.getContractEvents({ address: deployment.arbitrator, abi: iArbitratorAbi, eventName: 'HaltSent', strict: true, fromBlock: 0n });
      return new Set(events.map(({ args }) => args.chainIndex)).size === deployment.chains.length ? true : undefined;
    },
  });
  progress.report('the arbitrator has halted and told every chain; the messages that were held back arrive');
  control.relayers.release({ direction: 'down' });
}

/** All of users' wallets as one text. */
async function readWallets({ deployment, clients }: Cast): Promise<string> {
  const amounts = deployment.chains.flatMap((chain) =>
    chain.tokens.flatMap(({ address }) => userNames.filter((user) => user !== 'operator').map(async (user) => await getTokenBalance({ client: publicClient(chain), tokenAddress: address, holder: clients[user].account.address }))),
  );
  return (await Promise.all(amounts)).join(' ');
}

/** Money was in every form that there is, so that each way out was gone. */
function checkVariety(entitlements: readonly Entitlement[]): Check[] {
  return (['coins', 'shares', 'payouts', 'deposits', 'bonds'] as const).map((form) => {
    const total = entitlements.reduce((sum, row) => sum + row[form], 0n);
    return { what: `somebody is owed ${form}`, expected: 'above 0', actual: String(total), ok: total > 0n };
  });
}
