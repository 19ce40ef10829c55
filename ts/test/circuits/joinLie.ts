import type { Witness } from '../../circuit/tester.ts';
import type { SignalInput, SignalInputs } from '../../circuit/witnessProgram.ts';
import type { JoinBlock, JoinHarness } from './joinHarness.ts';

/** A join that must be refused. Public inputs follow from what is claimed. */
export interface JoinLie {
  witness: (join: JoinHarness) => Witness;
  /** Components whose constraints are violated. */
  refusedBy: string[];
}

export type JoinLies = Record<string, Record<string, JoinLie>>;

/** Inputs of a block with some of them changed. */
export function claim(block: JoinBlock, changes: (inputs: SignalInputs, join: JoinHarness) => SignalInputs, refusedBy: string[]): JoinLie {
  return {
    refusedBy,
    witness: (join) => {
      const inputs = join.inputs(block);
      return join.consistent({ ...inputs, ...changes(inputs, join) });
    },
  };
}

/** A valid witness with some wires changed and what depends on them following. */
export function forged(block: JoinBlock, changes: (value: (name: string) => bigint) => Record<string, bigint>, refusedBy: string[]): JoinLie {
  return {
    refusedBy,
    witness: (join) => {
      const valid = join.consistent(join.inputs(block));
      return join.following(valid, changes((name) => join.value(valid, name)));
    },
  };
}

export const setAt = (list: SignalInput | undefined, index: number, element: SignalInput): SignalInput => (Array.isArray(list) ? (list as readonly SignalInput[]) : []).with(index, element);

/** A list of inputs with its first elements replaced. */
export const list = (inputs: SignalInputs, name: string, ...values: bigint[]): SignalInputs => ({ [name]: values.reduce<SignalInput>((all, value, i) => setAt(all, i, value), inputs[name] ?? []) });
