// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { ERC1967Proxy } from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol";

import { IArbitrator } from "../../../src/interfaces/IArbitrator.sol";
import { Bug } from "./Bugs.sol";

/// @title An arbitrator with a bug
/// @notice As PlantedRollup. Its variables are those of the Arbitrator, in the same order.
contract PlantedArbitrator is ERC1967Proxy {
    uint8 private count;
    // Not read here; it holds its place.
    uint8 private primary;
    uint32 private lastConfirmed;
    bool private isHalted;
    mapping(uint8 chainIndex => address gateway) private gateways;
    mapping(uint8 chainIndex => mapping(uint32 blockNumber => bytes32 syncHash)) private syncHashes;
    mapping(uint32 blockNumber => uint256 finalRoot) private roots;
    mapping(address gateway => uint256 indexPlusOne) private chains;
    mapping(uint32 blockNumber => bytes32[] syncHashes) private primaryList;

    Bug private immutable BUG;

    constructor(Bug bug, address implementation, bytes memory call) ERC1967Proxy(implementation, call) {
        BUG = bug;
    }

    /// @dev Neither function returns anything.
    function _fallback() internal override {
        if (msg.sig == IArbitrator.sendHalt.selector && BUG == Bug.HaltBelowConfirmed) _haltBelow();
        else if (msg.sig == IArbitrator.confirmBlock.selector && BUG == Bug.ConfirmAboveHalt) _confirmAbove();
        else if (msg.sig == IArbitrator.confirmBlock.selector && BUG == Bug.ConfirmUnequal) _confirmUnequal();
        else super._fallback();
    }

    function _haltBelow() private {
        uint32 last = lastConfirmed;
        if (last > 1) lastConfirmed = last - 1;
        _call();
        lastConfirmed = last;
    }

    function _confirmAbove() private {
        bool before = isHalted;
        isHalted = false;
        _call();
        isHalted = before;
    }

    /// @dev The comparison finds what chains sent in the primary's list; what chains sent goes back to them.
    function _confirmUnequal() private {
        uint32 blockNumber = abi.decode(msg.data[4:], (uint32));
        bytes32[] memory honest = primaryList[blockNumber];
        for (uint8 i = 0; i < honest.length; ++i) {
            if (syncHashes[i][blockNumber] != 0) primaryList[blockNumber][i] = syncHashes[i][blockNumber];
        }
        _call();
        primaryList[blockNumber] = honest;
    }

    function _call() private {
        (bool success, bytes memory result) = _implementation().delegatecall(msg.data);
        if (!success) {
            assembly ("memory-safe") {
                revert(add(result, 32), mload(result))
            }
        }
    }
}
