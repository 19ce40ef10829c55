// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { AccessControlUpgradeable } from "@openzeppelin/contracts-upgradeable/access/AccessControlUpgradeable.sol";
import { UUPSUpgradeable } from "@openzeppelin/contracts-upgradeable/proxy/utils/UUPSUpgradeable.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import { IArbitrator } from "./interfaces/IArbitrator.sol";
import { IArbitratorGateway } from "./interfaces/IGateway.sol";

/// @title Compares what the chains accepted and tells them that they agree
/// @notice Gateways deliver, anyone confirms. It trusts each gateway for what its chain sent and nobody for the comparison.
/// Happy path: all secondaries' hashes and the primary's list for block n arrive in any order; confirmBlock(n) finds them equal and sends each chain
/// its own hash back. Unhappy paths: a hash is missing (wait), differs (nothing is ever confirmed from there on), a gateway refuses to send
/// (only that chain waits; sendConfirmation tries again), a chain has stopped (exit mode: nothing more is confirmed, and every chain is told where the rollup
/// ended, as often as anyone asks for it).
/// @dev Every hash that was delivered stays readable, so a chain that is ahead does not make older blocks unconfirmable.
contract Arbitrator is IArbitrator, AccessControlUpgradeable, UUPSUpgradeable, ReentrancyGuardTransient {
    /// @inheritdoc IArbitrator
    uint8 public override chainCount;
    /// @inheritdoc IArbitrator
    uint8 public override primaryIndex;
    /// @inheritdoc IArbitrator
    uint32 public override lastConfirmedBlock;
    /// @inheritdoc IArbitrator
    bool public override halted;
    /// @inheritdoc IArbitrator
    mapping(uint8 chainIndex => address gateway) public override gatewayOf;
    /// @inheritdoc IArbitrator
    mapping(uint8 chainIndex => mapping(uint32 blockNumber => bytes32 syncHash)) public override syncHashOf;
    /// @inheritdoc IArbitrator
    mapping(uint32 blockNumber => uint256 finalRoot) public override confirmedRoot;

    /// @dev 1 + chain index, so that 0 means no gateway.
    mapping(address gateway => uint256 indexPlusOne) private _chainOf;
    mapping(uint32 blockNumber => bytes32[] syncHashes) private _primaryList;
    mapping(uint32 blockNumber => uint256 finalRoot) private _provedRoot;

    uint256[43] private __gap;

    constructor() {
        _disableInitializers();
    }

    /// @notice Initializes the proxy.
    /// @param chainCount_ number of chains of the topology; their gateways are named by setGateway
    function initialize(address admin, uint8 chainCount_, uint8 primaryIndex_) external initializer {
        if (admin == address(0)) revert ZeroAddress();
        if (primaryIndex_ >= chainCount_) revert UnknownChain(chainCount_, primaryIndex_);
        _grantRole(DEFAULT_ADMIN_ROLE, admin);
        chainCount = chainCount_;
        primaryIndex = primaryIndex_;
    }

    /// @inheritdoc IArbitrator
    function setGateway(uint8 chainIndex, address gateway) external onlyRole(DEFAULT_ADMIN_ROLE) {
        if (chainIndex >= chainCount) revert UnknownChain(chainCount, chainIndex);
        if (gateway == address(0)) revert ZeroAddress();
        if (gatewayOf[chainIndex] != address(0)) revert GatewayAlreadySet(chainIndex, gatewayOf[chainIndex]);
        // One gateway speaks for one chain.
        if (_chainOf[gateway] != 0) revert GatewayAlreadySet(uint8(_chainOf[gateway] - 1), gateway);
        gatewayOf[chainIndex] = gateway;
        _chainOf[gateway] = uint256(chainIndex) + 1;
        emit GatewaySet(chainIndex, gateway);
    }

    /// @inheritdoc IArbitrator
    function receiveSyncHash(uint32 blockNumber, bytes32 syncHash) external {
        uint8 chainIndex = _senderChain();
        if (chainIndex == primaryIndex) revert NotASecondaryGateway(chainIndex);
        bytes32 received = syncHashOf[chainIndex][blockNumber];
        if (received == syncHash) return;
        if (received != 0) revert SyncHashAlreadyReceived(chainIndex, blockNumber, received, syncHash);
        syncHashOf[chainIndex][blockNumber] = syncHash;
        emit SyncHashReceived(chainIndex, blockNumber, syncHash);
    }

    /// @inheritdoc IArbitrator
    function receiveSyncHashes(uint32 blockNumber, uint256 finalRoot, bytes32[] calldata syncHashes) external {
        uint8 chainIndex = _senderChain();
        if (chainIndex != primaryIndex) revert NotAPrimaryGateway(primaryIndex, chainIndex);
        if (syncHashes.length != chainCount) revert WrongSyncHashCount(chainCount, syncHashes.length);
        bytes32[] storage list = _primaryList[blockNumber];
        if (list.length != 0) {
            uint256 root = _provedRoot[blockNumber];
            if (root != finalRoot) {
                revert SyncHashAlreadyReceived(chainIndex, blockNumber, bytes32(root), bytes32(finalRoot));
            }
            for (uint8 i = 0; i < syncHashes.length; ++i) {
                if (list[i] != syncHashes[i]) revert SyncHashAlreadyReceived(i, blockNumber, list[i], syncHashes[i]);
            }
            return;
        }
        _primaryList[blockNumber] = syncHashes;
        _provedRoot[blockNumber] = finalRoot;
        syncHashOf[chainIndex][blockNumber] = syncHashes[chainIndex];
        emit SyncHashesReceived(blockNumber, finalRoot, syncHashes);
    }

    /// @inheritdoc IArbitrator
    function confirmBlock(uint32 blockNumber) external payable nonReentrant {
        if (halted) revert AlreadyHalted(lastConfirmedBlock);
        if (blockNumber <= lastConfirmedBlock) revert BlockNotAboveConfirmed(lastConfirmedBlock, blockNumber);
        _requireEqual(blockNumber);
        lastConfirmedBlock = blockNumber;
        confirmedRoot[blockNumber] = _provedRoot[blockNumber];
        emit BlockConfirmed(blockNumber, _provedRoot[blockNumber]);

        uint256 left = msg.value;
        for (uint8 i = 0; i < chainCount; ++i) {
            (bool quoted, uint256 fee) = _fee(i, tx.gasprice);
            if (quoted && fee > left) revert InsufficientFee(confirmationFee(tx.gasprice), msg.value);
            if (_send(i, blockNumber, fee)) left -= fee;
        }
        _refund(left);
    }

    /// @inheritdoc IArbitrator
    function sendConfirmation(uint8 chainIndex) external payable nonReentrant {
        uint32 blockNumber = lastConfirmedBlock;
        if (blockNumber == 0) revert BlockNotConfirmed(0, 1);
        (IArbitratorGateway gateway, uint256 fee) = _paidGateway(chainIndex);
        bytes32 syncHash = syncHashOf[chainIndex][blockNumber];
        gateway.sendConfirmation{ value: fee }(blockNumber, syncHash, msg.sender);
        emit ConfirmationSent(chainIndex, blockNumber, syncHash);
        _refund(msg.value - fee);
    }

    /// @inheritdoc IArbitrator
    function receiveHaltRequest() external {
        emit HaltRequested(_senderChain());
        if (halted) return;
        halted = true;
        emit Halted(lastConfirmedBlock, confirmedRoot[lastConfirmedBlock]);
    }

    /// @inheritdoc IArbitrator
    function sendHalt(uint8 chainIndex) external payable nonReentrant {
        if (!halted) revert NotHalted();
        uint32 blockNumber = lastConfirmedBlock;
        (IArbitratorGateway gateway, uint256 fee) = _paidGateway(chainIndex);
        bytes32 syncHash = syncHashOf[chainIndex][blockNumber];
        gateway.sendHalt{ value: fee }(blockNumber, confirmedRoot[blockNumber], syncHash, msg.sender);
        emit HaltSent(chainIndex, blockNumber, syncHash);
        _refund(msg.value - fee);
    }

    /// @inheritdoc IArbitrator
    function confirmationFee(uint256 gasPrice) public view returns (uint256 total) {
        for (uint8 i = 0; i < chainCount; ++i) {
            (, uint256 fee) = _fee(i, gasPrice);
            total += fee;
        }
    }

    /// @inheritdoc IArbitrator
    function isConfirmable(uint32 blockNumber) external view returns (bool) {
        bytes32[] storage list = _primaryList[blockNumber];
        if (halted || blockNumber <= lastConfirmedBlock || list.length == 0) return false;
        for (uint8 i = 0; i < list.length; ++i) {
            if (gatewayOf[i] == address(0) || syncHashOf[i][blockNumber] != list[i]) return false;
        }
        return true;
    }

    function _authorizeUpgrade(address) internal override onlyRole(DEFAULT_ADMIN_ROLE) { }

    function _senderChain() private view returns (uint8) {
        uint256 indexPlusOne = _chainOf[msg.sender];
        if (indexPlusOne == 0) revert NotAGateway(msg.sender);
        return uint8(indexPlusOne - 1);
    }

    function _requireEqual(uint32 blockNumber) private view {
        bytes32[] storage list = _primaryList[blockNumber];
        if (list.length == 0) revert SyncHashMissing(primaryIndex, blockNumber);
        for (uint8 i = 0; i < list.length; ++i) {
            if (gatewayOf[i] == address(0)) revert GatewayNotSet(i);
            bytes32 actual = syncHashOf[i][blockNumber];
            if (actual == 0) revert SyncHashMissing(i, blockNumber);
            if (actual != list[i]) revert SyncHashMismatch(i, blockNumber, list[i], actual);
        }
    }

    /// @dev The gateway of a chain and what one message down costs, which `msg.value` covers.
    function _paidGateway(uint8 chainIndex) private view returns (IArbitratorGateway gateway, uint256 fee) {
        if (chainIndex >= chainCount) revert UnknownChain(chainCount, chainIndex);
        gateway = IArbitratorGateway(gatewayOf[chainIndex]);
        if (address(gateway) == address(0)) revert GatewayNotSet(chainIndex);
        fee = gateway.confirmationFee(tx.gasprice);
        if (msg.value < fee) revert InsufficientFee(fee, msg.value);
    }

    /// @dev A gateway that cannot even quote must not hold up the others: its confirmation is deferred.
    function _fee(uint8 chainIndex, uint256 gasPrice) private view returns (bool quoted, uint256 fee) {
        try IArbitratorGateway(gatewayOf[chainIndex]).confirmationFee(gasPrice) returns (uint256 quote) {
            return (true, quote);
        } catch {
            return (false, 0);
        }
    }

    /// @dev A caller can starve this call of gas; that only defers the confirmation, and anyone can send it again.
    function _send(uint8 chainIndex, uint32 blockNumber, uint256 fee) private returns (bool sent) {
        bytes32 syncHash = syncHashOf[chainIndex][blockNumber];
        try IArbitratorGateway(gatewayOf[chainIndex]).sendConfirmation{ value: fee }(
            blockNumber, syncHash, msg.sender
        ) {
            emit ConfirmationSent(chainIndex, blockNumber, syncHash);
            return true;
        } catch (bytes memory reason) {
            emit ConfirmationDeferred(chainIndex, blockNumber, reason);
            return false;
        }
    }

    function _refund(uint256 amount) private {
        if (amount == 0) return;
        (bool success,) = msg.sender.call{ value: amount }("");
        if (!success) revert RefundFailed(msg.sender, amount);
    }
}
