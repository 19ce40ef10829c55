// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { ERC1967Proxy } from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol";
import { Test } from "forge-std/Test.sol";

import { Arbitrator } from "../../src/Arbitrator.sol";
import { PrimaryRollup } from "../../src/PrimaryRollup.sol";
import { RollupExtension } from "../../src/RollupExtension.sol";
import { SecondaryRollup } from "../../src/SecondaryRollup.sol";
import { Verifier } from "../../src/Verifier.sol";
import { DirectGateway } from "../../src/gateways/DirectGateway.sol";
import { BlockProof, ExecuteBlock, PrimaryBlock, SecondaryBlock, StoredBlock } from "../../src/types/Block.sol";
import { InitializeParameters } from "../../src/types/InitializeParameters.sol";
import { Story, StoryBlock, StoryFixture, StoryRequest } from "./StoryFixture.sol";
import { TestToken } from "./doubles/Tokens.sol";

/// @notice Three chains in one EVM with the real verifier and the real blocks of a fixture, test/fixtures/story.json or another. The gateways are direct
/// ones: what the message services do is tested with the services.
abstract contract StoryTest is Test {
    uint96 internal constant EXIT_BOND = 0.01 ether;
    uint32 internal constant NATIVE = 1;
    uint32 internal constant TOKEN = 2;

    address internal admin = makeAddr("admin");
    address internal validator = makeAddr("validator");
    address internal anyone = makeAddr("anyone");

    uint8 internal primaryIndex;
    PrimaryRollup internal primary;
    Arbitrator internal arbitrator;
    /// By chain index; the primary's place holds the primary's address.
    SecondaryRollup[] internal rollups;
    TestToken[] internal tokens;

    function setUp() public virtual {
        Story memory story = _fixture();
        vm.warp(story.blocks[0].primary.timestamp);
        primaryIndex = story.primaryIndex;
        arbitrator = Arbitrator(
            _proxy(
                address(new Arbitrator()),
                abi.encodeCall(Arbitrator.initialize, (admin, story.chainCount, primaryIndex))
            )
        );
        for (uint8 i = 0; i < story.chainCount; ++i) {
            _deployChain(i, story);
        }
        primary = PrimaryRollup(address(rollups[primaryIndex]));
    }

    function _fixture() internal view virtual returns (Story memory) {
        return StoryFixture.load();
    }

    function _deployChain(uint8 chainIndex, Story memory story) private {
        InitializeParameters memory parameters = InitializeParameters({
            deploymentId: story.deploymentId,
            chainIndex: chainIndex,
            chainCount: story.chainCount,
            admin: admin,
            governor: admin,
            validator: validator,
            verifier: address(new Verifier(false)),
            priorityExpiration: 3 days,
            maxOpenRequests: 1024,
            exitBond: EXIT_BOND,
            bondReceiver: admin,
            timestampPastTolerance: 1 hours,
            timestampFutureTolerance: 15 minutes
        });
        rollups.push(
            SecondaryRollup(
                chainIndex == primaryIndex
                    ? _proxy(
                        address(new PrimaryRollup(address(new RollupExtension()))),
                        abi.encodeCall(PrimaryRollup.initialize, (parameters))
                    )
                    : _proxy(
                        address(new SecondaryRollup(address(new RollupExtension()))),
                        abi.encodeCall(SecondaryRollup.initialize, (parameters))
                    )
            )
        );
        tokens.push(new TestToken());
        address gateway = _proxy(
            address(new DirectGateway()),
            abi.encodeCall(DirectGateway.initialize, (admin, address(arbitrator), address(rollups[chainIndex])))
        );
        vm.startPrank(admin);
        rollups[chainIndex].setGateway(gateway);
        rollups[chainIndex].registerToken(TOKEN, address(tokens[chainIndex]));
        arbitrator.setGateway(chainIndex, gateway);
        vm.stopPrank();
    }

    function _proxy(address implementation, bytes memory call) private returns (address) {
        return address(new ERC1967Proxy(implementation, call));
    }

    /// @dev The users' calls that a block serves.
    function _request(StoryBlock memory block_) internal {
        for (uint256 i = 0; i < block_.requests.length; ++i) {
            StoryRequest memory request = block_.requests[i];
            SecondaryRollup rollup = rollups[request.chainIndex];
            vm.startPrank(request.owner);
            if (!request.isDeposit) {
                vm.deal(request.owner, request.owner.balance + EXIT_BOND);
                // The amount of such a request is the least one.
                rollup.requestFullExit{ value: EXIT_BOND }(request.leafIndex, request.amount);
            } else if (request.token == NATIVE) {
                vm.deal(request.owner, request.owner.balance + request.amount);
                rollup.depositNative{ value: request.amount }(request.owner, request.keyX, request.keyY);
            } else {
                TestToken token = tokens[request.chainIndex];
                token.mint(request.owner, request.amount);
                token.approve(address(rollup), request.amount);
                rollup.depositToken(request.token, request.amount, request.owner, request.keyX, request.keyY);
            }
            vm.stopPrank();
        }
    }

    /// @dev What the chains hold before `block_`.
    function _before(Story memory story, uint256 index)
        internal
        pure
        returns (StoredBlock[] memory stored, bytes32[] memory syncHashes)
    {
        return index == 0
            ? (story.genesis, story.genesisSyncHashes)
            : (story.blocks[index - 1].stored, story.blocks[index - 1].syncHashes);
    }

    function _commitPrimary(Story memory story, uint256 index, PrimaryBlock memory block_) internal {
        (StoredBlock[] memory stored, bytes32[] memory syncHashes) = _before(story, index);
        PrimaryBlock[] memory blocks = new PrimaryBlock[](1);
        blocks[0] = block_;
        vm.warp(block_.timestamp);
        vm.prank(validator);
        primary.commitBlocks(stored[primaryIndex], syncHashes, blocks);
    }

    function _commitSecondary(Story memory story, uint256 index, uint8 chainIndex) internal {
        (StoredBlock[] memory stored,) = _before(story, index);
        SecondaryBlock[] memory blocks = new SecondaryBlock[](1);
        blocks[0] = story.blocks[index].secondary[chainIndex];
        vm.prank(validator);
        rollups[chainIndex].commitBlocks(stored[chainIndex], blocks);
    }

    function _commitAll(Story memory story, uint256 index) internal {
        _commitPrimary(story, index, story.blocks[index].primary);
        for (uint8 i = 0; i < rollups.length; ++i) {
            if (i != primaryIndex) _commitSecondary(story, index, i);
        }
    }

    /// @dev Blocks `from` … `to` in one call.
    function _prove(Story memory story, uint256 from, uint256 to) internal {
        (StoredBlock[] memory stored, bytes32[][] memory syncHashes, BlockProof[] memory proofs) =
            _proveArguments(story, from, to);
        vm.prank(anyone);
        primary.proveBlocks(stored, syncHashes, proofs);
    }

    function _proveArguments(Story memory story, uint256 from, uint256 to)
        internal
        view
        returns (StoredBlock[] memory stored, bytes32[][] memory syncHashes, BlockProof[] memory proofs)
    {
        uint256 count = to - from + 1;
        stored = new StoredBlock[](count);
        syncHashes = new bytes32[][](count);
        proofs = new BlockProof[](count);
        for (uint256 i = 0; i < count; ++i) {
            StoryBlock memory block_ = story.blocks[from + i];
            stored[i] = block_.stored[primaryIndex];
            syncHashes[i] = block_.syncHashes;
            proofs[i] = block_.proof;
        }
    }

    function _syncAll(StoryBlock memory block_) internal {
        vm.startPrank(anyone);
        for (uint8 i = 0; i < rollups.length; ++i) {
            if (i == primaryIndex) primary.syncBlock(block_.stored[i], block_.syncHashes);
            else rollups[i].syncBlock(block_.stored[i]);
        }
        vm.stopPrank();
    }

    function _execute(StoryBlock memory block_, uint8 chainIndex) internal {
        ExecuteBlock[] memory blocks = new ExecuteBlock[](1);
        blocks[0] =
            ExecuteBlock({ stored: block_.stored[chainIndex], onchainData: block_.secondary[chainIndex].onchainData });
        vm.prank(anyone);
        rollups[chainIndex].executeBlocks(blocks);
    }

    /// @dev Every block through all stages on every chain, one after the other.
    function _runBlockByBlock(Story memory story) internal {
        for (uint256 i = 0; i < story.blocks.length; ++i) {
            _runBlock(story, i);
        }
    }

    /// @dev One block through all stages on every chain.
    function _runBlock(Story memory story, uint256 index) internal {
        _confirmBlock(story, index);
        for (uint8 chain = 0; chain < rollups.length; ++chain) {
            _execute(story.blocks[index], chain);
            assertEq(rollups[chain].totalBlocksExecuted(), index + 1, "executed on every chain");
        }
    }

    /// @dev One block through all stages but execution on every chain.
    function _confirmBlock(Story memory story, uint256 index) internal {
        StoryBlock memory block_ = story.blocks[index];
        _request(block_);
        _commitAll(story, index);
        _prove(story, index, index);
        _syncAll(block_);
        vm.prank(anyone);
        arbitrator.confirmBlock(block_.primary.blockNumber);
        for (uint8 chain = 0; chain < rollups.length; ++chain) {
            assertEq(rollups[chain].totalBlocksConfirmed(), index + 1, "confirmed on every chain");
        }
    }

    /// @dev All blocks with one call of proveBlocks, one sync of each chain and one confirmation.
    function _runInOneCall(Story memory story) internal {
        uint256 last = story.blocks.length - 1;
        for (uint256 i = 0; i <= last; ++i) {
            _request(story.blocks[i]);
            _commitAll(story, i);
        }
        _prove(story, 0, last);
        _syncAll(story.blocks[last]);
        vm.prank(anyone);
        arbitrator.confirmBlock(uint32(last + 1));
        for (uint256 i = 0; i <= last; ++i) {
            for (uint8 chain = 0; chain < rollups.length; ++chain) {
                _execute(story.blocks[i], chain);
            }
        }
    }

    /// @dev What the contracts compute is what TypeScript computed, block by block.
    function _requirePublicInputs(Story memory story) internal view {
        for (uint256 i = 0; i < story.blocks.length; ++i) {
            uint256 rootIn = i == 0 ? story.genesis[0].finalRoot : story.blocks[i - 1].primary.finalRoot;
            (uint256[5][] memory segments, uint256[3] memory join) =
                primary.proofInputs(rootIn, story.blocks[i].primary);
            assertEq(
                abi.encode(segments, join),
                abi.encode(story.blocks[i].proof.segmentInputs, story.blocks[i].proof.joinInputs),
                "public inputs"
            );
        }
    }

    function _requireQueuesServed() internal view {
        for (uint8 chain = 0; chain < rollups.length; ++chain) {
            (uint64 nextId, uint64 nextToCommit, uint64 nextToExecute) = rollups[chain].priorityQueueState();
            assertEq(nextToCommit, nextId, "every request is committed");
            assertEq(nextToExecute, nextId, "every request is executed");
        }
    }
}
