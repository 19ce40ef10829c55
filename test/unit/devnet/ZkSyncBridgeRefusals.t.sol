// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {
    ClaimFailedDepositFailed,
    EmptyToken,
    NativeTokenVaultAlreadySet,
    WrongL2Sender,
    WrongMsgLength
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/bridge/L1BridgeContractErrors.sol";
import {
    FinalizeL1DepositParams
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/bridge/interfaces/IL1Nullifier.sol";
import {
    L2TransactionRequestTwoBridgesInner,
    L2TransactionRequestTwoBridgesOuter
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/bridgehub/IBridgehub.sol";
import {
    SecondBridgeAddressTooLow
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/bridgehub/L1BridgehubErrors.sol";
import { TWO_BRIDGES_MAGIC_VALUE } from "@matterlabs/zksync-contracts/contracts/l1-contracts/common/Config.sol";
import {
    AddressAlreadySet,
    AmountMustBeGreaterThanZero,
    AssetHandlerDoesNotExist,
    AssetIdAlreadyRegistered,
    AssetIdMismatch,
    AssetIdNotSupported,
    ChainIdMismatch,
    DepositDoesNotExist,
    DepositExists,
    EmptyAddress,
    EmptyDeposit,
    IncorrectBridgeHubAddress,
    InsufficientChainBalance,
    InvalidCaller,
    InvalidNTVBurnData,
    InvalidProof,
    InvalidSelector,
    L2WithdrawalMessageWrongLength,
    LegacyMethodForNonL1Token,
    MsgValueMismatch,
    NoFundsTransferred,
    NonEmptyMsgValue,
    Reentrancy,
    TokenNotLegacy,
    TokensWithFeesNotSupported,
    Unauthorized,
    UnsupportedEncodingVersion,
    ValueMismatch,
    WithdrawFailed,
    WithdrawalAlreadyFinalized,
    WrongMagicValue,
    ZeroAddress
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/common/L1ContractErrors.sol";
import { AddressAliasHelper } from "@matterlabs/zksync-contracts/contracts/l1-contracts/vendor/AddressAliasHelper.sol";
import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import { Controlled } from "../../../script/devnet/zksync/Controlled.sol";
import { ZkSyncChain } from "../../../script/devnet/zksync/ZkSyncChain.sol";
import { BridgedToken } from "../../../script/devnet/zksync/bridge/BridgedToken.sol";
import { EraBridgeServices } from "../../utils/EraBridgeServices.sol";
import { EraTree } from "../../utils/EraTree.sol";

/// @notice Every refusal of zkSync's bridge contracts.
contract ZkSyncBridgeRefusalsTest is EraBridgeServices {
    bytes32 private eth;

    function setUp() public {
        _deployBridges();
        eth = assetRouter.ETH_TOKEN_ASSET_ID();
    }

    /// @dev A bridge that comes back into the hub.
    function bridgehubDeposit(uint256, address, uint256, bytes calldata)
        external
        payable
        returns (L2TransactionRequestTwoBridgesInner memory answer)
    {
        answer.magicValue = TWO_BRIDGES_MAGIC_VALUE;
        bridgehub.requestL2TransactionTwoBridges(_twoBridges(""));
    }

    // ── owner and pause ───────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_owner_changesInTwoSteps() public {
        vm.prank(hubOwner);
        bridgehub.transferOwnership(bob);
        assertEq(bridgehub.owner(), hubOwner, "not yet");
        vm.expectRevert("Ownable2Step: caller is not the new owner");
        bridgehub.acceptOwnership();
        vm.expectEmit(address(bridgehub));
        emit Controlled.OwnershipTransferred(hubOwner, bob);
        vm.startPrank(bob);
        bridgehub.acceptOwnership();
        bridgehub.renounceOwnership();
        assertEq(bridgehub.owner(), address(0), "given up");
        vm.expectRevert("Ownable: caller is not the owner");
        bridgehub.transferOwnership(bob);
    }

    function test_RevertWhen_Paused() public {
        vm.startPrank(hubOwner);
        vm.expectRevert("Pausable: not paused");
        nullifier.unpause();
        nullifier.pause();
        vm.expectRevert("Pausable: paused");
        nullifier.pause();
        vault.pause();
        assetRouter.pause();
        vm.stopPrank();
        FinalizeL1DepositParams memory withdrawal;
        vm.expectRevert("Pausable: paused");
        nullifier.finalizeDeposit(withdrawal);
        vm.expectRevert("Pausable: paused");
        vm.prank(address(assetRouter));
        vault.bridgeMint(ERA_CHAIN_ID, asset, "");
        vm.expectRevert("Pausable: paused");
        vm.prank(address(bridgehub));
        assetRouter.bridgehubDeposit(ERA_CHAIN_ID, alice, 0, "");
    }

    // ── hub ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_RevertWhen_TwoBridgesDoNotFit() public {
        L2TransactionRequestTwoBridgesOuter memory request = _twoBridges("");
        _refused(request, GAS_FEE - 1, abi.encodeWithSelector(MsgValueMismatch.selector, GAS_FEE, GAS_FEE - 1));
        request.secondBridgeAddress = address(0xffff);
        bytes memory tooLow =
            abi.encodeWithSelector(SecondBridgeAddressTooLow.selector, address(0xffff), address(0xffff));
        _refused(request, GAS_FEE, tooLow);
        request.secondBridgeAddress = address(this);
        _refused(request, GAS_FEE, abi.encodeWithSelector(Reentrancy.selector));
        request.secondBridgeAddress = address(0x10000);
        L2TransactionRequestTwoBridgesInner memory answer;
        vm.mockCall(address(0x10000), abi.encodeWithSelector(this.bridgehubDeposit.selector), abi.encode(answer));
        _refused(
            request, GAS_FEE, abi.encodeWithSelector(WrongMagicValue.selector, uint256(TWO_BRIDGES_MAGIC_VALUE), 0)
        );
    }

    function test_RevertWhen_RegisteringAnotherChain() public {
        ZkSyncChain elsewhere = new ZkSyncChain(7, address(this), hubOwner);
        vm.startPrank(hubOwner);
        vm.expectRevert(ChainIdMismatch.selector);
        bridgehub.registerAlreadyDeployedZKChain(8, address(elsewhere));
        vm.expectRevert(abi.encodeWithSelector(IncorrectBridgeHubAddress.selector, address(this)));
        bridgehub.registerAlreadyDeployedZKChain(7, address(elsewhere));
    }

    // ── router on Ethereum ────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_RevertWhen_DepositIsOfNoAsset() public {
        bytes memory data = bytes.concat(bytes1(0x01), abi.encode(eth, _burnData(1)));
        _refused(_twoBridges(data), GAS_FEE, abi.encodeWithSelector(AssetIdNotSupported.selector, eth));
        _refused(_twoBridges(hex"03"), GAS_FEE, abi.encodeWithSelector(UnsupportedEncodingVersion.selector));
        data = bytes.concat(bytes1(0x01), abi.encode(asset, abi.encode(1, bob)));
        _refused(_twoBridges(data), GAS_FEE, abi.encodeWithSelector(InvalidNTVBurnData.selector));
        data = bytes.concat(bytes1(0x01), abi.encode(asset, _burnData(0)));
        _refused(_twoBridges(data), GAS_FEE, abi.encodeWithSelector(EmptyDeposit.selector));
        data = bytes.concat(bytes1(0x01), abi.encode(bytes32("x"), _burnData(1)));
        _refused(_twoBridges(data), GAS_FEE, abi.encodeWithSelector(AssetIdAlreadyRegistered.selector));
        data = bytes.concat(bytes1(0x01), abi.encode(bytes32("x"), abi.encode(1, bob, address(0))));
        _refused(_twoBridges(data), GAS_FEE, abi.encodeWithSelector(ZeroAddress.selector));
        data = bytes.concat(bytes1(0x01), abi.encode(asset, abi.encode(1, bob, address(1))));
        _refused(_twoBridges(data), GAS_FEE, abi.encodeWithSelector(AssetIdMismatch.selector, eth, asset));
        data = bytes.concat(bytes1(0x01), abi.encode(asset, _burnData(1)));
        L2TransactionRequestTwoBridgesOuter memory request = _twoBridges(data);
        request.l2Value = 1;
        _refused(request, GAS_FEE, abi.encodeWithSelector(NonEmptyMsgValue.selector));
        (request.l2Value, request.secondBridgeValue) = (0, 1);
        _refused(request, GAS_FEE + 1, abi.encodeWithSelector(NonEmptyMsgValue.selector));
    }

    function test_RevertWhen_TokenDoesNotArrive() public {
        bytes memory data = bytes.concat(bytes1(0x01), abi.encode(asset, _burnData(5)));
        vm.mockCall(address(token), abi.encodeWithSelector(IERC20.transferFrom.selector), abi.encode(true));
        _refused(_twoBridges(data), GAS_FEE, abi.encodeWithSelector(TokensWithFeesNotSupported.selector));
        vm.mockCall(address(token), abi.encodeWithSelector(IERC20.transferFrom.selector), abi.encode(false));
        bytes memory text = abi.encodeWithSignature("Error(string)", "SafeERC20: ERC20 operation did not succeed");
        _refused(_twoBridges(data), GAS_FEE, text);
        vm.mockCallRevert(address(token), abi.encodeWithSelector(IERC20.transferFrom.selector), "");
        text = abi.encodeWithSignature("Error(string)", "SafeERC20: low-level call failed");
        _refused(_twoBridges(data), GAS_FEE, text);
        vm.mockCallRevert(address(token), abi.encodeWithSelector(IERC20.transferFrom.selector), "its own");
        _refused(_twoBridges(data), GAS_FEE, "its own");
    }

    function test_RevertWhen_CallerIsNotTheOtherContract() public {
        bytes memory refusal = abi.encodeWithSelector(Unauthorized.selector, address(this));
        vm.expectRevert(refusal);
        assetRouter.bridgehubDeposit(ERA_CHAIN_ID, alice, 0, "");
        vm.expectRevert(refusal);
        assetRouter.bridgehubConfirmL2Transaction(ERA_CHAIN_ID, 0, 0);
        vm.expectRevert(refusal);
        assetRouter.finalizeDeposit(ERA_CHAIN_ID, asset, "");
        vm.expectRevert(refusal);
        assetRouter.bridgeRecoverFailedTransfer(ERA_CHAIN_ID, alice, asset, "");
        vm.expectRevert(refusal);
        assetRouter.transferFundsToNTV(asset, 1, alice);
        vm.expectRevert(refusal);
        assetRouter.setAssetHandlerAddressThisChain("x", address(this));
        vm.expectRevert(refusal);
        nullifier.bridgehubConfirmL2TransactionForwarded(ERA_CHAIN_ID, 0, 0);
        vm.expectRevert(refusal);
        vault.bridgeBurn(ERA_CHAIN_ID, 0, asset, alice, "");
        vm.expectRevert(refusal);
        vault.bridgeRecoverFailedTransfer(ERA_CHAIN_ID, asset, alice, "");
        vm.expectRevert(refusal);
        vault.deployStandIn(asset, address(token), "");
        (bool sent, bytes memory reason) = address(vault).call{ value: 1 }("");
        assertFalse(sent, "coins without a deposit");
        assertEq(reason, refusal, "coins");
    }

    function test_RevertWhen_SetTwiceOrToZero() public {
        vm.startPrank(hubOwner);
        vm.expectRevert(NativeTokenVaultAlreadySet.selector);
        assetRouter.setNativeTokenVault(vault);
        vm.expectRevert(NativeTokenVaultAlreadySet.selector);
        nullifier.setL1NativeTokenVault(vault);
        vm.expectRevert(abi.encodeWithSelector(AddressAlreadySet.selector, address(assetRouter)));
        nullifier.setL1AssetRouter(alice);
        vm.expectRevert(abi.encodeWithSelector(AddressAlreadySet.selector, address(assetRouter)));
        L2_ROUTER.initialize(alice, 1, 1, alice);
        vm.expectRevert(EmptyAddress.selector);
        L2_ROUTER.initialize(alice, 1, 1, address(0));
    }

    // ── vault on Ethereum ─────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_RevertWhen_VaultCannotKeepOrPay() public {
        vm.expectRevert(EmptyToken.selector);
        vault.registerToken(alice);
        vm.expectRevert(AssetIdAlreadyRegistered.selector);
        vault.registerToken(address(token));
        vm.expectRevert(ZeroAddress.selector);
        vault.tryRegisterTokenFromBurnData(abi.encode(1, bob, address(0)), asset);
        vm.expectRevert(abi.encodeWithSelector(AssetHandlerDoesNotExist.selector, bytes32("x")));
        vm.prank(address(bridgehub));
        assetRouter.bridgehubDepositBaseToken(ERA_CHAIN_ID, "x", alice, 1);

        vm.deal(address(assetRouter), 10);
        vm.deal(address(vault), 10);
        vm.startPrank(address(assetRouter));
        vm.expectRevert(abi.encodeWithSelector(ValueMismatch.selector, 2, 1));
        vault.bridgeBurn{ value: 1 }(ERA_CHAIN_ID, 0, eth, alice, abi.encode(2, bob, address(0)));
        vault.bridgeBurn{ value: 2 }(ERA_CHAIN_ID, 0, eth, alice, abi.encode(2, bob, address(0)));
        vm.expectRevert(NonEmptyMsgValue.selector);
        vault.bridgeMint{ value: 1 }(ERA_CHAIN_ID, eth, _mintData(alice, 1));
        vm.expectRevert(InsufficientChainBalance.selector);
        vault.bridgeMint(ERA_CHAIN_ID, eth, _mintData(alice, 3));
        vm.expectRevert(WithdrawFailed.selector);
        vault.bridgeMint(ERA_CHAIN_ID, eth, _mintData(address(token), 1));
        vm.expectRevert(NoFundsTransferred.selector);
        vault.bridgeRecoverFailedTransfer(ERA_CHAIN_ID, eth, alice, abi.encode(0, bob, address(0)));
        vm.expectRevert(NonEmptyMsgValue.selector);
        vault.bridgeRecoverFailedTransfer{ value: 1 }(ERA_CHAIN_ID, eth, alice, abi.encode(1, bob, address(0)));
        vm.expectRevert(ClaimFailedDepositFailed.selector);
        vault.bridgeRecoverFailedTransfer(ERA_CHAIN_ID, eth, address(token), abi.encode(1, bob, address(0)));
        vm.stopPrank();
    }

    // ── nullifier ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_RevertWhen_WithdrawalIsNone() public {
        _withdrawalRefused(alice, hex"6c0960f9", abi.encodeWithSelector(L2WithdrawalMessageWrongLength.selector, 4));
        bytes4 older = bytes4(keccak256("finalizeWithdrawal(uint256,uint256,uint16,bytes,bytes32[])"));
        _withdrawalRefused(
            alice, abi.encodePacked(older), abi.encodeWithSelector(L2WithdrawalMessageWrongLength.selector, 4)
        );
        bytes4 newer = bytes4(keccak256("finalizeDeposit(uint256,bytes32,bytes)"));
        _withdrawalRefused(alice, abi.encodePacked(newer), abi.encodeWithSelector(WrongMsgLength.selector, 68, 4));
        _withdrawalRefused(alice, hex"01020304", abi.encodeWithSelector(InvalidSelector.selector, bytes4(0x01020304)));
        bytes memory message = abi.encodePacked(newer, ERA_CHAIN_ID, asset, _mintData(alice, 1));
        _withdrawalRefused(alice, message, abi.encodeWithSelector(WrongL2Sender.selector, alice));
        FinalizeL1DepositParams memory withdrawal = _withdrawal(address(L2_ROUTER), message);
        withdrawal.l2TxNumberInBatch = 1;
        vm.expectRevert(InvalidProof.selector);
        nullifier.finalizeDeposit(withdrawal);
        withdrawal.l2TxNumberInBatch = 0;
        vm.expectRevert(InsufficientChainBalance.selector);
        nullifier.finalizeDeposit(withdrawal);
        _deposit(1);
        nullifier.finalizeDeposit(withdrawal);
        vm.expectRevert(WithdrawalAlreadyFinalized.selector);
        nullifier.finalizeDeposit(withdrawal);
    }

    function test_RevertWhen_FailedDepositIsNone() public {
        (bytes32 txHash,) = _deposit(7);
        bytes32[] memory hashes = new bytes32[](1);
        hashes[0] = txHash;
        bytes32[] memory proof = EraTree.proof(_one(EraTree.priorityLog(0, txHash, false)), 0, ERA_CHAIN_ID);
        uint256 batch = _sealBatch(_one(EraTree.priorityLog(0, txHash, false)), hashes);
        vm.expectRevert(InvalidProof.selector);
        nullifier.bridgeRecoverFailedTransfer(ERA_CHAIN_ID, alice, asset, _burnData(7), txHash, batch, 0, 1, proof);
        vm.expectRevert(DepositDoesNotExist.selector);
        nullifier.bridgeRecoverFailedTransfer(ERA_CHAIN_ID, bob, asset, _burnData(7), txHash, batch, 0, 0, proof);
        vm.prank(address(assetRouter));
        vm.expectRevert(DepositExists.selector);
        nullifier.bridgehubConfirmL2TransactionForwarded(ERA_CHAIN_ID, 0, txHash);
        vm.mockCall(address(vault), abi.encodeCall(vault.assetId, (address(token))), abi.encode(bytes32("x")));
        vm.expectRevert(LegacyMethodForNonL1Token.selector);
        nullifier.claimFailedDeposit(ERA_CHAIN_ID, alice, address(token), 7, txHash, batch, 0, 0, proof);
        bytes4 older = bytes4(keccak256("finalizeWithdrawal(uint256,uint256,uint16,bytes,bytes32[])"));
        bytes memory message = abi.encodePacked(older, alice, address(token), uint256(1));
        // A token that the vault has under another asset id is of another chain.
        bytes memory question = abi.encodeCall(vault.ensureTokenIsRegistered, (address(token)));
        vm.mockCall(address(vault), question, abi.encode(bytes32("x")));
        _withdrawalRefused(address(L2_ROUTER), message, abi.encodeWithSelector(TokenNotLegacy.selector));
    }

    // ── zkSync ────────────────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_RevertWhen_RouterOnZkSyncIsCalledByOthers() public {
        _onEra();
        bytes memory refusal = abi.encodeWithSelector(InvalidCaller.selector, address(this));
        vm.expectRevert(refusal);
        L2_ROUTER.finalizeDeposit(l1ChainId, asset, "");
        vm.expectRevert(refusal);
        L2_ROUTER.finalizeDeposit(alice, bob, address(token), 1, "");
        vm.expectRevert(refusal);
        L2_ROUTER.setAssetHandlerAddress(l1ChainId, asset, alice);
        vm.expectRevert(AmountMustBeGreaterThanZero.selector);
        L2_ROUTER.withdraw(alice, address(token), 0);
        vm.expectRevert(TokenNotLegacy.selector);
        L2_ROUTER.withdraw(alice, address(token), 1);
        address aliased = AddressAliasHelper.applyL1ToL2Alias(address(assetRouter));
        vm.startPrank(aliased);
        vm.expectRevert(abi.encodeWithSelector(AssetIdNotSupported.selector, eth));
        L2_ROUTER.finalizeDeposit(l1ChainId, eth, "");
        vm.expectRevert(abi.encodeWithSelector(InvalidCaller.selector, aliased));
        L2_ROUTER.setAssetHandlerAddress(5, asset, alice);
        L2_ROUTER.setAssetHandlerAddress(l1ChainId, "x", alice);
        assertEq(L2_ROUTER.assetHandlerAddress("x"), alice, "set by its counterpart");
    }

    function test_RevertWhen_StandInIsMisused() public {
        BridgedToken standIn = BridgedToken(_deposited(10));
        bytes memory refusal = abi.encodeWithSelector(Unauthorized.selector, address(this));
        vm.expectRevert(refusal);
        standIn.bridgeMint(alice, 1);
        vm.expectRevert(refusal);
        standIn.bridgeBurn(bob, 1);
        vm.expectRevert(refusal);
        standIn.bridgeInitialize(0, alice, "");
        vm.expectRevert("ERC20: insufficient allowance");
        standIn.transferFrom(bob, alice, 1);
        vm.prank(bob);
        standIn.approve(address(this), 3);
        standIn.transferFrom(bob, alice, 2);
        assertEq(standIn.allowance(bob, address(this)), 1, "used");
        vm.expectRevert("ERC20: approve to the zero address");
        standIn.approve(address(0), 1);
        vm.startPrank(bob);
        vm.expectRevert("ERC20: transfer to the zero address");
        standIn.transfer(address(0), 1);
        vm.expectRevert("ERC20: transfer amount exceeds balance");
        standIn.transfer(alice, 9);
        vm.stopPrank();
        vm.startPrank(address(L2_VAULT));
        vm.expectRevert("ERC20: mint to the zero address");
        standIn.bridgeMint(address(0), 1);
        vm.expectRevert("ERC20: burn amount exceeds balance");
        standIn.bridgeBurn(bob, 9);
    }

    function _refused(L2TransactionRequestTwoBridgesOuter memory request, uint256 value, bytes memory reason) private {
        vm.expectRevert(reason);
        vm.prank(alice, alice);
        bridgehub.requestL2TransactionTwoBridges{ value: value }(request);
    }

    function _withdrawalRefused(address sender, bytes memory message, bytes memory reason) private {
        FinalizeL1DepositParams memory withdrawal = _withdrawal(sender, message);
        vm.expectRevert(reason);
        nullifier.finalizeDeposit(withdrawal);
    }

    function _mintData(address to, uint256 amount) private view returns (bytes memory) {
        return abi.encode(alice, to, address(token), amount, "");
    }
}
