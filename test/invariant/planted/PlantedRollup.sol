// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { ERC1967Proxy } from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol";
import { BitMaps } from "@openzeppelin/contracts/utils/structs/BitMaps.sol";

import { IExitMode } from "../../../src/interfaces/IExitMode.sol";
import { IFullQueue } from "../../../src/interfaces/IFullQueue.sol";
import { IReverting } from "../../../src/interfaces/IReverting.sol";
import { IPrimaryRollup, IRollup } from "../../../src/interfaces/IRollup.sol";
import { IVerifier } from "../../../src/interfaces/IVerifier.sol";
import { PriorityQueue } from "../../../src/libraries/PriorityQueue.sol";
import { Pubdata } from "../../../src/libraries/Pubdata.sol";
import { RollupStorage } from "../../../src/rollup/RollupStorage.sol";
import { ExecuteBlock, StoredBlock } from "../../../src/types/Block.sol";
import { LeafExit } from "../../../src/types/LeafExit.sol";
import { Mode } from "../../../src/types/Mode.sol";
import { Statement } from "../../../src/types/Statement.sol";
import { NATIVE_TOKEN } from "../../../src/types/Token.sol";
import { Bug } from "./Bugs.sol";

/// @notice Accepts every proof.
contract Credulous is IVerifier {
    /// @inheritdoc IVerifier
    function verifyBatch(Statement[] calldata) external pure returns (bool) {
        return true;
    }
}

