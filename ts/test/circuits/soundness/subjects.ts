import type { ConstraintSystem } from '../../../circuit/soundness/constraintSystem.ts';
import type { Lie } from '../../../circuit/soundness/lies.ts';
import type { MutationCase } from '../../../circuit/soundness/mutation.ts';
import type { Explanations } from '../../../circuit/soundness/mutationText.ts';
import { ExitHarness } from '../exitHarness.ts';
import { exitLies } from '../exitLies.ts';
import { exitShareLies } from '../exitShareLies.ts';
import { JoinHarness, type JoinBlock } from '../joinHarness.ts';
import { joinLies } from '../joinLies.ts';
import { joinPairLies } from '../joinPairLies.ts';
import { remove, swap, validPairs } from '../joinPairs.ts';

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
    cases: (['alice', 'bob', 'carolOther', 'shares'] as const).map((name) => ({ name: `leaf ${name}`, witness: exit.witness(name) })),
    lies: Object.entries({ ...exitLies, ...exitShareLies }).map(([name, { witness }]) => ({ name, witness: witness(exit) })),
    follows: ['finalRoot'],
    explanations: {},
  };
}

/** More than one flag of a pair's kind is refused elsewhere, but that takes an argument; the circuit states it. */
const USED_IS_BOOLEAN =
  'implied: the kind\'s flags are bits; if used = n > 1, total shares are 0 and lowShares asks for n·1000 shares that are not burnt, so both adds are flagged and no swap' +
  '; then no coins come to the second half, and its worth is -3·shares < 0';

export async function joinSubject(): Promise<MutationSubject> {
  const join = await JoinHarness.load();
  const blocks: Record<string, JoinBlock> = {
    'no segment': { segments: [] },
    'one segment': { segments: [3] },
    'three chains': { segments: [0, 2, 1] },
    'one chain several times': { segments: [15, 0, 15, 15, 0] },
    ...Object.fromEntries(Object.entries(validPairs).map(([name, pair]) => [name, { segments: [0, 2], pairs: [pair] }])),
    'two pairs': { segments: [0, 2], pairs: [swap(1234n), remove(4000n, 3000n)] },
  };
  return {
    system: join.tester.system,
    cases: Object.entries(blocks).map(([name, block]) => ({ name, witness: join.consistent(join.inputs(block)) })),
    lies: Object.values({ ...joinLies, ...joinPairLies }).flatMap((lies) => Object.entries(lies).map(([name, { witness }]) => ({ name, witness: witness(join) }))),
    follows: ['c1', 'y1'],
    explanations: {
      'usedFirst: = (Boolean(flags).in flags)': USED_IS_BOOLEAN,
      'usedFirst.Boolean(flags): (1 in) * (in) = 0': USED_IS_BOOLEAN,
    },
  };
}
