// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { OP_ADD_LIQUIDITY, OP_FULL_EXIT, OP_REMOVE_LIQUIDITY } from "../../src/generated/Params.sol";
import { NATIVE_TOKEN } from "../../src/types/Token.sol";
import { Operations } from "../utils/Operations.sol";
import { Ledger, State } from "./Ledger.sol";
import { ACCOUNTS, CHAINS, HALVES, PLACES, POOL_LEAF, Places, SHARES_SLOT, SLOTS, TREASURY } from "./Places.sol";

/// @dev A block that is being built: the state so far and each chain's public data.
struct Draft {
    State state;
    address[ACCOUNTS] accounts;
    bytes[CHAINS] onchainData;
    bytes[CHAINS] l2Data;
    /// By chain: the next request to serve.
    uint64[CHAINS] nextRequest;
}

/// @title Operations of layer 2 as the model does them
/// @notice Each changes the state and appends its bytes. One that is not possible does nothing.
library Drafts {
    using Ledger for State;

    function deposit(Draft memory draft, uint8 chain, uint8 place, uint128 amount) internal pure {
        draft.state.balances[chain][place] += amount;
        draft.onchainData[chain] = bytes.concat(
            draft.onchainData[chain],
            Operations.deposit(
                Places.leafOf(place),
                Places.tokenOf(chain, place),
                draft.accounts[Places.personOf(place)],
                amount,
                Places.keyX(place),
                Places.keyY(place)
            )
        );
        ++draft.nextRequest[chain];
    }

    /// @dev Pays the requester, whose index is `person`, if the leaf is his and stands for `least` or more. The bond goes with an amount, else to the treasury.
    function fullExit(Draft memory draft, uint8 chain, uint24 leafIndex, uint8 person, uint128 least, uint128 bond)
        internal
        pure
    {
        State memory state = draft.state;
        uint8 place = Places.placeOf(leafIndex);
        uint32 token = 0;
        uint128 amount = 0;
        uint128 shares = 0;
        if (place < PLACES && Places.personOf(place) == person && state.worth(chain, place) >= least) {
            amount = state.worth(chain, place);
            if (Places.isShares(place)) shares = state.balances[chain][place];
            if (amount != 0 || shares != 0) token = Places.tokenOf(chain, place);
            state.balances[chain][place] = 0;
            if (shares != 0) {
                state.reserves[chain] -= amount;
                state.totalShares[chain] -= shares;
            }
        }
        if (amount != 0) state.paid[chain][person][token - 1] += amount;
        state.paid[chain][amount == 0 ? TREASURY : person][NATIVE_TOKEN - 1] += bond;
        draft.onchainData[chain] = bytes.concat(
            draft.onchainData[chain],
            abi.encodePacked(OP_FULL_EXIT, leafIndex, token, draft.accounts[person], amount, shares, least)
        );
        ++draft.nextRequest[chain];
    }

    /// @dev A fee that nobody collects stays in the contract and is nobody's.
    function withdraw(Draft memory draft, uint8 chain, uint8 place, uint8 to, uint128 amount, uint16 fee)
        internal
        pure
    {
        if (Places.isShares(place) || draft.state.balances[chain][place] < amount + fee) return;
        uint32 token = Places.tokenOf(chain, place);
        draft.state.balances[chain][place] -= amount + fee;
        draft.state.uncollected[chain][token - 1] += fee;
        draft.state.paid[chain][to][token - 1] += amount;
        draft.onchainData[chain] = bytes.concat(
            draft.onchainData[chain],
            Operations.withdraw(Places.leafOf(place), token, draft.accounts[to], amount, _float16(fee))
        );
    }

    /// @dev Between leaves of one token or of one half's shares; the fee goes to `collector`'s leaf of the token.
    function transfer(
        Draft memory draft,
        uint8 chain,
        uint8 from,
        uint8 to,
        uint128 amount,
        uint16 fee,
        uint8 collector
    ) internal pure {
        uint128[PLACES] memory balances = draft.state.balances[chain];
        bool shares = Places.isShares(from);
        if (shares != Places.isShares(to) || Places.tokenOf(chain, from) != Places.tokenOf(chain, to)) return;
        if (balances[from] < amount + fee || (shares && chain >= HALVES)) return;
        balances[from] -= amount + fee;
        balances[to] += amount;
        uint8 collects = Places.placeAt(collector, from % SLOTS);
        balances[collects] += fee;
        draft.l2Data[chain] = bytes.concat(
            draft.l2Data[chain],
            Operations.transfer(Places.leafOf(from), Places.leafOf(to), _float40(amount), _float16(fee)),
            Operations.collectFees(Places.leafOf(collects), fee)
        );
    }

    /// @dev `amount` of the half's coin on chain `from` for coins of the other one.
    function swap(Draft memory draft, uint8 from, uint8 person, uint128 amount) internal pure {
        State memory state = draft.state;
        uint8 to = 1 - from;
        uint8 payer = Places.poolPlace(from, person);
        uint8 receiver = Places.poolPlace(to, person);
        if (amount == 0 || state.reserves[0] == 0 || state.balances[from][payer] < amount) return;
        uint256 paid = uint256(997) * amount;
        uint128 out = uint128(paid * state.reserves[to] / (uint256(1000) * state.reserves[from] + paid));
        state.balances[from][payer] -= amount;
        state.reserves[from] += amount;
        state.reserves[to] -= out;
        state.balances[to][receiver] += out;
        draft.l2Data[from] =
            bytes.concat(draft.l2Data[from], Operations.swapIn(Places.leafOf(payer), POOL_LEAF, _float40(amount), 0));
        draft.l2Data[to] =
            bytes.concat(draft.l2Data[to], Operations.swapOut(POOL_LEAF, Places.leafOf(receiver), _float40(out)));
    }

    /// @dev Coins of both halves for shares of both.
    function addLiquidity(Draft memory draft, uint8 person, uint128[HALVES] memory amounts) internal pure {
        State memory state = draft.state;
        for (uint8 chain = 0; chain < HALVES; ++chain) {
            if (amounts[chain] == 0 || state.balances[chain][Places.poolPlace(chain, person)] < amounts[chain]) return;
        }
        for (uint8 chain = 0; chain < HALVES; ++chain) {
            uint128 amount = amounts[chain];
            uint128 reserve = state.reserves[chain];
            uint128 shares = reserve == 0 ? amount : uint128(uint256(amount) * state.totalShares[chain] / reserve);
            uint8 place = Places.poolPlace(chain, person);
            state.balances[chain][place] -= amount;
            state.balances[chain][Places.placeAt(person, SHARES_SLOT)] += shares;
            state.reserves[chain] += amount;
            state.totalShares[chain] += shares;
            _liquidity(
                draft, chain, OP_ADD_LIQUIDITY + chain, place, Places.placeAt(person, SHARES_SLOT), amount, shares
            );
        }
    }

    function removeLiquidity(Draft memory draft, uint8 person, uint128[HALVES] memory shares) internal pure {
        State memory state = draft.state;
        uint8 place = Places.placeAt(person, SHARES_SLOT);
        if (state.balances[0][place] < shares[0] || state.balances[1][place] < shares[1]) return;
        for (uint8 chain = 0; chain < HALVES; ++chain) {
            uint128 amount = uint128(uint256(shares[chain]) * state.reserves[chain] / state.totalShares[chain]);
            uint8 receiver = Places.poolPlace(chain, person);
            state.balances[chain][place] -= shares[chain];
            state.balances[chain][receiver] += amount;
            state.reserves[chain] -= amount;
            state.totalShares[chain] -= shares[chain];
            _liquidity(draft, chain, OP_REMOVE_LIQUIDITY + chain, place, receiver, amount, shares[chain]);
        }
    }

    function _liquidity(
        Draft memory draft,
        uint8 chain,
        uint8 kind,
        uint8 from,
        uint8 credited,
        uint128 amount,
        uint128 shares
    ) private pure {
        draft.l2Data[chain] = bytes.concat(
            draft.l2Data[chain],
            Operations.liquidityChange(kind, Places.leafOf(from), POOL_LEAF, 0, amount, shares),
            Operations.credit(Places.leafOf(credited))
        );
    }

    /// @dev Numbers of the model are small: exponent 0.
    function _float40(uint128 amount) private pure returns (uint40) {
        return uint40(amount << 5);
    }

    function _float16(uint16 fee) private pure returns (uint16) {
        return fee << 5;
    }
}
