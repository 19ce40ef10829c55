// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { Ownable } from "@openzeppelin/contracts/access/Ownable.sol";
import { Pausable } from "@openzeppelin/contracts/utils/Pausable.sol";

import {
    IBridgehub,
    L2TransactionRequestDirect
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/bridgehub/IBridgehub.sol";
import { ETH_TOKEN_ADDRESS } from "@matterlabs/zksync-contracts/contracts/l1-contracts/common/Config.sol";
import {
    ChainIdAlreadyExists,
    MsgValueMismatch,
    Unauthorized,
    ZeroAddress
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/common/L1ContractErrors.sol";
import {
    BridgehubL2TransactionRequest,
    L2Log,
    L2Message,
    TxStatus
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/common/Messaging.sol";
import { AddressAliasHelper } from "@matterlabs/zksync-contracts/contracts/l1-contracts/vendor/AddressAliasHelper.sol";

import { IBaseTokenCustody, ZkSyncMailbox } from "./ZkSyncMailbox.sol";

/// @title zkSync's Bridgehub on Ethereum, local version: the part that carries messages
/// @notice For local chains only. It finds a chain's contract by chain id and forwards; it keeps the ETH that is minted on the chains
/// (the deployed one hands it to the asset router). The base token of every chain is ETH.
contract Bridgehub is Ownable, Pausable, IBaseTokenCustody {
    mapping(uint256 chainId => address zkChain) public getZKChain;
    /// @notice ETH (wei) that was sent here for a chain.
    mapping(uint256 chainId => uint256 amount) public chainBalance;

    constructor(address owner) Ownable(owner) { }

    function registerAlreadyDeployedZKChain(uint256 chainId, address zkChain) external onlyOwner {
        require(zkChain != address(0), ZeroAddress());
        require(getZKChain[chainId] == address(0), ChainIdAlreadyExists());
        getZKChain[chainId] = zkChain;
        emit IBridgehub.NewChain(chainId, address(0), msg.sender);
    }

    function pause() external onlyOwner {
        _pause();
    }

    function unpause() external onlyOwner {
        _unpause();
    }

    /// @notice Sends a transaction to a zkSync chain. `msg.value` must equal `mintValue`; what is above the cost is refunded there.
    function requestL2TransactionDirect(L2TransactionRequestDirect calldata request)
        external
        payable
        whenNotPaused
        returns (bytes32 canonicalTxHash)
    {
        require(msg.value == request.mintValue, MsgValueMismatch(request.mintValue, msg.value));
        chainBalance[request.chainId] += msg.value;
        return ZkSyncMailbox(getZKChain[request.chainId])
            .bridgehubRequestL2Transaction(
                BridgehubL2TransactionRequest({
                sender: msg.sender,
                contractL2: request.l2Contract,
                mintValue: request.mintValue,
                l2Value: request.l2Value,
                l2Calldata: request.l2Calldata,
                l2GasLimit: request.l2GasLimit,
                l2GasPerPubdataByteLimit: request.l2GasPerPubdataByteLimit,
                factoryDeps: request.factoryDeps,
                refundRecipient: AddressAliasHelper.actualRefundRecipient(request.refundRecipient, msg.sender)
            })
            );
    }

    /// @notice Called by a chain's own contract with the ETH of its older entry point.
    function depositBaseToken(uint256 chainId) external payable {
        require(msg.sender == getZKChain[chainId], Unauthorized(msg.sender));
        chainBalance[chainId] += msg.value;
    }

    function l2TransactionBaseCost(
        uint256 chainId,
        uint256 gasPrice,
        uint256 l2GasLimit,
        uint256 l2GasPerPubdataByteLimit
    ) external view returns (uint256) {
        return ZkSyncMailbox(getZKChain[chainId]).l2TransactionBaseCost(gasPrice, l2GasLimit, l2GasPerPubdataByteLimit);
    }

    function proveL2MessageInclusion(
        uint256 chainId,
        uint256 batchNumber,
        uint256 index,
        L2Message calldata message,
        bytes32[] calldata proof
    ) external view returns (bool) {
        return ZkSyncMailbox(getZKChain[chainId]).proveL2MessageInclusion(batchNumber, index, message, proof);
    }

    function proveL2LogInclusion(
        uint256 chainId,
        uint256 batchNumber,
        uint256 index,
        L2Log calldata log,
        bytes32[] calldata proof
    ) external view returns (bool) {
        return ZkSyncMailbox(getZKChain[chainId]).proveL2LogInclusion(batchNumber, index, log, proof);
    }

    function proveL1ToL2TransactionStatus(
        uint256 chainId,
        bytes32 l2TxHash,
        uint256 l2BatchNumber,
        uint256 l2MessageIndex,
        uint16 l2TxNumberInBatch,
        bytes32[] calldata merkleProof,
        TxStatus status
    ) external view returns (bool) {
        return ZkSyncMailbox(getZKChain[chainId])
            .proveL1ToL2TransactionStatus(
                l2TxHash, l2BatchNumber, l2MessageIndex, l2TxNumberInBatch, merkleProof, status
            );
    }

    function getHyperchain(uint256 chainId) external view returns (address) {
        return getZKChain[chainId];
    }

    function baseToken(uint256 chainId) external view returns (address) {
        return getZKChain[chainId] == address(0) ? address(0) : ETH_TOKEN_ADDRESS;
    }
}
