import { concat, type Hex, keccak256, zeroHash } from 'viem';

/** Levels of a tree of messages from Linea. */
export const LINEA_TREE_DEPTH = 5;
const LEAVES = 2 ** LINEA_TREE_DEPTH;

/** The trees that one finalization makes of the hashes of all its messages, in the order in which they were sent. */
export function lineaTrees(messageHashes: readonly Hex[]): Hex[][] {
  const runs: Hex[][] = [];
  for (let start = 0; start < messageHashes.length; start += LEAVES) runs.push(messageHashes.slice(start, start + LEAVES));
  return runs;
}

/** Root of one run of at most 32 message hashes, padded on the right with zero words. */
export function lineaRoot(run: readonly Hex[]): Hex {
  const levels = levelsOf(run);
  return levels[LINEA_TREE_DEPTH]?.[0] ?? zeroHash;
}

/** Siblings of leaf `index`, from the leaf up. */
export function lineaProof(run: readonly Hex[], index: number): Hex[] {
  return levelsOf(run)
    .slice(0, LINEA_TREE_DEPTH)
    .map((level, height) => level[(index >> height) ^ 1] ?? zeroHash);
}

export interface LineaPosition {
  root: Hex;
  leafIndex: number;
  proof: Hex[];
}

/** Where a message lies in the trees of its finalization; undefined when it is none of `messageHashes`. */
export function lineaPosition(messageHashes: readonly Hex[], messageHash: Hex): LineaPosition | undefined {
  const place = messageHashes.indexOf(messageHash);
  const run = lineaTrees(messageHashes)[Math.floor(place / LEAVES)];
  if (place < 0 || run === undefined) return undefined;
  const leafIndex = place % LEAVES;
  return { root: lineaRoot(run), leafIndex, proof: lineaProof(run, leafIndex) };
}

/** All levels, leaves first. */
function levelsOf(run: readonly Hex[]): Hex[][] {
  const levels: Hex[][] = [[...run, ...Array.from({ length: LEAVES - run.length }, () => zeroHash)]];
  for (let height = 0; height < LINEA_TREE_DEPTH; height++) {
    const below = levels[height] ?? [];
    levels.push(Array.from({ length: below.length / 2 }, (_, i) => keccak256(concat([below[2 * i] ?? zeroHash, below[2 * i + 1] ?? zeroHash]))));
  }
  return levels;
}
