// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { Mode } from "../../src/types/Mode.sol";
import { ExitRaces } from "../utils/ExitRaces.sol";
import { MessageQueue } from "../utils/doubles/QueueGateways.sol";

/// @notice Everything that can happen before, while and after three chains go into exit mode, in any order that the contracts allow; then everybody leaves.
/// What a step needs is asked for first, so a refusal is a failure of the test.
contract ExitAnyOrderTest is ExitRaces {
    uint256 private constant STEPS = 260;

    function setUp() public override {
        super.setUp();
        live(firstBlock());
    }

    /// forge-config: default.fuzz.runs = 48
    function testFuzz_AnyOrder(uint256 seed) public {
        for (uint256 i = 0; i < STEPS; ++i) {
            uint256 random = uint256(keccak256(abi.encode(seed, i)));
            uint8 chain = uint8((random >> 8) % CHAINS);
            uint256 more = random >> 16;
            uint256 which = random % 32;
            if (which < 4) _operate(chain, more);
            else if (which < 14) _advance(chain, more);
            else if (which < 22) _carry(more);
            else if (which < 25) _confirm(more);
            else if (which < 28) _execute(chain);
            else if (which < 30) _wait(more);
            else _exit(chain, more);
        }
        _end(seed % 2 == 0);
    }

    /// @dev A user asks for something, or the sequencer fixes a block.
    function _operate(uint8 chain, uint256 random) private {
        bool open = rollups[chain].mode() == Mode.Running && requests[chain].length < 30;
        if (random % 4 == 0 && open) deposit(chain, alice, NATIVE, uint128(1 + random % 1 ether), ALICE);
        if (random % 4 == 1 && open) deposit(chain, carol, TOKEN, uint128(1 + random % 1 ether), CAROL);
        if (random % 4 == 2 && open) {
            (address owner, uint24 leaf) = random % 8 == 2 ? (carol, CAROL) : (bob, random % 16 == 6 ? ALICE : BOB);
            requestExit(chain, owner, leaf);
        }
        if (random % 4 == 3 && sealedBlocks < 12) {
            uint256 wait = requests[chain].length - servedRequests[chain];
            serve(chain, wait == 0 ? 0 : 1 + random % wait);
            if (_now(chain, ALICE).amount > 1 ether) withdraw(chain, ALICE, uint128(1 + random % 1 ether));
            if (_now(0, ALICE).amount > 1 ether && _now(1, POOL).amount > 1 ether) {
                move(0, ALICE, POOL, alice, 0.5 ether);
                move(1, POOL, ALICE, alice, 0.25 ether);
            }
            seal();
        }
    }

    /// @dev The next stage of a chain's next block; sometimes the validator takes back all that he may.
    function _advance(uint8 chain, uint256 random) private {
        if (rollups[chain].mode() != Mode.Running) return;
        uint32 committed = rollups[chain].totalBlocksCommitted();
        uint32 proved = rollups[chain].totalBlocksProved();
        uint32 synced = rollups[chain].totalBlocksSynced();
        if (random % 16 == 1 && committed > synced) {
            vm.prank(validator);
            rollups[chain].revertBlocks(stored[synced][chain]);
        } else if (random % 2 == 0 && committed < sealedBlocks) {
            commit(chain, committed + 1);
        } else if (chain == 0 && proved < committed) {
            prove(proved + 1);
        } else if (synced < proved) {
            sync(chain, synced + 1);
        }
    }

    /// @dev Any message, in either direction, of any chain.
    function _carry(uint256 random) private {
        MessageQueue queue = random % 2 == 0 ? up[(random >> 1) % 2] : down[(random >> 1) % 2];
        uint256 count = queue.count();
        for (uint256 i = 0; i < count; ++i) {
            uint256 index = (i + (random >> 8)) % count;
            if (!queue.isWaiting(index)) continue;
            if (address(queue) == address(down[1]) && random % 5 == 0) queue.lose(index);
            else queue.deliver(index);
            return;
        }
    }

    function _confirm(uint256 random) private {
        for (uint32 n = arbitrator.lastConfirmedBlock() + 1; n <= sealedBlocks; ++n) {
            if (arbitrator.isConfirmable(n)) return confirm(n);
        }
        if (random % 2 == 0) {
            vm.prank(anyone);
            arbitrator.sendConfirmation{ value: 1 ether }(uint8(random % CHAINS));
        }
    }

    function _execute(uint8 chain) private {
        uint32 confirmed = rollups[chain].totalBlocksConfirmed();
        if (confirmed > rollups[chain].totalBlocksExecuted()) execute(chain, confirmed);
    }

    function _wait(uint256 random) private {
        vm.warp(block.timestamp + random % (EXPIRATION / 4));
    }

    function _exit(uint8 chain, uint256 random) private {
        Mode mode = rollups[chain].mode();
        if (mode == Mode.Running && _triggerable(chain)) trigger(chain);
        else if (mode == Mode.Stopped) requestHalt(chain);
        if (arbitrator.halted()) sendHalt(uint8(random % CHAINS));
    }

    function _triggerable(uint8 chain) private view returns (bool) {
        if (rollups[chain].totalBlocksExecuted() != rollups[chain].totalBlocksConfirmed()) return false;
        (,, uint64 oldest) = rollups[chain].priorityQueueState();
        (, uint40 expiresAt) = rollups[chain].priorityRequest(oldest);
        return expiresAt != 0 && block.timestamp > expiresAt;
    }

    /// @dev Somebody triggers if nobody has, and everything that is still on its way arrives in the end, the youngest message first in every second run, or
    /// is sent again.
    function _end(bool backwards) private {
        for (uint8 chain = 0; chain < CHAINS && !arbitrator.halted(); ++chain) {
            if (rollups[chain].mode() == Mode.Stopped) requestHalt(chain);
            deliverUp();
        }
        if (!arbitrator.halted()) {
            _execute(2);
            expire(2);
            trigger(2);
            requestHalt(2);
        }
        sendHalts();
        if (backwards) _deliverBackwards();
        deliverDown();
        sendHalts();
        deliverDown();
        everybodyLeaves(arbitrator.lastConfirmedBlock());
        deliverUp();
        requireEnd(arbitrator.lastConfirmedBlock());
    }

    function _deliverBackwards() private {
        for (uint8 chain = 0; chain < 2; ++chain) {
            for (uint256 i = down[chain].count(); i > 0; --i) {
                if (down[chain].isWaiting(i - 1)) down[chain].deliver(i - 1);
            }
        }
    }
}
