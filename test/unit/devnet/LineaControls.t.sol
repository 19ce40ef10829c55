// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { PauseManager } from "../../../script/devnet/linea/PauseManager.sol";
import { RateLimiter } from "../../../script/devnet/linea/RateLimiter.sol";
import { LineaServices } from "../../utils/LineaServices.sol";

/// @notice Pauses and rate limit of Linea's services.
contract LineaControlsTest is LineaServices {
    PauseManager.PauseType private constant UP = PauseManager.PauseType.L2_L1;
    PauseManager.PauseType private constant DOWN = PauseManager.PauseType.L1_L2;

    address private alice = makeAddr("alice");

    function setUp() public {
        _deployLinea();
        vm.deal(alice, 100 ether);
    }

    function test_pause_endsByItselfOnlyWhenSomebodySaysSo() public {
        vm.expectEmit(address(l2Service));
        emit PauseManager.Paused(pauser, UP);
        vm.prank(pauser);
        l2Service.pauseByType(UP);
        uint256 expiry = block.timestamp + 48 hours;
        assertEq(l2Service.pauseTypeExpiryTimestamps(UP), expiry, "48 hours");
        vm.expectRevert(abi.encodeWithSelector(PauseManager.PauseNotExpired.selector, expiry));
        l2Service.unPauseByExpiredType(UP);
        vm.warp(expiry);
        assertTrue(l2Service.isPaused(UP), "still paused");
        vm.expectEmit(address(l2Service));
        emit PauseManager.UnPausedDueToExpiry(UP);
        vm.prank(alice);
        l2Service.unPauseByExpiredType(UP);
        assertFalse(l2Service.isPaused(UP), "over");
    }

    function test_pause_isFollowedByACooldown() public {
        uint256 start = block.timestamp;
        vm.startPrank(pauser);
        l2Service.pauseByType(UP);
        vm.warp(start + 1 hours);
        l2Service.pauseByType(DOWN);
        assertEq(l2Service.pauseTypeExpiryTimestamps(DOWN), start + 48 hours, "both end together");
        l2Service.unPauseByType(UP);
        vm.warp(start + 49 hours);
        vm.expectRevert(abi.encodeWithSelector(PauseManager.PauseUnavailableDueToCooldown.selector, start + 96 hours));
        l2Service.pauseByType(UP);
        vm.warp(start + 96 hours);
        l2Service.pauseByType(UP);
    }

    function test_pause_ofTheCouncilHasNoEndAndOnlyItEndsIt() public {
        vm.prank(pauser);
        l2Service.pauseByType(UP);
        vm.expectEmit(address(l2Service));
        emit PauseManager.PausedIndefinitely(council, UP);
        vm.prank(council);
        l2Service.pauseByType(UP);
        vm.expectRevert(abi.encodeWithSelector(PauseManager.OnlySecurityCouncilCanUnpauseIndefinitePause.selector, UP));
        vm.prank(pauser);
        l2Service.unPauseByType(UP);
        vm.expectRevert(abi.encodeWithSelector(PauseManager.PauseNotExpired.selector, type(uint256).max));
        l2Service.unPauseByExpiredType(UP);
        vm.startPrank(council);
        vm.expectRevert(abi.encodeWithSelector(PauseManager.IsPaused.selector, UP));
        l2Service.pauseByType(UP);
        vm.expectEmit(address(l2Service));
        emit PauseManager.UnPaused(council, UP);
        l2Service.unPauseByType(UP);
        assertFalse(l2Service.isPaused(UP), "over");
    }

    function test_RevertWhen_PausingTwiceNothingOrWithoutRole() public {
        vm.startPrank(pauser);
        vm.expectRevert(PauseManager.PauseTypeNotUsed.selector);
        l2Service.pauseByType(PauseManager.PauseType.UNUSED);
        vm.expectRevert(abi.encodeWithSelector(PauseManager.IsNotPaused.selector, UP));
        l2Service.unPauseByType(UP);
        vm.expectRevert(abi.encodeWithSelector(PauseManager.IsNotPaused.selector, UP));
        l2Service.unPauseByExpiredType(UP);
        l2Service.pauseByType(UP);
        vm.expectRevert(abi.encodeWithSelector(PauseManager.IsPaused.selector, UP));
        l2Service.pauseByType(UP);
        vm.stopPrank();
        bytes32 pauseRole = keccak256("PAUSE_ALL_ROLE");
        bytes32 unpauseRole = keccak256("UNPAUSE_ALL_ROLE");
        vm.startPrank(alice);
        vm.expectRevert(_missingRole(alice, pauseRole));
        l2Service.pauseByType(DOWN);
        vm.expectRevert(_missingRole(alice, unpauseRole));
        l2Service.unPauseByType(UP);
    }

    function test_pause_stopsSendingByTypeAndInGeneral() public {
        vm.prank(pauser);
        l2Service.pauseByType(UP);
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(PauseManager.IsPaused.selector, UP));
        l2Service.sendMessage{ value: MINIMUM_FEE }(alice, MINIMUM_FEE, "");
        vm.stopPrank();
        vm.startPrank(pauser);
        l2Service.unPauseByType(UP);
        l2Service.pauseByType(PauseManager.PauseType.GENERAL);
        vm.stopPrank();
        vm.expectRevert(abi.encodeWithSelector(PauseManager.IsPaused.selector, PauseManager.PauseType.GENERAL));
        vm.prank(alice);
        l2Service.sendMessage{ value: MINIMUM_FEE }(alice, MINIMUM_FEE, "");
    }

    function test_rateLimit_loweringItLowersWhatIsUsed() public {
        vm.prank(alice);
        l2Service.sendMessage{ value: 5 ether + MINIMUM_FEE }(alice, MINIMUM_FEE, "");
        vm.expectEmit(address(l2Service));
        emit RateLimiter.LimitAmountChanged(serviceAdmin, 2 ether, true, false);
        vm.prank(serviceAdmin);
        l2Service.resetRateLimitAmount(2 ether);
        assertEq(l2Service.currentPeriodAmountInWei(), 2 ether, "lowered");
        vm.warp(block.timestamp + RATE_PERIOD + 1);
        vm.expectEmit(address(l2Service));
        emit RateLimiter.LimitAmountChanged(serviceAdmin, 3 ether, false, true);
        vm.prank(serviceAdmin);
        l2Service.resetRateLimitAmount(3 ether);
        assertEq(l2Service.currentPeriodAmountInWei(), 0, "a new period");
        vm.expectEmit(address(l2Service));
        emit RateLimiter.LimitAmountChanged(serviceAdmin, 4 ether, false, false);
        vm.prank(serviceAdmin);
        l2Service.resetRateLimitAmount(4 ether);
    }

    function test_rateLimit_usedAmountCanBeReset() public {
        vm.prank(alice);
        l2Service.sendMessage{ value: RATE_LIMIT + MINIMUM_FEE }(alice, MINIMUM_FEE, "");
        vm.expectEmit(address(l2Service));
        emit RateLimiter.AmountUsedInPeriodReset(serviceAdmin);
        vm.prank(serviceAdmin);
        l2Service.resetAmountUsedInPeriod();
        assertEq(l2Service.currentPeriodAmountInWei(), 0, "reset");
    }

    function test_RevertWhen_RateLimitIsChangedWithoutRole() public {
        vm.startPrank(alice);
        vm.expectPartialRevert(bytes4(keccak256("Error(string)")));
        l2Service.resetRateLimitAmount(1);
        vm.expectPartialRevert(bytes4(keccak256("Error(string)")));
        l2Service.resetAmountUsedInPeriod();
    }
}
