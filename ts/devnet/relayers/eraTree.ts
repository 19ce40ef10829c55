import { type Address, concat, encodePacked, type Hex, keccak256, numberToHex, padHex, stringToHex, zeroHash } from 'viem';

/** Levels of the tree of a batch's logs. */
export const ERA_TREE_DEPTH = 14;
export const ERA_MAX_LOGS = 2 ** ERA_TREE_DEPTH;

export const L1_MESSENGER: Address = '0x0000000000000000000000000000000000008008';
export const BOOTLOADER: Address = '0x0000000000000000000000000000000000008001';

/** What a leaf of the tree says: shard 0, a service log, as all logs of L1Messenger and bootloader are. */
export interface EraLog {
  /** uint16. */
  txNumberInBatch: number;
  sender: Address;
  key: Hex;
  value: Hex;
}

/** Log of a message that `sender` sent through the L1Messenger. */
export function messageLog({ txNumberInBatch, sender, messageHash }: { txNumberInBatch: number; sender: Address; messageHash: Hex }): EraLog {
  return { txNumberInBatch, sender: L1_MESSENGER, key: padHex(sender, { size: 32 }), value: messageHash };
}

/** Log that the bootloader leaves of a priority transaction. */
export function priorityLog({ txNumberInBatch, canonicalTxHash, success }: { txNumberInBatch: number; canonicalTxHash: Hex; success: boolean }): EraLog {
  return { txNumberInBatch, sender: BOOTLOADER, key: canonicalTxHash, value: padHex(success ? '0x01' : '0x00', { size: 32 }) };
}

export function eraLeaf({ txNumberInBatch, sender, key, value }: EraLog): Hex {
  return keccak256(encodePacked(['uint8', 'bool', 'uint16', 'address', 'bytes32', 'bytes32'], [0, true, txNumberInBatch, sender, key, value]));
}

/** Roots of trees without any log, by height; the first is the leaf that pads. */
const emptyRoots: readonly Hex[] = Array.from({ length: ERA_TREE_DEPTH }).reduce<Hex[]>(
  (roots) => [...roots, keccak256(concat([roots.at(-1) ?? zeroHash, roots.at(-1) ?? zeroHash]))],
  [keccak256(padHex('0x', { size: 88 }))],
);

/** Root of the logs of one batch, in order of execution. */
export function eraLocalRoot(leaves: readonly Hex[]): Hex {
  return levelsOf(leaves)[ERA_TREE_DEPTH]?.[0] ?? emptyRoot(ERA_TREE_DEPTH);
}

/** What joins the logs of a batch with those of chains that settle on this one: there are none. */
export function eraAggregatedRoot(zkSyncChainId: number): Hex {
  return keccak256(concat([keccak256(stringToHex('zkSync:ChainIdLeaf')), zeroHash, numberToHex(zkSyncChainId, { size: 32 })]));
}

/** `l2LogsTreeRoot` of a batch. */
export function eraRoot(leaves: readonly Hex[], zkSyncChainId: number): Hex {
  return keccak256(concat([eraLocalRoot(leaves), eraAggregatedRoot(zkSyncChainId)]));
}

/** The 16 words that prove leaf `index`: metadata, siblings from the leaf up, aggregated root. */
export function eraProof(leaves: readonly Hex[], index: number, zkSyncChainId: number): Hex[] {
  const siblings = levelsOf(leaves)
    .slice(0, ERA_TREE_DEPTH)
    .map((level, height) => level[(index >> height) ^ 1] ?? emptyRoot(height));
  return [METADATA, ...siblings, eraAggregatedRoot(zkSyncChainId)];
}

/** Version 1, 15 words of path, none of a batch's path, final node. */
const METADATA: Hex = padHex('0x010f0001', { dir: 'right', size: 32 });

function emptyRoot(height: number): Hex {
  return emptyRoots[height] ?? zeroHash;
}

/** All levels, leaves first, without the padding. */
function levelsOf(leaves: readonly Hex[]): Hex[][] {
  const levels: Hex[][] = [[...leaves]];
  for (let height = 0; height < ERA_TREE_DEPTH; height++) {
    const below = levels[height] ?? [];
    levels.push(Array.from({ length: Math.ceil(below.length / 2) }, (_, i) => keccak256(concat([below[2 * i] ?? emptyRoot(height), below[2 * i + 1] ?? emptyRoot(height)]))));
  }
  return levels;
}
