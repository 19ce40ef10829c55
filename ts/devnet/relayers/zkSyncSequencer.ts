import { type Address, type Hex, hexToBytes, keccak256, numberToHex, zeroHash } from 'viem';
import { RollupError } from '../../base/errors.ts';
import type { ChainPublicClient } from '../../chain/clients.ts';
import { RevertError, waitForReceipt } from '../../chain/errors.ts';
import { priorityTag, TAG_GAS } from './eraHistory.ts';
import { BOOTLOADER } from './eraTree.ts';
import { stageOf } from './message.ts';
import { type Log, type Manner, type Preview, type Relayer, reasonOf, type Step } from './relayer.ts';
import { type RouteId, routeName } from './routes.ts';
import { chainTime } from './sender.ts';
import type { PriorityRequest, ZkSyncView } from './zkSyncView.ts';

export interface ZkSyncSequencerParameters {
  /** Its chain must be an anvil: it executes in the sender's name. */
  view: ZkSyncView;
  /** Seconds of Ethereum's clock from the request to its execution. */
  delay: () => number;
  log: Log;
}

/** Milliseconds until a transaction counts as lost by the node. */
const LONGEST_EXECUTION = 15_000;

/**
 * Executes the transactions that were requested on Ethereum, strictly in order and each once, in the name of their (aliased) sender. Success or
 * failure is final. Which ones are done is read from the chain's own blocks (`EraHistory`).
 *
 * What follows an execution (the sender's nonce is given back, the surplus of the fee is refunded) is done in one request to the node together
 * with a mark in the bootloader's storage, so a relayer that was killed in between finds out and does it later.
 */
export function zkSyncSequencer({ view, delay, log }: ZkSyncSequencerParameters): Relayer {
  const { chainName, l1, l2 } = view.services;
  const id: RouteId = { chain: chainName, role: 'sequencer', direction: 'down' };
  const name = routeName(id);
  let waiting = 0;
  /** The last request that is known to be settled, and the version of the chain's history when that was found out. */
  let settled: { canonicalTxHash: Hex; version: number } | undefined;

  /** Requests that are not executed, in order. */
  const open = async (): Promise<{ requests: PriorityRequest[]; now: bigint | undefined }> => {
    await view.refresh();
    const first = view.down.findIndex((request) => stageOf(request) === 'sent');
    const requests = first < 0 ? [] : view.down.slice(first).filter((request) => stageOf(request) === 'sent');
    waiting = requests.length;
    await settleLast(first < 0 ? view.down.length : first);
    return { requests, now: delay() === 0 || waiting === 0 ? undefined : await chainTime(l1) };
  };

  /** Finishes what a killed relayer left, from the last execution back to the first one that is settled. */
  const settleLast = async (executedCount: number): Promise<void> => {
    const last = view.down[executedCount - 1];
    if (last === undefined || (settled?.canonicalTxHash === last.hash && settled.version === view.history.version)) return;
    const { version } = view.history;
    const unsettled: PriorityRequest[] = [];
    for (let i = executedCount - 1; i >= 0; i--) {
      const request = view.down[i];
      if (request?.executed === undefined || (await isSettled(l2, request.hash))) break;
      unsettled.unshift(request);
    }
    for (const request of unsettled) {
      await settle(l2, request);
      log(`${name}: ${labelOf(request)} settled late`);
    }
    settled = { canonicalTxHash: last.hash, version };
  };

  const step = (request: PriorityRequest, now: bigint | undefined): Step => {
    const notBefore = request.places[0].timestamp + BigInt(delay());
    return {
      ...{ key: request.hash, label: labelOf(request), messages: [request], to: 'executed' },
      ...(now === undefined || notBefore <= now ? {} : { notBefore }),
      async perform(manner) {
        const failure = await executePriorityRequest({ l2, request, manner });
        if (failure === undefined) log(`${name}: ${labelOf(request)} executed`);
        else log(`${name}: ${labelOf(request)} failed for good: ${failure}`, { chain: chainName, reason: failure });
        return failure === undefined ? {} : { failure };
      },
    };
  };

  return {
    id,
    independent: false,
    waiting: () => waiting,
    async plan() {
      const { requests, now } = await open();
      return requests.map((request) => step(request, now));
    },
    async preview() {
      const { requests, now } = await open();
      return requests.map((message): Preview => {
        const { notBefore } = step(message, now);
        return { message, to: 'executed', ...(notBefore === undefined ? {} : { notBefore }) };
      });
    },
  };
}

function labelOf({ number, hash }: PriorityRequest): string {
  return `priority transaction ${number} (${hash.slice(0, 10)}…)`;
}

/** @returns why it failed; undefined when it succeeded */
async function executePriorityRequest({ l2, request, manner = {} }: { l2: ChainPublicClient; request: PriorityRequest; manner: Manner | undefined }): Promise<string | undefined> {
  const { hash: canonicalTxHash, from, to, value, data, gasLimit } = request;
  const url = l2.transport.url ?? '';
  await requireNoOther(l2, from);
  const pending = await l2.getBlock({ blockTag: 'pending' });
  const least = leastGas(data);
  const wanted = (gasLimit > least ? gasLimit : least) + TAG_GAS;
  const gas = wanted < pending.gasLimit ? wanted : pending.gasLimit;
  // The fee was paid on Ethereum. On a chain with a base fee the sender gets what the local transaction costs on top and gives it back.
  const price = 2n * (pending.baseFeePerGas ?? 0n);
  const given = value + gas * price;
  const takeBack = async (): Promise<void> => {
    const balance = (await l2.getBalance({ address: from })) - given;
    await together(url, [['anvil_setBalance', from, numberToHex(balance > 0n ? balance : 0n)]]);
  };
  const transaction = { from, to, data, accessList: priorityTag(canonicalTxHash), maxPriorityFeePerGas: '0x0', ...toNumbers({ value, gas, maxFeePerGas: price }) };
  await together(url, [['anvil_addBalance', from, numberToHex(given)]]);
  let hash: Hex;
  try {
    // In the sender's name without a key: nobody's impersonation is begun or ended by it.
    [hash] = (await together(url, [['eth_sendUnsignedTransaction', transaction]])) as [Hex];
  } catch (error) {
    await takeBack();
    throw error;
  }
  manner.afterSend?.();

  let reason: string | undefined;
  try {
    reason = await failureOf(l2, hash);
  } catch (error) {
    // It must not be mined after all once another try is on its way. If it was mined in the meantime it is settled later.
    await together(url, [['anvil_dropTransaction', hash]]);
    const isMined = await l2.getTransactionReceipt({ hash }).then(() => true, () => false);
    if (!isMined) await takeBack();
    throw error;
  }
  await settle(l2, { ...request, executed: hash });
  return reason;
}

