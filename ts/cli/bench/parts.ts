import { RollupError } from '../../base/errors.ts';
import { readInstances } from '../../circuit/instances.ts';
import { nameOf, readConstraintSystem, wiresOf, type ConstraintSystem } from '../../circuit/soundness/constraintSystem.ts';
import { compileTestCircuit } from '../../circuit/testCompile.ts';
import { params } from '../../spec/params.ts';
import type { Figure } from './figure.ts';
import { marks } from './marks.ts';
import type { SectionParameters } from './section.ts';

/** Parts that are smaller are added up, so that the table stays short. */
const LEAST_SHARE = 0.01;
/** circom's name of a component without one: template, line and position. */
const ANONYMOUS = /^([A-Za-z]\w*?)_\d+_\d+$/;

/** What one more slot of a segment costs, and which parts of it: the difference between a segment of two slots and one of one slot. */
export async function measureParts({ progress, signal }: Pick<SectionParameters, 'progress' | 'signal'>): Promise<Figure[]> {
  const systems: ConstraintSystem[] = [];
  for (const slots of [1, 2]) {
    signal.throwIfAborted();
    progress.report(`circuits: a segment of ${slots} slot${slots === 1 ? '' : 's'}, to see what a slot costs`);
    systems.push(await segmentOf(slots));
  }
  const [one, two] = systems as [ConstraintSystem, ConstraintSystem];
  const figure = (name: string, value: number): Figure => ({ section: 'circuits', name, value, unit: 'constraints' });
  const slot = two.count - one.count;
  return [
    { ...figure('segment: one more slot', slot), mark: marks.slotConstraints },
    { ...figure('segment: one more slot, against our bound', slot), mark: marks.slotConstraintsBound },
    ...largest(differenceOf(partsOf(two), partsOf(one)), slot).map(([part, count]) => figure(`segment: one more slot: ${part}`, count)),
    figure('segment: fixed, without any slot', one.count - slot),
  ];
}

/** In the chosen profile, simplified as for keys. */
async function segmentOf(slots: number): Promise<ConstraintSystem> {
  const segment = readInstances({ sizes: { ...params, slots } }).find(({ name }) => name === 'segment');
  if (!segment) throw new RollupError('There is no circuit "segment"');
  const { file, template, parameters, publicInputs } = segment;
  return readConstraintSystem(await compileTestCircuit({ file, template, parameters, publicInputs, simplification: 2 }));
}

/**
 * Constraints by component, two levels deep. Simplification puts the signals of several components into one constraint; it counts for the
 * one that comes last in the circuit, whose result it constrains.
 */
export function partsOf(system: ConstraintSystem): Map<string, number> {
  const parts = new Map<string, number>();
  for (let constraint = 0; constraint < system.count; constraint++) {
    const place = nameOf(system, Math.max(...wiresOf(system, constraint))).split('.').slice(0, -1).slice(0, 2);
    const part = place.map((name) => name.replace(/\[\d+\]/g, '').replace(ANONYMOUS, '$1')).join('.') || 'own signals';
    parts.set(part, (parts.get(part) ?? 0) + 1);
  }
  return parts;
}

/** What is more in `after` than in `before`. */
export function differenceOf(after: ReadonlyMap<string, number>, before: ReadonlyMap<string, number>): Map<string, number> {
  const names = new Set([...after.keys(), ...before.keys()]);
  return new Map([...names].map((name) => [name, (after.get(name) ?? 0) - (before.get(name) ?? 0)] as const).filter(([, count]) => count !== 0));
}

/** The largest first; the others together at the end, so that the sum is the total. */
export function largest(parts: ReadonlyMap<string, number>, total: number): [string, number][] {
  const shown = [...parts].filter(([, count]) => count >= LEAST_SHARE * total).sort(([, a], [, b]) => b - a);
  const rest = total - shown.reduce((sum, [, count]) => sum + count, 0);
  return rest === 0 ? shown : [...shown, ['everything else, with what simplification moves', rest]];
}
