import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { RollupError } from '../../base/errors.ts';
import { readInstances } from '../../circuit/instances.ts';
import type { Hex } from '../../spec/hex.ts';
import type { CommandResult, CommandSpec, ParsedOptions } from '../commands/command.ts';
import { formatTable, shortHex } from '../output.ts';
import { committedJoin, committedSegment, explain, type Committed, type ExplainedWord } from './explanation.ts';
import { readJson, readPublicInputs } from './files.ts';
import { storyBlock } from './input.ts';

export const explainCommand: CommandSpec = {
  name: 'explain',
  summary: "show a proof's public words by name beside the contract's",
  description: [
    'Prints the words that a segment or join proof binds (header, on-chain words, L2 words) and its public inputs (c1, c2, r, y1, y2): as the',
    "circuit's side has them, and as the contract computes them from the bytes; where they differ there is a mark, and the exit code is 1.",
    'The target is a folder with public.json (from `prove`) and committed.json (from `input`: what the contract gets), such a public.json,',
    'or the number of a block of the story in test/fixtures.',
  ],
  options: [
    { name: 'segment', value: 'NUMBER', help: 'with a block: which of its segments, from 0 (default 0)' },
    { name: 'join', help: 'with a block: its join' },
  ],
  positionals: [{ name: 'target', value: 'TARGET', required: true, help: 'folder, public.json, or number of a block' }],
  environment: [],
  examples: ['npm run circuit -- explain out/transfer', 'npm run circuit -- explain 2 --segment 0', 'npm run circuit -- explain 2 --join --json'],
  async run({ options }) {
    const target = options.required('target');
    const { committed, publicInputs } = /^\d+$/.test(target) ? await ofStory(Number(target), options) : ofFiles(target);
    if (committed === undefined) return publicOnly(publicInputs);
    const words = explain(committed, publicInputs);
    const different = words.filter(({ isSame }) => !isSame);
    const lines = tableOf(words);
    if (different.length > 0) {
      throw new RollupError(`${committed.circuit}: the proof and the contract do not have the same words`, {
        facts: { different: different.map(({ group, name }) => `${group}: ${name}`).join('; '), table: `\n${lines.join('\n')}` },
        hint: 'The proof is of other data than what was committed.',
      });
    }
    return { data: { circuit: committed.circuit, words }, lines: [...lines, '', 'both sides have the same words'] };
  },
};

interface Target {
  committed: Committed | undefined;
  publicInputs: readonly bigint[];
}

async function ofStory(blockNumber: number, options: ParsedOptions): Promise<Target> {
  const { join: joinTrace, segments } = await storyBlock(blockNumber);
  if (options.flag('join')) return { committed: committedJoin(joinTrace), publicInputs: [joinTrace.publicInputs.c1, joinTrace.publicInputs.r, joinTrace.publicInputs.y1] };
  const number = options.text('segment') ?? '0';
  const segment = /^\d+$/.test(number) ? segments[Number(number)] : undefined;
  if (!segment) throw new RollupError(`block ${blockNumber} has no segment ${number}`, { facts: { segments: `0 … ${segments.length - 1}` } });
  const { c1, c2, r, y1, y2 } = segment.publicInputs;
  return { committed: committedSegment(segment), publicInputs: [c1, c2, r, y1, y2] };
}

function ofFiles(target: string): Target {
  if (!existsSync(target)) throw new RollupError(`${target} does not exist`, { hint: 'Give a folder with public.json and committed.json, a public.json, or the number of a block of the story.' });
  const folder = statSync(target).isDirectory() ? target : dirname(target);
  const publicInputs = readPublicInputs(folder === target ? join(folder, 'public.json') : target);
  const file = join(folder, 'committed.json');
  return { committed: existsSync(file) ? readCommitted(file) : undefined, publicInputs };
}

const HEX_FIELDS = ['onchainData', 'l2Data'];
const NUMBER_FIELDS = ['chainIndex', 'blockNumber', 'timestamp'];

/** @throws RollupError when the file has not the shape that `input` writes */
function readCommitted(path: string): Committed {
  const wrong = (what: string): RollupError => new RollupError(`${path}: ${what}`, { hint: '`npm run circuit -- input` writes this file.' });
  const file = readJson(path) as Record<string, unknown> | null;
  if (typeof file !== 'object' || file === null || (file['circuit'] !== 'segment' && file['circuit'] !== 'join')) throw wrong('"circuit" must be segment or join');
  const convert = (value: unknown, name: string): unknown => {
    if (name === 'circuit') return value;
    if (Array.isArray(value)) return value.map((one) => convert(one, name));
    if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, convert(one, key)]));
    if (HEX_FIELDS.includes(name) && typeof value === 'string' && /^0x([0-9a-f]{2})*$/i.test(value)) return value as Hex;
    if (NUMBER_FIELDS.includes(name) && typeof value === 'number') return value;
    if (typeof value === 'string' && /^\d+$/.test(value)) return BigInt(value);
    throw wrong(`${name} is not what it should be`);
  };
  const committed = Object.fromEntries(Object.entries(file).map(([name, value]) => [name, convert(value, name)]));
  const needed =
    file['circuit'] === 'segment'
      ? [...NUMBER_FIELDS, ...HEX_FIELDS, 'deploymentId', 'rootIn', 'rootOut', 'legsIn', 'legsOut', 'c1', 'c2']
      : ['deploymentId', 'blockNumber', 'finalRootIn', 'finalRootOut', 'legs', 'segments', 'c1'];
  const missing = needed.find((name) => committed[name] === undefined);
  if (missing !== undefined) throw wrong(`${missing} is missing`);
  return committed as unknown as Committed;
}

/** Exits have nothing to compare, and of other proofs the contract's side may be unknown. */
function publicOnly(publicInputs: readonly bigint[]): CommandResult {
  const instance = readInstances().find((candidate) => candidate.publicInputs.length === publicInputs.length);
  if (!instance) throw new RollupError('no circuit has so many public inputs', { facts: { actual: publicInputs.length } });
  const named = instance.publicInputs.map((name, i) => ({ name, value: publicInputs[i]! }));
  const note = instance.name === 'exit' ? [] : ['', "The contract's side is not known: there is no committed.json beside the file."];
  return { data: { circuit: instance.name, publicInputs: named }, lines: [`${instance.name}:`, ...named.map(({ name, value }) => `  ${name.padEnd(12)} ${value}`), ...note] };
}

function tableOf(words: readonly ExplainedWord[]): string[] {
  const cell = (value: bigint | undefined): string => (value === undefined ? '-' : shortHex(`0x${value.toString(16)}`));
  return formatTable({
    columns: [{ title: 'group' }, { title: 'word' }, { title: 'circuit' }, { title: 'contract' }, { title: '' }],
    rows: words.map(({ group, name, circuit, contract, isSame }) => [group, name, cell(circuit), cell(contract), isSame ? '' : '← differs']),
    groupBy: 1,
  });
}
