import { modField } from '../../../spec/field.ts';
import { buildSegment } from '../../../spec/segment.ts';
import { LEAF_KIND } from '../../../spec/leaf.ts';
import { legsAfter, shareToken } from '../../../spec/leg.ts';
import { isLiquidityChange, type LiquidityChange, type Operation, type OperationRequest, type PeerLiquidityChange } from '../../../spec/operation.ts';
import { LEAF_COUNT, params } from '../../../spec/params.ts';
import type { LeafEntry } from '../../../state/chainState.ts';
import { applyOperation, readAccess, type ApplyParameters, type ApplyReturnType, type LedgerState } from '../../../state/ledger.ts';
import { completeOperation } from '../../../state/plan.ts';
import { OperationRejected } from '../../../state/rejection.ts';
import { emptySegment, type SegmentState } from '../../../state/segmentState.ts';
import type { SegmentTrace, SlotTrace } from '../../../state/trace.ts';
import { Random } from '../../random.ts';
import { BLOCK_NUMBER, DOMAIN, TIMESTAMP } from '../world.ts';
import { nextAttempt, startState, type Attempt } from './attempts.ts';
import type { SegmentVerdict } from './segmentVerdict.ts';

/*
 * The ledger against the constraint system of the segment circuit. Every operation that the ledger refuses must be refused by the circuit
 * when it is applied all the same; every segment that the ledger makes must be accepted with the public inputs that ts/spec computes from
 * its roots and words.
 */

export type ApplyOperation = (state: LedgerState, parameters: ApplyParameters) => ApplyReturnType;

/** Ledger and circuit do not agree. */
export interface Difference {
  seed: number;
  /** Operations that were tried before. */
  step: number;
  ledger: 'accepts' | `refuses (${string})`;
  circuit: 'accepts' | `refuses (${string})`;
  /** The fewest operations found that show it, from the leaves below. */
  operations: Operation[];
  leaves: Record<number, string>;
}

export interface FuzzReport {
  accepted: number;
  refused: number;
  segments: number;
  /** By `kind` and `kind reason`: how often. */
  seen: Map<string, number>;
  /** At most one: the run ends there. */
  difference: Difference | null;
}

export interface FuzzParameters {
  seed: number;
  /** How many operations to try. */
  operations: number;
  /** Instances with 1 slot and with params.slots. */
  one: SegmentVerdict;
  full: SegmentVerdict;
  /** The ledger; default: ts/state. */
  apply?: ApplyOperation;
  /** By default random. */
  attempts?: (random: Random, state: LedgerState, segment: { state: SegmentState; room: number }) => Attempt;
}

/** Of the segments before, whatever they were. */
const LEGS_IN = 77n;

/** A segment in the making. */
interface Segment {
  before: LedgerState;
  state: LedgerState;
  /** What the next operation finds. */
  left: SegmentState;
  slots: SlotTrace[];
  /** State after each slot. */
  states: LedgerState[];
}

export function fuzz({ seed, operations, one, full, apply = applyOperation, attempts = nextAttempt }: FuzzParameters): FuzzReport {
  const random = new Random(seed, 'fuzz of ledger and circuit');
  const report: FuzzReport = { accepted: 0, refused: 0, segments: 0, seen: new Map(), difference: null };
  const start = (state: LedgerState): Segment => ({ before: state, state, left: emptySegment, slots: [], states: [] });
  let segment = start(startState());
  for (let step = 0; step < operations; step++) {
    const attempt = attempts(random, segment.state, { state: segment.left, room: params.slots - segment.slots.length });
    const verdict = tryOn(segment, attempt, apply);
    count(report, verdict);
    if (verdict.applied) {
      const { trace, state, segment: left } = verdict.applied;
      segment = { ...segment, state, left, slots: [...segment.slots, trace], states: [...segment.states, state] };
      // A liquidity change is not the last operation of a segment.
      if (left.awaited !== null || (segment.slots.length < params.slots && random.below(4) !== 0)) continue;
      report.segments++;
      if (!full.accepts(traceOf(segment))) {
        report.difference = { seed, step, ledger: 'accepts', ...smallestRefused(segment, full) };
        return report;
      }
      // Few leaves with long histories would be left after a while.
      segment = start(report.segments % 150 === 0 ? startState() : segment.state);
      continue;
    }
    // Fees are found only behind the operations that paid them, a credit only behind what it pays; everything else can be tried alone.
    const needsOthers = verdict.operation.type === 'collectFees' || verdict.operation.type === 'credit' || segment.left.awaited !== null;
    const behind = segment.slots.length > 0 && (needsOthers || random.below(8) === 0);
    const credited = isLiquidityChange(verdict.operation) ? creditFor(verdict.operation, segment.state) : [];
    const tried = [...(behind ? segment.slots.map(({ operation }) => operation) : []), verdict.operation, ...credited];
    if (tried.length > params.slots) continue;
    const from = behind ? segment.before : segment.state;
    if ((tried.length > 1 ? full : one).acceptsUnchecked(tried, from)) {
      const least = behind && one.acceptsUnchecked([verdict.operation], segment.state) ? [verdict.operation] : tried;
      const leaves = leavesOf(least, least === tried ? from : segment.state);
      report.difference = { seed, step, ledger: `refuses (${verdict.reason})`, circuit: 'accepts', operations: least, leaves };
      return report;
    }
  }
  return report;
}

