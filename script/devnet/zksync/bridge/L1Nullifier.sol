// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {
    NativeTokenVaultAlreadySet,
    WrongL2Sender,
    WrongMsgLength
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/bridge/L1BridgeContractErrors.sol";
import {
    IAssetRouterBase,
    LEGACY_ENCODING_VERSION,
    NEW_ENCODING_VERSION
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/bridge/asset-router/IAssetRouterBase.sol";
import {
    IL1ERC20Bridge
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/bridge/interfaces/IL1ERC20Bridge.sol";
import {
    FinalizeL1DepositParams,
    IL1Nullifier
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/bridge/interfaces/IL1Nullifier.sol";
import { IBridgehub } from "@matterlabs/zksync-contracts/contracts/l1-contracts/bridgehub/IBridgehub.sol";
import {
    AddressAlreadySet,
    DepositDoesNotExist,
    DepositExists,
    InvalidProof,
    InvalidSelector,
    L2WithdrawalMessageWrongLength,
    LegacyMethodForNonL1Token,
    TokenNotLegacy,
    Unauthorized,
    WithdrawalAlreadyFinalized,
    ZeroAddress
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/common/L1ContractErrors.sol";
import { L2Message, TxStatus } from "@matterlabs/zksync-contracts/contracts/l1-contracts/common/Messaging.sol";
import {
    L2_ASSET_ROUTER_ADDR,
    L2_BASE_TOKEN_SYSTEM_CONTRACT_ADDR
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/common/l2-helpers/L2ContractAddresses.sol";
import {
    IMailboxImpl
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/state-transition/chain-interfaces/IMailboxImpl.sol";

import { Controlled } from "../Controlled.sol";
import { BridgeData } from "./BridgeData.sol";
import { L1AssetRouter } from "./L1AssetRouter.sol";
import { L1NativeTokenVault } from "./L1NativeTokenVault.sol";

/// @title Lets every withdrawal from zkSync be paid once, and every failed deposit be given back once
/// @notice For local chains only. Anyone presents a message with its proof; who is paid is in the message.
contract L1Nullifier is Controlled {
    // The deployed contract's name.
    // solhint-disable-next-line immutable-vars-naming
    IBridgehub public immutable BRIDGE_HUB;

    L1AssetRouter public l1AssetRouter;
    L1NativeTokenVault public l1NativeTokenVault;
    mapping(uint256 chainId => mapping(bytes32 txHash => bytes32 depositHash)) public depositHappened;
    mapping(uint256 chainId => mapping(uint256 batchNumber => mapping(uint256 index => bool finalized))) public
        isWithdrawalFinalized;

    constructor(address owner_, address bridgehub) {
        BRIDGE_HUB = IBridgehub(bridgehub);
        _setOwner(owner_);
    }

    function setL1NativeTokenVault(L1NativeTokenVault vault) external onlyOwner {
        require(address(l1NativeTokenVault) == address(0), NativeTokenVaultAlreadySet());
        require(address(vault) != address(0), ZeroAddress());
        l1NativeTokenVault = vault;
    }

    function setL1AssetRouter(address router) external onlyOwner {
        require(address(l1AssetRouter) == address(0), AddressAlreadySet(address(l1AssetRouter)));
        require(router != address(0), ZeroAddress());
        l1AssetRouter = L1AssetRouter(router);
    }

    function bridgehubConfirmL2TransactionForwarded(uint256 chainId, bytes32 txDataHash, bytes32 txHash)
        external
        whenNotPaused
    {
        require(msg.sender == address(l1AssetRouter), Unauthorized(msg.sender));
        require(depositHappened[chainId][txHash] == bytes32(0), DepositExists());
        depositHappened[chainId][txHash] = txDataHash;
        emit IL1Nullifier.BridgehubDepositFinalized(chainId, txDataHash, txHash);
    }

    /// @notice Pays out a withdrawal.
    function finalizeDeposit(FinalizeL1DepositParams memory withdrawal) public nonReentrant whenNotPaused {
        (uint256 chainId, uint256 batchNumber) = (withdrawal.chainId, withdrawal.l2BatchNumber);
        require(!isWithdrawalFinalized[chainId][batchNumber][withdrawal.l2MessageIndex], WithdrawalAlreadyFinalized());
        isWithdrawalFinalized[chainId][batchNumber][withdrawal.l2MessageIndex] = true;
        (bytes32 asset, bytes memory mintData) = _read(chainId, withdrawal.message);
        _requireSent(withdrawal, asset == BRIDGE_HUB.baseTokenAssetId(chainId));
        l1AssetRouter.finalizeDeposit(chainId, asset, mintData);
    }

    /// @notice Older entry point: the sender on zkSync follows from the message.
    function finalizeWithdrawal(
        uint256 chainId,
        uint256 batchNumber,
        uint256 index,
        uint16 txNumberInBatch,
        bytes calldata message,
        bytes32[] calldata proof
    ) external {
        finalizeDeposit(
            FinalizeL1DepositParams({
                chainId: chainId,
                l2BatchNumber: batchNumber,
                l2MessageIndex: index,
                l2Sender: L2_ASSET_ROUTER_ADDR,
                l2TxNumberInBatch: txNumberInBatch,
                message: message,
                merkleProof: proof
            })
        );
    }

    /// @notice Gives back a deposit whose transaction failed on zkSync.
    function bridgeRecoverFailedTransfer(
        uint256 chainId,
        address depositor,
        bytes32 asset,
        bytes memory burnData,
        bytes32 txHash,
        uint256 batchNumber,
        uint256 index,
        uint16 txNumberInBatch,
        bytes32[] calldata proof
    ) public nonReentrant whenNotPaused {
        bool failed = BRIDGE_HUB.proveL1ToL2TransactionStatus(
            chainId, txHash, batchNumber, index, txNumberInBatch, proof, TxStatus.Failure
        );
        require(failed, InvalidProof());
        bytes32 deposit = depositHappened[chainId][txHash];
        address token = l1NativeTokenVault.tokenAddress(asset);
        bool isOlder = burnData.length == 96
            && deposit == BridgeData.depositHash(LEGACY_ENCODING_VERSION, depositor, asset, token, burnData);
        require(
            isOlder || deposit == BridgeData.depositHash(NEW_ENCODING_VERSION, depositor, asset, token, burnData),
            DepositDoesNotExist()
        );
        delete depositHappened[chainId][txHash];
        l1AssetRouter.bridgeRecoverFailedTransfer(chainId, depositor, asset, burnData);
    }

    /// @notice Older entry point, for tokens of Ethereum.
    function claimFailedDeposit(
        uint256 chainId,
        address depositor,
        address l1Token,
        uint256 amount,
        bytes32 txHash,
        uint256 batchNumber,
        uint256 index,
        uint16 txNumberInBatch,
        bytes32[] calldata proof
    ) external {
        bytes32 asset = BridgeData.assetIdOf(block.chainid, l1Token);
        bytes32 known = l1NativeTokenVault.assetId(l1Token);
        require(known == bytes32(0) || known == asset, LegacyMethodForNonL1Token());
        // The receiver is no part of what the older encoding remembers.
        bytes memory burnData = BridgeData.encodeBurn(amount, address(0), address(0));
        bridgeRecoverFailedTransfer(
            chainId, depositor, asset, burnData, txHash, batchNumber, index, txNumberInBatch, proof
        );
    }

    function encodeTxDataHash(bytes1 version, address caller, bytes32 asset, bytes calldata burnData)
        external
        view
        returns (bytes32)
    {
        return BridgeData.depositHash(version, caller, asset, l1NativeTokenVault.tokenAddress(asset), burnData);
    }

    function _requireSent(FinalizeL1DepositParams memory withdrawal, bool isBaseToken) private view {
        address sender = withdrawal.l2Sender;
        require(sender == L2_ASSET_ROUTER_ADDR || sender == L2_BASE_TOKEN_SYSTEM_CONTRACT_ADDR, WrongL2Sender(sender));
        L2Message memory message = L2Message({
            txNumberInBatch: withdrawal.l2TxNumberInBatch,
            sender: isBaseToken ? L2_BASE_TOKEN_SYSTEM_CONTRACT_ADDR : sender,
            data: withdrawal.message
        });
        bool sent = BRIDGE_HUB.proveL2MessageInclusion(
            withdrawal.chainId, withdrawal.l2BatchNumber, withdrawal.l2MessageIndex, message, withdrawal.merkleProof
        );
        require(sent, InvalidProof());
    }

    /// @dev Three forms: of the gas token (4 + receiver 20 + amount 32, and what the sender adds), the older one of a token of Ethereum
    /// (4 + receiver 20 + token 20 + amount 32), and the router's (4 + chain id 32 + asset 32 + mint data).
    function _read(uint256 chainId, bytes memory message) private returns (bytes32 asset, bytes memory mintData) {
        bytes4 selector = bytes4(message);
        if (selector == IMailboxImpl.finalizeEthWithdrawal.selector) {
            require(message.length >= 56, L2WithdrawalMessageWrongLength(message.length));
            BridgeData.Mint memory mint;
            mint.receiver = address(bytes20(_word(message, 4)));
            mint.amount = uint256(_word(message, 24));
            return (BRIDGE_HUB.baseTokenAssetId(chainId), BridgeData.encodeMint(mint));
        }
        if (selector == IL1ERC20Bridge.finalizeWithdrawal.selector) {
            require(message.length == 76, L2WithdrawalMessageWrongLength(message.length));
            BridgeData.Mint memory mint;
            mint.receiver = address(bytes20(_word(message, 4)));
            mint.originToken = address(bytes20(_word(message, 24)));
            mint.amount = uint256(_word(message, 44));
            asset = l1NativeTokenVault.ensureTokenIsRegistered(mint.originToken);
            require(asset == BridgeData.assetIdOf(block.chainid, mint.originToken), TokenNotLegacy());
            return (asset, BridgeData.encodeMint(mint));
        }
        require(selector == IAssetRouterBase.finalizeDeposit.selector, InvalidSelector(selector));
        require(message.length >= 68, WrongMsgLength(68, message.length));
        mintData = new bytes(message.length - 68);
        for (uint256 i; i < mintData.length; ++i) {
            mintData[i] = message[68 + i];
        }
        return (_word(message, 36), mintData);
    }

    function _word(bytes memory data, uint256 offset) private pure returns (bytes32 word) {
        assembly ("memory-safe") {
            word := mload(add(add(data, 0x20), offset))
        }
    }
}