/** Gas below which an EVM does not take a transaction (EIP-2028, EIP-7623). zkSync asks less for data, so what its mailbox accepted may be below it. */
function leastGas(data: Hex): bigint {
  const bytes = hexToBytes(data);
  const zeros = bytes.reduce((count, byte) => count + (byte === 0 ? 1 : 0), 0);
  return 21_000n + BigInt(10 * zeros + 40 * (bytes.length - zeros));
}

function toNumbers(fields: Record<string, bigint>): Record<string, Hex> {
  return Object.fromEntries(Object.entries(fields).map(([name, number]) => [name, numberToHex(number)]));
}

/** A transaction in the sender's name that is not mined yet is the work of a relayer that was killed: a second one would do it again. */
async function requireNoOther(l2: ChainPublicClient, from: Address): Promise<void> {
  const [mined, pending] = await Promise.all([l2.getTransactionCount({ address: from, blockTag: 'latest' }), l2.getTransactionCount({ address: from, blockTag: 'pending' })]);
  if (pending <= mined) return;
  throw new RollupError(`A transaction of ${from} is not mined yet on ${l2.chain.name}`, { facts: { mined, pending }, hint: 'Mine a block (evm_mine), or switch automatic mining on.' });
}

/** Storage of the bootloader in which a settled request leaves its mark; no contract has code there. */
function markOf(canonicalTxHash: Hex): Hex {
  return keccak256(canonicalTxHash);
}

async function isSettled(l2: ChainPublicClient, canonicalTxHash: Hex): Promise<boolean> {
  const mark = (await l2.getStorageAt({ address: BOOTLOADER, slot: markOf(canonicalTxHash) })) ?? zeroHash;
  return BigInt(mark) !== 0n;
}

/** Gives the sender's nonce back, takes what the execution did not use, refunds the surplus of the fee. */
async function settle(l2: ChainPublicClient, { hash: canonicalTxHash, from, value, fee, executed, gasPrice, refundRecipient }: PriorityRequest): Promise<void> {
  if (executed === undefined) return;
  const [transaction, receipt] = await Promise.all([l2.getTransaction({ hash: executed }), l2.getTransactionReceipt({ hash: executed })]);
  const success = receipt.status === 'success';
  const change = new Map<Address, bigint>();
  const add = (address: Address, amount: bigint): void => void change.set(address, (change.get(address) ?? 0n) + amount);
  add(from, receipt.gasUsed * receipt.effectiveGasPrice - transaction.gas * (transaction.maxFeePerGas ?? 0n) - (success ? 0n : value));
  const gasUsed = receipt.gasUsed > TAG_GAS ? receipt.gasUsed - TAG_GAS : 0n;
  const refund = fee + (success ? 0n : value) - gasUsed * gasPrice;
  if (refund > 0n) add(refundRecipient, refund);

  const calls: [string, ...unknown[]][] = [['anvil_setStorageAt', BOOTLOADER, markOf(canonicalTxHash), numberToHex(1, { size: 32 })]];
  // Whoever sent something with the next nonce meanwhile keeps it.
  if ((await l2.getTransactionCount({ address: from })) === transaction.nonce + 1) calls.push(['anvil_setNonce', from, numberToHex(transaction.nonce)]);
  for (const [address, amount] of change) {
    if (amount > 0n) calls.push(['anvil_addBalance', address, numberToHex(amount)]);
    // The node has no call that takes something away.
    const rest = amount < 0n ? (await l2.getBalance({ address })) + amount : 0n;
    if (amount < 0n) calls.push(['anvil_setBalance', address, numberToHex(rest > 0n ? rest : 0n)]);
  }
  await together(l2.transport.url ?? '', calls);
}

/** Several calls in one request, which the node carries out although whoever sent it is gone. @returns the answers, in order */
async function together(url: string, calls: readonly [string, ...unknown[]][]): Promise<unknown[]> {
  const body = calls.map(([method, ...params], id) => ({ jsonrpc: '2.0', id, method, params }));
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  const answers = (await response.json()) as { id: number; result?: unknown; error?: { message: string } }[];
  const refused = answers.find(({ error }) => error !== undefined);
  if (refused !== undefined) throw new RollupError('The node refused a call', { facts: { method: calls[refused.id]?.[0], answer: refused.error?.message, url } });
  return answers.toSorted((a, b) => a.id - b.id).map(({ result }) => result);
}

async function failureOf(client: ChainPublicClient, hash: Hex): Promise<string | undefined> {
  try {
    await waitForReceipt({ client, hash, what: 'execution', timeout: LONGEST_EXECUTION });
    return undefined;
  } catch (error) {
    if (error instanceof RevertError) return reasonOf(error);
    throw error;
  }
}
