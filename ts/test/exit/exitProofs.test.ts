import type { Groth16Proof } from 'snarkjs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { LeafExit } from '../../chain/actions/exitLeaves.ts';
import { ensureBuilt } from '../../circuit/ensureBuilt.ts';
import { readInstances, selectInstances } from '../../circuit/instances.ts';
import { createProver } from '../../prover/pool.ts';
import type { Prover } from '../../prover/prove.ts';
import { exitSignals } from '../../prover/witnessExit.ts';
import { EXITS_PER_CALL, proveExits, type ProveExitsParameters } from '../../recovery/exitProofs.ts';
import { holdingsOf } from '../../recovery/holdings.ts';
import { poolWorld, traders } from '../../sequencer/testSupport.ts';
import { addressOf } from '../../spec/hex.ts';

const { state } = poolWorld();
const owner = addressOf(traders.alice.owner);
const holdings = holdingsOf({ state, owner });
const proof: Groth16Proof = { pi_a: ['1', '2', '1'], pi_b: [['1', '2'], ['3', '4'], ['1', '0']], pi_c: ['1', '2', '1'], protocol: 'groth16', curve: 'bn128' };
const timing = { witnessSeconds: 0, proveSeconds: 0, verifySeconds: 0, threads: 1, backend: 'snarkjs' as const, peakBytes: 0 };

/** States what the witness says, or something else. */
function proverOf(change: (inputs: bigint[]) => bigint[] = (inputs) => inputs): Prover {
  return {
    async prove({ signals }) {
      const inputs = ['finalRoot', 'chainIndex', 'leafIndex', 'owner', 'token', 'amount'].map((name) => signals[name] as bigint);
      return { proof, publicInputs: change(inputs), timing };
    },
    terminate: async () => {},
  };
}

async function all(part: Partial<ProveExitsParameters> = {}): Promise<{ exit: LeafExit }[]> {
  const made: { exit: LeafExit }[] = [];
  for await (const one of proveExits({ state, finalRoot: state.finalRoot, owner, holdings, prover: proverOf(), ...part })) made.push(one);
  return made;
}

describe('exit proofs', () => {
  it('are handed out leaf by leaf, with what the chain pays', async () => {
    const lines: string[] = [];
    const made = await all({ progress: { report: (line) => lines.push(line) } });
    expect(made.map(({ exit: { leafIndex, token, amount } }) => ({ leafIndex, token, amount }))).toEqual(holdings.map(({ leafIndex, token, amount }) => ({ leafIndex, token, amount })));
    expect(made.every(({ exit }) => exit.owner === owner)).toBe(true);
    expect(lines).toHaveLength(holdings.length);
    expect(lines.at(-1)).toContain(`(${holdings.length} of ${holdings.length})`);
  });

  it('are not made of another state than the one that the chain has', async () => {
    await expect(all({ finalRoot: state.finalRoot + 1n })).rejects.toThrow('not the one that exits are proved against');
  });

  it('are not made of leaves that are worth nothing', async () => {
    await expect(all({ holdings: [{ ...holdings[0]!, amount: 0n }] })).rejects.toThrow('worth nothing');
  });

  it.each([0, 1, 2, 3, 4, 5])('that state another public input %i go nowhere', async (position) => {
    await expect(all({ prover: proverOf((inputs) => inputs.with(position, (inputs[position] ?? 0n) + 1n)) })).rejects.toThrow('states something else');
  });

  it('that state one input more go nowhere', async () => {
    await expect(all({ prover: proverOf((inputs) => [...inputs, 0n]) })).rejects.toThrow('states something else');
  });

  it('a failure is thrown when its turn comes', async () => {
    const failing: Prover = { prove: async () => await Promise.reject(new Error('no memory')), terminate: async () => {} };
    await expect(all({ prover: failing })).rejects.toThrow('no memory');
  });
});

describe('real exit proofs', () => {
  beforeAll(async () => void (await ensureBuilt({ instances: selectInstances(readInstances(), ['exit']) })), 300_000);

  it('of coins and of shares are verified before they are handed out; each takes a laptop less than a minute and 2 GiB', async () => {
    const prover = createProver();
    try {
      const made = await all({ prover });
      expect(made).toHaveLength(4);
      expect(made.length).toBeLessThanOrEqual(EXITS_PER_CALL);
      const { timing: measured } = await prover.prove({ circuit: 'exit', signals: exitSignals({ state, chainIndex: 0, leafIndex: 3 }) });
      process.stderr.write(`exit proof: ${(measured.witnessSeconds + measured.proveSeconds + measured.verifySeconds).toFixed(1)} s, ${Math.round(measured.peakBytes / 2 ** 20)} MiB\n`);
      expect(measured.witnessSeconds + measured.proveSeconds + measured.verifySeconds).toBeLessThan(60);
      expect(measured.peakBytes).toBeLessThan(2 * 2 ** 30);
    } finally {
      await prover.terminate();
    }
  }, 120_000);
});
