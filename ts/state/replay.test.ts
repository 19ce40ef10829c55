import { describe, expect, it } from 'vitest';
import type { OperationRequest, PublicOperation } from '../spec/operation.ts';
import { MAX_NONCE, params } from '../spec/params.ts';
import { encodeOperations } from '../spec/pubdata.ts';
import { Random } from '../test/random.ts';
import { randomOperation } from '../test/randomOperation.ts';
import { changeKeyOf, depositOf, openOf, testUser, transferTo, transferToNew, userFields, withdrawOf, type TestUser } from '../test/users.ts';
import { sealBlock } from './block.ts';
import { applyOperation, LedgerState } from './ledger.ts';
import { accountLeaf } from './leafRules.ts';
import { replaySegment } from './replay.ts';
import { emptySegment } from './segmentState.ts';
import type { SegmentTrace } from './trace.ts';

const deploymentId = 42n;
const block = { deploymentId, timestamp: 1_700_000_000 };
const domain = { deploymentId, chainIndex: 0 };
const users = ['alice', 'bob', 'carol'].map(testUser);
const [alice, bob, carol] = users as [TestUser, TestUser, TestUser];
const state = LedgerState.empty({ chainCount: 1 });

describe('replay', () => {
  const seal = (operations: OperationRequest[]): SegmentTrace => {
    const [segment] = sealBlock({ ...block, state, blockNumber: 1, segments: [{ chainIndex: 0, operations }] }).trace.segments;
    if (!segment) throw new Error('No segment');
    return segment;
  };

  it('does not need the order between the two lists', () => {
    const segment = seal([
      openOf(alice, { leafIndex: 0, token: 1n }),
      depositOf(alice, { leafIndex: 0, token: 1n, amount: 10n }),
      openOf(bob, { leafIndex: 1, token: 1n }),
      transferTo(bob, { from: 0, to: 1, amount: 10n, nonce: 0n }, { by: alice, ...domain }),
      { type: 'fullExit', leafIndex: 1, owner: bob.owner, least: 0n },
      { type: 'fullExit', leafIndex: 5, owner: bob.owner, least: 0n },
    ]);
    expect(replaySegment(state, segment).chain(0).root).toBe(segment.rootOut);
  });

  it('gives a leaf the last of its keys, wherever deposits are in the other list', () => {
    const byAlice = { by: alice, ...domain };
    const asAlice = (by: TestUser): TestUser => ({ owner: alice.owner, key: by.key });
    const segment = seal([
      depositOf(alice, { leafIndex: 0, token: 1n, amount: 10n }),
      changeKeyOf(bob, { leafIndex: 0, nonce: 0n, fee: 1n }, byAlice),
      depositOf(asAlice(bob), { leafIndex: 0, token: 1n, amount: 5n }),
      changeKeyOf(carol, { leafIndex: 0, nonce: 1n, fee: 1n }, { ...byAlice, by: bob }),
      depositOf(asAlice(carol), { leafIndex: 0, token: 1n, amount: 5n }),
    ]);
    const replayed = replaySegment(state, segment).chain(0);
    expect(replayed.root).toBe(segment.rootOut);
    expect(replayed.leaf(0)).toMatchObject({ balance: 18n, nonce: 2n, ...userFields(asAlice(carol)) });
  });

  it('gives back the first key when the last change does', () => {
    const segment = seal([
      openOf(alice, { leafIndex: 0, token: 1n }),
      changeKeyOf(bob, { leafIndex: 0, nonce: 0n }, { by: alice, ...domain }),
      depositOf({ ...alice, key: bob.key }, { leafIndex: 0, token: 1n, amount: 5n }),
      changeKeyOf(alice, { leafIndex: 0, nonce: 1n }, { by: bob, ...domain }),
    ]);
    expect(replaySegment(state, segment).chain(0).root).toBe(segment.rootOut);
  });

  it('follows a token through leaves that open one another', () => {
    const segment = seal([
      depositOf(alice, { leafIndex: 0, token: 7n, amount: 100n }),
      transferToNew(bob, { from: 0, to: 1, token: 7n, amount: 50n, nonce: 0n, fee: 3n }, { by: alice, ...domain }),
      transferToNew(carol, { from: 1, to: 2, token: 7n, amount: 20n, nonce: 0n, fee: 4n }, { by: bob, ...domain }),
      depositOf(carol, { leafIndex: 2, token: 7n, amount: 1n }),
      { type: 'collectFees', leafIndex: 0 },
    ]);
    const replayed = replaySegment(state, segment).chain(0);
    expect(replayed.root).toBe(segment.rootOut);
    expect([0, 1, 2].map((leafIndex) => [replayed.leaf(leafIndex).token, replayed.leaf(leafIndex).balance])).toEqual([[7n, 54n], [7n, 26n], [7n, 21n]]);
  });

  it('gives the same roots for random segments, empty leaves at their start and later', () => {
    const random = new Random(22, 'replay');
    for (let round = 0; round < 3; round++) {
      let [live, replayed] = [state, state];
      for (let blockNumber = 1; blockNumber <= 15; blockNumber++) {
        let [fork, segment] = [live, emptySegment];
        const operations = Array.from({ length: params.slots }, () => {
          // Few users and tokens: segments open, use and change the same leaves.
          const operation = randomOperation({ random, state: fork, domain, users, tokens: 1 + round, far: round > 0 });
          ({ state: fork, segment } = applyOperation(fork, { ...block, ...domain, operation, segment }));
          return operation;
        });
        const sealed = sealBlock({ ...block, state: live, blockNumber, segments: [{ chainIndex: 0, operations }], signatureChecked: true });
        const [made] = sealed.trace.segments;
        if (!made) throw new Error('No segment');
        live = sealed.state;
        replayed = replaySegment(replayed, made);
        expect(replayed.chain(0).root).toBe(made.rootOut);
        expect(replayed.chain(0).entries()).toEqual(live.chain(0).entries());
        for (const { leaf } of live.chain(0).entries()) expect(replayed.chain(0).findLeaf(leaf)).toBe(live.chain(0).findLeaf(leaf));
      }
    }
  });

  it('refuses data that do not fit the state', () => {
    const segment = seal([depositOf(alice, { leafIndex: 0, token: 1n, amount: 10n }), withdrawOf({ leafIndex: 0, token: 1n, to: 1n, amount: 10n, nonce: 0n }, { by: alice, ...domain })]);
    const onlyWithdraw = `0x${segment.onchainData.slice(2 + 2 * 108)}` as const;
    expect(() => replaySegment(state, { chainIndex: 0, onchainData: onlyWithdraw, l2Data: '0x' })).toThrow('do not fit the state');
    expect(() => replaySegment(state, { chainIndex: 0, onchainData: '0x11', l2Data: '0x' })).toThrow('Unknown operation');
  });

  it.each<[string, PublicOperation[]]>([
    ['a withdrawal', [{ type: 'withdraw', leafIndex: 0, token: 1n, to: 1n, amount: 0n, fee: 0n }]],
    ['a transfer', [{ type: 'transfer', from: 0, to: 0, amount: 0n, fee: 0n }]],
    ['a full exit that pays', [{ type: 'fullExit', leafIndex: 0, owner: 1n, least: 0n, token: 1n, amount: 1n, shares: 0n }]],
    ['a full exit of shares', [{ type: 'fullExit', leafIndex: 0, owner: 1n, least: 0n, token: 1n, amount: 0n, shares: 1n }]],
    ['a change of key', [{ type: 'changeKey', leafIndex: 0, fee: 0n, keyX: 1n, keyY: 1n }]],
    ['a collection', [{ type: 'collectFees', leafIndex: 0, amount: 0n }]],
    ['a swap in', [{ type: 'swapIn', from: 0, pool: 1, amount: 0n, fee: 0n }]],
    ['a swap out', [{ type: 'swapOut', pool: 1, to: 0, amount: 0n }]],
    ['a liquidity change', [{ type: 'addLiquidity', from: 0, pool: 1, amount: 0n, shares: 0n, fee: 0n }]],
    ['a transfer to new', [{ type: 'transferToNew', from: 0, to: 1, amount: 0n, fee: 0n, toOwner: 1n, toKeyX: 1n, toKeyY: 1n }]],
    ['a transfer to new that opens its own payer', [{ type: 'transferToNew', from: 0, to: 0, amount: 0n, fee: 0n, toOwner: 1n, toKeyX: 1n, toKeyY: 1n }]],
  ])('refuses %s of an empty leaf', (_, operations) => {
    expect(() => replaySegment(state, { chainIndex: 0, ...encodeOperations(operations) })).toThrow('do not fit the state');
  });

  it('replays openings of halves, all kinds of orders and their credits, with one half played against nothing', () => {
    const from = (operations: PublicOperation[], start = state): LedgerState => replaySegment(start, { chainIndex: 0, ...encodeOperations(operations) });
    const shares = 2n ** 31n + 5n;
    const open = (leafIndex: number, token: bigint): PublicOperation => ({ type: 'open', leafIndex, token, ...userFields(alice) });
    const opened = from([depositOf(alice, { leafIndex: 0, token: 3n, amount: 1000n }), open(1, shares), { type: 'openPool', leafIndex: 5, token: 3n, peerChain: 1, peerLeaf: 8 }]);
    expect(opened.chain(0).pool(5)).toEqual({ leafIndex: 5, token: 3n, reserve: 0n, totalShares: 1000n, peer: { chainIndex: 1, leafIndex: 8 } });
    const change = { from: 0, pool: 5, amount: 100n, shares: 40n, fee: 0n };
    const credit: PublicOperation = { type: 'credit', leafIndex: 1 };
    const added = from([{ ...change, type: 'addLiquidity', fee: 5n }, credit, { ...change, type: 'addLiquidityPeer' }, credit], opened);
    expect([0, 1].map((leafIndex) => added.leaf(0, leafIndex))).toMatchObject([{ balance: 795n, nonce: 1n }, { balance: 80n, nonce: 0n }]);
    expect(added.chain(0).pool(5)).toMatchObject({ reserve: 200n, totalShares: 1080n });
    const back: PublicOperation = { type: 'credit', leafIndex: 0 };
    const taken = { ...change, from: 1, amount: 30n, shares: 20n };
    const removed = from([{ ...taken, type: 'removeLiquidity', fee: 2n }, back, { ...taken, type: 'removeLiquidityPeer' }, back], added);
    expect([0, 1].map((leafIndex) => removed.leaf(0, leafIndex))).toMatchObject([{ balance: 855n, nonce: 1n }, { balance: 38n, nonce: 1n }]);
    expect(removed.chain(0).pool(5)).toMatchObject({ reserve: 140n, totalShares: 1040n });
    const swapped = from([{ type: 'swapIn', from: 0, pool: 5, amount: 50n, fee: 1n }, { type: 'swapOut', pool: 5, to: 0, amount: 190n }], removed);
    expect(swapped.leaf(0, 0)).toMatchObject({ balance: 994n, nonce: 2n });
    expect(swapped.chain(0).pool(5)).toMatchObject({ reserve: 0n, totalShares: 1040n });
  });

  it('refuses credits of nothing, and what no half can do', () => {
    const refused = (operations: PublicOperation[], start = state): void => {
      expect(() => replaySegment(start, { chainIndex: 0, ...encodeOperations(operations) })).toThrow('do not fit the state');
    };
    const user = userFields(alice);
    const pool: PublicOperation = { type: 'openPool', leafIndex: 5, token: 3n, peerChain: 1, peerLeaf: 8 };
    const opened = replaySegment(state, { chainIndex: 0, ...encodeOperations([depositOf(alice, { leafIndex: 0, token: 3n, amount: 1000n }), pool]) });
    refused([{ type: 'credit', leafIndex: 0 }], opened);
    refused([{ type: 'swapIn', from: 0, pool: 5, amount: 1n, fee: 0n }, { type: 'credit', leafIndex: 0 }], opened);
    const add: PublicOperation = { type: 'addLiquidity', from: 0, pool: 5, amount: 1n, shares: 1n, fee: 0n };
    refused([add, { type: 'open', leafIndex: 1, token: 3n, ...user }, { type: 'credit', leafIndex: 1 }], opened);
    refused([add, { type: 'credit', leafIndex: 0 }, { type: 'credit', leafIndex: 0 }], opened);
    // More than the half has, a leaf of the other kind, both kinds in one leaf.
    refused([{ type: 'swapOut', pool: 5, to: 0, amount: 1n }], opened);
    refused([{ type: 'removeLiquidity', from: 0, pool: 5, amount: 0n, shares: 1001n, fee: 0n }, { type: 'credit', leafIndex: 0 }], opened);
    refused([{ type: 'swapIn', from: 0, pool: 0, amount: 1n, fee: 0n }], opened);
    refused([{ type: 'swapIn', from: 5, pool: 5, amount: 1n, fee: 0n }], opened);
    refused([depositOf(alice, { leafIndex: 5, token: 3n, amount: 1n })], opened);
    refused([{ type: 'collectFees', leafIndex: 5, amount: 0n }], opened);
    refused([pool, { type: 'open', leafIndex: 5, token: 3n, ...user }]);
    refused([pool], replaySegment(state, { chainIndex: 0, ...encodeOperations([{ type: 'open', leafIndex: 5, token: 3n, ...user }]) }));
  });

  it('refuses fees that the leaf cannot pay and nonces beyond the last', () => {
    const leaf = accountLeaf({ token: 1n, ...userFields(alice) }, 5n);
    const withLeaf = (nonce: bigint): LedgerState => state.withChain(0, state.chain(0).withLeaf(0, { ...leaf, nonce }));
    const data = (fee: bigint): { chainIndex: number; onchainData: `0x${string}`; l2Data: `0x${string}` } => ({
      chainIndex: 0,
      ...encodeOperations([{ type: 'changeKey', leafIndex: 0, fee, keyX: 1n, keyY: 1n }]),
    });
    expect(replaySegment(withLeaf(MAX_NONCE - 1n), data(5n)).leaf(0, 0)).toMatchObject({ balance: 0n, nonce: MAX_NONCE, keyX: 1n });
    expect(() => replaySegment(withLeaf(0n), data(6n))).toThrow('do not fit the state');
    expect(() => replaySegment(withLeaf(MAX_NONCE), data(5n))).toThrow('do not fit the state');
  });
});
