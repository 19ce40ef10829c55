// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { FIELD_ORDER, GENESIS_ROOT } from "../../src/generated/Params.sol";
import { IPrimaryRollup } from "../../src/interfaces/IRollup.sol";
import { PrimaryBlock, SegmentData, StoredBlock } from "../../src/types/Block.sol";
import { Mode } from "../../src/types/Mode.sol";
import { FormatsReference } from "../utils/FormatsReference.sol";
import { Draft } from "./Draft.sol";
import { State } from "./Ledger.sol";
import { ACCOUNTS, CHAINS, TOKENS } from "./Places.sol";
import { World } from "./World.sol";

/// @title What happened, as the model has it
/// @notice Blocks form a tree: each names its parent, and chains may have gone different ways. The *branch* is the way that the validator goes on with.
abstract contract Chronicle is World {
    enum Kind {
        Honest,
        /// Not a transition of the rules: no proof exists.
        False,
        /// Provable, but it serves a request that chain `victim` does not have.
        Unasked
    }

    struct Plan {
        uint256 parent;
        uint32 number;
        uint64 timestamp;
        uint256 root;
        Kind kind;
        uint8 victim;
        bytes32 proofInputsHash;
        bytes32[CHAINS] syncHashes;
        /// Requests of each chain that blocks up to this one serve.
        uint64[CHAINS] requestsTotal;
        bytes[CHAINS] onchainData;
        bytes[CHAINS] l2Data;
    }

    struct Request {
        bool deposit;
        bool refunded;
        uint8 person;
        uint24 leafIndex;
        /// Of a full exit the least amount.
        uint128 amount;
        uint40 expiresAt;
    }

    /// What kind of run it is: who is lazy, whether the validator lies. Random bits; 0 before the first action.
    uint256 internal mood;
    Plan[] internal plans;
    /// By block number: the plan that the validator goes on with.
    uint256[] internal branch;
    /// By chain and block number: what the chain committed.
    uint256[][CHAINS] internal committedPlans;
    Request[][CHAINS] internal requests;

    /// By chain and token.
    uint256[TOKENS][CHAINS] internal entered;
    uint256[TOKENS][CHAINS] internal left;
    /// By chain, account and token: what withdrawPending brought.
    uint256[TOKENS][ACCOUNTS][CHAINS] internal received;
    /// By chain, account and token: what refunds gave, and what full exits at a price paid above their bonds.
    uint256[TOKENS][ACCOUNTS][CHAINS] internal credited;
    /// Chains that could be stopped by the rules when they were.
    bool[CHAINS] internal rightlyStopped;

    constructor() {
        State memory genesis;
        genesis.totalShares = [uint128(1000), 1000];
        truth.record(GENESIS_ROOT, genesis);
        plans.push();
        plans[0].root = GENESIS_ROOT;
        branch.push(0);
        for (uint8 chain = 0; chain < CHAINS; ++chain) {
            plans[0].syncHashes[chain] = keccak256(abi.encode(DEPLOYMENT_ID, chain));
            committedPlans[chain].push(0);
        }
    }

    /// @dev Keeps a draft as a block behind `parent`. Of a false one no public input becomes true.
    function _keep(uint256 parent, Draft memory draft, Kind kind, uint8 victim) internal returns (uint256 id) {
        id = plans.length;
        plans.push();
        Plan storage plan = plans[id];
        plan.parent = parent;
        plan.number = plans[parent].number + 1;
        plan.timestamp = uint64(_now());
        plan.root = uint256(keccak256(abi.encode("final root", id))) % FIELD_ORDER;
        plan.kind = kind;
        plan.victim = victim;
        for (uint8 chain = 0; chain < CHAINS; ++chain) {
            plan.onchainData[chain] = draft.onchainData[chain];
            plan.l2Data[chain] = draft.l2Data[chain];
            plan.requestsTotal[chain] = draft.nextRequest[chain];
            plan.syncHashes[chain] = FormatsReference.syncHash(
                plans[parent].syncHashes[chain], plan.number, plan.timestamp, plan.root, draft.onchainData[chain]
            );
        }
        truth.record(plan.root, draft.state);
        (uint256[5][] memory segmentInputs, uint256[3] memory joinInputs) =
            IPrimaryRollup(address(rollups[0])).proofInputs(plans[parent].root, _primaryBlock(id));
        plan.proofInputsHash = keccak256(abi.encode(segmentInputs, joinInputs));
        if (kind != Kind.False) truth.admit(segmentInputs, joinInputs);
    }

    function _state(uint256 id) internal view returns (State memory) {
        return truth.stateOf(plans[id].root);
    }

    /// @dev The block as the primary gets it: one segment for each chain that it touches, with made-up roots.
    function _primaryBlock(uint256 id) internal view returns (PrimaryBlock memory block_) {
        Plan storage plan = plans[id];
        block_.blockNumber = plan.number;
        block_.timestamp = plan.timestamp;
        block_.finalRoot = plan.root;
        block_.joinC1 = id;
        SegmentData[] memory segments = new SegmentData[](CHAINS);
        uint256 count = 0;
        for (uint8 chain = 0; chain < CHAINS; ++chain) {
            bytes memory onchainData = plan.onchainData[chain];
            bytes memory l2Data = plan.l2Data[chain];
            if (onchainData.length == 0 && l2Data.length == 0) continue;
            uint256 word = id * CHAINS + chain;
            segments[count++] = SegmentData(chain, word, word + 1, 0, 0, word, word, onchainData, l2Data);
        }
        assembly {
            mstore(segments, count)
        }
        block_.segments = segments;
    }

    function _stored(uint256 id, uint8 chain) internal view returns (StoredBlock memory) {
        if (id == 0) return rollups[chain].genesisBlock();
        Plan storage plan = plans[id];
        return StoredBlock({
            blockNumber: plan.number,
            priorityRequestsTotal: plan.requestsTotal[chain],
            timestamp: plan.timestamp,
            finalRoot: plan.root,
            onchainOpsHash: keccak256(plan.onchainData[chain]),
            syncHash: plan.syncHashes[chain],
            proofInputsHash: chain == 0 ? plan.proofInputsHash : bytes32(0),
            syncHashesHash: chain == 0 ? keccak256(abi.encode(_syncHashes(id))) : bytes32(0)
        });
    }

    function _syncHashes(uint256 id) internal view returns (bytes32[] memory list) {
        list = new bytes32[](CHAINS);
        for (uint8 chain = 0; chain < CHAINS; ++chain) {
            list[chain] = plans[id].syncHashes[chain];
        }
    }

    // ── where a chain is ────────────────────────────────────────────────────────────────────────────────────────────────

    function _running(uint8 chain) internal view returns (bool) {
        return rollups[chain].mode() == Mode.Running;
    }

    /// @dev The plan of the last block that the chain executed.
    function _executedPlan(uint8 chain) internal view returns (uint256) {
        return committedPlans[chain][rollups[chain].totalBlocksExecuted()];
    }

    /// @dev The model's state of the last block of a halted chain.
    function _haltState(uint8 chain) internal view returns (State memory) {
        return _state(committedPlans[chain][rollups[chain].haltBlock()]);
    }

    function _nextToExecute(uint8 chain) internal view returns (uint64 next) {
        (,, next) = rollups[chain].priorityQueueState();
    }

    function _waiting(uint8 chain) internal view returns (uint256) {
        return requests[chain].length - _nextToExecute(chain);
    }

    /// @dev What a full exit request costs while so many wait.
    function _price(uint256 waiting) internal pure returns (uint256) {
        return EXIT_BOND * 2 ** (waiting / MAX_OPEN);
    }

    /// @dev Last block up to which the chain went the way of the branch.
    function _common(uint8 chain) internal view returns (uint256 number) {
        uint256[] storage own = committedPlans[chain];
        uint256 last = (own.length < branch.length ? own.length : branch.length) - 1;
        while (number < last && own[number + 1] == branch[number + 1]) ++number;
    }
}
