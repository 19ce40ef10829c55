import { type Abi, type Address, decodeFunctionData, formatEther, type Hex, toFunctionSelector, type AbiFunction, isHex, slice } from 'viem';
import { toFunctionSignature } from 'viem/utils';
import type { ChainPublicClient } from '../../chain/clients.ts';
import { decodeRevertData } from '../../chain/errors.ts';
import * as generated from '../../chain/generated/abi.ts';
import { refusedCall } from './sender.ts';

/** One call of a trace, as `callTracer` gives it. */
interface TracedCall {
  type: string;
  from: Address;
  to?: Address;
  value?: Hex;
  gasUsed: Hex;
  input: Hex;
  output?: Hex;
  error?: string;
  calls?: TracedCall[];
}

/** What happened in a transaction, readable: one line for each call, with arguments and reasons by name. */
export interface CallTrace {
  chain: string;
  /** Set when it was mined. */
  transaction?: Hex;
  lines: string[];
}

/** Names of contracts by `addressKey`. */
export type AddressNames = ReadonlyMap<string, string>;

/** @param chain its name */
export function addressKey(chain: string, address: string): string {
  return `${chain} ${address.toLowerCase()}`;
}

const functions: ReadonlyMap<Hex, AbiFunction> = new Map(
  Object.values(generated)
    .flatMap((abi): readonly { type: string }[] => abi)
    .filter((item): item is AbiFunction => item.type === 'function')
    .map((item) => [toFunctionSelector(toFunctionSignature(item)), item]),
);

/** Longest text of one value in a trace. */
const LONGEST_VALUE = 90;

/** Trace of the call behind an error that a relayer met; undefined when there was none, or the node does not trace. */
export async function traceOf(error: unknown, names: AddressNames = new Map()): Promise<CallTrace | undefined> {
  const call = refusedCall(error);
  if (call === undefined) return undefined;
  const { client, from, to, data, transaction } = call;
  if (transaction !== undefined) return await traceTransaction({ client, transaction, names });
  const request = client.request as (call: { method: string; params: unknown[] }) => Promise<unknown>;
  const traced = (await request({ method: 'debug_traceCall', params: [{ from, to, data }, 'latest', { tracer: 'callTracer' }] })) as TracedCall;
  return { chain: client.chain.name, lines: linesOf(traced, (address) => names.get(addressKey(client.chain.name, address)) ?? address) };
}

/** Trace of a transaction that was mined. */
export async function traceTransaction({ client, transaction, names = new Map() }: { client: NonNullable<ReturnType<typeof refusedCall>>['client']; transaction: Hex; names?: AddressNames }): Promise<CallTrace> {
  const request = client.request as (call: { method: string; params: unknown[] }) => Promise<unknown>;
  const traced = (await request({ method: 'debug_traceTransaction', params: [transaction, { tracer: 'callTracer' }] })) as TracedCall;
  return { chain: client.chain.name, transaction, lines: linesOf(traced, (address) => names.get(addressKey(client.chain.name, address)) ?? address) };
}

/** All calls of a transaction that was mined, in order, without those that were undone. */
export async function callsOf({ client, transaction }: { client: ChainPublicClient; transaction: Hex }): Promise<Pick<TracedCall, 'to' | 'input'>[]> {
  const request = client.request as (call: { method: string; params: unknown[] }) => Promise<unknown>;
  return standing((await request({ method: 'debug_traceTransaction', params: [transaction, { tracer: 'callTracer' }] })) as TracedCall);
}

function standing(call: TracedCall): TracedCall[] {
  return call.error === undefined ? [call, ...(call.calls ?? []).flatMap(standing)] : [];
}

function linesOf(call: TracedCall, nameOf: (address: Address) => string, indent = ''): string[] {
  const { type, to, value, gasUsed, input, output = '0x', error, calls = [] } = call;
  const amount = value === undefined || BigInt(value) === 0n ? '' : ` {${formatEther(BigInt(value))} ETH}`;
  const outcome = error === undefined ? '' : ` ✗ ${output === '0x' ? error : revertText(output)}`;
  const target = to === undefined ? 'new contract' : nameOf(to);
  return [`${indent}${type} ${target}.${callText(input)}${amount} [${Number(gasUsed)} gas]${outcome}`, ...calls.flatMap((inner) => linesOf(inner, nameOf, `${indent}  `))];
}

/** `name(argument: value, …)` of a call's data. */
export function callText(input: Hex): string {
  if (input === '0x') return '(plain transfer)';
  const item = functions.get(slice(input, 0, Math.min(4, (input.length - 2) / 2)));
  if (item === undefined) return `${input.slice(0, 10)}(${(input.length - 10) / 2} bytes)`;
  try {
    const { args = [] } = decodeFunctionData({ abi: [item] satisfies Abi, data: input }) as { args?: readonly unknown[] };
    return `${item.name}(${item.inputs.map(({ name }, i) => `${name === undefined || name === '' ? String(i) : name}: ${valueText(args[i])}`).join(', ')})`;
  } catch {
    return `${item.name}(?)`;
  }
}

/** A contract's error with its arguments; errors inside of errors are decoded as well. */
export function revertText(data: Hex): string {
  const decoded = decodeRevertData(data);
  if (decoded === undefined) return `unknown error ${data.length > 74 ? `${data.slice(0, 74)}…` : data}`;
  const args = Object.entries(decoded.args).map(([name, value]) => `${name} ${isRevertData(value) ? revertText(value) : valueText(value)}`);
  return `${decoded.name}(${args.join(', ')})`;
}

function isRevertData(value: unknown): value is Hex {
  return isHex(value) && value.length >= 10 && (value.length - 10) % 64 === 0 && decodeRevertData(value) !== undefined;
}

function valueText(value: unknown): string {
  const text = typeof value === 'string' ? value : typeof value === 'bigint' ? value.toString() : JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? inner.toString() : inner));
  const shown = text ?? String(value);
  return shown.length > LONGEST_VALUE ? `${shown.slice(0, LONGEST_VALUE - 1)}…` : shown;
}
