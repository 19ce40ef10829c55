import { legDigest } from '../spec/leg.ts';
import { params } from '../spec/params.ts';
import type { JoinTrace } from '../state/trace.ts';
import type { SignalValue, Signals } from './witness.ts';
import { NO_PAIR, pairSignals } from './witnessPair.ts';

export interface JoinSignalsOptions {
  /** Segments and pairs of the circuit instance, at least as many as the trace has. */
  segments?: number;
  pairs?: number;
}

/** Inputs of the join circuit. */
export function joinSignals(trace: JoinTrace, options: JoinSignalsOptions = {}): Signals {
  const { segments = params.joinSegments, pairs = params.joinPairs } = options;
  const slots = Array.from({ length: segments }, (_, j) => trace.segments[j]);
  const legs = Array.from({ length: 2 * pairs }, (_, i) => trace.legList[i]);
  const pairFields = Array.from({ length: pairs }, (_, s) => {
    const pair = trace.pairs[s];
    return Object.entries(pair ? pairSignals(pair) : NO_PAIR).map(([field, value]: [string, SignalValue]): [string, SignalValue] => [`pairs[${s}].${field}`, value]);
  });
  return {
    ...trace.publicInputs,
    deploymentId: trace.deploymentId,
    blockNumber: BigInt(trace.blockNumber),
    rootsIn: trace.rootsIn,
    used: slots.map((segment) => (segment ? 1n : 0n)),
    chain: slots.map((segment) => Array.from({ length: params.chains }, (_, i) => (segment?.chainIndex === i ? 1n : 0n))),
    rootOut: slots.map((segment) => segment?.rootOut ?? 0n),
    listed: legs.map((leg) => (leg ? 1n : 0n)),
    digest: legs.map((leg) => (leg ? legDigest(leg) : 0n)),
    ...Object.fromEntries(pairFields.flat()),
  };
}
