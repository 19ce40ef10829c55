import { RollupError } from '../base/errors.ts';
import { params } from './params.ts';
import { poseidon } from './poseidon.ts';

/** Value of an empty subtree at each level; level 0 is an empty leaf, level `depth` the root of an empty tree. */
export const emptyNodes: readonly bigint[] = (() => {
  const nodes = [0n];
  for (let level = 0; level < params.depth; level++) nodes.push(poseidon(Array.from({ length: params.arity }, () => nodes[level] ?? 0n)));
  return nodes;
})();

export const emptyTreeRoot: bigint = emptyNodes[params.depth] ?? 0n;

/** Chain roots of all chain indices; an index that is not in use holds the root of an empty tree. */
export function padRoots(chainRoots: readonly bigint[]): bigint[] {
  if (chainRoots.length > params.chains) {
    throw new RollupError('Too many chains', { facts: { maximum: params.chains, actual: chainRoots.length } });
  }
  return Array.from({ length: params.chains }, (_, i) => chainRoots[i] ?? emptyTreeRoot);
}

/** The one state commitment over all chain roots. */
export function finalRootOf(chainRoots: readonly bigint[]): bigint {
  return poseidon(padRoots(chainRoots));
}

/** Final root of block 0: every tree is empty. */
export const genesisFinalRoot: bigint = finalRootOf([]);
