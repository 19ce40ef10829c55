import type { Mode } from '../spec/chainSide.ts';

/**
 * The life of a block as a table: on every chain a block has a status, each status has one action that leads to the next one. Nothing
 * here does anything: `nextActions` looks at what the chains say (counters) and at what is ready, and answers with what should be sent
 * now. So a restart needs no file of its own: the chains are the state. In exit mode only what is confirmed, or can still be, goes on.
 */

/** Where one block is on one chain. `proved` occurs on the primary only: a secondary has nothing to prove. */
export type BlockStatus = 'sealed' | 'committed' | 'proved' | 'synced' | 'confirmed' | 'executed';

export type ChainRole = 'primary' | 'secondary';

/** What a chain was told by the arbitrator's halt. */
export interface Halt {
  /** The rollup's last block. */
  blockNumber: number;
  /** Final root that exits are proved against: what this chain executed. Null until exits are open. */
  finalRoot: bigint | null;
  /** Every block up to it is executed: leaves can exit, deposits and bonds are refunded. */
  exitsOpen: boolean;
}

/** The counters of one chain's rollup contract, read in one go. */
export interface ChainCounters {
  chainIndex: number;
  role: ChainRole;
  committed: number;
  /** On a secondary equal to `committed`. */
  proved: number;
  synced: number;
  confirmed: number;
  executed: number;
  /** Block numbers above `confirmed` whose sync hash this chain has sent exactly. */
  sent: readonly number[];
  mode: Mode;
  /** Null unless the mode is halted. */
  halt: Halt | null;
  /** Timestamp of the chain's newest block, seconds: what its contract takes for now. */
  time: number;
}

export interface ArbitratorCounters {
  lastConfirmed: number;
  /** It confirms nothing any more: the last confirmed block is the rollup's last one. */
  halted: boolean;
  /** Blocks above `lastConfirmed` that `confirmBlock` would accept now. */
  confirmable: readonly number[];
  /** Chains whose gateway refused the confirmation of `lastConfirmed`, so that it has to be sent again. */
  deferred: readonly number[];
}

export interface PipelineLimits {
  /** Most blocks in one commit, prove or execute transaction. */
  commit: number;
  prove: number;
  execute: number;
  /** Most syncs that may be on their way to the arbitrator at the same time. */
  openSyncs: number;
}

export const defaultLimits: PipelineLimits = { commit: 8, prove: 4, execute: 8, openSyncs: 2 };

export interface PipelineView {
  /** Every block up to here is sealed and has passed the audit of its data. */
  audited: number;
  /** Every block up to here has all its proofs, and they have passed the audit. */
  provable: number;
  /** Nothing above this block is committed, proved or synced: a doubt about the next one is being cleared up. Infinity when there is none. */
  ceiling: number;
  /** By chain index. */
  chains: readonly ChainCounters[];
  arbitrator: ArbitratorCounters;
  /** Per chain index: withdrawals of all blocks up to here were pushed to their owners; null when pushing is switched off. */
  settled: readonly number[] | null;
  /** The block that is being synced, as long as `chooseSyncTarget` keeps it. */
  syncTarget: number | null;
  limits: PipelineLimits;
}

/** What is to be done: blocks `from` … `to` on a chain, or at the arbitrator. */
export interface Action {
  type: 'commit' | 'prove' | 'sync' | 'confirm' | 'resend' | 'execute' | 'withdraw';
  /** The lane that does it: a chain index, or the arbitrator. For `resend` the arbitrator's lane serves chain `chainIndex`. */
  lane: number | 'arbitrator';
  chainIndex: number | null;
  from: number;
  to: number;
}

interface Range {
  from: number;
  to: number;
}

export interface PipelineRow {
  status: BlockStatus;
  action: Action['type'];
  /** `settled`: the withdrawals were pushed to their owners. */
  next: BlockStatus | 'settled';
  /** Which chains do this; confirm is the arbitrator's. */
  on: ChainRole | 'every' | 'arbitrator';
  /** The blocks that can take the action now, or null. */
  ready(view: PipelineView, chain: ChainCounters): Range | null;
}

/** A chain has left normal life, or the arbitrator has: no block that is not confirmed yet needs anything more from us. */
export function isExiting({ chains, arbitrator }: { chains: readonly Pick<ChainCounters, 'mode'>[]; arbitrator: Pick<ArbitratorCounters, 'halted'> }): boolean {
  return arbitrator.halted || chains.some(({ mode }) => mode !== 'running');
}

