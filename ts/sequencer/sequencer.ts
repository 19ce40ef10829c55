import { formatError, RollupError } from '../base/errors.ts';
import { lineProgress, type Progress } from '../base/progress.ts';
import type { Deployment } from '../chain/deployments.ts';
import { toRollupError } from '../chain/errors.ts';
import { startApi } from './api.ts';
import { AuditFailure } from './auditReplay.ts';
import { ChainClock } from './chainClock.ts';
import { connect, type SequencerAccounts } from './chains.ts';
import { Core, type LostOnChain } from './core.ts';
import { checkFeeOptions, type FeePolicy, type Operator } from './fees.ts';
import { openFileStore } from './fileStore.ts';
import type { PipelineLimits } from './pipeline.ts';
import type { BlockPolicy } from './producer.ts';
import { localProver, type ProverPort } from './proverPort.ts';
import { dropBlocks, TooLateError } from './recovery.ts';
import type { Store } from './store.ts';
import { persist } from './timing.ts';
import type { TooOldBlock } from './tooOld.ts';
import type { SequencerView } from './view.ts';

export interface SequencerOptions {
  deployment: Deployment;
  accounts: SequencerAccounts;
  /** The L2 user to whom fees are credited; leaves are opened for it as they are needed. */
  operator: Operator;
  /** What a transaction has to pay. Default: nothing. */
  fees?: FeePolicy;
  /** Where the default store keeps its files. */
  dataDir: string;
  /** Instead of files in `dataDir`. Closed by the sequencer when it stops. */
  store?: Store;
  /** Port of the API; 0 takes a free one. Default 8550. */
  port?: number;
  host?: string;
  /** Default: snarkjs in worker processes. Stopped by the sequencer when it stops. */
  prover?: ProverPort;
  /** Blocks until an event counts: one number for all chains, or by chain name. Default 1. */
  confirmations?: number | Record<string, number>;
  policy?: Partial<BlockPolicy>;
  limits?: Partial<PipelineLimits>;
  /** Push executed withdrawals to their owners. Default true. */
  pushWithdrawals?: boolean;
  /** Milliseconds between looks at the chains. Default 500. */
  pollMs?: number;
  /** Milliseconds after which a transaction that is not in a block is sent again at a higher price. Default 60,000. */
  stuckMs?: number;
  /** Milliseconds that a request which a reorg removed may take to come back before the blocks that use it are dropped. Default 60,000. */
  lostRequestGraceMs?: number;
  /**
   * Take back blocks that a chain takes no more because of their age, with all after them, and make them anew. It undoes what is not confirmed, and drops
   * transactions whose validity has ended meanwhile. Default false: a person decides, for there is a cure without loss (raising the chain's tolerance).
   */
  remakeOldBlocks?: boolean;
  /** Milliseconds since the epoch. */
  now?: () => number;
  progress?: Progress;
}

export interface Sequencer {
  /** Of the API. */
  url: string;
  /** Why nothing is sent any more; null while all is well. */
  halted(): RollupError | null;
  /**
   * Runs `work` while nothing is read, sent or written, with the files of the store closed: it may copy or replace them, and set the chains back
   * with them. Afterwards everything is built anew from files and chains; a sequencer that had halted goes on. Proofs in work begin again. Meanwhile
   * the API answers that it is not ready.
   * @throws RollupError when the store is not in files; what `work` throws; when files and chains do not fit together afterwards (it has halted then)
   */
  paused<T>(work: () => Promise<T>): Promise<T>;
  /** Ends everything that was started, in reverse order: API, transactions on their way, proofs, store. */
  stop(): Promise<void>;
}

