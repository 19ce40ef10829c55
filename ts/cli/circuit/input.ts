import { join } from 'node:path';
import { RollupError } from '../../base/errors.ts';
import { buildStoryScenario } from '../../fixtures/story.ts';
import type { StoryScenario } from '../../fixtures/storyScenario.ts';
import { buildTradeScenario } from '../../fixtures/storyTrade.ts';
import { segmentSignals, type Signals } from '../../prover/witness.ts';
import { exitSignals } from '../../prover/witnessExit.ts';
import { joinSignals } from '../../prover/witnessJoin.ts';
import { LEAF_KIND } from '../../spec/leaf.ts';
import { isShareToken } from '../../spec/leg.ts';
import { LedgerState } from '../../state/ledger.ts';
import { replaySegments } from '../../state/replay.ts';
import type { BlockTrace } from '../../state/trace.ts';
import { UsageError, type CommandSpec } from '../commands/command.ts';
import { committedJoin, committedSegment, type Committed } from './explanation.ts';
import { writeJson } from './files.ts';

export const inputCommand: CommandSpec = {
  name: 'input',
  summary: 'write an example input for `prove`',
  description: [
    'Writes input.json for a proof of the stories that the fixtures are made from, and committed.json: what the contract gets with that proof',
    '(`explain` reads both sides). The kind is an operation (the first segment that has one), join (the first that has pairs), exit or exitOfShares.',
  ],
  options: [
    { name: 'kind', value: 'KIND', required: true, help: 'deposit, fullExit, withdraw, open, transfer, swapIn, …; join; exit; exitOfShares' },
    { name: 'out', value: 'DIR', help: 'where the files go (default: out/<kind>)' },
  ],
  environment: [],
  examples: ['npm run circuit -- input --kind transfer', 'npm run circuit -- input --kind join --out out/join'],
  async run({ options }) {
    const kind = options.required('kind');
    const { signals, committed } = await exampleInput(kind);
    const folder = options.text('out') ?? join('out', kind);
    const input = join(folder, 'input.json');
    const written = [input];
    writeJson(input, signals);
    if (committed) {
      writeJson(join(folder, 'committed.json'), committed);
      written.push(join(folder, 'committed.json'));
    }
    return { data: { kind, written }, lines: [...written.map((path) => `wrote ${path}`), `next: npm run circuit -- prove ${input} --out ${folder}`] };
  },
};

/** @throws UsageError when the story has no such operation */
async function exampleInput(kind: string): Promise<{ signals: Signals; committed?: Committed }> {
  if (kind === 'exit') return { signals: exampleExit(await buildStoryScenario(), { ofShares: false }) };
  if (kind === 'exitOfShares') return { signals: exampleExit(await buildTradeScenario(), { ofShares: true }) };
  const blocks = [...(await buildStoryScenario()).blocks, ...(await buildTradeScenario()).blocks];
  if (kind === 'join') {
    const { trace } = blocks.find(({ trace: { join: { pairs } } }) => pairs.length > 0) ?? blocks[0]!;
    return { signals: joinSignals(trace.join), committed: committedJoin(trace.join) };
  }
  const segments = blocks.flatMap(({ trace }) => trace.segments);
  const segment = segments.find(({ slots }) => slots.some(({ operation }) => operation.type === kind));
  if (segment) return { signals: segmentSignals(segment), committed: committedSegment(segment) };
  const kinds = new Set(segments.flatMap(({ slots }) => slots.map(({ operation }) => operation.type)));
  throw new UsageError(`The stories have nothing of kind "${kind}"`, { facts: { kinds: [...kinds, 'join', 'exit', 'exitOfShares'].join(', ') } });
}

/** The exit of the first leaf that has something, after the first block that leaves one; the state is replayed from public data, as who exits would. */
function exampleExit({ blocks, state: last }: StoryScenario, { ofShares }: { ofShares: boolean }): Signals {
  let state = LedgerState.empty({ chainCount: last.chains.length });
  for (const { trace } of blocks) {
    state = replaySegments(state, trace.segments);
    const leaves = state.chains.flatMap((chain, chainIndex) => chain.entries().map((entry) => ({ chainIndex, ...entry })));
    const found = leaves.find(({ leaf }) => leaf.kind === LEAF_KIND.account && leaf.balance > 0n && isShareToken(leaf.token) === ofShares);
    if (found) return exitSignals({ state, chainIndex: found.chainIndex, leafIndex: found.leafIndex });
  }
  throw new RollupError('No block of the story leaves such a leaf', { facts: { blocks: blocks.length, ofShares } });
}

/** A block of the story. @throws RollupError when it has not so many */
export async function storyBlock(blockNumber: number): Promise<BlockTrace> {
  const { blocks } = await buildStoryScenario();
  const block = blocks[blockNumber - 1];
  if (block) return block.trace;
  throw new RollupError(`the story has no block ${blockNumber}`, { facts: { blocks: `1 … ${blocks.length}` } });
}
