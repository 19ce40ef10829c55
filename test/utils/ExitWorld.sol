// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { ERC1967Proxy } from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol";

import { Arbitrator } from "../../src/Arbitrator.sol";
import { PrimaryRollup } from "../../src/PrimaryRollup.sol";
import { RollupExtension } from "../../src/RollupExtension.sol";
import { SecondaryRollup } from "../../src/SecondaryRollup.sol";
import { IArbitratorGateway } from "../../src/interfaces/IGateway.sol";
import {
    BlockProof,
    ExecuteBlock,
    PrimaryBlock,
    Proof,
    SecondaryBlock,
    SegmentData,
    StoredBlock
} from "../../src/types/Block.sol";
import { InitializeParameters } from "../../src/types/InitializeParameters.sol";
import { ExitLedger } from "./ExitLedger.sol";
import { LedgerVerifier } from "./doubles/LedgerVerifier.sol";
import { TestToken } from "./doubles/Tokens.sol";

/// @notice Three chains in one EVM with the real rollups and arbitrator, chain 0 primary: every stage of a block's life on every chain, and of exit mode,
/// as a step of its own. Which gateways carry the messages is a child's choice.
abstract contract ExitWorld is ExitLedger {
    uint256 internal constant DEPLOYMENT_ID = uint256(keccak256("exit world")) >> 8;
    uint64 internal constant START = 1_800_000_000;
    uint40 internal constant EXPIRATION = 3 days;
    uint96 internal constant EXIT_BOND = 0.01 ether;

    address internal admin = makeAddr("admin");
    address internal validator = makeAddr("validator");
    address internal anyone = makeAddr("anyone");
    address internal bondReceiver = makeAddr("bond receiver");
    address internal alice = makeAddr("alice");
    address internal bob = makeAddr("bob");
    address internal carol = makeAddr("carol");

    Arbitrator internal arbitrator;
    PrimaryRollup internal primary;
    /// By chain index; the primary's place holds the primary's address.
    SecondaryRollup[CHAINS] internal rollups;
    TestToken[CHAINS] internal tokens;

    /// What a chain stores of a block and the list of its sync hashes, from block 0 on; on-chain bytes by block and chain.
    mapping(uint32 blockNumber => mapping(uint8 chain => StoredBlock)) internal stored;
    mapping(uint32 blockNumber => bytes32[] list) internal syncHashes;
    mapping(uint32 blockNumber => mapping(uint8 chain => bytes)) internal onchainBytes;

    function setUp() public virtual {
        vm.warp(START);
        verifier = new LedgerVerifier();
        arbitrator = Arbitrator(
            _deployProxy(address(new Arbitrator()), abi.encodeCall(Arbitrator.initialize, (admin, CHAINS, 0)))
        );
        for (uint8 chain = 0; chain < CHAINS; ++chain) {
            _deployRollup(chain);
        }
        primary = PrimaryRollup(address(rollups[0]));
        for (uint8 chain = 0; chain < CHAINS; ++chain) {
            (address chainGateway, address arbitratorGateway) = _deployGateways(chain);
            vm.startPrank(admin);
            rollups[chain].setGateway(chainGateway);
            arbitrator.setGateway(chain, arbitratorGateway);
            vm.stopPrank();
            stored[0][chain] = rollups[chain].genesisBlock();
            syncHashes[0].push(stored[0][chain].syncHash);
        }
        owners = [alice, bob, carol, bondReceiver];
        vm.deal(anyone, 100 ether);
    }

    /// @dev The gateway that the rollup calls and the one that the arbitrator calls.
    function _deployGateways(uint8 chain) internal virtual returns (address chainGateway, address arbitratorGateway);

    function _deployRollup(uint8 chain) private {
        InitializeParameters memory parameters = InitializeParameters({
            deploymentId: DEPLOYMENT_ID,
            chainIndex: chain,
            chainCount: CHAINS,
            admin: admin,
            governor: admin,
            validator: validator,
            verifier: address(verifier),
            priorityExpiration: EXPIRATION,
            maxOpenRequests: 64,
            exitBond: EXIT_BOND,
            bondReceiver: bondReceiver,
            timestampPastTolerance: 30 days,
            timestampFutureTolerance: 15 minutes
        });
        address extension = address(new RollupExtension());
        rollups[chain] = SecondaryRollup(
            chain == 0
                ? _deployProxy(
                    address(new PrimaryRollup(extension)), abi.encodeCall(PrimaryRollup.initialize, (parameters))
                )
                : _deployProxy(
                    address(new SecondaryRollup(extension)), abi.encodeCall(SecondaryRollup.initialize, (parameters))
                )
        );
        tokens[chain] = new TestToken();
        vm.prank(admin);
        rollups[chain].registerToken(TOKEN, address(tokens[chain]));
    }

    function _deployProxy(address implementation, bytes memory call) internal returns (address) {
        return address(new ERC1967Proxy(implementation, call));
    }

    // ── requests ────────────────────────────────────────────────────────────────────────────────────────────────────────

    /// @dev `leaf` is where the block that serves it will put it.
    function deposit(uint8 chain, address owner, uint32 token, uint128 amount, uint24 leaf) internal {
        if (token == NATIVE) {
            vm.deal(owner, owner.balance + amount);
            vm.prank(owner);
            rollups[chain].depositNative{ value: amount }(owner, KEY_X, KEY_Y);
        } else {
            tokens[chain].mint(owner, amount);
            vm.startPrank(owner);
            tokens[chain].approve(address(rollups[chain]), amount);
            rollups[chain].depositToken(token, amount, owner, KEY_X, KEY_Y);
            vm.stopPrank();
        }
        requests[chain].push(Request(true, owner, token, amount, leaf, 0, 0, 0));
    }

    function requestExit(uint8 chain, address owner, uint24 leaf) internal {
        requestExit(chain, owner, leaf, 0);
    }

    function requestExit(uint8 chain, address owner, uint24 leaf, uint128 least) internal {
        vm.deal(owner, owner.balance + EXIT_BOND);
        vm.prank(owner);
        rollups[chain].requestFullExit{ value: EXIT_BOND }(leaf, least);
        requests[chain].push(Request(false, owner, 0, 0, leaf, least, 0, 0));
    }

    // ── the life of a block ─────────────────────────────────────────────────────────────────────────────────────────────

    /// @dev The sequencer fixes a block; no chain knows of it yet.
    function seal() internal returns (uint32 n) {
        n = sealedBlocks + 1;
        uint64 time = uint64(block.timestamp);
        for (uint8 chain = 0; chain < CHAINS; ++chain) {
            onchainBytes[n][chain] = openBytes[chain];
            bytes32 opsHash = keccak256(openBytes[chain]);
            bytes32 hash = keccak256(abi.encode(syncHashes[n - 1][chain], n, time, rootOf(n), opsHash));
            syncHashes[n].push(hash);
            stored[n][chain] = StoredBlock(n, servedRequests[chain], time, rootOf(n), opsHash, hash, 0, 0);
        }
        _sealLedger();
        (uint256[5][] memory segmentInputs, uint256[3] memory joinInputs) =
            primary.proofInputs(rootIn(n), primaryBlock(n));
        stored[n][0].proofInputsHash = keccak256(abi.encode(segmentInputs, joinInputs));
        stored[n][0].syncHashesHash = keccak256(abi.encode(syncHashes[n]));
    }

    function commit(uint8 chain, uint32 n) internal {
        if (chain == 0) {
            PrimaryBlock[] memory blocks = new PrimaryBlock[](1);
            blocks[0] = primaryBlock(n);
            (StoredBlock memory last, bytes32[] memory lastHashes) = (stored[n - 1][0], syncHashes[n - 1]);
            vm.prank(validator);
            primary.commitBlocks(last, lastHashes, blocks);
        } else {
            SecondaryBlock[] memory blocks = new SecondaryBlock[](1);
            blocks[0] = SecondaryBlock(n, stored[n][chain].timestamp, rootOf(n), onchainBytes[n][chain]);
            StoredBlock memory last = stored[n - 1][chain];
            vm.prank(validator);
            rollups[chain].commitBlocks(last, blocks);
        }
    }

    function prove(uint32 n) internal {
        StoredBlock[] memory list = new StoredBlock[](1);
        bytes32[][] memory hashes = new bytes32[][](1);
        BlockProof[] memory proofs = new BlockProof[](1);
        (list[0], hashes[0]) = (stored[n][0], syncHashes[n]);
        (proofs[0].segmentInputs, proofs[0].joinInputs) = primary.proofInputs(rootIn(n), primaryBlock(n));
        proofs[0].segmentProofs = new Proof[](proofs[0].segmentInputs.length);
        primary.proveBlocks(list, hashes, proofs);
    }

    /// @dev Anyone pays the fee, and something too much.
    function sync(uint8 chain, uint32 n) internal {
        StoredBlock memory block_ = stored[n][chain];
        bytes32[] memory hashes = syncHashes[n];
        vm.prank(anyone);
        if (chain == 0) primary.syncBlock{ value: 1 ether }(block_, hashes);
        else rollups[chain].syncBlock{ value: 1 ether }(block_);
    }

    function confirm(uint32 n) internal {
        vm.prank(anyone);
        arbitrator.confirmBlock{ value: 1 ether }(n);
    }

    /// @dev Executes what is not executed yet, up to `n`, in one call.
    function execute(uint8 chain, uint32 n) internal {
        ExecuteBlock[] memory blocks = executionOf(chain, n);
        vm.prank(anyone);
        rollups[chain].executeBlocks(blocks);
    }

    function executionOf(uint8 chain, uint32 n) internal view returns (ExecuteBlock[] memory blocks) {
        uint32 executed = rollups[chain].totalBlocksExecuted();
        blocks = new ExecuteBlock[](n - executed);
        for (uint32 i = 0; i < blocks.length; ++i) {
            blocks[i] = ExecuteBlock(stored[executed + 1 + i][chain], onchainBytes[executed + 1 + i][chain]);
        }
    }

    function commitAll(uint32 n) internal {
        for (uint8 chain = 0; chain < CHAINS; ++chain) {
            commit(chain, n);
        }
    }

    function syncAll(uint32 n) internal {
        for (uint8 chain = 0; chain < CHAINS; ++chain) {
            sync(chain, n);
        }
    }

    function executeAll(uint32 n) internal {
        for (uint8 chain = 0; chain < CHAINS; ++chain) {
            execute(chain, n);
        }
    }

    // ── exit mode ───────────────────────────────────────────────────────────────────────────────────────────────────────

    function trigger(uint8 chain) internal {
        vm.prank(anyone);
        rollups[chain].triggerExitMode();
    }

    /// @dev Anyone pays the fee, and something too much.
    function requestHalt(uint8 chain) internal {
        vm.prank(anyone);
        rollups[chain].sendHaltRequest{ value: 1 ether }();
    }

    function sendHalt(uint8 chain) internal {
        vm.prank(anyone);
        arbitrator.sendHalt{ value: 1 ether }(chain);
    }

    function sendHalts() internal {
        for (uint8 chain = 0; chain < CHAINS; ++chain) {
            sendHalt(chain);
        }
    }

    function gatewayFee(uint8 chain) internal view returns (uint256) {
        return IArbitratorGateway(arbitrator.gatewayOf(chain)).confirmationFee(tx.gasprice);
    }

    // ── a block's content ───────────────────────────────────────────────────────────────────────────────────────────────

    function rootIn(uint32 n) internal view returns (uint256) {
        return stored[n - 1][0].finalRoot;
    }

    /// @dev One segment for each chain, with words that only a circuit would look at.
    function primaryBlock(uint32 n) internal view returns (PrimaryBlock memory block_) {
        SegmentData[] memory segments = new SegmentData[](CHAINS);
        for (uint8 chain = 0; chain < CHAINS; ++chain) {
            segments[chain] = SegmentData({
                chainIndex: chain,
                rootIn: 1001,
                rootOut: 1002,
                legsIn: 0,
                legsOut: 0,
                c1: 1005,
                c2: 1006,
                onchainData: onchainBytes[n][chain],
                l2Data: ""
            });
        }
        return PrimaryBlock(n, stored[n][0].timestamp, rootOf(n), 2000 + n, segments);
    }
}
