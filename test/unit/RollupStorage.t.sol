// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { RollupExtension } from "../../src/RollupExtension.sol";
import { GENESIS_ROOT } from "../../src/generated/Params.sol";
import { IRollupState } from "../../src/interfaces/IRollupState.sol";
import { ExecuteBlock, StoredBlock } from "../../src/types/Block.sol";
import { Mode } from "../../src/types/Mode.sol";
import { ExitTest } from "../utils/ExitTest.sol";
import { FormatsReference } from "../utils/FormatsReference.sol";
import { Operations } from "../utils/Operations.sol";

/// @notice The slot table of RollupStorage, read from raw storage: an upgrade that moves a slot fails here.
contract RollupStorageTest is ExitTest {
    StoredBlock private stored;
    StoredBlock private synced;

    /// The secondary with 3 committed, 2 synced, 1 confirmed and executed blocks; 3 requests, 2 committed, 1 executed.
    function setUp() public override {
        super.setUp();
        bytes memory first =
            bytes.concat(depositNative(secondary, alice, 1 ether, 7), Operations.withdraw(7, TOKEN, bob, 9));
        bytes memory second = depositNative(secondary, alice, 2 ether, 7);
        depositNative(secondary, alice, 3 ether, 7);
        stored = runSecondary(first);
        synced = commitSecondary(second);
        secondary.syncBlock(synced);
        commitSecondary("");
    }

    function test_FixedSlots() public view {
        assertEq(
            _slot(0),
            bytes32(
                abi.encodePacked(
                    bytes1(0),
                    Mode.Running,
                    FUTURE,
                    PAST,
                    CHAIN_COUNT,
                    SECONDARY_INDEX,
                    uint32(1),
                    uint32(1),
                    uint32(2),
                    uint32(3),
                    uint32(3)
                )
            ),
            "0: mode, tolerances, chain count, chain index, executed, confirmed, synced, proved, committed"
        );
        assertEq(_slot(1), bytes32(DEPLOYMENT_ID), "1: deployment id");
        assertEq(
            _slot(2),
            bytes32(abi.encodePacked(uint32(0), uint64(1000), address(secondaryGateway))),
            "2: deployed at block, gateway"
        );
        assertEq(_slot(3), bytes32(abi.encodePacked(uint96(0), address(verifier))), "3: halt block, verifier");
        assertEq(
            _slot(4),
            bytes32(abi.encodePacked(MAX_OPEN, EXPIRATION, uint64(1), uint64(2), uint64(3))),
            "4: bound, expiration, next to execute, next to commit, next id"
        );
        assertEq(_slot(11), bytes32(abi.encodePacked(bondReceiver, EXIT_BOND)), "11: bond receiver, exit bond");
        assertEq(_slot(12), bytes32(stored.finalRoot), "12: final root of the last executed block");
        assertEq(
            vm.load(address(primary), bytes32(uint256(12))), bytes32(GENESIS_ROOT), "12: of block 0 before the first"
        );
        for (uint256 i = 5; i < 50; ++i) {
            if (i != 11 && i != 12) assertEq(_slot(i), bytes32(0), "mappings and gap");
        }
    }

    function test_Mappings() public view {
        (bytes27 requestHash, uint40 expiresAt) = secondary.priorityRequest(2);
        assertEq(
            _slot(_keyed(2, 5)), bytes32(abi.encodePacked(requestHash, expiresAt)), "5: requests, hash before expiry"
        );
        assertEq(_slot(_keyed(1, 6)), FormatsReference.hash(stored), "6: stored block hashes");
        assertEq(_slot(_keyed(1, 7)), stored.syncHash, "7: sync hashes sent");
        assertEq(_slot(_keyed(TOKEN, _keyed(uint256(uint160(bob)), 8))), bytes32(uint256(9)), "8: pending balances");
        assertEq(_slot(_keyed(TOKEN, 9)), bytes32(uint256(uint160(address(token)))), "9: token contracts");
        assertEq(_slot(_keyed(uint256(uint160(address(token))), 10)), bytes32(uint256(TOKEN)), "10: token ids");
    }

    function test_ExitMode() public {
        secondary.syncBlock(lastSecondary);
        halt(secondaryGateway, lastSecondary);
        bytes memory second = Operations.deposit(7, NATIVE, alice, 2 ether, KEY_X, KEY_Y);
        ExecuteBlock[] memory list = new ExecuteBlock[](2);
        list[0] = ExecuteBlock(synced, second);
        list[1] = ExecuteBlock(lastSecondary, "");
        secondary.executeBlocks(list);
        secondary.exitLeaves(exitList(leafExit(0x050602, alice, NATIVE, 1)));
        assertEq(_slot(0)[1], bytes1(uint8(Mode.Halted)), "0: mode");
        assertEq(_slot(3), bytes32(abi.encodePacked(uint64(0), uint32(3), address(verifier))), "3: halt block");
        assertEq(_slot(12), bytes32(lastSecondary.finalRoot), "12: final root of the last executed block");
        assertEq(_slot(_keyed(0x0506, 13)), bytes32(uint256(1 << 2)), "13: a bit for each leaf that has exited");
    }

    /// @notice The extension reads and writes the slots that the rollup contracts do: equal words mean equal state in all three.
    function test_TheExtensionHasTheSameLayout() public {
        address[3] memory places = [address(primary), address(secondary), address(new RollupExtension())];
        bytes32[14] memory words;
        for (uint256 slot = 0; slot < 14; ++slot) {
            words[slot] = keccak256(abi.encode(slot));
        }
        // A mode that there is, and the root's field: an address has no dirty bits that matter.
        words[0] = bytes32(abi.encodePacked(bytes1(0), Mode.Stopped, bytes30(words[0])));
        for (uint256 i = 0; i < 3; ++i) {
            for (uint256 slot = 0; slot < 14; ++slot) {
                vm.store(places[i], bytes32(slot), words[slot]);
            }
            vm.store(places[i], bytes32(_keyed(7, 5)), words[1]);
            vm.store(places[i], bytes32(_keyed(7, 6)), words[2]);
            vm.store(places[i], bytes32(_keyed(7, 7)), words[3]);
            vm.store(places[i], bytes32(_keyed(NATIVE, _keyed(uint256(uint160(bob)), 8))), words[4]);
            vm.store(places[i], bytes32(_keyed(7, 9)), bytes32(uint256(uint160(bob))));
            vm.store(places[i], bytes32(_keyed(0, 13)), bytes32(uint256(1 << 7)));
        }
        bytes32 expected = _state(places[0]);
        assertEq(_state(places[1]), expected, "secondary");
        assertEq(_state(places[2]), expected, "extension");
        vm.store(places[2], bytes32(uint256(3)), bytes32(0));
        assertNotEq(_state(places[2]), expected, "the comparison looks");
    }

    /// @dev Hash of what every getter says.
    function _state(address place) private view returns (bytes32) {
        IRollupState state = IRollupState(place);
        (uint64 nextId, uint64 nextToCommit, uint64 nextToExecute) = state.priorityQueueState();
        (bytes27 requestHash, uint40 expiresAt) = state.priorityRequest(7);
        bytes memory counters = abi.encode(
            state.mode(),
            state.chainIndex(),
            state.chainCount(),
            state.totalBlocksCommitted(),
            state.totalBlocksProved(),
            state.totalBlocksSynced(),
            state.totalBlocksConfirmed(),
            state.totalBlocksExecuted(),
            state.timestampPastTolerance(),
            state.timestampFutureTolerance()
        );
        bytes memory fixedSize = abi.encode(
            state.deploymentId(),
            state.gateway(),
            state.deployedAtBlock(),
            state.verifier(),
            state.haltBlock(),
            state.exitBond(),
            state.bondReceiver(),
            state.priorityExpiration(),
            state.maxOpenRequests()
        );
        bytes memory mappings = abi.encode(
            state.storedBlockHash(7),
            state.syncHashSent(7),
            state.pendingBalance(bob, NATIVE),
            state.tokenAddress(7),
            state.hasExited(7),
            state.hasExited(8)
        );
        bytes memory queue = abi.encode(nextId, nextToCommit, nextToExecute, requestHash, expiresAt);
        return keccak256(abi.encode(counters, fixedSize, mappings, queue));
    }

    function _slot(uint256 slot) private view returns (bytes32) {
        return vm.load(address(secondary), bytes32(slot));
    }

    function _keyed(uint256 key, uint256 slot) private pure returns (uint256) {
        return uint256(keccak256(abi.encode(key, slot)));
    }
}
