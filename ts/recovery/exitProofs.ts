import type { Address } from 'viem';
import { RollupError } from '../base/errors.ts';
import { silentProgress, type Progress } from '../base/progress.ts';
import type { LeafExit } from '../chain/actions/exitLeaves.ts';
import { toSolidityProof } from '../prover/proof.ts';
import type { Prover } from '../prover/prove.ts';
import { exitSignals } from '../prover/witnessExit.ts';
import type { LedgerState } from '../state/ledger.ts';
import type { Holding } from './holdings.ts';

/**
 * Leaves in one exitLeaves call. One leaf costs 355,000 gas, each further one 97,000 (test/snapshots/Exit.json), so that more save little; and an
 * interruption loses no more proofs than that.
 */
export const EXITS_PER_CALL = 8;

export interface ProveExitsParameters {
  /** All chains as they are at `finalRoot`. */
  state: LedgerState;
  /** What the chains prove exits against. */
  finalRoot: bigint;
  owner: Address;
  /** Leaves of the owner that are worth something, as `holdingsOf` finds them. */
  holdings: readonly Holding[];
  prover: Prover;
  progress?: Progress;
  signal?: AbortSignal;
}

/**
 * A proof for each leaf, handed out one by one as they are ready, in order; the next ones are made meanwhile. Each has been verified with the
 * circuit's verifying key, and its public inputs are what the chain will put in their place.
 * @throws RollupError when the state is not that of the final root, a leaf is worth nothing, or a proof states something else
 */
export async function* proveExits({ state, finalRoot, owner, holdings, prover, progress = silentProgress, signal }: ProveExitsParameters): AsyncGenerator<{ holding: Holding; exit: LeafExit }> {
  if (state.finalRoot !== finalRoot) {
    throw new RollupError('The recovered state is not the one that exits are proved against', {
      facts: { expected: finalRoot, actual: state.finalRoot },
      hint: 'Delete the snapshot and run `npm run cli -- recover` again.',
    });
  }
  const worthless = holdings.find(({ amount }) => amount === 0n);
  if (worthless) throw new RollupError('A leaf that is worth nothing cannot exit', { facts: { ...worthless } });
  let done = 0;
  const proofs = holdings.map(async (holding): Promise<LeafExit> => {
    const exit = await proveExit({ state, finalRoot, owner, holding, prover, ...(signal === undefined ? {} : { signal }) });
    progress.report(`proved leaf ${holding.leafIndex} of chain ${holding.chainIndex} (${++done} of ${holdings.length})`, done / holdings.length);
    return exit;
  });
  // One that fails while another is awaited is reported when its turn comes.
  for (const proof of proofs) proof.catch(() => undefined);
  for (const [i, holding] of holdings.entries()) yield { holding, exit: await proofs[i]! };
}

type ProveExitParameters = Omit<ProveExitsParameters, 'holdings' | 'progress'> & { holding: Holding };

async function proveExit({ state, finalRoot, owner, holding, prover, signal }: ProveExitParameters): Promise<LeafExit> {
  const { chainIndex, leafIndex, token, amount } = holding;
  const signals = exitSignals({ state, chainIndex, leafIndex });
  const { proof, publicInputs } = await prover.prove({ circuit: 'exit', signals, ...(signal === undefined ? {} : { signal }) });
  const expected = [finalRoot, BigInt(chainIndex), BigInt(leafIndex), BigInt(owner), BigInt(token), amount];
  if (publicInputs.length !== expected.length || publicInputs.some((input, i) => input !== expected[i])) {
    throw new RollupError('The proof of an exit states something else', { facts: { chainIndex, leafIndex, expected, actual: publicInputs }, hint: 'This is a fault of the program: nothing was sent.' });
  }
  return { leafIndex, owner, token, amount, proof: toSolidityProof(proof) };
}
