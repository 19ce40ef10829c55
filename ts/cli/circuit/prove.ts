import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { groth16, type Groth16VerificationKey } from 'snarkjs';
import { RollupError } from '../../base/errors.ts';
import { circuitArtifacts } from '../../circuit/artifacts.ts';
import { proverHelp, useProver } from '../../prover/choice.ts';
import { createProver } from '../../prover/pool.ts';
import type { CircuitName } from '../../prover/prove.ts';
import type { CommandSpec, OptionSpec } from '../commands/command.ts';
import { chooseCircuit, chooseCircuitByPublicInputs, readProof, readPublicInputs, readSignals, writeJson } from './files.ts';

const circuitOption: OptionSpec = { name: 'circuit', value: 'NAME', help: 'which circuit (default: the one that the names or the number of inputs fit)' };

export const proveCommand: CommandSpec = {
  name: 'prove',
  summary: 'make a proof from an input file',
  description: [
    "Calculates the witness, makes the proof, verifies it with the circuit's verifying key and only then writes proof.json and public.json.",
    'The input is a JSON object of signals: decimal strings, arrays nested as in the circuit. `circuit input` writes examples.',
    'Where the input does not satisfy the circuit, the error names the templates and the lines of the condition, innermost first.',
  ],
  options: [
    circuitOption,
    { name: 'prover', value: 'NAME', help: 'snarkjs (default), rapidsnark or auto' },
    { name: 'out', value: 'DIR', help: 'where the files go (default: the current folder)' },
  ],
  positionals: [{ name: 'input', value: 'INPUT', required: true, help: 'JSON file of input signals' }],
  environment: proverHelp.map(([name, help]) => ({ name, help })),
  examples: ['npm run circuit -- prove out/transfer/input.json --out out/transfer'],
  async run({ options, progress, signal }) {
    useProver(options.text('prover'), process.env);
    const signals = readSignals(options.required('input'));
    const { name, publicInputs: names } = chooseCircuit(options.text('circuit'), Object.keys(signals));
    const prover = createProver({ progress });
    try {
      const { proof, publicInputs, timing } = await prover.prove({ circuit: name as CircuitName, signals, signal });
      const folder = options.text('out') ?? '.';
      const files = { proof: join(folder, 'proof.json'), public: join(folder, 'public.json') };
      writeJson(files.proof, proof);
      writeJson(files.public, publicInputs);
      return {
        data: { circuit: name, proof, publicInputs, timing, files },
        lines: [
          `proved and verified ${name} with ${timing.backend}: witness ${timing.witnessSeconds.toFixed(1)} s, proof ${timing.proveSeconds.toFixed(1)} s, peak memory ${(timing.peakBytes / 1e6).toFixed(0)} MB`,
          ...names.map((input, i) => `  ${input.padEnd(12)} ${publicInputs[i]}`),
          `wrote ${files.proof}, ${files.public}`,
        ],
      };
    } finally {
      await prover.terminate();
    }
  },
};

export const verifyCommand: CommandSpec = {
  name: 'verify',
  summary: 'verify a proof',
  description: ["Verifies a proof for its public inputs with the circuit's verifying key. Exit code 1 if it is not valid."],
  options: [circuitOption],
  positionals: [
    { name: 'proof', value: 'PROOF', required: true, help: 'proof.json, as `prove` or snarkjs writes it' },
    { name: 'public', value: 'PUBLIC', required: true, help: 'public.json' },
  ],
  environment: [],
  examples: ['npm run circuit -- verify out/transfer/proof.json out/transfer/public.json'],
  async run({ options }) {
    const proof = readProof(options.required('proof'));
    const publicInputs = readPublicInputs(options.required('public'));
    const { name, publicInputs: names } = chooseCircuitByPublicInputs(options.text('circuit'), publicInputs.length);
    if (publicInputs.length !== names.length) {
      throw new RollupError(`${name} has another number of public inputs`, { facts: { expected: names.length, actual: publicInputs.length } });
    }
    const { vkey } = circuitArtifacts(name);
    if (!(await isValid(JSON.parse(readFileSync(vkey, 'utf8')) as Groth16VerificationKey, publicInputs, proof))) {
      throw new RollupError(`the proof is not valid for circuit ${name}`, { facts: { 'verifying key': vkey }, hint: 'Proof, public inputs and keys must belong together; keys change with the circuit.' });
    }
    return { data: { circuit: name, valid: true }, lines: [`valid: ${name}`] };
  },
};

/** snarkjs throws where a number is not a coordinate. */
async function isValid(key: Groth16VerificationKey, publicInputs: readonly bigint[], proof: ReturnType<typeof readProof>): Promise<boolean> {
  try {
    return await groth16.verify(key, publicInputs.map(String), proof);
  } catch {
    return false;
  }
}
