import { describe, expect, it } from 'vitest';
import { LEAF_KIND, leafHash, type Leaf } from '../spec/leaf.ts';
import { packPlace } from '../spec/leg.ts';
import { poolLeaf } from '../spec/pool.ts';
import { Random } from '../test/random.ts';
import { ChainState, type LeafIdentity } from './chainState.ts';
import { accountLeaf } from './leafRules.ts';
import { emptyTree } from './tree.ts';

const OWNERS = [1n, 2n];
const TOKENS = [1n, 2n];
const KEYS = [10n, 11n, 12n];
const INDICES = [0, 1, 2, 3, 5, 6, 7, 8, 9, 63, 64, 4000];
const IDENTITIES = OWNERS.flatMap((owner) => TOKENS.flatMap((token) => KEYS.flatMap((keyX) => KEYS.slice(0, 2).map((keyY): LeafIdentity => ({ owner, token, keyX, keyY })))));

/** A chain's leaves with the plainest answers to every question. */
class Model {
  readonly leaves: ReadonlyMap<number, Leaf>;

  constructor(leaves: ReadonlyMap<number, Leaf> = new Map()) {
    this.leaves = leaves;
  }

  with(leafIndex: number, leaf: Leaf): Model {
    return new Model(new Map(this.leaves).set(leafIndex, leaf));
  }

  where(matches: (leaf: Leaf) => boolean): number[] {
    return [...this.leaves].filter(([, leaf]) => matches(leaf)).map(([leafIndex]) => leafIndex).sort((a, b) => a - b);
  }

  nextFreeIndex(): number {
    let index = 0;
    while (this.leaves.has(index)) index++;
    return index;
  }
}

function check(chain: ChainState, model: Model): void {
  for (const identity of IDENTITIES) {
    const { owner, token, keyX, keyY } = identity;
    const all = model.where((leaf) => leaf.owner === owner && leaf.token === token && leaf.keyX === keyX && leaf.keyY === keyY);
    expect(chain.findLeaf(identity)).toBe(all[0] ?? null);
  }
  for (const owner of OWNERS) expect(chain.leavesOf(owner).map(({ leafIndex }) => leafIndex)).toEqual(model.where((leaf) => leaf.owner === owner));
  expect(chain.entries()).toEqual(model.where(() => true).map((leafIndex) => ({ leafIndex, leaf: model.leaves.get(leafIndex) })));
  expect([chain.leafCount, chain.nextFreeIndex()]).toEqual([model.leaves.size, model.nextFreeIndex()]);
}

