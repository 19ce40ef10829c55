// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {
    IL1AssetRouter
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/bridge/asset-router/IL1AssetRouter.sol";
import { IBridgehub } from "@matterlabs/zksync-contracts/contracts/l1-contracts/bridgehub/IBridgehub.sol";
import {
    ETH_TOKEN_ADDRESS,
    PRIORITY_TX_MAX_GAS_LIMIT
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/common/Config.sol";

import { ZkSyncMailbox } from "./ZkSyncMailbox.sol";

/// @title What a zkSync chain's contract says of itself
/// @notice For local chains only. The chain settles here, publishes its data, filters no transactions, has no chain type manager,
/// and its priority transactions never were in the older queue.
abstract contract ZkSyncGetters is ZkSyncMailbox {
    // The deployed contract's names.
    // solhint-disable const-name-snakecase
    /// @notice Of version 29, as clients read it: minor version in the high word.
    uint256 public constant getProtocolVersion = 29 << 32;
    uint256 public constant getPriorityTxMaxGasLimit = PRIORITY_TX_MAX_GAS_LIMIT;
    /// @notice The gas token is ETH: one for one.
    uint128 public constant baseTokenGasPriceMultiplierNominator = 1;
    uint128 public constant baseTokenGasPriceMultiplierDenominator = 1;
    address public constant getBaseToken = ETH_TOKEN_ADDRESS;
    address public constant getSettlementLayer = address(0);
    address public constant getChainTypeManager = address(0);
    address public constant getTransactionFilterer = address(0);
    /// @notice 0: rollup, 1: validium.
    uint8 public constant getPubdataPricingMode = 0;
    uint256 public constant getPriorityTreeStartIndex = 0;
    bool public constant isPriorityQueueActive = false;
    bool public constant isDiamondStorageFrozen = false;
    // solhint-enable const-name-snakecase

    uint256 public getTotalBatchesCommitted;
    uint256 public getTotalBatchesVerified;

    function getSemverProtocolVersion() external pure returns (uint32 major, uint32 minor, uint32 patch) {
        return (0, uint32(getProtocolVersion >> 32), uint32(getProtocolVersion));
    }

    function getTotalBlocksCommitted() external view returns (uint256) {
        return getTotalBatchesCommitted;
    }

    function getTotalBlocksVerified() external view returns (uint256) {
        return getTotalBatchesVerified;
    }

    function getTotalBlocksExecuted() external view returns (uint256) {
        return getTotalBatchesExecuted;
    }

    /// @notice Withdrawals older than the bridges: there are none.
    function isEthWithdrawalFinalized(uint256, uint256) external pure returns (bool) {
        return false;
    }

    /// @notice Older entry point for withdrawals of ETH; see L1Nullifier.
    function finalizeEthWithdrawal(
        uint256 batchNumber,
        uint256 index,
        uint16 txNumberInBatch,
        bytes calldata message,
        bytes32[] calldata proof
    ) external {
        IL1AssetRouter(IBridgehub(getBridgehub).assetRouter())
            .finalizeWithdrawal(getChainId, batchNumber, index, txNumberInBatch, message, proof);
    }
}
