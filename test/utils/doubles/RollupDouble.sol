// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { IRollupGateway } from "../../../src/interfaces/IGateway.sol";

/// @notice TEST DOUBLE of a rollup contract as its gateway sees it: sends what it is told, keeps the last confirmation and halt, refuses when told to.
contract RollupDouble {
    error Refused();

    bool public refuses;
    uint256 public gasNeeded;
    uint32 public confirmedBlock;
    bytes32 public confirmedHash;
    uint256 public confirmations;
    uint32 public haltBlock;
    uint256 public haltRoot;
    bytes32 public haltHash;
    uint256 public halts;
    address public lastCaller;

    receive() external payable { }

    function setRefuses(bool refuses_) external {
        refuses = refuses_;
    }

    /// @notice A halt needs this much gas.
    function setGasNeeded(uint256 gasNeeded_) external {
        gasNeeded = gasNeeded_;
    }

    function sync(IRollupGateway gateway, uint32 blockNumber, bytes32 syncHash) external payable {
        gateway.sendSyncHash{ value: msg.value }(blockNumber, syncHash, msg.sender);
    }

    function syncAll(IRollupGateway gateway, uint32 blockNumber, uint256 finalRoot, bytes32[] calldata syncHashes)
        external
        payable
    {
        gateway.sendSyncHashes{ value: msg.value }(blockNumber, finalRoot, syncHashes, msg.sender);
    }

    function requestHalt(IRollupGateway gateway) external payable {
        gateway.sendHaltRequest{ value: msg.value }(msg.sender);
    }

    function receiveHalt(uint32 blockNumber, uint256 finalRoot, bytes32 syncHash) external {
        if (refuses || gasleft() < gasNeeded) revert Refused();
        haltBlock = blockNumber;
        haltRoot = finalRoot;
        haltHash = syncHash;
        halts += 1;
        lastCaller = msg.sender;
    }

    function receiveConfirmation(uint32 blockNumber, bytes32 syncHash) external {
        if (refuses) revert Refused();
        confirmedBlock = blockNumber;
        confirmedHash = syncHash;
        confirmations += 1;
        lastCaller = msg.sender;
    }
}
