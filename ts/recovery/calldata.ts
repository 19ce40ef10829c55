import { getAbiItem, toFunctionSelector, type Address, type Hex } from 'viem';
import { RollupError } from '../base/errors.ts';
import { primaryRollupAbi, secondaryRollupAbi } from '../chain/generated/abi.ts';
import type { PrimaryBlock, SecondaryBlock } from '../spec/chainSide.ts';
import { decodeArgument, DecodingBudget } from './contractCalldata.ts';
import { nameOfRpc, patiently, type ChainSource, type Patience } from './rpc.ts';

/*
 * Blocks in the calldata of transactions. Usually the validator calls commitBlocks itself. When it calls through another contract (a
 * multisig, a forwarder), its calldata mostly holds that of the inner call as it is: it is looked for there, and else in a trace of the
 * transaction, if the RPC gives traces. What is found this way needs no trust: the contract's hash tells whether it is the block. A validator that
 * wants nobody to find its blocks can put others in their place, so the trace is also looked into when what was found is not the block.
 */

/** Blocks of a transaction, as candidates for what the contract holds. */
export interface CommitCalldata {
  primary: PrimaryBlock[];
  secondary: SecondaryBlock[];
}

/** Blocks in a transaction's calldata, and where else to look. */
export interface CommitTransaction extends CommitCalldata {
  /** Blocks in the transaction's trace; none when the RPC gives no traces, or the calldata is the call itself. Asked for once. */
  traced: () => Promise<CommitCalldata>;
}

const PRIMARY_COMMIT = getAbiItem({ abi: primaryRollupAbi, name: 'commitBlocks' });
const SECONDARY_COMMIT = getAbiItem({ abi: secondaryRollupAbi, name: 'commitBlocks' });

export interface ReadCalldataParameters {
  source: ChainSource;
  transaction: Hex;
  signal?: AbortSignal | undefined;
  patience?: Patience | undefined;
}

/** @throws RollupError when the transaction holds no call of commitBlocks, neither as its own calldata nor within it nor in its trace */
export async function readCommitCalldata(parameters: ReadCalldataParameters): Promise<CommitTransaction> {
  const { source, transaction, signal, patience } = parameters;
  const { input, to } = await patiently(`Transaction ${transaction} cannot be read`, source, () => source.client.getTransaction({ hash: transaction }), { signal, patience });
  const { role, rollup } = source.chain;
  const isDirect = to?.toLowerCase() === rollup.toLowerCase();
  const own = decodeAll(isDirect ? [input] : embeddedCalls(input, role), role);
  let trace: Promise<CommitCalldata> | undefined;
  const traced = (): Promise<CommitCalldata> => (trace ??= tracedCalls(parameters).then((calls) => decodeAll(calls, role)));
  if (!isEmpty(own)) return { ...own, traced: isDirect ? () => Promise.resolve(decodeAll([], role)) : traced };
  const found = await traced();
  if (!isEmpty(found)) return { ...found, traced };
  throw new RollupError(`A block of ${source.chain.name} was not committed by a call of its own`, {
    facts: { transaction, expected: rollup, actual: to, rpc: nameOfRpc(source) },
    hint: 'The blocks are neither in the transaction’s calldata nor in a trace of it. Name an RPC that answers debug_traceTransaction; without one such a block cannot be read.',
  });
}

function isEmpty({ primary, secondary }: CommitCalldata): boolean {
  return primary.length === 0 && secondary.length === 0;
}

function decodeAll(calls: readonly Hex[], role: 'primary' | 'secondary'): CommitCalldata {
  const found: CommitCalldata = { primary: [], secondary: [] };
  const selector = selectorOf(role);
  const budget = new DecodingBudget();
  for (const calldata of calls) {
    if (!calldata.startsWith(selector)) continue;
    try {
      const { inputs } = role === 'primary' ? PRIMARY_COMMIT : SECONDARY_COMMIT;
      const blocks = decodeArgument({ inputs, index: inputs.length - 1, calldata, budget }) as readonly { timestamp: bigint }[];
      const decoded = blocks.map((block) => ({ ...block, timestamp: Number(block.timestamp) }));
      if (role === 'primary') found.primary.push(...(decoded as unknown as PrimaryBlock[]));
      else found.secondary.push(...(decoded as unknown as SecondaryBlock[]));
    } catch (error) {
      // Not such a call after all.
      if (!(error instanceof RollupError)) throw error;
    }
  }
  return found;
}

function selectorOf(role: 'primary' | 'secondary'): Hex {
  return toFunctionSelector(role === 'primary' ? PRIMARY_COMMIT : SECONDARY_COMMIT);
}

/** Every place in calldata at which a call of commitBlocks may begin. */
function embeddedCalls(input: Hex, role: 'primary' | 'secondary'): Hex[] {
  const selector = selectorOf(role).slice(2);
  const calls: Hex[] = [];
  for (let at = input.indexOf(selector, 2); at >= 0; at = input.indexOf(selector, at + 1)) {
    if (at % 2 === 0) calls.push(`0x${input.slice(at)}`);
  }
  return calls;
}

interface TracedCall {
  to?: Address;
  input?: Hex;
  error?: string;
  calls?: readonly TracedCall[];
}

/** Inputs of the calls of the rollup contract within a transaction; none when the RPC gives no traces. */
async function tracedCalls({ source, transaction, signal }: ReadCalldataParameters): Promise<Hex[]> {
  signal?.throwIfAborted();
  const { rollup, role } = source.chain;
  const request = source.client.request as (call: { method: string; params: readonly unknown[] }) => Promise<unknown>;
  let trace: TracedCall;
  try {
    trace = (await request({ method: 'debug_traceTransaction', params: [transaction, { tracer: 'callTracer' }] })) as TracedCall;
  } catch {
    return [];
  }
  const walk = (call: TracedCall): Hex[] => {
    if (call.error !== undefined) return [];
    const own = call.to?.toLowerCase() === rollup.toLowerCase() && call.input?.startsWith(selectorOf(role)) ? [call.input] : [];
    return [...own, ...(call.calls ?? []).flatMap(walk)];
  };
  return walk(trace);
}
