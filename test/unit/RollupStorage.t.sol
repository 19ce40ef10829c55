// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { StoredBlock } from "../../src/types/Block.sol";
import { FormatsReference } from "../utils/FormatsReference.sol";
import { Operations } from "../utils/Operations.sol";
import { RollupTest } from "../utils/RollupTest.sol";

/// @notice The slot table of RollupStorage, read from raw storage: an upgrade that moves a slot fails here.
contract RollupStorageTest is RollupTest {
    StoredBlock private stored;

    /// The secondary with 3 committed, 2 synced, 1 confirmed and executed blocks; 3 requests, 2 committed, 1 executed.
    function setUp() public override {
        super.setUp();
        bytes memory first =
            bytes.concat(depositNative(secondary, alice, 1 ether, 7), Operations.withdraw(7, TOKEN, bob, 9));
        bytes memory second = depositNative(secondary, alice, 2 ether, 7);
        depositNative(secondary, alice, 3 ether, 7);
        stored = runSecondary(first);
        secondary.syncBlock(commitSecondary(second));
        commitSecondary("");
    }

    function test_FixedSlots() public view {
        assertEq(
            _slot(0),
            bytes32(
                abi.encodePacked(
                    FUTURE, PAST, CHAIN_COUNT, SECONDARY_INDEX, uint32(1), uint32(1), uint32(2), uint32(3), uint32(3)
                )
            ),
            "0: tolerances, chain count, chain index, executed, confirmed, synced, proved, committed"
        );
        assertEq(_slot(1), bytes32(DEPLOYMENT_ID), "1: deployment id");
        assertEq(
            _slot(2),
            bytes32(abi.encodePacked(uint32(0), uint64(1000), address(secondaryGateway))),
            "2: deployed at block, gateway"
        );
        assertEq(_slot(3), bytes32(0), "3: a secondary has no verifier");
        assertEq(
            vm.load(address(primary), bytes32(uint256(3))), bytes32(uint256(uint160(address(verifier)))), "3: verifier"
        );
        assertEq(
            _slot(4),
            bytes32(abi.encodePacked(uint24(0), EXPIRATION, uint64(1), uint64(2), uint64(3))),
            "4: expiration, next to execute, next to commit, next id"
        );
        for (uint256 i = 5; i < 50; ++i) {
            assertEq(_slot(i), bytes32(0), "mappings and gap");
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

    function _slot(uint256 slot) private view returns (bytes32) {
        return vm.load(address(secondary), bytes32(slot));
    }

    function _keyed(uint256 key, uint256 slot) private pure returns (uint256) {
        return uint256(keccak256(abi.encode(key, slot)));
    }
}
