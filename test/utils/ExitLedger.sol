// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { Test } from "forge-std/Test.sol";

import { FIELD_ORDER } from "../../src/generated/Params.sol";
import { LedgerVerifier } from "./doubles/LedgerVerifier.sol";

/// @notice What leaves hold after each block on three chains, and what users asked for: a plain model of layer 2 that decides what everybody must get.
/// Block n + 1, which is not sealed yet, is worked on; block 0 is empty.
abstract contract ExitLedger is Test {
    uint8 internal constant CHAINS = 3;
    /// Leaves that a chain may use here.
    uint24 internal constant LEAVES = 8;
    uint32 internal constant NATIVE = 1;
    uint32 internal constant TOKEN = 2;
    uint256 internal constant KEY_X = 11;
    uint256 internal constant KEY_Y = FIELD_ORDER - 12;

    /// @dev An account (owner, token, amount), shares of a pool (owner, pool, shares), or a pool half (token, amount, shares in total).
    struct Holding {
        address owner;
        uint32 token;
        uint24 pool;
        uint128 amount;
        uint128 shares;
    }

    struct Request {
        bool isDeposit;
        address owner;
        uint32 token;
        uint128 amount;
        uint24 leaf;
        /// Of a full exit: the fewest coins that will do.
        uint128 least;
        /// Block that served it; 0: none.
        uint32 servedIn;
        /// What the block paid for a full exit.
        uint128 paid;
    }

    LedgerVerifier internal verifier;
    /// Last sealed block.
    uint32 internal sealedBlocks;
    mapping(uint32 blockNumber => mapping(uint8 chain => Holding[LEAVES])) private _holdings;
    /// Coins that no leaf has: fees that nobody collected.
    mapping(uint32 blockNumber => mapping(uint8 chain => mapping(uint32 token => uint256))) internal unowned;
    /// What the blocks up to one pay out.
    mapping(
        uint32 blockNumber => mapping(uint8 chain => mapping(address owner => mapping(uint32 token => uint256)))
    ) internal paidOut;
    mapping(uint8 chain => Request[] list) internal requests;
    /// Requests that blocks have served, with those of the block that is worked on.
    mapping(uint8 chain => uint64 count) internal servedRequests;
    /// On-chain bytes of the block that is worked on.
    mapping(uint8 chain => bytes onchainBytes) internal openBytes;
    address[] internal owners;

    // ── operations of the block that is worked on ───────────────────────────────────────────────────────────────────────

    /// @dev Serves the chain's next `count` requests; those on a leaf of somebody else get nothing.
    function serve(uint8 chain, uint256 count) internal {
        for (uint256 i = 0; i < count; ++i) {
            Request storage request = requests[chain][servedRequests[chain]++];
            request.servedIn = sealedBlocks + 1;
            openBytes[chain] = bytes.concat(
                openBytes[chain], request.isDeposit ? _deposit(chain, request) : _fullExit(chain, request)
            );
        }
    }

    function serveAll() internal {
        for (uint8 chain = 0; chain < CHAINS; ++chain) {
            serve(chain, requests[chain].length - servedRequests[chain]);
        }
    }

    /// @dev The owner withdraws to himself.
    function withdraw(uint8 chain, uint24 leaf, uint128 amount) internal {
        Holding storage from = _now(chain, leaf);
        require(from.pool == 0, "shares are not withdrawn");
        from.amount -= amount;
        paidOut[sealedBlocks + 1][chain][from.owner][from.token] += amount;
        openBytes[chain] =
            bytes.concat(openBytes[chain], abi.encodePacked(uint8(3), leaf, from.token, from.owner, amount, uint16(0)));
    }

    /// @dev A transfer, or one side of a swap: coins go from one leaf to another of their chain and token. A new account is opened for `owner`.
    function move(uint8 chain, uint24 from, uint24 to, address owner, uint128 amount) internal {
        (Holding storage source, Holding storage target) = (_now(chain, from), _now(chain, to));
        if (target.token == 0) (target.owner, target.token) = (owner, source.token);
        require(target.token == source.token, "another token");
        source.amount -= amount;
        target.amount += amount;
    }

    /// @dev The first liquidity of a half: as many shares as coins, and 1000 locked ones.
    function openPool(uint8 chain, uint24 from, uint24 pool, uint24 sharesLeaf, uint128 amount) internal {
        Holding storage source = _now(chain, from);
        source.amount -= amount;
        (_now(chain, pool).token, _now(chain, pool).amount, _now(chain, pool).shares) =
        (source.token, amount, amount + 1000);
        Holding storage lp = _now(chain, sharesLeaf);
        (lp.owner, lp.pool, lp.shares) = (source.owner, pool, amount);
    }

    /// @dev A fee that nobody collects.
    function burn(uint8 chain, uint24 leaf, uint128 amount) internal {
        Holding storage from = _now(chain, leaf);
        from.amount -= amount;
        unowned[sealedBlocks + 1][chain][from.token] += amount;
    }

    // ── blocks ──────────────────────────────────────────────────────────────────────────────────────────────────────────

    function rootOf(uint32 blockNumber) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode("final root", blockNumber))) % FIELD_ORDER;
    }

    /// @dev Fixes the block that is worked on and begins the next one with what it leaves behind.
    function _sealLedger() internal {
        uint32 n = ++sealedBlocks;
        for (uint8 chain = 0; chain < CHAINS; ++chain) {
            delete openBytes[chain];
            for (uint24 leaf = 0; leaf < LEAVES; ++leaf) {
                _holdings[n + 1][chain][leaf] = _holdings[n][chain][leaf];
                (address owner, uint32 token, uint128 amount) = claimOf(n, chain, leaf);
                if (amount != 0) verifier.say(rootOf(n), chain, leaf, owner, token, amount);
            }
            for (uint32 token = NATIVE; token <= TOKEN; ++token) {
                unowned[n + 1][chain][token] = unowned[n][chain][token];
                for (uint256 i = 0; i < owners.length; ++i) {
                    paidOut[n + 1][chain][owners[i]][token] = paidOut[n][chain][owners[i]][token];
                }
            }
        }
    }

    /// @dev What the owner of a leaf may leave with after block `n`; zeros for none.
    function claimOf(uint32 n, uint8 chain, uint24 leaf)
        internal
        view
        returns (address owner, uint32 token, uint128 amount)
    {
        Holding storage holding = _holdings[n][chain][leaf];
        if (holding.owner == address(0)) return (address(0), 0, 0);
        if (holding.pool == 0) return (holding.owner, holding.token, holding.amount);
        Holding storage pool = _holdings[n][chain][holding.pool];
        amount = uint128(uint256(holding.shares) * pool.amount / pool.shares);
        return (holding.owner, pool.token, amount);
    }

    /// @dev What nobody can ever claim after block `n`: fees that nobody collected, and of pools what no share stands for.
    function nobodysOf(uint32 n, uint8 chain, uint32 token) internal view returns (uint256 amount) {
        amount = unowned[n][chain][token];
        uint256 claimed = 0;
        for (uint24 leaf = 0; leaf < LEAVES; ++leaf) {
            Holding storage holding = _holdings[n][chain][leaf];
            if (holding.owner == address(0) && holding.token == token) amount += holding.amount;
            (, uint32 paidToken, uint128 claim) = claimOf(n, chain, leaf);
            if (holding.pool != 0 && paidToken == token) claimed += claim;
        }
        amount -= claimed;
    }

    /// @dev All that `owner` must get on a chain when the rollup ends with block `m`, wherever it was at that moment.
    function dueAt(uint32 m, uint8 chain, address owner, uint32 token, uint96 bond, address bondReceiver)
        internal
        view
        returns (uint256 due)
    {
        due = paidOut[m][chain][owner][token];
        for (uint24 leaf = 0; leaf < LEAVES; ++leaf) {
            (address holder, uint32 paidToken, uint128 amount) = claimOf(m, chain, leaf);
            if (holder == owner && paidToken == token) due += amount;
        }
        for (uint256 i = 0; i < requests[chain].length; ++i) {
            Request storage request = requests[chain][i];
            bool served = request.servedIn != 0 && request.servedIn <= m;
            if (request.isDeposit) {
                if (!served && request.owner == owner && request.token == token) due += request.amount;
            } else if (token == NATIVE) {
                if ((served && request.paid == 0 ? bondReceiver : request.owner) == owner) due += bond;
            }
        }
    }

    function _now(uint8 chain, uint24 leaf) internal view returns (Holding storage) {
        return _holdings[sealedBlocks + 1][chain][leaf];
    }

    function _deposit(uint8 chain, Request storage request) private returns (bytes memory) {
        Holding storage holding = _now(chain, request.leaf);
        (holding.owner, holding.token) = (request.owner, request.token);
        holding.amount += request.amount;
        return abi.encodePacked(uint8(1), request.leaf, request.token, request.owner, request.amount, KEY_X, KEY_Y);
    }

    function _fullExit(uint8 chain, Request storage request) private returns (bytes memory) {
        Holding storage holding = _now(chain, request.leaf);
        uint32 token = 0;
        uint128 shares = 0;
        (, uint32 dueToken, uint128 due) = claimOf(sealedBlocks + 1, chain, request.leaf);
        if (holding.owner == request.owner && due >= request.least) {
            (token, request.paid) = (dueToken, due);
            if (holding.pool != 0) {
                Holding storage pool = _now(chain, holding.pool);
                shares = holding.shares;
                pool.amount -= request.paid;
                pool.shares -= shares;
                holding.shares = 0;
            }
            holding.amount = 0;
            paidOut[sealedBlocks + 1][chain][request.owner][token] += request.paid;
        }
        return abi.encodePacked(uint8(2), request.leaf, token, request.owner, request.paid, shares, request.least);
    }
}
