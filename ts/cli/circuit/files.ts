import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Groth16Proof } from 'snarkjs';
import { RollupError } from '../../base/errors.ts';
import { stringifyPlain } from '../../base/json.ts';
import { readInstances, selectInstances, type CircuitInstance } from '../../circuit/instances.ts';
import type { Signals, SignalValue } from '../../prover/witness.ts';
import { isFieldElement } from '../../spec/field.ts';
import { UsageError } from '../commands/command.ts';

/** @throws RollupError that names the file and what to do */
export function readJson(path: string): unknown {
  if (!existsSync(path)) throw new RollupError(`${path} does not exist`, { hint: 'Give the path of a file; `npm run circuit -- input` writes an example.' });
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new RollupError(`${path} is not a JSON file`, { cause });
  }
}

/** Bigints as decimal strings. */
export function writeJson(path: string, value: unknown): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${stringifyPlain(value, 1)}\n`);
}

/** Inputs of a circuit by qualified signal name: decimal strings in arrays of any depth. @throws RollupError that names the signal */
export function readSignals(path: string): Signals {
  const file = readJson(path);
  if (typeof file !== 'object' || file === null || Array.isArray(file)) throw new RollupError(`${path} is not an object of signals`);
  return Object.fromEntries(Object.entries(file).map(([name, value]) => [name, readSignal(value, name)]));
}

function readSignal(value: unknown, name: string): SignalValue {
  if (Array.isArray(value)) return value.map((one, i) => readSignal(one, `${name}[${i}]`));
  return readElement(value, name);
}

/** Public inputs in the circuit's order, as snarkjs writes them. @throws RollupError that names the place */
export function readPublicInputs(path: string): bigint[] {
  const file = readJson(path);
  if (!Array.isArray(file)) throw new RollupError(`${path} is not a list of public inputs`, { hint: '`circuit prove` writes public.json.' });
  return file.map((value, i) => readElement(value, `public input ${i}`));
}

/** @throws RollupError when the file has not the shape of a proof */
export function readProof(path: string): Groth16Proof {
  const file = readJson(path) as Partial<Groth16Proof> | null;
  const isPoint = (point: unknown): boolean => Array.isArray(point) && point.length === 3;
  if (typeof file !== 'object' || file === null || !isPoint(file.pi_a) || !isPoint(file.pi_b) || !isPoint(file.pi_c) || file.protocol !== 'groth16') {
    throw new RollupError(`${path} is not a Groth16 proof`, { hint: '`circuit prove` writes proof.json.' });
  }
  return file as Groth16Proof;
}

function readElement(value: unknown, name: string): bigint {
  if (typeof value === 'string' && /^(?:0x[0-9a-fA-F]+|\d+)$/.test(value) && isFieldElement(BigInt(value))) return BigInt(value);
  throw new RollupError(`${name} is not a field element`, { facts: { expected: 'a decimal string below the field order', actual: value } });
}

/** The circuit that was named, or the one whose inputs these names are. @throws UsageError when none or several could be meant */
export function chooseCircuit(name: string | undefined, signals: readonly string[]): CircuitInstance {
  const instances = readInstances();
  if (name !== undefined) return selectInstances(instances, [name])[0]!;
  return onlyOne(instances.filter(({ publicInputs }) => publicInputs.every((input) => signals.includes(input))));
}

/** The circuit that was named, or the one with so many public inputs. */
export function chooseCircuitByPublicInputs(name: string | undefined, count: number): CircuitInstance {
  const instances = readInstances();
  if (name !== undefined) return selectInstances(instances, [name])[0]!;
  return onlyOne(instances.filter(({ publicInputs }) => publicInputs.length === count));
}

function onlyOne(instances: readonly CircuitInstance[]): CircuitInstance {
  // Segments have the public inputs of a join among their own: the longest list fits.
  const [first, second] = instances.toSorted((a, b) => b.publicInputs.length - a.publicInputs.length);
  if (first === undefined || first.publicInputs.length === second?.publicInputs.length) {
    throw new UsageError('Which circuit this is for is not clear', { facts: { circuits: readInstances().map(({ name }) => name).join(', ') }, hint: 'Add --circuit NAME.' });
  }
  return first;
}
