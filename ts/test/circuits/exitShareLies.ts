import { Field } from '@noble/curves/abstract/modular.js';
import type { Witness } from '../../circuit/tester.ts';
import type { SignalInputs } from '../../circuit/witnessProgram.ts';
import { FIELD, modField } from '../../spec/field.ts';
import { leafHash, leafMeta, type Leaf } from '../../spec/leaf.ts';
import { shareToken } from '../../spec/leg.ts';
import { params } from '../../spec/params.ts';
import { MAX_RESERVE, poolLeaf, poolOf, type PoolHalf } from '../../spec/pool.ts';
import { padRoots } from '../../spec/roots.ts';
import { poseidon } from '../../spec/poseidon.ts';
import { ChainState } from '../../state/chainState.ts';
import type { ExitHarness } from './exitHarness.ts';
import type { ExitLie } from './exitLies.ts';
import { fractionalBits } from './fractionalBits.ts';
import { CHAIN_INDEX, LEAF, PEER_CHAIN, TOKEN, account, users, world, type LeafName } from './world.ts';

/* Exits of shares that must be refused, and where the rule stands that refuses each. alice's shares are of LEAF.half. */

const field = Field(FIELD);
const quotient = (dividend: bigint, divisor: bigint): bigint => field.div(modField(dividend), modField(divisor));
const half = world().leaf(CHAIN_INDEX, LEAF.half);
const SHARES = world().leaf(CHAIN_INDEX, LEAF.shares).balance;
const VALUE = (SHARES * half.balance) / half.keyX;
/** Of more coins than shares stand for the rest is below 0, of fewer it is no rest. */
const MORE = ['Range.bits'];
const FEWER = ['shareValue.Range.bits'];

/** alice's leaf exits with shares of the half, or of what is said to be their pool. */
const claim = (changes: SignalInputs, refusedBy: string[], { leaves, pool = LEAF.half }: { leaves?: Partial<Record<LeafName, Partial<Leaf>>>; pool?: number } = {}): ExitLie => ({
  witness: (exit) => exit.claim('shares', { pool, changes, state: world(leaves) }),
  refusedBy,
});

/** Shares of which the last coin is rounded off: 3 of 7 shares of 100 coins stand for 42 and 6/7. */
const ODD = { half: { balance: 100n, keyX: 7n }, shares: { balance: 3n } };

