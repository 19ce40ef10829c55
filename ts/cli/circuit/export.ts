import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { circuitArtifacts } from '../../circuit/artifacts.ts';
import { readInstances, selectInstances } from '../../circuit/instances.ts';
import { generatedFiles, render } from '../../circuit/solidity.ts';
import { snarkjsVerifier } from '../../circuit/snarkjsVerifier.ts';
import { params } from '../../spec/params.ts';
import type { CommandSpec } from '../commands/command.ts';

export const exportCommand: CommandSpec = {
  name: 'export',
  summary: 'write verifying keys as JSON and Solidity',
  description: [
    'Writes for each circuit its verifying key as JSON (snarkjs) and a Solidity verifier of its own (snarkjs), and for all three together',
    "VerifyingKeys.sol, which the rollup's verifier takes. The keys are those in use for the profile: a ceremony's if they are, else",
    'development keys, which protect nobody.',
  ],
  options: [{ name: 'out', value: 'DIR', help: 'where the files go (default: out/keys/<profile>)' }],
  positionals: [{ name: 'name', value: 'NAME', help: 'one circuit (default: all)' }],
  environment: [],
  examples: ['npm run circuit -- export', 'npm run circuit -- export segment --out out/keys'],
  async run({ options }) {
    const name = options.text('name');
    const instances = name === undefined ? readInstances() : selectInstances(readInstances(), [name]);
    const artifacts = instances.map((instance) => circuitArtifacts(instance.name));
    const folder = options.text('out') ?? join('out', 'keys', params.profile);
    mkdirSync(folder, { recursive: true });
    const written: string[] = [];
    const put = (file: string, text: string): void => {
      writeFileSync(join(folder, file), text);
      written.push(join(folder, file));
    };
    for (const circuit of artifacts) {
      const json = join(folder, `${circuit.name}.vkey.json`);
      copyFileSync(circuit.vkey, json);
      written.push(json);
      const contract = `${circuit.name.slice(0, 1).toUpperCase()}${circuit.name.slice(1)}Verifier`;
      put(`${contract}.sol`, await snarkjsVerifier(circuit.zkey, contract));
    }
    if (name === undefined) {
      const keys = generatedFiles(artifacts).find(({ path }) => path.endsWith('VerifyingKeys.sol'));
      if (keys) put('VerifyingKeys.sol', await render(keys));
    }
    return { data: { profile: params.profile, circuits: artifacts.map((circuit) => ({ name: circuit.name, hash: circuit.hash })), written }, lines: written.map((path) => `wrote ${path}`) };
  },
};
