// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { ERC1967Proxy } from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol";
import { Test } from "forge-std/Test.sol";

import { PrimaryRollup } from "../../src/PrimaryRollup.sol";
import { RollupExtension } from "../../src/RollupExtension.sol";
import { SecondaryRollup } from "../../src/SecondaryRollup.sol";
import { OP_CREDIT, OP_DEPOSIT, OP_OPEN, OP_WITHDRAW } from "../../src/generated/Params.sol";
import { IRollup } from "../../src/interfaces/IRollup.sol";
import { PriorityQueue } from "../../src/libraries/PriorityQueue.sol";
import { Pubdata } from "../../src/libraries/Pubdata.sol";
import { SyncHash } from "../../src/libraries/SyncHash.sol";
import { PrimaryBlock, SegmentData, StoredBlock } from "../../src/types/Block.sol";
import { InitializeParameters } from "../../src/types/InitializeParameters.sol";
import { FormatsReference } from "../utils/FormatsReference.sol";
import { LibraryHarness } from "../utils/LibraryHarness.sol";

struct SegmentVector {
    uint256 deploymentId;
    uint32 blockNumber;
    uint64 timestamp;
    SegmentData segment;
    uint256[7] header;
    uint256[] onchainWords;
    uint256[] l2Words;
    uint256[5] publicInputs;
}

struct RefusedVector {
    bool onchain;
    string reason;
    uint256 offset;
    bytes data;
}

struct JoinVector {
    uint256 deploymentId;
    uint32 blockNumber;
    uint256 finalRootIn;
    uint256 finalRootOut;
    uint256 legs;
    uint8[] chainIndices;
    uint256[] rootsIn;
    uint256[] rootsOut;
    uint256[] words;
    uint256[3] publicInputs;
}

struct DepositVector {
    uint32 token;
    address owner;
    uint128 amount;
    uint256 keyX;
    uint256 keyY;
    bytes32 requestHash;
    bytes27 queued;
    bytes operation;
}

struct FullExitVector {
    uint32 leafIndex;
    address owner;
    uint128 least;
    bytes32 requestHash;
    bytes27 queued;
    bytes operation;
}

struct SyncHashVector {
    bytes32 previous;
    uint32 blockNumber;
    uint64 timestamp;
    uint256 finalRoot;
    bytes onchainData;
    bytes32 onchainOpsHash;
    bytes32 syncHash;
}

struct StoredBlockVector {
    StoredBlock stored;
    bytes32 storedBlockHash;
}

struct GenesisVector {
    uint256 deploymentId;
    uint8 chainIndex;
    uint8 chainCount;
    bool primary;
    StoredBlock stored;
    bytes32 storedBlockHash;
}

struct ProofInputsVector {
    uint256[5][] segmentInputs;
    uint256[3] joinInputs;
    bytes32 proofInputsHash;
}

struct SyncHashListVector {
    bytes32[] syncHashes;
    bytes32 syncHashesHash;
}

