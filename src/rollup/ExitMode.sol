// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { IExitMode } from "../interfaces/IExitMode.sol";
import { LeafExit } from "../types/LeafExit.sol";
import { Stage } from "./Stage.sol";

/// @title Exit mode, as users call it
/// @notice The code is in Exits, a contract of its own that runs on this contract's storage: a contract may have no more than 24,576 bytes (EIP-170).
abstract contract ExitMode is Stage {
    /// @notice The Exits contract of this implementation.
    address public immutable exits;

    constructor(address exits_) {
        if (exits_.code.length == 0) revert ZeroAddress();
        exits = exits_;
    }

    /// @inheritdoc IExitMode
    function triggerExitMode() external {
        _runExits();
    }

    /// @inheritdoc IExitMode
    function sendHaltRequest() external payable {
        _runExits();
    }

    /// @inheritdoc IExitMode
    function receiveHalt(uint32, uint256, bytes32) external {
        _runExits();
    }

    /// @inheritdoc IExitMode
    function exitLeaves(LeafExit[] calldata) external {
        _runExits();
    }

    /// @inheritdoc IExitMode
    function refundDeposit(uint64, uint32, address, uint128, uint256, uint256) external {
        _runExits();
    }

    /// @inheritdoc IExitMode
    function refundBond(uint64, uint32, address) external {
        _runExits();
    }

    /// @dev Hands the call over as it is, and what it answers back. Does not return.
    function _runExits() private {
        address target = exits;
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
