// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { ERC1967Proxy } from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol";
import { Test } from "forge-std/Test.sol";

import { PrimaryRollup } from "../../src/PrimaryRollup.sol";
import { RollupExtension } from "../../src/RollupExtension.sol";
import { SecondaryRollup } from "../../src/SecondaryRollup.sol";
import { FIELD_ORDER } from "../../src/generated/Params.sol";
import { IRollup } from "../../src/interfaces/IRollup.sol";
import {
    BlockProof,
    ExecuteBlock,
    PrimaryBlock,
    Proof,
    SecondaryBlock,
    SegmentData,
    StoredBlock
} from "../../src/types/Block.sol";
import { InitializeParameters } from "../../src/types/InitializeParameters.sol";
import { FormatsReference } from "./FormatsReference.sol";
import { Operations } from "./Operations.sol";
import { GatewayDouble } from "./doubles/GatewayDouble.sol";
import { MisbehavingToken, TestToken } from "./doubles/Tokens.sol";
import { VerifierDouble } from "./doubles/VerifierDouble.sol";

/// @notice Actors, a primary (chain 0) and a secondary (chain 1) of a topology of three chains, and steps through the life of a block.
/// Blocks have made-up roots: the verifier is a double, so what the contracts themselves check is tested alone.
abstract contract RollupTest is Test {
    uint256 internal constant DEPLOYMENT_ID = uint256(keccak256("test deployment")) >> 8;
    uint8 internal constant PRIMARY_INDEX = 0;
    uint8 internal constant SECONDARY_INDEX = 1;
    uint8 internal constant CHAIN_COUNT = 3;
    uint40 internal constant EXPIRATION = 3 days;
    uint24 internal constant MAX_OPEN = 1024;
    uint96 internal constant EXIT_BOND = 0.01 ether;
    uint32 internal constant PAST = 1 hours;
    uint32 internal constant FUTURE = 15 minutes;
    uint64 internal constant START = 1_800_000_000;
    uint32 internal constant NATIVE = 1;
    uint32 internal constant TOKEN = 2;
    uint32 internal constant BAD_TOKEN = 3;
    uint256 internal constant KEY_X = 11;
    uint256 internal constant KEY_Y = FIELD_ORDER - 12;

    address internal admin = makeAddr("admin");
    address internal governor = makeAddr("governor");
    address internal validator = makeAddr("validator");
    address internal anyone = makeAddr("anyone");
    address internal bondReceiver = makeAddr("bond receiver");
    address internal alice = makeAddr("alice");
    address internal bob = makeAddr("bob");

    PrimaryRollup internal primary;
    SecondaryRollup internal secondary;
    VerifierDouble internal verifier;
    GatewayDouble internal primaryGateway;
    GatewayDouble internal secondaryGateway;
    TestToken internal token;
    MisbehavingToken internal badToken;

    /// Last committed block of each chain, and the sync hashes of all chains on the primary.
    StoredBlock internal lastPrimary;
    StoredBlock internal lastSecondary;
    bytes32[] internal lastSyncHashes;

    function setUp() public virtual {
        vm.warp(START);
        vm.roll(1000);
        verifier = new VerifierDouble();
        primary = deployPrimary(parameters(PRIMARY_INDEX));
        secondary = deploySecondary(parameters(SECONDARY_INDEX));
        token = new TestToken();
        badToken = new MisbehavingToken();
        primaryGateway = wire(primary);
        secondaryGateway = wire(secondary);
        lastPrimary = primary.genesisBlock();
        lastSecondary = secondary.genesisBlock();
        for (uint8 i = 0; i < CHAIN_COUNT; ++i) {
            lastSyncHashes.push(keccak256(abi.encode(DEPLOYMENT_ID, i)));
        }
        vm.deal(alice, 1000 ether);
        vm.deal(anyone, 1000 ether);
        token.mint(alice, 1e30);
        badToken.mint(alice, 1e30);
        vm.startPrank(alice);
        token.approve(address(primary), type(uint256).max);
        token.approve(address(secondary), type(uint256).max);
        badToken.approve(address(secondary), type(uint256).max);
        vm.stopPrank();
    }

    function deployPrimary(InitializeParameters memory own) internal returns (PrimaryRollup) {
        PrimaryRollup implementation = new PrimaryRollup(address(new RollupExtension()));
        bytes memory call = abi.encodeCall(PrimaryRollup.initialize, (own));
        return PrimaryRollup(address(new ERC1967Proxy(address(implementation), call)));
    }

    function deploySecondary(InitializeParameters memory own) internal returns (SecondaryRollup) {
        SecondaryRollup implementation = new SecondaryRollup(address(new RollupExtension()));
        bytes memory call = abi.encodeCall(SecondaryRollup.initialize, (own));
        return SecondaryRollup(address(new ERC1967Proxy(address(implementation), call)));
    }

    function parameters(uint8 chainIndex) internal view returns (InitializeParameters memory) {
        return InitializeParameters({
            deploymentId: DEPLOYMENT_ID,
            chainIndex: chainIndex,
            chainCount: CHAIN_COUNT,
            admin: admin,
            governor: governor,
            validator: validator,
            verifier: address(verifier),
            priorityExpiration: EXPIRATION,
            maxOpenRequests: MAX_OPEN,
            exitBond: EXIT_BOND,
            bondReceiver: bondReceiver,
            timestampPastTolerance: PAST,
            timestampFutureTolerance: FUTURE
        });
    }

    function wire(IRollup rollup) internal returns (GatewayDouble gateway) {
        gateway = new GatewayDouble(rollup);
        vm.prank(admin);
        rollup.setGateway(address(gateway));
        vm.startPrank(governor);
        rollup.registerToken(TOKEN, address(token));
        rollup.registerToken(BAD_TOKEN, address(badToken));
        vm.stopPrank();
    }

    // ── deposit ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    /// @dev Deposits native coin for `owner` and returns the operation that serves it.
    function depositNative(IRollup rollup, address owner, uint128 amount, uint24 leafIndex)
        internal
        returns (bytes memory)
    {
        vm.prank(alice);
        rollup.depositNative{ value: amount }(owner, KEY_X, KEY_Y);
        return Operations.deposit(leafIndex, NATIVE, owner, amount, KEY_X, KEY_Y);
    }

    function depositToken(IRollup rollup, uint32 id, address owner, uint128 amount, uint24 leafIndex)
        internal
        returns (bytes memory)
    {
        vm.prank(alice);
        rollup.depositToken(id, amount, owner, KEY_X, KEY_Y);
        return Operations.deposit(leafIndex, id, owner, amount, KEY_X, KEY_Y);
    }

    /// @dev Requests a full exit by `owner`, of whatever there is, and returns the operation that serves it with `amount` of `id`.
    function requestFullExit(IRollup rollup, address owner, uint24 leafIndex, uint32 id, uint128 amount)
        internal
        returns (bytes memory)
    {
        vm.deal(owner, owner.balance + EXIT_BOND);
        vm.prank(owner);
        rollup.requestFullExit{ value: EXIT_BOND }(leafIndex, 0);
        return Operations.fullExit(leafIndex, id, owner, amount);
    }

    // ── commit ──────────────────────────────────────────────────────────────────────────────────────────────────────────

    function rootOf(uint32 blockNumber) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode("final root", blockNumber))) % FIELD_ORDER;
    }

    function segment(uint8 chainIndex, bytes memory onchainData, bytes memory l2Data)
        internal
        pure
        returns (SegmentData memory)
    {
        return SegmentData({
            chainIndex: chainIndex,
            rootIn: 1001,
            rootOut: uint256(keccak256(onchainData)) % FIELD_ORDER,
            legsIn: 0,
            legsOut: 0,
            c1: 1005,
            c2: 1006,
            onchainData: onchainData,
            l2Data: l2Data
        });
    }

    function segments(SegmentData memory only) internal pure returns (SegmentData[] memory list) {
        list = new SegmentData[](1);
        list[0] = only;
    }

    /// @dev The block after the last committed one.
    function primaryBlock(SegmentData[] memory list) internal view returns (PrimaryBlock memory) {
        return primaryBlockAfter(lastPrimary, list);
    }

    function primaryBlockAfter(StoredBlock memory last, SegmentData[] memory list)
        internal
        view
        returns (PrimaryBlock memory)
    {
        uint32 blockNumber = last.blockNumber + 1;
        return PrimaryBlock({
            blockNumber: blockNumber,
            timestamp: uint64(block.timestamp),
            finalRoot: rootOf(blockNumber),
            joinC1: 2000 + blockNumber,
            segments: list
        });
    }

    function secondaryBlock(bytes memory onchainData) internal view returns (SecondaryBlock memory) {
        return secondaryBlockAfter(lastSecondary, onchainData);
    }

    function secondaryBlockAfter(StoredBlock memory last, bytes memory onchainData)
        internal
        view
        returns (SecondaryBlock memory)
    {
        uint32 blockNumber = last.blockNumber + 1;
        return SecondaryBlock({
            blockNumber: blockNumber,
            timestamp: uint64(block.timestamp),
            finalRoot: rootOf(blockNumber),
            onchainData: onchainData
        });
    }

    /// @dev What the primary must store for `block_`, by the reference.
    function expectedPrimary(StoredBlock memory last, bytes32[] memory syncHashes, PrimaryBlock memory block_)
        internal
        pure
        returns (StoredBlock memory stored, bytes32[] memory newSyncHashes)
    {
        newSyncHashes = new bytes32[](syncHashes.length);
        for (uint8 i = 0; i < syncHashes.length; ++i) {
            newSyncHashes[i] = FormatsReference.syncHash(
                syncHashes[i],
                block_.blockNumber,
                block_.timestamp,
                block_.finalRoot,
                FormatsReference.onchainBytes(block_, i)
            );
        }
        (uint256[5][] memory segmentInputs, uint256[3] memory joinInputs) = expectedInputs(last.finalRoot, block_);
        bytes memory own = FormatsReference.onchainBytes(block_, PRIMARY_INDEX);
        stored = StoredBlock({
            blockNumber: block_.blockNumber,
            priorityRequestsTotal: last.priorityRequestsTotal + FormatsReference.countRequests(own),
            timestamp: block_.timestamp,
            finalRoot: block_.finalRoot,
            onchainOpsHash: keccak256(own),
            syncHash: newSyncHashes[PRIMARY_INDEX],
            proofInputsHash: keccak256(abi.encode(segmentInputs, joinInputs)),
            syncHashesHash: keccak256(abi.encode(newSyncHashes))
        });
    }

    function expectedInputs(uint256 finalRootIn, PrimaryBlock memory block_)
        internal
        pure
        returns (uint256[5][] memory segmentInputs, uint256[3] memory joinInputs)
    {
        segmentInputs = new uint256[5][](block_.segments.length);
        for (uint256 i = 0; i < segmentInputs.length; ++i) {
            segmentInputs[i] = FormatsReference.segmentInputs(
                block_.segments[i], DEPLOYMENT_ID, block_.blockNumber, block_.timestamp
            );
        }
        joinInputs = FormatsReference.joinInputs(block_, DEPLOYMENT_ID, finalRootIn);
    }

    function expectedSecondary(StoredBlock memory last, SecondaryBlock memory block_)
        internal
        pure
        returns (StoredBlock memory)
    {
        return StoredBlock({
            blockNumber: block_.blockNumber,
            priorityRequestsTotal: last.priorityRequestsTotal + FormatsReference.countRequests(block_.onchainData),
            timestamp: block_.timestamp,
            finalRoot: block_.finalRoot,
            onchainOpsHash: keccak256(block_.onchainData),
            syncHash: FormatsReference.syncHash(
                last.syncHash, block_.blockNumber, block_.timestamp, block_.finalRoot, block_.onchainData
            ),
            proofInputsHash: 0,
            syncHashesHash: 0
        });
    }

    /// @dev Commits one block to the primary as the validator; the reference's stored block becomes the last.
    function commitPrimary(SegmentData[] memory list) internal returns (StoredBlock memory) {
        PrimaryBlock[] memory blocks = new PrimaryBlock[](1);
        blocks[0] = primaryBlock(list);
        (StoredBlock memory stored, bytes32[] memory syncHashes) =
            expectedPrimary(lastPrimary, lastSyncHashes, blocks[0]);
        vm.prank(validator);
        primary.commitBlocks(lastPrimary, lastSyncHashes, blocks);
        lastPrimary = stored;
        lastSyncHashes = syncHashes;
        return stored;
    }

    function commitPrimary(bytes memory onchainData) internal returns (StoredBlock memory) {
        return commitPrimary(segments(segment(PRIMARY_INDEX, onchainData, "")));
    }

    /// @dev Commits one block to the secondary as the validator; the reference's stored block becomes the last.
    function commitSecondary(bytes memory onchainData) internal returns (StoredBlock memory) {
        SecondaryBlock[] memory blocks = new SecondaryBlock[](1);
        blocks[0] = secondaryBlock(onchainData);
        StoredBlock memory stored = expectedSecondary(lastSecondary, blocks[0]);
        vm.prank(validator);
        secondary.commitBlocks(lastSecondary, blocks);
        lastSecondary = stored;
        return stored;
    }

    // ── prove, sync, confirm, execute ───────────────────────────────────────────────────────────────────────────────────

    /// @dev A proof that only the verifier double accepts, over the inputs that the reference computes.
    function blockProof(uint256 finalRootIn, PrimaryBlock memory block_)
        internal
        pure
        returns (BlockProof memory proof)
    {
        (proof.segmentInputs, proof.joinInputs) = expectedInputs(finalRootIn, block_);
        proof.segmentProofs = new Proof[](block_.segments.length);
        for (uint256 i = 0; i < proof.segmentProofs.length; ++i) {
            proof.segmentProofs[i] =
                Proof({ a: [uint256(1), i], b: [[uint256(2), i], [uint256(3), i]], c: [uint256(4), i] });
        }
        proof.joinProof = Proof({ a: [uint256(5), 5], b: [[uint256(6), 6], [uint256(7), 7]], c: [uint256(8), 8] });
    }

    function storedList(StoredBlock memory only) internal pure returns (StoredBlock[] memory list) {
        list = new StoredBlock[](1);
        list[0] = only;
    }

    function executeList(StoredBlock memory stored, bytes memory onchainData)
        internal
        pure
        returns (ExecuteBlock[] memory list)
    {
        list = new ExecuteBlock[](1);
        list[0] = ExecuteBlock({ stored: stored, onchainData: onchainData });
    }

    /// @dev Syncs and confirms `stored` on the secondary.
    function confirmSecondary(StoredBlock memory stored) internal {
        secondary.syncBlock(stored);
        secondaryGateway.confirm(stored.blockNumber, stored.syncHash);
    }

    /// @dev Commits, syncs, confirms and executes a block with `onchainData` on the secondary.
    function runSecondary(bytes memory onchainData) internal returns (StoredBlock memory stored) {
        stored = commitSecondary(onchainData);
        confirmSecondary(stored);
        secondary.executeBlocks(executeList(stored, onchainData));
    }
}
