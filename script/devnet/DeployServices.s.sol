// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { LocalChain } from "../../src/libraries/LocalChain.sol";
import { ChainConfig, Config, ServiceKind } from "../Config.sol";
import { ConfigReader } from "../ConfigReader.sol";
import { Networks } from "../Networks.sol";
import { TestToken } from "./TestToken.sol";
import { L2MessageService } from "./linea/L2MessageService.sol";
import { LineaRollup } from "./linea/LineaRollup.sol";
import { PauseManager } from "./linea/PauseManager.sol";
import { Bridgehub } from "./zksync/Bridgehub.sol";
import { ZkSyncChain } from "./zksync/ZkSyncChain.sol";

/// @title Puts what real networks have already onto local chains: message services and a token
/// @notice forge script script/devnet/DeployServices.s.sol --sig 'run(string,address,address[])' <config.json> <operator> <users> --broadcast --multi
/// Writes their addresses to services.json beside the config, in order of chains; ts/devnet/deploy.ts fills them into the config, which
/// script/Deploy.s.sol then reads as for any network. L1Messenger is a system contract: whoever
/// runs the chain puts its code at 0x8008 first.
contract DeployServices is Networks {
    /// @notice The simulated services would let their operator forge any message.
    error NotALocalChain(string name, uint256 chainId);
    error NoL1Messenger(address expected);
    error ServiceNotFunded(address service, uint256 amount);

    uint256 private constant TOKENS_FOR_A_USER = 1_000_000;
    /// @dev Era has a huge balance for claimed values from its genesis on; so has Linea's service.
    uint256 private constant SERVICE_BALANCE = 1_000 ether;
    uint256 private constant RATE_LIMIT_PERIOD = 1 days;
    uint256 private constant RATE_LIMIT_AMOUNT = 1_000 ether;

    bool private _broadcasting;

    function run(string memory configPath, address operator, address[] memory users) external {
        Config memory config = ConfigReader.read(configPath);
        _requireLocal("arbitrator", config.arbitratorChainId);
        for (uint256 i = 0; i < config.chains.length; ++i) {
            _requireLocal(config.chains[i].name, config.chains[i].chainId);
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
        bytes32 salt = _salt(config, index);
        PauseManager.RoleAddress[] memory roles = new PauseManager.RoleAddress[](1);
        PauseManager.PauseTypeRole[] memory none = new PauseManager.PauseTypeRole[](0);

        _enter(config, index);
        L2MessageService l2 = new L2MessageService{ salt: salt }();
        roles[0] = PauseManager.RoleAddress({ addressWithRole: operator, role: keccak256("L1_L2_MESSAGE_SETTER_ROLE") });
        l2.initialize(RATE_LIMIT_PERIOD, RATE_LIMIT_AMOUNT, msg.sender, roles, none, none);
        (bool funded,) = address(l2).call{ value: SERVICE_BALANCE }("");
        require(funded, ServiceNotFunded(address(l2), SERVICE_BALANCE));
        uint256 genesisTimestamp = block.timestamp;

        _enterArbitrator(config);
        LineaRollup l1 = new LineaRollup{ salt: salt }();
        roles[0] = PauseManager.RoleAddress({ addressWithRole: operator, role: keccak256("OPERATOR_ROLE") });
        l1.initialize(
            LineaRollup.InitializationData({
                initialStateRootHash: keccak256("devnet"),
                initialL2BlockNumber: 0,
                genesisTimestamp: genesisTimestamp,
                rateLimitPeriodInSeconds: RATE_LIMIT_PERIOD,
                rateLimitAmountInWei: RATE_LIMIT_AMOUNT,
                defaultAdmin: msg.sender,
                roleAddresses: roles,
                pauseTypeRoles: none,
                unpauseTypeRoles: none
            })
        );
        return string.concat(_member("l1Service", address(l1)), ",", _member("l2Service", address(l2)));
    }

    function _deployZkSync(Config memory config, uint256 index, address operator) private returns (string memory) {
        ChainConfig memory chain = config.chains[index];
        _enter(config, index);
        if (chain.service.l2Service.code.length == 0) revert NoL1Messenger(chain.service.l2Service);

        _enterArbitrator(config);
        bytes32 salt = _salt(config, index);
        Bridgehub bridgehub = new Bridgehub{ salt: salt }(msg.sender);
        ZkSyncChain diamond = new ZkSyncChain{ salt: salt }(chain.chainId, address(bridgehub), msg.sender);
        bridgehub.registerAlreadyDeployedZKChain(chain.chainId, address(diamond));
        diamond.setValidator(operator, true);
        return string.concat(_member("bridgehub", address(bridgehub)), ",", _member("diamond", address(diamond)));
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
