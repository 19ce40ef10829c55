// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { IRollupGateway } from "../../../src/interfaces/IGateway.sol";
import { IRollup } from "../../../src/interfaces/IRollup.sol";

/// @notice TEST DOUBLE of a gateway without a message service: keeps what the rollup sends, takes a fee, confirms on request.
contract GatewayDouble is IRollupGateway {
    error InsufficientFee(uint256 expected, uint256 actual);

    IRollup public immutable ROLLUP;
    uint256 public syncFee;

    uint256 public haltRequests;
    uint32 public blockNumber;
    bytes32 public syncHash;
    uint256 public finalRoot;
    bytes32[] public syncHashes;

    constructor(IRollup rollup) {
        ROLLUP = rollup;
    }

    function setSyncFee(uint256 fee) external {
        syncFee = fee;
    }

    function confirm(uint32 blockNumber_, bytes32 syncHash_) external {
        ROLLUP.receiveConfirmation(blockNumber_, syncHash_);
    }

    function sendSyncHash(uint32 blockNumber_, bytes32 syncHash_, address refundTo) external payable {
        blockNumber = blockNumber_;
        syncHash = syncHash_;
        _takeFee(refundTo);
    }

    function sendSyncHashes(uint32 blockNumber_, uint256 finalRoot_, bytes32[] calldata syncHashes_, address refundTo)
        external
        payable
    {
        blockNumber = blockNumber_;
        finalRoot = finalRoot_;
        syncHashes = syncHashes_;
        _takeFee(refundTo);
    }

    function sendHaltRequest(address refundTo) external payable {
        ++haltRequests;
        _takeFee(refundTo);
    }

    function halt(uint32 blockNumber_, uint256 finalRoot_, bytes32 syncHash_) external {
        ROLLUP.receiveHalt(blockNumber_, finalRoot_, syncHash_);
    }

    function _takeFee(address refundTo) private {
        if (msg.value < syncFee) revert InsufficientFee(syncFee, msg.value);
        if (msg.value == syncFee) return;
        (bool success,) = refundTo.call{ value: msg.value - syncFee }("");
        require(success, "refund");
    }
}
