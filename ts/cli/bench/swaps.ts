import { RollupError } from '../../base/errors.ts';
import { readInstances } from '../../circuit/instances.ts';
import { readConstraintSystem } from '../../circuit/soundness/constraintSystem.ts';
import { compileTestCircuit } from '../../circuit/testCompile.ts';
import { ensureBuilt } from '../../circuit/ensureBuilt.ts';
import { createProver } from '../../prover/pool.ts';
import { segmentSignals } from '../../prover/witness.ts';
import { joinSignals } from '../../prover/witnessJoin.ts';
import { swapOutput } from '../../spec/amm.ts';
import { floorFloat40 } from '../../spec/float40.ts';
import { keccak256 } from '../../spec/keccak.ts';
import type { OperationRequest, Order } from '../../spec/operation.ts';
import { params } from '../../spec/params.ts';
import { poolLeaf } from '../../spec/pool.ts';
import { l2KeyFromSeed, signOperation } from '../../spec/signature.ts';
import { sealBlock } from '../../state/block.ts';
import { LedgerState } from '../../state/ledger.ts';
import { accountLeaf } from '../../state/leafRules.ts';
import type { BlockTrace } from '../../state/trace.ts';
import type { Figure, Mark, Unit } from './figure.ts';
import { marks } from './marks.ts';
import type { SectionParameters } from './section.ts';

const DEPLOYMENT_ID = 1n;
const TIMESTAMP = 1_800_000_000;
const RESERVE = 10n ** 24n;
const AMOUNT = 10n ** 20n;
const [TRADER_LEAF, POOL_LEAF] = [0, 1];
const TOKENS = [2n, 1n] as const;

/** What a swap over two chains costs: constraints of its two slots and its pair, and the time to prove a block full of swaps. */
export async function measureSwaps({ progress, signal }: SectionParameters): Promise<Figure[]> {
  progress.report('swaps: what one more slot and one more pair cost');
  const slot = await difference('segment', 'slots', signal);
  const pair = await difference('join', 'joinPairs', signal);
  await ensureBuilt({ progress, signal });
  const count = Math.min(params.slots, params.joinPairs);
  progress.report(`swaps: proving a block of ${count} swaps over two chains`);
  const trace = swapBlock(count);
  const seconds = await secondsToProve(trace, signal);
  const l2Bytes = trace.segments.reduce((sum, { l2Data }) => sum + (l2Data.length - 2) / 2, 0);
  return [
    figureOf('constraints a swap: two slots and a pair', 2 * slot + pair, 'constraints', marks.swapConstraints),
    figureOf('of it the pair, in the join', pair, 'constraints'),
    figureOf('bytes of public data a swap', l2Bytes / count, 'bytes'),
    figureOf(`block of ${count} swaps: two segments and the join proved`, seconds, 'seconds'),
    figureOf('the same for each swap', seconds / count, 'seconds'),
  ];
}

function figureOf(name: string, value: number, unit: Unit, mark?: Mark): Figure {
  return { section: 'swaps', name, value, unit, ...(mark ? { mark } : {}) };
}

/** Constraints by which two of something are more than one, simplified as for keys. */
async function difference(name: 'segment' | 'join', size: 'slots' | 'joinPairs', signal: AbortSignal): Promise<number> {
  const counts: number[] = [];
  for (const value of [1, 2]) {
    signal.throwIfAborted();
    const instance = readInstances({ sizes: { ...params, [size]: value } }).find((candidate) => candidate.name === name);
    if (!instance) throw new RollupError(`There is no circuit "${name}"`);
    const { file, template, parameters, publicInputs } = instance;
    counts.push(readConstraintSystem(await compileTestCircuit({ file, template, parameters, publicInputs, simplification: 2 })).count);
  }
  return (counts[1] ?? 0) - (counts[0] ?? 0);
}

/** A block of one trader's swaps from chain 0 to chain 1, each at the reserves that the one before left. */
export function swapBlock(count: number): BlockTrace {
  const key = l2KeyFromSeed(keccak256(new TextEncoder().encode('bench: trader')));
  const user = { owner: 1n, keyX: key.publicKey.x, keyY: key.publicKey.y };
  const state = fundedPair(user);
  const reserves = { reserveIn: RESERVE, reserveOut: RESERVE };
  const sides: [OperationRequest[], OperationRequest[]] = [[], []];
  for (let i = 0; i < count; i++) {
    const out = floorFloat40(swapOutput({ ...reserves, amountIn: AMOUNT }));
    const order: Order = {
      type: 'swapIn', chainIndex: 0, from: TRADER_LEAF, token: TOKENS[0], nonce: BigInt(i), validUntil: TIMESTAMP, amount: AMOUNT, fee: 0n,
      pool: POOL_LEAF, peerChain: 1, peerLeaf: POOL_LEAF, peerToken: TOKENS[1], limit: 0n, peerAmount: 0n, peerLimit: out, ...user,
    };
    const signature = signOperation(order, { deploymentId: DEPLOYMENT_ID, chainIndex: 0 }, key);
    sides[0].push({ type: 'swapIn', from: TRADER_LEAF, pool: POOL_LEAF, amount: AMOUNT, fee: 0n, order, signature });
    sides[1].push({ type: 'swapOut', pool: POOL_LEAF, to: TRADER_LEAF, amount: out, order });
    reserves.reserveIn += AMOUNT;
    reserves.reserveOut -= out;
  }
  const segments = sides.map((operations, chainIndex) => ({ chainIndex, operations }));
  return sealBlock({ state, deploymentId: DEPLOYMENT_ID, blockNumber: 1, timestamp: TIMESTAMP, segments }).trace;
}

/** A trader's leaf and half a pair with liquidity on each of two chains. */
function fundedPair(user: { owner: bigint; keyX: bigint; keyY: bigint }): LedgerState {
  let state = LedgerState.empty({ chainCount: 2 });
  for (const chainIndex of [0, 1] as const) {
    const peer = { chainIndex: 1 - chainIndex, leafIndex: POOL_LEAF };
    const token = TOKENS[chainIndex];
    const chain = state
      .chain(chainIndex)
      .withLeaf(TRADER_LEAF, accountLeaf({ ...user, token }, chainIndex === 0 ? RESERVE : 0n))
      .withLeaf(POOL_LEAF, poolLeaf({ token, reserve: RESERVE, totalShares: RESERVE, peer }));
    state = state.withChain(chainIndex, chain);
  }
  return state;
}

/** All proofs of a block, with a worker for each core. */
async function secondsToProve(trace: BlockTrace, signal: AbortSignal): Promise<number> {
  const prover = createProver();
  try {
    const start = performance.now();
    await Promise.all([
      ...trace.segments.map((segment) => prover.prove({ circuit: 'segment' as const, signals: segmentSignals(segment), signal })),
      prover.prove({ circuit: 'join', signals: joinSignals(trace.join), signal }),
    ]);
    return (performance.now() - start) / 1000;
  } finally {
    await prover.terminate();
  }
}
