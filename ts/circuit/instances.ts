import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RollupError } from '../base/errors.ts';
import { paths } from '../base/paths.ts';
import { params } from '../spec/params.ts';

/** One circuit of circuits/circuits.json with its sizes filled in. */
export interface CircuitInstance {
  name: string;
  /** Relative to circuits/. */
  file: string;
  template: string;
  parameters: readonly number[];
  /** Names of the public input signals, in order. */
  publicInputs: readonly string[];
}

interface InstanceEntry {
  file?: unknown;
  template?: unknown;
  params?: unknown;
  public?: unknown;
}

export interface ReadInstancesParameters {
  /** Default: circuits/circuits.json. */
  instancesPath?: string;
  /** Numbers that entries may name; default: the chosen profile of circuits/params.json. */
  sizes?: Readonly<Record<string, unknown>>;
}

/** @throws RollupError that names the file and the entry that is wrong */
export function readInstances({ instancesPath = paths.instances, sizes = { ...params } }: ReadInstancesParameters = {}): CircuitInstance[] {
  const entries = readJson(instancesPath) as Record<string, InstanceEntry>;
  return Object.entries(entries).map(([name, entry]) => {
    const wrong = (what: string, facts: Record<string, unknown> = {}): RollupError =>
      new RollupError(`${instancesPath}: ${name}: ${what}`, {
        facts,
        hint: 'An entry looks like { "file": "segment.circom", "template": "Segment", "params": ["slots", …], "public": ["c1", …] }.',
      });
    const { file, template, params = [], public: publicInputs = [] } = entry;
    if (typeof file !== 'string' || typeof template !== 'string') throw wrong('file and template must be strings');
    if (!isStringList(publicInputs)) throw wrong('public must be a list of signal names');
    if (!Array.isArray(params)) throw wrong('params must be a list');
    const parameters = params.map((parameter: unknown) => {
      const value = typeof parameter === 'string' ? sizes[parameter] : parameter;
      if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
      throw wrong('a parameter is neither an integer nor the name of one', { parameter });
    });
    return { name, file, template, parameters, publicInputs };
  });
}

/** The main file of an instance; it is generated, never written by hand. */
export function mainSource(instance: CircuitInstance): string {
  const { file, publicInputs } = instance;
  const inputs = publicInputs.length === 0 ? '' : `{public [${publicInputs.join(', ')}]} `;
  return `pragma circom 2.2.0;\n\ninclude "${file}";\n\ncomponent main ${inputs}= ${mainComponent(instance)};\n`;
}

/** Template with its sizes, e.g. `Segment(7, 8, 8, 2)`. */
export function mainComponent({ template, parameters }: Pick<CircuitInstance, 'template' | 'parameters'>): string {
  return `${template}(${parameters.join(', ')})`;
}

/** @throws RollupError with the known names when there is no such circuit */
export function selectInstances(instances: readonly CircuitInstance[], names: readonly string[]): CircuitInstance[] {
  return names.map((name) => {
    const instance = instances.find((candidate) => candidate.name === name);
    if (instance) return instance;
    throw new RollupError(`there is no circuit "${name}"`, { facts: { circuits: instances.map((known) => known.name).join(', ') } });
  });
}

function isStringList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new RollupError(`${path} cannot be read`, { cause, hint: `Restore it: git checkout ${join('circuits', path.split('/').at(-1) ?? '')}` });
  }
}