/// @title A rollup contract with a bug
/// @notice The real code behind a proxy that knows its storage. Around one call the proxy sets what a check looks at to what the check wants and puts it back
/// (a missing check), or undoes or repeats one write (a missing or doubled write). All else is the real code.
contract PlantedRollup is RollupStorage, ERC1967Proxy {
    using BitMaps for BitMaps.BitMap;

    Bug private immutable BUG;
    address private immutable CREDULOUS = address(new Credulous());

    constructor(Bug bug, address implementation, bytes memory call) ERC1967Proxy(implementation, call) {
        BUG = bug;
    }

    /// @dev No function that a bug sits at returns anything.
    function _fallback() internal override {
        bytes4 sig = msg.sig;
        if (sig == IRollup.executeBlocks.selector) _executing();
        else if (sig == IExitMode.exitLeaves.selector) _exiting();
        else if (sig == IExitMode.refundDeposit.selector) _refunding();
        else if (sig == IExitMode.receiveHalt.selector) _halting();
        else if (sig == IExitMode.triggerExitMode.selector) _triggering();
        else if (sig == IRollup.withdrawPending.selector) _withdrawing();
        else _normalLife(sig);
    }

    function _normalLife(bytes4 sig) private {
        if (sig == IRollup.depositToken.selector || sig == IRollup.requestFullExit.selector) _requesting();
        else if (sig == IFullQueue.requestFullExitAtPrice.selector) _requestingAtPrice();
        else if (sig == IPrimaryRollup.syncBlock.selector) _syncing();
        else if (sig == IPrimaryRollup.proveBlocks.selector) _proving();
        else if (sig == IReverting.revertBlocks.selector) _reverting();
        else if (sig == IRollup.receiveConfirmation.selector) _confirming();
        else super._fallback();
    }

    function _executing() private {
        ExecuteBlock[] memory blocks = abi.decode(msg.data[4:], (ExecuteBlock[]));
        (uint32 executed, uint32 confirmed) = (totalBlocksExecuted, totalBlocksConfirmed);
        if (BUG == Bug.ExecuteTwice && blocks[0].stored.blockNumber <= executed) {
            totalBlocksExecuted = blocks[0].stored.blockNumber - 1;
        }
        if (BUG == Bug.ExecuteUnconfirmed) totalBlocksConfirmed = totalBlocksCommitted;
        if (BUG == Bug.ExecuteOtherData) _executeAnyData(blocks);
        else _call();
        if (BUG == Bug.ExitWrongRoot) _executedRoot ^= 1;
        if (BUG == Bug.ExecuteUnconfirmed) totalBlocksConfirmed = confirmed;
        if (BUG == Bug.BondTwice) {
            for (uint256 i = 0; i < blocks.length; ++i) {
                this.returnBonds(blocks[i].onchainData);
            }
        }
    }

    /// @notice Gives back once more the bonds that executed bytes gave back.
    function returnBonds(bytes calldata onchainData) external {
        uint256 offset = 0;
        while (offset < onchainData.length) {
            (uint8 kind, uint256 end) = Pubdata.onchainOperation(onchainData, offset);
            (, address owner, uint128 amount) = Pubdata.payout(onchainData, offset);
            if (kind == 2 && amount != 0) pendingBalance[owner][NATIVE_TOKEN] += exitBond;
            offset = end;
        }
    }

    function _exiting() private {
        LeafExit[] memory exits = abi.decode(msg.data[4:], (LeafExit[]));
        (uint32 executed, address honest) = (totalBlocksExecuted, verifier);
        if (BUG == Bug.ExitsTooEarly) totalBlocksExecuted = haltBlock;
        if (BUG == Bug.ExitUnproved) verifier = CREDULOUS;
        _call();
        if (BUG == Bug.ExitsTooEarly) totalBlocksExecuted = executed;
        if (BUG == Bug.ExitUnproved) verifier = honest;
        for (uint256 i = 0; i < exits.length; ++i) {
            LeafExit memory exit = exits[i];
            if (BUG == Bug.SkippedNullifier) _exited.unset(exit.leafIndex);
            if (BUG == Bug.ExitToSender) {
                pendingBalance[exit.owner][exit.token] -= exit.amount;
                pendingBalance[msg.sender][exit.token] += exit.amount;
            }
        }
    }

    function _refunding() private {
        (uint64 id, uint32 token, address owner, uint128 amount, uint256 keyX, uint256 keyY) =
            abi.decode(msg.data[4:], (uint64, uint32, address, uint128, uint256, uint256));
        uint32 executed = totalBlocksExecuted;
        bytes32 entry = _queue.requests[id];
        if (BUG == Bug.ExitsTooEarly) totalBlocksExecuted = haltBlock;
        if (BUG == Bug.RefundConsumed && id < _queue.nextToExecute) {
            _queue.requests[id] = PriorityQueue.depositHash(token, owner, amount, keyX, keyY);
        }
        _call();
        if (BUG == Bug.ExitsTooEarly) totalBlocksExecuted = executed;
        if (BUG == Bug.RefundKept) _queue.requests[id] = entry;
    }

    function _halting() private {
        address honest = gateway;
        if (BUG == Bug.HaltFromNobody) gateway = msg.sender;
        if (BUG == Bug.HaltBelowConfirmed) {
            uint32 blockNumber = abi.decode(msg.data[4:], (uint32));
            if (blockNumber < totalBlocksConfirmed) totalBlocksConfirmed = blockNumber;
        }
        _call();
        if (BUG == Bug.HaltFromNobody) gateway = honest;
    }

    function _triggering() private {
        uint64 next = _queue.nextToExecute;
        bytes32 entry = _queue.requests[next];
        if (BUG == Bug.TriggerUnexpired && entry != 0) {
            _queue.requests[next] = bytes32((uint256(entry) >> 40 << 40) | 1);
        }
        _call();
        if (BUG == Bug.TriggerUnexpired) _queue.requests[next] = entry;
    }

    function _withdrawing() private {
        (address owner, uint32 token) = abi.decode(msg.data[4:], (address, uint32));
        uint256 amount = pendingBalance[owner][token];
        _call();
        if (BUG == Bug.WithdrawKept) pendingBalance[owner][token] = amount;
    }

    function _requesting() private {
        (Mode before, uint24 maximum) = (mode, _queue.maxOpen);
        if (BUG == Bug.RequestWhenStopped) mode = Mode.Running;
        if (BUG == Bug.QueueUnbounded) _queue.maxOpen = type(uint24).max;
        _call();
        (mode, _queue.maxOpen) = (before, maximum);
    }

    function _requestingAtPrice() private {
        (uint256 price, uint24 maximum) = (_fullExitPrice(), _queue.maxOpen);
        if (BUG == Bug.FlatPrice) _queue.maxOpen = type(uint24).max;
        _call();
        _queue.maxOpen = maximum;
        if (BUG == Bug.SurplusTwice) pendingBalance[msg.sender][NATIVE_TOKEN] += msg.value - price;
    }

    function _syncing() private {
        uint32 proved = totalBlocksProved;
        if (BUG == Bug.SyncUnproved) totalBlocksProved = totalBlocksCommitted;
        _call();
        totalBlocksProved = proved;
    }

    function _proving() private {
        address honest = verifier;
        if (BUG == Bug.ProveAnything) verifier = CREDULOUS;
        _call();
        verifier = honest;
    }

    function _reverting() private {
        StoredBlock memory last = abi.decode(msg.data[4:], (StoredBlock));
        if (BUG == Bug.RevertSynced && last.blockNumber < totalBlocksSynced) totalBlocksSynced = last.blockNumber;
        _call();
    }

    function _confirming() private {
        Mode before = mode;
        if (BUG == Bug.ConfirmAboveHalt && before == Mode.Halted) mode = Mode.Stopped;
        _call();
        mode = before;
    }

    /// @dev Hands the call on with blocks whose hash is that of the bytes that came.
    function _executeAnyData(ExecuteBlock[] memory blocks) private {
        bytes32[] memory honest = new bytes32[](blocks.length);
        for (uint256 i = 0; i < blocks.length; ++i) {
            StoredBlock memory stored = blocks[i].stored;
            honest[i] = storedBlockHash[stored.blockNumber];
            stored.onchainOpsHash = keccak256(blocks[i].onchainData);
            storedBlockHash[stored.blockNumber] = _hash(stored);
        }
        _pass(abi.encodeCall(IRollup.executeBlocks, (blocks)));
        for (uint256 i = 0; i < blocks.length; ++i) {
            storedBlockHash[blocks[i].stored.blockNumber] = honest[i];
        }
    }

    function _call() private {
        _pass(msg.data);
    }

    function _pass(bytes memory call) private {
        (bool success, bytes memory result) = _implementation().delegatecall(call);
        if (!success) {
            assembly ("memory-safe") {
                revert(add(result, 32), mload(result))
            }
        }
    }
}
