import { beforeAll, describe, expect, it } from 'vitest';
import { params } from '../../spec/params.ts';
import { EXIT_PUBLIC, ExitHarness } from './exitHarness.ts';
import { exitLies } from './exitLies.ts';

describe('exit', () => {
  let exit: ExitHarness;
  beforeAll(async () => {
    exit = await ExitHarness.load();
  });

  for (const name of ['alice', 'bob', 'carolOther'] as const) {
    it(`accepts ${name}'s leaf`, () => {
      const inputs = exit.signals(name);
      const witness = exit.witness(name);
      expect(exit.places(witness)).toEqual([]);
      expect(witness.slice(1, 7)).toEqual(EXIT_PUBLIC.map((input) => inputs[input]));
      expect(inputs['finalRoot']).toBe(exit.state.finalRoot);
    });
  }

  it('has its public inputs first, in order', () => {
    expect([1, 2, 3, 4, 5, 6].map((wire) => exit.tester.names(wire)[0])).toEqual(EXIT_PUBLIC);
    expect(exit.tester.publicWires).toBe(6);
  });

  for (const name of ['alice', 'bob', 'carolOther'] as const) {
    it(`${name}: nothing moves while the inputs stay, nor when the final root may follow`, () => {
      const witness = exit.witness(name);
      expect(exit.tester.freedom(witness)).toEqual({ nullity: 0, movements: [] });
      expect(exit.tester.freedom(witness, { moving: ['finalRoot'] })).toEqual({ nullity: 0, movements: [] });
    });
  }

  for (const name of EXIT_PUBLIC) {
    it(`refuses another ${name}`, () => {
      const honest = exit.witness('bob');
      // Claimed consistently, and with the rest of an honest witness: the input stands in a constraint of its own right.
      const claimed = exit.value(honest, name);
      expect(exit.places(exit.witness('bob', { [name]: claimed + 1n }))).not.toEqual([]);
      expect(exit.tester.violationsOfWire(honest, exit.tester.wire(name), claimed + 1n)).not.toEqual([]);
    });
  }

  for (const [name, { witness, refusedBy }] of Object.entries(exitLies)) {
    it(`refuses ${name}`, () => expect(exit.places(witness(exit))).toEqual(refusedBy));
  }

  it('has an index of as many bits as the tree has leaves', () => {
    expect(exit.tester.names(exit.tester.wire(`path.bits.out[${params.bits.leafIndex - 1}]`))).toHaveLength(1);
    expect(() => exit.tester.wire(`path.bits.out[${params.bits.leafIndex}]`)).toThrow('No such signal');
  });
});
