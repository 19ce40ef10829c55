import { describe, expect, it } from 'vitest';
import { shareToken } from '../spec/leg.ts';
import type { FullExit, OperationRequest } from '../spec/operation.ts';
import { LEAF_COUNT, MAX_BALANCE, params } from '../spec/params.ts';
import { encodeOperations } from '../spec/pubdata.ts';
import { apply, applyFully } from '../test/ledger.ts';
import { creditOf } from '../test/orders.ts';
import { add, alice, ALICE, ALICE_SHARES, bob, BOB_SHARES, byAlice, deploymentId, ETH, half, HERE, PEER, POOL, start, there, THERE, TST, world } from '../test/poolWorld.ts';
import { openOf, transferTo } from '../test/users.ts';
import type { LedgerState } from './ledger.ts';
import { replaySegment } from './replay.ts';

/* Full exits of leaves that hold shares. */

const exit = (leafIndex: number, { owner } = alice, least = 0n): OperationRequest => ({ type: 'fullExit', leafIndex, owner, least });
const nothing = { token: 0n, amount: 0n, shares: 0n };

function replayed(state: LedgerState, operations: readonly Parameters<typeof encodeOperations>[0][number][], chainIndex = HERE): LedgerState {
  return replaySegment(state, { chainIndex, ...encodeOperations(operations) });
}

