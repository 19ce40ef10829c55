// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {
    IBridgehub,
    L2TransactionRequestDirect
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/bridgehub/IBridgehub.sol";
import { L2Message } from "@matterlabs/zksync-contracts/contracts/l1-contracts/common/Messaging.sol";

import { IArbitrator } from "../../interfaces/IArbitrator.sol";
import { IArbitratorGateway, IMessageReceiver } from "../../interfaces/IGateway.sol";
import { GatewayMessage } from "../../libraries/GatewayMessage.sol";
import { L1Gateway } from "../L1Gateway.sol";

/// @title zkSync Era's gateway on Ethereum
/// @notice Down: an L1 → L2 transaction through the Bridgehub. It fails for good if it runs out of gas on Era; the arbitrator can then send it again, and
/// anyone can send the halt with as much gas as he likes.
/// Up: Era delivers nothing, so anyone presents a message with its inclusion proof once its batch is executed; the gateway remembers which it took.
contract ZkSyncL1Gateway is L1Gateway {
    /// @notice The only value that the Bridgehub takes.
    uint256 public constant GAS_PER_PUBDATA = 800;

    IBridgehub public bridgehub;
    /// @notice zkSync Era's EVM chain id, by which the Bridgehub knows it.
    uint256 public eraChainId;
    /// @notice Gas for one message on Era.
    uint256 public l2GasLimit;
    /// @notice Position of a message in Era's history → was it taken. Neither its bytes nor its proof identify a message: the same bytes may be sent
    /// twice, and a proof can be written in more than one way.
    mapping(uint256 batchNumber => mapping(uint256 index => bool finalized)) public isMessageFinalized;

    uint256[46] private __gap;

    /// @notice A message was handed to the Bridgehub; its execution on Era has this hash.
    event TransactionRequested(bytes32 indexed canonicalTxHash);
    event L2GasLimitSet(uint256 l2GasLimit);
    event MessageFinalized(uint256 indexed batchNumber, uint256 indexed index);

    error MessageAlreadyFinalized(uint256 batchNumber, uint256 index);
    error InvalidMessageProof(uint256 batchNumber, uint256 index);
    error ZeroGasLimit();
    /// @notice The arbitrator speaks to that chain through another gateway.
    error WrongChain(uint8 chainIndex, address gateway);

    /// @notice Initializes the proxy.
    function initialize(
        address admin,
        address arbitrator_,
        address bridgehub_,
        uint256 eraChainId_,
        uint256 l2GasLimit_
    ) external initializer {
        _initializeL1Gateway(admin, arbitrator_);
        if (bridgehub_ == address(0)) revert ZeroAddress();
        bridgehub = IBridgehub(bridgehub_);
        eraChainId = eraChainId_;
        _setL2GasLimit(l2GasLimit_);
    }

    /// @notice For the day when the least gas that Era asks for rises above the limit, which would stop all messages. Admin only.
    function setL2GasLimit(uint256 l2GasLimit_) external onlyRole(DEFAULT_ADMIN_ROLE) {
        _setL2GasLimit(l2GasLimit_);
    }

    /// @notice Sends the arbitrator's halt with another gas limit than l2GasLimit: for the day when that is not enough and no admin is left to raise it,
    /// so that nobody stays trapped on Era. Anyone may call, as often as it takes.
    /// @param chainIndex Era's index at the arbitrator
    /// @param gasLimit `msg.value` must cover its price (Bridgehub.l2TransactionBaseCost); the surplus goes back to the caller
    function sendHaltWithGas(uint8 chainIndex, uint256 gasLimit) external payable {
        IArbitrator source = IArbitrator(arbitrator);
        address gateway = source.gatewayOf(chainIndex);
        if (gateway != address(this)) revert WrongChain(chainIndex, gateway);
        if (!source.halted()) revert IArbitrator.NotHalted();
        if (gasLimit == 0) revert ZeroGasLimit();
        uint32 blockNumber = source.lastConfirmedBlock();
        bytes memory message = GatewayMessage.halt(
            blockNumber, source.confirmedRoot(blockNumber), source.syncHashOf(chainIndex, blockNumber)
        );
        _request(_remote(), message, msg.sender, gasLimit);
    }

    /// @notice Takes a message that the gateway on Era sent. Anyone may call.
    /// @param index leaf index in the batch's tree of logs
    function finalizeMessage(
        uint256 batchNumber,
        uint256 index,
        uint16 txNumberInBatch,
        bytes calldata message,
        bytes32[] calldata proof
    ) external {
        if (isMessageFinalized[batchNumber][index]) {
            revert MessageAlreadyFinalized(batchNumber, index);
        }
        isMessageFinalized[batchNumber][index] = true;
        L2Message memory l2Message = L2Message({ txNumberInBatch: txNumberInBatch, sender: _remote(), data: message });
        if (!bridgehub.proveL2MessageInclusion(eraChainId, batchNumber, index, l2Message, proof)) {
            revert InvalidMessageProof(batchNumber, index);
        }
        emit MessageFinalized(batchNumber, index);
        _receiveFromChain(message);
    }

    /// @inheritdoc IArbitratorGateway
    function confirmationFee(uint256 gasPrice) external view returns (uint256) {
        return _fee(gasPrice, l2GasLimit);
    }

    function _sendDown(address remote, bytes memory message, address refundTo) internal override {
        _request(remote, message, refundTo, l2GasLimit);
    }

    function _request(address remote, bytes memory message, address refundTo, uint256 gasLimit) private {
        uint256 fee = _fee(tx.gasprice, gasLimit);
        if (msg.value < fee) revert InsufficientFee(fee, msg.value);
        bytes32 canonicalTxHash = bridgehub.requestL2TransactionDirect{ value: fee }(
            L2TransactionRequestDirect({
                chainId: eraChainId,
                mintValue: fee,
                l2Contract: remote,
                l2Value: 0,
                l2Calldata: abi.encodeCall(IMessageReceiver.receiveMessage, (message)),
                l2GasLimit: gasLimit,
                l2GasPerPubdataByteLimit: GAS_PER_PUBDATA,
                factoryDeps: new bytes[](0),
                refundRecipient: refundTo
            })
        );
        emit TransactionRequested(canonicalTxHash);
        _refundSurplus(fee, refundTo);
    }

    /// @dev What the Bridgehub asks for a transaction.
    function _fee(uint256 gasPrice, uint256 gasLimit) private view returns (uint256) {
        return bridgehub.l2TransactionBaseCost(eraChainId, gasPrice, gasLimit, GAS_PER_PUBDATA);
    }

    function _setL2GasLimit(uint256 l2GasLimit_) private {
        if (l2GasLimit_ == 0) revert ZeroGasLimit();
        l2GasLimit = l2GasLimit_;
        emit L2GasLimitSet(l2GasLimit_);
    }
}
