import { params } from '../spec/params.ts';
import type { JoinTrace } from '../state/trace.ts';
import type { Signals } from './witness.ts';

/** Inputs of the join circuit. */
export function joinSignals(trace: JoinTrace): Signals {
  const { joinSegments, joinPairs, chains } = params;
  const slots = Array.from({ length: joinSegments }, (_, j) => trace.segments[j]);
  const noLegs = Array.from({ length: 2 * joinPairs }, () => 0n);
  const noLeg = { head: 0n, order: 0n, amount: 0n, reserve: 0n, shares: 0n, limit: 0n };
  const legs = Array.from({ length: joinPairs }, (_, s) =>
    Object.entries(noLeg).flatMap(([field, value]) => [
      [`legIn[${s}].${field}`, value],
      [`legOut[${s}].${field}`, value],
    ]),
  );
  return {
    ...trace.publicInputs,
    deploymentId: trace.deploymentId,
    blockNumber: BigInt(trace.blockNumber),
    rootsIn: trace.rootsIn,
    used: slots.map((segment) => (segment ? 1n : 0n)),
    chain: slots.map((segment) => Array.from({ length: chains }, (_, i) => (segment?.chainIndex === i ? 1n : 0n))),
    rootOut: slots.map((segment) => segment?.rootOut ?? 0n),
    listed: noLegs,
    digest: noLegs,
    paired: Array.from({ length: joinPairs }, () => 0n),
    ...Object.fromEntries(legs.flat()),
  };
}
