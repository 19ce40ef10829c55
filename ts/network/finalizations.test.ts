import { encodeEventTopics, type Hex, TransactionReceiptNotFoundError } from 'viem';
import { expect, it } from 'vitest';
import type { ChainPublicClient } from '../chain/clients.ts';
import { lineaRollupAbi } from '../chain/generated/abi.ts';
import { Finalizations } from './lineaMessages.ts';

/* Ethereum with finalizations of Linea's blocks 10 to 19 in its block 1000, 20 to 29 in 2000, and so on. */

const SERVICE = '0x00000000000000000000000000000000000000aa';
const searches: bigint[] = [];
let isGone = false;
const hashOf = (ethereumBlock: bigint): Hex => `0x${ethereumBlock.toString(16).padStart(63, '0')}${isGone ? 'b' : 'a'}`;

const client = {
  chain: { name: 'ethereum' },
  getBlockNumber: () => Promise.resolve(9_999n),
  getContractEvents: ({ args: { l2Block }, fromBlock }: { args: { l2Block: bigint }; fromBlock: bigint }) => {
    searches.push(fromBlock);
    const blockNumber = (l2Block / 10n) * 1000n;
    return Promise.resolve(blockNumber < fromBlock ? [] : [{ transactionHash: hashOf(blockNumber), blockNumber }]);
  },
  getTransactionReceipt: ({ hash }: { hash: Hex }) => {
    if (hash.endsWith('a') === isGone) throw new TransactionReceiptNotFoundError({ hash });
    const first = BigInt(hash.slice(0, -1)) / 100n;
    const logs = [first, first + 9n].map((l2Block) => ({ address: SERVICE, data: '0x', topics: encodeEventTopics({ abi: lineaRollupAbi, eventName: 'L2MessagingBlockAnchored', args: { l2Block } }) }));
    return Promise.resolve({ logs });
  },
} as unknown as ChainPublicClient;

it('a finalization is searched once, from where an earlier one was found, and again when it is gone', async () => {
  const finalizations = new Finalizations({ l1: client, l1Service: SERVICE, fromBlock: 5n });
  const blocksOf = async (block: bigint): Promise<readonly bigint[] | undefined> => (await finalizations.of(block))?.blocks;
  expect(await blocksOf(23n)).toEqual([20n, 29n]);
  expect(await blocksOf(23n)).toEqual([20n, 29n]);
  expect(searches).toEqual([5n]);
  expect(await blocksOf(47n)).toEqual([40n, 49n]);
  expect(await blocksOf(11n)).toEqual([10n, 19n]);
  expect(searches).toEqual([5n, 2_000n - 128n, 5n]);
  isGone = true;
  expect(await blocksOf(47n)).toEqual([40n, 49n]);
  expect(searches.at(-1)).toBe(2_000n - 128n);
});
