// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { Reentrancy } from "@matterlabs/zksync-contracts/contracts/l1-contracts/common/L1ContractErrors.sol";

/// @title Owner in two steps, pause and re-entrancy guard of zkSync's contracts
/// @notice For local chains only. The deployed contracts refuse with these texts, not with errors of their own, and clients show them.
abstract contract Controlled {
    event OwnershipTransferStarted(address indexed previousOwner, address indexed newOwner);
    event OwnershipTransferred(address indexed previousOwner, address indexed newOwner);
    event Paused(address account);
    event Unpaused(address account);

    address public owner;
    address public pendingOwner;
    bool public paused;
    bool private transient _entered;

    modifier onlyOwner() {
        // solhint-disable-next-line gas-custom-errors, reason-string
        require(msg.sender == owner, "Ownable: caller is not the owner");
        _;
    }

    modifier whenNotPaused() {
        // solhint-disable-next-line gas-custom-errors, reason-string
        require(!paused, "Pausable: paused");
        _;
    }

    modifier nonReentrant() {
        require(!_entered, Reentrancy());
        _entered = true;
        _;
        _entered = false;
    }

    function transferOwnership(address newOwner) external onlyOwner {
        pendingOwner = newOwner;
        emit OwnershipTransferStarted(owner, newOwner);
    }

    function acceptOwnership() external {
        // solhint-disable-next-line gas-custom-errors, reason-string
        require(msg.sender == pendingOwner, "Ownable2Step: caller is not the new owner");
        _setOwner(msg.sender);
    }

    function renounceOwnership() external onlyOwner {
        _setOwner(address(0));
    }

    function pause() external onlyOwner whenNotPaused {
        paused = true;
        emit Paused(msg.sender);
    }

    function unpause() external onlyOwner {
        // solhint-disable-next-line gas-custom-errors, reason-string
        require(paused, "Pausable: not paused");
        paused = false;
        emit Unpaused(msg.sender);
    }

    function _setOwner(address newOwner) internal {
        delete pendingOwner;
        emit OwnershipTransferred(owner, newOwner);
        owner = newOwner;
    }
}
