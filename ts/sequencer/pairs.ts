import { RollupError } from '../base/errors.ts';
import { isEmptyLeaf } from '../spec/leaf.ts';
import type { Place } from '../spec/leg.ts';
import type { OpenPool } from '../spec/operation.ts';
import { LEAF_COUNT } from '../spec/params.ts';
import { poolOf, type PoolHalf } from '../spec/pool.ts';
import type { ChainState } from '../state/chainState.ts';
import type { LedgerState } from '../state/ledger.ts';
import { leafToOpen } from './draft.ts';
import type { PairRequest } from './store.ts';

/** One half of a pair and where it is. */
export interface PlacedHalf extends PoolHalf, Place {}

/** Two halves that name each other. */
export interface PairOfHalves {
  first: PlacedHalf;
  second: PlacedHalf;
}

/** The half at a place; null when there is none. */
export function halfAt(chains: readonly ChainState[], { chainIndex, leafIndex }: Place): PlacedHalf | null {
  const chain = chains[chainIndex];
  const half = chain === undefined ? null : poolOf(chain.leaf(leafIndex));
  return half === null ? null : { ...half, chainIndex, leafIndex };
}

/** The half that this one names, if that one names it back; else null: nothing can be done with a half alone. */
export function peerOf(chains: readonly ChainState[], half: PlacedHalf): PlacedHalf | null {
  const peer = halfAt(chains, half.peer);
  return peer !== null && isAt(peer.peer, half) ? peer : null;
}

/** All pairs, each once, in the order of the places of their first halves; the first half is the one on the lower chain, or in the lower leaf. */
export function allPairs({ chains }: Pick<LedgerState, 'chains'>): PairOfHalves[] {
  return chains.flatMap((chain, chainIndex) =>
    chain.pools().flatMap(({ leafIndex }) => {
      const first = halfAt(chains, { chainIndex, leafIndex });
      const second = first === null ? null : peerOf(chains, first);
      return first !== null && second !== null && isBefore(first, second) ? [{ first, second }] : [];
    }),
  );
}

/** The pair of these tokens on these chains, whichever half is named first; null when there is none. */
export function findPair(state: Pick<LedgerState, 'chains'>, request: PairRequest): PairOfHalves | null {
  const wanted = pairKey(request);
  return allPairs(state).find((pair) => pairKey(requestOfPair(pair)) === wanted) ?? null;
}

/** Of these requests those whose pair is not open, each once. */
export function unopenedPairs(state: Pick<LedgerState, 'chains'>, requests: readonly PairRequest[]): PairRequest[] {
  const open = new Set(allPairs(state).map((pair) => pairKey(requestOfPair(pair))));
  return requests.filter((request) => {
    const key = pairKey(request);
    if (open.has(key)) return false;
    open.add(key);
    return true;
  });
}

/** The same for both ways to name a pair. */
export function pairKey({ chainIndex, token, peerChain, peerToken }: PairRequest): string {
  return [`${chainIndex}/${token}`, `${peerChain}/${peerToken}`].sort().join('-');
}

function requestOfPair({ first, second }: PairOfHalves): PairRequest {
  return { chainIndex: first.chainIndex, token: Number(first.token), peerChain: second.chainIndex, peerToken: Number(second.token) };
}

/** The two operations that open a pair in free leaves, first the one on `chainIndex`; null when a chain's tree is full. */
export function openingOf(chains: readonly ChainState[], { chainIndex, token, peerChain, peerToken }: PairRequest): [OpenPool, OpenPool] | null {
  const leafIndex = freeLeaf(chains[chainIndex], 0);
  const peerLeaf = freeLeaf(chains[peerChain], peerChain === chainIndex && leafIndex !== null ? leafIndex + 1 : 0);
  if (leafIndex === null || peerLeaf === null) return null;
  return [
    { type: 'openPool', leafIndex, token: BigInt(token), peerChain, peerLeaf },
    { type: 'openPool', leafIndex: peerLeaf, token: BigInt(peerToken), peerChain: chainIndex, peerLeaf: leafIndex },
  ];
}

/** Lowest index of an empty leaf from `from` on. @throws RollupError when there is no such chain */
function freeLeaf(chain: ChainState | undefined, from: number): number | null {
  if (chain === undefined) throw new RollupError('A pair is asked for on a chain that is not there');
  const free = leafToOpen(chain);
  if (free === null) return null;
  let index = Math.max(free, from);
  while (index < LEAF_COUNT && !isEmptyLeaf(chain.leaf(index))) index++;
  return index < LEAF_COUNT ? index : null;
}

function isAt(a: Place, b: Place): boolean {
  return a.chainIndex === b.chainIndex && a.leafIndex === b.leafIndex;
}

function isBefore(a: Place, b: Place): boolean {
  return a.chainIndex === b.chainIndex ? a.leafIndex < b.leafIndex : a.chainIndex < b.chainIndex;
}
