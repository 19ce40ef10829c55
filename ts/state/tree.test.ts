import { describe, expect, it } from 'vitest';
import { LEAF_COUNT, params, PATH_LEVELS, REGISTER_COUNT } from '../spec/params.ts';
import { poseidon } from '../spec/poseidon.ts';
import { emptyNodes, emptyTreeRoot } from '../spec/roots.ts';
import { Random } from '../test/random.ts';
import { PersistentMap } from './persistentMap.ts';
import { emptyTree } from './tree.ts';
import { emptyZkKitTree } from './zkKitTree.ts';

describe('state tree', () => {
  it('is empty at first', () => {
    expect(emptyTree.root).toBe(emptyTreeRoot);
    expect(emptyZkKitTree.root).toBe(emptyTreeRoot);
    expect(emptyTree.get(LEAF_COUNT - 1)).toBe(0n);
    expect(emptyTree.registers()).toEqual(Array.from({ length: REGISTER_COUNT }, () => emptyNodes[PATH_LEVELS]));
    expect(emptyTree.path(77)).toEqual(Array.from({ length: PATH_LEVELS }, (_, level) => Array.from({ length: params.arity }, () => emptyNodes[level])));
  });

  it('has the same roots, values, paths and registers in both engines', () => {
    const random = new Random(7, 'tree engines');
    let [sparse, zkKit] = [emptyTree, emptyZkKitTree];
    for (let i = 0; i < 60; i++) {
      const leafIndex = random.below(600);
      const value = random.below(8) === 0 ? 0n : random.field();
      [sparse, zkKit] = [sparse.set(leafIndex, value), zkKit.set(leafIndex, value)];
      const other = random.below(600);
      expect(sparse.root).toBe(zkKit.root);
      expect(sparse.get(leafIndex)).toBe(value);
      expect(sparse.path(other)).toEqual(zkKit.path(other));
      expect(sparse.path(other, params.depth)).toEqual(zkKit.path(other, params.depth));
    }
    expect(sparse.registers()).toEqual(zkKit.registers());
  });

  it('never changes an older version', () => {
    for (const empty of [emptyTree, emptyZkKitTree]) {
      const one = empty.set(3, 11n);
      const root = one.root;
      const fork = one.set(3, 22n).set(70, 33n);
      expect([one.root, one.get(3), one.get(70)]).toEqual([root, 11n, 0n]);
      expect(one.set(3, 22n).set(70, 33n).root).toBe(fork.root);
      expect(empty.root).toBe(emptyTreeRoot);
    }
  });

  it('folds registers and paths to the root', () => {
    const random = new Random(8, 'tree paths');
    let tree = emptyTree;
    const indices = Array.from({ length: 40 }, () => Number(random.bits(24)));
    for (const leafIndex of indices) tree = tree.set(leafIndex, random.field());
    let nodes = tree.registers();
    while (nodes.length > 1) nodes = Array.from({ length: nodes.length / params.arity }, (_, i) => poseidon(nodes.slice(i * params.arity, (i + 1) * params.arity)));
    expect(nodes[0]).toBe(tree.root);
    for (const leafIndex of [...indices, 0, LEAF_COUNT - 1]) {
      const path = tree.path(leafIndex, params.depth);
      let node = tree.get(leafIndex);
      for (const [level, children] of path.entries()) {
        expect(children[Math.floor(leafIndex / params.arity ** level) % params.arity]).toBe(node);
        node = poseidon(children);
      }
      expect(node).toBe(tree.root);
    }
  });

  it('refuses indices that are no leaves', () => {
    for (const tree of [emptyTree, emptyZkKitTree]) {
      for (const leafIndex of [-1, LEAF_COUNT, 0.5, Number.NaN]) {
        expect(() => tree.get(leafIndex)).toThrow('out of range');
        expect(() => tree.set(leafIndex, 1n)).toThrow('out of range');
        expect(() => tree.path(leafIndex)).toThrow('out of range');
      }
    }
  });
});

describe('persistent map', () => {
  it('behaves like Map and keeps its older versions', () => {
    const random = new Random(9, 'persistent map');
    let map = PersistentMap.empty<string | number, number>();
    const reference = new Map<string | number, number>();
    const versions: { map: typeof map; copy: Map<string | number, number> }[] = [];
    for (let i = 0; i < 3000; i++) {
      const key = random.below(2) === 0 ? random.below(1000) : `key ${random.below(1000)}`;
      if (random.below(3) === 0) {
        map = map.delete(key);
        reference.delete(key);
      } else {
        map = map.set(key, i);
        reference.set(key, i);
      }
      if (i % 500 === 0) versions.push({ map, copy: new Map(reference) });
    }
    versions.push({ map, copy: reference });
    for (const version of versions) {
      expect(version.map.size).toBe(version.copy.size);
      expect(new Map(version.map.entries())).toEqual(version.copy);
    }
    for (const key of reference.keys()) map = map.delete(key);
    expect([map.size, [...map.entries()]]).toEqual([0, []]);
    expect(map.delete('no such key')).toBe(map);
    expect(map.get('no such key')).toBeUndefined();
    expect(map.has(5000)).toBe(false);
  });

  it('keeps keys with equal hashes apart', () => {
    // FNV-1a collisions of 32 bits
    const [one, two] = ['costarring', 'liquid'];
    const map = PersistentMap.empty<string, number>().set(one, 1).set(two, 2).set(one, 3).set('other', 4);
    expect([map.get(one), map.get(two), map.get('other'), map.size]).toEqual([3, 2, 4, 3]);
    const without = map.delete(one);
    expect([without.get(one), without.get(two), without.delete(two).get(two), without.delete(two).size]).toEqual([undefined, 2, undefined, 1]);
  });
});
