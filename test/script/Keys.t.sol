// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { ChainConfig, Config, ConfigRules, Contracts } from "../../script/Config.sol";
import { KeyPermission } from "../../script/KeyPermission.sol";
import { Verifier } from "../../src/Verifier.sol";
import { VerifyingKeys } from "../../src/generated/VerifyingKeys.sol";
import { IKeyOrigin } from "../../src/interfaces/IVerifier.sol";
import { DeployBase } from "../utils/DeployBase.sol";

/// @notice Development keys stay on local chains.
contract KeysTest is DeployBase {
    bytes32 private constant CEREMONY = keccak256("a transcript");

    /// @notice One chain that is not local is enough, whichever it is and wherever the verifier is.
    function test_developmentKeysAreRefusedWhereAnyChainIsNotLocal() public {
        for (uint256 which = 0; which < 3; ++which) {
            Config memory config = _realConfig(which);
            string memory chain = which == 2 ? "arbitrator" : config.chains[which].name;
            vm.expectRevert(
                abi.encodeWithSelector(
                    ConfigRules.DevelopmentKeys.selector,
                    chain,
                    59_144,
                    "development keys: made from public beacons, everybody can forge proofs for them",
                    "make keys by a ceremony (circuits/README.md); for local chains with real ids set ALLOW_DEVELOPMENT_KEYS=1"
                )
            );
            this.requireKeys(config, 0, false);
        }
    }

    function test_developmentKeysAreAllowedOnLocalChainsAndOnRequest() public view {
        this.requireKeys(_smallConfig(31_337), 0, false);
        this.requireKeys(_smallConfig(1337), 0, false);
        this.requireKeys(_smallConfig(31_399), 0, false);
        this.requireKeys(_smallConfig(1), 0, true);
    }

    function test_aCeremonysKeysAreAllowedEverywhere() public view {
        this.requireKeys(_smallConfig(1), CEREMONY, false);
        this.requireKeys(_smallConfig(59_144), CEREMONY, false);
    }

    function test_neighboursOfLocalChainIdsAreNotLocal() public {
        uint256[5] memory ids = [uint256(1336), 1338, 31_336, 31_400, 0];
        for (uint256 i = 0; i < ids.length; ++i) {
            vm.expectPartialRevert(ConfigRules.DevelopmentKeys.selector);
            this.requireKeys(_smallConfig(ids[i]), 0, false);
        }
    }

    /// @notice The script refuses before it has made anything, and deploys and reads back when it was asked to.
    function test_deploymentToRealChains() public {
        Config memory config = _realConfig(0);
        config.timelockDelay = config.priorityExpiration + 7 days + 1;
        if (VerifyingKeys.TRANSCRIPT_HASH == 0) {
            uint64 nonce = vm.getNonce(DEPLOYER);
            vm.expectPartialRevert(ConfigRules.DevelopmentKeys.selector);
            this.deploy(config);
            assertEq(vm.getNonce(DEPLOYER), nonce, "nothing was sent");
        }
        allowsDevelopmentKeys = true;
        Contracts memory contracts = _deploy(config, DEPLOYER);
        this.assertAll(config, config, contracts);

        // The check of a deployment refuses such keys by itself, too.
        allowsDevelopmentKeys = false;
        if (VerifyingKeys.TRANSCRIPT_HASH == 0) vm.expectPartialRevert(ConfigRules.DevelopmentKeys.selector);
        this.assertAll(config, config, contracts);
    }

    /// @notice Whoever deploys the verifier by hand is refused by the verifier itself.
    function test_verifierByHand() public {
        vm.stopPrank();
        bool development = VerifyingKeys.TRANSCRIPT_HASH == 0;
        uint256[4] memory real = [uint256(1), 324, 59_144, 11_155_111];
        for (uint256 i = 0; i < real.length; ++i) {
            vm.chainId(real[i]);
            if (development) vm.expectRevert(abi.encodeWithSelector(IKeyOrigin.DevelopmentKeys.selector, real[i]));
            new Verifier(false);
            assertEq(new Verifier(true).transcriptHash(), VerifyingKeys.TRANSCRIPT_HASH, "on request");
        }
        vm.chainId(31_339);
        assertEq(new Verifier(false).transcriptHash(), VerifyingKeys.TRANSCRIPT_HASH, "on a local chain");
    }

    function test_aVerifierWithOtherKeysIsFound() public {
        Config memory config = _config();
        Contracts memory contracts = _deploy(config, DEPLOYER);
        address verifier = contracts.chains[0].verifier;
        vm.mockCall(verifier, abi.encodeCall(IKeyOrigin.transcriptHash, ()), abi.encode(CEREMONY));
        _expectUnexpected(config, contracts, "linea", "transcript of the verifier's keys");
        vm.clearMockedCalls();
        bytes memory code = verifier.code;
        code[code.length / 2] ^= 0x01;
        vm.etch(verifier, code);
        _expectUnexpected(config, contracts, "linea", "code of the verifier");
    }

    function test_permissionNeedsTheValueAndNodesOfThisMachine() public {
        Config memory config = _config();
        config.arbitratorRpcUrl = "http://127.0.0.1:8545";
        config.chains[0].rpcUrl = "http://localhost:8546";
        config.chains[1].rpcUrl = "http://[::1]:8547";
        vm.setEnv("DEPLOY_TEST_LOCAL_URL", "http://127.0.0.1:8545/path");
        config.chains[2].rpcUrl = "$DEPLOY_TEST_LOCAL_URL";
        KeyPermissionHarness harness = new KeyPermissionHarness();
        assertTrue(harness.allows(config, "1"), "asked for, on this machine");
        string[5] memory values = ["", "0", "true", "yes", " 1"];
        for (uint256 i = 0; i < values.length; ++i) {
            assertFalse(harness.allows(config, values[i]), "not asked for");
        }
        string[7] memory urls = [
            "https://mainnet.example",
            "http://127.0.0.1.example:8545",
            "http://localhost",
            "http://10.0.0.1:8545",
            "http://localhost:x@mainnet.example/",
            "http://127.0.0.1:8545@mainnet.example",
            "http://localhost:8545?@mainnet.example/"
        ];
        for (uint256 i = 0; i < urls.length; ++i) {
            config.chains[1].rpcUrl = urls[i];
            assertFalse(harness.allows(config, "1"), "not on this machine");
        }
        config.chains[1].rpcUrl = "http://127.0.0.1:1";
        config.arbitratorRpcUrl = "http://mainnet.example:8545";
        assertFalse(harness.allows(config, "1"), "the arbitrator's node is not on this machine");
    }

    function test_inWords() public pure {
        assertEq(
            ConfigRules.describeKeys(bytes32(uint256(0xab))),
            "keys of the ceremony with transcript 0x00000000000000000000000000000000000000000000000000000000000000ab"
        );
    }

    // ── reached from outside, so that a revert can be expected ────────────────────────────────────────────────────────────

    function requireKeys(Config memory config, bytes32 transcriptHash, bool allowed) external pure {
        ConfigRules.checkKeys(config, transcriptHash, allowed);
    }

    /// @dev One chain alone, with its arbitrator.
    function _smallConfig(uint256 chainId) internal pure returns (Config memory config) {
        config.arbitratorChainId = chainId;
        config.chains = new ChainConfig[](1);
        config.chains[0].name = "only";
        config.chains[0].chainId = chainId;
    }

    /// @dev The default topology, one network of which (2: the arbitrator's) has a real network's id.
    function _realConfig(uint256 which) internal returns (Config memory config) {
        config = _config();
        config.chains[which].chainId = 59_144;
        if (which == 2) config.arbitratorChainId = 59_144;
    }
}

/// @notice Reads the permission as the scripts do, from a value instead of the environment.
contract KeyPermissionHarness is KeyPermission {
    function allows(Config memory config, string memory value) external view returns (bool) {
        return _allows(config, value);
    }
}