/** The table. Rows in the order of a block's life. */
export const pipelineTable: readonly PipelineRow[] = [
  {
    status: 'sealed',
    action: 'commit',
    next: 'committed',
    on: 'every',
    ready: (view, chain) => unlessExiting(view) && range(chain.committed, Math.min(view.audited, view.ceiling), view.limits.commit),
  },
  {
    status: 'committed',
    action: 'prove',
    next: 'proved',
    on: 'primary',
    ready: (view, chain) => unlessExiting(view) && range(chain.proved, Math.min(chain.committed, view.provable, view.ceiling), view.limits.prove),
  },
  {
    status: 'proved',
    action: 'sync',
    next: 'synced',
    on: 'every',
    ready: (view, chain) =>
      unlessExiting(view) && view.syncTarget !== null && canSend(chain, view.syncTarget) ? { from: view.syncTarget, to: view.syncTarget } : null,
  },
  {
    status: 'synced',
    action: 'confirm',
    next: 'confirmed',
    on: 'arbitrator',
    ready: (view) => {
      const block = Math.max(0, ...view.arbitrator.confirmable);
      return block > view.arbitrator.lastConfirmed ? { from: view.arbitrator.lastConfirmed + 1, to: block } : null;
    },
  },
  {
    status: 'confirmed',
    action: 'execute',
    next: 'executed',
    on: 'every',
    ready: (view, chain) => range(chain.executed, chain.confirmed, view.limits.execute),
  },
  {
    status: 'executed',
    action: 'withdraw',
    next: 'settled',
    on: 'every',
    ready: (view, chain) => (view.settled === null ? null : range(view.settled[chain.chainIndex] ?? 0, chain.executed, view.limits.execute)),
  },
];

/** Status of one block on one chain. */
export function blockStatus(chain: Pick<ChainCounters, 'committed' | 'proved' | 'synced' | 'confirmed' | 'executed' | 'role'>, block: number): BlockStatus {
  if (block <= chain.executed) return 'executed';
  if (block <= chain.confirmed) return 'confirmed';
  if (block <= chain.synced) return 'synced';
  if (chain.role === 'primary' && block <= chain.proved) return 'proved';
  if (block <= chain.committed) return 'committed';
  return 'sealed';
}

/** Everything that can be sent now, in the order of the table. */
export function nextActions(view: PipelineView): Action[] {
  const actions: Action[] = [];
  for (const row of pipelineTable) {
    if (row.on === 'arbitrator') {
      const first = view.chains[0];
      const blocks = first === undefined ? null : row.ready(view, first);
      if (blocks !== null) actions.push({ type: row.action, lane: 'arbitrator', chainIndex: null, ...blocks });
      continue;
    }
    for (const chain of view.chains) {
      if (row.on !== 'every' && row.on !== chain.role) continue;
      const blocks = row.ready(view, chain);
      if (blocks !== null) actions.push({ type: row.action, lane: chain.chainIndex, chainIndex: chain.chainIndex, ...blocks });
    }
  }
  const { deferred, lastConfirmed } = view.arbitrator;
  for (const chainIndex of deferred) {
    const chain = view.chains.find((candidate) => candidate.chainIndex === chainIndex);
    if (chain !== undefined && chain.confirmed < lastConfirmed) {
      actions.push({ type: 'resend', lane: 'arbitrator', chainIndex, from: lastConfirmed, to: lastConfirmed });
    }
  }
  return actions;
}

/**
 * The block whose sync hashes all chains should send next. The arbitrator compares hashes of one and the same block number, so all chains
 * must aim at the same block. A secondary only ever sends what the primary has proved, because what was sent cannot be reverted. Anyone
 * may sync, so a chain can have sent another block than ours; a block that some chain has sent is completed before a new one is begun.
 */
export function chooseSyncTarget(view: PipelineView): number | null {
  if (isExiting(view)) return null;
  const top = Math.min(view.ceiling, ...view.chains.map((chain) => (chain.role === 'primary' ? chain.proved : chain.committed)));
  const possible: number[] = [];
  for (let block = top; block > view.arbitrator.lastConfirmed; block--) possible.push(block);
  const complete = possible.filter((block) => view.chains.every((chain) => hasSent(chain, block)));
  const started = possible.filter((block) => !complete.includes(block) && view.chains.some((chain) => hasSent(chain, block)));
  if (view.syncTarget !== null && possible.includes(view.syncTarget) && !complete.includes(view.syncTarget)) return view.syncTarget;
  if (started[0] !== undefined) return started[0];
  if (complete.length >= view.limits.openSyncs) return null;
  const highestComplete = complete[0] ?? view.arbitrator.lastConfirmed;
  return possible.find((block) => block > highestComplete) ?? null;
}

function hasSent(chain: ChainCounters, block: number): boolean {
  return block <= chain.confirmed || chain.sent.includes(block);
}

function canSend(chain: ChainCounters, block: number): boolean {
  return !hasSent(chain, block) && chain.proved >= block;
}

/** A condition of the rows that make new blocks; null is what a row answers when nothing is to be done. */
function unlessExiting(view: PipelineView): true | null {
  return isExiting(view) ? null : true;
}

function range(done: number, available: number, limit: number): Range | null {
  return available > done ? { from: done + 1, to: Math.min(available, done + limit) } : null;
}
