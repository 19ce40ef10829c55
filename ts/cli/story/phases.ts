import { parseUnits } from 'viem';

import { RollupError } from '../../base/errors.ts';
import type { Progress } from '../../base/progress.ts';
import { formatAmount } from '../../chain/client/amount.ts';
import { keyOfAccount } from '../../chain/client/key.ts';
import type { RollupClient } from '../../chain/client/rollupClient.ts';
import type { FeeKind } from '../../chain/client/sequencerApi.ts';
import { submitPayment, type SubmittedTransaction } from '../../chain/client/submit.ts';
import { poll } from '../../chain/client/wait.ts';
import type { ChainDeployment, TokenDeployment } from '../../chain/deployments.ts';
import { balanceKey, type Cast, type Snapshot, type UserName } from './cast.ts';
import type { Check, StoryLedger } from './ledger.ts';

export interface PhaseParameters {
  cast: Cast;
  /** Taken before the first phase. */
  before: Snapshot;
  ledger: StoryLedger;
  progress: Progress;
  signal: AbortSignal;
}

/** One user's deposit, transfer or withdrawal. */
export interface Step {
  user: UserName;
  chain: ChainDeployment;
  token: TokenDeployment;
  amount: bigint;
  /** Fee in tokens; the sequencer's minimum when that is more. Default 0. */
  fee?: string;
}

/** No further block is sealed while several wait for their proofs, and those take minutes on a busy machine. */
export const waitMilliseconds = 600_000;

function describe({ chain, token, amount }: Omit<Step, 'user'>): string {
  return `${formatAmount(amount, token.decimals)} ${token.symbol} on ${chain.name}`;
}

export function amountOf(text: string, { decimals }: TokenDeployment): bigint {
  return parseUnits(text, decimals);
}

/** alice deposits both tokens on Linea, bob on zkSync Era, carol on Ethereum. */
export async function depositPhase(parameters: PhaseParameters): Promise<void> {
  const { linea, zksync, ethereum, eth, tst } = parameters.cast;
  await makeDeposits(parameters, [
    { user: 'alice', chain: linea, token: tst, amount: amountOf('500', tst) },
    { user: 'alice', chain: linea, token: eth, amount: amountOf('2', eth) },
    { user: 'bob', chain: zksync, token: eth, amount: amountOf('1.5', eth) },
    { user: 'carol', chain: ethereum, token: eth, amount: amountOf('1', eth) },
  ]);
}

