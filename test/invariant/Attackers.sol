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
    PLACES,
    POOL_LEAF,
    Places,
    SHARES_SLOT,
    TOKENS,
    UNKNOWN_LEAF
} from "./Places.sol";
import { Did } from "./Tally.sol";
import { Validators } from "./Validators.sol";

/// @title What attackers try
/// @notice Every call here must be refused; each action tries all that can be tried. The model takes no notice of one that is not: then what the contracts do and what the model says fall apart.
abstract contract Attackers is Anyone, Validators {
    using Drafts for Draft;
    using Ledger for State;

    /// @dev A block behind the branch that mints, pays without taking, or serves a deposit that nobody made. The branch goes on with it until it is found out.
    function planLie(uint256 seed) public {
        // Rarely: a lie that somebody synced is the end of normal life.
        uint256 tip = branch.length - 1;
        if (!_lies(0) || _random(seed, 4) % 2 != 0 || !_mayPlan(tip)) return;
        Draft memory draft = _draft(branch[tip]);
        uint8 chain = uint8(_random(seed, 0) % CHAINS);
        uint8 place = Places.placeAt(MALLORY, uint8(_random(seed, 1) % SHARES_SLOT));
        uint128 amount = uint128(1_000_000_000 + _random(seed, 2) % 1000);
        uint256 which = _random(seed, 3) % 4;
        if (which == 0) {
            draft.deposit(chain, place, amount);
        } else if (which < 3) {
            draft.state.balances[chain][place] += amount;
        } else {
            uint128 honest = draft.state.balances[chain][place];
            draft.state.balances[chain][place] = amount;
            draft.withdraw(chain, place, MALLORY, amount, 0);
            draft.state.balances[chain][place] = honest;
        }
        Kind kind = which == 0 ? Kind.Unasked : Kind.False;
        uint256 id = _keep(branch[tip], draft, kind, chain);
        branch.push(id);
        _did(which == 0 ? Did.PlanUnasked : Did.PlanFalse);
        if (kind == Kind.False) {
            if (_running(0) && committedPlans[0].length == tip + 1 && _common(0) == tip) _commit(0, id);
            _proveFalse();
        } else if (_running(chain) && committedPlans[chain].length == tip + 1 && _common(chain) == tip) {
            _attack(Did.CommitUnasked, validator, address(rollups[chain]), _commitCall(chain, id));
        }
    }

    /// @dev Before exits are open: what would be true of the state that the chain has executed, or of that of the halt. Then: what is not true, and what was
    /// true once.
    function attackExits(uint256 seed) public {
        uint8 chain = _target(seed);
        State memory state = _state(_executedPlan(chain));
        (bool found, uint8 place) = _placeFor(state, chain, _random(seed, 1), false);
        if (!_open(chain)) {
            bool late = _isCatchingUp(chain);
            if (found) _attackExit(late ? Did.ExitCatchingUp : Did.ExitEarly, chain, _exit(state, chain, place));
            if (!late) return;
            state = _haltState(chain);
            (found, place) = _placeFor(state, chain, _random(seed, 1), false);
            if (found) _attackExit(Did.ExitCatchingUp, chain, _exit(state, chain, place));
            return;
        }
        if (found) _attackClaim(chain, _exit(state, chain, place));
        (found, place) = _placeFor(state, chain, _random(seed, 2), true);
        if (found) _attackExit(Did.ExitTwice, chain, _exit(state, chain, place));
    }

    function attackRefunds(uint256 seed) public {
        uint8 chain = _target(seed);
        uint256 made = requests[chain].length;
        uint64 next = _nextToExecute(chain);
        if (next < made) {
            uint64 id = uint64(next + _random(seed, 1) % (made - next));
            if (_isCatchingUp(chain)) _attackRefund(Did.RefundCatchingUp, chain, id, 0);
            else if (!_open(chain)) _attackRefund(Did.RefundEarly, chain, id, 0);
            else if (requests[chain][id].refunded) _attackRefund(Did.RefundTwice, chain, id, 0);
            else _attackRefund(Did.RefundWrongAmount, chain, id, 1);
        }
        if (next != 0) _attackRefund(Did.RefundConsumed, chain, uint64(_random(seed, 2) % next), 0);
    }

    function attackExecution(uint256 seed) public {
        (bool found, uint8 chain) = _chainFor(seed, _hasUnexecuted);
        if (!found) chain = uint8(seed % CHAINS);
        uint256 executed = rollups[chain].totalBlocksExecuted();
        uint256 confirmed = rollups[chain].totalBlocksConfirmed();
        uint256 committed = committedPlans[chain].length - 1;
        uint8 place = Places.placeAt(MALLORY, 0);
        if (executed != 0) _attackExecute(Did.ExecuteTwice, chain, _executeList(chain, executed, 1));
        if (executed < confirmed) {
            ExecuteBlock[] memory list = _executeList(chain, executed + 1, 1);
            list[0].onchainData = bytes.concat(
                list[0].onchainData,
                Operations.withdraw(Places.leafOf(place), Places.tokenOf(chain, place), accounts[MALLORY], 1)
            );
            _attackExecute(Did.ExecuteOtherData, chain, list);
        }
        if (confirmed < committed) {
            bool halted = rollups[chain].mode() == Mode.Halted;
            Did did = halted ? Did.ExecuteAboveHalt : Did.ExecuteUnconfirmed;
            _attackExecute(did, chain, _executeList(chain, executed + 1, confirmed + 1 - executed));
        }
    }

    /// @dev A false proof, a sync without a proof, a commit by who may not, and the validator's taking back of what was synced.
    function attackBlocks(uint256 seed) public {
        uint256 proved = rollups[0].totalBlocksProved();
        if (!_proveFalse() && _running(0) && proved + 1 < committedPlans[0].length) {
            bytes memory call = _syncCall(0, committedPlans[0][proved + 1]);
            _attack(Did.SyncUnproved, anyone, address(rollups[0]), call);
        }
        uint8 chain = uint8(seed % CHAINS);
        uint256 common = _common(chain);
        if (_running(chain) && common + 1 == committedPlans[chain].length && common + 1 < branch.length) {
            uint256 id = branch[common + 1];
            bytes memory call = _commitCall(chain, id);
            bool unasked = plans[id].kind == Kind.Unasked && plans[id].victim == chain;
            if (unasked) _attack(Did.CommitUnasked, validator, address(rollups[chain]), call);
            _attack(Did.CommitByAnyone, accounts[MALLORY], address(rollups[chain]), call);
        }
        uint256 synced = rollups[chain].totalBlocksSynced();
        if (synced != 0) {
            bytes memory call =
                abi.encodeCall(rollups[chain].revertBlocks, (_stored(committedPlans[chain][synced - 1], chain)));
            _attack(Did.RevertSynced, validator, address(rollups[chain]), call);
        }
    }

    /// @dev True if the next block to prove is a false one: nobody must be able to.
    function _proveFalse() private returns (bool) {
        uint256 proved = rollups[0].totalBlocksProved();
        if (!_running(0) || proved + 1 >= committedPlans[0].length) return false;
        if (plans[committedPlans[0][proved + 1]].kind != Kind.False) return false;
        _attack(Did.ProveFalse, anyone, address(rollups[0]), _proveCall(proved, 1));
        return true;
    }

    /// @dev A block that chains do not agree on or that comes after the halt, best one that all chains have sent something for.
    function attackArbitrator(uint256 seed) public {
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
    function attackMessages(uint256 seed) public {
        uint8 chain = uint8(seed % CHAINS);
        uint32 number = uint32(1 + _random(seed, 2) % committedPlans[chain].length);
        if (_random(seed, 3) % 2 == 0) number = rollups[chain].totalBlocksSynced();
        bytes32 syncHash = rollups[chain].syncHashSent(number);
        uint256 root = uint256(keccak256("root of nothing")) >> 8;
        address rollup = address(rollups[chain]);
        // The gateway of a chain that is wired directly takes no messages at all.
        (address up, address down) = (l1Gateways[chain], rollups[chain].gateway());

        _forge(Did.ForgeConfirmation, rollup, abi.encodeCall(rollups[chain].receiveConfirmation, (number, syncHash)));
        _forgeMessage(Did.ForgeConfirmation, down, GatewayMessage.confirmation(number, syncHash));
        _forge(Did.ForgeHalt, rollup, abi.encodeCall(rollups[chain].receiveHalt, (number, root, syncHash)));
        _forgeMessage(Did.ForgeHalt, down, GatewayMessage.halt(number, root, syncHash));
        _forge(Did.ForgeHaltRequest, address(arbitrator), abi.encodeCall(arbitrator.receiveHaltRequest, ()));
        _forgeMessage(Did.ForgeHaltRequest, up, GatewayMessage.haltRequest());
        bytes memory call = abi.encodeCall(arbitrator.receiveSyncHash, (number, bytes32(root)));
        _forge(Did.ForgeSyncHash, address(arbitrator), call);
        _forgeMessage(Did.ForgeSyncHash, up, GatewayMessage.syncHash(number, bytes32(root)));
    }

    function attackTrigger(uint256) public {
        for (uint8 chain = 0; chain < CHAINS; ++chain) {
            if (_mayTrigger(chain)) continue;
            bytes memory call = abi.encodeCall(rollups[chain].triggerExitMode, ());
            _attack(Did.TriggerEarly, accounts[MALLORY], address(rollups[chain]), call);
        }
    }

    function attackRequests(uint256 seed) public {
        uint8 chain = uint8(seed % CHAINS);
        if (_running(chain)) _attackQueue(chain, seed);
        else _attackStopped(chain, seed);
    }

    /// @dev More requests than may wait, and requests that do not pay what they cost.
    function _attackQueue(uint8 chain, uint256 seed) private {
        _fill(chain, _random(seed, 4));
        (bytes memory deposit, bytes memory request, bytes memory atPrice) = _requestCalls(chain, seed);
        uint256 price = _price(_waiting(chain));
        if (!_takesDeposits(chain)) _attackPaying(Did.DepositOverBound, 0, chain, deposit);
        _attackPaying(Did.RequestUnderPrice, price - 1, chain, atPrice);
        if (!_takesAtPrice(chain)) _attackPaying(Did.RequestOverLastBound, price, chain, atPrice);
        if (_takesRequests(chain)) _attackPaying(Did.RequestWithoutBond, EXIT_BOND - 1, chain, request);
        else _attackPaying(Did.RequestOverBound, EXIT_BOND, chain, request);
    }

    /// @dev Everything that a chain no longer takes once it has stopped.
    function _attackStopped(uint8 chain, uint256 seed) private {
        (bytes memory deposit, bytes memory request, bytes memory atPrice) = _requestCalls(chain, seed);
        _attackPaying(Did.RequestWhenStopped, 0, chain, deposit);
        _attackPaying(Did.RequestWhenStopped, EXIT_BOND, chain, request);
        _attackPaying(Did.RequestWhenStopped, _price(_waiting(chain)), chain, atPrice);
        uint256 proved = rollups[chain].totalBlocksProved();
        if (rollups[chain].totalBlocksSynced() < proved) {
            bytes memory call = _syncCall(chain, committedPlans[chain][proved]);
            _attack(Did.SyncWhenStopped, anyone, address(rollups[chain]), call);
        }
        uint256 common = _common(chain);
        if (common + 1 == committedPlans[chain].length && common + 1 < branch.length) {
            bytes memory call = _commitCall(chain, branch[common + 1]);
            _attack(Did.CommitWhenStopped, validator, address(rollups[chain]), call);
        }
    }

    /// @dev Mallory's: a deposit, and a full exit request in both ways.
    function _requestCalls(uint8 chain, uint256 seed)
        private
        view
        returns (bytes memory deposit, bytes memory request, bytes memory atPrice)
    {
        uint8 place = uint8(_random(seed, 1) % 3);
        uint24 leafIndex = Places.leafOf(place);
        deposit =
            abi.encodeCall(rollups[chain].depositToken, (ERC20_TOKEN, 100, accounts[MALLORY], Places.keyX(place), 1));
        request = abi.encodeCall(rollups[chain].requestFullExit, (leafIndex, 0));
        atPrice = abi.encodeCall(rollups[chain].requestFullExitAtPrice, (leafIndex, 0));
    }

    /// @dev Now and then Mallory fills the queue with requests of what is not his: a round for a bond each, or also one at a price, or all of them.
    function _fill(uint8 chain, uint256 random) private {
        if (random % 4 != 0) return;
        uint256 most = MAX_OPEN * (1 + (random >> 8) % 2);
        if ((random >> 16) % 4 == 0) most = MAX_AT_PRICE;
        while (_takesRequests(chain)) _requestExit(chain, MALLORY, UNKNOWN_LEAF, 0);
        while (_waiting(chain) < most) _requestExitAtPrice(chain, MALLORY, UNKNOWN_LEAF, 0, 0);
    }

    /// @dev A chain that is halted and has still to execute, or one with leaves that have not exited, or one with exits open, or any.
    function _target(uint256 seed) private view returns (uint8 chain) {
        bool found;
        (found, chain) = _chainFor(seed, _isCatchingUp);
        if (!found || _random(seed, 9) % 4 == 0) (found, chain) = _chainFor(seed, _paysExits);
        if (!found || _random(seed, 10) % 4 == 0) (found, chain) = _chainFor(seed, _open);
        if (!found) chain = uint8(seed % CHAINS);
    }

    function _isCatchingUp(uint8 chain) internal view returns (bool) {
        return rollups[chain].mode() == Mode.Halted && !_open(chain);
    }

    /// @dev First place from `start` on, going round, that is worth something and whose leaf has (not) exited.
    function _placeFor(State memory state, uint8 chain, uint256 start, bool exited) private view returns (bool, uint8) {
        for (uint8 i = 0; i < PLACES; ++i) {
            uint8 place = uint8((start % PLACES + i) % PLACES);
            if (state.worth(chain, place) == 0) continue;
            if (rollups[chain].hasExited(Places.leafOf(place)) == exited) return (true, place);
        }
        return (false, 0);
    }

    /// @dev Each with one thing that is not so. Takes a claim that is right.
    function _attackClaim(uint8 chain, LeafExit memory exit) private {
        address owner = exit.owner;
        ++exit.amount;
        _attackExit(Did.ExitWrongAmount, chain, exit);
        --exit.amount;
        exit.token = TOKENS + 1 - exit.token;
        _attackExit(Did.ExitWrongToken, chain, exit);
        exit.token = TOKENS + 1 - exit.token;
        exit.owner = owner == accounts[MALLORY] ? accounts[0] : accounts[MALLORY];
        _attackExit(Did.ExitOthers, chain, exit);
        exit.owner = owner;
        exit.leafIndex = POOL_LEAF;
        _attackExit(Did.ExitPool, chain, exit);
    }

    function _attackExit(Did did, uint8 chain, LeafExit memory exit) private {
        LeafExit[] memory exits = new LeafExit[](1);
        exits[0] = exit;
        _attack(did, accounts[MALLORY], address(rollups[chain]), abi.encodeCall(rollups[chain].exitLeaves, (exits)));
    }

    function _attackRefund(Did did, uint8 chain, uint64 id, uint128 more) private {
        _attack(did, accounts[MALLORY], address(rollups[chain]), _refundCall(chain, id, more));
    }

    function _attackExecute(Did did, uint8 chain, ExecuteBlock[] memory list) private {
        _attack(did, anyone, address(rollups[chain]), abi.encodeCall(rollups[chain].executeBlocks, (list)));
    }

    function _attack(Did did, address attacker, address target, bytes memory call) private {
        vm.prank(attacker);
        (bool success,) = target.call(call);
        _attacked(did, success);
    }

    function _forge(Did did, address receiver, bytes memory call) private {
        _attack(did, accounts[MALLORY], receiver, call);
    }

    function _forgeMessage(Did did, address receiver, bytes memory message) private {
        _forge(did, address(queue), abi.encodeCall(MessageQueue.deliverForged, (receiver, message)));
    }

    /// @dev Mallory asks a rollup contract for something and pays `value`.
    function _attackPaying(Did did, uint256 value, uint8 chain, bytes memory call) private {
        vm.prank(accounts[MALLORY]);
        (bool success,) = address(rollups[chain]).call{ value: value }(call);
        _attacked(did, success);
    }
}
