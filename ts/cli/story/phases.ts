import { parseUnits } from 'viem';

import { RollupError } from '../../base/errors.ts';
import type { Progress } from '../../base/progress.ts';
import { formatAmount } from '../../chain/client/amount.ts';
import type { SubmittedTransaction } from '../../chain/client/submit.ts';
import { poll } from '../../chain/client/wait.ts';
import type { ChainDeployment, TokenDeployment } from '../../chain/deployments.ts';
import { balanceKey, type Cast, type Snapshot, type UserName } from './cast.ts';
import type { StoryLedger } from './ledger.ts';

export interface PhaseParameters {
  cast: Cast;
  /** Taken before the first phase. */
  before: Snapshot;
  ledger: StoryLedger;
  progress: Progress;
  signal: AbortSignal;
}

/** One user's deposit, transfer or withdrawal. */
interface Step {
  user: UserName;
  chain: ChainDeployment;
  token: TokenDeployment;
  amount: bigint;
}

const waitMilliseconds = 120_000;

function describe({ chain, token, amount }: Omit<Step, 'user'>): string {
  return `${formatAmount(amount, token.decimals)} ${token.symbol} on ${chain.name}`;
}

function amountOf(text: string, { decimals }: TokenDeployment): bigint {
  return parseUnits(text, decimals);
}

/** alice deposits both tokens on Linea, bob on zkSync Era, carol on Ethereum. */
export async function depositPhase(parameters: PhaseParameters): Promise<void> {
  const { cast, ledger, progress } = parameters;
  const { linea, zksync, ethereum, eth, tst, clients } = cast;
  const steps: Step[] = [
    { user: 'alice', chain: linea, token: tst, amount: amountOf('500', tst) },
    { user: 'alice', chain: linea, token: eth, amount: amountOf('2', eth) },
    { user: 'bob', chain: zksync, token: eth, amount: amountOf('1.5', eth) },
    { user: 'carol', chain: ethereum, token: eth, amount: amountOf('1', eth) },
  ];
  // Approvals come first, so that all deposits can be in one block.
  for (const { user, chain, token, amount } of steps) {
    const { gasCost } = await clients[user].approve({ chainIndex: chain.chainIndex, token: token.token, amount });
    ledger.addGas(user, chain.chainIndex, gasCost);
  }
  await Promise.all(
    steps.map(async ({ user, chain, token, amount }) => {
      const where = { user, chainIndex: chain.chainIndex, token: token.token };
      const { requestId, gasCost } = await clients[user].deposit({ chainIndex: chain.chainIndex, token: token.token, amount });
      progress.report(`${user} deposits ${describe({ chain, token, amount })}: request ${requestId}`);
      ledger.addGas(user, chain.chainIndex, gasCost);
      ledger.add({ ...where, purse: 'wallet', amount: -amount });
      ledger.add({ ...where, purse: 'l2', amount });
    }),
  );
  await waitForLeaves(parameters);
}

/** alice transfers part of each token to bob and to dave. */
export async function transferPhase(parameters: PhaseParameters): Promise<void> {
  const { cast, ledger, progress } = parameters;
  const { linea, eth, tst, clients } = cast;
  const steps: (Step & { to: UserName })[] = [
    { user: 'alice', to: 'bob', chain: linea, token: eth, amount: amountOf('0.75', eth) },
    { user: 'alice', to: 'bob', chain: linea, token: tst, amount: amountOf('120', tst) },
    { user: 'alice', to: 'dave', chain: linea, token: eth, amount: amountOf('0.25', eth) },
    { user: 'alice', to: 'dave', chain: linea, token: tst, amount: amountOf('80', tst) },
  ];
  const submitted = await Promise.all(
    steps.map(async ({ user, to, chain, token, amount }) => {
      // The receiver hands out an L2 address; it need not have a leaf.
      const address = await clients[to].address();
      const transaction = await clients[user].transfer({ chainIndex: chain.chainIndex, token: token.token, amount, to: address });
      progress.report(`${user} transfers ${describe({ chain, token, amount })} to ${to}`);
      const where = { chainIndex: chain.chainIndex, token: token.token, purse: 'l2' } as const;
      ledger.add({ ...where, user, amount: -amount });
      ledger.add({ ...where, user: to, amount });
      return { user, transaction };
    }),
  );
  await waitForBlocks(parameters, submitted);
  await waitForLeaves(parameters);
}

