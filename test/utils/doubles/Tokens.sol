// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { ERC20 } from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @notice A well-behaved token that anyone can mint.
contract TestToken is ERC20 {
    constructor() ERC20("Test Token", "TST") { }

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }
}

/// @notice TEST DOUBLE of a token that misbehaves in a way that can be chosen at any time.
contract MisbehavingToken is TestToken {
    enum Behaviour {
        Good,
        Reverts,
        ReturnsFalse,
        /// Says yes and moves nothing.
        MovesNothing,
        /// The receiver gets one unit less than the sender loses.
        TakesFee,
        /// The sender loses one unit more than was asked for.
        TakesMore,
        /// Calls `target` with `data` in the middle of a transfer.
        Reenters,
        /// The receiver (deposit) loses, the sender (withdrawal) gains.
        MovesBackwards
    }

    error Refused();

    Behaviour public behaviour;
    address public target;
    bytes public data;

    function setBehaviour(Behaviour behaviour_) external {
        behaviour = behaviour_;
    }

    function setReentry(address target_, bytes calldata data_) external {
        behaviour = Behaviour.Reenters;
        target = target_;
        data = data_;
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        return _move(msg.sender, to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) public override returns (bool) {
        return _move(from, to, amount);
    }

    function _move(address from, address to, uint256 amount) private returns (bool) {
        if (behaviour == Behaviour.Reverts) revert Refused();
        if (behaviour == Behaviour.ReturnsFalse) return false;
        if (behaviour == Behaviour.MovesNothing) return true;
        if (behaviour == Behaviour.MovesBackwards) {
            _mint(from, 1);
            if (balanceOf(to) != 0) _burn(to, 1);
            return true;
        }
        _transfer(from, to, amount);
        if (behaviour == Behaviour.TakesFee) _burn(to, 1);
        if (behaviour == Behaviour.TakesMore) _burn(from, 1);
        if (behaviour == Behaviour.Reenters) {
            (bool success, bytes memory reason) = target.call(data);
            if (!success) {
                assembly {
                    revert(add(reason, 32), mload(reason))
                }
            }
        }
        return true;
    }
}
