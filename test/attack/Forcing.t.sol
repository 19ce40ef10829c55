// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { Arbitrator } from "../../src/Arbitrator.sol";
import { SecondaryRollup } from "../../src/SecondaryRollup.sol";
import { IArbitrator } from "../../src/interfaces/IArbitrator.sol";
import { IExitMode } from "../../src/interfaces/IExitMode.sol";
import { IGateway, IMessageReceiver, IRollupGateway } from "../../src/interfaces/IGateway.sol";
import { IRollup } from "../../src/interfaces/IRollup.sol";
import { IRollupState } from "../../src/interfaces/IRollupState.sol";
import { GatewayMessage } from "../../src/libraries/GatewayMessage.sol";
import { PriorityQueue } from "../../src/libraries/PriorityQueue.sol";
import { ExecuteBlock } from "../../src/types/Block.sol";
import { Mode } from "../../src/types/Mode.sol";
import { ExitRaces } from "../utils/ExitRaces.sol";

/// @notice Who wants a rollup to end that serves everybody in time: by flooding it, by requests that cannot be served, by timing, or by speaking for others.
contract ForcingAttack is ExitRaces {
    address private mallory = makeAddr("mallory");

    function setUp() public override {
        super.setUp();
        owners.push(mallory);
        live(firstBlock());
    }

    // ── floods ──────────────────────────────────────────────────────────────────────────────────────────────────────────

    /// @notice He fills the queue to the brim; two blocks of the operator serve everything, and all that he gets is rid of his bonds.
    function test_FloodOfFullExits() public {
        for (uint256 i = 0; i < 64; ++i) {
            requestExit(1, mallory, uint24(i % LEAVES));
        }
        vm.deal(mallory, 1 ether);
        vm.expectRevert(abi.encodeWithSelector(PriorityQueue.QueueFull.selector, 64, 64));
        vm.prank(mallory);
        rollups[1].requestFullExit{ value: EXIT_BOND }(64, 0);
        vm.warp(block.timestamp + EXPIRATION);
        serve(1, 40);
        live(seal());
        serve(1, 24);
        live(seal());
        pass();
        _expectNoExpiredRequest(1, 67);
        assertEq(rollups[1].pendingBalance(bondReceiver, NATIVE), 64 * EXIT_BOND, "what the flood cost");
        assertEq(rollups[1].pendingBalance(mallory, NATIVE), 0, "what it brought");
        // Who comes next is served again.
        requestExit(1, alice, ALICE);
    }

    /// @notice Deposits fill half of the queue at most, so they keep nobody from leaving; and they are served.
    function test_FloodOfDeposits() public {
        for (uint256 i = 0; i < 32; ++i) {
            deposit(2, mallory, NATIVE, 1, 7);
        }
        vm.deal(mallory, 1);
        vm.expectRevert(abi.encodeWithSelector(PriorityQueue.QueueFull.selector, 32, 32));
        vm.prank(mallory);
        rollups[2].depositNative{ value: 1 }(mallory, KEY_X, KEY_Y);
        requestExit(2, alice, ALICE);
        serveAll();
        live(seal());
        pass();
        _expectNoExpiredRequest(2, 36);
    }

    /// @notice Full exits do not shut deposits out for longer than the operator needs to serve them.
    function test_FloodOfFullExitsAgainstDeposits() public {
        for (uint256 i = 0; i < 32; ++i) {
            requestExit(2, mallory, 0);
        }
        vm.deal(alice, alice.balance + 1);
        vm.expectRevert(abi.encodeWithSelector(PriorityQueue.QueueFull.selector, 32, 32));
        vm.prank(alice);
        rollups[2].depositNative{ value: 1 }(alice, KEY_X, KEY_Y);
        serveAll();
        live(seal());
        deposit(2, alice, NATIVE, 1, ALICE);
    }

    // ── requests that nobody could serve ────────────────────────────────────────────────────────────────────────────────

    /// @notice Every request that the contract takes can be served: of an empty leaf, of a pool half, of another's coins and shares, twice of the own leaf.
    function test_RequestsThatArePointless() public {
        requestExit(0, mallory, 0);
        requestExit(0, mallory, POOL);
        requestExit(0, mallory, SHARES);
        requestExit(0, mallory, ALICE);
        requestExit(0, mallory, 7);
        deposit(0, mallory, NATIVE, 1, 7);
        requestExit(0, mallory, 7);
        requestExit(0, mallory, 7);
        serveAll();
        uint32 n = seal();
        live(n);
        pass();
        _expectNoExpiredRequest(0, 11);
        expire(0);
        haltFrom(0);
        assertEq(dueAt(n, 0, mallory, NATIVE, EXIT_BOND, bondReceiver), 1 + EXIT_BOND, "the one that paid");
        everybodyLeaves(n);
    }

    /// @notice A leaf that no block could name is refused before it waits.
    function test_RequestOfALeafThatDoesNotExist() public {
        vm.deal(mallory, 1 ether);
        vm.expectRevert(abi.encodeWithSelector(IRollupState.LeafIndexOutOfRange.selector, 2 ** 24 - 1, 2 ** 24));
        vm.prank(mallory);
        rollups[0].requestFullExit{ value: EXIT_BOND }(2 ** 24, 0);
        vm.expectRevert(abi.encodeWithSelector(IRollup.WrongExitBond.selector, EXIT_BOND, EXIT_BOND - 1));
        vm.prank(mallory);
        rollups[0].requestFullExit{ value: EXIT_BOND - 1 }(0, 0);
    }

    // ── timing ──────────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_TriggerWithoutARequestOrBeforeItsExpiry() public {
        _expectNoExpiredRequest(0, 3);
        deposit(0, mallory, NATIVE, 1, 7);
        uint256 expiry = block.timestamp + EXPIRATION;
        _expectNotExpired(0, 3, expiry);
        // In its last second it has not expired yet.
        vm.warp(expiry);
        _expectNotExpired(0, 3, expiry);
        vm.warp(expiry + 1);
        trigger(0);
    }

    /// @notice His request is in a confirmed block; he keeps from executing it, and cannot trigger with it before or after.
    function test_TriggerWithARequestThatIsConfirmedOrExecuted() public {
        requestExit(0, mallory, ALICE);
        serveAll();
        uint32 n = seal();
        confirmEverywhere(n);
        pass();
        vm.expectRevert(abi.encodeWithSelector(IExitMode.ConfirmedBlocksNotExecuted.selector, n, 1));
        vm.prank(mallory);
        rollups[0].triggerExitMode();
        execute(0, n);
        _expectNoExpiredRequest(0, 4);
    }

    /// @notice Only the oldest request counts: one that expired behind a younger one cannot be, and a request of one chain stops no other chain.
    function test_TriggerOnAnotherChain() public {
        expire(0);
        for (uint8 chain = 1; chain < CHAINS; ++chain) {
            _expectNoExpiredRequest(chain, 3);
        }
    }

    // ── speaking for others ─────────────────────────────────────────────────────────────────────────────────────────────

    function test_HaltRequestOfAChainThatRuns() public {
        bytes memory refusal = abi.encodeWithSelector(IRollupState.WrongMode.selector, Mode.Stopped, Mode.Running);
        for (uint8 chain = 0; chain < CHAINS; ++chain) {
            vm.expectRevert(refusal);
            rollups[chain].sendHaltRequest();
            address extension = rollups[chain].extension();
            vm.expectRevert(refusal);
            SecondaryRollup(extension).sendHaltRequest();
            vm.expectRevert(abi.encodeWithSelector(IExitMode.NoExpiredRequest.selector, 0, 0, block.timestamp));
            SecondaryRollup(extension).triggerExitMode();
        }
        assertFalse(arbitrator.halted(), "goes on");
    }

    /// @notice No account speaks to arbitrator, gateways or rollups in the name of a chain, of the arbitrator or of a gateway.
    function test_SpeakingForAChain() public {
        vm.startPrank(mallory);
        vm.expectRevert(abi.encodeWithSelector(IArbitrator.NotAGateway.selector, mallory));
        arbitrator.receiveHaltRequest();
        vm.expectRevert(IArbitrator.NotHalted.selector);
        arbitrator.sendHalt(0);
        for (uint8 chain = 0; chain < CHAINS; ++chain) {
            address gateway = rollups[chain].gateway();
            vm.expectRevert(abi.encodeWithSelector(IRollupState.OnlyGateway.selector, gateway, mallory));
            rollups[chain].receiveHalt(0, 0, 0);
            vm.expectRevert(abi.encodeWithSelector(IGateway.OnlyRollup.selector, address(rollups[chain]), mallory));
            IRollupGateway(gateway).sendHaltRequest(mallory);
        }
        for (uint8 chain = 0; chain < 2; ++chain) {
            address l1 = arbitrator.gatewayOf(chain);
            vm.expectRevert(abi.encodeWithSelector(IGateway.OnlyMessageService.selector, address(up[chain]), mallory));
            IMessageReceiver(l1).receiveMessage(GatewayMessage.haltRequest());
            address l2 = rollups[chain].gateway();
            vm.expectRevert(abi.encodeWithSelector(IGateway.OnlyMessageService.selector, address(down[chain]), mallory));
            IMessageReceiver(l2).receiveMessage(GatewayMessage.halt(0, 0, 0));
        }
    }

    // ── one go ──────────────────────────────────────────────────────────────────────────────────────────────────────────

    /// @notice In the refund of confirmBlock he triggers, asks for the halt and sends it on its way: every chain still ends at the block that was just
    /// confirmed, also the one whose confirmation and halt travel together.
    function test_TheWholeExitInsideTheRefundOfAConfirmation() public {
        uint32 n = quietBlock();
        commitAll(n);
        prove(n);
        syncAll(n);
        deliverUp();
        expire(2);
        Insider insider = new Insider(arbitrator, rollups[2], abi.encode(executionOf(2, n)));
        vm.deal(address(insider), 1 ether);
        insider.confirm(n);
        assertTrue(arbitrator.halted(), "inside the refund");
        assertEq(uint8(rollups[2].mode()), uint8(Mode.Stopped), "its own halt could not be sent inside");
        sendHalts();
        deliverDown();
        everybodyLeaves(n);
    }

    /// @notice Who confirms may let a gateway refuse; the halt says what the lost confirmation would have said.
    function test_ConfirmationIsDeferredAndTheHaltFollows() public {
        uint32 n = quietBlock();
        commitAll(n);
        prove(n);
        syncAll(n);
        deliverUp();
        down[1].setDown(true);
        confirm(n);
        down[1].setDown(false);
        assertEq(waiting(down[1]), 0, "nothing is on its way");
        expire(0);
        haltFrom(0);
        everybodyLeaves(n);
    }

    /// @notice Before the exits are open nothing is paid, whoever asks.
    function test_LeavingEarly() public {
        uint32 n = quietBlock();
        confirmEverywhere(n);
        execute(0, n);
        deposit(1, mallory, NATIVE, 5 ether, 7);
        expire(0);
        uint64 id = uint64(requests[1].length - 1);
        _expectClosed(1, Mode.Running, 0, 1, id);
        haltFrom(0);
        _expectClosed(1, Mode.Halted, n, 1, id);
        everybodyLeaves(n);
    }

    function _expectClosed(uint8 chain, Mode mode, uint32 haltBlock, uint32 executed, uint64 id) private {
        bytes memory refusal = abi.encodeWithSelector(IExitMode.ExitsNotOpen.selector, mode, haltBlock, executed);
        vm.expectRevert(refusal);
        this.refundOutside(chain, id);
        vm.expectRevert(refusal);
        this.exitOutside(chain, 1);
    }

    function exitOutside(uint8 chain, uint32 m) external {
        rollups[chain].exitLeaves(exitsOf(chain, m));
    }

    function _expectNoExpiredRequest(uint8 chain, uint64 next) private {
        _expectNotExpired(chain, next, 0);
    }

    function _expectNotExpired(uint8 chain, uint64 requestId, uint256 expiry) private {
        vm.expectRevert(abi.encodeWithSelector(IExitMode.NoExpiredRequest.selector, requestId, expiry, block.timestamp));
        vm.prank(mallory);
        rollups[chain].triggerExitMode();
    }
}

/// @notice Confirms a block, and when the arbitrator refunds the surplus executes, triggers and asks for the halt in the same call.
contract Insider {
    Arbitrator private immutable ARBITRATOR;
    SecondaryRollup private immutable ROLLUP;
    bytes private _execution;

    constructor(Arbitrator arbitrator, SecondaryRollup rollup, bytes memory execution) {
        (ARBITRATOR, ROLLUP, _execution) = (arbitrator, rollup, execution);
    }

    function confirm(uint32 blockNumber) external {
        ARBITRATOR.confirmBlock{ value: address(this).balance }(blockNumber);
    }

    receive() external payable {
        if (msg.sender != address(ARBITRATOR)) return;
        ROLLUP.executeBlocks(abi.decode(_execution, (ExecuteBlock[])));
        ROLLUP.triggerExitMode();
        ROLLUP.sendHaltRequest{ value: 1 }();
        // Sending the halt from here is refused: the arbitrator is in the middle of a confirmation.
        try ARBITRATOR.sendHalt(2) {
            revert("reentered");
        } catch { }
    }
}
