// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { IExitMode } from "../../src/interfaces/IExitMode.sol";
import { LeafExit } from "../../src/types/LeafExit.sol";
import { Mode } from "../../src/types/Mode.sol";
import { EndingTest } from "../utils/EndingTest.sol";
import { Ending, ExitFixture } from "../utils/ExitFixture.sol";
import { Story, StoryFixture } from "../utils/StoryFixture.sol";

/// @notice The trading blocks up to the one that would serve carol's full exits of her shares. It never comes: she and everybody else leave with real exit
/// proofs, on both chains of the pair.
contract ExitTradeTest is EndingTest {
    uint8 private constant LINEA = 0;
    uint8 private constant ZKSYNC = 1;
    /// Places of carol's leaves with shares among the exits of their chain; the pools are at leaf 2 of either chain.
    uint256 private constant LINEA_SHARES = 2;
    uint256 private constant ZKSYNC_SHARES = 2;
    uint32 private constant POOL = 2;
    uint32 private constant SHARES_OF_POOL = 2 ** 31 + POOL;

    address private alice;
    address private bob;
    address private carol;

    function setUp() public override {
        super.setUp();
        Story memory story = _fixture();
        alice = story.blocks[0].requests[0].owner;
        bob = story.blocks[0].requests[1].owner;
        carol = story.blocks[0].requests[3].owner;
        _runBlock(story, 0);
        _runBlock(story, 1);
    }

    function _fixture() internal view override returns (Story memory) {
        return StoryFixture.loadTrade();
    }

    // ── everybody is paid ───────────────────────────────────────────────────────────────────────────────────────────────

    /// @notice An exit of shares pays what the full exit that was refused would have paid, coin for coin.
    function test_SharesPayWhatAFullExitPays() public {
        Story memory story = _fixture();
        _runBlock(story, 2);
        uint256 snapshot = vm.snapshotState();
        _runBlock(story, 3);
        uint256 tst = rollups[LINEA].pendingBalance(carol, TOKEN);
        uint256 eth = rollups[ZKSYNC].pendingBalance(carol, NATIVE) - EXIT_BOND;
        vm.revertToState(snapshot);

        Ending memory ending = _carolAsksInVain(story);
        _exit(LINEA, ending.exits[LINEA][LINEA_SHARES]);
        _exit(ZKSYNC, ending.exits[ZKSYNC][ZKSYNC_SHARES]);
        assertGt(tst, 0, "tokens");
        assertGt(eth, 0, "coins");
        _pay(LINEA, carol, TOKEN, tst);
        _pay(ZKSYNC, carol, NATIVE, eth);
    }

    /// @notice Everybody takes everything; what stays is what the locked shares of either half stand for.
    function test_OnlyTheLockedSharesStay() public {
        Story memory story = _fixture();
        _runBlock(story, 2);
        Ending memory ending = _carolAsksInVain(story);
        uint256[2] memory vaults = [_balance(LINEA, address(rollups[LINEA]), TOKEN), address(rollups[ZKSYNC]).balance];
        assertEq(vaults[LINEA], 500 ether, "tokens of alice and bob");
        assertEq(vaults[ZKSYNC], 3 ether + 2 * EXIT_BOND, "coins of alice and carol, and two bonds");
        _exitAll(ending);
        // The last requests of either chain are carol's, for no less than she leaves with; one is for a coin more.
        (uint64 lineaNext,,) = rollups[LINEA].priorityQueueState();
        (uint64 zksyncNext,,) = rollups[ZKSYNC].priorityQueueState();
        LeafExit memory tst = ending.exits[LINEA][LINEA_SHARES];
        LeafExit memory eth = ending.exits[ZKSYNC][ZKSYNC_SHARES];
        rollups[LINEA].refundBond(lineaNext - 1, tst.leafIndex, carol, tst.amount);
        rollups[ZKSYNC].refundBond(zksyncNext - 1, eth.leafIndex, carol, eth.amount);
        rollups[ZKSYNC].refundBond(zksyncNext - 2, eth.leafIndex, carol, eth.amount + 1);

        _pay(LINEA, carol, NATIVE, EXIT_BOND);
        uint256 paidTst = _payPending(LINEA, alice, TOKEN) + _payPending(LINEA, bob, TOKEN)
            + _payPending(LINEA, carol, TOKEN) + _payPending(LINEA, ending.exits[LINEA][3].owner, TOKEN);
        uint256 paidEth =
            _payPending(ZKSYNC, alice, NATIVE) + _payPending(ZKSYNC, bob, NATIVE) + _payPending(ZKSYNC, carol, NATIVE);
        _requireLockedOnly(vaults[LINEA] - paidTst, _balance(LINEA, address(rollups[LINEA]), TOKEN));
        _requireLockedOnly(vaults[ZKSYNC] - paidEth, address(rollups[ZKSYNC]).balance);
        assertEq(address(rollups[LINEA]).balance, 0, "Linea has no coins");
    }

    // ── with something changed ──────────────────────────────────────────────────────────────────────────────────────────

    /// @notice Shares as if they were coins, the pool itself, all that is in it, the other half's token or leaf.
    function test_RevertWhen_SharesAreClaimedAsSomethingElse() public {
        Story memory story = _fixture();
        _runBlock(story, 2);
        Ending memory ending = _carolAsksInVain(story);
        LeafExit memory exit = ending.exits[LINEA][LINEA_SHARES];
        LeafExit memory honest = _copy(exit);
        exit.token = SHARES_OF_POOL;
        _expectInvalid(LINEA, exit);
        exit.token = NATIVE;
        _expectInvalid(LINEA, exit);
        exit = _copy(honest);
        exit.leafIndex = POOL;
        _expectInvalid(LINEA, exit);
        exit = _copy(honest);
        exit.amount += 1;
        _expectInvalid(LINEA, exit);
        exit.amount = 500 ether;
        _expectInvalid(LINEA, exit);
        exit = _copy(honest);
        exit.owner = alice;
        _expectInvalid(LINEA, exit);
        exit = _copy(honest);
        exit.proof = ending.exits[ZKSYNC][ZKSYNC_SHARES].proof;
        _expectInvalid(LINEA, exit);
        _expectInvalid(ZKSYNC, honest);
        _expectInvalid(LINEA, ending.exits[ZKSYNC][ZKSYNC_SHARES]);
        _exit(LINEA, honest);
        vm.expectRevert(abi.encodeWithSelector(IExitMode.LeafAlreadyExited.selector, honest.leafIndex));
        _exit(LINEA, honest);
    }

    /// @notice The rollup goes one block further: proofs of the block before are worth nothing, not even of leaves that this block left as they were (bob's
    /// on Linea, carol's on zkSync Era).
    function test_RevertWhen_TheRootIsAnother() public {
        Story memory story = _fixture();
        _runBlock(story, 2);
        _runBlock(story, 3);
        hoax(bob, 1 ether);
        rollups[ZKSYNC].depositNative{ value: 1 ether }(bob, 1, 2);
        _trigger(ZKSYNC);
        _halt(ZKSYNC, 4);
        Ending memory ending = ExitFixture.loadTrade();
        assertEq(rollups[LINEA].haltRoot(), story.blocks[3].primary.finalRoot, "the root of block 4");
        for (uint8 chain = LINEA; chain <= ZKSYNC; ++chain) {
            assertEq(ending.exits[chain].length, 4, "proofs of block 3");
            for (uint256 i = 0; i < 4; ++i) {
                _expectInvalid(chain, ending.exits[chain][i]);
            }
        }
    }

    /// @notice Real proofs come too early: on a chain that runs, that has stopped, and that has halted and not executed its last block, which anyone can do.
    function test_RevertWhen_ExitsAreNotOpenYet() public {
        Story memory story = _fixture();
        Ending memory ending = ExitFixture.loadTrade();
        _confirmBlock(story, 2);
        _execute(story.blocks[2], ZKSYNC);
        _request(story.blocks[3]);
        _expectNotOpen(ZKSYNC, ending, Mode.Running, 0, 3);
        _trigger(ZKSYNC);
        _expectNotOpen(ZKSYNC, ending, Mode.Stopped, 0, 3);
        _expectNotOpen(LINEA, ending, Mode.Running, 0, 2);
        _halt(ZKSYNC, 3);
        _expectNotOpen(LINEA, ending, Mode.Halted, 3, 2);
        rollups[ZKSYNC].exitLeaves(ending.exits[ZKSYNC]);
        _execute(story.blocks[2], LINEA);
        rollups[LINEA].exitLeaves(ending.exits[LINEA]);
    }

    // ── helpers ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    /// @dev carol asks for full exits of her shares, which no block serves: exits open at block 3.
    function _carolAsksInVain(Story memory story) private returns (Ending memory ending) {
        ending = ExitFixture.loadTrade();
        assertEq(ending.blockNumber, 3, "halt");
        _request(story.blocks[3]);
        _openExits(LINEA, ending);
    }

    function _payPending(uint8 chain, address owner, uint32 token) private returns (uint256 amount) {
        amount = rollups[chain].pendingBalance(owner, token);
        assertGt(amount, 0, "pending");
        _pay(chain, owner, token, amount);
    }

    /// @dev 1000 shares stay of either half, as good as nothing beside what is paid.
    function _requireLockedOnly(uint256 expected, uint256 left) private pure {
        assertEq(left, expected, "what was not paid is left");
        assertGt(left, 0, "the locked shares stand for something");
        assertLt(left, 10_000, "and for little");
    }

    function _expectNotOpen(uint8 chain, Ending memory ending, Mode mode, uint32 haltBlock, uint32 executed) private {
        vm.expectRevert(abi.encodeWithSelector(IExitMode.ExitsNotOpen.selector, mode, haltBlock, executed));
        rollups[chain].exitLeaves(ending.exits[chain]);
    }
}
