// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {
    IL1Messenger,
    L2ToL1Log
} from "@matterlabs/zksync-contracts/contracts/system-contracts/interfaces/IL1Messenger.sol";

/// @title zkSync Era's L1Messenger system contract, local version
/// @notice For local chains only; its code belongs at 0x8008. Anyone sends; what a batch contains is decided by whoever seals it.
/// @dev The deployed contract asks the bootloader for the transaction's number in its batch, which no contract on a local chain knows:
/// the event says 0 and the sealer gives the number that counts (script/devnet/README.md).
contract L1Messenger {
    /// @notice Sends `message` to Ethereum and returns its hash. Free but for gas.
    function sendToL1(bytes calldata message) external returns (bytes32 hash) {
        hash = keccak256(message);
        emit IL1Messenger.L2ToL1LogSent(L2ToL1Log({
                l2ShardId: 0,
                isService: true,
                txNumberInBlock: 0,
                sender: address(this),
                key: bytes32(uint256(uint160(msg.sender))),
                value: hash
            }));
        emit IL1Messenger.L1MessageSent(msg.sender, hash, message);
    }
}