/** What would follow a liquidity change if it were accepted: a credit of a leaf of the order's user, if there is one. */
function creditFor(operation: LiquidityChange | PeerLiquidityChange, state: LedgerState): Operation[] {
  const { order, pool, type } = operation;
  const token = type.startsWith('add') ? shareToken(pool) : pool < LEAF_COUNT ? state.leaf(DOMAIN.chainIndex, pool).token : 0n;
  const isPaid = ({ leaf }: LeafEntry): boolean => leaf.kind === LEAF_KIND.account && leaf.token === token && leaf.owner === order.owner && leaf.keyX === order.keyX && leaf.keyY === order.keyY;
  const found = state.chain(DOMAIN.chainIndex).entries().find(isPaid);
  return found ? [{ type: 'credit', leafIndex: found.leafIndex }] : [];
}

interface Verdict {
  /** Complete: what a block builder claims. */
  operation: Operation;
  applied: ApplyReturnType | null;
  reason: string;
}

function tryOn({ state, left }: Segment, { request, overclaim, ofShares }: Attempt, apply: ApplyOperation): Verdict {
  const claimed = overclaimed(complete(state, left, request), overclaim, ofShares);
  if (overclaim !== 0n) return { operation: claimed, applied: null, reason: 'overclaim' };
  try {
    const applied = apply(state, { ...DOMAIN, timestamp: TIMESTAMP, operation: request, segment: left });
    return { operation: applied.trace.operation, applied, reason: '' };
  } catch (error) {
    if (!(error instanceof OperationRejected)) throw error;
    return { operation: claimed, applied: null, reason: error.reason };
  }
}

/** With what the ledger would pay or find; where it refuses to say, with nothing. */
function complete(state: LedgerState, { fees }: SegmentState, request: OperationRequest): Operation {
  try {
    return completeOperation(state.chain(DOMAIN.chainIndex), request, fees);
  } catch (error) {
    if (!(error instanceof OperationRejected) || (request.type !== 'fullExit' && request.type !== 'collectFees')) throw error;
    return { ...request, token: 0n, amount: 0n, shares: 0n } as Operation;
  }
}

function overclaimed(operation: Operation, overclaim: bigint, ofShares = false): Operation {
  if (ofShares && operation.type === 'fullExit' && operation.shares > 0n) return { ...operation, shares: modField(operation.shares + overclaim) };
  return operation.type === 'fullExit' || operation.type === 'collectFees' ? { ...operation, amount: operation.amount + overclaim } : operation;
}

/** As the ledger seals it. */
function traceOf({ before, state, slots }: Segment): SegmentTrace {
  const [chain, after] = [before.chain(DOMAIN.chainIndex), state.chain(DOMAIN.chainIndex)];
  const context = { ...DOMAIN, blockNumber: BLOCK_NUMBER, timestamp: TIMESTAMP, rootIn: chain.root, rootOut: after.root, legsIn: LEGS_IN, legsOut: slots.reduce((legs, { leg }) => (leg ? legsAfter(legs, leg) : legs), LEGS_IN) };
  const { header: _, ...data } = buildSegment(
    context,
    slots.map(({ operation }) => operation),
  );
  return { ...context, ...data, registersIn: chain.tree.registers(), slots, padding: readAccess(after, 0) };
}

/** One operation of a refused segment, if it is refused alone. */
function smallestRefused({ before, state, slots, states }: Segment, full: SegmentVerdict): Pick<Difference, 'circuit' | 'operations' | 'leaves'> {
  const refusal = (operations: Operation[], from: LedgerState): Pick<Difference, 'circuit' | 'operations' | 'leaves'> => ({
    circuit: `refuses (${full.placeOfRefusal(operations, from) ?? 'the ledger says another root or other words'})`,
    operations,
    leaves: leavesOf(operations, from),
  });
  for (const [i, slot] of slots.entries()) {
    const [from, to] = [states[i - 1] ?? before, states[i] ?? state];
    // Alone it would find no fees.
    if (slot.operation.type === 'collectFees' && slot.operation.amount !== 0n) continue;
    // One is not there without the other.
    if (slot.operation.type === 'credit' || isLiquidityChange(slot.operation)) continue;
    if (!full.accepts(traceOf({ before: from, state: to, left: emptySegment, slots: [slot], states: [to] }))) return refusal([slot.operation], from);
  }
  return refusal(
    slots.map(({ operation }) => operation),
    before,
  );
}

function leavesOf(operations: readonly Operation[], state: LedgerState): Record<number, string> {
  const indices = operations.flatMap((operation) => {
    if ('from' in operation) return [operation.from, 'pool' in operation ? operation.pool : operation.to];
    if ('pool' in operation) return [operation.pool, operation.to];
    return 'leafIndex' in operation ? [operation.leafIndex] : [0];
  });
  return Object.fromEntries(indices.filter((i) => i < LEAF_COUNT).map((i) => [i, text(state.leaf(DOMAIN.chainIndex, i))]));
}

function count(report: FuzzReport, { operation, applied, reason }: Verdict): void {
  if (applied) report.accepted++;
  else report.refused++;
  const kind = kindOf(operation, applied);
  const key = applied ? kind : `${kind} ${reason}`;
  report.seen.set(key, (report.seen.get(key) ?? 0) + 1);
}

/** Full exits of shares count apart: those that pay, and those that open the pool and leave the shares as they are. */
function kindOf(operation: Operation, applied: ApplyReturnType | null): string {
  if (operation.type !== 'fullExit') return operation.type;
  if (operation.shares > 0n) return 'fullExitOfShares';
  return applied?.trace.b ? 'fullExitThatKeepsShares' : operation.type;
}

/** A difference as it is printed. */
export function describeDifference({ seed, step, ledger, circuit, operations, leaves }: Difference): string {
  const lines = [`seed ${seed}, step ${step}: the ledger ${ledger}, the circuit ${circuit}`];
  return [...lines, ...operations.map(text), ...Object.entries(leaves).map(([index, leaf]) => `leaf ${index} before: ${leaf}`)].join('\n');
}

function text(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) => (typeof item === 'bigint' ? item.toString() : item));
}
