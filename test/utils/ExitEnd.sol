// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { GENESIS_ROOT } from "../../src/generated/Params.sol";
import { IExitMode } from "../../src/interfaces/IExitMode.sol";
import { IRollup } from "../../src/interfaces/IRollup.sol";
import { PriorityQueue } from "../../src/libraries/PriorityQueue.sol";
import { LeafExit } from "../../src/types/LeafExit.sol";
import { Mode } from "../../src/types/Mode.sol";
import { ExitWorld } from "./ExitWorld.sol";

/// @notice How it ends, whatever the race: every chain stands at the same block, everybody takes everything that the model says is his, nothing can be taken
/// twice, and what stays is what nobody owns.
abstract contract ExitEnd is ExitWorld {
    /// What each owner was paid by each chain.
    mapping(uint8 chain => mapping(address owner => mapping(uint32 token => uint256))) private _received;

    /// @dev The halts have been delivered. Executes what is left, takes everything on every chain, and compares.
    function everybodyLeaves(uint32 m) internal {
        assertTrue(arbitrator.halted(), "halted");
        assertEq(arbitrator.lastConfirmedBlock(), m, "at block m");
        for (uint8 chain = 0; chain < CHAINS; ++chain) {
            chainLeaves(chain, m);
        }
        requireEnd(m);
    }

    /// @dev One chain from its halt to its last payment.
    function chainLeaves(uint8 chain, uint32 m) internal {
        requireHalted(chain, m);
        if (rollups[chain].totalBlocksExecuted() < m) {
            assertFalse(rollups[chain].exitsOpen(), "not before everything is executed");
            assertEq(rollups[chain].haltRoot(), 0, "no root before");
            execute(chain, m);
        }
        assertTrue(rollups[chain].exitsOpen(), "open");
        assertEq(rollups[chain].haltRoot(), m == 0 ? GENESIS_ROOT : rootOf(m), "one root on every chain");
        exitEveryLeaf(chain, m);
        refundEveryRequest(chain, m);
        payEverybody(chain);
    }

    function requireHalted(uint8 chain, uint32 m) internal view {
        assertEq(uint8(rollups[chain].mode()), uint8(Mode.Halted), "mode");
        assertEq(rollups[chain].haltBlock(), m, "halt block");
        assertEq(rollups[chain].totalBlocksConfirmed(), m, "confirmed up to the halt");
    }

    /// @dev All leaves of a chain in one call; then each again, alone.
    function exitEveryLeaf(uint8 chain, uint32 m) internal {
        LeafExit[] memory all = exitsOf(chain, m);
        if (all.length == 0) return;
        rollups[chain].exitLeaves(all);
        LeafExit[] memory one = new LeafExit[](1);
        for (uint256 i = 0; i < all.length; ++i) {
            assertTrue(rollups[chain].hasExited(all[i].leafIndex), "marked");
            one[0] = all[i];
            vm.expectRevert(abi.encodeWithSelector(IExitMode.LeafAlreadyExited.selector, all[i].leafIndex));
            rollups[chain].exitLeaves(one);
        }
    }

    function exitsOf(uint8 chain, uint32 m) internal view returns (LeafExit[] memory all) {
        all = new LeafExit[](LEAVES);
        uint256 count = 0;
        for (uint24 leaf = 0; leaf < LEAVES; ++leaf) {
            (address owner, uint32 token, uint128 amount) = claimOf(m, chain, leaf);
            if (amount == 0) continue;
            (all[count].leafIndex, all[count].owner, all[count].token, all[count].amount) = (leaf, owner, token, amount);
            ++count;
        }
        assembly ("memory-safe") {
            mstore(all, count)
        }
    }

    /// @dev Exactly the requests that no block up to `m` served can be taken back, once.
    function refundEveryRequest(uint8 chain, uint32 m) internal {
        for (uint64 id = 0; id < requests[chain].length; ++id) {
            Request memory request = requests[chain][id];
            bool served = request.servedIn != 0 && request.servedIn <= m;
            if (!served) refund(chain, id);
            vm.expectRevert(
                abi.encodeWithSelector(PriorityQueue.WrongPriorityRequest.selector, id, bytes27(0), _hashOf(request))
            );
            this.refundOutside(chain, id);
        }
    }

    function refund(uint8 chain, uint64 id) internal {
        Request memory request = requests[chain][id];
        vm.prank(anyone);
        if (request.isDeposit) {
            rollups[chain].refundDeposit(id, request.token, request.owner, request.amount, KEY_X, KEY_Y);
        } else {
            rollups[chain].refundBond(id, request.leaf, request.owner, request.least);
        }
    }

    /// @dev A call of its own, so that its revert can be expected.
    function refundOutside(uint8 chain, uint64 id) external {
        refund(chain, id);
    }

    function payEverybody(uint8 chain) internal {
        for (uint256 i = 0; i < owners.length; ++i) {
            for (uint32 token = NATIVE; token <= TOKEN; ++token) {
                pay(chain, owners[i], token);
            }
        }
    }

    function pay(uint8 chain, address owner, uint32 token) internal {
        if (rollups[chain].pendingBalance(owner, token) == 0) {
            vm.expectRevert(abi.encodeWithSelector(IRollup.NothingPending.selector, owner, token));
            rollups[chain].withdrawPending(owner, token);
            return;
        }
        uint256 before = _balance(chain, owner, token);
        vm.prank(anyone);
        rollups[chain].withdrawPending(owner, token);
        _received[chain][owner][token] += _balance(chain, owner, token) - before;
    }

    /// @dev Everybody has what was due to him on each chain, and each chain has what is nobody's; gateways and arbitrator have nothing.
    function requireEnd(uint32 m) internal view {
        for (uint8 chain = 0; chain < CHAINS; ++chain) {
            for (uint32 token = NATIVE; token <= TOKEN; ++token) {
                for (uint256 i = 0; i < owners.length; ++i) {
                    assertEq(
                        _received[chain][owners[i]][token],
                        dueAt(m, chain, owners[i], token, EXIT_BOND, bondReceiver),
                        string.concat("what ", vm.getLabel(owners[i]), " got")
                    );
                }
                assertEq(
                    _balance(chain, address(rollups[chain]), token),
                    nobodysOf(m, chain, token),
                    "what stays is what nobody owns"
                );
            }
            assertEq(rollups[chain].gateway().balance, 0, "gateway of the chain");
            assertEq(arbitrator.gatewayOf(chain).balance, 0, "gateway of the arbitrator");
        }
        assertEq(address(arbitrator).balance, 0, "arbitrator");
    }

    function _balance(uint8 chain, address owner, uint32 token) private view returns (uint256) {
        return token == NATIVE ? owner.balance : tokens[chain].balanceOf(owner);
    }

    function _hashOf(Request memory request) private pure returns (bytes27) {
        return request.isDeposit
            ? PriorityQueue.depositHash(request.token, request.owner, request.amount, KEY_X, KEY_Y)
            : PriorityQueue.fullExitHash(request.leaf, request.owner, request.least);
    }
}
