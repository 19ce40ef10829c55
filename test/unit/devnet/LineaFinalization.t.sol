// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { DataSubmission } from "../../../script/devnet/linea/DataSubmission.sol";
import { Finalization } from "../../../script/devnet/linea/Finalization.sol";
import { IAddressFilter } from "../../../script/devnet/linea/IAddressFilter.sol";
import { IPlonkVerifier } from "../../../script/devnet/linea/IPlonkVerifier.sol";
import { LineaRollup } from "../../../script/devnet/linea/LineaRollup.sol";
import { OperatorVerifier } from "../../../script/devnet/linea/OperatorVerifier.sol";
import { PauseManager } from "../../../script/devnet/linea/PauseManager.sol";
import { IMessageService } from "../../../src/interfaces/external/linea/IMessageService.sol";
import { LineaServices } from "../../utils/LineaServices.sol";

/// @notice Linea's data and finalization beyond the messages: blobs, what the last finalization said, proofs and their verifier, settings.
contract LineaFinalizationTest is LineaServices {
    address private alice = makeAddr("alice");
    bytes32 private constant STATE = keccak256("a state");

    function setUp() public {
        _deployLinea();
    }

    // ── data ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_submitBlobs_chainsShnarfs() public {
        bytes32 genesis = lineaRollup.currentFinalizedShnarf();
        assertEq(genesis, keccak256(abi.encode(0, 0, keccak256("state 0"), 0, 0)), "genesis");
        assertEq(lineaRollup.blobShnarfExists(genesis), 1, "exists");
        Finalization.ShnarfData memory shnarf = _shnarf(STATE);
        DataSubmission.BlobSubmission[] memory blobs = _blob(STATE);
        vm.expectEmit(address(lineaRollup));
        emit DataSubmission.DataSubmittedV3(genesis, _hash(shnarf), STATE);
        this.submit(blobs, genesis, _hash(shnarf));
        assertEq(lineaRollup.blobShnarfExists(_hash(shnarf)), 1, "submitted");
        assertEq(lineaRollup.currentFinalizedShnarf(), genesis, "not final");
    }

    function test_RevertWhen_DataDoesNotFit() public {
        bytes32 parent = lineaRollup.currentFinalizedShnarf();
        bytes32 expected = _hash(_shnarf(STATE));
        DataSubmission.BlobSubmission[] memory blobs = new DataSubmission.BlobSubmission[](0);
        vm.expectRevert(DataSubmission.BlobSubmissionDataIsMissing.selector);
        this.submit(blobs, parent, expected);
        blobs = new DataSubmission.BlobSubmission[](1);
        vm.expectRevert(abi.encodeWithSelector(DataSubmission.EmptyBlobDataAtIndex.selector, 0));
        this.submit(blobs, parent, expected);
        blobs = _blob(STATE);
        bytes32[] memory two = new bytes32[](2);
        (two[0], two[1]) = (VERSIONED_HASH, VERSIONED_HASH);
        vm.blobhashes(two);
        vm.expectRevert(abi.encodeWithSelector(DataSubmission.BlobSubmissionDataEmpty.selector, 1));
        this.submit(blobs, parent, expected);
        blobs = _blob(STATE);
        blobs[0].dataEvaluationClaim = 1;
        vm.expectRevert(DataSubmission.PointEvaluationFailed.selector);
        this.submit(blobs, parent, expected);
        blobs[0].dataEvaluationClaim = 0;
        vm.expectRevert(abi.encodeWithSelector(DataSubmission.ParentShnarfNotSubmitted.selector, STATE));
        this.submit(blobs, STATE, expected);
        vm.expectRevert(abi.encodeWithSelector(DataSubmission.FinalShnarfWrong.selector, STATE, expected));
        this.submit(blobs, parent, STATE);
        this.submit(blobs, parent, expected);
        vm.expectRevert(abi.encodeWithSelector(DataSubmission.ShnarfAlreadySubmitted.selector, expected));
        this.submit(blobs, parent, expected);
    }

    function test_RevertWhen_SubmittingWithoutRoleOrPaused() public {
        DataSubmission.BlobSubmission[] memory blobs = _blob(STATE);
        vm.expectRevert(_missingRole(alice, keccak256("OPERATOR_ROLE")));
        vm.prank(alice);
        lineaRollup.submitBlobs(blobs, 0, 0);
        vm.prank(pauser);
        lineaRollup.pauseByType(PauseManager.PauseType.STATE_DATA_SUBMISSION);
        vm.expectRevert(
            abi.encodeWithSelector(PauseManager.IsPaused.selector, PauseManager.PauseType.STATE_DATA_SUBMISSION)
        );
        this.submit(blobs, 0, 0);
    }

    // ── proofs ────────────────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_RevertWhen_ProofIsEmptyOfNoTypeOrWrong() public {
        Finalization.FinalizationDataV4 memory data = _finalization(new Message[](0));
        vm.expectRevert(Finalization.ProofIsEmpty.selector);
        this.finalize("", 0, data);
        vm.expectRevert(Finalization.InvalidProofType.selector);
        this.finalize(hex"01", 1, data);
        vm.expectRevert(
            abi.encodeWithSelector(Finalization.InvalidProofOrProofVerificationRanOutOfGas.selector, "wrong proof size")
        );
        this.finalize(hex"01", 0, data);
        bytes memory proof = _proof(data);
        data.l2MerkleTreesDepth++;
        vm.expectRevert(Finalization.InvalidProof.selector);
        this.finalize(proof, 0, data);
        data.l2MerkleTreesDepth--;
        this.finalize(proof, 0, data);
    }

    function test_RevertWhen_VerifierRevertsWithoutAReason() public {
        Finalization.FinalizationDataV4 memory data = _finalization(new Message[](0));
        vm.mockCallRevert(address(lineaVerifier), abi.encodeWithSelector(IPlonkVerifier.Verify.selector), "");
        vm.expectRevert(
            abi.encodeWithSelector(Finalization.InvalidProofOrProofVerificationRanOutOfGas.selector, "Unknown")
        );
        this.finalize(hex"01", 0, data);
    }

    function test_verifier_isSetByType() public {
        Finalization.FinalizationDataV4 memory data = _finalization(new Message[](0));
        bytes memory proof = _proof(data);
        vm.startPrank(serviceAdmin);
        vm.expectEmit(address(lineaRollup));
        emit Finalization.VerifierAddressChanged(address(lineaVerifier), 7, serviceAdmin, address(0));
        lineaRollup.setVerifierAddress(address(lineaVerifier), 7);
        vm.expectEmit(address(lineaRollup));
        emit Finalization.VerifierAddressChanged(address(0), 0, serviceAdmin, address(lineaVerifier));
        lineaRollup.unsetVerifierAddress(0);
        vm.expectRevert(IMessageService.ZeroAddressNotAllowed.selector);
        lineaRollup.setVerifierAddress(address(0), 0);
        vm.stopPrank();
        vm.expectRevert(Finalization.InvalidProofType.selector);
        this.finalize(proof, 0, data);
        this.finalize(proof, 7, data);
    }

    function test_RevertWhen_VerifierGetsTheWrongNumberOfInputsOrNoConfiguration() public {
        vm.expectRevert(bytes("wrong number of public inputs"));
        lineaVerifier.Verify(hex"01", new uint256[](0));
        vm.expectRevert(OperatorVerifier.ChainConfigurationNotProvided.selector);
        new OperatorVerifier(new OperatorVerifier.ChainConfigurationParameter[](0));
    }

    // ── what the last finalization said ───────────────────────────────────────────────────────────────────────────────────────

    function test_RevertWhen_LastStateIsNotRepeated() public {
        _finalize(new Message[](0));
        Finalization.FinalizationDataV4 memory data = _finalization(new Message[](0));
        data.lastFinalizedTimestamp--;
        bytes32 older = keccak256(
            abi.encode(
                data.lastFinalizedL1RollingHashMessageNumber,
                data.lastFinalizedL1RollingHash,
                data.lastFinalizedTimestamp
            )
        );
        bytes memory refusal = abi.encodeWithSelector(
            Finalization.FinalizationStateIncorrect.selector, lineaRollup.currentFinalizedState(), older
        );
        vm.expectRevert(refusal);
        this.finalize(hex"01", 0, data);
        data.lastFinalizedTimestamp++;
        bytes memory proof = _proof(data);
        this.finalize(proof, 0, data);
    }

    function test_livenessRecoveryOperator_mayFinalizeAfterHalfAYear() public {
        uint256 genesis = block.timestamp - 100;
        vm.expectRevert(LineaRollup.LastFinalizationTimeNotLapsed.selector);
        lineaRollup.setLivenessRecoveryOperator(0, 0, 0, 0, genesis);
        vm.warp(genesis + 365 days / 2);
        bytes32 wrong = keccak256(abi.encode(1, 0, 0, 0, genesis));
        bytes32 right = lineaRollup.currentFinalizedState();
        vm.expectRevert(abi.encodeWithSelector(Finalization.FinalizationStateIncorrect.selector, right, wrong));
        lineaRollup.setLivenessRecoveryOperator(1, 0, 0, 0, genesis);
        vm.expectEmit(address(lineaRollup));
        emit LineaRollup.LivenessRecoveryOperatorRoleGranted(alice, livenessOperator);
        vm.prank(alice);
        lineaRollup.setLivenessRecoveryOperator(0, 0, 0, 0, genesis);
        assertTrue(lineaRollup.hasRole(keccak256("OPERATOR_ROLE"), livenessOperator), "role");
        lineaRollup.setLivenessRecoveryOperator(0, 0, 0, 0, genesis);
        vm.expectRevert(LineaRollup.OnlyNonLivenessRecoveryOperator.selector);
        vm.prank(livenessOperator);
        lineaRollup.renounceRole(keccak256("OPERATOR_ROLE"), livenessOperator);
    }

    // ── settings ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_settings_areTheAdmins() public {
        address filter = makeAddr("filter");
        vm.startPrank(serviceAdmin);
        vm.expectEmit(address(lineaRollup));
        emit Finalization.AddressFilterChanged(lineaRollup.addressFilter(), filter);
        lineaRollup.setAddressFilter(filter);
        lineaRollup.setAddressFilter(filter);
        vm.expectRevert(IMessageService.ZeroAddressNotAllowed.selector);
        lineaRollup.setAddressFilter(address(0));
        vm.expectEmit(address(lineaRollup));
        emit Finalization.ForcedTransactionFeeSet(3);
        lineaRollup.setForcedTransactionFee(3);
        vm.expectRevert(Finalization.ZeroValueNotAllowed.selector);
        lineaRollup.setForcedTransactionFee(0);
        vm.expectEmit(address(lineaRollup));
        emit LineaRollup.YieldManagerChanged(yieldManager, alice);
        lineaRollup.setYieldManager(alice);
        vm.expectRevert(IMessageService.ZeroAddressNotAllowed.selector);
        lineaRollup.setYieldManager(address(0));
        vm.stopPrank();
        (bytes32 state,,, uint256 blockNumber, uint256 fee) = lineaRollup.getRequiredForcedTransactionFields();
        assertEq(state, lineaRollup.currentFinalizedState(), "state");
        assertEq(blockNumber, 0, "block");
        assertEq(fee, 3, "fee");
        assertFalse(lineaRollup.isWithdrawLSTAllowed(), "nothing is staked");
    }

    function test_filteredAddresses_areThoseOfTheFilter() public {
        Finalization.FinalizationDataV4 memory data = _finalization(new Message[](0));
        data.filteredAddresses = new address[](1);
        data.filteredAddresses[0] = alice;
        vm.mockCall(
            lineaRollup.addressFilter(), abi.encodeCall(IAddressFilter.addressIsFiltered, alice), abi.encode(true)
        );
        _finalize(data);
    }

    function test_RevertWhen_SettingWithoutRole() public {
        vm.startPrank(alice);
        vm.expectRevert(_missingRole(alice, keccak256("VERIFIER_SETTER_ROLE")));
        lineaRollup.setVerifierAddress(alice, 0);
        vm.expectRevert(_missingRole(alice, keccak256("VERIFIER_UNSETTER_ROLE")));
        lineaRollup.unsetVerifierAddress(0);
        vm.expectRevert(_missingRole(alice, keccak256("SET_ADDRESS_FILTER_ROLE")));
        lineaRollup.setAddressFilter(alice);
        vm.expectRevert(_missingRole(alice, keccak256("FORCED_TRANSACTION_FEE_SETTER_ROLE")));
        lineaRollup.setForcedTransactionFee(1);
        vm.expectRevert(_missingRole(alice, keccak256("SET_YIELD_MANAGER_ROLE")));
        lineaRollup.setYieldManager(alice);
    }

    // ── initialization ────────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_initialize_tellsWhatItBeganWith() public {
        LineaRollup.BaseInitializationData memory data = _initialData();
        LineaRollup fresh = new LineaRollup();
        bytes32 shnarf = keccak256(abi.encode(0, 0, data.initialStateRootHash, 0, 0));
        vm.expectEmit(address(fresh));
        emit LineaRollup.LineaRollupBaseInitialized("8.0", data, shnarf);
        fresh.initialize(data, livenessOperator, yieldManager);
        assertEq(fresh.verifiers(0), data.defaultVerifier, "verifier");
        assertEq(fresh.shnarfProvider(), address(fresh), "its own data");
        assertEq(fresh.currentFinalizedState(), keccak256(abi.encode(0, 0, 0, 0, data.genesisTimestamp)), "state");
        vm.expectRevert(abi.encodeWithSelector(LineaRollup.InitializedVersionWrong.selector, 0, 9));
        fresh.initialize(data, livenessOperator, yieldManager);
        vm.expectRevert(bytes("Initializable: contract is already initialized"));
        fresh.reinitializeLineaRollupV9(1, alice);
        vm.expectRevert(bytes("Initializable: contract is already initialized"));
        l2Service.reinitializeV3();
    }

    function test_RevertWhen_AnAddressIsMissing() public {
        LineaRollup fresh = new LineaRollup();
        LineaRollup.BaseInitializationData memory data = _initialData();
        vm.expectRevert(IMessageService.ZeroAddressNotAllowed.selector);
        fresh.initialize(data, address(0), yieldManager);
        vm.expectRevert(IMessageService.ZeroAddressNotAllowed.selector);
        fresh.initialize(data, livenessOperator, address(0));
        data.defaultVerifier = address(0);
        vm.expectRevert(IMessageService.ZeroAddressNotAllowed.selector);
        fresh.initialize(data, livenessOperator, yieldManager);
        data = _initialData();
        data.addressFilter = address(0);
        vm.expectRevert(IMessageService.ZeroAddressNotAllowed.selector);
        fresh.initialize(data, livenessOperator, yieldManager);
        vm.expectRevert(Finalization.ZeroValueNotAllowed.selector);
        fresh.reinitializeLineaRollupV9(0, alice);
        vm.expectRevert(IMessageService.ZeroAddressNotAllowed.selector);
        fresh.reinitializeLineaRollupV9(1, address(0));
    }

    function _initialData() private view returns (LineaRollup.BaseInitializationData memory data) {
        data.initialStateRootHash = STATE;
        data.genesisTimestamp = 5;
        data.defaultVerifier = address(lineaVerifier);
        (data.rateLimitPeriodInSeconds, data.rateLimitAmountInWei) = (1 days, 1 ether);
        (data.defaultAdmin, data.addressFilter) = (serviceAdmin, alice);
    }

    function submit(DataSubmission.BlobSubmission[] memory blobs, bytes32 parent, bytes32 shnarf) external {
        vm.prank(finalizer);
        lineaRollup.submitBlobs(blobs, parent, shnarf);
    }

    function finalize(bytes memory proof, uint256 proofType, Finalization.FinalizationDataV4 memory data) external {
        vm.prank(finalizer);
        lineaRollup.finalizeBlocks(proof, proofType, data);
    }
}