/** Deposits of several users at once; waits until all are in leaves. */
export async function makeDeposits(parameters: PhaseParameters, steps: readonly Step[]): Promise<void> {
  const { ledger, progress, cast: { clients } } = parameters;
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

/** alice transfers part of each token to bob and to dave, changes a key, and transfers with the new one. @returns what holds of the keys */
export async function transferPhase(parameters: PhaseParameters): Promise<Check[]> {
  const { cast, ledger, progress } = parameters;
  const { linea, eth, tst, clients } = cast;
  const steps: (Step & { to: UserName })[] = [
    { user: 'alice', to: 'bob', chain: linea, token: eth, amount: amountOf('0.75', eth), fee: '0.001' },
    { user: 'alice', to: 'bob', chain: linea, token: tst, amount: amountOf('120', tst), fee: '0.5' },
    { user: 'alice', to: 'dave', chain: linea, token: eth, amount: amountOf('0.25', eth) },
    { user: 'alice', to: 'dave', chain: linea, token: tst, amount: amountOf('80', tst) },
  ];
  const submitted = await Promise.all(
    steps.map(async ({ user, to, chain, token, amount, ...rest }) => {
      // The receiver hands out an L2 address; it need not have a leaf.
      const address = await clients[to].address();
      const fee = await feeOf({ client: clients[user], kind: 'transfer', token, ...rest });
      const transaction = await clients[user].transfer({ chainIndex: chain.chainIndex, token: token.token, amount, to: address, fee });
      progress.report(`${user} transfers ${describe({ chain, token, amount })} to ${to}${feeText(fee, token)}`);
      addFee({ ledger, user, chain, token, fee });
      const where = { chainIndex: chain.chainIndex, token: token.token, purse: 'l2' } as const;
      ledger.add({ ...where, user, amount: -amount });
      ledger.add({ ...where, user: to, amount });
      return { user, transaction };
    }),
  );
  const { checks, transactions } = await changeOfKey(parameters);
  await waitForBlocks(parameters, [...submitted, ...transactions.map((transaction) => ({ user: 'alice' as const, transaction }))]);
  await waitForLeaves(parameters);
  return checks;
}

/** alice gives her ETH leaf on Linea her wallet's next key; from then on, before any block, only that one signs for it. */
async function changeOfKey({ cast, ledger, progress }: PhaseParameters): Promise<{ checks: Check[]; transactions: SubmittedTransaction[] }> {
  const { linea: chain, eth: token, clients, aliceNext, deployment } = cast;
  const { alice, bob } = clients;
  const { chainIndex } = chain;
  const [old, next] = [await alice.user(), await aliceNext.user()];
  const leaf = (await alice.api.getLeaves(alice.account.address)).find((found) => found.chainIndex === chainIndex && found.token === token.token && found.nextKeyX === old.keyX && found.nextKeyY === old.keyY);
  if (!leaf) throw new RollupError(`alice has no leaf of ${token.symbol} on ${chain.name} under her first key`, { hint: 'Her deposit should have opened one.' });
  const changeFee = await feeOf({ client: alice, kind: 'changeKey', token, fee: '0.002' });
  const change = await alice.changeKey({ chainIndex, leafIndex: leaf.leafIndex, to: next, fee: changeFee });
  progress.report(`alice changes the key of leaf ${leaf.leafIndex} on ${chain.name}${feeText(changeFee, token)}`);
  addFee({ ledger, user: 'alice', chain, token, fee: changeFee });

  const amount = amountOf('0.1', token);
  const fee = await feeOf({ client: aliceNext, kind: 'transfer', token, fee: '0.001' });
  const to = await bob.user();
  const refused = await submitPayment({
    api: alice.api, deploymentId: deployment.deploymentId, key: await keyOfAccount(alice.account), leaf: { ...leaf, nextNonce: change.nonce + 1 },
    fee, validUntil: Math.floor(Date.now() / 1000) + 3600, payment: { type: 'transfer', to, amount },
  }).then(() => 'accepted', (error: unknown) => (error instanceof RollupError ? String(error.facts['reason']) : 'another error'));
  progress.report(`a transfer that alice's old key signed is refused: ${refused}`);

  const transaction = await aliceNext.transfer({ chainIndex, token: token.token, amount, to, fee });
  progress.report(`alice transfers ${describe({ chain, token, amount })} to bob with her new key${feeText(fee, token)}`);
  const where = { chainIndex, token: token.token, purse: 'l2' } as const;
  ledger.add({ ...where, user: 'alice', amount: -amount });
  ledger.add({ ...where, user: 'bob', amount });
  addFee({ ledger, user: 'alice', chain, token, fee });
  const checks = [{ what: "what alice's old key signs after the change", expected: 'wrongSignature', actual: refused, ok: refused === 'wrongSignature' }];
  return { checks, transactions: [change, transaction] };
}

/** bob withdraws what came from alice (less a fee) and part of his own, carol part of hers; dave makes Linea itself empty his leaves. */
export async function withdrawPhase(parameters: PhaseParameters): Promise<void> {
  const { cast, ledger } = parameters;
  const { linea, zksync, ethereum, eth, tst } = cast;
  await fullExits(parameters);
  await makeWithdrawals(parameters, [
    { user: 'bob', chain: linea, token: eth, amount: ledger.change('bob', linea.chainIndex, eth.token, 'l2'), fee: '0.001' },
    { user: 'bob', chain: linea, token: tst, amount: ledger.change('bob', linea.chainIndex, tst.token, 'l2') },
    { user: 'bob', chain: zksync, token: eth, amount: amountOf('0.5', eth) },
    { user: 'carol', chain: ethereum, token: eth, amount: amountOf('0.4', eth) },
  ]);
  await waitForLeaves(parameters);
}

/** Withdrawals of several users at once, each of `amount` less the fee; waits until all are in blocks. */
export async function makeWithdrawals(parameters: PhaseParameters, steps: readonly Step[]): Promise<void> {
  const { ledger, progress, cast: { clients } } = parameters;
  const submitted = await Promise.all(
    steps.map(async ({ user, chain, token, amount: gross, ...rest }) => {
      const fee = await feeOf({ client: clients[user], kind: 'withdraw', token, ...rest });
      const amount = gross - fee;
      const transaction = await clients[user].withdraw({ chainIndex: chain.chainIndex, token: token.token, amount, fee });
      progress.report(`${user} withdraws ${describe({ chain, token, amount })}${feeText(fee, token)}`);
      addFee({ ledger, user, chain, token, fee });
      const where = { user, chainIndex: chain.chainIndex, token: token.token };
      ledger.add({ ...where, purse: 'l2', amount: -amount });
      ledger.add({ ...where, purse: 'wallet', amount });
      return { user, transaction };
    }),
  );
  await waitForBlocks(parameters, submitted);
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

async function feeOf({ client, kind, token, fee = '0' }: { client: RollupClient; kind: FeeKind; token: TokenDeployment; fee?: string }): Promise<bigint> {
  const [own, minimum] = [amountOf(fee, token), await client.minimumFee({ kind, token: token.token })];
  return own > minimum ? own : minimum;
}

function feeText(fee: bigint, { symbol, decimals }: TokenDeployment): string {
  return fee === 0n ? '' : `, fee ${formatAmount(fee, decimals)} ${symbol}`;
}

/** A fee goes from the user's leaf to the operator's on the same chain. */
function addFee({ ledger, user, chain, token, fee }: { ledger: StoryLedger; user: UserName; chain: ChainDeployment; token: TokenDeployment; fee: bigint }): void {
  const where = { chainIndex: chain.chainIndex, token: token.token, purse: 'l2' } as const;
  ledger.add({ ...where, user, amount: -fee });
  ledger.add({ ...where, user: 'operator', amount: fee });
}

export async function waitForBlocks({ cast, signal }: PhaseParameters, submitted: readonly { user: UserName; transaction: Pick<SubmittedTransaction, 'id'> }[]): Promise<void> {
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
