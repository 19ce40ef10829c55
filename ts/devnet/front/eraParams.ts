import { type Hex, numberToHex } from 'viem';
import { EIP712_TYPE } from './eip712Transaction.ts';
import { PRIORITY_TYPE } from './eraDress.ts';
import type { EraMoment, EraView } from './eraView.ts';
import { RpcError, SERVER_ERROR } from './rpc.ts';

/** Methods whose first parameter is a transaction that is not signed. */
const CALLS = new Set(['eth_call', 'eth_estimateGas', 'eth_createAccessList', 'eth_fillTransaction', 'eth_sendTransaction', 'debug_traceCall', 'trace_call']);
const TAGS = new Set(['finalized', 'committed', 'l1_committed']);

/** Whether parameters name something that only Era has: a block tag, or a hash that the node may know by another. */
export function namesEra(params: readonly unknown[]): boolean {
  return params.some((param) => isTag(param) || isHash(param) || rangeOf(param).some(isTag));
}

/** A transaction object without Era's own fields, as the node takes it. @throws RpcError when it needs what the node cannot do */
export function plainCall(call: unknown): Record<string, unknown> {
  const { eip712Meta, customData: _custom, type, ...plain } = Object(call) as Record<string, unknown>;
  const { paymasterParams } = Object(eip712Meta) as { paymasterParams?: unknown };
  if (paymasterParams !== undefined && paymasterParams !== null) throw new RpcError({ code: SERVER_ERROR, message: 'Paymasters are not supported on a local chain' });
  return type === undefined || type === EIP712_TYPE || type === PRIORITY_TYPE ? plain : { ...plain, type };
}

/** Parameters as the node takes them, but for block tags and hashes. */
export function plainParams(method: string, params: readonly unknown[]): readonly unknown[] {
  return CALLS.has(method) && params.length > 0 ? [plainCall(params[0]), ...params.slice(1)] : params;
}

/** Parameters with the node's block numbers and hashes. */
export function nodeParams(params: readonly unknown[], { view, moment }: { view: EraView; moment: EraMoment }): readonly unknown[] {
  const translate = (param: unknown): unknown => {
    if (isTag(param)) return numberOfTag(param, view, moment);
    if (isHash(param)) return view.nodeHash(param);
    if (rangeOf(param).length === 0) return param;
    const { fromBlock, toBlock } = param as Record<string, unknown>;
    return { ...(param as object), ...(fromBlock === undefined ? {} : { fromBlock: translate(fromBlock) }), ...(toBlock === undefined ? {} : { toBlock: translate(toBlock) }) };
  };
  return params.map(translate);
}

function numberOfTag(tag: string, view: EraView, moment: EraMoment): string {
  // Every block of a local chain is as good as those that Era's node calls committed.
  if (tag === 'committed') return 'latest';
  return numberToHex(view.lastBlock(moment, tag === 'finalized' ? 'executed' : 'committed'));
}

function isTag(param: unknown): param is string {
  return typeof param === 'string' && TAGS.has(param);
}

function isHash(param: unknown): param is Hex {
  return typeof param === 'string' && /^0x[0-9a-f]{64}$/i.test(param);
}

/** Bounds of a filter. */
function rangeOf(param: unknown): unknown[] {
  const { fromBlock, toBlock } = Object(param) as Record<string, unknown>;
  return [fromBlock, toBlock].filter((bound) => typeof bound === 'string');
}