export const exitShareLies: Record<string, ExitLie> = {
  'one coin more than shares stand for': claim({ amount: VALUE + 1n }, MORE),
  'one coin less than shares stand for': claim({ amount: VALUE - 1n }, FEWER),
  'one coin more where it is almost there': claim({ amount: 43n }, MORE, { leaves: ODD }),
  'one coin less than shares stand for, where coins are rounded off': claim({ amount: 41n }, FEWER, { leaves: ODD }),
  'the whole reserve': claim({ amount: half.balance }, MORE),
  'shares as so many coins': claim({ amount: SHARES }, FEWER),
  'nothing for shares': claim({ amount: 0n }, FEWER),
  'a negative amount': claim({ amount: -1n }, ['Range.bits', ...FEWER]),
  'one coin more where the products are the largest': claim({ amount: MAX_RESERVE - 1001n + 1n }, [...MORE, ...FEWER], { leaves: { half: { balance: MAX_RESERVE, keyX: MAX_RESERVE }, shares: { balance: MAX_RESERVE - 1001n } } }),
  'one coin of an empty pool': claim({ amount: 1n }, MORE, { leaves: { half: { balance: 0n } } }),
  'shares of a pool without shares, for anything': claim({ amount: 5n }, FEWER, { leaves: { half: { keyX: 0n } } }),
  'an amount that is right modulo p only': { witness: (exit) => exit.claim('shares', { pool: LEAF.half, changes: { amount: quotient(SHARES * half.balance - 1n, half.keyX) } }), refusedBy: ['Range.bits'] },
  'more shares than the leaf has': claim({ balance: SHARES + 5n, amount: ((SHARES + 5n) * half.balance) / half.keyX }, ['path']),
  'a part of the shares': claim({ balance: SHARES - 5n, amount: ((SHARES - 5n) * half.balance) / half.keyX }, ['path']),
  "another's shares": claim({ owner: users.bob.owner }, ['path']),
  'a larger reserve': claim({ reserve: 2n * half.balance, amount: 2n * VALUE }, ['poolPath']),
  'fewer total shares': claim({ totalShares: half.keyX / 2n, amount: 2n * VALUE }, ['poolPath']),
  'another place of the peer': claim({ peerPlace: half.keyY + 1n }, ['poolPath']),
  "another token than the pool's": claim({ token: TOKEN + 1n }, ['poolPath']),
  'the value of shares of another pool': claim({}, ['path'], { pool: LEAF.pool, leaves: { pool: poolLeaf({ ...halfOf(), reserve: 10n ** 9n }) } }),
  'another pool for shares of this one': claim({ poolIndex: BigInt(LEAF.half) }, ['poolPath'], { pool: LEAF.pool, leaves: { pool: poolLeaf({ ...halfOf(), reserve: 10n ** 9n }) } }),
  'shares of an account': claim({}, ['poolPath', ...FEWER], { pool: LEAF.bob, leaves: { shares: { token: shareToken(LEAF.bob) } } }),
  'shares of an account that is told as a pool, through a token of more than 31 bits (one meta, two readings)': {
    refusedBy: ['Range.bits'],
    witness: (exit) => {
      const bob = account(users.bob, { balance: 10n ** 9n, keyX: 10n ** 6n });
      const token = quotient(leafMeta(bob) - 2n * 2n ** 224n, 2n ** 160n);
      const isShares = shareToken(LEAF.bob);
      return exit.claim('shares', { pool: LEAF.bob, state: world({ bob, shares: { token: isShares } }), changes: { token } });
    },
  },
  'shares of an empty leaf': claim({ token: TOKEN, reserve: 10n ** 9n, totalShares: 10n ** 6n, amount: SHARES * 1000n }, ['poolPath'], { pool: LEAF.empty, leaves: { shares: { token: shareToken(LEAF.empty) } } }),
  'shares of a pool with an owner': claim({}, ['poolPath', ...FEWER], { pool: LEAF.pool, leaves: { shares: { token: shareToken(LEAF.pool) } } }),
  'shares as coins of the share token': claim({ isShares: 0n, token: shareToken(LEAF.half), amount: SHARES, poolChildren: pathOf(LEAF.shares) }, ['Range.bits']),
  'shares as coins of the token of the pool': claim({ isShares: 0n, amount: SHARES, poolChildren: pathOf(LEAF.shares) }, ['path', 'poolPath']),
  'coins as shares': {
    refusedBy: ['poolPath.bits'],
    witness: (exit) => {
      // The token of coins is that of shares of a half at a place below 0; its lowest bits are a place of the tree.
      const poolIndex = TOKEN - BigInt(params.shareTokens);
      const place = Number(BigInt.asUintN(params.bits.leafIndex, modField(poolIndex)));
      const chain = world().chain(CHAIN_INDEX).withLeaf(place, half);
      const state = world().withChain(CHAIN_INDEX, chain);
      return exit.claim('bob', { pool: place, state, changes: { poolIndex } });
    },
  },
  'shares of a pool beyond the tree, as those of an alias': claim({ poolIndex: BigInt(LEAF.half) + 2n ** 24n }, ['poolPath.bits'], { leaves: { shares: { token: shareToken(LEAF.half + 2 ** 24) } } }),
  'shares of a pool in the tree of another chain': {
    refusedBy: [''],
    witness: (exit) => {
      const rich = poolLeaf({ ...halfOf(), reserve: 10n ** 9n });
      const state = world().withChain(PEER_CHAIN, ChainState.empty().withLeaf(LEAF.half, rich));
      const poolChildren = state.chain(PEER_CHAIN).tree.path(LEAF.half, params.depth);
      return exit.claim('shares', { pool: LEAF.half, state, changes: { poolChildren, reserve: rich.balance, amount: (SHARES * rich.balance) / rich.keyX } });
    },
  },
  'one coin more for shares whose value is not looked at': forced({ enabled: 0n }, ['']),
  'one coin more for shares, with another rest': forced({ rest: 0n }, ['shareValue']),
  'coins of another token, as a part of shares': { witness: partOfShares, refusedBy: ['Boolean'] },
  'a leaf that no child is, with index bits that are no bits': fractional({ path: 'path', said: 'balance', first: 0 }),
  'a pool that no child is, with index bits that are no bits': fractional({ path: 'poolPath', said: 'reserve', first: 4 }),
};

