// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { IAccessControl } from "@openzeppelin/contracts/access/IAccessControl.sol";
import { stdError } from "forge-std/StdError.sol";

import { PrimaryRollup } from "../../src/PrimaryRollup.sol";
import { RollupExtension } from "../../src/RollupExtension.sol";
import { SecondaryRollup } from "../../src/SecondaryRollup.sol";
import { IExitMode } from "../../src/interfaces/IExitMode.sol";
import { IFullQueue } from "../../src/interfaces/IFullQueue.sol";
import { IRollupState } from "../../src/interfaces/IRollupState.sol";
import { StoredBlock } from "../../src/types/Block.sol";
import { LeafExit } from "../../src/types/LeafExit.sol";
import { Mode } from "../../src/types/Mode.sol";
import { RollupTest } from "../utils/RollupTest.sol";
import { AnsweringExtension, ReportingExtension } from "../utils/doubles/Extensions.sol";

/// @notice What rollup contracts hand over to their extension, and what they do not. Names of functions come from the compiler's output, so a function
/// that is added on either side without the other fails here.
contract ExtendedTest is RollupTest {
    /// @dev EIP-170 and EIP-3860.
    uint256 private constant MAX_CODE = 24_576;
    uint256 private constant MAX_INIT_CODE = 49_152;
    /// @dev Longer than the head of every function's arguments; as zeros it decodes as empty lists and zero numbers.
    uint256 private constant ARGUMENT_BYTES = 1024;

    string[4] private handedOver = ["IExitMode", "IFullQueue", "IReverting", "IGoverned"];
    mapping(bytes4 selector => bool handedOver) private isHandedOver;
    mapping(string contractName => mapping(bytes4 selector => bool present)) private has;

    function setUp() public override {
        super.setUp();
        for (uint256 i = 0; i < handedOver.length; ++i) {
            string[] memory functions = _functions(handedOver[i]);
            for (uint256 j = 0; j < functions.length; ++j) {
                isHandedOver[_selector(functions[j])] = true;
            }
        }
        string[3] memory names = ["PrimaryRollup", "SecondaryRollup", "RollupExtension"];
        for (uint256 i = 0; i < 3; ++i) {
            string[] memory functions = _functions(names[i]);
            for (uint256 j = 0; j < functions.length; ++j) {
                has[names[i]][_selector(functions[j])] = true;
            }
        }
    }

    // ── what is handed over ─────────────────────────────────────────────────────────────────────────────────────────────

    /// @notice Every function of the four interfaces is the extension's, and both rollup contracts hand exactly these over.
    function test_StubsCoverTheExtension() public {
        ReportingExtension reporting = new ReportingExtension();
        address[2] memory rollups =
            [address(new PrimaryRollup(address(reporting))), address(new SecondaryRollup(address(reporting)))];
        string[2] memory names = ["PrimaryRollup", "SecondaryRollup"];
        for (uint256 r = 0; r < 2; ++r) {
            string[] memory functions = _functions(names[r]);
            uint256 count = 0;
            for (uint256 i = 0; i < functions.length; ++i) {
                bytes4 selector = _selector(functions[i]);
                bool reached = _reaches(rollups[r], selector);
                assertEq(reached, isHandedOver[selector], string.concat(names[r], ".", functions[i]));
                if (!reached) continue;
                ++count;
                assertTrue(has["RollupExtension"][selector], string.concat("the extension has no ", functions[i]));
            }
            assertEq(count, 11, "all of them");
        }
    }

    /// @notice What else the extension has, the rollup contracts have themselves: nothing in it is out of reach.
    function test_NothingInTheExtensionIsOutOfReach() public view {
        string[] memory functions = _functions("RollupExtension");
        for (uint256 i = 0; i < functions.length; ++i) {
            bytes4 selector = _selector(functions[i]);
            assertTrue(has["PrimaryRollup"][selector], string.concat("PrimaryRollup has no ", functions[i]));
            assertTrue(has["SecondaryRollup"][selector], string.concat("SecondaryRollup has no ", functions[i]));
        }
    }

    /// @notice Sender, value, bytes and storage are the rollup's; so is the answer, a refusal as well as a return.
    function test_ACallArrivesAsItWas() public {
        address rollup = address(new PrimaryRollup(address(new ReportingExtension())));
        bytes memory call = bytes.concat(abi.encodeCall(IExitMode.sendHaltRequest, ()), hex"0102030405");
        vm.prank(anyone);
        (bool success, bytes memory reason) = rollup.call{ value: 7 }(call);
        assertFalse(success, "the refusal comes through");
        assertEq(reason, abi.encodeWithSelector(ReportingExtension.Report.selector, rollup, anyone, 7, call));

        rollup = address(new PrimaryRollup(address(new AnsweringExtension())));
        (success, reason) = rollup.call(abi.encodeCall(IExitMode.triggerExitMode, ()));
        assertTrue(success, "the answer comes through");
        assertEq(reason, abi.encode(rollup, address(this)), "as it was given");
    }

    /// @notice Only the halt request and a full exit take coin.
    function test_RevertWhen_CoinComesWithAnotherCall() public {
        address rollup = address(new PrimaryRollup(address(new AnsweringExtension())));
        for (uint256 i = 0; i < handedOver.length; ++i) {
            string[] memory functions = _functions(handedOver[i]);
            for (uint256 j = 0; j < functions.length; ++j) {
                bytes4 selector = _selector(functions[j]);
                (bool success,) = rollup.call{ value: 1 }(bytes.concat(selector, new bytes(ARGUMENT_BYTES)));
                bool payable_ = selector == IExitMode.sendHaltRequest.selector
                    || selector == IFullQueue.requestFullExitAtPrice.selector;
                assertEq(success, payable_, functions[j]);
            }
        }
    }

    function test_RevertWhen_TheExtensionHasNoCode() public {
        vm.expectRevert(IRollupState.ZeroAddress.selector);
        new PrimaryRollup(address(0));
        vm.expectRevert(IRollupState.ZeroAddress.selector);
        new SecondaryRollup(makeAddr("nobody"));
    }

    // ── called directly ─────────────────────────────────────────────────────────────────────────────────────────────────

    /// @notice The extension's own storage is empty and stays so: no roles, no gateway, no requests, no mode but the first.
    function test_TheExtensionItselfDoesNothing() public {
        RollupExtension extension = new RollupExtension();
        StoredBlock memory stored;
        vm.expectRevert(abi.encodeWithSelector(IExitMode.NoExpiredRequest.selector, 0, 0, block.timestamp));
        extension.triggerExitMode();
        vm.expectRevert(abi.encodeWithSelector(IRollupState.WrongMode.selector, Mode.Stopped, Mode.Running));
        extension.sendHaltRequest{ value: 1 }();
        vm.expectRevert(abi.encodeWithSelector(IRollupState.OnlyGateway.selector, address(0), address(this)));
        extension.receiveHalt(0, 0, 0);
        bytes memory closed = abi.encodeWithSelector(IExitMode.ExitsNotOpen.selector, Mode.Running, 0, 0);
        vm.expectRevert(closed);
        extension.exitLeaves(new LeafExit[](1));
        vm.expectRevert(closed);
        extension.refundDeposit(0, NATIVE, bob, 1, 0, 0);
        vm.expectRevert(closed);
        extension.refundBond(0, 0, bob, 0);
        // It has no queue: not even one round of nothing.
        vm.expectRevert(stdError.divisionError);
        extension.requestFullExitAtPrice{ value: 1 }(0, 0);
        vm.expectRevert(_unauthorized(extension.VALIDATOR_ROLE()));
        extension.revertBlocks(stored);
        vm.expectRevert(_unauthorized(extension.GOVERNOR_ROLE()));
        extension.registerToken(2, address(this));
        vm.expectRevert(_unauthorized(extension.GOVERNOR_ROLE()));
        extension.setTimestampTolerances(1, 1);
        bytes32 admin_ = extension.DEFAULT_ADMIN_ROLE();
        vm.expectRevert(_unauthorized(admin_));
        extension.setGateway(address(this));
        vm.expectRevert(_unauthorized(admin_));
        extension.grantRole(admin_, address(this));
    }

    // ── size ────────────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_EveryContractFits() public {
        address extension = address(new RollupExtension());
        _assertFits("RollupExtension", extension, type(RollupExtension).creationCode.length);
        _assertFits("PrimaryRollup", address(new PrimaryRollup(extension)), type(PrimaryRollup).creationCode.length);
        _assertFits(
            "SecondaryRollup", address(new SecondaryRollup(extension)), type(SecondaryRollup).creationCode.length
        );
    }

    function _assertFits(string memory name, address deployed, uint256 initCode) private view {
        assertLe(deployed.code.length, MAX_CODE, string.concat(name, ": code"));
        assertLe(initCode + 32, MAX_INIT_CODE, string.concat(name, ": init code"));
    }

    /// @dev True when a call of `selector` comes out at the extension, which reports it.
    function _reaches(address rollup, bytes4 selector) private returns (bool) {
        (bool success, bytes memory reason) = rollup.call(bytes.concat(selector, new bytes(ARGUMENT_BYTES)));
        return !success && bytes4(reason) == ReportingExtension.Report.selector;
    }

    function _functions(string memory name) private view returns (string[] memory list) {
        string memory artifact = vm.readFile(string.concat("out/", name, ".sol/", name, ".json"));
        list = vm.parseJsonKeys(artifact, ".methodIdentifiers");
        require(list.length != 0, "no functions");
    }

    function _selector(string memory signature) private pure returns (bytes4) {
        return bytes4(keccak256(bytes(signature)));
    }

    function _unauthorized(bytes32 role) private view returns (bytes memory) {
        return abi.encodeWithSelector(IAccessControl.AccessControlUnauthorizedAccount.selector, address(this), role);
    }
}
