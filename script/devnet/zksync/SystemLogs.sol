// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { L2_TO_L1_LOG_SERIALIZE_SIZE } from "@matterlabs/zksync-contracts/contracts/l1-contracts/common/Config.sol";
import {
    InvalidLogSender,
    InvalidSystemLogsLength,
    LogAlreadyProcessed,
    MissingSystemLogs,
    TxHashMismatch,
    UnexpectedSystemLog
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/common/L1ContractErrors.sol";
import {
    MismatchL2DAValidator
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/state-transition/L1StateTransitionErrors.sol";
import {
    L2_LOG_ADDRESS_OFFSET,
    L2_LOG_KEY_OFFSET,
    L2_LOG_VALUE_OFFSET,
    MAX_LOG_KEY,
    SystemLogKey
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/state-transition/chain-interfaces/IExecutor.sol";

/// @title What zkSync's system contracts say of a batch
/// @notice For local chains only. One log of 88 bytes for each key; each key has its sender. Without a protocol upgrade there are nine.
library SystemLogs {
    address private constant BOOTLOADER = address(0x8001);
    address private constant MESSENGER = address(0x8008);
    address private constant SYSTEM_CONTEXT = address(0x800b);

    /// @return values by SystemLogKey
    function read(bytes memory logs) internal pure returns (bytes32[] memory values) {
        require(logs.length % L2_TO_L1_LOG_SERIALIZE_SIZE == 0, InvalidSystemLogsLength());
        values = new bytes32[](MAX_LOG_KEY + 1);
        uint256 seen;
        for (uint256 i; i < logs.length; i += L2_TO_L1_LOG_SERIALIZE_SIZE) {
            address sender = address(uint160(uint256(_word(logs, i + L2_LOG_ADDRESS_OFFSET)) >> 96));
            uint256 key = uint256(_word(logs, i + L2_LOG_KEY_OFFSET));
            // As the deployed contract does: a key's low byte is what is remembered.
            uint256 bit = 1 << uint8(key);
            require(seen & bit == 0, LogAlreadyProcessed(uint8(key)));
            seen |= bit;
            require(key <= MAX_LOG_KEY, UnexpectedSystemLog(key));
            require(sender == _senderOf(SystemLogKey(key)), InvalidLogSender(sender, key));
            bytes32 value = _word(logs, i + L2_LOG_VALUE_OFFSET);
            _requireNothing(SystemLogKey(key), value);
            values[key] = value;
        }
        uint256 all = (1 << MAX_LOG_KEY) - 1;
        require(seen == all, MissingSystemLogs(all, seen));
    }

    /// @dev No chain here has a contract on zkSync that validates its data, nor a protocol upgrade under way.
    function _requireNothing(SystemLogKey key, bytes32 value) private pure {
        if (key == SystemLogKey.USED_L2_DA_VALIDATOR_ADDRESS_KEY) {
            require(address(uint160(uint256(value))) == address(0), MismatchL2DAValidator());
        }
        if (key == SystemLogKey.EXPECTED_SYSTEM_CONTRACT_UPGRADE_TX_HASH_KEY) {
            require(value == bytes32(0), TxHashMismatch());
        }
    }

    function _senderOf(SystemLogKey key) private pure returns (address) {
        if (
            key == SystemLogKey.L2_TO_L1_LOGS_TREE_ROOT_KEY || key == SystemLogKey.L2_DA_VALIDATOR_OUTPUT_HASH_KEY
                || key == SystemLogKey.USED_L2_DA_VALIDATOR_ADDRESS_KEY
        ) return MESSENGER;
        if (key == SystemLogKey.PACKED_BATCH_AND_L2_BLOCK_TIMESTAMP_KEY || key == SystemLogKey.PREV_BATCH_HASH_KEY) {
            return SYSTEM_CONTEXT;
        }
        return BOOTLOADER;
    }

    function _word(bytes memory data, uint256 offset) private pure returns (bytes32 word) {
        assembly ("memory-safe") {
            word := mload(add(add(data, 0x20), offset))
        }
    }
}
