import { FIELD } from '../spec/field.ts';
import { LEAF_COUNT, params } from '../spec/params.ts';
import { emptyTreeRoot, genesisFinalRoot } from '../spec/roots.ts';

/** Constants of circuits/params.json and what follows from them, for the contracts. */
export function paramsSolidity(): string {
  const kinds = Object.entries(params.opcodes).map(([name, code]) => constant(`Operation kind: ${words(name)}`, 'uint8', `OP_${snake(name)}`, code));
  return `// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

// Numbers that the contracts share with the circuits. Their home is circuits/params.json.

${[
    constant("Order of BN254's scalar field: every word of public data and every public input is below it.", 'uint256', 'FIELD_ORDER', FIELD),
    constant('Operation slots of one segment.', 'uint256', 'SEGMENT_SLOTS', params.slots),
    constant('Chain indices that the final root has room for.', 'uint8', 'MAX_CHAINS', params.chains),
    constant('Segments that one join takes.', 'uint256', 'MAX_SEGMENTS', params.joinSegments),
    constant('Pairs of legs that one join takes.', 'uint256', 'MAX_PAIRS', params.joinPairs),
    constant('Most bytes of on-chain operations that a block may have for one chain.', 'uint256', 'MAX_ONCHAIN_BYTES', params.maxOnchainBytes),
    constant(`Largest leaf index of a chain's tree (arity ${params.arity}, depth ${params.depth}).`, 'uint32', 'MAX_LEAF_INDEX', LEAF_COUNT - 1),
    constant('Largest id of a registered token. Above are shares of pools, which exist on layer 2 only.', 'uint32', 'MAX_TOKEN_ID', params.shareTokens - 1),
    constant('Root of an empty tree.', 'uint256', 'EMPTY_TREE_ROOT', emptyTreeRoot),
    constant(`Final root of ${params.chains} empty trees: the state before block 1.`, 'uint256', 'GENESIS_ROOT', genesisFinalRoot),
    ...kinds,
  ].join('\n')}`;
}

function constant(doc: string, type: string, name: string, value: bigint | number): string {
  return `/// @dev ${doc}\n${type} constant ${name} = ${value};\n`;
}

function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}

function words(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
