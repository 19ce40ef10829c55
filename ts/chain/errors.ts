import {
  type AbiParameter,
  type Address,
  BaseError,
  type Hex,
  type TransactionReceipt,
  WaitForTransactionReceiptTimeoutError,
  decodeErrorResult,
  toFunctionSelector,
} from 'viem';
import { firstLine, RollupError } from '../base/errors.ts';
import type { ChainPublicClient } from './clients.ts';
import * as generated from './generated/abi.ts';

interface ErrorItem {
  type: 'error';
  name: string;
  inputs: readonly AbiParameter[];
}

/** Every error of every contract in the generated ABIs, and what the compiler itself throws, by selector. */
const errorItems: ReadonlyMap<Hex, ErrorItem> = new Map(
  [
    ...Object.values(generated)
      .flatMap((abi): readonly { type: string }[] => abi)
      .filter((item): item is ErrorItem => item.type === 'error'),
    { type: 'error' as const, name: 'Error', inputs: [{ name: 'message', type: 'string' }] },
    { type: 'error' as const, name: 'Panic', inputs: [{ name: 'code', type: 'uint256' }] },
  ].map((item) => [toFunctionSelector(`${item.name}(${item.inputs.map(canonicalType).join(',')})`), item]),
);

function canonicalType(parameter: AbiParameter): string {
  if (!parameter.type.startsWith('tuple')) return parameter.type;
  const { components } = parameter as AbiParameter & { components: readonly AbiParameter[] };
  return `(${components.map(canonicalType).join(',')})${parameter.type.slice('tuple'.length)}`;
}

export interface DecodedRevert {
  /** Name of the contract's error; `Error` for a revert with a text. */
  name: string;
  /** Arguments by name (by position where the contract gives none). */
  args: Record<string, unknown>;
}

/** @returns undefined when `data` is no error of a contract that we know */
export function decodeRevertData(data: Hex): DecodedRevert | undefined {
  const item = errorItems.get(data.slice(0, 10) as Hex);
  if (!item) return undefined;
  try {
    const values: readonly unknown[] = decodeErrorResult({ abi: [item], data }).args ?? [];
    return { name: item.name, args: Object.fromEntries(item.inputs.map((input, i) => [input.name || String(i), values[i]])) };
  } catch {
    return undefined;
  }
}

/** The revert data inside an error that viem threw; undefined when the call did not revert (or reverted without data). */
export function revertDataOf(error: unknown): Hex | undefined {
  if (!(error instanceof BaseError)) return undefined;
  let found: Hex | undefined;
  error.walk((cause) => {
    const { data, raw } = cause as { data?: unknown; raw?: unknown };
    // A node puts the data into `data`, some one level deeper; viem's own decoded errors keep the bytes in `raw`.
    for (const candidate of [raw, data, (data as { data?: unknown } | undefined)?.data]) {
      if (typeof candidate === 'string' && /^0x([0-9a-fA-F]{2}){4,}$/.test(candidate)) found ??= candidate as Hex;
    }
    return false;
  });
  return found;
}

/** The contract's error inside an error that viem threw. */
export function decodeRevert(error: unknown): DecodedRevert | undefined {
  const data = revertDataOf(error);
  return data === undefined ? undefined : decodeRevertData(data);
}

/** Thrown for every revert: `revert` is undefined when the data is of no contract that we know. */
export class RevertError extends RollupError {
  readonly revert: DecodedRevert | undefined;

  constructor(what: string, { revert, data, facts = {}, cause }: { revert?: DecodedRevert | undefined; data?: Hex | undefined; facts?: Record<string, unknown>; cause?: unknown }) {
    const reason = revert ? revert.name : data !== undefined && data !== '0x' ? `unknown error ${data.slice(0, 10)}` : 'no reason given';
    super(`${what}: reverted with ${reason}`, { facts: { ...revert?.args, ...facts, ...(revert === undefined && data !== undefined ? { data } : {}) }, cause });
    this.revert = revert;
  }
}

/**
 * Turns anything that viem threw into a RollupError: a revert becomes a RevertError with the contract's error name and arguments.
 * @param what what was being done, e.g. `commitBlocks on linea`
 */
export function toRollupError(error: unknown, what: string, facts: Record<string, unknown> = {}): RollupError {
  if (error instanceof RollupError) return error;
  const data = revertDataOf(error);
  if (data !== undefined) return new RevertError(what, { revert: decodeRevertData(data), data, facts, cause: error });
  const text = error instanceof BaseError ? [error.shortMessage, error.details].filter(Boolean).join(' ') : firstLine(error);
  return new RollupError(`${what}: ${text.split('\n')[0]}`, { facts, cause: error });
}

export interface WaitForReceiptParameters {
  client: ChainPublicClient;
  hash: Hex;
  /** What the transaction does, for the error's text. */
  what?: string;
  /** Milliseconds; default 120,000. */
  timeout?: number;
  confirmations?: number;
}

/**
 * Waits until the transaction is mined.
 * @throws RevertError with the decoded reason when it reverted; RollupError when it was not mined in time
 */
export async function waitForReceipt({ client, hash, what = 'Transaction', timeout = 120_000, confirmations = 1 }: WaitForReceiptParameters): Promise<TransactionReceipt> {
  let receipt: TransactionReceipt;
  try {
    receipt = await client.waitForTransactionReceipt({ hash, timeout, confirmations });
  } catch (error) {
    const facts = { transaction: hash, chain: client.chain.name };
    if (error instanceof WaitForTransactionReceiptTimeoutError) {
      throw new RollupError(`${what}: not mined in ${timeout / 1000} s`, { facts, hint: 'Look the transaction up; it may still be mined.', cause: error });
    }
    throw toRollupError(error, what, facts);
  }
  if (receipt.status === 'success') return receipt;
  throw await revertOfTransaction({ client, receipt, what });
}

/** Runs a reverted transaction again on the state before its block to learn the reason. */
async function revertOfTransaction({ client, receipt, what }: { client: ChainPublicClient; receipt: TransactionReceipt; what: string }): Promise<RevertError> {
  const facts = { transaction: receipt.transactionHash, chain: client.chain.name, block: receipt.blockNumber, gasUsed: receipt.gasUsed };
  const transaction = await client.getTransaction({ hash: receipt.transactionHash });
  if (receipt.gasUsed === transaction.gas) return new RevertError(`${what} (out of gas)`, { facts });
  try {
    await client.call({
      account: transaction.from as Address,
      to: transaction.to,
      data: transaction.input,
      value: transaction.value,
      gas: transaction.gas,
      blockNumber: receipt.blockNumber - 1n,
    });
  } catch (error) {
    const data = revertDataOf(error);
    return new RevertError(what, { revert: data === undefined ? undefined : decodeRevertData(data), data, facts, cause: error });
  }
  return new RevertError(what, { facts: { ...facts, note: 'it succeeds on the state before its block: something in the same block changed' } });
}
