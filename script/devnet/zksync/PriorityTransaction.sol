// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";

import {
    L1_GAS_PER_PUBDATA_BYTE,
    L1_TX_DELTA_544_ENCODING_BYTES,
    L1_TX_DELTA_FACTORY_DEPS_L2_GAS,
    L1_TX_DELTA_FACTORY_DEPS_PUBDATA,
    L1_TX_INTRINSIC_L2_GAS,
    L1_TX_INTRINSIC_PUBDATA,
    L1_TX_MIN_L2_GAS_BASE,
    MEMORY_OVERHEAD_GAS,
    PRIORITY_OPERATION_L2_TX_TYPE,
    PRIORITY_TX_MAX_GAS_LIMIT,
    TX_SLOT_OVERHEAD_L2_GAS
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/common/Config.sol";
import {
    BytecodeError,
    LengthIsNotDivisibleBy32,
    MalformedBytecode,
    PubdataGreaterThanLimit,
    TooMuchGas,
    TxnBodyGasLimitNotEnoughGas,
    ValidateTxnNotEnoughGas
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/common/L1ContractErrors.sol";
import {
    BridgehubL2TransactionRequest,
    L2CanonicalTransaction
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/common/Messaging.sol";

/// @title Price, limits and canonical form of a zkSync transaction that comes from Ethereum
/// @notice For local chains only. Figures are those of Era on mainnet.
library PriorityTransaction {
    uint256 internal constant BATCH_OVERHEAD_L1_GAS = 1_000_000;
    uint256 internal constant MAX_PUBDATA_PER_BATCH = 120_000;
    uint256 internal constant MAX_L2_GAS_PER_BATCH = 80_000_000;
    uint256 internal constant PRIORITY_TX_MAX_PUBDATA = 99_000;
    uint256 internal constant MINIMAL_L2_GAS_PRICE = 250_000_000;

    /// @notice Price of one L2 gas (wei) at L1 gas price `l1GasPrice` (wei).
    function gasPrice(uint256 l1GasPrice, uint256 gasPerPubdata) internal pure returns (uint256) {
        uint256 batchOverhead = BATCH_OVERHEAD_L1_GAS * l1GasPrice;
        uint256 pubdataPrice = L1_GAS_PER_PUBDATA_BYTE * l1GasPrice + batchOverhead / MAX_PUBDATA_PER_BATCH;
        return Math.max(
            MINIMAL_L2_GAS_PRICE + batchOverhead / MAX_L2_GAS_PER_BATCH, Math.ceilDiv(pubdataPrice, gasPerPubdata)
        );
    }

    /// @param txId number in the priority queue; it is the transaction's nonce
    function canonical(BridgehubL2TransactionRequest memory request, uint256 txId, uint256 l2GasPrice)
        internal
        pure
        returns (L2CanonicalTransaction memory transaction, bytes32 canonicalTxHash)
    {
        transaction = L2CanonicalTransaction({
            txType: PRIORITY_OPERATION_L2_TX_TYPE,
            from: uint160(request.sender),
            to: uint160(request.contractL2),
            gasLimit: request.l2GasLimit,
            gasPerPubdataByteLimit: request.l2GasPerPubdataByteLimit,
            maxFeePerGas: l2GasPrice,
            maxPriorityFeePerGas: 0,
            paymaster: 0,
            nonce: txId,
            value: request.l2Value,
            reserved: [request.mintValue, uint160(request.refundRecipient), 0, 0],
            data: request.l2Calldata,
            signature: "",
            factoryDeps: _hashBytecodes(request.factoryDeps),
            paymasterInput: "",
            reservedDynamic: ""
        });
        bytes memory encoded = abi.encode(transaction);
        _validate(transaction, encoded.length);
        canonicalTxHash = keccak256(encoded);
    }

    function _validate(L2CanonicalTransaction memory transaction, uint256 length) private pure {
        uint256 overhead = Math.max(TX_SLOT_OVERHEAD_L2_GAS, MEMORY_OVERHEAD_GAS * length);
        require(transaction.gasLimit >= overhead, TxnBodyGasLimitNotEnoughGas());
        uint256 bodyGas = transaction.gasLimit - overhead;
        require(bodyGas <= PRIORITY_TX_MAX_GAS_LIMIT, TooMuchGas());
        uint256 pubdata = bodyGas / transaction.gasPerPubdataByteLimit;
        require(pubdata <= PRIORITY_TX_MAX_PUBDATA, PubdataGreaterThanLimit(PRIORITY_TX_MAX_PUBDATA, pubdata));

        uint256 dependencies = transaction.factoryDeps.length;
        uint256 computation = Math.max(
            L1_TX_INTRINSIC_L2_GAS + Math.ceilDiv(length * L1_TX_DELTA_544_ENCODING_BYTES, 544) + dependencies
                * L1_TX_DELTA_FACTORY_DEPS_L2_GAS,
            L1_TX_MIN_L2_GAS_BASE
        );
        uint256 publishing = (L1_TX_INTRINSIC_PUBDATA + dependencies * L1_TX_DELTA_FACTORY_DEPS_PUBDATA)
            * transaction.gasPerPubdataByteLimit;
        require(bodyGas >= computation + publishing, ValidateTxnNotEnoughGas());
    }

    /// @dev zkSync's bytecode hash: version 1, length in words, sha256 of the code in the low 28 bytes.
    function _hashBytecodes(bytes[] memory bytecodes) private pure returns (uint256[] memory hashes) {
        hashes = new uint256[](bytecodes.length);
        for (uint256 i; i < bytecodes.length; ++i) {
            uint256 length = bytecodes[i].length;
            require(length % 32 == 0, LengthIsNotDivisibleBy32(length));
            uint256 words = length / 32;
            require(words < 1 << 16, MalformedBytecode(BytecodeError.NumberOfWords));
            require(words % 2 == 1, MalformedBytecode(BytecodeError.WordsMustBeOdd));
            hashes[i] = (uint256(sha256(bytecodes[i])) & type(uint224).max) | (words << 224) | (1 << 248);
        }
    }
}
