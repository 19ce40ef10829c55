// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { IVerifier } from "../../src/interfaces/IVerifier.sol";
import { KeyId, Statement } from "../../src/types/Statement.sol";
import { Ledger, State } from "./Ledger.sol";
import { CHAINS, PLACES, Places } from "./Places.sol";

/// @notice TEST DOUBLE of the verifier: it knows the model, so it accepts what a proof could show and nothing else. Of blocks: the public inputs of those that
/// the model made by its rules. Of exits: what the state says that a final root stands for.
contract Truth is IVerifier {
    using Ledger for State;

    mapping(uint256 root => State state) private _states;
    mapping(bytes32 statement => bool known) private _known;
    address[] private _people;

    constructor(address[] memory people) {
        _people = people;
    }

    function record(uint256 root, State memory state) external {
        _states[root] = state;
    }

    function stateOf(uint256 root) external view returns (State memory) {
        return _states[root];
    }

    /// @notice From now on the statements of a block with these public inputs are true.
    function admit(uint256[5][] calldata segmentInputs, uint256[3] calldata joinInputs) external {
        for (uint256 i = 0; i < segmentInputs.length; ++i) {
            _known[keccak256(abi.encode(KeyId.Segment, segmentInputs[i]))] = true;
        }
        _known[keccak256(abi.encode(KeyId.Join, joinInputs))] = true;
    }

    /// @inheritdoc IVerifier
    function verifyBatch(Statement[] calldata statements) external view returns (bool) {
        for (uint256 i = 0; i < statements.length; ++i) {
            Statement calldata statement = statements[i];
            bool holds = statement.key == KeyId.Exit
                ? _exitHolds(statement.inputs)
                : _known[keccak256(abi.encodePacked(uint256(statement.key), statement.inputs))];
            if (!holds) return false;
        }
        return statements.length != 0;
    }

    /// @dev Inputs: final root, chain index, leaf index, owner, token, amount.
    function _exitHolds(uint256[] calldata inputs) private view returns (bool) {
        State memory state = _states[inputs[0]];
        // A root that was never recorded stands for nothing.
        if (state.totalShares[0] == 0 || inputs[1] >= CHAINS) return false;
        uint8 chain = uint8(inputs[1]);
        uint8 place = Places.placeOf(inputs[2]);
        if (place >= PLACES) return false;
        return inputs[3] == uint160(_people[Places.personOf(place)]) && inputs[4] == Places.tokenOf(chain, place)
            && inputs[5] == state.worth(chain, place);
    }
}