/** Starts a sequencer on a deployment; resumes where store and chains are. @throws RollupError when something does not fit */
export async function startSequencer(options: SequencerOptions): Promise<Sequencer> {
  const { deployment, accounts, operator, fees = [], dataDir, port = 8550, host, pollMs = 500, stuckMs, now = Date.now, lostRequestGraceMs = 60_000, remakeOldBlocks = false } = options;
  const progress = options.progress ?? lineProgress();
  checkFeeOptions({ operator, fees });
  const connections = await connect({ deployment, accounts, progress, ...(stuckMs === undefined ? {} : { stuckMs }) });
  let store = options.store ?? (await openFileStore({ dataDir }));
  const prover = options.prover ?? localProver({ progress, detail: 'proofs' });
  let core: Core | null = null;
  let repair: Promise<void> | null = null;
  let stopped = false;
  /** The last pause, or the one that runs. */
  let pause: Promise<unknown> | null = null;
  let halted: RollupError | null = null;
  const doubts = new Map<string, number>();
  const clock = new ChainClock({ chainCount: deployment.chains.length, now });

  const begin = async (): Promise<Core> =>
    await Core.start({
      connections, store, operator, fees, pollMs, now, clock, progress, prove: prover.prove, verifyProof: prover.verify, confirmations: depths(options), onLost, onTooOld,
      ...(options.policy === undefined ? {} : { policy: options.policy }),
      ...(options.limits === undefined ? {} : { limits: options.limits }),
      ...(options.pushWithdrawals === undefined ? {} : { pushWithdrawals: options.pushWithdrawals }),
    });

  /** A request that is there but another one will not come back; one that is missing gets some time. */
  const onLost = (lost: LostOnChain): void => {
    const key = `${lost.chainIndex}/${lost.requestId}/${lost.blockNumber}`;
    const since = doubts.get(key) ?? Date.now();
    if (!doubts.has(key)) {
      doubts.set(key, since);
      progress.report(`REORG: request ${lost.requestId} of ${deployment.chains[lost.chainIndex]?.name}, which block ${lost.blockNumber} uses, is not on its chain; nothing from that block on is sent`);
    }
    if (lost.found !== null || Date.now() - since >= lostRequestGraceMs) goBack(lost.blockNumber, 'after a reorg');
  };

  /** Only where it helps: a block made now would be taken, and no chain has sent what would have to be taken back (anyone may sync a committed block). */
  const onTooOld = ({ blockNumber, chainIndex, timestamp, minimum }: TooOldBlock): void => {
    if (!remakeOldBlocks || core === null || clock.seconds() < minimum) return;
    const { driver } = core;
    if (deployment.chains.some((chain) => (driver.counters(chain.chainIndex)?.synced ?? 0) >= blockNumber)) return;
    if (goBack(blockNumber, 'after a block that was too old to be committed')) {
      progress.report(`TOO OLD: block ${blockNumber} is dated ${timestamp}, ${deployment.chains[chainIndex]?.name} takes none from before ${minimum}; it and those after it are made anew`);
    }
  };

  /** Takes the blocks from `from` on back and begins anew. @returns false when something of that kind goes on already */
  const goBack = (from: number, why: string): boolean => {
    if (core === null || repair !== null || pause !== null || stopped) return false;
    repair = restart(from, why).finally(() => (repair = null));
    return true;
  };

  const restart = async (from: number, why: string): Promise<void> => {
    const old = core;
    core = null;
    try {
      await old?.stop();
      core = await persist({
        work: async () => {
          await dropBlocks({ from, rollups: connections.chains.map((chain) => chain.port), store, progress });
          doubts.clear();
          return stopped ? null : await begin();
        },
        isOver: (error) => stopped || error instanceof TooLateError || error instanceof AuditFailure,
        onFailure: (error, waitMs) => progress.report(`going on ${why} failed, next try in ${waitMs / 1000} s: ${formatError(toRollupError(error, 'taking blocks back'))}`),
      });
    } catch (error) {
      const fault = error instanceof RollupError ? error : new RollupError(`The sequencer could not go on ${why}`, { cause: error });
      progress.report(`HALTED: ${formatError(fault)}`);
      halted = fault;
    }
  };

  const suspended = async <T>(work: () => Promise<T>): Promise<T> => {
    await repair;
    const old = core;
    core = null;
    await old?.stop();
    await store.close();
    try {
      return await work();
    } finally {
      store = await openFileStore({ dataDir });
      doubts.clear();
      clock.reset();
      halted = null;
      try {
        if (!stopped) core = await begin();
      } catch (error) {
        halted = error instanceof RollupError ? error : new RollupError('The sequencer could not go on after a pause', { cause: error });
        progress.report(`HALTED: ${formatError(halted)}`);
      }
    }
  };

  const paused = async <T>(work: () => Promise<T>): Promise<T> => {
    if (options.store !== undefined) throw new RollupError('The store of this sequencer is not in files: it cannot be paused', { hint: 'Start it without a store of its own.' });
    const previous = pause;
    const own = (async () => {
      await previous?.catch(() => {});
      if (stopped) throw new RollupError('The sequencer has been stopped');
      return await suspended(work);
    })();
    pause = own;
    try {
      const result = await own;
      if (halted !== null) throw new RollupError(`The sequencer could not go on after a pause: ${halted.message}`, { facts: halted.facts, ...(halted.hint === undefined ? {} : { hint: halted.hint }), cause: halted });
      return result;
    } finally {
      if (pause === own) pause = null;
    }
  };

  const current = (): SequencerView => {
    if (core !== null) return core.view;
    if (halted !== null) throw new RollupError(`The sequencer has halted: ${halted.message}`, { facts: { unavailable: true, ...halted.facts }, hint: halted.hint ?? 'Ask the operator.' });
    throw new RollupError('The sequencer is not ready', { facts: { unavailable: true }, hint: 'Try again in a moment.' });
  };
  try {
    core = await begin();
    const api = await startApi({ view: forwarded(current), port, progress, ...(host === undefined ? {} : { host }) });
    progress.report(`sequencer listens at ${api.url}`);
    return {
      url: api.url,
      halted: () => halted ?? core?.driver.halted ?? null,
      paused,
      async stop() {
        stopped = true;
        await api.stop();
        await repair;
        await pause?.catch(() => {});
        await core?.stop();
        await prover.stop();
        await store.close();
      },
    };
  } catch (error) {
    stopped = true;
    await (repair as Promise<void> | null);
    await core?.stop();
    await prover.stop();
    await store.close();
    throw error;
  }
}

/** Depths by chain index, the arbitrator's last. */
function depths({ deployment, confirmations = 1 }: SequencerOptions): number[] {
  const of = (name: string): number => (typeof confirmations === 'number' ? confirmations : (confirmations[name] ?? 1));
  const arbitratorChain = deployment.chains.find(({ chainId }) => chainId === deployment.arbitratorChainId)?.name ?? 'arbitrator';
  return [...deployment.chains.map(({ name }) => of(name)), of(arbitratorChain)];
}

/** A view that stays while the core behind it is replaced. */
function forwarded(current: () => SequencerView): SequencerView {
  return {
    status: async () => await current().status(),
    blocks: async (parameters) => await current().blocks(parameters),
    block: async (blockNumber) => await current().block(blockNumber),
    leavesOf: (owner) => current().leavesOf(owner),
    leaf: (chainIndex, leafIndex) => current().leaf(chainIndex, leafIndex),
    transaction: async (id) => await current().transaction(id),
    submit: async (submission) => await current().submit(submission),
    pools: () => current().pools(),
    quote: (parameters) => current().quote(parameters),
    requestPair: async (pair) => await current().requestPair(pair),
  };
}
