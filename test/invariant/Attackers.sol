// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { GatewayMessage } from "../../src/libraries/GatewayMessage.sol";
import { ExecuteBlock } from "../../src/types/Block.sol";
import { LeafExit } from "../../src/types/LeafExit.sol";
import { Mode } from "../../src/types/Mode.sol";
import { Operations } from "../utils/Operations.sol";
import { Anyone } from "./Anyone.sol";
import { Draft, Drafts } from "./Draft.sol";
import { Ledger, State } from "./Ledger.sol";
import { MessageQueue } from "./MessageQueue.sol";
import {
    CHAINS,
    ERC20_TOKEN,
    MALLORY,
    PEOPLE,
    PLACES,
    POOL_LEAF,
    Places,
    SHARES_SLOT,
    UNKNOWN_LEAF
} from "./Places.sol";
import { Did } from "./Tally.sol";
import { Validators } from "./Validators.sol";

/// @title What attackers try
/// @notice Every call here must be refused. The model takes no notice of one that is not: then what the contracts do and what the model says fall apart.
abstract contract Attackers is Anyone, Validators {
    using Drafts for Draft;
    using Ledger for State;

    /// @dev A block behind the branch that mints, pays without taking, or serves a deposit that nobody made. The branch goes on with it until it is found out.
    function planLie(uint256 seed) external {
        // Rarely: a lie that somebody synced is the end of normal life.
        uint256 tip = branch.length - 1;
        if (_random(seed, 4) % 3 != 0 || !_mayPlan(tip)) return;
        Draft memory draft = _draft(branch[tip]);
        uint8 chain = uint8(_random(seed, 0) % CHAINS);
        uint8 place = Places.placeAt(MALLORY, uint8(_random(seed, 1) % SHARES_SLOT));
        uint128 amount = uint128(1_000_000_000 + _random(seed, 2) % 1000);
        uint256 which = _random(seed, 3) % 4;
        if (which < 2) {
            draft.deposit(chain, place, amount);
        } else if (which == 2) {
            draft.state.balances[chain][place] += amount;
        } else {
            uint128 honest = draft.state.balances[chain][place];
            draft.state.balances[chain][place] = amount;
            draft.withdraw(chain, place, MALLORY, amount, 0);
            draft.state.balances[chain][place] = honest;
        }
        Kind kind = which < 2 ? Kind.Unasked : Kind.False;
        uint256 id = _keep(branch[tip], draft, kind, chain);
        branch.push(id);
        _did(which < 2 ? Did.PlanUnasked : Did.PlanFalse);
        if (kind == Kind.False) {
            if (!_running(0) || committedPlans[0].length != tip + 1 || _common(0) != tip) return;
            _commit(0, id);
            if (rollups[0].totalBlocksProved() != tip) return;
            _attack(Did.ProveFalse, anyone, address(rollups[0]), _proveCall(tip, 1));
        } else if (_running(chain) && committedPlans[chain].length == tip + 1 && _common(chain) == tip) {
            _attack(Did.CommitUnasked, validator, address(rollups[chain]), _commitCall(chain, id));
        }
    }

    function attackExits(uint256 seed) external {
        uint8 chain = _target(seed);
        State memory state = _haltState(chain);
        uint8 place = uint8(_random(seed, 1) % PLACES);
        if (rollups[chain].mode() != Mode.Halted) state = _state(_executedPlan(chain));
        for (uint8 i = 0; i < PLACES && state.worth(chain, place) == 0; ++i) {
            place = (place + 1) % PLACES;
        }
        LeafExit memory exit = _exit(state, chain, place);
        if (exit.amount == 0) return;
        if (!_open(chain)) {
            _attackExit(Did.ExitEarly, chain, exit);
            return;
        }
        if (rollups[chain].hasExited(exit.leafIndex)) {
            _attackExit(Did.ExitTwice, chain, exit);
            return;
        }
        uint256 which = _random(seed, 2) % 4;
        if (which == 0) exit.amount += 1;
        else if (which == 1) exit.token = 3 - exit.token;
        else if (which == 2) exit.owner = accounts[(Places.personOf(place) + 1) % PEOPLE];
        else exit.leafIndex = POOL_LEAF;
        _attackExit(which < 2 ? Did.ExitWrongAmount : which == 2 ? Did.ExitOthers : Did.ExitPool, chain, exit);
    }

    function attackRefunds(uint256 seed) external {
        uint8 chain = _target(seed);
        uint256 made = requests[chain].length;
        if (made == 0) return;
        uint64 id = uint64(_random(seed, 1) % made);
        Did did = Did.RefundWrongAmount;
        if (!_open(chain)) did = Did.RefundEarly;
        else if (id < _nextToExecute(chain)) did = Did.RefundConsumed;
        else if (requests[chain][id].refunded) did = Did.RefundTwice;
        _attack(
            did,
            accounts[MALLORY],
            address(rollups[chain]),
            _refundCall(chain, id, did == Did.RefundWrongAmount ? 1 : 0)
        );
    }

    function attackExecution(uint256 seed) external {
        uint8 chain = uint8(seed % CHAINS);
        uint256 executed = rollups[chain].totalBlocksExecuted();
        uint256 confirmed = rollups[chain].totalBlocksConfirmed();
        uint256 committed = committedPlans[chain].length - 1;
        uint8 place = Places.placeAt(MALLORY, 0);
        if (executed != 0 && _random(seed, 1) % 2 == 0) {
            _attackExecute(Did.ExecuteTwice, chain, _executeList(chain, executed, 1));
        } else if (executed < confirmed) {
            ExecuteBlock[] memory list = _executeList(chain, executed + 1, 1);
            list[0].onchainData = bytes.concat(
                list[0].onchainData,
                Operations.withdraw(Places.leafOf(place), Places.tokenOf(chain, place), accounts[MALLORY], 1)
            );
            _attackExecute(Did.ExecuteOtherData, chain, list);
        } else if (confirmed < committed) {
            bool halted = rollups[chain].mode() == Mode.Halted;
            Did did = halted ? Did.ExecuteAboveHalt : Did.ExecuteUnconfirmed;
            _attackExecute(did, chain, _executeList(chain, executed + 1, 1));
        }
    }

    /// @dev A sync without a proof, a commit by who may not, and the validator's taking back of what was synced.
    function attackBlocks(uint256 seed) external {
        uint8 chain = uint8(_random(seed, 0) % CHAINS);
        uint256 committed = committedPlans[chain].length - 1;
        uint256 common = _common(chain);
        uint256 which = seed % 3;
        if (which == 0) {
            uint256 proved = rollups[0].totalBlocksProved();
            if (proved + 1 >= committedPlans[0].length) return;
            bytes memory call = _syncCall(0, committedPlans[0][proved + 1]);
            if (_running(0)) _attack(Did.SyncUnproved, anyone, address(rollups[0]), call);
        } else if (which == 1) {
            if (!_running(chain) || common != committed || common + 1 >= branch.length) return;
            uint256 next = branch[common + 1];
            _attack(Did.CommitByAnyone, accounts[MALLORY], address(rollups[chain]), _commitCall(chain, next));
        } else {
            uint256 synced = rollups[chain].totalBlocksSynced();
            if (synced == 0) return;
            uint256 target = committedPlans[chain][synced - 1];
            bytes memory call = abi.encodeCall(rollups[chain].revertBlocks, (_stored(target, chain)));
            _attack(Did.RevertSynced, validator, address(rollups[chain]), call);
        }
    }

    /// @dev A block that chains do not agree on or that comes after the halt, best one that all chains have sent something for.
    function attackArbitrator(uint256 seed) external {
        uint32 last = arbitrator.lastConfirmedBlock();
        uint32 number = last + 1 + uint32(seed % 3);
        for (uint32 i = 1; i < 5; ++i) {
            uint256 sent = 0;
            for (uint8 chain = 0; chain < CHAINS; ++chain) {
                if (arbitrator.syncHashOf(chain, last + i) != 0) ++sent;
            }
            if (sent == CHAINS && !arbitrator.isConfirmable(last + i)) number = last + i;
        }
        if (arbitrator.isConfirmable(number)) return;
        bytes memory call = abi.encodeCall(arbitrator.confirmBlock, (number));
        _attack(arbitrator.halted() ? Did.ConfirmAfterHalt : Did.ConfirmUnequal, anyone, address(arbitrator), call);
    }

    /// @dev Messages that nobody sent: handed to the contracts directly, or through the message service as Mallory's own.
    function attackMessages(uint256 seed) external {
        uint8 chain = uint8(seed % CHAINS);
        bool direct = _random(seed, 0) % 2 == 0;
        uint256 which = _random(seed, 1) % 4;
        uint32 number = uint32(1 + _random(seed, 2) % committedPlans[chain].length);
        if (_random(seed, 3) % 2 == 0) number = rollups[chain].totalBlocksSynced();
        bytes32 syncHash = rollups[chain].syncHashSent(number);
        uint256 root = uint256(keccak256("root of nothing")) >> 8;
        bytes memory call;
        bytes memory message;
        if (which == 0) {
            call = abi.encodeCall(rollups[chain].receiveConfirmation, (number, syncHash));
            message = GatewayMessage.confirmation(number, syncHash);
        } else if (which == 1) {
            call = abi.encodeCall(rollups[chain].receiveHalt, (number, root, syncHash));
            message = GatewayMessage.halt(number, root, syncHash);
        } else if (which == 2) {
            call = abi.encodeCall(arbitrator.receiveHaltRequest, ());
            message = GatewayMessage.haltRequest();
        } else {
            call = abi.encodeCall(arbitrator.receiveSyncHash, (number, bytes32(root)));
            message = GatewayMessage.syncHash(number, bytes32(root));
        }
        address receiver = which < 2 ? address(rollups[chain]) : address(arbitrator);
        // The gateway of a chain that is wired directly takes no messages at all.
        if (!direct) {
            receiver = address(queue);
            address gateway = which < 2 ? rollups[chain].gateway() : l1Gateways[chain];
            call = abi.encodeCall(MessageQueue.deliverForged, (gateway, message));
        }
        Did[4] memory did = [Did.ForgeConfirmation, Did.ForgeHalt, Did.ForgeHaltRequest, Did.ForgeSyncHash];
        _attack(did[which], accounts[MALLORY], receiver, call);
    }

    function attackTrigger(uint256 seed) external {
        uint8 chain = uint8(seed % CHAINS);
        if (_mayTrigger(chain)) return;
        bytes memory call = abi.encodeCall(rollups[chain].triggerExitMode, ());
        _attack(Did.TriggerEarly, accounts[MALLORY], address(rollups[chain]), call);
    }

    /// @dev More requests than may wait, a request without its bond, and everything that a chain no longer takes once it has stopped.
    function attackRequests(uint256 seed) external {
        uint8 chain = uint8(seed % CHAINS);
        uint8 place = uint8(_random(seed, 1) % 3);
        address rollup = address(rollups[chain]);
        address mallory = accounts[MALLORY];
        bytes memory deposit =
            abi.encodeCall(rollups[chain].depositToken, (ERC20_TOKEN, 100, mallory, Places.keyX(place), 1));
        bytes memory request = abi.encodeCall(rollups[chain].requestFullExit, (Places.leafOf(place)));
        bool first = _random(seed, 2) % 2 == 0;
        if (_running(chain)) {
            // Mallory fills the queue with requests of what is not his; each costs him a bond.
            while (_random(seed, 4) % 4 == 0 && _takesRequests(chain)) _requestExit(chain, MALLORY, UNKNOWN_LEAF);
            if (first && !_takesDeposits(chain)) _attack(Did.DepositOverBound, mallory, rollup, deposit);
            else if (!_takesRequests(chain)) _attackPaying(Did.RequestOverBound, mallory, rollup, request);
            else _attack(Did.RequestWithoutBond, mallory, rollup, request);
            return;
        }
        uint256 common = _common(chain);
        uint256 proved = rollups[chain].totalBlocksProved();
        if (_random(seed, 3) % 2 == 0) {
            if (first) _attack(Did.RequestWhenStopped, mallory, rollup, deposit);
            else _attackPaying(Did.RequestWhenStopped, mallory, rollup, request);
        } else if (first && rollups[chain].totalBlocksSynced() < proved) {
            _attack(Did.SyncWhenStopped, anyone, rollup, _syncCall(chain, committedPlans[chain][proved]));
        } else if (common + 1 == committedPlans[chain].length && common + 1 < branch.length) {
            _attack(Did.CommitWhenStopped, validator, rollup, _commitCall(chain, branch[common + 1]));
        }
    }

    /// @dev A chain that is halted and has still to execute, or one with exits open, or any.
    function _target(uint256 seed) private view returns (uint8 chain) {
        bool found;
        (found, chain) = _chainFor(seed, _isCatchingUp);
        if (!found || _random(seed, 9) % 4 == 0) (found, chain) = _chainFor(seed, _open);
        if (!found) chain = uint8(seed % CHAINS);
    }

    function _isCatchingUp(uint8 chain) internal view returns (bool) {
        return rollups[chain].mode() == Mode.Halted && !_open(chain);
    }

    function _attackExit(Did did, uint8 chain, LeafExit memory exit) private {
        LeafExit[] memory exits = new LeafExit[](1);
        exits[0] = exit;
        _attack(did, accounts[MALLORY], address(rollups[chain]), abi.encodeCall(rollups[chain].exitLeaves, (exits)));
    }

    function _attackExecute(Did did, uint8 chain, ExecuteBlock[] memory list) private {
        _attack(did, anyone, address(rollups[chain]), abi.encodeCall(rollups[chain].executeBlocks, (list)));
    }

    function _attack(Did did, address attacker, address target, bytes memory call) private {
        vm.prank(attacker);
        (bool success,) = target.call(call);
        if (success) ++accepted;
        _did(did);
    }

    function _attackPaying(Did did, address attacker, address target, bytes memory call) private {
        vm.prank(attacker);
        (bool success,) = target.call{ value: EXIT_BOND }(call);
        if (success) ++accepted;
        _did(did);
    }
}
