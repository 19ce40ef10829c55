import { beforeAll, describe, expect, it } from 'vitest';
import { createTester, type CircuitTester, type Witness } from '../../circuit/tester.ts';
import type { SignalInputs } from '../../circuit/witnessProgram.ts';
import { exitSignals } from '../../prover/witness.ts';
import { emptyLeaf } from '../../spec/leaf.ts';
import { params } from '../../spec/params.ts';
import { padRoots } from '../../spec/roots.ts';
import { CHAIN_INDEX, LEAF, users, world, type LeafName } from './world.ts';

const PUBLIC = ['finalRoot', 'chainIndex', 'leafIndex', 'owner', 'token', 'amount'];

describe('exit', () => {
  let tester: CircuitTester;
  beforeAll(async () => {
    const { arity, depth, chains } = params;
    tester = await createTester({ file: 'exit.circom', template: 'Exit', parameters: [arity, depth, chains], publicInputs: PUBLIC });
  });

  const state = world();
  const signals = (name: LeafName): SignalInputs => {
    const chain = state.chain(CHAIN_INDEX);
    const leafIndex = LEAF[name];
    return exitSignals({ chainIndex: CHAIN_INDEX, leafIndex, leaf: chain.leaf(leafIndex), children: chain.tree.path(leafIndex, params.depth), roots: padRoots(state.chainRoots) });
  };
  const places = (witness: Witness): string[] => [...new Set(tester.violations(witness, 100).map(({ component }) => component))].sort();
  const lying = (name: LeafName, changes: SignalInputs): string[] => places(tester.witness({ ...signals(name), ...changes }));

  for (const name of ['alice', 'bob', 'carolOther'] as const) {
    it(`accepts ${name}'s leaf`, () => {
      const inputs = signals(name);
      const witness = tester.witness(inputs);
      expect(places(witness)).toEqual([]);
      expect(witness.slice(1, 7)).toEqual(PUBLIC.map((input) => inputs[input]));
      expect(inputs['finalRoot']).toBe(state.finalRoot);
    });
  }

  it('has its public inputs first, in order', () => {
    expect([1, 2, 3, 4, 5, 6].map((wire) => tester.names(wire)[0])).toEqual(PUBLIC);
    expect(tester.publicWires).toBe(6);
  });

  it('leaves nothing free but its inputs', () => {
    expect(tester.freeWires(tester.witness(signals('bob'))).map((wire) => tester.names(wire)[0])).toEqual([]);
  });

  for (const name of PUBLIC) {
    it(`refuses another ${name}`, () => {
      const inputs = signals('bob');
      const honest = tester.witness(inputs);
      // Claimed consistently, and with the rest of an honest witness: the input stands in a constraint of its own right.
      const claimed = inputs[name];
      if (typeof claimed !== 'bigint') throw new Error(`${name} is no number`);
      expect(lying('bob', { [name]: claimed + 1n })).not.toEqual([]);
      expect(tester.violationsOfWire(honest, tester.wire(name), claimed + 1n)).not.toEqual([]);
    });
  }

  it('refuses an alias of the leaf index', () => expect(lying('bob', { leafIndex: BigInt(LEAF.bob) + 2n ** 24n })).toEqual(['path.bits']));
  it('refuses an alias of the chain index', () => expect(lying('bob', { chainIndex: BigInt(CHAIN_INDEX + params.chains) })).toEqual(['bits']));
  it("refuses another user's leaf", () => expect(lying('bob', { owner: users.alice.owner })).toEqual(['path']));
  it('refuses a part of the balance, and more than it', () => {
    expect(lying('bob', { amount: 499n })).toEqual(['path']);
    expect(lying('bob', { amount: 501n })).toEqual(['path']);
  });
  it('refuses a pool leaf', () => expect(lying('pool', {})).toEqual(['path']));
  it('refuses a pool leaf through a nonce of more than 32 bits (one meta, two readings)', () => {
    expect(lying('pool', { nonce: 2n ** 32n })).toEqual(['Range.bits']);
  });
  it('refuses an empty leaf', () => {
    expect(lying('empty', { owner: users.alice.owner })).toEqual(['path']);
    expect(lying('empty', {})).toEqual(['path']);
    expect(emptyLeaf.balance).toBe(0n);
  });
  it('refuses limbs that make the same meta in another way', () => {
    const { owner } = users.bob;
    expect(lying('bob', { owner: owner + 2n ** 160n, token: 1n })).toEqual(['Range.bits']);
    expect(lying('bob', { token: 2n + 2n ** 32n, nonce: -1n })).toEqual(['Range.bits']);
  });
  it('refuses a leaf of another chain', () => expect(lying('bob', { chainIndex: 0n })).toEqual(['']));
  it('refuses roots that do not hash to the final root', () => {
    const roots = signals('bob')['roots'];
    if (typeof roots !== 'object') throw new Error('roots are a list');
    expect(lying('bob', { roots: roots.with(0, 1n) })).toEqual(['']);
  });
  it('refuses a sibling that is not there', () => {
    const children = signals('bob')['children'];
    if (typeof children !== 'object') throw new Error('children are a list');
    const level = children[7];
    if (typeof level !== 'object') throw new Error('children are lists');
    expect(lying('bob', { children: children.with(7, level.with(6, 1n)) })).toEqual(['']);
  });
});
