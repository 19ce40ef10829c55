// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {
    L2_ASSET_ROUTER_ADDR,
    L2_BASE_TOKEN_SYSTEM_CONTRACT_ADDR,
    L2_NATIVE_TOKEN_VAULT_ADDR
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/common/l2-helpers/L2ContractAddresses.sol";

import { LocalChain } from "../../src/libraries/LocalChain.sol";
import { ChainConfig, Config, ServiceKind } from "../Config.sol";
import { ConfigReader } from "../ConfigReader.sol";
import { KeyPermission } from "../KeyPermission.sol";
import { Networks } from "../Networks.sol";
import { TestToken } from "./TestToken.sol";
import { AddressFilter } from "./linea/AddressFilter.sol";
import { L2MessageService } from "./linea/L2MessageService.sol";
import { LineaRollup } from "./linea/LineaRollup.sol";
import { OperatorVerifier } from "./linea/OperatorVerifier.sol";
import { PauseManager } from "./linea/PauseManager.sol";
import { Bridgehub } from "./zksync/Bridgehub.sol";
import { EraBridges, EraContracts } from "./zksync/EraBridges.sol";
import { ZkSyncChain } from "./zksync/ZkSyncChain.sol";
import { L1AssetRouter } from "./zksync/bridge/L1AssetRouter.sol";
import { L1NativeTokenVault } from "./zksync/bridge/L1NativeTokenVault.sol";
import { L1Nullifier } from "./zksync/bridge/L1Nullifier.sol";
import { L2AssetRouter } from "./zksync/bridge/L2AssetRouter.sol";

