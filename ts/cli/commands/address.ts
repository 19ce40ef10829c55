import { accountOption, keyEnvironment, keyIndexEnvironment, keyIndexOption, networkEnvironment, type CommandSpec } from './command.ts';
import { openWallet } from './wallet.ts';

export const addressCommand: CommandSpec = {
  name: 'address',
  summary: 'print the L2 address that others can send to',
  description: [
    'Derives your L2 key from a signature of your wallet and prints the L2 address (l2:…): owner, key and a checksum.',
    'After `change-key`, give the new one (--key-index): what is sent to the old one goes to a leaf of the old key.',
  ],
  options: [accountOption, keyIndexOption],
  environment: [...networkEnvironment, keyEnvironment, keyIndexEnvironment],
  examples: ['npm run cli -- address --account dave'],
  async run(context) {
    const { client } = openWallet(context);
    const [user, address] = [await client.user(), await client.address()];
    return { data: { address, ...user }, lines: [address] };
  },
};
