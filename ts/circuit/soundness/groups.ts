import { nameOf, wiresOf, type ConstraintSystem } from './constraintSystem.ts';

/** The constraints that one statement of the source makes at one place, in all array elements and loop rounds. */
export interface ConstraintGroup {
  /** `place: statement`; stable as long as the sources around it do not change. */
  key: string;
  /** Component without array indices, e.g. `slot.access.nodes`; anonymous components with what they are given: `slot.Range(op.owner)`. */
  place: string;
  /** Signals of A, B and C, e.g. `(hot) * (cells) = (terms)`; a constraint without product is `= (…)`. */
  statement: string;
  constraints: number[];
}

const ANONYMOUS = /^([A-Za-z]\w*?)_\d+_\d+$/;

/**
 * Groups of a circuit that was compiled with `--O0`, where a statement's constraints still stand as they are written. Every use of a
 * library template is a place of its own.
 */
export function groupConstraints(system: ConstraintSystem): ConstraintGroup[] {
  const names = Array.from({ length: system.wires }, (_, wire) => (wire === 0 ? [] : nameOf(system, wire).replace(/\[\d+\]/g, '').split('.')));
  const labels = anonymousLabels(system, names);
  const groups = new Map<string, ConstraintGroup>();
  for (let c = 0; c < system.count; c++) {
    const place = commonPlace(wiresOf(system, c).map((wire) => names[wire] ?? []));
    const side = (k: number): string => {
      const local = new Set<string>([...system.termWires.subarray(system.start[3 * c + k], system.start[3 * c + k + 1])].map((wire) => (wire === 0 ? '1' : labelled(names[wire] ?? [], place.length, labels))));
      return local.size === 0 ? '' : `(${[...local].sort().join(' ')})`;
    };
    const [a, b, third] = [side(0), side(1), side(2)];
    const statement = `${a === '' && b === '' ? '' : `${a} * ${b} `}= ${third || '0'}`;
    const placeName = labelled(place, 0, labels);
    const key = `${placeName}: ${statement}`;
    const group = groups.get(key);
    if (group) group.constraints.push(c);
    else groups.set(key, { key, place: placeName, statement, constraints: [c] });
  }
  return [...groups.values()];
}

function commonPlace(names: readonly (readonly string[])[]): string[] {
  const parents = names.map((parts) => parts.slice(0, -1));
  const shortest = parents.reduce((a, b) => (b.length < a.length ? b : a), parents[0] ?? []);
  const length = shortest.findIndex((part, i) => parents.some((p) => p[i] !== part));
  return shortest.slice(0, length < 0 ? shortest.length : length);
}

/** Parts of a name from `from` on, anonymous components by their label. */
function labelled(parts: readonly string[], from: number, labels: ReadonlyMap<string, string>): string {
  return parts.slice(from).map((part, i) => (ANONYMOUS.test(part) ? (labels.get(parts.slice(0, from + i + 1).join('.')) ?? part) : part)).join('.');
}

/** An anonymous component is told from others of its template by the signals that it is given, not by its line in the source. */
function anonymousLabels(system: ConstraintSystem, names: readonly (readonly string[])[]): Map<string, string> {
  const given = new Map<string, Map<string, number>>();
  for (let c = 0; c < system.count; c++) {
    const wires = wiresOf(system, c);
    const depth = commonPlace(wires.map((wire) => names[wire] ?? [])).length;
    for (const wire of wires) {
      const parts = names[wire] ?? [];
      if (!ANONYMOUS.test(parts[depth] ?? '') || parts.at(-1) === 'out') continue;
      const path = parts.slice(0, depth + 1).join('.');
      const others = wires.map((other) => names[other] ?? []).filter((other) => other[depth] !== parts[depth]);
      const parameters = given.get(path) ?? new Map<string, number>();
      given.set(path, parameters);
      for (const other of others) {
        // Of a bus, the bus: leaf.owner <== before.owner is given `before`.
        const isBus = parts.length > depth + 2 && other.length > depth + 1 && parts.at(-1) === other.at(-1);
        const local = other.slice(depth, isBus ? -1 : other.length).map((part) => ANONYMOUS.exec(part)?.[1] ?? part).join('.');
        parameters.set(local, Math.min(wire, parameters.get(local) ?? wire));
      }
    }
  }
  const taken = new Map<string, number>();
  const labels = new Map<string, string>();
  for (const path of [...given.keys()].sort((a, b) => offsetOf(a) - offsetOf(b))) {
    const parts = path.split('.');
    const template = ANONYMOUS.exec(parts.at(-1) ?? '')?.[1] ?? '';
    const parameters = [...(given.get(path) ?? [])].sort(([a, i], [b, j]) => i - j || (a < b ? -1 : 1)).map(([name]) => name);
    const label = `${template}(${parameters.slice(0, 4).join(', ')}${parameters.length > 4 ? ', …' : ''})`;
    const within = `${parts.slice(0, -1).join('.')}.${label}`;
    const number = (taken.get(within) ?? 0) + 1;
    taken.set(within, number);
    labels.set(path, number === 1 ? label : `${label}#${number}`);
  }
  return labels;
}

const offsetOf = (path: string): number => Number(/(\d+)$/.exec(path)?.[1] ?? 0);