describe('a full exit of shares', () => {
  it('pays what they stand for, takes them and the coins off the half, and moves no leg', () => {
    const { state, trace, segment } = applyFully(start, exit(ALICE_SHARES));
    expect(trace.operation).toEqual({ type: 'fullExit', leafIndex: ALICE_SHARES, owner: alice.owner, least: 0n, token: ETH, amount: 1800n, shares: 900n });
    expect(state.leaf(HERE, ALICE_SHARES)).toEqual({ ...start.leaf(HERE, ALICE_SHARES), balance: 0n });
    expect(state.chain(HERE).pool(POOL)).toMatchObject({ token: ETH, reserve: 2200n, totalShares: 1100n, peer: half.peer });
    expect([trace.a.leafIndex, trace.b?.leafIndex, trace.leg, segment.awaited]).toEqual([ALICE_SHARES, POOL, null, null]);
    expect(trace.b?.children).toEqual(state.chain(HERE).withLeaf(POOL, start.leaf(HERE, POOL)).tree.path(POOL));
    expect(replayed(start, [trace.operation as FullExit]).finalRoot).toBe(state.finalRoot);
  });

  it('is of the half on its own chain only', () => {
    const { state, trace } = applyFully(start, exit(ALICE_SHARES), there);
    expect(trace.operation).toMatchObject({ token: TST, amount: 2400n, shares: 900n });
    expect(state.chain(THERE).pool(PEER)).toMatchObject({ reserve: 5600n, totalShares: 2100n });
    expect(state.chain(HERE).root).toBe(start.chain(HERE).root);
  });

  it('rounds down, to nothing if need be: the shares are gone all the same', () => {
    const odd = world({ half: { reserve: 4001n, totalShares: 1900n } });
    expect(applyFully(odd, exit(ALICE_SHARES)).trace.operation).toMatchObject({ amount: (900n * 4001n) / 1900n, shares: 900n });
    const poor = world({ half: { reserve: 2n } });
    const { state, trace } = applyFully(poor, exit(ALICE_SHARES));
    expect(trace.operation).toMatchObject({ token: ETH, amount: 0n, shares: 900n });
    expect(state.chain(HERE).pool(POOL)).toMatchObject({ reserve: 2n, totalShares: 1100n });
    expect(state.leaf(HERE, ALICE_SHARES).balance).toBe(0n);
    expect(replayed(poor, [trace.operation as FullExit]).finalRoot).toBe(state.finalRoot);
  });

  it('takes the least amount that was asked for at its word: just enough is paid, for a coin more the shares stay', () => {
    const enough = applyFully(start, exit(ALICE_SHARES, alice, 1800n));
    expect(enough.trace.operation).toMatchObject({ least: 1800n, token: ETH, amount: 1800n, shares: 900n });
    for (const least of [1801n, MAX_BALANCE]) {
      const { state, trace } = applyFully(start, exit(ALICE_SHARES, alice, least));
      expect(trace.operation).toEqual({ type: 'fullExit', leafIndex: ALICE_SHARES, owner: alice.owner, least, ...nothing });
      // The pool is opened all the same: it shows that the shares are not enough.
      expect(trace).toMatchObject({ a: { leafIndex: ALICE_SHARES }, b: { leafIndex: POOL }, leg: null });
      expect([trace.b?.after, state.finalRoot]).toEqual([trace.b?.before, start.finalRoot]);
      expect(replayed(start, [trace.operation as FullExit]).finalRoot).toBe(start.finalRoot);
    }
    const later = applyFully(apply(start, exit(ALICE_SHARES, alice, 1801n)), exit(ALICE_SHARES, alice, 1800n));
    expect(later.state.finalRoot).toBe(enough.state.finalRoot);
  });

  it('of shares that stand for nothing leaves them when one coin is asked for', () => {
    const poor = world({ half: { reserve: 2n } });
    const { state, trace } = applyFully(poor, exit(ALICE_SHARES, alice, 1n));
    expect([trace.operation, state.finalRoot]).toEqual([{ type: 'fullExit', leafIndex: ALICE_SHARES, owner: alice.owner, least: 1n, ...nothing }, poor.finalRoot]);
  });

  it('opens no pool where there is nothing to value, whatever is asked for', () => {
    for (const [leafIndex, user] of [[ALICE_SHARES, bob], [BOB_SHARES, bob], [60, alice]] as const) {
      expect(applyFully(start, exit(leafIndex, user, 5n)).trace).toMatchObject({ operation: nothing, b: null });
    }
  });

  it('refuses a least amount that is no amount', () => {
    for (const least of [-1n, MAX_BALANCE + 1n]) expect(() => apply(start, exit(ALICE_SHARES, alice, least))).toThrow('least is out of range');
  });

  it.each<[string, number, { owner: bigint }]>([
    ['by another', ALICE_SHARES, bob],
    ['of a leaf that has none', BOB_SHARES, bob],
    ['of the pool itself', POOL, { owner: 0n }],
    ['of an empty leaf', 60, alice],
  ])('%s pays nothing and changes nothing', (_, leafIndex, { owner }) => {
    const { state, trace } = applyFully(start, { type: 'fullExit', leafIndex, owner, least: 0n });
    expect(trace).toMatchObject({ operation: { type: 'fullExit', leafIndex, owner, least: 0n, ...nothing }, b: null, leg: null });
    expect(state.finalRoot).toBe(start.finalRoot);
    expect(replayed(start, [trace.operation as FullExit]).finalRoot).toBe(start.finalRoot);
  });

  it.each([
    ['an account', shareToken(ALICE)],
    ['nothing', shareToken(99)],
    ['a leaf beyond the tree', shareToken(LEAF_COUNT)],
    ['the last number that a token can have', (1n << 32n) - 1n],
  ])('of shares of %s pays nothing and changes nothing, whatever the leaf says', (_, token) => {
    const opened = apply(start, openOf(alice, { leafIndex: 60, token }));
    const { state, trace } = applyFully(opened, exit(60));
    expect([trace.operation, state.finalRoot]).toEqual([{ type: 'fullExit', leafIndex: 60, owner: alice.owner, least: 0n, ...nothing }, opened.finalRoot]);
    // No operation gives such a leaf a balance; if it had one it would be nobody's coins.
    const chain = opened.chain(HERE);
    const forged = opened.withChain(HERE, chain.withLeaf(60, { ...chain.leaf(60), balance: 5n }));
    expect(applyFully(forged, exit(60)).trace.operation).toMatchObject(nothing);
  });

  it('of a leaf that has exited pays nothing', () => {
    const once = apply(start, exit(ALICE_SHARES));
    const { state, trace } = applyFully(once, exit(ALICE_SHARES));
    expect([trace.operation, state.finalRoot]).toEqual([{ type: 'fullExit', leafIndex: ALICE_SHARES, owner: alice.owner, least: 0n, ...nothing }, once.finalRoot]);
  });

  it('leaves the nonce and the key, so that the leaf can be used again', () => {
    const sent = apply(start, transferTo(bob, { from: ALICE_SHARES, to: BOB_SHARES, token: shareToken(POOL), amount: 10n, nonce: 0n }, byAlice));
    const { state, trace } = applyFully(sent, exit(ALICE_SHARES));
    expect(trace.operation).toMatchObject({ shares: 890n, amount: 1780n });
    expect(state.leaf(HERE, ALICE_SHARES)).toEqual({ ...sent.leaf(HERE, ALICE_SHARES), balance: 0n, nonce: 1n });
    expect(applyFully(state, exit(BOB_SHARES, bob)).trace.operation).toMatchObject({ shares: 10n, amount: 20n });
  });

  it('never lets a share of the others fall in value', () => {
    for (const [reserve, totalShares] of [[4000n, 2000n], [7n, 1901n], [10n ** 30n + 7n, 10n ** 6n + 3n], [1n, 1900n], [0n, 1900n]] as const) {
      const before = world({ half: { reserve, totalShares } });
      const after = apply(before, exit(ALICE_SHARES)).chain(HERE).pool(POOL)!;
      expect(after.reserve * totalShares >= reserve * after.totalShares, `${reserve} of ${totalShares}`).toBe(true);
      // All but the rounding: not even one coin more is left to them.
      expect((after.reserve - 1n) * totalShares < reserve * after.totalShares, `${reserve} of ${totalShares}`).toBe(true);
    }
  });

  it('is replayed when the leaf was opened and got its shares in the same segment: the on-chain list says nothing of the order', () => {
    const order = add({}, 50n);
    const operations: OperationRequest[] = [openOf(alice, { leafIndex: 61, token: shareToken(POOL) }), order, creditOf(61), exit(61), exit(ALICE)];
    let state = start;
    let segment: ReturnType<typeof applyFully>['segment'] | undefined;
    const done: FullExit[] = [];
    const published = operations.map((operation) => {
      const applied = applyFully(state, operation, { deploymentId, chainIndex: HERE, ...(segment === undefined ? {} : { segment }) });
      ({ state, segment } = applied);
      if (applied.trace.operation.type === 'fullExit') done.push(applied.trace.operation);
      return applied.trace.operation;
    });
    expect(done).toMatchObject([{ token: ETH, shares: 50n, amount: (50n * 4100n) / 2050n }, { token: ETH, shares: 0n, amount: 9900n }]);
    expect(replayed(start, published).finalRoot).toBe(state.finalRoot);
  });

  it('is refused by replay at a leaf without shares, beyond the shares, and beyond the reserve', () => {
    const refused = (fields: Partial<FullExit>): void => {
      const operation: FullExit = { type: 'fullExit', leafIndex: ALICE_SHARES, owner: alice.owner, least: 0n, token: ETH, amount: 1n, shares: 1n, ...fields };
      expect(() => replayed(start, [operation])).toThrow('do not fit the state');
    };
    refused({ leafIndex: ALICE });
    refused({ leafIndex: POOL });
    refused({ leafIndex: 60 });
    refused({ shares: 901n });
    refused({ amount: 4001n });
    expect(params.shareTokens).toBe(2 ** 31);
  });
});
