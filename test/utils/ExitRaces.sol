// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { DirectGateway } from "../../src/gateways/DirectGateway.sol";
import { Gateway } from "../../src/gateways/Gateway.sol";
import { ExitEnd } from "./ExitEnd.sol";
import { MessageQueue, QueueL1Gateway, QueueL2Gateway } from "./doubles/QueueGateways.sol";

/// @notice The three chains with queues as message services of chains 0 and 1, and a direct gateway on chain 2, where the arbitrator is: messages arrive when
/// and in which order a test says. A first block fills leaves that all tests know.
abstract contract ExitRaces is ExitEnd {
    uint256 internal constant UP_FEE = 0.001 ether;
    uint256 internal constant DOWN_FEE = 0.002 ether;

    /// Places of the leaves: of coins, shares of the pool, the pool half.
    uint24 internal constant ALICE = 1;
    uint24 internal constant BOB = 2;
    uint24 internal constant CAROL = 3;
    uint24 internal constant SHARES = 5;
    uint24 internal constant POOL = 6;

    MessageQueue[2] internal up;
    MessageQueue[2] internal down;

    function _deployGateways(uint8 chain) internal override returns (address, address) {
        if (chain == 2) {
            address direct = _deployProxy(
                address(new DirectGateway()),
                abi.encodeCall(DirectGateway.initialize, (admin, address(arbitrator), address(rollups[2])))
            );
            return (direct, direct);
        }
        (up[chain], down[chain]) = (new MessageQueue(), new MessageQueue());
        up[chain].setFee(UP_FEE);
        down[chain].setFee(DOWN_FEE);
        address l1 = _deployProxy(
            address(new QueueL1Gateway()),
            abi.encodeCall(QueueL1Gateway.initialize, (admin, address(arbitrator), up[chain], down[chain]))
        );
        address l2 = _deployProxy(
            address(new QueueL2Gateway()),
            abi.encodeCall(QueueL2Gateway.initialize, (admin, address(rollups[chain]), up[chain], down[chain]))
        );
        vm.startPrank(admin);
        Gateway(l1).setRemoteGateway(l2);
        Gateway(l2).setRemoteGateway(l1);
        vm.stopPrank();
        return (l2, l1);
    }

    // ── messages ────────────────────────────────────────────────────────────────────────────────────────────────────────

    /// @dev Delivers everything that waits in a queue, in the order in which it was sent.
    function deliver(MessageQueue queue) internal {
        for (uint256 i = 0; i < queue.count(); ++i) {
            if (queue.isWaiting(i)) queue.deliver(i);
        }
    }

    /// @dev Delivers the oldest waiting message of a kind.
    function deliver(MessageQueue queue, uint8 kind) internal {
        queue.deliver(find(queue, kind));
    }

    function find(MessageQueue queue, uint8 kind) internal view returns (uint256 index) {
        while (!queue.isWaiting(index) || queue.kindOf(index) != kind) ++index;
    }

    function deliverUp() internal {
        for (uint8 chain = 0; chain < 2; ++chain) {
            deliver(up[chain]);
        }
    }

    function deliverDown() internal {
        for (uint8 chain = 0; chain < 2; ++chain) {
            deliver(down[chain]);
        }
    }

    function waiting(MessageQueue queue) internal view returns (uint256 count) {
        for (uint256 i = 0; i < queue.count(); ++i) {
            if (queue.isWaiting(i)) ++count;
        }
    }

    // ── common moves ────────────────────────────────────────────────────────────────────────────────────────────────────

    /// @dev Block 1: alice, bob and carol have leaves on every chain, and there is a pool between chains 0 and 1 that bob has shares of.
    function firstBlock() internal returns (uint32 n) {
        for (uint8 chain = 0; chain < CHAINS; ++chain) {
            deposit(chain, alice, NATIVE, 10 ether, ALICE);
            deposit(chain, bob, NATIVE, 5 ether, BOB);
            deposit(chain, carol, TOKEN, 100 ether, CAROL);
        }
        serveAll();
        for (uint8 chain = 0; chain < 2; ++chain) {
            openPool(chain, BOB, POOL, SHARES, 2 ether);
        }
        n = seal();
    }

    /// @dev Something for every kind of operation that pays: alice withdraws, carol leaves by a full exit, alice swaps across chains, a fee is lost.
    function busyBlock() internal returns (uint32 n) {
        requestExit(0, carol, CAROL);
        serveAll();
        withdraw(1, ALICE, 1 ether);
        move(0, ALICE, POOL, alice, 1 ether);
        move(1, POOL, ALICE, alice, 0.6 ether);
        burn(2, ALICE, 0.1 ether);
        n = seal();
    }

    /// @dev A block that serves no request and needs no user.
    function quietBlock() internal returns (uint32 n) {
        move(0, ALICE, BOB, bob, 0.25 ether);
        withdraw(1, ALICE, 0.25 ether);
        n = seal();
    }

    /// @dev All stages of block `n` on every chain, up to the confirmation's arrival.
    function confirmEverywhere(uint32 n) internal {
        commitAll(n);
        prove(n);
        syncAll(n);
        deliverUp();
        confirm(n);
        deliverDown();
    }

    function live(uint32 n) internal {
        confirmEverywhere(n);
        executeAll(n);
    }

    /// @dev A deposit that nobody will ever serve, on `chain`, has expired.
    function expire(uint8 chain) internal {
        deposit(chain, carol, NATIVE, 3 ether, CAROL + 1);
        pass();
    }

    function pass() internal {
        vm.warp(block.timestamp + EXPIRATION + 1);
    }

    /// @dev From the trigger on `chain` to the halt on every chain, with nothing that gets in the way.
    function haltFrom(uint8 chain) internal {
        trigger(chain);
        requestHalt(chain);
        deliverUp();
        sendHalts();
        deliverDown();
    }
}
