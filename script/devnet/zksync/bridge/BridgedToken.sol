// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {
    IBridgedStandardToken
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/bridge/interfaces/IBridgedStandardToken.sol";
import { Unauthorized } from "@matterlabs/zksync-contracts/contracts/l1-contracts/common/L1ContractErrors.sol";
import {
    L2_ASSET_ROUTER_ADDR
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/common/l2-helpers/L2ContractAddresses.sol";

import { BridgeData } from "./BridgeData.sol";

/// @title Stand-in for a token of another chain
/// @notice For local chains only. The vault that deployed it mints and burns. Name, symbol and decimals are the origin's, as far as it has
/// them. It refuses with the texts of the deployed one; that one has permits besides.
contract BridgedToken is IERC20, IBridgedStandardToken {
    /// @inheritdoc IBridgedStandardToken
    // solhint-disable-next-line immutable-vars-naming
    address public immutable nativeTokenVault;
    /// @inheritdoc IBridgedStandardToken
    address public originToken;
    /// @inheritdoc IBridgedStandardToken
    bytes32 public assetId;
    string public name;
    string public symbol;
    uint8 public decimals;
    /// @inheritdoc IERC20
    uint256 public totalSupply;
    /// @inheritdoc IERC20
    mapping(address account => uint256 balance) public balanceOf;
    /// @inheritdoc IERC20
    mapping(address owner => mapping(address spender => uint256 amount)) public allowance;

    modifier onlyVault() {
        require(msg.sender == nativeTokenVault, Unauthorized(msg.sender));
        _;
    }

    constructor() {
        nativeTokenVault = msg.sender;
    }

    /// @param tokenData see BridgeData
    function bridgeInitialize(bytes32 asset, address token, bytes calldata tokenData) external onlyVault {
        (, bytes memory name_, bytes memory symbol_, bytes memory decimals_) = BridgeData.decodeTokenData(tokenData);
        assetId = asset;
        originToken = token;
        // What the token did not answer, or not as a string, is left out.
        try this.decodeString(name_) returns (string memory text) {
            name = text;
        } catch { }
        try this.decodeString(symbol_) returns (string memory text) {
            symbol = text;
        } catch { }
        if (decimals_.length == 32) decimals = uint8(uint256(bytes32(decimals_)));
        emit BridgeInitialize(token, name, symbol, decimals);
    }

    function decodeString(bytes memory data) external pure returns (string memory) {
        return abi.decode(data, (string));
    }

    function bridgeMint(address account, uint256 amount) external onlyVault {
        // solhint-disable-next-line gas-custom-errors
        require(account != address(0), "ERC20: mint to the zero address");
        totalSupply += amount;
        balanceOf[account] += amount;
        emit Transfer(address(0), account, amount);
        emit BridgeMint(account, amount);
    }

    function bridgeBurn(address account, uint256 amount) external onlyVault {
        // solhint-disable-next-line gas-custom-errors, reason-string
        require(balanceOf[account] >= amount, "ERC20: burn amount exceeds balance");
        balanceOf[account] -= amount;
        totalSupply -= amount;
        emit Transfer(account, address(0), amount);
        emit BridgeBurn(account, amount);
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        _transfer(msg.sender, to, amount);
        return true;
    }

    function approve(address spender, uint256 amount) external returns (bool) {
        // solhint-disable-next-line gas-custom-errors, reason-string
        require(spender != address(0), "ERC20: approve to the zero address");
        allowance[msg.sender][spender] = amount;
        emit Approval(msg.sender, spender, amount);
        return true;
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        uint256 allowed = allowance[from][msg.sender];
        if (allowed != type(uint256).max) {
            // solhint-disable-next-line gas-custom-errors
            require(allowed >= amount, "ERC20: insufficient allowance");
            allowance[from][msg.sender] = allowed - amount;
            emit Approval(from, msg.sender, allowed - amount);
        }
        _transfer(from, to, amount);
        return true;
    }

    function l1Address() external view returns (address) {
        return originToken;
    }

    function l2Bridge() external pure returns (address) {
        return L2_ASSET_ROUTER_ADDR;
    }

    function _transfer(address from, address to, uint256 amount) private {
        // solhint-disable-next-line gas-custom-errors, reason-string
        require(to != address(0), "ERC20: transfer to the zero address");
        // solhint-disable-next-line gas-custom-errors, reason-string
        require(balanceOf[from] >= amount, "ERC20: transfer amount exceeds balance");
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
        emit Transfer(from, to, amount);
    }
}
