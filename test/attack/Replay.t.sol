// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { ERC1967Proxy } from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol";

import { Arbitrator } from "../../src/Arbitrator.sol";
import { PrimaryRollup } from "../../src/PrimaryRollup.sol";
import { RollupExtension } from "../../src/RollupExtension.sol";
import { SecondaryRollup } from "../../src/SecondaryRollup.sol";
import { DirectGateway } from "../../src/gateways/DirectGateway.sol";
import { IArbitrator } from "../../src/interfaces/IArbitrator.sol";
import { IGateway } from "../../src/interfaces/IGateway.sol";
import { IPrimaryRollup, IRollup } from "../../src/interfaces/IRollup.sol";
import { IRollupState } from "../../src/interfaces/IRollupState.sol";
import { BlockProof, PrimaryBlock, SecondaryBlock, StoredBlock } from "../../src/types/Block.sol";
import { InitializeParameters } from "../../src/types/InitializeParameters.sol";
import { FormatsReference } from "../utils/FormatsReference.sol";
import { Story, StoryBlock, StoryFixture } from "../utils/StoryFixture.sol";
import { StoryTest } from "../utils/StoryTest.sol";

/// @notice Real blocks and proofs used where they do not belong: on another deployment, on another chain of the same, for another block, before or after
/// their time. The topology is the story's: three chains, one arbitrator, the real verifier.
contract ReplayAttack is StoryTest {
    function _load() private returns (Story memory loaded) {
        loaded = StoryFixture.load();
        _request(loaded.blocks[0]);
    }

    // ── proofs ──────────────────────────────────────────────────────────────────────────────────────────────────────────

    /// @notice The same block with the same requests on a deployment of another id: the proof speaks of the first one.
    function test_AProofOnAnotherDeployment() public {
        Story memory s = _load();
        s.deploymentId ^= 1;
        PrimaryRollup other = _primaryOf(s, s.primaryIndex);
        (StoredBlock memory stored, bytes32[] memory list, BlockProof memory proof) = _commitOn(other, s);
        vm.expectRevert(IRollupState.InvalidProof.selector);
        other.proveBlocks(_one(stored), _one(list), _one(proof));
        // With the inputs as they were made, the contract finds that they are not this deployment's.
        proof = StoryFixture.load().blocks[0].proof;
        vm.expectPartialRevert(IPrimaryRollup.WrongProofInputs.selector);
        other.proveBlocks(_one(stored), _one(list), _one(proof));
    }

    /// @notice The stored block of one deployment is none of another's, not even block 0.
    function test_AStoredBlockOfAnotherDeployment() public {
        Story memory s = _load();
        uint256 id = s.deploymentId;
        s.deploymentId ^= 1;
        PrimaryRollup other = _primaryOf(s, s.primaryIndex);
        PrimaryBlock[] memory blocks = new PrimaryBlock[](1);
        blocks[0] = s.blocks[0].primary;
        vm.expectPartialRevert(IRollupState.WrongStoredBlock.selector);
        vm.prank(validator);
        other.commitBlocks(s.genesis[s.primaryIndex], s.genesisSyncHashes, blocks);
        assertNotEq(other.genesisBlock().syncHash, primary.genesisBlock().syncHash, "another beginning");
        assertEq(primary.deploymentId(), id, "the first one stays");
    }

    /// @notice The proofs of block 1 again for block 2 with the same content (a second credit of the same deposits).
    function test_AProofForTheNextBlock() public {
        Story memory s = _load();
        _commitAll(s, 0);
        _prove(s, 0, 0);
        StoryBlock memory first = s.blocks[0];
        StoredBlock memory last = first.stored[primaryIndex];
        vm.expectRevert(abi.encodeWithSelector(IRollup.WrongBlockNumber.selector, 2, 1));
        primary.proveBlocks(_one(last), _one(first.syncHashes), _one(first.proof));

        // Content without requests can be committed again under the next number; its proof cannot be used again.
        _request(s.blocks[1]);
        _commitAll(s, 1);
        _prove(s, 1, 1);
        PrimaryBlock[] memory blocks = new PrimaryBlock[](1);
        blocks[0] = s.blocks[1].primary;
        blocks[0].blockNumber = 3;
        vm.prank(validator);
        primary.commitBlocks(s.blocks[1].stored[primaryIndex], s.blocks[1].syncHashes, blocks);
        (StoredBlock memory stored, bytes32[] memory list) =
            _storedOf(primary, s.blocks[1].stored[primaryIndex], s.blocks[1].syncHashes, blocks[0]);
        BlockProof memory proof = s.blocks[1].proof;
        (proof.segmentInputs, proof.joinInputs) =
            primary.proofInputs(s.blocks[1].stored[primaryIndex].finalRoot, blocks[0]);
        vm.expectRevert(IRollupState.InvalidProof.selector);
        primary.proveBlocks(_one(stored), _one(list), _one(proof));
    }

    /// @notice A proof that was accepted before a revert says nothing for another block of the same number.
    function test_AProofAfterARevert() public {
        Story memory s = _load();
        _commitAll(s, 0);
        _prove(s, 0, 0);
        StoredBlock memory genesis = s.genesis[primaryIndex];
        vm.prank(validator);
        primary.revertBlocks(genesis);
        assertEq(primary.totalBlocksProved(), 0, "not proved any more");
        PrimaryBlock[] memory blocks = new PrimaryBlock[](1);
        blocks[0] = s.blocks[0].primary;
        blocks[0].finalRoot ^= 1;
        vm.prank(validator);
        primary.commitBlocks(genesis, s.genesisSyncHashes, blocks);
        StoredBlock memory old = s.blocks[0].stored[primaryIndex];
        vm.expectPartialRevert(IRollupState.WrongStoredBlock.selector);
        primary.proveBlocks(_one(old), _one(s.blocks[0].syncHashes), _one(s.blocks[0].proof));
        vm.expectRevert(abi.encodeWithSelector(IPrimaryRollup.BlockNotProved.selector, 0, 1));
        primary.syncBlock(old, s.blocks[0].syncHashes);
    }

    // ── sync hashes and confirmations ───────────────────────────────────────────────────────────────────────────────────

    /// @notice Nobody but the two ends of each gateway is heard: not users, not the validator, not the rollups, not another chain's gateway.
    function test_NobodySpeaksForAGateway() public {
        Story memory s = _load();
        bytes32[] memory list = s.blocks[0].syncHashes;
        address[4] memory callers = [anyone, validator, address(rollups[0]), address(rollups[1])];
        for (uint256 i = 0; i < callers.length; ++i) {
            vm.startPrank(callers[i]);
            vm.expectRevert(abi.encodeWithSelector(IArbitrator.NotAGateway.selector, callers[i]));
            arbitrator.receiveSyncHash(1, list[1]);
            vm.expectRevert(abi.encodeWithSelector(IArbitrator.NotAGateway.selector, callers[i]));
            arbitrator.receiveSyncHashes(1, 1, list);
            for (uint8 chain = 0; chain < rollups.length; ++chain) {
                DirectGateway gateway = DirectGateway(rollups[chain].gateway());
                vm.expectRevert(abi.encodeWithSelector(IRollupState.OnlyGateway.selector, address(gateway), callers[i]));
                rollups[chain].receiveConfirmation(1, list[chain]);
                vm.expectRevert(
                    abi.encodeWithSelector(IGateway.OnlyArbitrator.selector, address(arbitrator), callers[i])
                );
                gateway.sendConfirmation(1, list[chain], anyone);
                if (callers[i] == address(rollups[chain])) continue;
                vm.expectRevert(
                    abi.encodeWithSelector(IGateway.OnlyRollup.selector, address(rollups[chain]), callers[i])
                );
                gateway.sendSyncHash(1, list[chain], anyone);
                vm.expectRevert(
                    abi.encodeWithSelector(IGateway.OnlyRollup.selector, address(rollups[chain]), callers[i])
                );
                gateway.sendSyncHashes(1, 1, list, anyone);
            }
            vm.stopPrank();
        }
    }

    /// @notice A secondary that plays the primary, and a primary that plays a secondary.
    function test_GatewaysDoNotChangeRoles() public {
        Story memory s = _load();
        bytes32[] memory list = s.blocks[0].syncHashes;
        vm.prank(rollups[1].gateway());
        vm.expectRevert(abi.encodeWithSelector(IArbitrator.NotAPrimaryGateway.selector, primaryIndex, 1));
        arbitrator.receiveSyncHashes(1, 1, list);
        vm.prank(rollups[primaryIndex].gateway());
        vm.expectRevert(abi.encodeWithSelector(IArbitrator.NotASecondaryGateway.selector, primaryIndex));
        arbitrator.receiveSyncHash(1, list[0]);
    }

    /// @notice A second deployment on the same networks, with an arbitrator and gateways of its own, cannot confirm a block of the first.
    function test_AnotherDeploymentsArbitratorConfirms() public {
        Story memory s = _load();
        _commitAll(s, 0);
        _prove(s, 0, 0);
        _syncAll(s.blocks[0]);
        Arbitrator other = Arbitrator(
            address(
                new ERC1967Proxy(
                    address(new Arbitrator()), abi.encodeCall(Arbitrator.initialize, (anyone, 3, primaryIndex))
                )
            )
        );
        vm.startPrank(anyone);
        for (uint8 chain = 0; chain < 3; ++chain) {
            // The stranger's arbitrator names the victims' gateways as its own …
            other.setGateway(chain, rollups[chain].gateway());
        }
        vm.stopPrank();
        // … hears nothing from them, and could not make them speak if it did.
        vm.expectRevert(abi.encodeWithSelector(IArbitrator.SyncHashMissing.selector, primaryIndex, 1));
        other.confirmBlock(1);
        DirectGateway gateway = DirectGateway(rollups[1].gateway());
        vm.prank(address(other));
        vm.expectRevert(abi.encodeWithSelector(IGateway.OnlyArbitrator.selector, address(arbitrator), address(other)));
        gateway.sendConfirmation(1, s.blocks[0].syncHashes[1], anyone);
        assertEq(rollups[1].totalBlocksConfirmed(), 0, "not confirmed");
    }

    /// @notice A confirmation with another chain's hash of the same block, or this chain's hash of another block, is refused even from the arbitrator.
    function test_AConfirmationThatBelongsElsewhere() public {
        Story memory s = _load();
        _commitAll(s, 0);
        _request(s.blocks[1]);
        _commitAll(s, 1);
        _prove(s, 0, 1);
        _syncAll(s.blocks[0]);
        _syncAll(s.blocks[1]);
        DirectGateway gateway = DirectGateway(rollups[1].gateway());
        bytes32 own = s.blocks[0].stored[1].syncHash;
        vm.startPrank(address(arbitrator));
        bytes32 another = s.blocks[0].stored[2].syncHash;
        vm.expectRevert(abi.encodeWithSelector(IRollupState.ConfirmationMismatch.selector, 1, own, another));
        gateway.sendConfirmation(1, another, anyone);
        another = s.blocks[1].stored[1].syncHash;
        vm.expectRevert(abi.encodeWithSelector(IRollupState.ConfirmationMismatch.selector, 1, own, another));
        gateway.sendConfirmation(1, another, anyone);
        vm.expectRevert(abi.encodeWithSelector(IRollupState.ConfirmationMismatch.selector, 1, own, bytes32(0)));
        gateway.sendConfirmation(1, 0, anyone);
        vm.expectRevert(abi.encodeWithSelector(IRollupState.BlockNotSynced.selector, 2, 3));
        gateway.sendConfirmation(3, own, anyone);
        vm.expectRevert(abi.encodeWithSelector(IRollupState.BlockNotSynced.selector, 2, 0));
        gateway.sendConfirmation(0, 0, anyone);
        vm.stopPrank();

        // An old confirmation after a newer one moves nothing back.
        vm.startPrank(anyone);
        arbitrator.confirmBlock(2);
        vm.expectRevert(abi.encodeWithSelector(IArbitrator.BlockNotAboveConfirmed.selector, 2, 1));
        arbitrator.confirmBlock(1);
        vm.stopPrank();
        vm.prank(address(arbitrator));
        gateway.sendConfirmation(1, own, anyone);
        assertEq(rollups[1].totalBlocksConfirmed(), 2, "stays");
    }

    /// @notice A secondary whose validator committed another block than the primary proved: nothing of it is ever confirmed, on no chain.
    function test_ASecondaryThatDisagreesConfirmsNothing() public {
        Story memory s = _load();
        _commitPrimary(s, 0, s.blocks[0].primary);
        _prove(s, 0, 0);
        _commitSecondary(s, 0, 2);
        SecondaryBlock[] memory blocks = new SecondaryBlock[](1);
        blocks[0] = s.blocks[0].secondary[1];
        blocks[0].finalRoot ^= 1;
        vm.prank(validator);
        rollups[1].commitBlocks(s.genesis[1], blocks);
        StoredBlock memory bad = s.blocks[0].stored[1];
        bad.finalRoot = blocks[0].finalRoot;
        bad.syncHash = FormatsReference.syncHash(
            s.genesis[1].syncHash, 1, blocks[0].timestamp, blocks[0].finalRoot, blocks[0].onchainData
        );
        vm.startPrank(anyone);
        rollups[1].syncBlock(bad);
        primary.syncBlock(s.blocks[0].stored[primaryIndex], s.blocks[0].syncHashes);
        rollups[2].syncBlock(s.blocks[0].stored[2]);
        vm.expectRevert(
            abi.encodeWithSelector(IArbitrator.SyncHashMismatch.selector, 1, 1, s.blocks[0].syncHashes[1], bad.syncHash)
        );
        arbitrator.confirmBlock(1);
        vm.expectRevert(abi.encodeWithSelector(IArbitrator.BlockNotConfirmed.selector, 0, 1));
        arbitrator.sendConfirmation(1);
        vm.stopPrank();
        for (uint8 chain = 0; chain < 3; ++chain) {
            assertEq(rollups[chain].totalBlocksConfirmed(), 0, "nothing is confirmed");
        }
    }

    // ── helpers ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    function _primaryOf(Story memory s, uint8 index) private returns (PrimaryRollup) {
        InitializeParameters memory parameters = InitializeParameters({
            deploymentId: s.deploymentId,
            chainIndex: index,
            chainCount: s.chainCount,
            admin: admin,
            governor: admin,
            validator: validator,
            verifier: primary.verifier(),
            priorityExpiration: 3 days,
            maxOpenRequests: 1024,
            exitBond: 0.01 ether,
            bondReceiver: address(this),
            timestampPastTolerance: 1 hours,
            timestampFutureTolerance: 15 minutes
        });
        bytes memory call = abi.encodeCall(PrimaryRollup.initialize, (parameters));
        return
            PrimaryRollup(address(new ERC1967Proxy(address(new PrimaryRollup(address(new RollupExtension()))), call)));
    }

    /// @dev Commits the story's first block to `other`, with the same requests made there.
    function _commitOn(PrimaryRollup other, Story memory s)
        private
        returns (StoredBlock memory stored, bytes32[] memory list, BlockProof memory proof)
    {
        vm.prank(admin);
        other.registerToken(TOKEN, address(tokens[primaryIndex]));
        SecondaryRollup first = rollups[primaryIndex];
        rollups[primaryIndex] = SecondaryRollup(address(other));
        _request(s.blocks[0]);
        rollups[primaryIndex] = first;
        StoredBlock memory genesis = other.genesisBlock();
        bytes32[] memory genesisList = new bytes32[](s.chainCount);
        for (uint8 i = 0; i < s.chainCount; ++i) {
            genesisList[i] = keccak256(abi.encode(s.deploymentId, i));
        }
        PrimaryBlock[] memory blocks = new PrimaryBlock[](1);
        blocks[0] = s.blocks[0].primary;
        vm.prank(validator);
        other.commitBlocks(genesis, genesisList, blocks);
        (stored, list) = _storedOf(other, genesis, genesisList, blocks[0]);
        proof = s.blocks[0].proof;
        (proof.segmentInputs, proof.joinInputs) = other.proofInputs(genesis.finalRoot, blocks[0]);
    }

    function _storedOf(
        PrimaryRollup rollup,
        StoredBlock memory last,
        bytes32[] memory lastList,
        PrimaryBlock memory block_
    ) private view returns (StoredBlock memory stored, bytes32[] memory list) {
        list = new bytes32[](lastList.length);
        for (uint8 i = 0; i < list.length; ++i) {
            list[i] = FormatsReference.syncHash(
                lastList[i],
                block_.blockNumber,
                block_.timestamp,
                block_.finalRoot,
                FormatsReference.onchainBytes(block_, i)
            );
        }
        (uint256[5][] memory segmentInputs, uint256[3] memory joinInputs) = rollup.proofInputs(last.finalRoot, block_);
        bytes memory own = FormatsReference.onchainBytes(block_, primaryIndex);
        stored = StoredBlock({
            blockNumber: block_.blockNumber,
            priorityRequestsTotal: last.priorityRequestsTotal + FormatsReference.countRequests(own),
            timestamp: block_.timestamp,
            finalRoot: block_.finalRoot,
            onchainOpsHash: keccak256(own),
            syncHash: list[primaryIndex],
            proofInputsHash: keccak256(abi.encode(segmentInputs, joinInputs)),
            syncHashesHash: keccak256(abi.encode(list))
        });
        assertEq(rollup.storedBlockHash(block_.blockNumber), FormatsReference.hash(stored), "as it is stored");
    }

    function _one(StoredBlock memory only) private pure returns (StoredBlock[] memory list) {
        list = new StoredBlock[](1);
        list[0] = only;
    }

    function _one(bytes32[] memory only) private pure returns (bytes32[][] memory list) {
        list = new bytes32[][](1);
        list[0] = only;
    }

    function _one(BlockProof memory only) private pure returns (BlockProof[] memory list) {
        list = new BlockProof[](1);
        list[0] = only;
    }
}
