import { firstLine, RollupError } from '../base/errors.ts';
import { silentProgress, type Progress } from '../base/progress.ts';
import { exitLeaves, type LeafExit } from '../chain/actions/exitLeaves.ts';
import type { WriteParameters } from '../chain/actions/types.ts';
import { RevertError } from '../chain/errors.ts';
import type { Prover } from '../prover/prove.ts';
import type { LedgerState } from '../state/ledger.ts';
import type { ChainClaims } from './claims.ts';
import { EXITS_PER_CALL, proveExits } from './exitProofs.ts';
import { payAll, refundAll, requireOpenExits, type LeaveOutcome, type TakeParameters } from './refunds.ts';

export interface LeaveParameters extends TakeParameters {
  /** Needed when there are leaves. */
  state?: LedgerState;
  prover?: Prover;
  signal?: AbortSignal;
}

/**
 * Takes everything that an owner has on one chain in exit mode: leaves by exit proofs, requests by refunds, and then has all of it paid to the
 * owner. An interrupted run is simply run again: what was taken is gone from the claims, and what somebody else takes meanwhile is left out.
 * @throws RollupError when exits are not open on the chain, or it refuses what is still there
 */
export async function* leaveChain(parameters: LeaveParameters): AsyncGenerator<LeaveOutcome> {
  requireOpenExits(parameters.claims);
  yield* exitAll(parameters);
  yield* refundAll(parameters);
  yield* payAll(parameters);
}

/** A chain on which not everything could be done, and why. */
export interface Refusal {
  chainIndex: number;
  name: string;
  error: RollupError;
}

export interface TakeOnEachParameters {
  /** Of the chains, in order. */
  claims: readonly ChainClaims[];
  /** What to do on one of them. */
  take: (claims: ChainClaims) => AsyncIterable<LeaveOutcome>;
  progress?: Progress;
  signal?: AbortSignal;
}

/**
 * Takes on one chain after the other. One that refuses (it takes no transactions, the wallet has nothing there) keeps nobody from the others.
 * @throws RollupError of the first refusal when nothing could be taken anywhere
 */
export async function takeOnEach({ claims, take, progress = silentProgress, signal }: TakeOnEachParameters): Promise<{ outcomes: LeaveOutcome[]; refusals: Refusal[] }> {
  const outcomes: LeaveOutcome[] = [];
  const refusals: Refusal[] = [];
  for (const chain of claims) {
    const { chainIndex, name } = chain.chain;
    try {
      for await (const outcome of take(chain)) outcomes.push(outcome);
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof RollupError)) throw error;
      refusals.push({ chainIndex, name, error });
      progress.report(`${name}: ${firstLine(error)}`);
    }
  }
  if (outcomes.length === 0 && refusals[0] !== undefined) throw refusals[0].error;
  return { outcomes, refusals };
}

async function* exitAll({ claims, owner, place, state, prover, progress = silentProgress, signal }: LeaveParameters): AsyncGenerator<LeaveOutcome> {
  const { chain, exitMode, leaves } = claims;
  // The largest of each token first: anybody can open leaves of next to nothing for an owner, and whoever stops before those has what matters.
  const holdings = leaves.filter(({ status, amount }) => status === 'open' && amount > 0n).sort((x, y) => x.token - y.token || Number(y.amount > x.amount) - Number(x.amount > y.amount));
  if (holdings.length === 0) return;
  if (state === undefined || prover === undefined || exitMode.haltRoot === null) {
    throw new RollupError('Exits need the recovered state, a prover and the root that they are proved against', { facts: { chain: chain.name, leaves: holdings.length } });
  }
  let ready: LeafExit[] = [];
  let left = holdings.length;
  for await (const { exit } of proveExits({ state, finalRoot: exitMode.haltRoot, owner, holdings, prover, progress, ...(signal === undefined ? {} : { signal }) })) {
    ready.push(exit);
    left--;
    if (ready.length < EXITS_PER_CALL && left > 0) continue;
    progress.report(`${chain.name}: exiting ${ready.length === 1 ? `leaf ${exit.leafIndex}` : `${ready.length} leaves`}`);
    yield* submit(place, chain.chainIndex, ready);
    ready = [];
  }
}

/** Sends exits; a leaf that somebody else has exited meanwhile is left out. */
async function* submit(place: WriteParameters, chainIndex: number, exits: readonly LeafExit[]): AsyncGenerator<LeaveOutcome> {
  let waiting = exits;
  while (waiting.length > 0) {
    try {
      const { exited, receipt } = await exitLeaves({ ...place, exits: waiting });
      for (const { leafIndex, token, amount } of exited) yield { type: 'exit', chainIndex, leafIndex, token, amount, transaction: receipt.transactionHash };
      return;
    } catch (error) {
      if (error instanceof RevertError && error.revert?.name === 'InvalidProof') throw otherKeys(error);
      const gone = error instanceof RevertError && error.revert?.name === 'LeafAlreadyExited' ? Number(error.revert.args['leafIndex']) : undefined;
      const rest = waiting.filter(({ leafIndex }) => leafIndex !== gone);
      if (rest.length === waiting.length) throw error;
      waiting = rest;
    }
  }
}

/** The proofs are right by the keys that made them. */
function otherKeys(error: RevertError): RollupError {
  return new RollupError('The chain does not accept the proofs: its verifier has other keys than this checkout', {
    facts: error.facts,
    hint: "Check out the version that was deployed, with its ceremony's keys (circuits/KEYS.md). Nothing was sent.",
    cause: error,
  });
}
