import type { Witness } from '../../circuit/tester.ts';
import type { SignalInput, SignalInputs } from '../../circuit/witnessProgram.ts';
import { params } from '../../spec/params.ts';
import type { ExitHarness } from './exitHarness.ts';
import { fractionalBits } from './fractionalBits.ts';
import { CHAIN_INDEX, LEAF, users, type LeafName } from './world.ts';

/* Exits that must be refused, and where the rule stands that refuses each. */

export interface ExitLie {
  witness: (exit: ExitHarness) => Witness;
  /** Components whose constraints are violated. */
  refusedBy: string[];
}

/** A leaf exits as one of coins, whatever it is. */
const claim = (name: LeafName, changes: SignalInputs, refusedBy: string[]): ExitLie => ({ witness: (exit) => exit.claim(name, { changes }), refusedBy });

/** An input of bob's exit with some elements of a list changed; the leaf's path is there twice. */
const changed = (names: readonly ('roots' | 'children' | 'poolChildren')[], change: (list: readonly SignalInput[]) => SignalInput, refusedBy: string[]): ExitLie => ({
  witness: (exit) => {
    const signals = exit.signals('bob');
    const changes = names.map((name): [string, SignalInput] => {
      const list = signals[name];
      if (typeof list !== 'object') throw new Error(`${name} is a list`);
      return [name, change(list)];
    });
    return exit.witness('bob', Object.fromEntries(changes));
  },
  refusedBy,
});
const child = (level: number, index: number): ExitLie =>
  changed(['children', 'poolChildren'], (list) => list.with(level, (list[level] as readonly SignalInput[]).with(index, 1n)), level === params.depth - 1 ? [''] : BOTH);

/** Of coins both paths are the leaf's. */
const BOTH = ['path', 'poolPath'];

const { owner } = users.bob;

export const exitLies: Record<string, ExitLie> = {
  'an alias of the leaf index': claim('bob', { leafIndex: BigInt(LEAF.bob) + 2n ** 24n }, ['path.bits', 'poolPath.bits']),
  'a leaf index below 0': claim('bob', { leafIndex: BigInt(LEAF.bob) - 2n ** 24n }, [...BOTH, 'path.bits', 'poolPath.bits'].sort()),
  'an alias of the chain index': claim('bob', { chainIndex: BigInt(CHAIN_INDEX + params.chains) }, ['bits']),
  "another user's leaf": claim('bob', { owner: users.alice.owner }, BOTH),
  'another token': claim('bob', { token: 3n }, BOTH),
  'a part of the balance': claim('bob', { amount: 499n }, ['EqualIf']),
  'more than the balance': claim('bob', { amount: 501n }, ['EqualIf']),
  'a balance that is not there': claim('bob', { amount: 501n, balance: 501n }, BOTH),
  'an alias of the balance': claim('bob', { amount: 500n + 2n ** 128n }, ['EqualIf', 'Range.bits']),
  'a pool leaf': claim('pool', {}, BOTH),
  'a half of a pair': claim('half', {}, BOTH),
  'a half of a pair through a nonce of more than 32 bits (one meta, two readings)': claim('half', { nonce: 2n ** 32n }, ['Range.bits']),
  'a pool leaf through a nonce of more than 32 bits (one meta, two readings)': claim('pool', { nonce: 2n ** 32n }, ['Range.bits']),
  'an empty leaf': claim('empty', {}, BOTH),
  'an empty leaf of a user': claim('empty', { owner: users.alice.owner }, BOTH),
  'an owner of more than 160 bits (one meta, two readings)': claim('bob', { owner: owner + 2n ** 160n, token: 1n }, ['Range.bits']),
  'a negative owner (one meta, two readings)': claim('bob', { owner: owner - 2n ** 160n, token: 3n }, ['Range.bits']),
  'a token of more than 32 bits (one meta, two readings)': claim('bob', { token: 2n + 2n ** 32n, nonce: -1n }, ['Range.bits']),
  'a token below 0 (one meta, two readings)': claim('bob', { token: 2n - 2n ** 32n, nonce: 1n }, ['Range.bits']),
  'a leaf of another chain': claim('bob', { chainIndex: 0n }, ['']),
  'roots that do not hash to the final root': changed(['roots'], (roots) => roots.with(0, 1n), ['']),
  'another root of its chain': changed(['roots'], (roots) => roots.with(CHAIN_INDEX, 1n), ['']),
  'a sibling that is not there, at the bottom': child(0, 6),
  'a sibling that is not there, at the top': child(params.depth - 1, 6),
  'another leaf in the place of its own': child(0, LEAF.bob % params.arity),
  'a leaf that is another when it is read again': changed(['poolChildren'], (list) => list.with(0, (list[0] as readonly SignalInput[]).with(LEAF.bob % params.arity, 1n)), ['poolPath']),
  'a tree of no chain, with chain bits that are no bits': {
    refusedBy: ['bits'],
    witness: (exit) => {
      for (let amount = 1_000_001n; ; amount++) {
        // The tree in which bob has that much: the forged leaf is put into his place, and the path follows.
        const forged = exit.witness('bob', { amount, balance: amount });
        const leaf = exit.value(forged, 'path.leaf');
        const path = exit.following(forged, inBothPaths(0, LEAF.bob % params.arity, leaf));
        const climbed = climb(exit, path);
        const cells = [0, 1, 2, 3].map((k) => exit.value(climbed, `roots[${k}]`));
        const bit = (k: number): bigint => exit.value(climbed, `bits.out[${k}]`);
        const found = fractionalBits({ sum: bit(0) + 2n * bit(1), cells, target: exit.value(climbed, 'path.root') });
        if (found) return exit.following(climbed, { 'bits.out[0]': found.low, 'bits.out[1]': found.high });
      }
    },
  },
};

/** Every node on the path put into its place among its siblings. */
function climb(exit: ExitHarness, witness: Witness): Witness {
  let current = witness;
  for (let level = 1; level < params.depth; level++) {
    const digit = Math.floor(LEAF.bob / params.arity ** level) % params.arity;
    current = exit.following(current, inBothPaths(level, digit, exit.value(current, `path.nodes[${level}]`)));
  }
  return current;
}

function inBothPaths(level: number, digit: number, node: bigint): Record<string, bigint> {
  return { [`children[${level}][${digit}]`]: node, [`poolChildren[${level}][${digit}]`]: node };
}
