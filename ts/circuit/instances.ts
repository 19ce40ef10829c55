import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RollupError } from '../base/errors.ts';
import { paths } from '../base/paths.ts';

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
  /** Default: circuits/circuits.json and circuits/params.json. */
  instancesPath?: string;
  paramsPath?: string;
}

/** @throws RollupError that names the file and the entry that is wrong */
export function readInstances({ instancesPath = paths.instances, paramsPath = paths.params }: ReadInstancesParameters = {}): CircuitInstance[] {
  const entries = readJson(instancesPath) as Record<string, InstanceEntry>;
  const sizes = readJson(paramsPath) as Record<string, unknown>;
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
      throw wrong('a parameter is neither an integer nor the name of one', { parameter, paramsPath });
    });
    return { name, file, template, parameters, publicInputs };
  });
}

/** The main file of an instance; it is generated, never written by hand. */
export function mainSource({ file, template, parameters, publicInputs }: CircuitInstance): string {
  const inputs = publicInputs.length === 0 ? '' : `{public [${publicInputs.join(', ')}]} `;
  return `pragma circom 2.2.0;\n\ninclude "${file}";\n\ncomponent main ${inputs}= ${template}(${parameters.join(', ')});\n`;
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
