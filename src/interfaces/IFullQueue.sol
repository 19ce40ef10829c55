// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

/// @title A full exit request while the queue is full
/// @notice Who builds blocks could fill the queue with requests of its own, serve them in time and take the room that it frees: nobody else would ever get
/// in. So for full exits a full queue has a price and not an end. The price doubles with every maxOpenRequests that wait; what is above the bond is lost.
interface IFullQueue {
    error FullExitPriceNotPaid(uint256 price, uint256 actual);

    /// @notice As requestFullExit, however many requests wait (up to 16 times maxOpenRequests). `msg.value` must be at least fullExitPrice: exitBond of it is
    /// the request's bond, the rest of the price is the bond receiver's, and what is above the price is credited to the caller.
    function requestFullExitAtPrice(uint32 leafIndex, uint128 least) external payable;
}
