import { beforeAll, describe, expect, it, vi } from 'vitest';
import { params } from '../../spec/params.ts';
import { applyOperation } from '../../state/ledger.ts';
import { OperationRejected } from '../../state/rejection.ts';
import { describeDifference, fuzz, type ApplyOperation, type FuzzReport } from './fuzz/fuzz.ts';
import { SegmentVerdict } from './fuzz/segmentVerdict.ts';

/*
 * Random operations through ledger and circuit, in the sizes of the profile "small". FUZZ_OPERATIONS says how many (default 2,000),
 * FUZZ_SEED another seed, e.g.
 *   FUZZ_OPERATIONS=50000 FUZZ_SEED=7 npx vitest run --config ts/vitest.config.ts ts/test/circuits/fuzz.test.ts
 */
vi.hoisted(() => {
  process.env['ROLLUP_PROFILE'] = 'small';
});

const OPERATIONS = Number(process.env['FUZZ_OPERATIONS'] ?? 2000);
const SEED = Number(process.env['FUZZ_SEED'] ?? 20_251_121);

describe('ledger and segment circuit', () => {
  let one: SegmentVerdict;
  let full: SegmentVerdict;
  beforeAll(async () => {
    expect(params.profile).toBe('small');
    one = await SegmentVerdict.load(1);
    full = await SegmentVerdict.load(params.slots);
  });

  const run = (operations: number, apply?: ApplyOperation): FuzzReport => fuzz({ seed: SEED, operations, one, full, ...(apply ? { apply } : {}) });

  it(`agree on ${OPERATIONS} operations, good and spoilt`, { timeout: 10_000_000 }, () => {
    const { accepted, refused, segments, seen, difference } = run(OPERATIONS);
    console.info(`${accepted} accepted in ${segments} segments, ${refused} refused\n${[...seen].sort().map(([what, n]) => `${what}: ${n}`).join('\n')}`);
    expect(difference && describeDifference(difference)).toBeNull();
    expect(accepted + refused).toBe(OPERATIONS);
    if (OPERATIONS < 2000) return;
    const kinds = Object.keys(params.opcodes).filter((kind) => kind !== 'noop');
    expect([...kinds, 'fullExitOfShares'].filter((kind) => (seen.get(kind) ?? 0) < 10)).toEqual([]);
    for (const rare of ['fullExitThatKeepsShares', 'fullExitOfShares overclaim']) expect(seen.get(rare) ?? 0, rare).toBeGreaterThan(2);
    const reasons = new Set([...seen.keys()].flatMap((key) => key.split(' ').slice(1)));
    expect(REASONS.filter((reason) => !reasons.has(reason))).toEqual([]);
  });

  // Planted faults: what the fuzz is for must be seen by it.
  it.each(Object.entries(faults()))('differ and say where when the ledger %s', (_, { apply, says }) => {
    const { difference } = run(600, apply);
    const report = difference ? describeDifference(difference) : 'no difference';
    console.info(report);
    expect(report).toMatch(new RegExp(`^seed ${SEED}, step \\d+: `));
    expect(report).toMatch(says);
    expect(difference?.operations.length).toBe(1);
  });
});

/** Every reason of the ledger that inputs of a segment of 2 slots can show. */
const REASONS = [
  'leafIndexOutOfRange',
  'unknownLeaf',
  'leafNotEmpty',
  'wrongOwner',
  'wrongToken',
  'wrongReceiver',
  'wrongNonce',
  'nonceExhausted',
  'expired',
  'amountOutOfRange',
  'amountNotFloat40',
  'fieldOutOfRange',
  'wrongSignature',
  'overdraft',
  'balanceOverflow',
  'overclaim',
  'shareToken',
  'unknownPool',
  'reserveTooSmall',
  'wrongOrder',
];

function faults(): Record<string, { apply: ApplyOperation; says: RegExp }> {
  return {
    'ignores the nonce': {
      apply: (state, parameters) => {
        try {
          return applyOperation(state, parameters);
        } catch (error) {
          const { operation } = parameters;
          if (!(error instanceof OperationRejected) || error.reason !== 'wrongNonce' || !('nonce' in operation)) throw error;
          const nonce = error.facts?.['expected'] as bigint;
          return applyOperation(state, { ...parameters, operation: { ...operation, nonce }, signatureChecked: true });
        }
      },
      says: /the ledger accepts, the circuit refuses \(slot\[0\]\.authority\.Signature/,
    },
    'does not look at signatures': {
      apply: (state, parameters) => applyOperation(state, { ...parameters, signatureChecked: true }),
      says: /the ledger accepts, the circuit refuses \(slot\[0\]\.authority\.Signature/,
    },
    'refuses transfers to oneself': {
      apply: (state, parameters) => {
        const { operation } = parameters;
        if (operation.type === 'transfer' && operation.from === operation.to) throw new OperationRejected('wrongReceiver', 'Not to oneself', {});
        return applyOperation(state, parameters);
      },
      says: /the ledger refuses \(wrongReceiver\), the circuit accepts/,
    },
    'says another leg': {
      apply: (state, parameters) => {
        const applied = applyOperation(state, parameters);
        const { leg } = applied.trace;
        return leg?.kind === 'swapOut' ? { ...applied, trace: { ...applied.trace, leg: { ...leg, amount: leg.amount + 1n } } } : applied;
      },
      says: /the ledger accepts, the circuit refuses \(legsOut\)/,
    },
    'pays a coin too much for shares': {
      apply: (state, parameters) => {
        const applied = applyOperation(state, parameters);
        const { operation } = applied.trace;
        return operation.type === 'fullExit' && operation.shares > 0n ? { ...applied, trace: { ...applied.trace, operation: { ...operation, amount: operation.amount + 1n } } } : applied;
      },
      says: /the ledger accepts, the circuit refuses/,
    },
    'pays for shares what is not enough': {
      apply: (state, parameters) => {
        const { operation } = parameters;
        if (operation.type !== 'fullExit') return applyOperation(state, parameters);
        const applied = applyOperation(state, { ...parameters, operation: { ...operation, least: 0n } });
        const paid = applied.trace.operation;
        return paid.type === 'fullExit' ? { ...applied, trace: { ...applied.trace, operation: { ...paid, least: operation.least } } } : applied;
      },
      says: /the ledger accepts, the circuit refuses/,
    },
    'forgets changes of keys': {
      apply: (state, parameters) => {
        const applied = applyOperation(state, parameters);
        return parameters.operation.type === 'changeKey' ? { ...applied, state } : applied;
      },
      says: /another root or other words/,
    },
  };
}
