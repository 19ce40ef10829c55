import { describeCircuit, type CircuitDescription } from '../../circuit/describe.ts';
import { readInstances, selectInstances } from '../../circuit/instances.ts';
import type { CommandSpec } from '../commands/command.ts';
import { formatTable } from '../output.ts';

export const infoCommand: CommandSpec = {
  name: 'info',
  summary: 'sizes, keys and public inputs of the circuits, and what each part costs',
  description: [
    'Prints constraints, wires, public inputs in their order, how full the domain is, file sizes, build times and hashes, and a table of',
    'what each part of the circuit costs: components with all their instances together, split where they are large. Every constraint',
    'counts for one place, so that the parts add up.',
  ],
  options: [],
  positionals: [{ name: 'name', value: 'NAME', help: 'one circuit (default: all)' }],
  environment: [],
  examples: ['npm run circuit -- info', 'npm run circuit -- info segment --json'],
  async run({ options }) {
    const name = options.text('name');
    const instances = name === undefined ? readInstances() : selectInstances(readInstances(), [name]);
    const circuits: CircuitDescription[] = [];
    for (const instance of instances) circuits.push(await describeCircuit(instance));
    return {
      data: circuits.map(({ instance, info, costs }) => ({ ...info, publicInputNames: instance.publicInputs, costs })),
      lines: circuits.flatMap((circuit, i) => [...(i === 0 ? [] : ['']), ...describeLines(circuit)]),
    };
  },
};

function describeLines({ instance, artifacts, info, costs }: CircuitDescription): string[] {
  const used = info.constraints + info.publicInputs + 1;
  const facts: [name: string, value: string][] = [
    ['constraints', count(info.constraints)],
    ['domain', `2^${Math.log2(info.domain)}, ${((100 * used) / info.domain).toFixed(1)} % full, room for ${count(info.domain - used)} more`],
    ['wires', `${count(info.wires)} (${count(info.privateInputs)} private inputs)`],
    ['public inputs', instance.publicInputs.join(', ')],
    ['files', `key ${mega(info.zkeyBytes)}, r1cs ${mega(info.r1csBytes)}, witness program ${mega(info.wasmBytes)}`],
    ['compiled in', `${info.compileSeconds.toFixed(1)} s, peak memory ${mega(info.compilePeakBytes)}`],
    ['key made in', `${info.setupSeconds.toFixed(1)} s, peak memory ${mega(info.setupPeakBytes)}`],
    ['key', `sha256 ${info.zkeySha256}`],
    ['verifying key', `sha256 ${info.vkeySha256}`],
    ['folder', artifacts.folder],
  ];
  const table = formatTable({
    columns: [{ title: 'part' }, { title: 'template' }, { title: 'constraints', align: 'right' }, { title: 'share', align: 'right' }],
    rows: costs.map(({ path, level, constraints, share, isRest, template = '' }) => [
      `${'  '.repeat(level)}${isRest ? 'rest' : path.split('.').at(-1)}`,
      isRest ? '' : template,
      count(constraints),
      `${(100 * share).toFixed(1)} %`,
    ]),
  });
  return [`${info.name}: ${info.main} (${info.hash})`, ...facts.map(([name, value]) => `  ${name.padEnd(14)} ${value}`), '', ...table.map((line) => `  ${line}`)];
}

function count(value: number): string {
  return value.toLocaleString('en');
}

function mega(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
