// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { BatchVerifier } from "../../src/BatchVerifier.sol";
import { FIELD_ORDER } from "../../src/generated/Params.sol";
import { Bn254 } from "../../src/libraries/Bn254.sol";
import { Proof } from "../../src/types/Block.sol";
import { KeyId, Statement } from "../../src/types/Statement.sol";
import { VerifyingKey } from "../../src/types/VerifyingKey.sol";

/// @notice Keys whose trapdoor is known, and valid Groth16 proofs made with it for any inputs: a batch can be tested without a circuit.
library Trapdoor {
    uint256 internal constant ALPHA = 0xa1fa;
    uint256 internal constant BETA = 5;
    uint256 internal constant GAMMA = 7;

    function inputCount(KeyId id) internal pure returns (uint256) {
        return id == KeyId.Segment ? 5 : id == KeyId.Join ? 3 : 6;
    }

    function delta(KeyId id) internal pure returns (uint256) {
        return id == KeyId.Segment ? 11 : id == KeyId.Join ? 3 : 2;
    }

    /// @dev Discrete logarithm of ic[j].
    function coefficient(KeyId id, uint256 j) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode("ic", id, j))) % FIELD_ORDER;
    }

    /// @notice A proof of statement (id, inputs): `A = a·G1`, `B = b·G2`, `C` what the equation asks for. `b` is one of 1, 2, 3, 5, 7, 11.
    function prove(KeyId id, uint256[] memory inputs, uint256 a, uint256 b)
        internal
        view
        returns (Statement memory statement)
    {
        uint256 l = coefficient(id, 0);
        for (uint256 j = 0; j < inputs.length; ++j) {
            l = addmod(l, mulmod(inputs[j], coefficient(id, j + 1), FIELD_ORDER), FIELD_ORDER);
        }
        uint256 minus = addmod(mulmod(ALPHA, BETA, FIELD_ORDER), mulmod(l, GAMMA, FIELD_ORDER), FIELD_ORDER);
        uint256 c = addmod(mulmod(a, b, FIELD_ORDER), FIELD_ORDER - minus, FIELD_ORDER);
        c = mulmod(c, inverse(delta(id)), FIELD_ORDER);
        return Statement({ key: id, inputs: inputs, proof: Proof({ a: g1(a), b: g2(b), c: g1(c) }) });
    }

    function inverse(uint256 x) internal view returns (uint256 result) {
        (bool success, bytes memory output) =
            address(5).staticcall(abi.encode(uint256(32), uint256(32), uint256(32), x, FIELD_ORDER - 2, FIELD_ORDER));
        require(success, "modexp");
        return abi.decode(output, (uint256));
    }

    function g1(uint256 scalar) internal view returns (uint256[2] memory) {
        return Bn254.mul([uint256(1), 2], scalar % FIELD_ORDER);
    }

    /// @dev Multiples of the generator of G2, computed with @noble/curves.
    function g2(uint256 scalar) internal pure returns (uint256[2][2] memory) {
        if (scalar == 1) {
            return [
                [
                    uint256(0x198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2),
                    0x1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed
                ],
                [
                    uint256(0x090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b),
                    0x12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa
                ]
            ];
        }
        if (scalar == 2) {
            return [
                [
                    uint256(0x203e205db4f19b37b60121b83a7333706db86431c6d835849957ed8c3928ad79),
                    0x27dc7234fd11d3e8c36c59277c3e6f149d5cd3cfa9a62aee49f8130962b4b3b9
                ],
                [
                    uint256(0x195e8aa5b7827463722b8c153931579d3505566b4edf48d498e185f0509de152),
                    0x04bb53b8977e5f92a0bc372742c4830944a59b4fe6b1c0466e2a6dad122b5d2e
                ]
            ];
        }
        if (scalar == 3) {
            return [
                [
                    uint256(0x1014772f57bb9742735191cd5dcfe4ebbc04156b6878a0a7c9824f32ffb66e85),
                    0x06064e784db10e9051e52826e192715e8d7e478cb09a5e0012defa0694fbc7f5
                ],
                [
                    uint256(0x021e2335f3354bb7922ffcc2f38d3323dd9453ac49b55441452aeaca147711b2),
                    0x058e1d5681b5b9e0074b0f9c8d2c68a069b920d74521e79765036d57666c5597
                ]
            ];
        }
        if (scalar == 5) {
            return [
                [
                    uint256(0x0a09ccf561b55fd99d1c1208dee1162457b57ac5af3759d50671e510e428b2a1),
                    0x2e539c423b302d13f4e5773c603948eaf5db5df8ae8a9a9113708390a06410d8
                ],
                [
                    uint256(0x19b763513924a736e4eebd0d78c91c1bc1d657fee4214057d21414011cfcc763),
                    0x2f8d9f9ab83727c77a2fec063cb7b6e5eb23044ccf535ad49d46d394fb6f6bf6
                ]
            ];
        }
        if (scalar == 7) {
            return [
                [
                    uint256(0x2903ba015a9abde26a5d081e84551e63be0fd4516e46ee6d593edeba46362455),
                    0x224bdc5d4327fcf8ed702e01de1c2f1657a253ba75e32a89c390142aaa28b308
                ],
                [
                    uint256(0x03c8b7cda6b2dedb7aeeaf5fda464ad17036bea1c4e6f7adbaed1ebe0335e0d8),
                    0x1d92fff52a265017eeccb372e37d7a7bd431800eca28dfd82e21e8054114233f
                ]
            ];
        }
        require(scalar == 11, "no such multiple");
        return [
            [
                uint256(0x228b515a17f28b89920873207477f8c7fc05582debaf3184febf1cfdedc5ce88),
                0x12bb1156a9f6b360fcb2614e15d8a3ff07f2c699dc69ca830b20d2df91fe9cd3
            ],
            [
                uint256(0x2b15dc62a5c9e36597914ddbbfde48806a8eabe45c8d3cccf9578ad08e058f92),
                0x02a4fd764f52470e2fcfff325fb9692f55d6b8b077eefeaa04e07152b4d1fa94
            ]
        ];
    }

    function key(KeyId id) internal view returns (VerifyingKey memory k) {
        k.alpha = g1(ALPHA);
        k.beta = g2(BETA);
        k.gamma = g2(GAMMA);
        k.delta = g2(delta(id));
        k.ic = new uint256[2][](inputCount(id) + 1);
        for (uint256 j = 0; j < k.ic.length; ++j) {
            k.ic[j] = g1(coefficient(id, j));
        }
    }
}

/// @notice The batch verifier with the trapdoor's keys.
contract TrapdoorVerifier is BatchVerifier {
    function _verifyingKey(KeyId id) internal view virtual override returns (VerifyingKey memory) {
        return Trapdoor.key(id);
    }
}

/// @notice Its join key comes from another phase 1.
contract OtherBetaVerifier is TrapdoorVerifier {
    function _verifyingKey(KeyId id) internal view override returns (VerifyingKey memory k) {
        k = Trapdoor.key(id);
        if (id == KeyId.Join) k.beta = Trapdoor.g2(1);
    }
}

/// @notice Nobody contributed to its join key.
contract NoContributionVerifier is TrapdoorVerifier {
    function _verifyingKey(KeyId id) internal view override returns (VerifyingKey memory k) {
        k = Trapdoor.key(id);
        if (id == KeyId.Join) k.delta = k.gamma;
    }
}

/// @notice Its join key does not bind input 1.
contract ZeroCoefficientVerifier is TrapdoorVerifier {
    function _verifyingKey(KeyId id) internal view override returns (VerifyingKey memory k) {
        k = Trapdoor.key(id);
        if (id == KeyId.Join) k.ic[2] = [uint256(0), 0];
    }
}
