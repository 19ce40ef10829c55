// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { Home } from "./Home.sol";
import { CHAINS } from "./Places.sol";
import { Proxies } from "./Proxies.sol";
import { World } from "./World.sol";

/// @title The system under random calls
/// @notice `actions` is what a driver chooses from: forge's invariant runner, or a seeded loop (planted/).
contract Handler is Home {
    uint256 private constant STAGES = 11;
    uint256 private constant KINDS = 32;

    constructor(bool direct, Proxies proxies) World(direct, proxies) { }

    /// @notice The next step of a random stage that has one: what an honest crowd of validator, provers, relayers and users does most of the time.
    function advance(uint256 seed) external {
        // forgefmt: disable-next-item
        function(uint256) internal[STAGES] memory stages =
            [sendHaltRequest, sendHalt, exitLeaves, refund, withdrawPending, executeBlocks, confirmBlock, deliver, syncBlock, proveBlocks, commitBlock];
        uint256 before = done;
        for (uint256 i = 0; i < STAGES && done == before; ++i) {
            stages[(seed % STAGES + i) % STAGES](_random(seed, i));
        }
    }

    /// @notice Selectors of all actions, each as often as it should weigh.
    function actions() external pure returns (bytes4[] memory list) {
        // forgefmt: disable-next-item
        bytes4[KINDS] memory all = [
            this.advance.selector, this.planBlock.selector,
            this.depositNative.selector, this.depositToken.selector, this.requestExit.selector,
            this.exitLeaves.selector, this.refund.selector, this.withdrawPending.selector,
            this.commitBlock.selector, this.proveBlocks.selector, this.syncBlock.selector, this.deliver.selector,
            this.confirmBlock.selector, this.executeBlocks.selector, this.sendConfirmation.selector,
            this.deliverAgain.selector, this.loseMessage.selector, this.replan.selector, this.planLie.selector,
            this.triggerExitMode.selector, this.sendHaltRequest.selector, this.sendHalt.selector,
            this.wait.selector, this.waitLong.selector,
            this.attackExits.selector, this.attackRefunds.selector, this.attackExecution.selector, this.attackBlocks.selector,
            this.attackArbitrator.selector, this.attackMessages.selector, this.attackTrigger.selector, this.attackRequests.selector
        ];
        // forgefmt: disable-next-item
        uint8[KINDS] memory weights = [
            70, 12,
            7, 7, 6,
            2, 2, 1,
            1, 1, 1, 1,
            1, 1, 1,
            1, 1, 2, 3,
            4, 1, 1,
            1, 1,
            12, 8, 4, 5,
            4, 4, 1, 5
        ];
        uint256 total = 0;
        for (uint256 i = 0; i < KINDS; ++i) {
            total += weights[i];
        }
        list = new bytes4[](total);
        uint256 count = 0;
        for (uint256 i = 0; i < KINDS; ++i) {
            for (uint8 k = 0; k < weights[i]; ++k) {
                list[count++] = all[i];
            }
        }
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
