import { join } from 'node:path';
import { RollupError } from '../../base/errors.ts';
import { buildStoryScenario } from '../../fixtures/story.ts';
import { buildTradeScenario } from '../../fixtures/storyTrade.ts';
import { segmentSignals, type Signals } from '../../prover/witness.ts';
import { exitSignals } from '../../prover/witnessExit.ts';
import { joinSignals } from '../../prover/witnessJoin.ts';
import { isShareToken } from '../../spec/leg.ts';
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
  if (kind === 'exit' || kind === 'exitOfShares') {
    const ofShares = kind === 'exitOfShares';
    const { state } = await (ofShares ? buildTradeScenario : buildStoryScenario)();
    const leaves = state.chains.flatMap((chain, chainIndex) => chain.entries().map((entry) => ({ chainIndex, ...entry })));
    const { chainIndex, leafIndex } = leaves.find(({ leaf }) => leaf.balance > 0n && isShareToken(leaf.token) === ofShares)!;
    return { signals: exitSignals({ state, chainIndex, leafIndex }) };
  }
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

/** A block of the story. @throws RollupError when it has not so many */
export async function storyBlock(blockNumber: number): Promise<BlockTrace> {
  const { blocks } = await buildStoryScenario();
  const block = blocks[blockNumber - 1];
  if (block) return block.trace;
  throw new RollupError(`the story has no block ${blockNumber}`, { facts: { blocks: `1 … ${blocks.length}` } });
}
