import { beforeAll, describe, expect, it } from 'vitest';
import { exitSignals } from '../../prover/witnessExit.ts';
import { shareToken } from '../../spec/leg.ts';
import { LEAF_COUNT, params } from '../../spec/params.ts';
import { fullExitOf } from '../../state/planExit.ts';
import { EXIT_PUBLIC, ExitHarness } from './exitHarness.ts';
import { exitLies } from './exitLies.ts';
import { exitShareLies } from './exitShareLies.ts';
import { heldShares, shareEdges } from './shareWorld.ts';
import { CHAIN_INDEX, LEAF, TOKEN, users, world } from './world.ts';

const HONEST = ['alice', 'bob', 'carolOther', 'shares'] as const;

describe('exit', () => {
  let exit: ExitHarness;
  beforeAll(async () => {
    exit = await ExitHarness.load();
  });

  for (const name of HONEST) {
    it(`accepts ${name}'s leaf`, () => {
      const inputs = exit.signals(name);
      const witness = exit.witness(name);
      expect(exit.places(witness)).toEqual([]);
      expect(witness.slice(1, 7)).toEqual(EXIT_PUBLIC.map((input) => inputs[input]));
      expect(inputs['finalRoot']).toBe(exit.state.finalRoot);
    });
  }

  for (const [name, { reserve, totalShares, shares, amount }] of Object.entries({ ...shareEdges, 'no shares': { reserve: 1_000_000n, totalShares: 5000n, shares: 0n, amount: 0n } })) {
    it(`accepts ${name}, for exactly what they stand for`, () => {
      const state = world(heldShares({ reserve, totalShares }, shares));
      const witness = exit.witness('shares', {}, state);
      expect(exit.places(witness)).toEqual([]);
      expect(witness.slice(3, 7)).toEqual([BigInt(LEAF.shares), users.alice.owner, TOKEN, amount]);
      if (shares > 0n) expect(fullExitOf(state.chain(CHAIN_INDEX), { type: 'fullExit', leafIndex: LEAF.shares, owner: users.alice.owner, least: 0n })).toMatchObject({ token: TOKEN, amount });
      for (const wrong of [amount + 1n, amount - 1n]) expect(exit.places(exit.witness('shares', { amount: wrong }, state))).not.toEqual([]);
    });
  }

  it('has its public inputs first, in order', () => {
    expect([1, 2, 3, 4, 5, 6].map((wire) => exit.tester.names(wire)[0])).toEqual(EXIT_PUBLIC);
    expect(exit.tester.publicWires).toBe(6);
  });

  for (const name of HONEST) {
    it(`${name}: nothing moves while the inputs stay, nor when the final root may follow`, () => {
      const witness = exit.witness(name);
      expect(exit.tester.freedom(witness)).toEqual({ nullity: 0, movements: [] });
      expect(exit.tester.freedom(witness, { moving: ['finalRoot'] })).toEqual({ nullity: 0, movements: [] });
    });
  }

  for (const name of EXIT_PUBLIC) {
    it.each(['bob', 'shares'] as const)(`refuses another ${name} for %s`, (leaf) => {
      const honest = exit.witness(leaf);
      // Claimed consistently, and with the rest of an honest witness: the input stands in a constraint of its own right.
      const claimed = exit.value(honest, name);
      expect(exit.places(exit.witness(leaf, { [name]: claimed + 1n }))).not.toEqual([]);
      expect(exit.tester.violationsOfWire(honest, exit.tester.wire(name), claimed + 1n)).not.toEqual([]);
    });
  }

  for (const [name, { witness, refusedBy }] of Object.entries({ ...exitLies, ...exitShareLies })) {
    it(`refuses ${name}`, () => expect(exit.places(witness(exit))).toEqual(refusedBy));
  }

  it('has signals of accounts only, and of shares only where their pool is', () => {
    const signals = (leafIndex: number, token?: bigint): unknown => exitSignals({ state: world(token === undefined ? {} : { bob: { token } }), chainIndex: CHAIN_INDEX, leafIndex });
    for (const leafIndex of [LEAF.half, LEAF.empty]) expect(() => signals(leafIndex)).toThrow('Only accounts exit');
    for (const token of [shareToken(LEAF.alice), shareToken(LEAF.empty), shareToken(LEAF_COUNT), 2n ** 32n - 1n]) expect(() => signals(LEAF.bob, token)).toThrow('shares of what is no pool');
    expect(() => exitSignals({ state: world(), chainIndex: 9, leafIndex: 0 })).toThrow('There is no chain with this index');
  });

  it('has an index of as many bits as the tree has leaves', () => {
    expect(exit.tester.names(exit.tester.wire(`path.bits.out[${params.bits.leafIndex - 1}]`))).toHaveLength(1);
    expect(() => exit.tester.wire(`path.bits.out[${params.bits.leafIndex}]`)).toThrow('No such signal');
  });
});
