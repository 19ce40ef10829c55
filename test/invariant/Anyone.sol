// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { IPrimaryRollup, ISecondaryRollup } from "../../src/interfaces/IRollup.sol";
import { GatewayMessage } from "../../src/libraries/GatewayMessage.sol";
import { BlockProof, ExecuteBlock, Proof, StoredBlock } from "../../src/types/Block.sol";
import { Mode } from "../../src/types/Mode.sol";
import { CHAINS } from "./Places.sol";
import { Did } from "./Tally.sol";
import { Users } from "./Users.sol";

/// @title What anyone may do: prove, sync, carry messages, confirm, execute, and everything that leads into exit mode
abstract contract Anyone is Users {
    function proveBlocks(uint256 seed) public {
        uint256 proved = rollups[0].totalBlocksProved();
        uint256 most = 1 + seed % 3;
        uint256 count = 0;
        while (count < most && proved + count + 1 < committedPlans[0].length) {
            if (plans[committedPlans[0][proved + count + 1]].kind == Kind.False) break;
            ++count;
        }
        if (count == 0) return;
        _prove(proved, count);
        _did(Did.ProveBlocks);
    }

    /// @dev Any block that may be synced; mostly the last one that all chains have, so that they meet.
    function syncBlock(uint256 seed) public {
        (bool found, uint8 chain) = _chainFor(seed, _hasUnsynced);
        if (!found) return;
        uint256 confirmed = rollups[chain].totalBlocksConfirmed();
        uint256 span = rollups[chain].totalBlocksProved() - confirmed;
        uint256 meeting = type(uint32).max;
        for (uint8 i = 0; i < CHAINS; ++i) {
            uint256 proved = rollups[i].totalBlocksProved();
            if (proved < meeting) meeting = proved;
        }
        uint256 start = _random(seed, 2) % span;
        if (meeting > confirmed && _random(seed, 1) % 4 != 0) start = meeting - confirmed - 1;
        for (uint256 i = 0; i < span; ++i) {
            uint256 number = confirmed + 1 + (start + i) % span;
            if (rollups[chain].syncHashSent(uint32(number)) != 0) continue;
            _sync(chain, committedPlans[chain][number]);
            return;
        }
    }

    function deliver(uint256 seed) public {
        uint256 index = queue.find(seed >> 8, false);
        if (index == queue.count()) return;
        queue.deliver(index);
        _did(Did.Deliver);
    }

    /// @dev A message that comes again must be taken and change nothing.
    function deliverAgain(uint256 seed) public {
        uint256 index = queue.find(seed >> 8, true);
        if (index == queue.count()) return;
        queue.deliver(index);
        _did(Did.Redeliver);
    }

    /// @dev Only what can be sent again.
    function loseMessage(uint256 seed) public {
        uint256 index = queue.find(seed >> 8, false);
        if (index == queue.count() || queue.kindOf(index) < GatewayMessage.CONFIRMATION) return;
        queue.lose(index);
        _did(Did.LoseMessage);
    }

    function confirmBlock(uint256 seed) public {
        if (_isEarly(CHAINS, seed)) return;
        uint32 last = arbitrator.lastConfirmedBlock();
        for (uint32 i = 0; i < 8; ++i) {
            uint32 number = last + 1 + uint32((seed % 8 + i) % 8);
            if (!arbitrator.isConfirmable(number)) continue;
            vm.prank(anyone);
            arbitrator.confirmBlock(number);
            _did(Did.ConfirmBlock);
            return;
        }
    }

    function sendConfirmation(uint256 seed) public {
        if (arbitrator.lastConfirmedBlock() == 0) return;
        vm.prank(anyone);
        arbitrator.sendConfirmation(uint8(seed % CHAINS));
        _did(Did.SendConfirmation);
    }

    function executeBlocks(uint256 seed) public {
        (bool found, uint8 chain) = _chainFor(seed, _hasUnexecuted);
        if (!found || _isEarly(chain, seed)) return;
        _execute(chain, 1 + _random(seed, 1) % 3);
    }

    function triggerExitMode(uint256 seed) public {
        (bool found, uint8 chain) = _chainFor(seed, _mayTrigger);
        if (found) _trigger(chain);
    }

    function sendHaltRequest(uint256 seed) public {
        (bool found, uint8 chain) = _chainFor(seed, _isStopped);
        // Again and again until it has arrived, then rarely.
        if (!found || (arbitrator.halted() && _random(seed, 1) % 8 != 0)) return;
        vm.prank(anyone);
        rollups[chain].sendHaltRequest();
        _did(Did.SendHaltRequest);
    }

    function sendHalt(uint256 seed) public {
        if (!arbitrator.halted()) return;
        (bool found, uint8 chain) = _chainFor(seed, _isNotHalted);
        // Again and again until it has arrived, then rarely.
        if (!found && _random(seed, 1) % 8 != 0) return;
        vm.prank(anyone);
        arbitrator.sendHalt(chain);
        _did(Did.SendHalt);
    }

    function wait(uint256 seed) public {
        _wait(1 + seed % 6 hours);
        _did(Did.Wait);
    }

    /// @dev So long that every request expires. How soon that can be is another in each run.
    function waitLong(uint256) public {
        if (done < (mood >> 64) % 160) return;
        _wait(EXPIRATION + 1);
        _did(Did.WaitLong);
    }

    function _prove(uint256 proved, uint256 count) internal {
        bytes memory call = _proveCall(proved, count);
        vm.prank(anyone);
        (bool success, bytes memory reason) = address(rollups[0]).call(call);
        require(success, string(reason));
    }

    function _proveCall(uint256 proved, uint256 count) internal view returns (bytes memory) {
        StoredBlock[] memory blocks = new StoredBlock[](count);
        bytes32[][] memory syncHashes = new bytes32[][](count);
        BlockProof[] memory proofs = new BlockProof[](count);
        for (uint256 i = 0; i < count; ++i) {
            uint256 id = committedPlans[0][proved + 1 + i];
            blocks[i] = _stored(id, 0);
            syncHashes[i] = _syncHashes(id);
            (proofs[i].segmentInputs, proofs[i].joinInputs) =
                IPrimaryRollup(address(rollups[0])).proofInputs(plans[plans[id].parent].root, _primaryBlock(id));
            proofs[i].segmentProofs = new Proof[](proofs[i].segmentInputs.length);
        }
        return abi.encodeCall(IPrimaryRollup.proveBlocks, (blocks, syncHashes, proofs));
    }

    function _sync(uint8 chain, uint256 id) internal {
        bytes memory call = _syncCall(chain, id);
        vm.prank(anyone);
        (bool success, bytes memory reason) = address(rollups[chain]).call(call);
        require(success, string(reason));
        _did(Did.SyncBlock);
    }

    function _syncCall(uint8 chain, uint256 id) internal view returns (bytes memory) {
        return chain == 0
            ? abi.encodeCall(IPrimaryRollup.syncBlock, (_stored(id, 0), _syncHashes(id)))
            : abi.encodeCall(ISecondaryRollup.syncBlock, (_stored(id, chain)));
    }

    function _execute(uint8 chain, uint256 most) internal {
        uint256 executed = rollups[chain].totalBlocksExecuted();
        uint256 count = rollups[chain].totalBlocksConfirmed() - executed;
        if (count > most) count = most;
        ExecuteBlock[] memory list = _executeList(chain, executed + 1, count);
        vm.prank(anyone);
        rollups[chain].executeBlocks(list);
        _did(Did.ExecuteBlocks);
    }

    function _executeList(uint8 chain, uint256 first, uint256 count)
        internal
        view
        returns (ExecuteBlock[] memory list)
    {
        list = new ExecuteBlock[](count);
        for (uint256 i = 0; i < count; ++i) {
            uint256 id = committedPlans[chain][first + i];
            list[i] = ExecuteBlock(_stored(id, chain), plans[id].onchainData[chain]);
        }
    }

    function _trigger(uint8 chain) internal {
        rightlyStopped[chain] = true;
        vm.prank(anyone);
        rollups[chain].triggerExitMode();
        _did(Did.TriggerExitMode);
    }

    // ── which chain ─────────────────────────────────────────────────────────────────────────────────────────────────────

    /// @dev By the rules, whatever the contract thinks.
    function _mayTrigger(uint8 chain) internal view returns (bool) {
        if (!_running(chain) || rollups[chain].totalBlocksExecuted() != rollups[chain].totalBlocksConfirmed()) {
            return false;
        }
        uint64 next = _nextToExecute(chain);
        return next < requests[chain].length && _now() > requests[chain][next].expiresAt;
    }

    /// @dev On some chains nobody executes blocks at once, and in some runs nobody confirms them at once (`what` CHAINS): then it is mostly too early.
    function _isEarly(uint8 what, uint256 seed) private view returns (bool) {
        return mood >> (128 + what) & 1 == 0 && _random(seed, 2) % 8 != 0;
    }

    function _isNotHalted(uint8 chain) internal view returns (bool) {
        return rollups[chain].mode() != Mode.Halted;
    }

    function _isStopped(uint8 chain) internal view returns (bool) {
        return rollups[chain].mode() == Mode.Stopped;
    }

    function _hasUnexecuted(uint8 chain) internal view returns (bool) {
        return rollups[chain].totalBlocksExecuted() < rollups[chain].totalBlocksConfirmed();
    }

    function _hasUnsynced(uint8 chain) internal view returns (bool) {
        if (!_running(chain)) return false;
        uint32 proved = rollups[chain].totalBlocksProved();
        for (uint32 number = rollups[chain].totalBlocksConfirmed() + 1; number <= proved; ++number) {
            if (rollups[chain].syncHashSent(number) == 0) return true;
        }
        return false;
    }
}
