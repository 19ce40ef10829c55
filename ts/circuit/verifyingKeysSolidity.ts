import type { Groth16VerificationKey } from 'snarkjs';
import { RollupError } from '../base/errors.ts';
import type { KeyProvenance } from './keyProvenance.ts';

/** snarkjs's name of G2's generator is gamma of every key: gamma is never contributed to. */
type Point2 = readonly [readonly [string, string], readonly [string, string], readonly [string, string]];

/**
 * The library `VerifyingKeys`: one function for each key and `key(KeyId)`. What the batched verifier relies on is checked here: common
 * alpha, beta and gamma, deltas that differ from gamma and from each other, no zero point in IC. Where the keys come from is a constant
 * of the library, by which Verifier.sol and the deployment decide on which chains they may be used.
 */
export function verifyingKeysSolidity(names: readonly string[], keys: readonly Groth16VerificationKey[], provenance: KeyProvenance): string {
  checkVerifyingKeys(names, keys);
  const [first] = keys as [Groth16VerificationKey];
  return `// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { KeyId } from "../types/Statement.sol";
import { VerifyingKey } from "../types/VerifyingKey.sol";

${heading(provenance)}
library VerifyingKeys {
    /// @dev SHA-256 of the transcript of the ceremony that made the keys; 0 for development keys.
    bytes32 internal constant TRANSCRIPT_HASH = ${transcriptHash(provenance)};

    /// @notice The key of a kind of statement.
    function key(KeyId id) internal pure returns (VerifyingKey memory) {
        if (id == KeyId.Segment) return segment();
        if (id == KeyId.Join) return join();
        return exit();
    }
${keys.map((key, i) => keyFunction(names[i]!, key)).join('')}
    /// @dev Phase 1 is common to all circuits. gamma is the generator of G2.
    function common() private pure returns (VerifyingKey memory k) {
        k.alpha = ${point1(first.vk_alpha_1, 8)};
        k.beta = ${point2(first.vk_beta_2, 8)};
        k.gamma = ${point2(first.vk_gamma_2, 8)};
    }
}
`;
}

function heading({ kind }: KeyProvenance): string {
  return kind === 'development'
    ? `/// @title Development verifying keys
/// @notice Made from public beacons: everybody can forge proofs for them. Verifier.sol refuses them on chains that are not local.`
    : `/// @title Verifying keys of a ceremony
/// @notice Nobody can forge proofs for them if one of its contributors was honest.`;
}

/** A zero hash would make a ceremony's keys development keys, so it is refused. */
function transcriptHash(provenance: KeyProvenance): string {
  if (provenance.kind === 'development') return '0';
  const hash = provenance.transcriptHash.toLowerCase();
  if (!/^0x[0-9a-f]{64}$/.test(hash) || /^0x0+$/.test(hash)) {
    throw new RollupError('The hash of the ceremony\'s transcript is not 32 bytes, or zero', { facts: { transcriptHash: hash.slice(0, 80) }, hint: 'Take the SHA-256 hash that `circuit ceremony verify` shows.' });
  }
  return hash;
}

function keyFunction(name: string, key: Groth16VerificationKey): string {
  const ic = key.IC.map((point, i) => `        k.ic[${i}] = ${point1(point, 8)};\n`).join('');
  return `
    /// @notice Key of the ${name} circuit, ${key.nPublic} public inputs.
    function ${name}() internal pure returns (VerifyingKey memory k) {
        k = common();
        k.delta = ${point2(key.vk_delta_2, 8)};
        k.ic = new uint256[2][](${key.IC.length});
${ic}    }
`;
}

/** Laid out as `forge fmt` does. */
function point1([x, y]: readonly string[], indent: number): string {
  const inner = ' '.repeat(indent + 4);
  return `[\n${inner}${hex(x!)},\n${inner}${hex(y!)}\n${' '.repeat(indent)}]`;
}

/** Imaginary part first, as the pairing precompile wants it; snarkjs has the real part first. */
function point2([[xRe, xIm], [yRe, yIm]]: Point2, indent: number): string {
  const inner = ' '.repeat(indent + 4);
  return `[\n${inner}${point1([xIm, xRe], indent + 4)},\n${inner}${point1([yIm, yRe], indent + 4)}\n${' '.repeat(indent)}]`;
}

function hex(value: string): string {
  return `uint256(0x${BigInt(value).toString(16).padStart(64, '0')})`;
}

/** @throws RollupError when keys cannot be verified together */
export function checkVerifyingKeys(names: readonly string[], keys: readonly Groth16VerificationKey[]): void {
  const deltas = new Set<string>();
  keys.forEach((key, i) => {
    const fail = (what: string): RollupError => new RollupError(`verifying key ${names[i]}: ${what}`, { hint: 'Run `npm run circuit -- build --force`.' });
    const same = (part: 'vk_alpha_1' | 'vk_beta_2' | 'vk_gamma_2'): boolean => JSON.stringify(key[part]) === JSON.stringify(keys[0]![part]);
    if (!same('vk_alpha_1') || !same('vk_beta_2') || !same('vk_gamma_2')) throw fail('alpha, beta or gamma differ from the other keys');
    const delta = JSON.stringify(key.vk_delta_2);
    if (delta === JSON.stringify(key.vk_gamma_2)) throw fail('delta equals gamma: phase 2 has no contribution');
    if (deltas.has(delta)) throw fail('delta equals that of another key');
    deltas.add(delta);
    if (key.IC.length !== key.nPublic + 1) throw fail('IC does not have one point more than there are public inputs');
    if (key.IC.some((point) => BigInt(point[2]) === 0n || (BigInt(point[0]) === 0n && BigInt(point[1]) === 0n))) throw fail('IC has a zero point');
  });
}