function halfOf(): PoolHalf {
  return poolOf(half)!;
}

function pathOf(leafIndex: number): bigint[][] {
  return world().chain(CHAIN_INDEX).tree.path(leafIndex, params.depth);
}

/**
 * bob's coins as those of token 1, with a flag that is a fraction: the leaf's token then is that fraction on the way from one to the other. The
 * second leaf, which is that fraction of a pool, is in the tree, as no operation leaves it.
 */
function partOfShares(exit: ExitHarness): Witness {
  const place = BigInt(LEAF.empty);
  const [claimed, own] = [1n, BigInt(LEAF.bob)];
  const isShares = quotient(TOKEN - claimed - place + own, BigInt(params.shareTokens) - claimed + own);
  const poolIndex = modField(own + quotient(place - own, isShares));
  const bob = world().leaf(CHAIN_INDEX, LEAF.bob);
  const pool = leafHash(poolLeaf({ ...halfOf(), token: claimed, reserve: 1n, totalShares: 1n }));
  const value = leafHash(bob);
  const tree = world().chain(CHAIN_INDEX).tree.set(LEAF.empty, modField(value + isShares * (pool - value)));
  const roots = padRoots(world().chainRoots).with(CHAIN_INDEX, tree.root);
  const changes = { isShares, token: claimed, poolIndex, reserve: 1n, totalShares: 1n, peerPlace: half.keyY, roots, finalRoot: poseidon(roots) };
  return exit.claim('bob', { changes: { ...changes, children: tree.path(LEAF.bob, params.depth), poolChildren: tree.path(LEAF.empty, params.depth) } });
}

/** alice's shares for a coin more than they stand for, with a wire of their value changed and what follows from it. */
function forced(changes: Record<string, bigint>, refusedBy: string[]): ExitLie {
  const wires = Object.fromEntries(Object.entries(changes).map(([name, value]) => [`shareValue.${name}`, value]));
  return { refusedBy, witness: (exit) => exit.following(exit.witness('shares', { amount: VALUE + 1n }), wires) };
}

/** A balance or a reserve that the tree does not hold, with index "bits" of the right sum that pick it out of cells that do not have it. Half of the numbers have such bits. */
function fractional({ path, said, first }: { path: 'path' | 'poolPath'; said: 'balance' | 'reserve'; first: number }): ExitLie {
  return {
    refusedBy: [`${path}.bits`],
    witness: (exit) => {
      for (let number = 1_000_001n; ; number++) {
        const amount = said === 'balance' ? (number * half.balance) / half.keyX : (SHARES * number) / half.keyX;
        const witness = exit.witness('shares', { [said]: number, amount });
        const bit = (k: number): bigint => exit.value(witness, `${path}.bits.out[${k}]`);
        const cells = [0, 1, 2, 3].map((k) => exit.value(witness, `${path}.children[0][${first + k}]`));
        const found = fractionalBits({ sum: bit(0) + 2n * bit(1), cells, target: exit.value(witness, `${path}.leaf`) });
        if (found) return exit.following(witness, { [`${path}.bits.out[0]`]: found.low, [`${path}.bits.out[1]`]: found.high });
      }
    },
  };
}
