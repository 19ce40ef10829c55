// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { ERC1967Proxy } from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol";
import { CommonBase } from "forge-std/Base.sol";
import { StdCheats } from "forge-std/StdCheats.sol";

import { Arbitrator } from "../../src/Arbitrator.sol";
import { PrimaryRollup } from "../../src/PrimaryRollup.sol";
import { RollupExtension } from "../../src/RollupExtension.sol";
import { SecondaryRollup } from "../../src/SecondaryRollup.sol";
import { DirectGateway } from "../../src/gateways/DirectGateway.sol";
import { IRollup } from "../../src/interfaces/IRollup.sol";
import { InitializeParameters } from "../../src/types/InitializeParameters.sol";
import { TestToken } from "../utils/doubles/Tokens.sol";
import { MessageQueue, QueueL1Gateway, QueueL2Gateway } from "./MessageQueue.sol";
import { ACCOUNTS, CHAINS, ERC20_TOKEN, PEOPLE, TREASURY } from "./Places.sol";
import { Proxies } from "./Proxies.sol";
import { Truth } from "./Truth.sol";

/// @title Three chains in one EVM
/// @notice The real contracts, wired as a deployment wires them. Doubles: the verifier, which knows the model, and the message service, which is a queue.
abstract contract World is CommonBase, StdCheats {
    uint256 internal constant DEPLOYMENT_ID = uint256(keccak256("invariant deployment")) >> 8;
    uint40 internal constant EXPIRATION = 3 days;
    uint24 internal constant MAX_OPEN = 8;
    /// Full exits that may wait at the same time when each pays the price.
    uint256 internal constant MAX_AT_PRICE = 16 * uint256(MAX_OPEN);
    uint96 internal constant EXIT_BOND = 1000;
    uint64 internal constant START = 1_800_000_000;

    address internal validator = makeAddr("validator");
    address internal anyone = makeAddr("anyone");
    Truth internal truth;
    MessageQueue internal queue = new MessageQueue();
    Arbitrator internal arbitrator;
    IRollup[CHAINS] internal rollups;
    address[CHAINS] internal l1Gateways;
    TestToken[CHAINS] internal tokens;
    address[ACCOUNTS] internal accounts;
    uint256 private time = START;

    /// @param direct chain 2 is the arbitrator's own chain; else its messages wait in the queue like those of the others
    constructor(bool direct, Proxies proxies) {
        vm.warp(START);
        accounts = [makeAddr("alice"), makeAddr("bob"), makeAddr("carol"), makeAddr("mallory"), makeAddr("treasury")];
        address[] memory people = new address[](PEOPLE);
        for (uint8 i = 0; i < PEOPLE; ++i) {
            people[i] = accounts[i];
            vm.deal(people[i], 1e24);
        }
        truth = new Truth(people);
        bytes memory call = abi.encodeCall(Arbitrator.initialize, (address(this), CHAINS, 0));
        arbitrator = Arbitrator(proxies.arbitrator(address(new Arbitrator()), call));
        address extension = address(new RollupExtension());
        address secondary = address(new SecondaryRollup(extension));
        rollups[0] = _deploy(proxies, address(new PrimaryRollup(extension)), 0);
        rollups[1] = _deploy(proxies, secondary, 1);
        rollups[2] = _deploy(proxies, secondary, 2);
        for (uint8 chain = 0; chain < CHAINS; ++chain) {
            if (direct && chain == 2) _wireDirectly(chain);
            else _wire(chain);
            arbitrator.setGateway(chain, l1Gateways[chain]);
            _registerToken(chain);
        }
    }

    /// @dev The clock is the world's: it only goes forward, whoever runs the calls.
    function _wait(uint256 duration) internal {
        time += duration;
        vm.warp(time);
    }

    function _now() internal view returns (uint256) {
        return time;
    }

    /// @dev What a chain's rollup contract has of a token.
    function _vault(uint8 chain, uint32 token) internal view returns (uint256) {
        return _holding(chain, token, address(rollups[chain]));
    }

    function _holding(uint8 chain, uint32 token, address account) internal view returns (uint256) {
        return token == ERC20_TOKEN ? tokens[chain].balanceOf(account) : account.balance;
    }

    function _deploy(Proxies proxies, address implementation, uint8 chain) private returns (IRollup) {
        InitializeParameters memory parameters = InitializeParameters({
            deploymentId: DEPLOYMENT_ID,
            chainIndex: chain,
            chainCount: CHAINS,
            admin: address(this),
            governor: address(this),
            validator: validator,
            verifier: address(truth),
            priorityExpiration: EXPIRATION,
            maxOpenRequests: MAX_OPEN,
            exitBond: EXIT_BOND,
            bondReceiver: accounts[TREASURY],
            // Time is not what is tested here: a block may be as old as it likes.
            timestampPastTolerance: type(uint32).max,
            timestampFutureTolerance: 15 minutes
        });
        // Both rollups have this initialize.
        return IRollup(proxies.rollup(implementation, abi.encodeCall(PrimaryRollup.initialize, (parameters))));
    }

    function _wire(uint8 chain) private {
        QueueL1Gateway up = QueueL1Gateway(
            _proxy(
                address(new QueueL1Gateway()),
                abi.encodeCall(QueueL1Gateway.initialize, (address(this), address(arbitrator), queue))
            )
        );
        QueueL2Gateway down = QueueL2Gateway(
            _proxy(
                address(new QueueL2Gateway()),
                abi.encodeCall(QueueL2Gateway.initialize, (address(this), address(rollups[chain]), queue))
            )
        );
        up.setRemoteGateway(address(down));
        down.setRemoteGateway(address(up));
        rollups[chain].setGateway(address(down));
        l1Gateways[chain] = address(up);
    }

    function _wireDirectly(uint8 chain) private {
        bytes memory call =
            abi.encodeCall(DirectGateway.initialize, (address(this), address(arbitrator), address(rollups[chain])));
        l1Gateways[chain] = _proxy(address(new DirectGateway()), call);
        rollups[chain].setGateway(l1Gateways[chain]);
    }

    function _registerToken(uint8 chain) private {
        tokens[chain] = new TestToken();
        rollups[chain].registerToken(ERC20_TOKEN, address(tokens[chain]));
        for (uint8 i = 0; i < PEOPLE; ++i) {
            tokens[chain].mint(accounts[i], 1e24);
            vm.prank(accounts[i]);
            tokens[chain].approve(address(rollups[chain]), type(uint256).max);
        }
    }

    function _proxy(address implementation, bytes memory call) private returns (address) {
        return address(new ERC1967Proxy(implementation, call));
    }
}
