// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { IExitMode } from "../../src/interfaces/IExitMode.sol";
import { PriorityQueue } from "../../src/libraries/PriorityQueue.sol";
import { Mode } from "../../src/types/Mode.sol";
import { ExitRaces } from "../utils/ExitRaces.sol";

/// @notice Requests around the last block: each is served or refunded, never both and never neither.
contract ExitRequestsTest is ExitRaces {
    function test_HaltBeforeAnyBlock_OnlyRefunds() public {
        deposit(0, alice, NATIVE, 2 ether, ALICE);
        deposit(1, bob, TOKEN, 7 ether, BOB);
        requestExit(2, carol, CAROL);
        pass();
        trigger(0);
        requestHalt(0);
        deliverUp();
        sendHalt(0);
        sendHalt(1);
        vm.expectEmit(address(rollups[2]));
        emit IExitMode.Halted(0, 0);
        sendHalt(2);
        deliverDown();
        everybodyLeaves(0);
    }

    /// @dev A first block is on its way and is not confirmed in time.
    function test_HaltBeforeTheFirstBlockIsConfirmed() public {
        uint32 n = firstBlock();
        commitAll(n);
        prove(n);
        sync(0, n);
        sync(1, n);
        deliverUp();
        pass();
        haltFrom(1);
        everybodyLeaves(0);
    }

    function test_FullExitUpToM_IsExecutedAndItsBondReturnedOnce() public {
        live(firstBlock());
        requestExit(0, carol, CAROL);
        uint32 n = serveAndSeal();
        confirmEverywhere(n);
        execute(1, n);
        expire(1);
        haltFrom(1);
        uint64 id = uint64(requests[0].length - 1);
        vm.expectRevert(
            abi.encodeWithSelector(IExitMode.ExitsNotOpen.selector, Mode.Halted, n, rollups[0].totalBlocksExecuted())
        );
        this.refundOutside(0, id);
        execute(0, n);
        assertEq(rollups[0].pendingBalance(carol, NATIVE), EXIT_BOND, "bond");
        vm.expectRevert(
            abi.encodeWithSelector(
                PriorityQueue.WrongPriorityRequest.selector, id, bytes27(0), PriorityQueue.fullExitHash(CAROL, carol, 0)
            )
        );
        this.refundOutside(0, id);
        assertEq(claim(n, 0, CAROL), 0, "nothing is left to exit with");
        everybodyLeaves(n);
    }

    function test_FullExitAboveM_LeavesByProofAndGetsItsBondBack() public {
        live(firstBlock());
        requestExit(0, carol, CAROL);
        requestExit(1, bob, SHARES);
        uint32 n = serveAndSeal();
        commitAll(n);
        prove(n);
        pass();
        haltFrom(0);
        assertEq(claim(1, 0, CAROL), 100 ether, "carol's leaf is as it was");
        everybodyLeaves(1);
    }

    /// @dev A full exit of somebody else's leaf in a block up to m: its bond is the bond receiver's, and is not given back a second time.
    function test_FullExitOfAnothersLeaf_LosesItsBondOnce() public {
        live(firstBlock());
        requestExit(2, bob, ALICE);
        uint32 n = serveAndSeal();
        live(n);
        requestExit(2, bob, ALICE);
        pass();
        haltFrom(2);
        assertEq(dueAt(n, 2, bondReceiver, NATIVE, EXIT_BOND, bondReceiver), EXIT_BOND, "the first bond");
        everybodyLeaves(n);
    }

    /// @dev Shares that are not enough for the least amount stay: the bond is gone, and the owner leaves with them all the same.
    function test_FullExitBelowItsLeastAmount_LeavesByProof() public {
        live(firstBlock());
        uint128 worth = uint128(claim(1, 1, SHARES));
        requestExit(1, bob, SHARES, worth + 1);
        uint32 n = serveAndSeal();
        assertEq(claim(n, 1, SHARES), worth, "the shares stay");
        live(n);
        requestExit(1, bob, SHARES, worth);
        uint32 next = serveAndSeal();
        assertEq(claim(next, 1, SHARES), 0, "what is just enough is paid");
        requestExit(0, bob, SHARES, type(uint128).max);
        pass();
        haltFrom(0);
        everybodyLeaves(n);
    }

    function test_FullExitOfSharesUpToM() public {
        live(firstBlock());
        requestExit(1, bob, SHARES);
        uint32 n = serveAndSeal();
        confirmEverywhere(n);
        expire(0);
        execute(0, n);
        haltFrom(0);
        assertEq(claim(n, 1, SHARES), 0, "exited on chain 1");
        assertGt(claim(n, 0, SHARES), 1.99 ether, "on chain 0 by proof");
        everybodyLeaves(n);
    }

    function test_DepositAboveM_IsRefundedOnce() public {
        live(firstBlock());
        deposit(2, alice, NATIVE, 4 ether, ALICE);
        deposit(2, carol, TOKEN, 4 ether, CAROL);
        uint32 n = serveAndSeal();
        commitAll(n);
        prove(n);
        syncAll(n);
        pass();
        haltFrom(2);
        assertEq(claim(1, 2, ALICE), 10 ether, "the deposit is not in the leaf");
        everybodyLeaves(1);
    }

    /// @dev A chain that has not heard of the halt goes on taking requests: they come back.
    function test_RequestsWhileTheHaltIsOnItsWay() public {
        live(firstBlock());
        expire(0);
        trigger(0);
        requestHalt(0);
        deliverUp();
        sendHalts();
        deposit(1, alice, NATIVE, 6 ether, ALICE);
        deposit(1, bob, TOKEN, 6 ether, CAROL + 1);
        requestExit(1, alice, ALICE);
        uint32 n = serveAndSeal();
        commit(1, n);
        sync(1, n);
        deliverDown();
        everybodyLeaves(1);
    }

    /// @dev One block serves a deposit, the next one would have served the second: only the second comes back.
    function test_ABlockUpToMAndABlockAboveMServeRequests() public {
        live(firstBlock());
        deposit(0, alice, NATIVE, 1 ether, ALICE);
        requestExit(0, bob, BOB);
        uint32 n = serveAndSeal();
        confirmEverywhere(n);
        execute(0, n);
        deposit(0, alice, NATIVE, 2 ether, ALICE);
        requestExit(0, alice, ALICE);
        uint32 above = serveAndSeal();
        commitAll(above);
        prove(above);
        sync(0, above);
        pass();
        haltFrom(0);
        assertEq(claim(n, 0, ALICE), 11 ether, "with the first deposit");
        everybodyLeaves(n);
    }

    /// @dev The validator took a block back and never committed it again; its requests wait as if it had never been.
    function test_RevertedBlocksLeaveTheirRequestsInTheQueue() public {
        live(firstBlock());
        deposit(1, alice, NATIVE, 1 ether, ALICE);
        requestExit(1, bob, BOB);
        uint32 n = serveAndSeal();
        commitAll(n);
        for (uint8 chain = 0; chain < CHAINS; ++chain) {
            vm.prank(validator);
            rollups[chain].revertBlocks(stored[1][chain]);
        }
        pass();
        haltFrom(1);
        everybodyLeaves(1);
    }

    function serveAndSeal() private returns (uint32) {
        serveAll();
        return seal();
    }

    function claim(uint32 n, uint8 chain, uint24 leaf) private view returns (uint128 amount) {
        (,, amount) = claimOf(n, chain, leaf);
    }
}
