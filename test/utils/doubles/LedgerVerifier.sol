// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { IVerifier } from "../../../src/interfaces/IVerifier.sol";
import { KeyId, Statement } from "../../../src/types/Statement.sol";

/// @notice TEST DOUBLE. Looks at no proof: of an exit it believes exactly what a test has said to be true of a final root, of a block everything.
contract LedgerVerifier is IVerifier {
    mapping(bytes32 exit => bool isTrue) private _isTrue;

    function say(uint256 finalRoot, uint8 chainIndex, uint32 leafIndex, address owner, uint32 token, uint128 amount)
        external
    {
        _isTrue[keccak256(abi.encode(finalRoot, chainIndex, leafIndex, owner, token, amount))] = true;
    }

    function verifyBatch(Statement[] calldata statements) external view returns (bool) {
        for (uint256 i = 0; i < statements.length; ++i) {
            if (statements[i].key == KeyId.Exit && !_isTrue[keccak256(abi.encodePacked(statements[i].inputs))]) {
                return false;
            }
        }
        return true;
    }
}
