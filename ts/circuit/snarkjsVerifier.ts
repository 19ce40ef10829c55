import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { zKey } from 'snarkjs';
import { RollupError } from '../base/errors.ts';
import { paths } from '../base/paths.ts';
import { readFirstSections, VERIFYING_SECTIONS } from './setup/zkeyFile.ts';

/** Name of the contract in snarkjs's template. */
const TEMPLATE_NAME = 'contract Groth16Verifier';

/** It stays as snarkjs writes it. */
const UNTOUCHED = '/* solhint-disable */\n// forgefmt: disable-start';

/** snarkjs's own Solidity verifier of a key, for tests that hold ours against it. Its licence header (GPL-3.0) stays. */
export async function snarkjsVerifier(zkeyPath: string, contractName: string): Promise<string> {
  const template = readFileSync(join(paths.nodeModules, 'snarkjs', 'templates', 'verifier_groth16.sol.ejs'), 'utf8');
  const text = await zKey.exportSolidityVerifier({ type: 'mem', data: readFirstSections(zkeyPath, VERIFYING_SECTIONS) }, { groth16: template });
  if (!text.includes(TEMPLATE_NAME)) throw new RollupError("snarkjs's verifier template has changed", { facts: { expected: TEMPLATE_NAME } });
  return text.replace(TEMPLATE_NAME, `${UNTOUCHED}\ncontract ${contractName}`);
}
