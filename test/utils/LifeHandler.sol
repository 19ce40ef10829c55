// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { ExecuteBlock, StoredBlock } from "../../src/types/Block.sol";
import { Operations } from "./Operations.sol";
import { RollupTest } from "./RollupTest.sol";

/// @notice The life of a secondary under random calls: users deposit and ask for exits, an honest validator serves them, pays withdrawals out of what was
/// deposited, and reverts what it may; anyone syncs, confirms, executes and withdraws, in any order that the contract allows. A call that the contract should
/// allow and refuses fails the test. Beside it a plain model says what every balance must be.
contract LifeHandler is RollupTest {
    struct Request {
        bool deposit;
        uint32 token;
        uint128 amount;
        address owner;
    }

    struct Block {
        StoredBlock stored;
        bytes data;
        /// What L2 holds after the block, and what all blocks up to it have paid, by token.
        uint256[3] available;
        uint256[3] paid;
    }

    Request[] private requests;
    /// By block number.
    Block[] private blocks;

    uint256[3] public deposited;
    uint256[3] public withdrawn;
    uint256 public reverts;

    constructor() {
        setUp();
        blocks.push();
        blocks[0].stored = secondary.genesisBlock();
    }

    // ── users ───────────────────────────────────────────────────────────────────────────────────────────────────────────

    function deposit(uint256 seed, uint128 amount) external {
        uint32 token_ = _token(seed);
        amount = uint128(bound(amount, 1, 5 ether));
        if (token_ == NATIVE) depositNative(secondary, alice, amount, 1);
        else depositToken(secondary, TOKEN, alice, amount, 1);
        deposited[token_] += amount;
        requests.push(Request(true, token_, amount, alice));
    }

    function requestExit(uint256 seed) external {
        address owner = _person(seed);
        requestFullExit(secondary, owner, 1, 0, 0);
        deposited[NATIVE] += EXIT_BOND;
        requests.push(Request(false, 0, 0, owner));
    }

    // ── validator ───────────────────────────────────────────────────────────────────────────────────────────────────────

    /// @dev Serves some of the waiting requests in order, with withdrawals in between.
    function commit(uint256 seed) external {
        uint256 number = secondary.totalBlocksCommitted();
        uint256[3] memory available = blocks[number].available;
        uint256[3] memory paid = blocks[number].paid;
        uint256 next = lastSecondary.priorityRequestsTotal;
        bytes memory data = "";
        for (uint256 i = 0; i < seed % 6; ++i) {
            uint256 random = uint256(keccak256(abi.encode(seed, i)));
            if (random & 1 == 1 && next < requests.length) {
                data = bytes.concat(data, _serve(requests[next++], random, available, paid));
            } else {
                uint32 token_ = _token(random);
                uint128 amount = uint128(available[token_] / (2 + random % 7));
                available[token_] -= amount;
                paid[token_] += amount;
                data = bytes.concat(data, Operations.withdraw(1, token_, _person(random), amount, uint16(random)));
            }
        }
        vm.warp(block.timestamp + seed % 100);
        StoredBlock memory stored = commitSecondary(data);
        if (blocks.length == number + 1) blocks.push();
        Block storage made = blocks[number + 1];
        made.stored = stored;
        made.data = data;
        made.available = available;
        made.paid = paid;
    }

    function dropBlocks(uint256 seed) external {
        uint256 synced = secondary.totalBlocksSynced();
        uint256 committed = secondary.totalBlocksCommitted();
        if (synced == committed) return;
        uint256 target = bound(seed, synced, committed - 1);
        vm.prank(validator);
        secondary.revertBlocks(blocks[target].stored);
        lastSecondary = blocks[target].stored;
        ++reverts;
    }

    // ── anyone ──────────────────────────────────────────────────────────────────────────────────────────────────────────

    function sync(uint256 seed) external {
        uint256 committed = secondary.totalBlocksCommitted();
        uint256 confirmed = secondary.totalBlocksConfirmed();
        if (committed == confirmed) return;
        uint32 number = uint32(bound(seed, confirmed + 1, committed));
        if (secondary.syncHashSent(number) != 0) return;
        secondary.syncBlock(blocks[number].stored);
    }

    function confirm(uint256 seed) external {
        uint256 synced = secondary.totalBlocksSynced();
        if (synced == 0) return;
        uint32 number = uint32(bound(seed, 1, synced));
        if (secondary.syncHashSent(number) == 0) return;
        // An older one is taken, too, and moves nothing.
        secondaryGateway.confirm(number, blocks[number].stored.syncHash);
    }

    function execute(uint256 seed) external {
        uint256 executed = secondary.totalBlocksExecuted();
        uint256 confirmed = secondary.totalBlocksConfirmed();
        if (executed == confirmed) return;
        uint256 count = 1 + seed % (confirmed - executed);
        ExecuteBlock[] memory list = new ExecuteBlock[](count);
        for (uint256 i = 0; i < count; ++i) {
            Block storage one = blocks[executed + 1 + i];
            list[i] = ExecuteBlock(one.stored, one.data);
        }
        secondary.executeBlocks(list);
    }

    function withdraw(uint256 seed) external {
        address owner = _person(seed);
        uint32 token_ = _token(seed >> 8);
        uint256 amount = secondary.pendingBalance(owner, token_);
        if (amount == 0) return;
        secondary.withdrawPending(owner, token_);
        withdrawn[token_] += amount;
    }

    // ── what must hold ──────────────────────────────────────────────────────────────────────────────────────────────────

    function requireCounters() external view {
        assertLe(secondary.totalBlocksExecuted(), secondary.totalBlocksConfirmed(), "executed <= confirmed");
        assertLe(secondary.totalBlocksConfirmed(), secondary.totalBlocksSynced(), "confirmed <= synced");
        assertLe(secondary.totalBlocksSynced(), secondary.totalBlocksCommitted(), "synced <= committed");
        assertEq(secondary.totalBlocksProved(), secondary.totalBlocksCommitted(), "a secondary proves nothing");
    }

    /// @dev Every request is made, committed and executed once, in order.
    function requireQueue() external view {
        (uint64 nextId, uint64 nextToCommit, uint64 nextToExecute) = secondary.priorityQueueState();
        assertEq(nextId, requests.length, "made");
        assertEq(nextToCommit, blocks[secondary.totalBlocksCommitted()].stored.priorityRequestsTotal, "committed");
        assertEq(nextToExecute, blocks[secondary.totalBlocksExecuted()].stored.priorityRequestsTotal, "executed");
        for (uint64 i = 0; i < nextId; ++i) {
            (bytes27 requestHash,) = secondary.priorityRequest(i);
            assertEq(requestHash == 0, i < nextToExecute, "kept until it is executed");
        }
    }

    /// @dev What was deposited is in the vault until it is withdrawn, and nothing is pending that no executed block pays.
    function requireMoney() external view {
        uint256 executed = secondary.totalBlocksExecuted();
        for (uint32 token_ = NATIVE; token_ <= TOKEN; ++token_) {
            uint256 vault = token_ == NATIVE ? address(secondary).balance : token.balanceOf(address(secondary));
            assertEq(vault, deposited[token_] - withdrawn[token_], "vault");
            uint256 pending = 0;
            for (uint256 i = 0; i < 4; ++i) {
                pending += secondary.pendingBalance(_person(i), token_);
            }
            assertEq(pending, blocks[executed].paid[token_] - withdrawn[token_], "pending");
            assertLe(pending, vault, "covered");
        }
    }

    /// @dev After some hundred calls blocks were executed and dropped and money came out; else the random calls would show nothing.
    function requireLife() external view {
        assertGt(secondary.totalBlocksExecuted(), 3, "blocks were executed");
        assertGt(reverts, 0, "blocks were dropped");
        assertGt(withdrawn[NATIVE] + withdrawn[TOKEN], 0, "money came out");
    }

    function _serve(Request memory request, uint256 random, uint256[3] memory available, uint256[3] memory paid)
        private
        pure
        returns (bytes memory)
    {
        if (request.deposit) {
            available[request.token] += request.amount;
            return Operations.deposit(1, request.token, request.owner, request.amount, KEY_X, KEY_Y);
        }
        // The leaf is the request's: what it holds, the model leaves to chance.
        uint32 token_ = _token(random);
        uint128 amount = uint128(available[token_] / (1 + random % 3));
        available[token_] -= amount;
        paid[token_] += amount;
        // The bond goes back to the owner, or to the bond receiver when nothing is paid.
        paid[NATIVE] += EXIT_BOND;
        return Operations.fullExit(1, amount == 0 ? 0 : token_, request.owner, amount);
    }

    function _token(uint256 seed) private pure returns (uint32) {
        return seed % 3 == 0 ? TOKEN : NATIVE;
    }

    function _person(uint256 seed) private view returns (address) {
        return [alice, bob, anyone, bondReceiver][seed % 4];
    }
}
