// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { LeafExit } from "../types/LeafExit.sol";
import { Mode } from "../types/Mode.sol";

/// @title Exit mode
/// @notice Trigger, tell the arbitrator, receive its halt, execute what is confirmed, leave. Every step but the halt's delivery is open to anyone, and the
/// delivery is the gateway's, to which anyone can carry the message.
interface IExitMode {
    /// @notice No request waits, or the oldest one has not expired.
    error NoExpiredRequest(uint64 requestId, uint40 expiresAt, uint256 timestamp);
    /// @notice What is confirmed can be executed by anyone, and the oldest request may be in it: execute first.
    error ConfirmedBlocksNotExecuted(uint32 confirmed, uint32 executed);
    /// @notice A halt below what was confirmed, or another halt than the one that has arrived.
    error WrongHalt(uint32 expected, uint32 actual);
    error ExitsNotOpen(Mode mode, uint32 haltBlock, uint32 executed);
    error LeafAlreadyExited(uint32 leafIndex);
    error NoExits();
    error ZeroExitAmount(uint32 leafIndex);

    event ExitModeTriggered(uint64 indexed requestId, uint40 expiresAt);
    event HaltRequestSent();
    event Halted(uint32 indexed blockNumber, uint256 finalRoot);
    event Exited(uint32 indexed leafIndex, address indexed owner, uint32 indexed token, uint128 amount);
    event DepositRefunded(uint64 indexed requestId, address indexed owner, uint32 indexed token, uint128 amount);
    event BondRefunded(uint64 indexed requestId, address indexed owner, uint256 amount);

    /// @notice Stops this chain because its oldest request has expired. Needs no message service: sendHaltRequest does.
    function triggerExitMode() external;
    /// @notice Tells the arbitrator that this chain has stopped. May be sent again. `msg.value` pays the gateway (IRollupGateway.syncFee), the surplus goes
    /// back to the caller.
    function sendHaltRequest() external payable;
    /// @notice Called by the gateway only. Block `blockNumber` is the rollup's last one; with it everything up to it is confirmed.
    /// @param finalRoot of the block, as the arbitrator has it. It is only published: exits are proved against the root that this chain executed.
    /// @param syncHash this chain's own, as in a confirmation; 0 for block 0
    function receiveHalt(uint32 blockNumber, uint256 finalRoot, bytes32 syncHash) external;

    /// @notice Credits the owners of leaves with what they hold in the halt's final root; each leaf once. withdrawPending pays.
    function exitLeaves(LeafExit[] calldata exits) external;
    /// @notice Credits the owner of a deposit that no block up to the halt consumed. Parameters as in its event.
    function refundDeposit(uint64 requestId, uint32 token, address owner, uint128 amount, uint256 keyX, uint256 keyY)
        external;
    /// @notice Gives the bond of a full exit request that no block up to the halt consumed back to who made it. Parameters as in its event.
    function refundBond(uint64 requestId, uint32 leafIndex, address owner, uint128 least) external;
}