describe('chain state', () => {
  it('finds leaves as a plain list does, while keys move in and out, and keeps older versions', () => {
    const random = new Random(21, 'chain state');
    let [chain, model] = [ChainState.empty(), new Model()];
    const versions = [{ chain, model }];
    let moved = 0;
    let shared = 0;
    for (let i = 0; i < 600; i++) {
      const leafIndex = random.pick(INDICES);
      const old = model.leaves.get(leafIndex);
      const key = { keyX: random.pick(KEYS), keyY: random.pick(KEYS.slice(0, 2)) };
      // Some indices open late, so that leaves of one user do not open in the order of their indices.
      if (!old && random.below(6) !== 0) continue;
      const leaf = old
        ? { ...old, ...(random.below(3) === 0 ? {} : key), balance: random.bits(20), nonce: old.nonce + 1n }
        : accountLeaf({ owner: random.pick(OWNERS), token: random.pick(TOKENS), ...key }, random.bits(20));
      if (old && (old.keyX !== leaf.keyX || old.keyY !== leaf.keyY)) moved++;
      if (model.where((other) => other.owner === leaf.owner && other.token === leaf.token && other.keyX === leaf.keyX && other.keyY === leaf.keyY).length > 1) shared++;
      [chain, model] = [chain.withLeaf(leafIndex, leaf), model.with(leafIndex, leaf)];
      check(chain, model);
      if (i % 40 === 0) versions.push({ chain, model });
    }
    for (const version of versions) check(version.chain, version.model);
    expect([model.leaves.size, moved > 200, shared > 20]).toEqual([INDICES.length, true, true]);
    const tree = [...model.leaves].reduce((before, [leafIndex, leaf]) => before.set(leafIndex, leafHash(leaf)), emptyTree);
    expect(chain.root).toBe(tree.root);
  });

  it('finds the lowest leaf of a user after keys changed there and back', () => {
    const [one, two] = IDENTITIES as [LeafIdentity, LeafIdentity];
    const [first, second] = [{ owner: 1n, token: 1n, keyX: 10n, keyY: 10n }, { owner: 1n, token: 1n, keyX: 10n, keyY: 11n }];
    expect([one, two]).toEqual([first, second]);
    const opened = [3, 1, 2].reduce((chain, leafIndex) => chain.withLeaf(leafIndex, accountLeaf(one, 0n)), ChainState.empty());
    const find = (chain: ChainState): (number | null)[] => [chain.findLeaf(one), chain.findLeaf(two)];
    const away = opened.withLeaf(1, accountLeaf(two, 0n));
    expect([find(opened), find(away)]).toEqual([[1, null], [2, 1]]);
    const allAway = [2, 3].reduce((chain, leafIndex) => chain.withLeaf(leafIndex, accountLeaf(two, 0n)), away);
    expect(find(allAway)).toEqual([null, 1]);
    expect(find(allAway.withLeaf(3, accountLeaf(one, 0n)))).toEqual([3, 1]);
    expect(find(allAway.withLeaf(1, accountLeaf(one, 0n)))).toEqual([1, 2]);
    expect(find(opened)).toEqual([1, null]);
  });

  it('lists pool halves apart: they have no owner, and their shares change', () => {
    const half = (reserve: bigint, totalShares: bigint): Leaf => poolLeaf({ token: 1n, reserve, totalShares, peer: { chainIndex: 2, leafIndex: 7 } });
    const nobody = accountLeaf({ owner: 0n, token: 1n, keyX: 1000n, keyY: packPlace({ chainIndex: 2, leafIndex: 7 }) }, 5n);
    const empty = ChainState.empty();
    const chain = [9, 3, 70].reduce((before, leafIndex) => before.withLeaf(leafIndex, half(0n, 1000n)), empty.withLeaf(4, nobody));
    const pool = { leafIndex: 3, token: 1n, reserve: 0n, totalShares: 1000n, peer: { chainIndex: 2, leafIndex: 7 } };
    expect(chain.pools()).toEqual([pool, { ...pool, leafIndex: 9 }, { ...pool, leafIndex: 70 }]);
    expect([chain.pool(3), chain.pool(4), chain.pool(5)]).toEqual([pool, null, null]);
    // The account of owner 0 has the fields of a pool and is none.
    expect(chain.leavesOf(0n).map(({ leafIndex }) => leafIndex)).toEqual([4]);
    expect([chain.findLeaf(nobody), empty.withLeaf(3, half(0n, 1000n)).findLeaf(nobody)]).toEqual([4, null]);
    expect([chain.leafCount, chain.nextFreeIndex(), chain.entries().map(({ leafIndex }) => leafIndex)]).toEqual([4, 0, [3, 4, 9, 70]]);
    const traded = chain.withLeaf(3, half(50n, 1020n));
    expect([traded.pool(3), chain.pool(3)]).toEqual([{ ...pool, reserve: 50n, totalShares: 1020n }, pool]);
    expect(traded.pools()).toHaveLength(3);
    expect(traded.leavesOf(0n)).toEqual(chain.leavesOf(0n));
    expect(empty.pools()).toEqual([]);
  });

  it('refuses to change the peer of a pool half, or to make it an account or an account it', () => {
    const half = poolLeaf({ token: 1n, reserve: 0n, totalShares: 1000n, peer: { chainIndex: 2, leafIndex: 7 } });
    const chain = ChainState.empty().withLeaf(0, half).withLeaf(1, accountLeaf({ owner: 0n, token: 1n, keyX: 1n, keyY: 1n }, 0n));
    expect(() => chain.withLeaf(0, { ...half, keyY: 8n })).toThrow('cannot change its peer');
    expect(() => chain.withLeaf(0, { ...half, kind: LEAF_KIND.account })).toThrow('A leaf cannot change its kind, owner or token');
    expect(() => chain.withLeaf(0, { ...half, token: 2n })).toThrow('A leaf cannot change its kind, owner or token');
    expect(() => chain.withLeaf(1, { ...chain.leaf(1), kind: LEAF_KIND.pool })).toThrow('A leaf cannot change its kind, owner or token');
  });

  it('refuses to empty a leaf and to change its owner or token, whatever happens to its key', () => {
    const leaf = accountLeaf({ owner: 1n, token: 1n, keyX: 10n, keyY: 10n }, 5n);
    const chain = ChainState.empty().withLeaf(0, leaf);
    for (const changed of [{ owner: 2n }, { token: 2n }, { owner: 2n, keyX: 11n }, { kind: LEAF_KIND.empty }]) {
      expect(() => chain.withLeaf(0, { ...leaf, ...changed })).toThrow('A leaf cannot change its kind, owner or token');
    }
    expect(chain.withLeaf(0, { ...leaf, keyX: 11n }).leaf(0).keyX).toBe(11n);
  });
});
