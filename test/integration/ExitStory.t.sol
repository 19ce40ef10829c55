// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { IExitMode } from "../../src/interfaces/IExitMode.sol";
import { IRollupState } from "../../src/interfaces/IRollupState.sol";
import { Bn254 } from "../../src/libraries/Bn254.sol";
import { PriorityQueue } from "../../src/libraries/PriorityQueue.sol";
import { BlockProof, Proof } from "../../src/types/Block.sol";
import { LeafExit } from "../../src/types/LeafExit.sol";
import { EndingTest } from "../utils/EndingTest.sol";
import { Ending, ExitFixture } from "../utils/ExitFixture.sol";
import { Story } from "../utils/StoryFixture.sol";

/// @notice The story's blocks with real proofs, a validator that serves nobody any more, and everybody leaves with real exit proofs under the rollup's own
/// key, on the primary and on both secondaries. A proof is worth what it was made for and nothing else.
contract ExitStoryTest is EndingTest {
    uint8 private constant LINEA = 0;
    uint8 private constant ZKSYNC = 1;
    uint8 private constant ETHEREUM = 2;
    uint256 private constant KEY_X = 7;
    uint256 private constant KEY_Y = 8;

    address private alice;
    address private bob;
    address private carol;
    address private dave;
    address private operator;
    /// Requests that no block serves: on Linea a deposit of tokens and alice's full exit behind it, on zkSync Era a deposit of coins and carol's full exit of
    /// a leaf that is not hers.
    uint64 private lineaRequest;
    uint64 private zksyncRequest;

    function setUp() public override {
        super.setUp();
        Story memory story = _fixture();
        Ending memory ending = ExitFixture.loadStory();
        assertEq(ending.blockNumber, story.blocks.length, "after the last block");
        alice = story.blocks[0].requests[0].owner;
        bob = story.blocks[0].requests[2].owner;
        carol = story.blocks[0].requests[3].owner;
        dave = story.blocks[2].requests[0].owner;
        operator = ending.exits[LINEA][2].owner;
        _runBlockByBlock(story);
        _requestInVain();
        _openExits(ZKSYNC, ending);
    }

    // ── everybody is paid ───────────────────────────────────────────────────────────────────────────────────────────────

    function test_ExitsPayExactlyWhatTheLeavesHold() public {
        Ending memory ending = ExitFixture.loadStory();
        assertEq(ending.exits[LINEA].length, 4, "leaves with something in them on Linea");
        for (uint256 i = 0; i < 4; ++i) {
            LeafExit memory exit = ending.exits[LINEA][i];
            vm.expectEmit(address(rollups[LINEA]));
            emit IRollupState.BalancePending(exit.owner, exit.token, exit.amount);
            vm.expectEmit(address(rollups[LINEA]));
            emit IExitMode.Exited(exit.leafIndex, exit.owner, exit.token, exit.amount);
            _exit(LINEA, exit);
        }
        _exit(ZKSYNC, ending.exits[ZKSYNC][0]);
        _exit(ETHEREUM, ending.exits[ETHEREUM][0]);

        _pay(LINEA, alice, NATIVE, 6.995 ether);
        _pay(LINEA, alice, TOKEN, 299.5 ether);
        _pay(LINEA, operator, NATIVE, 0.005 ether);
        _pay(LINEA, operator, TOKEN, 0.5 ether);
        // What a withdrawal of block 3 left to pay, and the leaf.
        _pay(ZKSYNC, bob, NATIVE, 3 ether + 2 ether);
        _pay(ETHEREUM, carol, NATIVE, 4 ether + 3 ether);
    }

    /// @notice Everything that came in goes out: withdrawals, leaves, deposits and bonds; not one wei stays or is missing on any chain.
    function test_TheVaultsAreEmptyInTheEnd() public {
        _exitAll(ExitFixture.loadStory());
        _refundAll();

        _pay(LINEA, alice, NATIVE, 6.995 ether + EXIT_BOND);
        _pay(LINEA, alice, TOKEN, 299.5 ether + 40 ether);
        _pay(LINEA, operator, NATIVE, 0.005 ether);
        _pay(LINEA, operator, TOKEN, 0.5 ether);
        _pay(LINEA, bob, NATIVE, 2 ether);
        _pay(LINEA, bob, TOKEN, 120 ether);
        _pay(LINEA, dave, NATIVE, 1 ether + 2 * EXIT_BOND);
        _pay(LINEA, dave, TOKEN, 80 ether);
        _pay(LINEA, admin, NATIVE, EXIT_BOND);
        _pay(ZKSYNC, bob, NATIVE, 3 ether + 2 ether + 6 ether);
        _pay(ZKSYNC, carol, NATIVE, EXIT_BOND);
        _pay(ETHEREUM, carol, NATIVE, 4 ether + 3 ether);
        for (uint8 chain = 0; chain < rollups.length; ++chain) {
            assertEq(address(rollups[chain]).balance, 0, "no coin is left");
            assertEq(tokens[chain].balanceOf(address(rollups[chain])), 0, "no token is left");
        }
    }

    function test_RefundsPayExactlyWhatWasBrought() public {
        vm.expectEmit(address(rollups[LINEA]));
        emit IExitMode.DepositRefunded(lineaRequest, alice, TOKEN, 40 ether);
        _refundAll();
        _pay(LINEA, alice, TOKEN, 40 ether);
        _pay(LINEA, alice, NATIVE, EXIT_BOND);
        _pay(ZKSYNC, bob, NATIVE, 3 ether + 6 ether);
        _pay(ZKSYNC, carol, NATIVE, EXIT_BOND);
    }

    // ── nobody is paid twice ────────────────────────────────────────────────────────────────────────────────────────────

    function test_RevertWhen_ALeafExitsTwice() public {
        Ending memory ending = ExitFixture.loadStory();
        for (uint8 chain = 0; chain < rollups.length; ++chain) {
            LeafExit[] memory twice = new LeafExit[](2);
            (twice[0], twice[1]) = (ending.exits[chain][0], ending.exits[chain][0]);
            vm.expectRevert(abi.encodeWithSelector(IExitMode.LeafAlreadyExited.selector, twice[0].leafIndex));
            rollups[chain].exitLeaves(twice);
        }
        _exitAll(ending);
        for (uint8 chain = 0; chain < rollups.length; ++chain) {
            for (uint256 i = 0; i < ending.exits[chain].length; ++i) {
                LeafExit memory exit = ending.exits[chain][i];
                assertTrue(rollups[chain].hasExited(exit.leafIndex), "marked");
                vm.expectRevert(abi.encodeWithSelector(IExitMode.LeafAlreadyExited.selector, exit.leafIndex));
                _exit(chain, exit);
            }
        }
    }

    /// @notice (-A, -B, C) is as good a proof as (A, B, C): it is the leaf that is used up, not the proof.
    function test_RevertWhen_TheProofComesBackInAnotherForm() public {
        LeafExit memory exit = ExitFixture.loadStory().exits[LINEA][0];
        LeafExit memory other = _copy(exit);
        other.proof.a[1] = Bn254.BASE_ORDER - exit.proof.a[1];
        other.proof.b[1][0] = Bn254.BASE_ORDER - exit.proof.b[1][0];
        other.proof.b[1][1] = Bn254.BASE_ORDER - exit.proof.b[1][1];
        _exit(LINEA, other);
        vm.expectRevert(abi.encodeWithSelector(IExitMode.LeafAlreadyExited.selector, exit.leafIndex));
        _exit(LINEA, exit);
        _pay(LINEA, alice, NATIVE, 6.995 ether);
    }

    function test_RevertWhen_ARequestIsRefundedTwice() public {
        _refundAll();
        bytes27 tokenDeposit = PriorityQueue.depositHash(TOKEN, alice, 40 ether, KEY_X, KEY_Y);
        _expectWrongRequest(lineaRequest, 0, tokenDeposit);
        rollups[LINEA].refundDeposit(lineaRequest, TOKEN, alice, 40 ether, KEY_X, KEY_Y);
        _expectWrongRequest(lineaRequest + 1, 0, PriorityQueue.fullExitHash(0, alice, 0));
        rollups[LINEA].refundBond(lineaRequest + 1, 0, alice, 0);
        _expectWrongRequest(zksyncRequest, 0, PriorityQueue.depositHash(NATIVE, bob, 6 ether, KEY_X, KEY_Y));
        rollups[ZKSYNC].refundDeposit(zksyncRequest, NATIVE, bob, 6 ether, KEY_X, KEY_Y);
    }

    /// @notice What a block served is in a leaf, or paid.
    function test_RevertWhen_AServedRequestIsRefunded() public {
        Story memory story = _fixture();
        (uint256 keyX, uint256 keyY) = (story.blocks[0].requests[0].keyX, story.blocks[0].requests[0].keyY);
        _expectWrongRequest(0, 0, PriorityQueue.depositHash(NATIVE, alice, 10 ether, keyX, keyY));
        rollups[LINEA].refundDeposit(0, NATIVE, alice, 10 ether, keyX, keyY);
        // Requests 2, 3 and 4 of Linea are dave's full exits, of which the last paid nothing.
        _expectWrongRequest(4, 0, PriorityQueue.fullExitHash(0, dave, 0));
        rollups[LINEA].refundBond(4, 0, dave, 0);
    }

    function test_RevertWhen_ARefundIsOfSomethingElse() public {
        bytes27 expected = PriorityQueue.depositHash(TOKEN, alice, 40 ether, KEY_X, KEY_Y);
        _expectWrongRequest(lineaRequest, expected, PriorityQueue.depositHash(TOKEN, alice, 40 ether + 1, KEY_X, KEY_Y));
        rollups[LINEA].refundDeposit(lineaRequest, TOKEN, alice, 40 ether + 1, KEY_X, KEY_Y);
        _expectWrongRequest(lineaRequest, expected, PriorityQueue.depositHash(TOKEN, bob, 40 ether, KEY_X, KEY_Y));
        rollups[LINEA].refundDeposit(lineaRequest, TOKEN, bob, 40 ether, KEY_X, KEY_Y);
        _expectWrongRequest(lineaRequest, expected, PriorityQueue.depositHash(NATIVE, alice, 40 ether, KEY_X, KEY_Y));
        rollups[LINEA].refundDeposit(lineaRequest, NATIVE, alice, 40 ether, KEY_X, KEY_Y);
        _expectWrongRequest(lineaRequest, expected, PriorityQueue.fullExitHash(0, alice, 0));
        rollups[LINEA].refundBond(lineaRequest, 0, alice, 0);
        // The bond is its payer's, not the leaf's owner's.
        _expectWrongRequest(
            zksyncRequest + 1, PriorityQueue.fullExitHash(0, carol, 0), PriorityQueue.fullExitHash(0, bob, 0)
        );
        rollups[ZKSYNC].refundBond(zksyncRequest + 1, 0, bob, 0);
    }

    // ── with something changed ──────────────────────────────────────────────────────────────────────────────────────────

    function test_RevertWhen_OwnerTokenOrAmountIsChanged() public {
        Ending memory ending = ExitFixture.loadStory();
        for (uint8 chain = 0; chain < rollups.length; ++chain) {
            for (uint256 i = 0; i < ending.exits[chain].length; ++i) {
                LeafExit memory exit = ending.exits[chain][i];
                (address owner, uint32 token, uint128 amount) = (exit.owner, exit.token, exit.amount);
                exit.owner = anyone;
                _expectInvalid(chain, exit);
                exit.owner = address(uint160(owner) ^ 1);
                _expectInvalid(chain, exit);
                exit.owner = owner;
                exit.token = token == NATIVE ? TOKEN : NATIVE;
                _expectInvalid(chain, exit);
                exit.token = token;
                exit.amount = amount + 1;
                _expectInvalid(chain, exit);
                exit.amount = amount - 1;
                _expectInvalid(chain, exit);
                exit.amount = type(uint128).max;
                _expectInvalid(chain, exit);
                exit.amount = 0;
                vm.expectRevert(abi.encodeWithSelector(IExitMode.ZeroExitAmount.selector, exit.leafIndex));
                _exit(chain, exit);
                exit.amount = amount;
                _exit(chain, exit);
            }
        }
    }

    /// @notice Another leaf of the owner, another owner's, an empty one, and an index that no leaf has.
    function test_RevertWhen_TheLeafIsAnother() public {
        Ending memory ending = ExitFixture.loadStory();
        for (uint8 chain = 0; chain < rollups.length; ++chain) {
            for (uint256 i = 0; i < ending.exits[chain].length; ++i) {
                LeafExit memory exit = ending.exits[chain][i];
                uint32 leafIndex = exit.leafIndex;
                for (uint32 other = 0; other < 9; ++other) {
                    exit.leafIndex = other;
                    if (other != leafIndex) _expectInvalid(chain, exit);
                }
                exit.leafIndex = leafIndex + 2 ** 24;
                vm.expectRevert(
                    abi.encodeWithSelector(IRollupState.LeafIndexOutOfRange.selector, 2 ** 24 - 1, exit.leafIndex)
                );
                _exit(chain, exit);
            }
        }
    }

    /// @notice bob's leaf of zkSync Era and carol's of Ethereum have the same index and token.
    function test_RevertWhen_TheChainIsAnother() public {
        Ending memory ending = ExitFixture.loadStory();
        for (uint8 chain = 0; chain < rollups.length; ++chain) {
            for (uint256 i = 0; i < ending.exits[chain].length; ++i) {
                for (uint8 other = 0; other < rollups.length; ++other) {
                    if (other != chain) _expectInvalid(other, ending.exits[chain][i]);
                }
            }
        }
    }

    /// @notice One more, one less, the same value in another form, zero; then points that are on the curve but not the proof's.
    function test_RevertWhen_AnyWordOfTheProofIsChanged() public {
        Ending memory ending = ExitFixture.loadStory();
        for (uint8 chain = 0; chain < rollups.length; ++chain) {
            LeafExit memory exit = ending.exits[chain][0];
            uint256[8] memory words = _words(exit.proof);
            for (uint256 i = 0; i < 8; ++i) {
                uint256 word = words[i];
                uint256[5] memory changed = [word + 1, word - 1, word + Bn254.BASE_ORDER, 0, Bn254.BASE_ORDER - word];
                for (uint256 j = 0; j < 5; ++j) {
                    words[i] = changed[j];
                    exit.proof = _proof(words);
                    _expectInvalid(chain, exit);
                }
                words[i] = word;
            }
            uint256[8] memory zeros;
            exit.proof = _proof(zeros);
            _expectInvalid(chain, exit);
            // A for C: both are points of the curve.
            exit.proof = _proof([words[6], words[7], words[2], words[3], words[4], words[5], words[0], words[1]]);
            _expectInvalid(chain, exit);
            exit.proof = _proof(words);
            _exit(chain, exit);
        }
    }

    /// @notice Proofs that are true, of another leaf or another circuit.
    function test_RevertWhen_TheProofIsOfSomethingElse() public {
        Ending memory ending = ExitFixture.loadStory();
        LeafExit[] memory exits = ending.exits[LINEA];
        LeafExit memory exit = _copy(exits[0]);
        for (uint256 i = 1; i < exits.length; ++i) {
            exit.proof = exits[i].proof;
            _expectInvalid(LINEA, exit);
        }
        exit.proof = ending.exits[ETHEREUM][0].proof;
        _expectInvalid(LINEA, exit);
        BlockProof memory last = _fixture().blocks[2].proof;
        exit.proof = last.joinProof;
        _expectInvalid(LINEA, exit);
        exit.proof = last.segmentProofs[0];
        _expectInvalid(LINEA, exit);

        Proof memory first = exits[0].proof;
        (exits[0].proof, exits[1].proof) = (exits[1].proof, first);
        vm.expectRevert(IRollupState.InvalidProof.selector);
        rollups[LINEA].exitLeaves(exits);
    }

    /// @notice One false one among true ones: nobody of the call is paid or marked, and the right ones are accepted afterwards.
    function test_RevertWhen_OneOfManyIsFalse() public {
        LeafExit[] memory exits = ExitFixture.loadStory().exits[LINEA];
        for (uint256 wrong = 0; wrong < exits.length; ++wrong) {
            ++exits[wrong].amount;
            vm.expectRevert(IRollupState.InvalidProof.selector);
            rollups[LINEA].exitLeaves(exits);
            --exits[wrong].amount;
        }
        for (uint256 i = 0; i < exits.length; ++i) {
            assertFalse(rollups[LINEA].hasExited(exits[i].leafIndex), "not marked");
            assertEq(rollups[LINEA].pendingBalance(exits[i].owner, exits[i].token), 0, "not credited");
        }
        rollups[LINEA].exitLeaves(exits);
        _pay(LINEA, alice, NATIVE, 6.995 ether);
    }

    // ── helpers ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    function _requestInVain() private {
        (lineaRequest,,) = rollups[LINEA].priorityQueueState();
        (zksyncRequest,,) = rollups[ZKSYNC].priorityQueueState();
        tokens[LINEA].mint(alice, 40 ether);
        vm.deal(alice, EXIT_BOND);
        vm.startPrank(alice);
        tokens[LINEA].approve(address(rollups[LINEA]), 40 ether);
        rollups[LINEA].depositToken(TOKEN, 40 ether, alice, KEY_X, KEY_Y);
        rollups[LINEA].requestFullExit{ value: EXIT_BOND }(0, 0);
        vm.stopPrank();
        hoax(bob, 6 ether);
        rollups[ZKSYNC].depositNative{ value: 6 ether }(bob, KEY_X, KEY_Y);
        hoax(carol, EXIT_BOND);
        rollups[ZKSYNC].requestFullExit{ value: EXIT_BOND }(0, 0);
    }

    function _refundAll() private {
        vm.startPrank(anyone);
        rollups[LINEA].refundDeposit(lineaRequest, TOKEN, alice, 40 ether, KEY_X, KEY_Y);
        rollups[LINEA].refundBond(lineaRequest + 1, 0, alice, 0);
        rollups[ZKSYNC].refundDeposit(zksyncRequest, NATIVE, bob, 6 ether, KEY_X, KEY_Y);
        rollups[ZKSYNC].refundBond(zksyncRequest + 1, 0, carol, 0);
        vm.stopPrank();
    }

    function _expectWrongRequest(uint64 requestId, bytes27 expected, bytes27 actual) private {
        vm.expectRevert(
            abi.encodeWithSelector(PriorityQueue.WrongPriorityRequest.selector, requestId, expected, actual)
        );
    }
}
