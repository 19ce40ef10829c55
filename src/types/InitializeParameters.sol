// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

/// @notice What a rollup proxy is initialized with, on the primary and on a secondary alike.
struct InitializeParameters {
    /// src/FORMATS.md, section "Chain side"; the same on every chain of the deployment.
    uint256 deploymentId;
    uint8 chainIndex;
    /// Chains of the topology, indices 0 … chainCount - 1.
    uint8 chainCount;
    /// DEFAULT_ADMIN_ROLE: upgrades, roles, the gateway. A timelock outside development.
    address admin;
    /// GOVERNOR_ROLE: registers tokens, sets the timestamp tolerances.
    address governor;
    /// VALIDATOR_ROLE: commits and reverts.
    address validator;
    /// IVerifier: of blocks on the primary, of exits on every chain.
    address verifier;
    /// Seconds that the rollup has to execute a priority request.
    uint40 priorityExpiration;
    /// Requests that may wait at the same time: so many that the rollup can serve them all within the expiration. Deposits may fill half of it.
    uint24 maxOpenRequests;
    /// Wei that come with a full exit request. They never change, so that every waiting request's bond is known.
    uint96 exitBond;
    /// Who gets the bonds of full exits that paid nothing.
    address bondReceiver;
    /// A block's timestamp may lie this many seconds before the time of its commit …
    uint32 timestampPastTolerance;
    /// … or this many after it.
    uint32 timestampFutureTolerance;
}