/** bob withdraws what came from alice and part of his own, carol part of hers; dave makes Linea itself empty his leaves. */
export async function withdrawPhase(parameters: PhaseParameters): Promise<void> {
  const { cast, ledger, progress } = parameters;
  const { linea, zksync, ethereum, eth, tst, clients } = cast;
  await fullExits(parameters);
  const steps: Step[] = [
    { user: 'bob', chain: linea, token: eth, amount: ledger.change('bob', linea.chainIndex, eth.token, 'l2') },
    { user: 'bob', chain: linea, token: tst, amount: ledger.change('bob', linea.chainIndex, tst.token, 'l2') },
    { user: 'bob', chain: zksync, token: eth, amount: amountOf('0.5', eth) },
    { user: 'carol', chain: ethereum, token: eth, amount: amountOf('0.4', eth) },
  ];
  const submitted = await Promise.all(
    steps.map(async ({ user, chain, token, amount }) => {
      const transaction = await clients[user].withdraw({ chainIndex: chain.chainIndex, token: token.token, amount });
      progress.report(`${user} withdraws ${describe({ chain, token, amount })}`);
      const where = { user, chainIndex: chain.chainIndex, token: token.token };
      ledger.add({ ...where, purse: 'l2', amount: -amount });
      ledger.add({ ...where, purse: 'wallet', amount });
      return { user, transaction };
    }),
  );
  await waitForBlocks(parameters, submitted);
  await waitForLeaves(parameters);
}

async function fullExits({ cast, before, ledger, progress }: PhaseParameters): Promise<void> {
  const { linea, eth, tst, clients } = cast;
  const { chainIndex } = linea;
  const leaves = await clients.dave.api.getLeaves(clients.dave.account.address);
  for (const token of [eth, tst]) {
    const leaf = leaves.find((candidate) => candidate.chainIndex === chainIndex && candidate.token === token.token);
    if (!leaf) throw new RollupError(`dave has no leaf of ${token.symbol} on ${linea.name}`, { hint: 'The transfers should have opened one.' });
    const amount = (before.get(balanceKey('dave', chainIndex, token.token))?.l2 ?? 0n) + ledger.change('dave', chainIndex, token.token, 'l2');
    const { requestId, gasCost } = await clients.dave.requestFullExit({ chainIndex, leafIndex: leaf.leafIndex });
    progress.report(`dave requests the full exit of leaf ${leaf.leafIndex}, ${describe({ chain: linea, token, amount })}: request ${requestId}`);
    ledger.addGas('dave', chainIndex, gasCost);
    ledger.add({ user: 'dave', chainIndex, token: token.token, purse: 'l2', amount: -amount });
    ledger.add({ user: 'dave', chainIndex, token: token.token, purse: 'wallet', amount });
  }
}

async function waitForBlocks({ cast, signal }: PhaseParameters, submitted: readonly { user: UserName; transaction: SubmittedTransaction }[]): Promise<void> {
  for (const { user, transaction } of submitted) {
    await cast.clients[user].waitForTransaction({ id: transaction.id, timeoutMilliseconds: waitMilliseconds, signal });
  }
}

/** Waits until the sequencer's leaves are what the ledger says: the newest block holds everything so far. */
async function waitForLeaves({ cast, before, ledger, signal }: PhaseParameters): Promise<void> {
  let waiting: string[] = [];
  await poll({
    what: 'every leaf to have its expected balance',
    timeoutMilliseconds: waitMilliseconds,
    signal,
    facts: () => ({ waiting }),
    check: async () => {
      const owned = new Map(await Promise.all(Object.entries(cast.clients).map(async ([user, client]) => [user, await client.api.getLeaves(client.account.address)] as const)));
      waiting = [...before.values()].flatMap(({ user, chain, chainIndex, token, symbol, decimals, l2 }) => {
        const leaves = (owned.get(user) ?? []).filter((leaf) => leaf.chainIndex === chainIndex && leaf.token === token);
        const actual = leaves.reduce((sum, { balance }) => sum + balance, 0n);
        const expected = l2 + ledger.change(user, chainIndex, token, 'l2');
        return actual === expected ? [] : [`${user} ${chain} ${symbol}: expected ${formatAmount(expected, decimals)}, actual ${formatAmount(actual, decimals)}`];
      });
      return waiting.length === 0 ? true : undefined;
    },
  });
}