/// @notice The contracts against what TypeScript computes from the same formats (test/fixtures/vectors.json, made by `npm run gen`).
contract VectorsTest is Test {
    LibraryHarness private harness;
    string private json;

    function setUp() public {
        harness = new LibraryHarness();
        json = vm.readFile("test/fixtures/vectors.json");
    }

    function test_SegmentInputs() public view {
        SegmentVector[] memory list = abi.decode(_data("segments"), (SegmentVector[]));
        assertGt(list.length, 0, "there are vectors");
        for (uint256 i = 0; i < list.length; ++i) {
            SegmentVector memory v = list[i];
            assertEq(harness.onchainWords(v.segment.onchainData), v.onchainWords, "on-chain words");
            assertEq(harness.l2Words(v.segment.l2Data), v.l2Words, "L2 words");
            uint256[5] memory actual = harness.segmentInputs(v.segment, v.deploymentId, v.blockNumber, v.timestamp);
            assertEq(abi.encode(actual), abi.encode(v.publicInputs), "public inputs");
        }
    }

    /// @notice The other side shows every kind of each list, so the test above leaves none out.
    function test_EveryKindIsInTheVectors() public view {
        SegmentVector[] memory list = abi.decode(_data("segments"), (SegmentVector[]));
        uint256 onchain = 0;
        uint256 l2 = 0;
        for (uint256 i = 0; i < list.length; ++i) {
            onchain |= _kinds(list[i].segment.onchainData);
            l2 |= _kinds(list[i].segment.l2Data);
        }
        assertEq(onchain, (1 << (OP_WITHDRAW + 1)) - (1 << OP_DEPOSIT), "deposit to withdraw");
        assertEq(l2, (1 << (OP_CREDIT + 1)) - (1 << OP_OPEN), "open to credit");
    }

    function test_RefusedData() public {
        RefusedVector[] memory list = abi.decode(_data("refusedData"), (RefusedVector[]));
        assertGt(list.length, 0, "there are vectors");
        for (uint256 i = 0; i < list.length; ++i) {
            RefusedVector memory v = list[i];
            if (keccak256(bytes(v.reason)) == keccak256("word")) {
                uint256 outside = FormatsReference.number(v.data, v.offset, 32);
                vm.expectRevert(abi.encodeWithSelector(Pubdata.WordNotInField.selector, outside));
            } else if (keccak256(bytes(v.reason)) == keccak256("unknown")) {
                vm.expectRevert(
                    abi.encodeWithSelector(Pubdata.UnknownOperation.selector, uint8(v.data[v.offset]), v.offset)
                );
            } else {
                vm.expectPartialRevert(Pubdata.TruncatedOperation.selector);
            }
            v.onchain ? harness.onchainWords(v.data) : harness.l2Words(v.data);
        }
    }

    function test_JoinInputs() public view {
        JoinVector[] memory list = abi.decode(_data("joins"), (JoinVector[]));
        assertGt(list.length, 0, "there are vectors");
        for (uint256 i = 0; i < list.length; ++i) {
            JoinVector memory v = list[i];
            PrimaryBlock memory block_;
            block_.blockNumber = v.blockNumber;
            block_.finalRoot = v.finalRootOut;
            block_.joinC1 = v.publicInputs[0];
            block_.segments = new SegmentData[](v.chainIndices.length);
            for (uint256 j = 0; j < v.chainIndices.length; ++j) {
                block_.segments[j].chainIndex = v.chainIndices[j];
                block_.segments[j].rootIn = v.rootsIn[j];
                block_.segments[j].rootOut = v.rootsOut[j];
                block_.segments[j].legsOut = v.legs;
            }
            uint256[3] memory actual = harness.joinInputs(block_, v.deploymentId, v.finalRootIn);
            assertEq(abi.encode(actual), abi.encode(v.publicInputs), "public inputs");
        }
    }

    function test_DepositRequests() public {
        DepositVector[] memory list = abi.decode(_data("depositRequests"), (DepositVector[]));
        assertGt(list.length, 0, "there are vectors");
        for (uint256 i = 0; i < list.length; ++i) {
            DepositVector memory v = list[i];
            bytes27 queued = PriorityQueue.depositHash(v.token, v.owner, v.amount, v.keyX, v.keyY);
            assertEq(queued, v.queued, "hash of the request");
            assertEq(queued, bytes27(v.requestHash), "its first 27 bytes");
            (uint64 requestId,) = harness.push(queued);
            assertEq(harness.matchRequests(v.operation, requestId), requestId + 1, "the operation consumes it");
        }
    }

    function test_FullExitRequests() public {
        FullExitVector[] memory list = abi.decode(_data("fullExitRequests"), (FullExitVector[]));
        assertGt(list.length, 0, "there are vectors");
        for (uint256 i = 0; i < list.length; ++i) {
            FullExitVector memory v = list[i];
            bytes27 queued = PriorityQueue.fullExitHash(v.leafIndex, v.owner, v.least);
            assertEq(queued, v.queued, "hash of the request");
            assertEq(queued, bytes27(v.requestHash), "its first 27 bytes");
            (uint64 requestId,) = harness.push(queued);
            assertEq(harness.matchRequests(v.operation, requestId), requestId + 1, "the operation consumes it");
        }
    }

    function test_SyncHashes() public view {
        SyncHashVector[] memory list = abi.decode(_data("syncHashes"), (SyncHashVector[]));
        assertGt(list.length, 0, "there are vectors");
        for (uint256 i = 0; i < list.length; ++i) {
            SyncHashVector memory v = list[i];
            SegmentData[] memory one = new SegmentData[](1);
            one[0].chainIndex = 2;
            one[0].onchainData = v.onchainData;
            assertEq(harness.onchainOpsHash(one, 2), v.onchainOpsHash, "on-chain ops hash");
            assertEq(
                SyncHash.extend(v.previous, v.blockNumber, v.timestamp, v.finalRoot, v.onchainOpsHash),
                v.syncHash,
                "sync hash"
            );
        }
    }

    function test_SyncHashLists() public view {
        SyncHashListVector[] memory list = abi.decode(_data("syncHashLists"), (SyncHashListVector[]));
        assertGt(list.length, 0, "there are vectors");
        for (uint256 i = 0; i < list.length; ++i) {
            assertEq(SyncHash.hashList(list[i].syncHashes), list[i].syncHashesHash, "hash of the list");
        }
    }

    function test_StoredBlocks() public view {
        StoredBlockVector[] memory list = abi.decode(_data("storedBlocks"), (StoredBlockVector[]));
        assertGt(list.length, 0, "there are vectors");
        for (uint256 i = 0; i < list.length; ++i) {
            assertEq(keccak256(abi.encode(list[i].stored)), list[i].storedBlockHash, "stored block hash");
        }
    }

    function test_ProofInputs() public view {
        ProofInputsVector[] memory list = abi.decode(_data("proofInputs"), (ProofInputsVector[]));
        assertGt(list.length, 0, "there are vectors");
        for (uint256 i = 0; i < list.length; ++i) {
            assertEq(
                keccak256(abi.encode(list[i].segmentInputs, list[i].joinInputs)),
                list[i].proofInputsHash,
                "proof inputs hash"
            );
        }
    }

    /// @notice Contracts deployed for each topology hold the genesis block that TypeScript starts from.
    function test_Genesis() public {
        GenesisVector[] memory list = abi.decode(_data("genesis"), (GenesisVector[]));
        assertGt(list.length, 0, "there are vectors");
        for (uint256 i = 0; i < list.length; ++i) {
            GenesisVector memory v = list[i];
            InitializeParameters memory parameters = InitializeParameters({
                deploymentId: v.deploymentId,
                chainIndex: v.chainIndex,
                chainCount: v.chainCount,
                admin: address(this),
                governor: address(this),
                validator: address(this),
                verifier: address(this),
                priorityExpiration: 1,
                maxOpenRequests: 1024,
                exitBond: 0.01 ether,
                bondReceiver: address(this),
                timestampPastTolerance: 1,
                timestampFutureTolerance: 1
            });
            address implementation = v.primary
                ? address(new PrimaryRollup(address(new RollupExtension())))
                : address(new SecondaryRollup(address(new RollupExtension())));
            bytes memory call = v.primary
                ? abi.encodeCall(PrimaryRollup.initialize, (parameters))
                : abi.encodeCall(SecondaryRollup.initialize, (parameters));
            IRollup rollup = IRollup(address(new ERC1967Proxy(implementation, call)));
            assertEq(abi.encode(rollup.genesisBlock()), abi.encode(v.stored), "genesis block");
            assertEq(rollup.storedBlockHash(0), v.storedBlockHash, "stored block hash");
        }
    }

    /// @dev Bit k: an operation of kind k.
    function _kinds(bytes memory data) private pure returns (uint256 kinds) {
        uint256 offset = 0;
        while (offset < data.length) {
            kinds |= 1 << uint8(data[offset]);
            uint256[] memory sizes = FormatsReference.wordSizes(uint8(data[offset]));
            for (uint256 i = 0; i < sizes.length; ++i) {
                offset += sizes[i];
            }
        }
    }

    function _data(string memory key) private view returns (bytes memory) {
        return vm.parseJsonBytes(json, string.concat(".", key, ".data"));
    }
}
