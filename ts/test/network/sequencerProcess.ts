import { runProgram } from '../../cli/network/program.ts';
import { sequencerCommand } from '../../cli/network/sequencer.ts';
import type { ProverPort } from '../../sequencer/proverPort.ts';

/*
 * `npm run sequencer` in a process of its own, but with proofs of zeros, for chains whose verifier takes all: real proofs of a block take longer
 * than everything else that is tested here.
 */

const zeroProver: ProverPort = {
  async prove({ trace: { publicInputs: inputs } }) {
    const publicInputs = 'c2' in inputs ? [inputs.c1, inputs.c2, inputs.r, inputs.y1, inputs.y2] : [inputs.c1, inputs.r, inputs.y1];
    return await Promise.resolve({ proof: { a: [0n, 0n], b: [[0n, 0n], [0n, 0n]], c: [0n, 0n] }, publicInputs });
  },
  verify: () => Promise.resolve(true),
  stop: () => Promise.resolve(),
};

await runProgram(sequencerCommand(() => zeroProver));
