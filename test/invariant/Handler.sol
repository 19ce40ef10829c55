// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { Home } from "./Home.sol";
import { CHAINS } from "./Places.sol";
import { Proxies } from "./Proxies.sol";
import { World } from "./World.sol";

/// @title The system under random calls
/// @notice `act` is what a driver calls: forge's invariant runner, or a seeded loop (Driver.sol).
contract Handler is Home {
    uint256 private constant STAGES = 9;
    uint256 private constant KINDS = 33;
    uint256 private constant MOST_STEPS = 3;

    /// `done` before the last call of act.
    uint256 private doneBefore;

    constructor(bool direct, Proxies proxies) World(direct, proxies) { }

    /// @notice One action, whatever `random` is like. If it finds nothing to do, the honest crowd goes on instead.
    function act(uint256 random) external {
        doneBefore = done;
        if (mood == 0) mood = _random(random, 2);
        uint256 seed = _random(random, 0);
        _action(_random(random, 1))(seed);
        if (done == doneBefore) advance(seed);
    }

    /// @notice check, unless nothing has happened since the last one.
    function checkAction() external view {
        if (done != doneBefore) check();
    }

    /// @notice The next steps, each of a random stage that has one: what an honest crowd of validator, provers, relayers and users does most of the time. In
    /// each run some stages are slow, so that what waits for them piles up there.
    function advance(uint256 seed) public {
        // forgefmt: disable-next-item
        function(uint256) internal[STAGES] memory stages =
            [sendHaltRequest, sendHalt, withdrawPending, executeBlocks, confirmBlock, deliver, syncBlock, proveBlocks, commitBlock];
        // After the halt nobody hurries.
        uint256 steps = arbitrator.halted() ? 1 : 1 + _random(seed, STAGES) % MOST_STEPS;
        for (uint256 step = 0; step < steps; ++step) {
            seed = _random(seed, STAGES);
            uint256 before = done;
            for (uint256 i = 0; i < STAGES && done == before; ++i) {
                uint256 stage = (seed % STAGES + i) % STAGES;
                uint256 random = _random(seed, i);
                if (mood >> 2 * (stage + 2) & 3 != 0 || random >> 128 & 3 == 0) stages[stage](random);
            }
        }
    }

    /// @dev Each action as often as it should weigh.
    function _action(uint256 random) private pure returns (function(uint256) internal) {
        // forgefmt: disable-next-item
        function(uint256) internal[KINDS] memory all = [
            advance, planBlock,
            depositNative, depositToken, requestExit, requestExitAtPrice,
            exitLeaves, refund, withdrawPending,
            commitBlock, proveBlocks, syncBlock, deliver,
            confirmBlock, executeBlocks, sendConfirmation,
            deliverAgain, loseMessage, replan, planLie,
            triggerExitMode, sendHaltRequest, sendHalt,
            wait, waitLong,
            attackExits, attackRefunds, attackExecution, attackBlocks,
            attackArbitrator, attackMessages, attackTrigger, attackRequests
        ];
        // forgefmt: disable-next-item
        uint8[KINDS] memory weights = [
            70, 12,
            9, 9, 4, 3,
            8, 5, 1,
            1, 1, 1, 1,
            1, 1, 1,
            1, 1, 4, 6,
            6, 1, 1,
            1, 3,
            10, 6, 4, 4,
            4, 2, 2, 6
        ];
        uint256 total = 0;
        for (uint256 i = 0; i < KINDS; ++i) {
            total += weights[i];
        }
        uint256 point = random % total;
        uint256 chosen = 0;
        while (point >= weights[chosen]) point -= weights[chosen++];
        return all[chosen];
    }

    /// @notice How much has happened.
    function actionCount() external view returns (uint256) {
        return done;
    }

    /// @notice Whether users of some chain could leave in exit mode.
    function exitsWereOpen() external view returns (bool) {
        for (uint8 chain = 0; chain < CHAINS; ++chain) {
            if (_open(chain)) return true;
        }
        return false;
    }
}
