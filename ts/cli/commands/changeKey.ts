import { RollupError } from '../../base/errors.ts';
import { decodeL2Address, encodeL2Address, type RollupUser } from '../../chain/client/address.ts';
import { formatAmount } from '../../chain/client/amount.ts';
import { keyOfAccount } from '../../chain/client/key.ts';
import { describeToken, isShares, type TokenName } from '../../chain/client/pairs.ts';
import type { RollupClient } from '../../chain/client/rollupClient.ts';
import type { LeafRecord } from '../../chain/client/sequencerApi.ts';
import type { ChainDeployment } from '../../chain/deployments.ts';
import { accountOption, feeOption, keyEnvironment, keyIndexEnvironment, keyIndexOption, networkEnvironment, UsageError, type CommandContext, type CommandSpec } from './command.ts';
import { findChain, findToken } from './network.ts';
import { awaitTransaction, readTransactionStage, waitForTransactionOption } from './waiting.ts';
import { openWallet, readFee, readKeyIndex, readNumber, type WalletSession } from './wallet.ts';

/** A leaf whose key is to be changed, and where it is. */
interface Target {
  leaf: LeafRecord;
  chain: ChainDeployment;
  token: TokenName;
}

export const changeKeyCommand: CommandSpec = {
  name: 'change-key',
  summary: 'give your leaves another L2 key',
  description: [
    'Signs, with your present key, that your leaves get another key: all leaves of the present key on all chains, or those that --chain and --token name.',
    "The new key is the wallet's next one: a wallet has as many keys as you like, each made from its signature of a message with the key's number, so",
    'nothing has to be kept but the number. From then on give it as --key-index NUMBER (or $ROLLUP_KEY_INDEX). With --new-key it is a key that you keep',
    'elsewhere, given as the L2 address that its holder prints.',
    'Transactions that were signed with the old key and are not in a block before the change are dropped. Deposits and transfers to your old L2 address',
    'still go to a leaf of the old key: hand out the new address, and use the old --key-index for what arrives there.',
  ],
  options: [
    accountOption,
    { name: 'chain', value: 'CHAIN', help: "only leaves on this chain: its name or index" },
    { name: 'token', value: 'TOKEN', help: 'only the leaf of this token, with --chain: symbol or id' },
    { name: 'new-key-index', value: 'NUMBER', help: "which of the wallet's L2 keys is the new one (default: the one after --key-index)" },
    { name: 'new-key', value: 'L2ADDRESS', help: 'an L2 address (l2:…) of yours with a key that you keep elsewhere, instead of a key of the wallet' },
    feeOption,
    keyIndexOption,
    waitForTransactionOption,
  ],
  environment: [...networkEnvironment, keyEnvironment, keyIndexEnvironment],
  examples: [
    'npm run cli -- change-key --account alice --wait included',
    'npm run cli -- change-key --account alice --chain linea --token ETH --key-index 1 --new-key-index 2',
  ],
  async run(context) {
    const stage = readTransactionStage(context);
    const session = openWallet(context);
    const { client } = session;
    const { to, keyIndex } = await findNewKey(context, client);
    const targets = await findTargets(context, session, to);
    const changed = [];
    for (const { leaf, chain, token } of targets) {
      const place = `leaf ${leaf.leafIndex} of ${token.symbol} on ${chain.name}`;
      const fee = readFee(context, token);
      context.progress.report(`changing the key of ${place}`);
      const { id, nonce, fee: paid } = await client.changeKey({ chainIndex: chain.chainIndex, leafIndex: leaf.leafIndex, to, ...(fee === undefined ? {} : { fee }) });
      changed.push({ id, chain, token, leafIndex: leaf.leafIndex, nonce, paid, place });
    }
    const blocks = new Map<string, number | undefined>();
    for (const { id, chain } of changed) blocks.set(id, await awaitTransaction({ context, client, chain, id, stage }));
    return {
      data: {
        newKey: { ...to, keyIndex, l2Address: encodeL2Address(to) },
        leaves: changed.map(({ id, chain, token, leafIndex, nonce, paid }) => ({
          id, chain: chain.name, token: token.symbol, leafIndex, nonce, fee: paid, blockNumber: blocks.get(id), status: stage ?? 'pending',
        })),
      },
      lines: [
        ...changed.flatMap(({ id, place, paid, token }) => {
          const blockNumber = blocks.get(id);
          return [
            `New key for ${place}: ${blockNumber === undefined ? 'accepted' : `in block ${blockNumber}, ${stage}`}.`,
            `  fee ${formatAmount(paid, token.decimals)} ${token.symbol}`,
            `  transaction ${id}`,
          ];
        }),
        keyIndex === undefined ? 'The new key is kept where you made it.' : `From now on sign with --key-index ${keyIndex}, or set ROLLUP_KEY_INDEX=${keyIndex}.`,
        `Your L2 address is now ${encodeL2Address(to)}`,
      ],
    };
  },
};

async function findNewKey({ options, env }: CommandContext, { account }: RollupClient): Promise<{ to: RollupUser; keyIndex: number | undefined }> {
  const [text, number] = [options.text('new-key'), options.text('new-key-index')];
  if (text !== undefined && number !== undefined) throw new UsageError('Give either --new-key or --new-key-index');
  if (text !== undefined) {
    const to = decodeL2Address(text);
    if (to.owner.toLowerCase() !== account.address.toLowerCase()) {
      throw new UsageError('The new key belongs to another owner: a change of key does not change the owner', {
        facts: { expected: account.address, actual: to.owner },
        hint: 'To give tokens to somebody else, use `transfer`.',
      });
    }
    return { to, keyIndex: undefined };
  }
  const present = readKeyIndex({ options, env });
  const keyIndex = number === undefined ? present + 1 : readNumber(number, '--new-key-index');
  if (keyIndex === present) throw new UsageError('The new key is the present one', { facts: { 'key index': present } });
  const { publicKey } = await keyOfAccount(account, keyIndex);
  return { to: { owner: account.address, keyX: publicKey.x, keyY: publicKey.y }, keyIndex };
}

async function findTargets({ options }: CommandContext, { network, client }: WalletSession, to: RollupUser): Promise<Target[]> {
  const [chainText, tokenText] = [options.text('chain'), options.text('token')];
  if (tokenText !== undefined && chainText === undefined) throw new UsageError('--token needs --chain');
  const only = chainText === undefined ? undefined : findChain(chainText, network);
  const onlyToken = only === undefined || tokenText === undefined ? undefined : findToken(tokenText, only);
  const { keyX, keyY } = await client.user();
  if (keyX === to.keyX && keyY === to.keyY) throw new UsageError('The new key is the present one');
  const leaves = await client.api.getLeaves(client.account.address);
  const own = leaves.filter((leaf) => leaf.nextKeyX === keyX && leaf.nextKeyY === keyY && (only === undefined || leaf.chainIndex === only.chainIndex) && (onlyToken === undefined || leaf.token === onlyToken.token));
  if (own.length === 0) {
    throw new RollupError('There is no leaf of this key', {
      facts: { owner: client.account.address, ...(leaves.length === 0 ? {} : { 'leaves under another key or elsewhere': leaves.length }) },
      hint: 'See `npm run cli -- balances`: it shows each leaf with its key.',
    });
  }
  const pairs = own.some(({ token }) => isShares(token)) ? await client.pools() : [];
  return own.map((leaf) => ({ leaf, chain: findChain(String(leaf.chainIndex), network), token: describeToken(network.deployment, pairs, leaf) }));
}
