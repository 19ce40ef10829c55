import { type Address, createTestClient, getAddress, type Hex, http, numberToHex, walletActions } from 'viem';
import { RevertError, waitForReceipt } from '../../chain/errors.ts';
import type { ChainPublicClient } from '../../chain/clients.ts';
import { zkSyncChainAbi } from '../../chain/generated/abi.ts';
import { type EraHistory, priorityTag, TAG_GAS } from './eraHistory.ts';
import { LogCursor } from './logCursor.ts';
import { type Log, type Relayer, reasonOf } from './relayer.ts';

export interface ZkSyncSequencerParameters {
  chainName: string;
  l1: ChainPublicClient;
  /** The chain's contract on Ethereum. */
  diamond: Address;
  /** Must be an anvil: it executes in the sender's name. */
  l2: ChainPublicClient;
  history: EraHistory;
  log: Log;
}

/** Milliseconds until a transaction counts as lost by the node. */
const LONGEST_EXECUTION = 15_000;

/** A priority transaction, as the event on Ethereum describes it. */
interface PriorityRequest {
  txId: bigint;
  canonicalTxHash: Hex;
  from: Address;
  to: Address;
  value: bigint;
  data: Hex;
  gasLimit: bigint;
  maxFeePerGas: bigint;
  minted: bigint;
  refundRecipient: Address;
}

/**
 * Executes the transactions that were requested on Ethereum, strictly in order and each once, in the name of their (aliased) sender. Success or
 * failure is final. Which ones are done is read from the chain's own blocks (`EraHistory`).
 *
 * A kill between a transaction and what follows it (its nonce is given back, its refund paid) loses that, never the transaction.
 */
export function zkSyncSequencer({ chainName, l1, diamond, l2, history, log }: ZkSyncSequencerParameters): Relayer {
  const name = `${chainName} sequencer`;
  const cursor = new LogCursor(l1);
  const requests: PriorityRequest[] = [];
  /** Index of the first one that is not known to be executed. */
  let next = 0;

  const execute = async (request: PriorityRequest): Promise<void> => {
    const reason = await executePriorityRequest({ l2, request });
    const label = `priority transaction ${request.txId} (${request.canonicalTxHash.slice(0, 10)}…)`;
    log(reason === undefined ? `${name}: ${label} executed` : `${name}: ${label} failed for good: ${reason}`);
  };

  return {
    name,
    async round() {
      await cursor.advance(
        async (fromBlock, toBlock) => {
          const events = await l1.getContractEvents({ abi: zkSyncChainAbi, address: diamond, eventName: 'NewPriorityRequest', fromBlock, toBlock, strict: true });
          for (const { args } of events) {
            const { from, to, value, data, gasLimit, maxFeePerGas, reserved } = args.transaction;
            requests.push({
              txId: args.txId,
              canonicalTxHash: args.txHash,
              from: addressOf(from),
              to: addressOf(to),
              ...{ value, data, gasLimit, maxFeePerGas },
              minted: reserved[0],
              refundRecipient: addressOf(reserved[1]),
            });
          }
        },
        () => {
          requests.length = 0;
          next = 0;
        },
      );
      if (next === requests.length) return { carried: 0, waiting: 0 };
      await history.refresh();
      let carried = 0;
      for (; next < requests.length; next++) {
        const request = requests[next];
        if (request === undefined || history.executed.has(request.canonicalTxHash)) continue;
        await execute(request);
        carried++;
      }
      return { carried, waiting: 0 };
    },
  };
}

/** @returns why it failed; undefined when it succeeded */
async function executePriorityRequest({ l2, request }: { l2: ChainPublicClient; request: PriorityRequest }): Promise<string | undefined> {
  const { canonicalTxHash, from, to, value, data, gasLimit, maxFeePerGas, minted, refundRecipient } = request;
  const anvil = createTestClient({ mode: 'anvil', chain: l2.chain, transport: http(l2.transport.url) }).extend(walletActions);
  const pending = await l2.getBlock({ blockTag: 'pending' });
  const gas = gasLimit + TAG_GAS < pending.gasLimit ? gasLimit + TAG_GAS : pending.gasLimit;
  // The fee was paid on Ethereum. On a chain with a base fee the sender gets what the local transaction costs on top and gives it back.
  const price = 2n * (pending.baseFeePerGas ?? 0n);
  const nonce = await l2.getTransactionCount({ address: from });
  await anvil.setBalance({ address: from, value: (await l2.getBalance({ address: from })) + value + gas * price });
  await anvil.impersonateAccount({ address: from });
  const hash = await anvil.sendTransaction({ account: from, to, value, data, gas, maxFeePerGas: price, maxPriorityFeePerGas: 0n, accessList: priorityTag(canonicalTxHash) });

  let reason: string | undefined;
  try {
    reason = await failureOf(l2, hash);
  } catch (error) {
    // It must not be mined after all once another try is on its way.
    await anvil.dropTransaction({ hash });
    throw error;
  }
  const receipt = await l2.getTransactionReceipt({ hash });
  const success = receipt.status === 'success';
  await anvil.stopImpersonatingAccount({ address: from });
  await anvil.setNonce({ address: from, nonce });
  const unused = gas * price - receipt.gasUsed * receipt.effectiveGasPrice + (success ? 0n : value);
  if (unused > 0n) await anvil.setBalance({ address: from, value: (await l2.getBalance({ address: from })) - unused });

  const gasUsed = receipt.gasUsed > TAG_GAS ? receipt.gasUsed - TAG_GAS : 0n;
  const refund = minted - (success ? value : 0n) - gasUsed * maxFeePerGas;
  if (refund > 0n) await anvil.setBalance({ address: refundRecipient, value: (await l2.getBalance({ address: refundRecipient })) + refund });
  return reason;
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

function addressOf(word: bigint): Address {
  return getAddress(numberToHex(word, { size: 20 }));
}
