import { expect } from 'vitest';
import type { OperationRequest } from '../spec/operation.ts';
import { applyOperation, type ApplyParameters, type ApplyReturnType, type LedgerState } from '../state/ledger.ts';
import { OperationRejected, type RejectionReason } from '../state/rejection.ts';

/** Where and when test operations are applied, if a test says nothing else. */
export const TEST_DOMAIN = { deploymentId: 42n, chainIndex: 0 };
export const TEST_TIMESTAMP = 1_700_000_000;

type Overrides = Partial<ApplyParameters>;

/** Applies one operation; the operation is the first of its segment unless `segment` is given. */
export function applyFully(state: LedgerState, operation: OperationRequest, overrides: Overrides = {}): ApplyReturnType {
  return applyOperation(state, { ...TEST_DOMAIN, timestamp: TEST_TIMESTAMP, operation, ...overrides });
}

/** The state after one operation. */
export function apply(state: LedgerState, operation: OperationRequest, overrides: Overrides = {}): LedgerState {
  return applyFully(state, operation, overrides).state;
}

/** The rejection, after a check of its reason and that nothing changed. */
export function expectRejected(reason: RejectionReason, state: LedgerState, operation: OperationRequest, overrides: Overrides = {}): OperationRejected {
  const [chains, root] = [state.chains, state.finalRoot];
  try {
    apply(state, operation, overrides);
  } catch (error) {
    if (!(error instanceof OperationRejected)) throw error;
    expect(error.reason).toBe(reason);
    expect(error.facts['reason']).toBe(reason);
    expect([state.chains, state.finalRoot]).toEqual([chains, root]);
    return error;
  }
  throw new Error(`Not rejected, expected ${reason}`);
}
