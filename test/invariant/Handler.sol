// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { Home } from "./Home.sol";
import { CHAINS } from "./Places.sol";
import { Proxies } from "./Proxies.sol";
import { World } from "./World.sol";

/// @title The system under random calls
/// @notice `actions` is what a driver chooses from: forge's invariant runner, or a seeded loop (planted/).
contract Handler is Home {
    constructor(bool direct, Proxies proxies) World(direct, proxies) { }

    /// @notice Selectors of all actions, each as often as it should weigh.
    function actions() external pure returns (bytes4[] memory list) {
        // forgefmt: disable-next-item
        bytes4[26] memory all = [
            this.depositNative.selector, this.depositToken.selector, this.requestExit.selector, this.withdrawPending.selector,
            this.exitLeaves.selector, this.refund.selector,
            this.planBlock.selector, this.commitBlock.selector, this.replan.selector, this.planLie.selector,
            this.proveBlocks.selector, this.syncBlock.selector, this.deliver.selector, this.deliverAgain.selector, this.loseMessage.selector,
            this.confirmBlock.selector, this.sendConfirmation.selector, this.executeBlocks.selector,
            this.triggerExitMode.selector, this.sendHaltRequest.selector, this.sendHalt.selector, this.waitLong.selector,
            this.wait.selector, this.attackExits.selector, this.attackRefunds.selector, this.attackExecution.selector
        ];
        // forgefmt: disable-next-item
        uint8[26] memory weights = [
            4, 4, 3, 2,
            3, 2,
            6, 8, 1, 1,
            5, 7, 9, 1, 1,
            4, 1, 6,
            2, 2, 3, 1,
            1, 3, 3, 3
        ];
        // forgefmt: disable-next-item
        bytes4[4] memory attacks = [
            this.attackBlocks.selector, this.attackMessages.selector, this.attackTrigger.selector, this.attackRequests.selector
        ];
        uint256 total = attacks.length * 2;
        for (uint256 i = 0; i < weights.length; ++i) {
            total += weights[i];
        }
        list = new bytes4[](total);
        uint256 count = 0;
        for (uint256 i = 0; i < weights.length; ++i) {
            for (uint8 k = 0; k < weights[i]; ++k) {
                list[count++] = all[i];
            }
        }
        for (uint256 i = 0; i < attacks.length * 2; ++i) {
            list[count++] = attacks[i / 2];
        }
    }

    /// @notice Whether users of some chain could leave in exit mode.
    function exitsWereOpen() external view returns (bool) {
        for (uint8 chain = 0; chain < CHAINS; ++chain) {
            if (_open(chain)) return true;
        }
        return false;
    }
}
