import { type Address, type ContractFunctionArgs, concat, encodeAbiParameters, encodePacked, type Hex, keccak256, numberToHex, stringToHex } from 'viem';
import type { lineaRollupAbi } from '../../chain/generated/abi.ts';

/** What `LineaRollup.finalizeBlocks` is told. */
export type FinalizationData = ContractFunctionArgs<typeof lineaRollupAbi, 'nonpayable', 'finalizeBlocks'>[2];
export type ShnarfData = FinalizationData['shnarfData'];

/** Public inputs are elements of the field of the proof's curve (BN254). */
const FIELD = 21888242871839275222246405745257275088548364400416034343698204186575808495617n;

/** Hash that a submission of data is known by. */
export function shnarfOf({ parentShnarf, snarkHash, finalStateRootHash, dataEvaluationPoint, dataEvaluationClaim }: ShnarfData): Hex {
  return keccak256(concat([parentShnarf, snarkHash, finalStateRootHash, dataEvaluationPoint, dataEvaluationClaim]));
}

export interface PublicInputParameters {
  data: FinalizationData;
  /** `currentFinalizedShnarf` and `currentL2BlockNumber` before the finalization. */
  lastShnarf: Hex;
  lastBlock: bigint;
  /** Of the last forced transaction in it; zero without any. */
  forcedTransactionRollingHash: Hex;
  /** `getChainConfiguration` of the verifier. */
  chainConfiguration: Hex;
}

/** What the proof of a finalization is about, as LineaRollup computes it. */
export function publicInput({ data, lastShnarf, lastBlock, forcedTransactionRollingHash, chainConfiguration }: PublicInputParameters): bigint {
  const word = (value: bigint): Hex => numberToHex(value, { size: 32 });
  const words = [
    ...[lastShnarf, shnarfOf(data.shnarfData), word(data.lastFinalizedTimestamp), word(data.finalTimestamp), word(lastBlock), word(data.endBlockNumber)],
    ...[data.lastFinalizedL1RollingHash, data.l1RollingHash, word(data.lastFinalizedL1RollingHashMessageNumber), word(data.l1RollingHashMessageNumber)],
    ...[data.lastFinalizedForcedTransactionRollingHash, forcedTransactionRollingHash, word(data.lastFinalizedForcedTransactionNumber), word(data.finalForcedTransactionNumber)],
    ...[word(data.l2MerkleTreesDepth), keccak256(concat(data.l2MerkleRoots)), chainConfiguration, keccak256(packed(data.filteredAddresses))],
  ];
  return BigInt(keccak256(concat(words))) % FIELD;
}

/** The one proof that the devnet's verifier (script/devnet/linea/OperatorVerifier.sol) takes for a public input. */
export function unprovenProof(input: bigint): Hex {
  return keccak256(concat([stringToHex('unproven'), encodeAbiParameters([{ type: 'uint256' }], [input])]));
}

/** Addresses in an array are padded to words even when packed. */
function packed(addresses: readonly Address[]): Hex {
  return encodePacked(['address[]'], [addresses]);
}
