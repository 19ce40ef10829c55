// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { IExitMode } from "../interfaces/IExitMode.sol";
import { IFullQueue } from "../interfaces/IFullQueue.sol";
import { IGoverned } from "../interfaces/IGoverned.sol";
import { IReverting } from "../interfaces/IReverting.sol";
import { IRollup } from "../interfaces/IRollup.sol";
import { StoredBlock } from "../types/Block.sol";
import { LeafExit } from "../types/LeafExit.sol";
import { RollupStorage } from "./RollupStorage.sol";

/// @title Rare calls, handed over to the extension
/// @notice Exit mode, full exits while the queue is full, taking blocks back, and what governs: their code is in RollupExtension and runs on this contract's storage.
abstract contract Extended is RollupStorage, IRollup {
    /// @notice The RollupExtension of this implementation.
    // solhint-disable-next-line immutable-vars-naming
    address public immutable extension;

    constructor(address extension_) {
        if (extension_.code.length == 0) revert ZeroAddress();
        extension = extension_;
    }

    /// @inheritdoc IExitMode
    function triggerExitMode() external {
        _extend();
    }

    /// @inheritdoc IExitMode
    function sendHaltRequest() external payable {
        _extend();
    }

    /// @inheritdoc IExitMode
    function receiveHalt(uint32, uint256, bytes32) external {
        _extend();
    }

    /// @inheritdoc IExitMode
    function exitLeaves(LeafExit[] calldata) external {
        _extend();
    }

    /// @inheritdoc IExitMode
    function refundDeposit(uint64, uint32, address, uint128, uint256, uint256) external {
        _extend();
    }

    /// @inheritdoc IExitMode
    function refundBond(uint64, uint32, address, uint128) external {
        _extend();
    }

    /// @inheritdoc IFullQueue
    function requestFullExitAtPrice(uint32, uint128) external payable {
        _extend();
    }

    /// @inheritdoc IReverting
    function revertBlocks(StoredBlock calldata) external {
        _extend();
    }

    /// @inheritdoc IGoverned
    function registerToken(uint32, address) external {
        _extend();
    }

    /// @inheritdoc IGoverned
    function setGateway(address) external {
        _extend();
    }

    /// @inheritdoc IGoverned
    function setTimestampTolerances(uint32, uint32) external {
        _extend();
    }

    /// @dev Hands the call over as it is, and what it answers back. Does not return.
    function _extend() private {
        address target = extension;
        assembly ("memory-safe") {
            let pointer := mload(0x40)
            calldatacopy(pointer, 0, calldatasize())
            let success := delegatecall(gas(), target, pointer, calldatasize(), 0, 0)
            returndatacopy(pointer, 0, returndatasize())
            switch success
            case 0 { revert(pointer, returndatasize()) }
            default { return(pointer, returndatasize()) }
        }
    }
}
