import { createTestClient, type Hex, http, isAddressEqual, recoverTransactionAddress, type TransactionSerialized } from 'viem';
import { RollupError } from '../../base/errors.ts';
import type { ChainPublicClient } from '../../chain/clients.ts';
import type { Message } from './message.ts';

export interface ReorgParameters {
  /** Of the node itself, which must be an anvil. */
  client: ChainPublicClient;
  /** Blocks that are replaced. */
  depth: number;
  /** Puts the transactions of the replaced blocks into the new ones, as far as their sender signed them. Otherwise they are gone. */
  again: boolean;
  /** The first block that must stay: before it the devnet was set up. */
  firstBlock: bigint;
  /** All messages between the chains. */
  messages: readonly Message[];
  /** Last block of this chain that another chain holds for final; undefined when there is none. */
  finalBlock: bigint | undefined;
}

export interface ReorgReport {
  chain: string;
  /** Blocks from `firstBlock` to `lastBlock` were replaced. */
  firstBlock: bigint;
  lastBlock: bigint;
  /** Transactions of the replaced blocks that are in the new ones. */
  again: Hex[];
  /** Those that are gone. */
  gone: Hex[];
  /** Messages that are undone wholly or in part, with the stage that they had. */
  undone: { hash: Message['hash']; stage: string }[];
}

/**
 * Replaces the last blocks of a chain by others: empty ones, or with the same transactions. Whatever is to be carried is carried again. Real
 * networks act only on what is final, so blocks on whose messages another chain has acted cannot be replaced.
 * @throws RollupError when they are such blocks, or there are too few
 */
export async function reorgChain({ client, depth, again, firstBlock, messages, finalBlock = -1n }: ReorgParameters): Promise<ReorgReport> {
  const { name } = client.chain;
  const head = await client.getBlockNumber();
  const last = head - BigInt(depth);
  if (!Number.isSafeInteger(depth) || depth < 1 || last < firstBlock) {
    throw new RollupError('So many blocks cannot be replaced', { facts: { expected: `1 to ${head - firstBlock}`, actual: depth, head, deployedUpTo: firstBlock } });
  }
  if (last < finalBlock) {
    const facts = { expected: `at most ${head - finalBlock} blocks`, actual: depth, finalBlock };
    throw new RollupError(`${name} was finalized behind that block`, { facts, hint: 'What is final is never replaced: go back to a snapshot of all chains instead.' });
  }
  const early = messages.find(({ direction, places: [sent, next] }) => direction === 'down' && sent.chain === name && sent.block > last && next !== undefined);
  if (early !== undefined) {
    const [sent, next] = early.places;
    throw new RollupError(`${next?.chain ?? 'Another chain'} has acted on message ${early.hash} already`, {
      facts: { expected: `at most ${head - sent.block} blocks`, actual: depth, message: `sent in block ${sent.block}, ${next?.stage ?? ''} on ${next?.chain ?? ''}` },
      hint: 'Make its route manual (`relay manual`) or give it a delay before the message is sent, as real networks wait until blocks are final.',
    });
  }
  const undone = messages.flatMap(({ hash, places }) => {
    const first = places.find(({ chain, block }) => chain === name && block > last);
    return first === undefined ? [] : [{ hash, stage: first.stage }];
  });
  const replaced = await transactionsOf(client, last + 1n, head);
  const kept = again ? replaced.filter(({ signed }) => signed) : [];
  const anvil = createTestClient({ mode: 'anvil', transport: http(client.transport.url) });
  await (anvil.request as (call: { method: string; params: unknown[] }) => Promise<unknown>)({ method: 'anvil_reorg', params: [depth, kept.map(({ raw, place }) => [raw, place])] });
  return { chain: name, firstBlock: last + 1n, lastBlock: head, again: kept.map(({ hash }) => hash), gone: replaced.filter((each) => !kept.includes(each)).map(({ hash }) => hash), undone };
}

interface ReplacedTransaction {
  hash: Hex;
  raw: Hex;
  /** Of its block among the replaced ones. */
  place: number;
  /** False for what nobody signed: an execution of what Ethereum requested, which zkSync's sequencer does anew. */
  signed: boolean;
}

async function transactionsOf(client: ChainPublicClient, first: bigint, last: bigint): Promise<ReplacedTransaction[]> {
  const found: ReplacedTransaction[] = [];
  for (let number = first; number <= last; number++) {
    const { transactions } = await client.getBlock({ blockNumber: number, includeTransactions: true });
    for (const { hash, from } of transactions) {
      const raw = await (client.request as (call: { method: string; params: unknown[] }) => Promise<unknown>)({ method: 'eth_getRawTransactionByHash', params: [hash] });
      const serializedTransaction = raw as TransactionSerialized;
      const signer = await recoverTransactionAddress({ serializedTransaction }).catch(() => undefined);
      found.push({ hash, raw: serializedTransaction, place: Number(number - first), signed: signer !== undefined && isAddressEqual(signer, from) });
    }
  }
  return found;
}
