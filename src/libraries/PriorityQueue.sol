// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { OP_DEPOSIT, OP_FULL_EXIT, OP_WITHDRAW } from "../generated/Params.sol";
import { Pubdata } from "./Pubdata.sol";

/// @title Requests of a chain that the rollup has to serve in order
/// @notice A request is kept as its hash (first 27 bytes) and its expiry (5 bytes) in one slot, from its making to its execution.
/// @dev Ids start at 0. nextToExecute <= nextToCommit <= nextId always.
library PriorityQueue {
    error WrongPriorityRequest(uint64 requestId, bytes27 expected, bytes27 actual);
    error NoPriorityRequest(uint64 nextRequestId);
    /// @notice As many requests wait as may; try again when the rollup has executed some.
    error QueueFull(uint64 maximum, uint64 waiting);

    struct State {
        uint64 nextId;
        uint64 nextToCommit;
        uint64 nextToExecute;
        /// Seconds from the making of a request to its expiry.
        uint40 expiration;
        /// Requests that may wait for execution at the same time.
        uint24 maxOpen;
        mapping(uint64 requestId => bytes32 hashAndExpiry) requests;
    }

    function depositHash(uint32 token, address owner, uint128 amount, uint256 keyX, uint256 keyY)
        internal
        pure
        returns (bytes27)
    {
        return bytes27(keccak256(abi.encodePacked(OP_DEPOSIT, token, owner, amount, keyX, keyY)));
    }

    function fullExitHash(uint32 leafIndex, address owner, uint128 least) internal pure returns (bytes27) {
        return bytes27(keccak256(abi.encodePacked(OP_FULL_EXIT, uint24(leafIndex), owner, least)));
    }

    /// @notice Appends a request unless `maximum` are waiting.
    function push(State storage self, bytes27 requestHash, uint64 maximum)
        internal
        returns (uint64 requestId, uint40 expiresAt)
    {
        requestId = self.nextId++;
        uint64 waiting = requestId - self.nextToExecute;
        if (waiting >= maximum) revert QueueFull(maximum, waiting);
        expiresAt = uint40(block.timestamp) + self.expiration;
        self.requests[requestId] = bytes32(requestHash) | bytes32(uint256(expiresAt));
    }

    function request(State storage self, uint64 requestId)
        internal
        view
        returns (bytes27 requestHash, uint40 expiresAt)
    {
        bytes32 packed = self.requests[requestId];
        return (bytes27(packed), uint40(uint256(packed)));
    }

    /// @notice Checks that the deposits and full exits of `onchainData` are the requests from `next` on, in order, and returns the id behind them.
    /// Withdrawals come from L2 and are passed over.
    function matchRequests(State storage self, bytes calldata onchainData, uint64 next) internal view returns (uint64) {
        uint64 nextId = self.nextId;
        uint256 offset = 0;
        while (offset < onchainData.length) {
            (uint8 kind, uint256 end) = Pubdata.onchainOperation(onchainData, offset);
            if (kind != OP_WITHDRAW) {
                if (next == nextId) revert NoPriorityRequest(next);
                bytes27 actual = _operationHash(kind, onchainData[offset:end]);
                bytes27 expected = bytes27(self.requests[next]);
                if (expected != actual) revert WrongPriorityRequest(next, expected, actual);
                ++next;
            }
            offset = end;
        }
        return next;
    }

    /// @notice Forgets one request, which is still there and is what `actual` is the hash of.
    function take(State storage self, uint64 requestId, bytes27 actual) internal {
        if (requestId >= self.nextId) revert NoPriorityRequest(self.nextId);
        bytes27 expected = bytes27(self.requests[requestId]);
        if (expected != actual) revert WrongPriorityRequest(requestId, expected, actual);
        delete self.requests[requestId];
    }

    /// @notice Forgets the requests below `end`.
    function pop(State storage self, uint64 end) internal {
        uint64 next = self.nextToExecute;
        if (next == end) return;
        for (; next < end; ++next) {
            delete self.requests[next];
        }
        self.nextToExecute = end;
    }

    /// @dev The request's hash from the operation's bytes: everything but what the operator adds (the leaf of a deposit; token, amount and shares of a full exit).
    function _operationHash(uint8 kind, bytes calldata operation) private pure returns (bytes27) {
        return kind == OP_DEPOSIT
            ? bytes27(keccak256(abi.encodePacked(kind, operation[4:])))
            : bytes27(keccak256(abi.encodePacked(kind, operation[1:4], operation[8:28], operation[60:76])));
    }
}
