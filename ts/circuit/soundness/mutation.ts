import { wireNamed, nameOf, type ConstraintSystem, type Witness } from './constraintSystem.ts';
import { groupConstraints, type ConstraintGroup } from './groups.ts';
import { directions, influenceOf, type Influence } from './influence.ts';
import { jacobianAt } from './jacobian.ts';
import { pushViolations, violatedBy, type Lie } from './lies.ts';

/*
 * A mutation test of a circuit's constraints: which of them could be taken away without a test of soundness noticing? The tests are
 *
 * 1. "no movable wire": at valid witnesses, nothing moves while the inputs stay; nor while the private inputs stay and the public ones
 *    that follow from them are free;
 * 2. "no loose input": in both cases, no single input can move that could not before;
 * 3. lies: a witness that must be refused and that violates constraints of one group only would be accepted without that group.
 *
 * Removing constraints never takes freedom away, so a group is noticed as soon as one of its constraints is.
 */

/** A valid witness. */
export interface MutationCase {
  name: string;
  witness: Witness;
}

export interface MutationParameters {
  /** Compiled with `--O0`. */
  system: ConstraintSystem;
  cases: readonly MutationCase[];
  lies: readonly Lie[];
  /** Public inputs that follow from the other inputs, e.g. commitments. */
  follows: readonly string[];
  seed?: number;
}

/** How the removal of a group is noticed; each list holds at most a few examples. */
export interface GroupResult extends Pick<ConstraintGroup, 'key' | 'place' | 'statement'> {
  size: number;
  /** How many of its constraints are noticed when they alone are missing. */
  alone: number;
  /** Something moves: names of cases. */
  moves: string[];
  /** An input is loose: `case: input`. */
  loose: string[];
  /** Only this group refuses these lies; `→` marks one that was made from it by pushing the violation. */
  lies: string[];
}

export interface MutationReport {
  constraints: number;
  /** Noticed when it alone is missing. */
  noticedAlone: number;
  groups: GroupResult[];
  /** Groups whose removal nothing notices. */
  survivors: GroupResult[];
  /** Lies that no constraint refuses: always a fault, of the circuit or of the lie. */
  accepted: string[];
  seed: number;
}

const EXAMPLES = 3;

export function mutate({ system, cases, lies, follows, seed = 20_250_601 }: MutationParameters): MutationReport {
  const groups = groupConstraints(system);
  const groupOf = new Int32Array(system.count);
  groups.forEach(({ constraints }, g) => constraints.forEach((c) => (groupOf[c] = g)));
  const results: GroupResult[] = groups.map(({ key, place, statement, constraints }) => ({ key, place, statement, size: constraints.length, alone: 0, moves: [], loose: [], lies: [] }));
  const alone = new Uint8Array(system.count);
  const note = (list: string[] | undefined, text: string): void => {
    if (list && list.length < EXAMPLES && !list.includes(text)) list.push(text);
  };

  // Lies
  const accepted: string[] = [];
  const visited = new Set<string>();
  for (const { name, witness, waives = [] } of lies) {
    const isWaived = (c: number): boolean => waives.some((place) => groups[groupOf[c] ?? 0]?.place.startsWith(place));
    const violated = violatedBy(system, witness).filter((c) => !isWaived(c));
    const [first] = violated;
    if (first === undefined) {
      accepted.push(name);
      continue;
    }
    if (violated.some((c) => groupOf[c] !== groupOf[first])) continue;
    const see = (by: readonly number[], text: string): void => {
      note(results[groupOf[by[0] ?? 0] ?? 0]?.lies, text);
      if (by.length === 1) alone[by[0] ?? 0] = 1;
    };
    see(violated, name);
    pushViolations({ system, witness, violated, groupOf, isWaived, visited, found: (by) => see(by, `${name} →`) });
  }

  // Derivatives
  for (const { name, witness } of cases) {
    const jacobian = jacobianAt(system, witness);
    for (const moving of [[], follows]) {
      const given = new Uint8Array(system.wires).fill(1, 1 + system.outputs, 1 + system.lastInput);
      for (const input of moving) given[wireNamed(system, input)] = 0;
      const influence = influenceOf({ jacobian, given, seed });
      const title = moving.length === 0 ? name : `${name}, ${moving.join(' ')} free`;
      noteInfluence({ system, influence, given, groups, groupOf, alone, results, note, title });
    }
  }

  groups.forEach(({ constraints }, g) => {
    const result = results[g];
    if (result) result.alone = constraints.filter((c) => alone[c] === 1).length;
  });
  return {
    constraints: system.count,
    noticedAlone: alone.reduce((sum, flag) => sum + flag, 0),
    groups: results,
    survivors: results.filter(({ moves, loose, lies: by }) => moves.length + loose.length + by.length === 0),
    accepted,
    seed,
  };
}

interface NoteParameters {
  system: ConstraintSystem;
  influence: Influence;
  given: Uint8Array;
  groups: readonly ConstraintGroup[];
  groupOf: Int32Array;
  alone: Uint8Array;
  results: readonly GroupResult[];
  note: (list: string[] | undefined, text: string) => void;
  title: string;
}

function noteInfluence({ system, influence, given, groups, groupOf, alone, results, note, title }: NoteParameters): void {
  const inputs = [...given.keys()].filter((wire) => given[wire] === 1);
  const inputOf = new Map<bigint, number>();
  directions(influence.wires, inputs).forEach((direction, i) => {
    if (direction >= 0n) inputOf.set(direction, inputs[i] ?? 0);
  });
  const wanted = (c: number): boolean => influence.seen[c] === 1 && (alone[c] === 0 || isUnderExemplified(results[groupOf[c] ?? 0]));
  const chosen = Array.from({ length: system.count }, (_, c) => c).filter(wanted);
  const found = directions(influence.constraints, chosen);
  /** By group: directions of its constraints so far. */
  const ofGroup = new Map<number, Set<bigint>>();
  chosen.forEach((c, i) => {
    const direction = found[i] ?? 0n;
    const g = groupOf[c] ?? 0;
    const result = results[g];
    const input = inputOf.get(direction);
    if (direction < 0n) {
      alone[c] = 1;
      note(result?.moves, title);
    } else if (input !== undefined) {
      alone[c] = 1;
      note(result?.loose, `${title}: ${nameOf(system, input)}`);
    } else if ((groups[g]?.constraints.length ?? 0) > 1) {
      // Two constraints of the group on which the checks depend in the same way: without both, something moves that they do not see.
      const directionsOfGroup = ofGroup.get(g) ?? new Set();
      if (directionsOfGroup.has(direction)) note(result?.moves, title);
      ofGroup.set(g, directionsOfGroup.add(direction));
    }
  });
}

const isUnderExemplified = (result: GroupResult | undefined): boolean => result !== undefined && result.moves.length === 0 && result.loose.length === 0;
