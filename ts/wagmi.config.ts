import { defineConfig } from '@wagmi/cli';
import { foundry } from '@wagmi/cli/plugins';

/**
 * Contracts whose ABI the TypeScript side uses. The list is explicit: the plugin would leave out some names by itself, and interfaces that
 * contracts implement would only double them. ts/chain/generate.ts runs this and fails when a name is missing from the result.
 */
export const abiContracts = [
  'PrimaryRollup',
  'SecondaryRollup',
  'IArbitrator',
  'IRollupGateway',
  'IArbitratorGateway',
  // Only for the names of their errors.
  'IVerifier',
  'DirectGateway',
  'TestToken',
  // Message services of the devnet and the gateways on them: the relayers' side.
  'LineaRollup',
  'L2MessageService',
  'ZkSyncChain',
  'Bridgehub',
  'L1Messenger',
  'LineaL1Gateway',
  'LineaL2Gateway',
  'ZkSyncL1Gateway',
  'ZkSyncL2Gateway',
];

export default defineConfig({
  out: 'out/wagmi/abi.ts',
  plugins: [
    foundry({
      // By file where a test double has the same name.
      include: abiContracts.map((name) => (name === 'TestToken' ? 'TestToken.sol/TestToken.json' : `${name}.json`)),
      exclude: [],
      forge: { build: false, rebuild: false },
    }),
  ],
});
