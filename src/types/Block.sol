// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

/// @notice What a chain remembers of a block: only `keccak256(abi.encode(StoredBlock))` is in storage, the rest travels in calldata.
/// @dev Formulas of every field: src/FORMATS.md, section "Chain side".
struct StoredBlock {
    uint32 blockNumber;
    /// Priority requests of this chain that all blocks up to this one consume; the next block begins with the request of this id.
    uint64 priorityRequestsTotal;
    uint64 timestamp;
    uint256 finalRoot;
    /// keccak256 of this chain's on-chain operation bytes.
    bytes32 onchainOpsHash;
    /// This chain's sync hash after the block.
    bytes32 syncHash;
    /// Primary: hash of the public inputs of the block's proofs. Secondary: 0.
    bytes32 proofInputsHash;
    /// Primary: hash of the sync hashes of all chains. Secondary: 0.
    bytes32 syncHashesHash;
}

/// @notice One segment of a block as the primary sees it. Words and public inputs: src/FORMATS.md, section "Segment"; what legs are: section "Legs".
struct SegmentData {
    uint8 chainIndex;
    uint256 rootIn;
    uint256 rootOut;
    /// Legs of the block's segments before this one, 0 for the first, and with its own.
    uint256 legsIn;
    uint256 legsOut;
    uint256 c1;
    uint256 c2;
    bytes onchainData;
    bytes l2Data;
}

/// @notice A block as it is committed to the primary: public data of all chains.
struct PrimaryBlock {
    uint32 blockNumber;
    uint64 timestamp;
    uint256 finalRoot;
    uint256 joinC1;
    SegmentData[] segments;
}

/// @notice A block as it is committed to a secondary: this chain's on-chain operations only.
struct SecondaryBlock {
    uint32 blockNumber;
    uint64 timestamp;
    uint256 finalRoot;
    bytes onchainData;
}

/// @notice A confirmed block with the bytes that its execution needs.
struct ExecuteBlock {
    StoredBlock stored;
    bytes onchainData;
}

/// @notice A Groth16 proof over BN254 in the precompiles' order (G2 coordinates: imaginary part first).
struct Proof {
    uint256[2] a;
    uint256[2][2] b;
    uint256[2] c;
}

/// @notice All proofs of one block with their public inputs (order of inputs: src/FORMATS.md).
struct BlockProof {
    uint256[5][] segmentInputs;
    uint256[3] joinInputs;
    Proof[] segmentProofs;
    Proof joinProof;
}