/// @title Puts what real networks have already onto local chains: message services and a token
/// @notice forge script script/devnet/DeployServices.s.sol --sig 'run(string,address,address[])' <config.json> <operator> <users> --broadcast --multi
/// Writes their addresses to services.json beside the config, in order of chains; ts/devnet/deploy.ts fills them into the config, which
/// script/Deploy.s.sol then reads as for any network. zkSync's system contracts are there first: whoever
/// runs the chain puts their code at 0x8008, 0x800a, 0x10003 and 0x10004. Linea's services and zkSync's contracts on Ethereum are set up where
/// the config names addresses that have their code, and deployed where it names none. Chains that go by real networks' ids are local only by
/// ALLOW_DEVELOPMENT_KEYS=1 (KeyPermission.sol).
contract DeployServices is Networks, KeyPermission {
    /// @notice The simulated services would let their operator forge any message.
    error NotALocalChain(string name, uint256 chainId);
    error NoCodeInPlace(address expected);
    error ServiceNotFunded(address service, uint256 amount);

    uint256 private constant TOKENS_FOR_A_USER = 1_000_000;
    /// @dev Era has a huge balance for claimed values from its genesis on; so has Linea's service.
    uint256 private constant SERVICE_BALANCE = 1_000 ether;
    uint256 private constant RATE_LIMIT_PERIOD = 1 days;
    uint256 private constant RATE_LIMIT_AMOUNT = 1_000 ether;

    bool private _broadcasting;
    /// @dev The config: what is placed is named only there.
    string private _json;

    function run(string memory configPath, address operator, address[] memory users) external {
        _json = vm.readFile(configPath);
        Config memory config = ConfigReader.parse(_json);
        if (!_allowsDevelopmentKeys(config)) {
            _requireLocal("arbitrator", config.arbitratorChainId);
            for (uint256 i = 0; i < config.chains.length; ++i) {
                _requireLocal(config.chains[i].name, config.chains[i].chainId);
            }
        }
        string memory chains = "";
        for (uint256 i = 0; i < config.chains.length; ++i) {
            string memory services = "";
            if (config.chains[i].service.kind == ServiceKind.Linea) services = _deployLinea(config, i, operator);
            if (config.chains[i].service.kind == ServiceKind.ZkSync) services = _deployZkSync(config, i, operator);
            string memory tokens = _deployTokens(config, i, users);
            chains =
                string.concat(chains, i == 0 ? "" : ",", '{"messageService":{', services, '},"tokens":[', tokens, "]}");
        }
        vm.stopBroadcast();
        vm.writeFile(
            string.concat("script/deployments/", config.name, "/services.json"),
            string.concat('{"chains":[', chains, "]}\n")
        );
    }

    function _deployLinea(Config memory config, uint256 index, address operator) private returns (string memory) {
        _enter(config, index);
        address place = config.chains[index].service.l2Service;
        if (place == address(0)) place = address(new L2MessageService{ salt: _salt(config, index) }());
        _requireCode(place);
        L2MessageService l2 = L2MessageService(payable(place));
        PauseManager.PauseTypeRole[] memory none = new PauseManager.PauseTypeRole[](0);
        l2.initialize(
            RATE_LIMIT_PERIOD, RATE_LIMIT_AMOUNT, msg.sender, _one(operator, "L1_L2_MESSAGE_SETTER_ROLE"), none, none
        );
        (bool funded,) = address(l2).call{ value: SERVICE_BALANCE }("");
        require(funded, ServiceNotFunded(address(l2), SERVICE_BALANCE));
        address l1 = _deployRollup(config, index, operator, place, block.timestamp, block.number);
        return string.concat(_member("l1Service", l1), ",", _member("l2Service", place));
    }

    function _deployRollup(
        Config memory config,
        uint256 index,
        address operator,
        address l2Service,
        uint256 genesisTimestamp,
        uint256 genesisBlock
    ) private returns (address place) {
        bytes32 salt = _salt(config, index);
        _enterArbitrator(config);
        place = config.chains[index].service.l1Service;
        if (place == address(0)) place = address(new LineaRollup{ salt: salt }());
        _requireCode(place);
        address verifier = _deployLineaVerifier(config.chains[index].chainId, l2Service, salt);
        _initializeRollup(LineaRollup(place), _one(operator, "OPERATOR_ROLE"), genesisTimestamp, genesisBlock, verifier);
    }

    function _one(address account, string memory role) private pure returns (PauseManager.RoleAddress[] memory roles) {
        roles = new PauseManager.RoleAddress[](1);
        roles[0] = PauseManager.RoleAddress({ addressWithRole: account, role: keccak256(bytes(role)) });
    }

    /// @param genesisBlock counts as finalized, with all before it: the blocks that a fork of Linea began with are another network's
    function _initializeRollup(
        LineaRollup rollup,
        PauseManager.RoleAddress[] memory roles,
        uint256 genesisTimestamp,
        uint256 genesisBlock,
        address verifier
    ) private {
        rollup.initialize(
            LineaRollup.BaseInitializationData({
                initialStateRootHash: keccak256("devnet"),
                initialL2BlockNumber: genesisBlock,
                genesisTimestamp: genesisTimestamp,
                defaultVerifier: verifier,
                rateLimitPeriodInSeconds: RATE_LIMIT_PERIOD,
                rateLimitAmountInWei: RATE_LIMIT_AMOUNT,
                roleAddresses: roles,
                pauseTypeRoles: new PauseManager.PauseTypeRole[](0),
                unpauseTypeRoles: new PauseManager.PauseTypeRole[](0),
                defaultAdmin: msg.sender,
                shnarfProvider: address(0),
                addressFilter: address(new AddressFilter{ salt: bytes32(uint256(uint160(verifier))) }())
            }),
            msg.sender,
            msg.sender
        );
    }

    function _deployLineaVerifier(uint256 chainId, address l2Service, bytes32 salt) private returns (address) {
        OperatorVerifier.ChainConfigurationParameter[] memory parameters =
            new OperatorVerifier.ChainConfigurationParameter[](2);
        parameters[0] = OperatorVerifier.ChainConfigurationParameter(bytes32(chainId), "chainId");
        parameters[1] = OperatorVerifier.ChainConfigurationParameter(
            bytes32(uint256(uint160(l2Service))), "l2MessageServiceAddress"
        );
        return address(new OperatorVerifier{ salt: salt }(parameters));
    }

    function _deployZkSync(Config memory config, uint256 index, address operator) private returns (string memory) {
        ChainConfig memory chain = config.chains[index];
        _enterArbitrator(config);
        (Bridgehub bridgehub, ZkSyncChain diamond, L1AssetRouter router) = chain.service.l1Service == address(0)
            ? EraBridges.deploy(msg.sender, chain.chainId, _salt(config, index))
            : _connectZkSync(chain, index);
        diamond.setValidator(operator, true);

        _enter(config, index);
        _requireCode(chain.service.l2Service);
        _requireCode(L2_BASE_TOKEN_SYSTEM_CONTRACT_ADDR);
        _requireCode(L2_ASSET_ROUTER_ADDR);
        _requireCode(L2_NATIVE_TOKEN_VAULT_ADDR);
        L2AssetRouter(L2_ASSET_ROUTER_ADDR)
            .initialize(msg.sender, config.arbitratorChainId, chain.chainId, address(router));
        return string.concat(_member("bridgehub", address(bridgehub)), ",", _member("diamond", address(diamond)));
    }

    /// @dev Their constructors ran where they are.
    function _connectZkSync(ChainConfig memory chain, uint256 index)
        private
        returns (Bridgehub bridgehub, ZkSyncChain diamond, L1AssetRouter router)
    {
        string memory key = string.concat(".chains[", vm.toString(index), "].messageService.");
        EraContracts memory placed = EraContracts({
            bridgehub: Bridgehub(chain.service.l1Service),
            chain: ZkSyncChain(payable(chain.service.diamond)),
            nullifier: L1Nullifier(vm.parseJsonAddress(_json, string.concat(key, "l1Nullifier"))),
            router: L1AssetRouter(vm.parseJsonAddress(_json, string.concat(key, "l1AssetRouter"))),
            vault: L1NativeTokenVault(payable(vm.parseJsonAddress(_json, string.concat(key, "l1NativeTokenVault"))))
        });
        _requireCode(address(placed.bridgehub));
        _requireCode(address(placed.chain));
        _requireCode(address(placed.nullifier));
        _requireCode(address(placed.router));
        _requireCode(address(placed.vault));
        EraBridges.connect(placed, chain.chainId);
        return (placed.bridgehub, placed.chain, placed.router);
    }

    function _requireCode(address expected) private view {
        if (expected.code.length == 0) revert NoCodeInPlace(expected);
    }

    function _deployTokens(Config memory config, uint256 index, address[] memory users)
        private
        returns (string memory tokens)
    {
        _enter(config, index);
        for (uint256 i = 0; i < config.chains[index].tokens.length; ++i) {
            TestToken token = new TestToken{ salt: keccak256(abi.encode(_salt(config, index), i)) }();
            for (uint256 j = 0; j < users.length; ++j) {
                token.mint(users[j], TOKENS_FOR_A_USER * 10 ** token.decimals());
            }
            tokens = string.concat(tokens, i == 0 ? "{" : ",{", _member("address", address(token)), "}");
        }
    }

    function _requireLocal(string memory name, uint256 chainId) private pure {
        if (!LocalChain.isLocal(chainId)) revert NotALocalChain(name, chainId);
    }

    function _salt(Config memory config, uint256 index) private pure returns (bytes32) {
        return keccak256(abi.encode(config.name, "services", index));
    }

    function _member(string memory key, address value) private pure returns (string memory) {
        return string.concat('"', key, '":"', vm.toString(value), '"');
    }

    function _enter(Config memory config, uint256 index) private {
        if (_broadcasting) vm.stopBroadcast();
        _selectChain(config, index);
        vm.startBroadcast(msg.sender);
        _broadcasting = true;
    }

    function _enterArbitrator(Config memory config) private {
        if (_broadcasting) vm.stopBroadcast();
        _selectArbitrator(config);
        vm.startBroadcast(msg.sender);
        _broadcasting = true;
    }
}
