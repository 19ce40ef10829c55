// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { Bridgehub } from "./Bridgehub.sol";
import { ZkSyncChain } from "./ZkSyncChain.sol";
import { L1AssetRouter } from "./bridge/L1AssetRouter.sol";
import { L1NativeTokenVault } from "./bridge/L1NativeTokenVault.sol";
import { L1Nullifier } from "./bridge/L1Nullifier.sol";

/// @notice zkSync's contracts on Ethereum, for one chain.
struct EraContracts {
    Bridgehub bridgehub;
    ZkSyncChain chain;
    L1Nullifier nullifier;
    L1AssetRouter router;
    L1NativeTokenVault vault;
}

/// @title zkSync's contracts on Ethereum, put together
/// @notice For local chains only. The caller must be `owner`.
library EraBridges {
    function deploy(address owner, uint256 chainId, bytes32 salt)
        internal
        returns (Bridgehub bridgehub, ZkSyncChain chain, L1AssetRouter router)
    {
        EraContracts memory made;
        made.bridgehub = bridgehub = new Bridgehub{ salt: salt }(owner);
        made.chain = chain = new ZkSyncChain{ salt: salt }(chainId, address(bridgehub), owner);
        made.nullifier = new L1Nullifier{ salt: salt }(owner, address(bridgehub));
        // No wrapped ETH: 0 excludes nothing.
        made.router = router = new L1AssetRouter{ salt: salt }(
            owner, address(0), address(bridgehub), address(made.nullifier), chainId, address(chain)
        );
        made.vault = new L1NativeTokenVault{ salt: salt }(owner, address(0), address(router), address(made.nullifier));
        connect(made, chainId);
    }

    /// @notice Tells contracts that were made one by one of each other.
    function connect(EraContracts memory made, uint256 chainId) internal {
        made.nullifier.setL1AssetRouter(address(made.router));
        made.nullifier.setL1NativeTokenVault(made.vault);
        made.router.setNativeTokenVault(made.vault);
        made.vault.registerEthToken();
        made.bridgehub.setAddresses(address(made.router), address(0), address(0), address(0));
        made.bridgehub.registerAlreadyDeployedZKChain(chainId, address(made.chain));
    }
}
