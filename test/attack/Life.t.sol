// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { Test } from "forge-std/Test.sol";

import { LifeHandler } from "../utils/LifeHandler.sol";

/// @notice Random lives of a rollup: whatever the order of calls, the counters, the queue and the money agree with a plain model.
contract LifeTest is Test {
    uint256 private constant CALLS = 250;

    /// forge-config: default.fuzz.runs = 24
    function testFuzz_CountersQueueAndMoney(uint256 seed) public {
        LifeHandler life = new LifeHandler();
        for (uint256 i = 0; i < CALLS; ++i) {
            uint256 random = uint256(keccak256(abi.encode(seed, i)));
            _call(life, random % 16, random >> 8);
            life.requireCounters();
            life.requireMoney();
            if (i % 10 == 0) life.requireQueue();
        }
        life.requireQueue();
        life.requireLife();
    }

    /// @dev A commit in four calls, a dropped block in sixteen.
    function _call(LifeHandler life, uint256 which, uint256 random) private {
        if (which < 4) life.commit(random);
        else if (which < 6) life.deposit(random, uint128(random));
        else if (which < 7) life.requestExit(random);
        else if (which < 9) life.sync(random);
        else if (which < 11) life.confirm(random);
        else if (which < 13) life.execute(random);
        else if (which < 15) life.withdraw(random);
        else life.dropBlocks(random);
    }
}
