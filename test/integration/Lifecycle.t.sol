// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { Story } from "../utils/StoryFixture.sol";
import { StoryTest } from "../utils/StoryTest.sol";

/// @notice Real blocks with real proofs through all stages on three chains, and the money at the end.
contract LifecycleTest is StoryTest {
    uint8 private constant LINEA = 0;
    uint8 private constant ZKSYNC = 1;
    uint8 private constant ETHEREUM = 2;

    function test_StoryBlockByBlock() public {
        Story memory story = _fixture();
        _runBlockByBlock(story);
        _requireMoney(story);
    }

    function test_OneProofCallAndOneSyncCoverSeveralBlocks() public {
        Story memory story = _fixture();
        _runInOneCall(story);
        _requireMoney(story);
    }

    function test_PublicInputsAreThoseOfTheFixture() public view {
        Story memory story = _fixture();
        _requirePublicInputs(story);
        for (uint8 chain = 0; chain < rollups.length; ++chain) {
            assertEq(abi.encode(rollups[chain].genesisBlock()), abi.encode(story.genesis[chain]), "block 0");
        }
    }

    /// @dev bob: 2 ETH and 120 TST on Linea, 3 ETH on zkSync Era; carol 4 ETH on Ethereum; dave 1 ETH and 80 TST on Linea by full exit.
    function _requireMoney(Story memory story) private {
        address alice = story.blocks[0].requests[0].owner;
        address bob = story.blocks[0].requests[2].owner;
        address carol = story.blocks[0].requests[3].owner;
        address dave = story.blocks[2].requests[0].owner;

        _withdraw(LINEA, bob, NATIVE, 2 ether);
        _withdraw(LINEA, bob, TOKEN, 120 ether);
        _withdraw(LINEA, dave, NATIVE, 1 ether + 2 * EXIT_BOND);
        _withdraw(LINEA, dave, TOKEN, 80 ether);
        _withdraw(ZKSYNC, bob, NATIVE, 3 ether);
        _withdraw(ETHEREUM, carol, NATIVE, 4 ether);
        assertEq(bob.balance, 5 ether, "bob's ETH on both chains (one EVM)");
        assertEq(carol.balance, 4 ether, "carol's ETH");
        assertEq(dave.balance, 1 ether + 2 * EXIT_BOND, "dave's ETH, with the bonds of the exits that paid");
        assertEq(tokens[LINEA].balanceOf(bob), 120 ether, "bob's TST");
        assertEq(tokens[LINEA].balanceOf(dave), 80 ether, "dave's TST");
        assertEq(rollups[LINEA].pendingBalance(alice, NATIVE), 0, "a full exit of alice's leaf by dave paid nobody");
        assertEq(rollups[LINEA].pendingBalance(admin, NATIVE), EXIT_BOND, "and its bond is the receiver's");

        // What is left is what alice, bob and carol still have on layer 2.
        assertEq(address(rollups[LINEA]).balance, 7 ether + EXIT_BOND, "Linea's ETH, and a bond");
        assertEq(tokens[LINEA].balanceOf(address(rollups[LINEA])), 300 ether, "Linea's TST");
        assertEq(address(rollups[ZKSYNC]).balance, 2 ether, "zkSync Era's ETH");
        assertEq(address(rollups[ETHEREUM]).balance, 3 ether, "Ethereum's ETH");
        _requireQueuesServed();
    }

    function _withdraw(uint8 chain, address owner, uint32 token, uint128 amount) private {
        assertEq(rollups[chain].pendingBalance(owner, token), amount, "pending");
        vm.prank(anyone);
        rollups[chain].withdrawPending(owner, token);
        assertEq(rollups[chain].pendingBalance(owner, token), 0, "paid");
    }
}
