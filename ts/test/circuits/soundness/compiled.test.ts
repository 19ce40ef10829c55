import { describe, expect, it } from 'vitest';
import { sideOf, wiresOf } from '../../../circuit/soundness/constraintSystem.ts';
import { inspectCircuit, inspectWarnings } from '../../../circuit/soundness/inspect.ts';
import { createTester } from '../../../circuit/tester.ts';
import type { TestCircuit } from '../../../circuit/testCompile.ts';
import { params } from '../../../spec/params.ts';
import { EXIT_PUBLIC } from '../exitHarness.ts';
import { JOIN_PUBLIC } from '../joinHarness.ts';

/* What the compiler makes of the circuits and says about them. */

const { arity, depth, registerLevels, feeTokens, chains, joinSegments, joinPairs } = params;
const circuits: Record<string, TestCircuit> = {
  exit: { file: 'exit.circom', template: 'Exit', parameters: [arity, depth, chains], publicInputs: EXIT_PUBLIC },
  join: { file: 'join.circom', template: 'Join', parameters: [chains, joinSegments, joinPairs], publicInputs: JOIN_PUBLIC },
  segment: { file: 'segment.circom', template: 'Segment', parameters: [1, arity, depth, registerLevels, feeTokens], publicInputs: ['c1', 'c2', 'r', 'y1', 'y2'] },
};

/** Fields of a bus or elements of an array that a template does not use. */
const unused = (template: string, ...signals: string[]): string[] => signals.map((signal) => `${template}: ${signal}`);
const leaf = (...fields: string[]): string[] => fields.map((field) => `leaf.${field}`);
const expected: Record<string, string[]> = {
  // A range check is the decomposition alone.
  exit: unused('Range', 'bits.out'),
  // What is swapped on the way is no word of a leg.
  join: [...unused('Range', 'bits.out'), ...unused('PairDigests', 'pair.swapped')],
  segment: [
    ...unused('Range', 'bits.out'),
    ...unused('Open', ...leaf('owner', 'token', 'nonce', 'balance', 'keyX', 'keyY')),
    ...unused('FullExit', ...leaf('pool', 'token', 'nonce', 'keyX', 'keyY')),
    ...unused('Fees', ...leaf('pool', 'owner', 'nonce', 'balance', 'keyX', 'keyY')),
    ...unused('OfUser', ...leaf('pool', 'token', 'nonce', 'balance')),
    ...unused('Half', ...leaf('account', 'owner', 'token', 'nonce')),
    ...unused('Authority', ...leaf('pool', 'owner', 'token', 'balance')),
    // Scalars are compared by their high parts; the fixed base has a table for more bits than are used.
    ...unused('HighPart', 'bits'),
    ...unused('EscalarMulFix', 'segments.dbl'),
    // A token is bounded by its decomposition; of its bits the highest is used.
    ...unused('Token', 'bits.out'),
    // Fees that nobody collects are gone. The last slot owes nothing, so it does not matter what.
    ...unused('Segment', 'slot.accruedOut', 'slot.dueOut.owner', 'slot.dueOut.keyX', 'slot.dueOut.keyY', 'slot.dueOut.token', 'slot.dueOut.amount'),
  ],
};

describe('circom --inspect', () => {
  for (const [name, circuit] of Object.entries(circuits)) {
    it(`${name}: warns of what is known, and of nothing else`, async () => {
      expect(await inspectCircuit(circuit)).toEqual(expected[name]?.sort());
    });
  }
  it('another kind of warning is kept as it is', () => {
    expect(inspectWarnings('warning[XX]: something else\nno warning')).toEqual(['warning[XX]: something else']);
  });
});

describe('simplified as for keys', () => {
  for (const [name, circuit] of Object.entries(circuits)) {
    it(`${name}: every public input is a factor or in the result of a product`, async () => {
      const { system } = await createTester({ ...circuit, simplification: 2 });
      expect(system.publicWires).toBe(circuit.publicInputs.length);
      const inProducts = new Set<number>();
      const noWitness = [1n, ...new Array<bigint>(system.wires - 1).fill(0n)];
      for (let c = 0; c < system.count; c++) {
        const [a = 0, b = 0, third = 0] = system.start.subarray(3 * c, 3 * c + 3);
        const isConstant = (from: number, end: number): boolean => system.termWires.subarray(from, end).every((wire) => wire === 0);
        // Constant times anything is no product.
        if (!isConstant(a, b) && !isConstant(b, third)) for (const wire of wiresOf(system, c)) inProducts.add(wire);
        else expect(sideOf(system, noWitness, c, 0)).not.toBe(0n);
      }
      expect(circuit.publicInputs.filter((_, i) => !inProducts.has(1 + i))).toEqual([]);
    });
  }
});
