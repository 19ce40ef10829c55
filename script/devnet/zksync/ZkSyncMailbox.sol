// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {
    IL1AssetRouter
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/bridge/asset-router/IL1AssetRouter.sol";
import { IBridgehub } from "@matterlabs/zksync-contracts/contracts/l1-contracts/bridgehub/IBridgehub.sol";
import {
    ETH_TOKEN_ADDRESS,
    MAX_NEW_FACTORY_DEPS,
    PRIORITY_EXPIRATION,
    REQUIRED_L2_GAS_PRICE_PER_PUBDATA
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/common/Config.sol";
import {
    BatchNotExecuted,
    GasPerPubdataMismatch,
    MsgValueTooLow,
    TooManyFactoryDeps,
    Unauthorized
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/common/L1ContractErrors.sol";
import {
    BridgehubL2TransactionRequest,
    L2CanonicalTransaction,
    L2Log,
    L2Message,
    TxStatus
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/common/Messaging.sol";
import {
    InvalidChainId,
    LocalRootIsZero,
    LocalRootMustBeZero,
    NotSettlementLayer
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/state-transition/L1StateTransitionErrors.sol";
import {
    IMailboxImpl
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/state-transition/chain-interfaces/IMailboxImpl.sol";
import {
    PriorityTree
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/state-transition/libraries/PriorityTree.sol";
import { AddressAliasHelper } from "@matterlabs/zksync-contracts/contracts/l1-contracts/vendor/AddressAliasHelper.sol";

import { InclusionProof } from "./InclusionProof.sol";
import { PriorityTransaction } from "./PriorityTransaction.sol";
import { BridgeData } from "./bridge/BridgeData.sol";

/// @title Messages between Ethereum and one zkSync chain
/// @notice For local chains only. Abstract: batches are ZkSyncChain's part.
abstract contract ZkSyncMailbox {
    using InclusionProof for bytes32[];
    using PriorityTree for PriorityTree.Tree;

    event NewPriorityRequestId(uint256 indexed txId, bytes32 indexed txHash);

    address private constant L1_MESSENGER = address(0x8008);
    address private constant BOOTLOADER = address(0x8001);

    // The real contract's ABI gives these names.
    // solhint-disable-next-line immutable-vars-naming
    uint256 public immutable getChainId;
    /// @notice ETH.
    // solhint-disable-next-line immutable-vars-naming
    bytes32 public immutable getBaseTokenAssetId = BridgeData.assetIdOf(block.chainid, ETH_TOKEN_ADDRESS);
    // solhint-disable-next-line immutable-vars-naming
    address public immutable getBridgehub;

    uint256 public getTotalBatchesExecuted;
    /// @notice Root of an executed batch's logs, joined with its aggregated root; 0 before.
    mapping(uint256 batchNumber => bytes32 root) public l2LogsRootHash;
    PriorityTree.Tree internal _priorityTree;

    constructor(uint256 chainId, address bridgehub) {
        getChainId = chainId;
        getBridgehub = bridgehub;
        _priorityTree.setup(0);
    }

    // ── Ethereum → zkSync ─────────────────────────────────────────────────────────────────────────────────────────────────────

    /// @notice Called by the Bridgehub, which has taken `mintValue`.
    function bridgehubRequestL2Transaction(BridgehubL2TransactionRequest calldata request)
        external
        returns (bytes32 canonicalTxHash)
    {
        require(msg.sender == getBridgehub, Unauthorized(msg.sender));
        return _request(request);
    }

    /// @notice The older entry point: everything above the cost is refunded on zkSync.
    function requestL2Transaction(
        address contractL2,
        uint256 l2Value,
        bytes calldata l2Calldata,
        uint256 l2GasLimit,
        uint256 l2GasPerPubdataByteLimit,
        bytes[] calldata factoryDeps,
        address refundRecipient
    ) external payable returns (bytes32 canonicalTxHash) {
        BridgehubL2TransactionRequest memory request;
        request.sender = msg.sender;
        request.contractL2 = contractL2;
        request.mintValue = msg.value;
        request.l2Value = l2Value;
        request.l2Calldata = l2Calldata;
        request.l2GasLimit = l2GasLimit;
        request.l2GasPerPubdataByteLimit = l2GasPerPubdataByteLimit;
        request.factoryDeps = factoryDeps;
        request.refundRecipient = refundRecipient;
        canonicalTxHash = _request(request);
        IL1AssetRouter(IBridgehub(getBridgehub).assetRouter()).bridgehubDepositBaseToken{ value: msg.value }(
            getChainId, getBaseTokenAssetId, msg.sender, msg.value
        );
    }

    /// @notice Cost (wei) of a transaction with `l2GasLimit` at L1 gas price `gasPrice`. A request uses its own tx.gasprice.
    function l2TransactionBaseCost(uint256 gasPrice, uint256 l2GasLimit, uint256 l2GasPerPubdataByteLimit)
        external
        pure
        returns (uint256)
    {
        return PriorityTransaction.gasPrice(gasPrice, l2GasPerPubdataByteLimit) * l2GasLimit;
    }

    function getTotalPriorityTxs() external view returns (uint256) {
        return _priorityTree.getTotalPriorityTxs();
    }

    /// @notice Priority transactions that executed batches have consumed; the next one has this id.
    function getFirstUnprocessedPriorityTx() external view returns (uint256) {
        return _priorityTree.getFirstUnprocessedPriorityTx();
    }

    /// @notice Of the tree of canonical hashes, which is as high as their number needs and padded with keccak256("").
    function getPriorityTreeRoot() external view returns (bytes32) {
        return _priorityTree.getRoot();
    }

    function getPriorityQueueSize() external view returns (uint256) {
        return _priorityTree.getSize();
    }

    function _request(BridgehubL2TransactionRequest memory request) private returns (bytes32 canonicalTxHash) {
        require(request.l2GasPerPubdataByteLimit == REQUIRED_L2_GAS_PRICE_PER_PUBDATA, GasPerPubdataMismatch());
        require(request.factoryDeps.length <= MAX_NEW_FACTORY_DEPS, TooManyFactoryDeps());

        uint256 gasPrice = PriorityTransaction.gasPrice(tx.gasprice, request.l2GasPerPubdataByteLimit);
        uint256 required = gasPrice * request.l2GasLimit + request.l2Value;
        require(request.mintValue >= required, MsgValueTooLow(required, request.mintValue));

        request.refundRecipient = AddressAliasHelper.actualRefundRecipient(request.refundRecipient, request.sender);
        // As the real service does: only a caller that is an account without code keeps its address.
        // solhint-disable-next-line avoid-tx-origin
        if (request.sender != tx.origin) request.sender = AddressAliasHelper.applyL1ToL2Alias(request.sender);

        uint256 txId = _priorityTree.getTotalPriorityTxs();
        L2CanonicalTransaction memory transaction;
        (transaction, canonicalTxHash) = PriorityTransaction.canonical(request, txId, gasPrice);
        _priorityTree.push(canonicalTxHash);
        emit IMailboxImpl.NewPriorityRequest(
            txId, canonicalTxHash, uint64(block.timestamp + PRIORITY_EXPIRATION), transaction, request.factoryDeps
        );
        emit NewPriorityRequestId(txId, canonicalTxHash);
    }

    // ── zkSync → Ethereum ─────────────────────────────────────────────────────────────────────────────────────────────────────

    /// @notice Whether `message` was sent in executed batch `batchNumber`. A wrong path gives false, a wrong format reverts.
    function proveL2MessageInclusion(
        uint256 batchNumber,
        uint256 index,
        L2Message calldata message,
        bytes32[] calldata proof
    ) public view returns (bool) {
        return _proveLog(batchNumber, index, _messageLog(message), proof);
    }

    function proveL2LogInclusion(uint256 batchNumber, uint256 index, L2Log calldata log, bytes32[] calldata proof)
        public
        view
        returns (bool)
    {
        return _proveLog(batchNumber, index, log, proof);
    }

    /// @notice Whether a priority transaction was executed with `status`: the bootloader leaves a log for each.
    function proveL1ToL2TransactionStatus(
        bytes32 l2TxHash,
        uint256 l2BatchNumber,
        uint256 l2MessageIndex,
        uint16 l2TxNumberInBatch,
        bytes32[] calldata merkleProof,
        TxStatus status
    ) external view returns (bool) {
        L2Log memory log = L2Log(0, true, l2TxNumberInBatch, BOOTLOADER, l2TxHash, bytes32(uint256(status)));
        return _proveLog(l2BatchNumber, l2MessageIndex, log, merkleProof);
    }

    function proveL2MessageInclusionShared(
        uint256 chainId,
        uint256 batchNumber,
        uint256 index,
        L2Message calldata message,
        bytes32[] calldata proof
    ) external view returns (bool) {
        require(chainId == getChainId, InvalidChainId());
        return proveL2MessageInclusion(batchNumber, index, message, proof);
    }

    function proveL2LogInclusionShared(
        uint256 chainId,
        uint256 batchNumber,
        uint256 index,
        L2Log calldata log,
        bytes32[] calldata proof
    ) external view returns (bool) {
        require(chainId == getChainId, InvalidChainId());
        return proveL2LogInclusion(batchNumber, index, log, proof);
    }

    function _proveLog(uint256 batchNumber, uint256 index, L2Log memory log, bytes32[] calldata proof)
        private
        view
        returns (bool)
    {
        bytes32 leaf = keccak256(
            abi.encodePacked(log.l2ShardId, log.isService, log.txNumberInBatch, log.sender, log.key, log.value)
        );
        (bytes32 root, bool finalNode) = proof.rootOf(index, leaf);
        bytes32 expected = l2LogsRootHash[batchNumber];
        if (!finalNode) {
            // Only a chain that settles on another zkSync chain has such proofs, and this one settles here.
            require(expected == bytes32(0), LocalRootMustBeZero());
            revert NotSettlementLayer();
        }
        require(batchNumber <= getTotalBatchesExecuted, BatchNotExecuted(batchNumber));
        require(expected != bytes32(0), LocalRootIsZero());
        return root == expected;
    }

    function _messageLog(L2Message calldata message) private pure returns (L2Log memory) {
        return L2Log({
            l2ShardId: 0,
            isService: true,
            txNumberInBatch: message.txNumberInBatch,
            sender: L1_MESSENGER,
            key: bytes32(uint256(uint160(message.sender))),
            value: keccak256(message.data)
        });
    }
}
