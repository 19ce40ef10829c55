import { describe, expect, it } from 'vitest';
import { holdingsOf } from '../../recovery/holdings.ts';
import { addressOf } from '../../spec/hex.ts';
import { LEAF_KIND, type Leaf } from '../../spec/leaf.ts';
import { shareToken } from '../../spec/leg.ts';
import { LEAF_COUNT } from '../../spec/params.ts';
import { poolLeaf } from '../../spec/pool.ts';
import { ChainState } from '../../state/chainState.ts';
import { fullExitOf } from '../../state/planExit.ts';
import { LedgerState } from '../../state/ledger.ts';
import { balanceOf, poolWorld, traders } from '../../sequencer/testSupport.ts';

const OWNER = 0xa11cen;
const account = (token: bigint, balance: bigint, owner = OWNER, keyX = 1n): Leaf => ({ kind: LEAF_KIND.account, owner, token, nonce: 0n, balance, keyX, keyY: 2n });

function stateOf(...chains: readonly (readonly [leafIndex: number, leaf: Leaf][])[]): LedgerState {
  return new LedgerState(chains.map((leaves) => leaves.reduce((chain, [leafIndex, leaf]) => chain.withLeaf(leafIndex, leaf), ChainState.empty())));
}

const pool = poolLeaf({ token: 3n, reserve: 1_000_003n, totalShares: 2_000n, peer: { chainIndex: 0, leafIndex: 1 } });

describe('holdings of an owner', () => {
  it('are all leaves with something in them, of every key, token and chain, and nobody else’s', () => {
    const state = stateOf(
      [[0, account(1n, 5n)], [1, account(1n, 6n, OWNER, 9n)], [2, account(2n, 0n)], [3, account(1n, 7n, OWNER + 1n)]],
      [],
      [[70_000, account(2n, 8n)]],
    );
    expect(holdingsOf({ state, owner: addressOf(OWNER) })).toEqual([
      { chainIndex: 0, leafIndex: 0, token: 1, amount: 5n },
      { chainIndex: 0, leafIndex: 1, token: 1, amount: 6n },
      { chainIndex: 2, leafIndex: 70_000, token: 2, amount: 8n },
    ]);
    expect(holdingsOf({ state, owner: addressOf(OWNER + 2n) })).toEqual([]);
  });

  it('of shares are the coins that they stand for, rounded down, in the token of the pool', () => {
    const state = stateOf([[4, pool], [5, account(shareToken(4), 3n)], [6, account(shareToken(4), 2_000n)]]);
    expect(holdingsOf({ state, owner: addressOf(OWNER) })).toEqual([
      { chainIndex: 0, leafIndex: 5, token: 3, amount: 1500n, shares: { pool: 4, shares: 3n } },
      { chainIndex: 0, leafIndex: 6, token: 3, amount: 1_000_003n, shares: { pool: 4, shares: 2_000n } },
    ]);
  });

  it('of shares of an empty pool, or of what is no pool, are worth nothing', () => {
    const empty = poolLeaf({ token: 3n, reserve: 0n, totalShares: 1_000n, peer: { chainIndex: 0, leafIndex: 1 } });
    const state = stateOf([[4, empty], [5, account(shareToken(4), 3n)], [6, account(shareToken(9), 3n)], [7, account(shareToken(LEAF_COUNT), 3n)]]);
    expect(holdingsOf({ state, owner: addressOf(OWNER) }).map(({ amount }) => amount)).toEqual([0n, 0n, 0n]);
  });

  it('are what full exits of the same leaves would pay', () => {
    const { state } = poolWorld();
    const { alice } = traders;
    const holdings = holdingsOf({ state, owner: addressOf(alice.owner) });
    expect(holdings.map(({ chainIndex, leafIndex }) => [chainIndex, leafIndex])).toEqual([[0, 0], [0, 3], [1, 0], [1, 3]]);
    for (const { chainIndex, leafIndex, token, amount, shares } of holdings) {
      const paid = fullExitOf(state.chain(chainIndex), { type: 'fullExit', leafIndex, owner: alice.owner, least: 0n });
      expect([paid.token, paid.amount, paid.shares]).toEqual([BigInt(token), amount, shares?.shares ?? 0n]);
      if (shares !== undefined) expect(shares.shares).toBe(balanceOf(state, chainIndex, leafIndex));
    }
  });
});
