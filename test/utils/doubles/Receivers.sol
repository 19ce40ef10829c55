// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

/// @notice TEST DOUBLE of a receiver of native coin that refuses, reenters, or returns a megabyte.
contract Receiver {
    enum Behaviour {
        Accepts,
        Refuses,
        Reenters,
        ReturnsMuch
    }

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

    receive() external payable {
        if (behaviour == Behaviour.Refuses) revert("no");
        if (behaviour == Behaviour.Reenters) {
            (bool success, bytes memory reason) = target.call(data);
            if (!success) {
                assembly {
                    revert(add(reason, 32), mload(reason))
                }
            }
        }
        if (behaviour == Behaviour.ReturnsMuch) {
            assembly {
                return(0, 1000000)
            }
        }
    }
}
