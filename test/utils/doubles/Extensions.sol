// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

/// @notice TEST DOUBLE of an extension that refuses every call and says how it came.
contract ReportingExtension {
    error Report(address place, address sender, uint256 value, bytes data);

    fallback() external payable {
        revert Report(address(this), msg.sender, msg.value, msg.data);
    }
}

/// @notice TEST DOUBLE of an extension that answers every call with where it ran and who called.
contract AnsweringExtension {
    fallback(bytes calldata) external payable returns (bytes memory) {
        return abi.encode(address(this), msg.sender);
    }
}
