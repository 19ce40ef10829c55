import type { ConstraintSystem } from '../../../circuit/soundness/constraintSystem.ts';
import type { Lie } from '../../../circuit/soundness/lies.ts';
import type { MutationCase } from '../../../circuit/soundness/mutation.ts';
import type { Explanations } from '../../../circuit/soundness/mutationText.ts';
import { joinSignals } from '../../../prover/witnessJoin.ts';
import { ExitHarness } from '../exitHarness.ts';
import { exitLies } from '../exitLies.ts';
import { JoinHarness, blockOf } from '../joinHarness.ts';
import { joinLies } from '../joinLies.ts';

/** What the mutation test of a circuit works with. */
export interface MutationSubject {
  system: ConstraintSystem;
  cases: MutationCase[];
  lies: Lie[];
  /** Public inputs that follow from the other inputs. */
  follows: string[];
  /** Groups whose removal changes nothing, and why. */
  explanations: Explanations;
}

export async function exitSubject(): Promise<MutationSubject> {
  const exit = await ExitHarness.load();
  return {
    system: exit.tester.system,
    cases: (['alice', 'bob', 'carolOther'] as const).map((name) => ({ name: `${name}'s leaf`, witness: exit.witness(name) })),
    lies: Object.entries(exitLies).map(([name, { witness }]) => ({ name, witness: witness(exit) })),
    follows: ['finalRoot'],
    explanations: {},
  };
}

export async function joinSubject(): Promise<MutationSubject> {
  const join = await JoinHarness.load();
  const blocks = { 'no segment': [], 'one segment': [3], 'three chains': [0, 2, 1], 'one chain several times': [15, 0, 15, 15, 0] };
  return {
    system: join.tester.system,
    cases: Object.entries(blocks).map(([name, chainIndices]) => ({ name, witness: join.consistent(joinSignals(blockOf(chainIndices))) })),
    // A pair is refused by PairRules while no rule exists. What else refuses it is shown as if one did.
    lies: Object.values(joinLies).flatMap((lies) => Object.entries(lies).map(([name, { witness, needsRule }]) => ({ name, witness: witness(join), waives: needsRule ? ['PairRules'] : [] }))),
    follows: ['c1', 'y1'],
    explanations: {},
  };
}
