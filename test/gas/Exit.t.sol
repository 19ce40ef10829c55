// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { Verifier } from "../../src/Verifier.sol";
import { StoredBlock } from "../../src/types/Block.sol";
import { InitializeParameters } from "../../src/types/InitializeParameters.sol";
import { LeafExit } from "../../src/types/LeafExit.sol";
import { KeyId } from "../../src/types/Statement.sol";
import { ExitTest } from "../utils/ExitTest.sol";
import { Trapdoor } from "../utils/Trapdoor.sol";
import { PayingVerifier } from "../utils/doubles/PayingVerifier.sol";

/// @notice Gas of exit mode on a secondary that is in use, whole transactions → test/snapshots/Exit.json.
/// Exits cost what checking real proofs costs, and the double's own call (about 3,500 gas) above it.
/// forge-config: default.isolate = true
contract ExitGasTest is ExitTest {
    string private constant GROUP = "Exit";

    StoredBlock private last;

    function setUp() public override {
        super.setUp();
        InitializeParameters memory own = parameters(SECONDARY_INDEX);
        own.verifier = address(new PayingVerifier(new Verifier(false)));
        secondary = deploySecondary(own);
        secondaryGateway = wire(secondary);
        lastSecondary = secondary.genesisBlock();
        last = runSecondary(depositNative(secondary, alice, 1 ether, 1));
        depositNative(secondary, bob, 1 ether, 1);
        requestFullExit(secondary, bob, 1, NATIVE, 0);
    }

    function test_TriggerAndHalt() public {
        expire(secondary);
        secondary.triggerExitMode();
        vm.snapshotGasLastCall(GROUP, "trigger exit mode");
        secondary.sendHaltRequest();
        vm.snapshotGasLastCall(GROUP, "send halt request (gateway double)");
        vm.prank(address(secondaryGateway));
        secondary.receiveHalt(last.blockNumber, last.finalRoot, last.syncHash);
        vm.snapshotGasLastCall(GROUP, "receive halt");
    }

    function test_ExitOne() public {
        halt(secondaryGateway, last);
        // The bit beside it is taken already.
        secondary.exitLeaves(_exits(7, 1));
        secondary.exitLeaves(_exits(8, 1));
        vm.snapshotGasLastCall(GROUP, "exit 1 leaf");
    }

    function test_ExitTen() public {
        halt(secondaryGateway, last);
        secondary.exitLeaves(_exits(7, 1));
        secondary.exitLeaves(_exits(8, 10));
        vm.snapshotGasLastCall(GROUP, "exit 10 leaves");
    }

    function test_Refunds() public {
        halt(secondaryGateway, last);
        secondary.refundDeposit(1, NATIVE, bob, 1 ether, KEY_X, KEY_Y);
        vm.snapshotGasLastCall(GROUP, "refund deposit");
        secondary.withdrawPending(bob, NATIVE);
        secondary.refundBond(2, 1, bob, 0);
        vm.snapshotGasLastCall(GROUP, "refund bond");
    }

    /// @dev Leaves of as many owners; valid points that are no proofs of the rollup's keys cost what a proof costs.
    function _exits(uint32 first, uint32 count) private view returns (LeafExit[] memory exits) {
        exits = new LeafExit[](count);
        for (uint32 i = 0; i < count; ++i) {
            address owner = address(uint160(uint256(keccak256(abi.encode("owner", first + i)))));
            exits[i] = leafExit(first + i, owner, NATIVE, 123_456_789_012_345_678);
            exits[i].proof = Trapdoor.prove(KeyId.Exit, new uint256[](6), 1000 + first + i, 3).proof;
        }
    }
}
