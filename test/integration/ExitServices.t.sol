// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {
    L2CanonicalTransaction,
    L2Log
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/common/Messaging.sol";
import {
    IMailboxImpl
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/state-transition/chain-interfaces/IMailboxImpl.sol";
import { IL1Messenger } from "@matterlabs/zksync-contracts/contracts/system-contracts/interfaces/IL1Messenger.sol";
import { Vm } from "forge-std/Test.sol";

import { DirectGateway } from "../../src/gateways/DirectGateway.sol";
import { Gateway } from "../../src/gateways/Gateway.sol";
import { LineaL1Gateway } from "../../src/gateways/linea/LineaL1Gateway.sol";
import { LineaL2Gateway } from "../../src/gateways/linea/LineaL2Gateway.sol";
import { ZkSyncL1Gateway } from "../../src/gateways/zksync/ZkSyncL1Gateway.sol";
import { ZkSyncL2Gateway } from "../../src/gateways/zksync/ZkSyncL2Gateway.sol";
import { EraServices } from "../utils/EraServices.sol";
import { EraTree } from "../utils/EraTree.sol";
import { ExitEnd } from "../utils/ExitEnd.sol";
import { LineaServices } from "../utils/LineaServices.sol";

/// @notice Exit mode from end to end over both whole message services: Linea is the primary, zkSync Era and Ethereum are secondaries.
contract ExitServicesTest is LineaServices, EraServices, ExitEnd {
    uint256 private constant L2_GAS_LIMIT = 2_000_000;
    uint8 private constant LINEA = 0;
    uint8 private constant ERA = 1;
    uint8 private constant ETHEREUM = 2;

    LineaL1Gateway private lineaL1;
    ZkSyncL1Gateway private eraL1;

    /// Messages that no relayer has carried yet, as the services' events describe them.
    Message[] private lineaUp;
    Message[] private lineaDown;
    bytes[] private eraUp;
    bytes[] private eraDown;
    /// Priority transactions that Era has executed since its last batch.
    bytes32[] private eraExecuted;
    bool[] private eraSuccess;

    function setUp() public override {
        _deployLinea();
        _deployEra();
        super.setUp();
        vm.txGasPrice(20 gwei);
        vm.recordLogs();
        for (uint8 chain = 0; chain < CHAINS; ++chain) {
            deposit(chain, alice, NATIVE, 10 ether, 1);
            deposit(chain, carol, TOKEN, 100 ether, 3);
        }
        serveAll();
        uint32 n = seal();
        prepare(n);
        confirm(n);
        carryDown();
        executeAll(n);
    }

    function _deployGateways(uint8 chain) internal override returns (address down, address up) {
        if (chain == ETHEREUM) {
            down = _deployProxy(
                address(new DirectGateway()),
                abi.encodeCall(DirectGateway.initialize, (admin, address(arbitrator), address(rollups[chain])))
            );
            return (down, down);
        }
        if (chain == LINEA) {
            lineaL1 = LineaL1Gateway(
                _deployProxy(
                    address(new LineaL1Gateway()),
                    abi.encodeCall(LineaL1Gateway.initialize, (admin, address(arbitrator), address(lineaRollup)))
                )
            );
            up = address(lineaL1);
            down = _deployProxy(
                address(new LineaL2Gateway()),
                abi.encodeCall(LineaL2Gateway.initialize, (admin, address(rollups[chain]), address(l2Service)))
            );
        } else {
            eraL1 = ZkSyncL1Gateway(
                _deployProxy(
                    address(new ZkSyncL1Gateway()),
                    abi.encodeCall(
                        ZkSyncL1Gateway.initialize,
                        (admin, address(arbitrator), address(bridgehub), ERA_CHAIN_ID, L2_GAS_LIMIT)
                    )
                )
            );
            up = address(eraL1);
            down = _deployProxy(
                address(new ZkSyncL2Gateway()),
                abi.encodeCall(ZkSyncL2Gateway.initialize, (admin, address(rollups[chain]), MESSENGER))
            );
        }
        vm.startPrank(admin);
        Gateway(down).setRemoteGateway(up);
        Gateway(up).setRemoteGateway(down);
        vm.stopPrank();
    }

    // ── the stories ─────────────────────────────────────────────────────────────────────────────────────────────────────

    /// @dev The operator stops after a block was synced on two chains; the one before is confirmed, and only Linea has heard of it. A user on Linea triggers.
    function test_FromLinea() public {
        uint32 n = busyBlock();
        prepare(n);
        confirm(n);
        collect();
        carryLineaDown();
        dropEraDown();
        uint32 next = busyBlock();
        commit(LINEA, next);
        commit(ERA, next);
        prove(next);
        sync(LINEA, next);
        sync(ERA, next);
        execute(LINEA, n);
        expireOn(LINEA);
        trigger(LINEA);
        requestHalt(LINEA);
        carryUp();
        assertTrue(arbitrator.halted(), "halted");
        assertFalse(arbitrator.isConfirmable(next), "the block that chain 2 never had");
        sendHalts();
        carryDown();
        everybodyLeaves(n);
    }

    /// @dev A user on Era triggers; the Bridgehub is paused for hours, and then the first halt fails on Era for good.
    function test_FromEra() public {
        uint32 n = busyBlock();
        prepare(n);
        expireOn(ERA);
        confirm(n);
        carryDown();
        execute(ERA, n);
        trigger(ERA);
        requestHalt(ERA);
        requestHalt(ERA);
        vm.warp(block.timestamp + 21 hours);
        carryUp();
        vm.prank(hubOwner);
        bridgehub.pause();
        sendHalt(LINEA);
        sendHalt(ETHEREUM);
        vm.expectRevert("Pausable: paused");
        this.sendHaltOutside(ERA);
        carryDown();
        chainLeaves(LINEA, n);
        chainLeaves(ETHEREUM, n);
        vm.warp(block.timestamp + 9 hours);
        vm.prank(hubOwner);
        bridgehub.unpause();
        sendHalt(ERA);
        collect();
        dropEraDown();
        assertFalse(rollups[ERA].exitsOpen(), "failed for good");
        vm.prank(anyone);
        eraL1.sendHaltWithGas{ value: 1 ether }(ERA, 3 * L2_GAS_LIMIT);
        carryDown();
        chainLeaves(ERA, n);
        requireEnd(n);
    }

    /// @dev A user on Ethereum triggers while a block that Ethereum has synced is on its way from both other chains, and is confirmed just before.
    function test_FromEthereum() public {
        uint32 n = busyBlock();
        commitAll(n);
        prove(n);
        syncAll(n);
        expireOn(ETHEREUM);
        trigger(ETHEREUM);
        carryUp();
        confirm(n);
        requestHalt(ETHEREUM);
        sendHalts();
        carryDown();
        everybodyLeaves(n);
    }

    /// @dev Confirmation and halt are claimed on Linea in the other order than they were sent in; Era keeps the order.
    function test_HaltOvertakesTheConfirmationOnLinea() public {
        uint32 n = busyBlock();
        prepare(n);
        expireOn(ETHEREUM);
        trigger(ETHEREUM);
        confirm(n);
        execute(ETHEREUM, n);
        requestHalt(ETHEREUM);
        sendHalts();
        collect();
        Message[] memory messages = lineaDown;
        assertEq(messages.length, 2, "confirmation and halt");
        _anchor(messages);
        _claimOnLinea(messages[1]);
        _claimOnLinea(messages[0]);
        delete lineaDown;
        carryEraDown();
        everybodyLeaves(n);
    }

    // ── what relayers do ────────────────────────────────────────────────────────────────────────────────────────────────

    /// @dev All stages of block `n` until its hashes have arrived.
    function prepare(uint32 n) private {
        commitAll(n);
        prove(n);
        syncAll(n);
        carryUp();
    }

    function busyBlock() private returns (uint32) {
        requestExit(LINEA, carol, 3);
        requestExit(ERA, alice, 3);
        serveAll();
        withdraw(ETHEREUM, 1, 1 ether);
        move(ERA, 1, 2, bob, 0.5 ether);
        return seal();
    }

    function expireOn(uint8 chain) private {
        deposit(chain, bob, NATIVE, 1 ether, 4);
        vm.warp(block.timestamp + EXPIRATION + 1);
    }

    function carryUp() private {
        collect();
        carryLineaUp();
        carryEraUp();
    }

    function carryDown() private {
        collect();
        carryLineaDown();
        carryEraDown();
    }

    function carryLineaUp() private {
        Message[] memory messages = lineaUp;
        delete lineaUp;
        if (messages.length == 0) return;
        _finalize(messages);
        for (uint256 i = 0; i < messages.length; ++i) {
            lineaRollup.claimMessageWithProof(_claimData(messages, i));
        }
    }

    function carryLineaDown() private {
        Message[] memory messages = lineaDown;
        delete lineaDown;
        if (messages.length == 0) return;
        _anchor(messages);
        for (uint256 i = 0; i < messages.length; ++i) {
            _claimOnLinea(messages[i]);
        }
    }

    /// @dev Seals everything since the last batch into one.
    function carryEraUp() private {
        L2Log[] memory logs = new L2Log[](eraUp.length + eraExecuted.length);
        for (uint16 i = 0; i < eraUp.length; ++i) {
            (address sender, bytes memory message) = abi.decode(eraUp[i], (address, bytes));
            logs[i] = EraTree.messageLog(i, sender, message);
        }
        for (uint16 i = 0; i < eraExecuted.length; ++i) {
            uint16 place = uint16(eraUp.length) + i;
            logs[place] = EraTree.priorityLog(place, eraExecuted[i], eraSuccess[i]);
        }
        uint256 batch = _sealBatch(logs, eraExecuted);
        for (uint16 i = 0; i < eraUp.length; ++i) {
            (, bytes memory message) = abi.decode(eraUp[i], (address, bytes));
            eraL1.finalizeMessage(batch, i, i, message, EraTree.proof(logs, i, ERA_CHAIN_ID));
        }
        delete eraUp;
        delete eraExecuted;
        delete eraSuccess;
    }

    function carryEraDown() private {
        for (uint256 i = 0; i < eraDown.length; ++i) {
            (bytes32 hash, L2CanonicalTransaction memory transaction) =
                abi.decode(eraDown[i], (bytes32, L2CanonicalTransaction));
            (bool success,) = _runOnEra(transaction);
            assertTrue(success, "executed on Era");
            eraExecuted.push(hash);
            eraSuccess.push(true);
        }
        delete eraDown;
    }

    /// @dev What is on its way to Era fails there for good.
    function dropEraDown() private {
        assertGt(eraDown.length, 0, "something to fail");
        for (uint256 i = 0; i < eraDown.length; ++i) {
            (bytes32 hash,) = abi.decode(eraDown[i], (bytes32, L2CanonicalTransaction));
            eraExecuted.push(hash);
            eraSuccess.push(false);
        }
        delete eraDown;
    }

    /// @dev Takes up what the services were given since the last time.
    function collect() private {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        Message[] memory sent = _messagesOf(logs, address(l2Service));
        for (uint256 i = 0; i < sent.length; ++i) {
            lineaUp.push(sent[i]);
        }
        sent = _messagesOf(logs, address(lineaRollup));
        for (uint256 i = 0; i < sent.length; ++i) {
            lineaDown.push(sent[i]);
        }
        for (uint256 i = 0; i < logs.length; ++i) {
            bytes32 topic = logs[i].topics[0];
            if (logs[i].emitter == MESSENGER && topic == IL1Messenger.L1MessageSent.selector) {
                address sender = address(uint160(uint256(logs[i].topics[1])));
                eraUp.push(abi.encode(sender, abi.decode(logs[i].data, (bytes))));
            } else if (topic == IMailboxImpl.NewPriorityRequest.selector) {
                (, bytes32 hash,, L2CanonicalTransaction memory transaction,) =
                    abi.decode(logs[i].data, (uint256, bytes32, uint64, L2CanonicalTransaction, bytes[]));
                eraDown.push(abi.encode(hash, transaction));
            }
        }
    }

    function sendHaltOutside(uint8 chain) external {
        sendHalt(chain);
    }
}
