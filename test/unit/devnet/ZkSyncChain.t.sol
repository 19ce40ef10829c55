// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {
    BatchNotExecuted,
    HashedLogIsDefault,
    InvalidProofLengthForFinalNode,
    MerkleIndexOutOfBounds,
    MerklePathEmpty,
    MerklePathOutOfBounds
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/common/L1ContractErrors.sol";
import { L2Log, L2Message, TxStatus } from "@matterlabs/zksync-contracts/contracts/l1-contracts/common/Messaging.sol";
import {
    InvalidChainId,
    LocalRootIsZero,
    LocalRootMustBeZero,
    NotSettlementLayer,
    UnsupportedProofMetadataVersion
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/state-transition/L1StateTransitionErrors.sol";

import { EraBatches } from "../../utils/EraBatches.sol";
import { EraTree } from "../../utils/EraTree.sol";

/// @notice Proofs of inclusion on the chain contract and through the Bridgehub.
contract ZkSyncChainTest is EraBatches {
    // ── proofs ────────────────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_proof_showsEveryLogOfABatch() public {
        L2Log[] memory logs = _logs(7);
        uint256 batch = _sealBatch(logs, none);
        for (uint256 i = 0; i < 7; ++i) {
            bytes32[] memory proof = EraTree.proof(logs, i, ERA_CHAIN_ID);
            assertEq(proof.length, 16, "16 words");
            L2Message memory message = L2Message(uint16(i), alice, abi.encode(i));
            assertTrue(eraChain.proveL2MessageInclusion(batch, i, message, proof), "chain");
            assertTrue(eraChain.proveL2MessageInclusionShared(ERA_CHAIN_ID, batch, i, message, proof), "shared");
            assertTrue(bridgehub.proveL2MessageInclusion(ERA_CHAIN_ID, batch, i, message, proof), "hub");
            assertTrue(eraChain.proveL2LogInclusion(batch, i, logs[i], proof), "log");
            assertTrue(eraChain.proveL2LogInclusionShared(ERA_CHAIN_ID, batch, i, logs[i], proof), "shared log");
            assertTrue(bridgehub.proveL2LogInclusion(ERA_CHAIN_ID, batch, i, logs[i], proof), "log through the hub");
        }
    }

    function testFuzz_proof_atAnyPlace(uint8 count, uint8 place) public {
        vm.assume(count > 0);
        uint256 index = uint256(place) % count;
        L2Log[] memory logs = _logs(count);
        uint256 batch = _sealBatch(logs, none);
        assertTrue(
            eraChain.proveL2LogInclusion(batch, index, logs[index], EraTree.proof(logs, index, ERA_CHAIN_ID)), "shown"
        );
    }

    function test_proof_olderFormWithoutMetadataIsTaken() public {
        L2Log[] memory logs = _logs(3);
        uint256 batch = _sealBatch(logs, none);
        assertTrue(
            eraChain.proveL2LogInclusion(batch, 2, logs[2], _path(EraTree.proof(logs, 2, ERA_CHAIN_ID))), "older"
        );
    }

    function test_proof_wordsAfterThePathAreIgnored() public {
        L2Log[] memory logs = _logs(3);
        uint256 batch = _sealBatch(logs, none);
        bytes32[] memory proof = EraTree.proof(logs, 1, ERA_CHAIN_ID);
        bytes32[] memory longer = new bytes32[](18);
        for (uint256 i = 0; i < 16; ++i) {
            longer[i] = proof[i];
        }
        longer[17] = keccak256("anything");
        assertTrue(eraChain.proveL2LogInclusion(batch, 1, logs[1], longer), "malleable");
    }

    function test_proof_wrongContentGivesFalse() public {
        L2Log[] memory logs = _logs(3);
        uint256 batch = _sealBatch(logs, none);
        bytes32[] memory proof = EraTree.proof(logs, 1, ERA_CHAIN_ID);
        assertFalse(eraChain.proveL2LogInclusion(batch, 2, logs[1], proof), "place");
        assertFalse(eraChain.proveL2LogInclusion(batch, 1, logs[2], proof), "log");
        proof[15] = EraTree.aggregatedRoot(300);
        assertFalse(eraChain.proveL2LogInclusion(batch, 1, logs[1], proof), "another chain's aggregated root");
    }

    function test_RevertWhen_ProofIsMalformed() public {
        L2Log[] memory logs = _logs(3);
        uint256 batch = _sealBatch(logs, none);
        bytes32[] memory proof = EraTree.proof(logs, 1, ERA_CHAIN_ID);
        vm.expectRevert(MerklePathEmpty.selector);
        eraChain.proveL2LogInclusion(batch, 1, logs[1], new bytes32[](0));
        L2Log memory empty;
        vm.expectRevert(HashedLogIsDefault.selector);
        eraChain.proveL2LogInclusion(batch, 1, empty, proof);
        vm.expectRevert(MerkleIndexOutOfBounds.selector);
        eraChain.proveL2LogInclusion(batch, 1 << 15, logs[1], proof);
        bytes32[] memory long = new bytes32[](256);
        long[0] = keccak256("path");
        vm.expectRevert(MerklePathOutOfBounds.selector);
        eraChain.proveL2LogInclusion(batch, 1, logs[1], long);
        proof[0] = bytes32(bytes4(0x020f0001));
        vm.expectRevert(abi.encodeWithSelector(UnsupportedProofMetadataVersion.selector, 2));
        eraChain.proveL2LogInclusion(batch, 1, logs[1], proof);
        proof[0] = bytes32(bytes4(0x010f0101));
        vm.expectRevert(InvalidProofLengthForFinalNode.selector);
        eraChain.proveL2LogInclusion(batch, 1, logs[1], proof);
        proof[0] = bytes32(bytes4(0x010f0100));
        vm.expectRevert(LocalRootMustBeZero.selector);
        eraChain.proveL2LogInclusion(batch, 1, logs[1], proof);
        vm.expectRevert(NotSettlementLayer.selector);
        eraChain.proveL2LogInclusion(batch + 1, 1, logs[1], proof);
    }

    function test_RevertWhen_BatchIsNotExecutedOrGenesisOrOfAnotherChain() public {
        L2Log[] memory logs = _logs(1);
        bytes32[] memory proof = EraTree.proof(logs, 0, ERA_CHAIN_ID);
        vm.expectRevert(abi.encodeWithSelector(BatchNotExecuted.selector, 1));
        eraChain.proveL2LogInclusion(1, 0, logs[0], proof);
        vm.expectRevert(LocalRootIsZero.selector);
        eraChain.proveL2LogInclusion(0, 0, logs[0], proof);
        vm.expectRevert(InvalidChainId.selector);
        eraChain.proveL2LogInclusionShared(300, 1, 0, logs[0], proof);
        vm.expectRevert(InvalidChainId.selector);
        eraChain.proveL2MessageInclusionShared(300, 1, 0, L2Message(0, alice, ""), proof);
    }

    function test_proof_showsAPriorityTransactionsStatus() public {
        bytes32[] memory hashes = new bytes32[](1);
        hashes[0] = _priority();
        L2Log[] memory logs = _one(EraTree.priorityLog(0, hashes[0], false));
        uint256 batch = _sealBatch(logs, hashes);
        bytes32[] memory proof = EraTree.proof(logs, 0, ERA_CHAIN_ID);
        assertTrue(
            bridgehub.proveL1ToL2TransactionStatus(ERA_CHAIN_ID, hashes[0], batch, 0, 0, proof, TxStatus.Failure),
            "failed"
        );
        assertFalse(
            eraChain.proveL1ToL2TransactionStatus(hashes[0], batch, 0, 0, proof, TxStatus.Success), "did not succeed"
        );
    }

    function _path(bytes32[] memory proof) private pure returns (bytes32[] memory path) {
        path = new bytes32[](proof.length - 1);
        for (uint256 i = 0; i < path.length; ++i) {
            path[i] = proof[i + 1];
        }
    }
}
