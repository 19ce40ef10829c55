import { beforeAll, describe, expect, it } from 'vitest';
import { joinSignals } from '../../prover/witnessJoin.ts';
import { Random } from '../random.ts';
import { tradingHistory, type TradingBlock } from '../tradingHistory.ts';
import { ALL, JoinHarness } from './joinHarness.ts';

/* Blocks of a random trading history on three chains, as ts/state seals them. */

const SEED = 20_261_121;

describe('join of sealed blocks', () => {
  let join: JoinHarness;
  let blocks: TradingBlock[];
  beforeAll(async () => {
    join = await JoinHarness.load(ALL);
    const random = new Random(SEED, 'joins of a trading history');
    ({ blocks } = tradingHistory({ random, deploymentId: 42n, timestamp: 1_700_000_000, chainCount: 3, pairs: [[0, 1], [1, 2], [2, 2]], blocks: 12 }));
  });

  it('is accepted with the public inputs of the block, whatever its pairs', () => {
    const kinds = new Set<string>();
    let most = 0;
    for (const { trace } of blocks) {
      const witness = join.tester.witness(joinSignals(trace.join));
      expect(join.places(witness)).toEqual([]);
      expect(witness.slice(1, 4)).toEqual(Object.values(trace.join.publicInputs));
      for (const { first, second } of trace.join.pairs) kinds.add(first.kind === 'addLiquidity' && second.amount === 0n ? 'addOne' : first.kind);
      most = Math.max(most, trace.join.pairs.length);
    }
    expect([...kinds].sort()).toEqual(['addLiquidity', 'addOne', 'removeLiquidity', 'swapIn']);
    expect(most).toBe(ALL.pairs);
  });

  it('is refused when a pair is left out, or a segment emits its legs in another order', () => {
    const { trace } = blocks.find(({ trace }) => trace.join.pairs.length > 1) ?? blocks[0] ?? { trace: null };
    if (!trace) throw new Error('there are no blocks');
    const refusal = (changes: Partial<typeof trace.join>): string[] => join.places(join.tester.witness(joinSignals({ ...trace.join, ...changes })));
    expect(refusal({})).toEqual([]);
    expect(refusal({ pairs: trace.join.pairs.slice(1) })).not.toEqual([]);
    expect(refusal({ legList: trace.join.legList.toReversed() })).not.toEqual([]);
  });
});
