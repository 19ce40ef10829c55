import { beforeAll, describe, expect, test } from 'vitest';

import type { ChainDeployment, Deployment } from '../../chain/deployments.ts';
import type { PairRecord } from '../../chain/client/sequencerApi.ts';
import { buildTradeScenario } from '../../fixtures/storyTrade.ts';
import { STORY_CHAINS, type StoryScenario } from '../../fixtures/storyScenario.ts';
import { decodeOperations, encodeOperations } from '../../spec/pubdata.ts';
import { checkReplay, replayBlocks, type CommittedBlock, type ReplayedBlock } from './calldata.ts';
import { pairFees } from './runTrade.ts';
import { checkReserves, checkShares, checkTrades, readTrades, tradeTable, type Trade } from './trades.ts';

/* The checks of the second story, on the blocks of the fixture: a block's public data is all that they take. */

const zero = '0x0000000000000000000000000000000000000000';
const chains = STORY_CHAINS.map((name, chainIndex): ChainDeployment => ({
  chainIndex, name, chainId: chainIndex + 1, rpcUrl: '', role: chainIndex === 0 ? 'primary' : 'secondary', rollup: zero, gateway: zero, l1Gateway: zero, verifier: zero, extension: zero, deployedAtBlock: 0,
  tokens: [{ token: 1, symbol: 'ETH', decimals: 18, address: zero }, { token: 2, symbol: 'TST', decimals: 18, address: zero }], messageService: { kind: 'direct' },
}));
const deployment: Deployment = { name: 'test', deploymentId: 1n, arbitratorChainId: 3, arbitratorRpcUrl: '', arbitrator: zero, chains };
const half = { reserve: 0n, totalShares: 0n };
const pair: PairRecord = [{ chainIndex: 1, leafIndex: 2, token: 1, ...half }, { chainIndex: 0, leafIndex: 2, token: 2, ...half }];

let scenario: StoryScenario;
let committed: CommittedBlock[];
let replayed: ReplayedBlock[];
let trades: Trade[];
/** After the last block with orders; in the one after it carol's shares leave by full exits. */
let traded: ReplayedBlock | undefined;

beforeAll(async () => {
  scenario = await buildTradeScenario();
  committed = scenario.blocks.map(({ trace }) => ({ blockNumber: trace.blockNumber, finalRoot: trace.finalRoot, segments: trace.segments }));
  replayed = replayBlocks(committed, chains.length);
  trades = readTrades(replayed, [pair]);
  traded = replayed.find(({ blockNumber }) => blockNumber === trades.at(-1)?.blockNumber);
});

describe('replay of public data', () => {
  test('reaches every final root and the state after the last block', () => {
    expect(checkReplay(replayed).map(({ ok }) => ok)).toEqual([true, true, true, true]);
    expect(replayed.at(-1)?.after.finalRoot).toBe(scenario.state.finalRoot);
  });

  test('a swap that pays more in the calldata leads to another root, and is not what the formula gives', () => {
    const [first, second, third] = committed;
    if (first === undefined || second === undefined || third === undefined) throw new Error('three blocks');
    const segments = third.segments.map((segment) => {
      const operations = decodeOperations(segment.l2Data, 'l2').map((operation) => (operation.type === 'swapOut' && segment.chainIndex === 0 ? { ...operation, amount: operation.amount + 10n ** 10n } : operation));
      return { ...segment, l2Data: encodeOperations(operations).l2Data };
    });
    const wrong = replayBlocks([first, second, { ...third, segments }], chains.length);
    expect(checkReplay(wrong).map(({ ok }) => ok)).toEqual([true, true, false]);
    expect(checkTrades(deployment, readTrades(wrong, [pair])).some(({ ok }) => !ok)).toBe(true);
  });
});

describe('trades', () => {
  test('both halves are put together, the signed one in front', () => {
    expect(trades.map(({ blockNumber, type, pair: [first] }) => [blockNumber, type, first.chainIndex])).toEqual([
      [2, 'add', 0], [2, 'add', 1], [3, 'swap', 0], [3, 'swap', 0], [3, 'swap', 0], [3, 'swap', 1], [3, 'remove', 0],
    ]);
    expect(trades[1]?.amounts[1]).toBe(0n);
    const lines = tradeTable(deployment, trades, (owner) => owner.toString(16).slice(0, 4));
    expect(lines[4]).toMatch(/20 TST +linea +0\.\d+ ETH +zksync/);
  });

  test('hold: formula, k per share, reserves, shares; and the pair has earned', () => {
    const checks = [...checkTrades(deployment, trades), ...checkReserves(deployment, trades, traded), ...checkShares(deployment, [pair], replayed.at(-1))];
    expect(checks.filter(({ ok }) => !ok)).toEqual([]);
    expect(checks).toHaveLength(7 + 4 + 2 + 2);
    expect(pairFees(trades)[0]?.earned.numerator).toBeGreaterThan(0n);
  });

  test('one unit too much paid, a reserve that fell, and shares from nowhere are seen', () => {
    const swap = trades[2];
    if (swap === undefined) throw new Error('a swap');
    const paid = checkTrades(deployment, [{ ...swap, amounts: [swap.amounts[0], swap.amounts[1] + 1n] }]);
    expect(paid.map(({ ok }) => ok)).toEqual([true, false]);
    const fallen = checkTrades(deployment, [{ ...swap, after: [swap.before[0], { ...swap.before[1], reserve: swap.before[1].reserve - 1n }] }]);
    expect(fallen[0]?.ok).toBe(false);
    const last = trades.at(-1);
    const state = traded;
    if (last === undefined || state === undefined) throw new Error('blocks');
    expect(checkReserves(deployment, [{ ...last, after: [{ ...last.after[0], reserve: last.after[0].reserve + 1n }, last.after[1]] }], state).map(({ ok }) => ok)).toEqual([false, true]);
    const linea = state.after.chain(0);
    const minted = { ...state, after: state.after.withChain(0, linea.withLeaf(3, { ...linea.leaf(3), balance: linea.leaf(3).balance + 1n })) };
    expect(checkShares(deployment, [pair], minted).map(({ ok }) => ok)).toEqual([true, false]);
  });

  test('halves that tell of different orders are an error', () => {
    const block = replayed[2];
    if (block === undefined) throw new Error('block 3');
    const operations = block.operations.map((list, chainIndex) => (chainIndex === 1 ? list.filter(({ type }) => type !== 'removeLiquidityPeer') : list));
    expect(() => readTrades([{ ...block, operations }], [pair])).toThrow(/different numbers/);
  });
});
