import { RollupError } from '../../base/errors.ts';
import { segmentSignals, type Signals } from '../../prover/witness.ts';
import { params } from '../../spec/params.ts';
import { sealBlock } from '../../state/block.ts';
import { randomTransfers } from './ledger.ts';

const USERS = 16;

/** Inputs of a segment whose slots are all transfers, in any profile; seeded as the ledger section is. */
export function fullSegmentSignals(): Signals {
  const { state, transfers } = randomTransfers(USERS, params.slots);
  const { trace } = sealBlock({ state, deploymentId: 1n, blockNumber: 1, timestamp: 1_800_000_000, segments: [{ chainIndex: 0, operations: transfers }] });
  const [segment] = trace.segments;
  if (!segment) throw new RollupError('The block has no segment', { facts: { transfers: transfers.length } });
  return segmentSignals(segment);
}
