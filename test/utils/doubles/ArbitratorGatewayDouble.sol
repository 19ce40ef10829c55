// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { IArbitratorGateway } from "../../../src/interfaces/IGateway.sol";

/// @notice TEST DOUBLE of a chain's gateway as the arbitrator sees it: takes a fee per gas price, refuses in several ways, needs gas.
contract ArbitratorGatewayDouble is IArbitratorGateway {
    error Refused();

    uint256 public feePerGasPrice;
    uint256 public gasNeeded;
    bool public refuses;
    bool public cannotQuote;

    uint32 public sentBlock;
    bytes32 public sentHash;
    address public sentRefundTo;
    uint256 public sentCount;
    uint32 public haltBlock;
    uint256 public haltRoot;
    uint256 public haltCount;

    function setFee(uint256 feePerGasPrice_) external {
        feePerGasPrice = feePerGasPrice_;
    }

    function setGasNeeded(uint256 gasNeeded_) external {
        gasNeeded = gasNeeded_;
    }

    function setRefuses(bool refuses_) external {
        refuses = refuses_;
    }

    function setCannotQuote(bool cannotQuote_) external {
        cannotQuote = cannotQuote_;
    }

    function sendConfirmation(uint32 blockNumber, bytes32 syncHash, address refundTo) external payable {
        if (refuses || cannotQuote) revert Refused();
        require(gasleft() >= gasNeeded, "out of gas");
        require(msg.value == feePerGasPrice * tx.gasprice, "fee");
        sentBlock = blockNumber;
        sentHash = syncHash;
        sentRefundTo = refundTo;
        sentCount += 1;
    }

    function sendHalt(uint32 blockNumber, uint256 finalRoot, bytes32 syncHash, address refundTo) external payable {
        if (refuses || cannotQuote) revert Refused();
        require(msg.value == feePerGasPrice * tx.gasprice, "fee");
        haltBlock = blockNumber;
        haltRoot = finalRoot;
        sentHash = syncHash;
        sentRefundTo = refundTo;
        haltCount += 1;
    }

    function confirmationFee(uint256 gasPrice) external view returns (uint256) {
        if (cannotQuote) revert Refused();
        return feePerGasPrice * gasPrice;
    }
}
