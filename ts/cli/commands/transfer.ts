import { isAddress } from 'viem';

import { formatAmount } from '../../chain/client/amount.ts';
import { encodeL2Address, isL2Address, type RollupUser } from '../../chain/client/address.ts';
import { keyOfAccount } from '../../chain/client/key.ts';
import { lookUpUser, resolveReceiver } from '../../chain/client/receiver.ts';
import { accountOption, amountOption, chainOption, feeOption, keyEnvironment, keyIndexEnvironment, keyIndexOption, networkEnvironment, tokenOption, UsageError, type CommandContext, type CommandSpec } from './command.ts';
import { isNamedAccount, privateAccountOf } from './network.ts';
import { awaitTransaction, readTransactionStage, waitForTransactionOption } from './waiting.ts';
import { openWallet, readFee, readTransfer, type WalletSession } from './wallet.ts';

export const transferCommand: CommandSpec = {
  name: 'transfer',
  summary: 'send tokens to another user on L2',
  description: [
    'Signs a transfer with your L2 key and hands it to the sequencer. The receiver needs no leaf: one is opened.',
    'An amount has about ten significant digits; when yours has more, the nearest possible ones are named.',
    'A plain address (0x…) does not say which key may spend. With --use-record the key that the sequencer has on record is taken;',
    'whoever deposited first for that address chose it, so prefer the L2 address that the receiver gives you.',
  ],
  options: [
    accountOption,
    chainOption,
    { ...tokenOption, help: 'symbol or id of the token, e.g. ETH or 1; pool-12 for shares of pool 12' },
    amountOption,
    { name: 'to', value: 'RECEIVER', required: true, help: 'L2 address (l2:…), a named account of the devnet, or 0x… with --use-record' },
    { name: 'use-record', help: "take the receiver's key from the sequencer's record" },
    feeOption,
    keyIndexOption,
    waitForTransactionOption,
  ],
  environment: [...networkEnvironment, keyEnvironment, keyIndexEnvironment],
  examples: [
    'npm run cli -- transfer --account alice --chain linea --token ETH --amount 0.25 --to bob',
    'npm run cli -- transfer --account alice --chain linea --token TST --amount 20 --to bob --fee 0.05',
    'npm run cli -- transfer --chain linea --token ETH --amount 0.25 --to l2:… --wait executed',
  ],
  async run(context) {
    const stage = readTransactionStage(context);
    const session = openWallet(context);
    const { client } = session;
    const { chain, token, amount } = await readTransfer(context, session);
    const fee = readFee(context, token);
    const to = await findReceiver(context, session);
    const text = `${formatAmount(amount, token.decimals)} ${token.symbol} on ${chain.name}`;
    context.progress.report(`transferring ${text} to ${to.owner}`);
    const { id, leafIndex, nonce, fee: paid } = await client.transfer({ chainIndex: chain.chainIndex, token: token.token, amount, to, ...(fee === undefined ? {} : { fee }) });
    const blockNumber = await awaitTransaction({ context, client, chain, id, stage });
    return {
      data: { id, chain: chain.name, token: token.symbol, amount, fee: paid, leafIndex, nonce, to: { ...to, l2Address: encodeL2Address(to) }, blockNumber, status: stage ?? 'pending' },
      lines: [
        `Transferred ${text} to ${to.owner}: ${blockNumber === undefined ? 'accepted' : `in block ${blockNumber}, ${stage}`}.`,
        `  fee ${formatAmount(paid, token.decimals)} ${token.symbol}`,
        `  transaction ${id}`,
      ],
    };
  },
};

async function findReceiver({ options, progress }: CommandContext, { network, client }: WalletSession): Promise<RollupUser> {
  const text = options.required('to');
  if (isL2Address(text)) return resolveReceiver(text);
  if (isNamedAccount(text, network)) {
    const account = privateAccountOf(text, network);
    const { publicKey } = await keyOfAccount(account);
    return { owner: account.address, keyX: publicKey.x, keyY: publicKey.y };
  }
  if (isAddress(text, { strict: false })) {
    if (!options.flag('use-record')) {
      throw new UsageError('A plain address does not say which L2 key may spend', {
        facts: { to: text },
        hint: "Ask the receiver for an L2 address (l2:…), or add --use-record to take the key that the sequencer has on record.",
      });
    }
    const user = await lookUpUser({ api: client.api, owner: text });
    progress.report("the receiver's key is taken from the sequencer's record");
    return user;
  }
  throw new UsageError('The receiver is not understood', { facts: { expected: 'l2:…, a named account, or 0x… with --use-record', actual: text.slice(0, 60) } });
}
