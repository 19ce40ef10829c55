import { createReadStream, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { RollupError } from '../base/errors.ts';
import type { CircuitArtifacts } from './artifacts.ts';
import { COEFFICIENT_BYTES, MATRIX_C, readR1csBlocks } from './setup/r1cs.ts';
import { blockReader } from './setup/blockReader.ts';

/**
 * What one place of a circuit costs: a component with indices left out (`slot.access`), all its instances together. Every constraint counts
 * at one place only, so that the places of a circuit add up to it.
 */
export interface PlaceCost {
  /** Components from the main one down, `''` for the main one itself. */
  path: string;
  constraints: number;
}

/** Constraints of each place, by path; kept beside the artefacts, because they take seconds to count. */
export async function circuitCosts(artifacts: CircuitArtifacts): Promise<PlaceCost[]> {
  const file = join(artifacts.folder, 'costs.json');
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as PlaceCost[];
  const costs = await countConstraints(artifacts);
  writeFileSync(file, `${JSON.stringify(costs)}\n`);
  return costs;
}

/**
 * Counts constraints by the place of the signal that they are about: the one that was declared last among those of C, or of A and B where C
 * is constant. A component's own signals come before those of its parts, so a constraint between a part and the whole counts for the part.
 */
export async function countConstraints({ r1cs, sym }: Pick<CircuitArtifacts, 'r1cs' | 'sym'>): Promise<PlaceCost[]> {
  const { header, blocks } = readR1csBlocks(r1cs);
  const { places, placeOf, labelOf } = await readPlaces(sym, header.wires);
  const counts = new Uint32Array(places.length);
  for (const { view, block } of blockReader(r1cs, blocks)) {
    let at = 0;
    for (let i = 0; i < block.constraints; i++) {
      let last = 0;
      for (let matrix = 0; matrix <= MATRIX_C; matrix++) {
        const count = view.getUint32(at, true);
        at += 4;
        let lastHere = 0;
        for (let j = 0; j < count; j++, at += COEFFICIENT_BYTES) {
          const wire = view.getUint32(at, true);
          if (wire !== 0 && (lastHere === 0 || labelOf[wire]! > labelOf[lastHere]!)) lastHere = wire;
        }
        if (matrix === MATRIX_C ? lastHere !== 0 : last === 0 || (lastHere !== 0 && labelOf[lastHere]! > labelOf[last]!)) last = lastHere;
      }
      const place = placeOf[last]!;
      counts[place] = counts[place]! + 1;
    }
  }
  return places.map((path, i) => ({ path, constraints: counts[i]! })).filter(({ constraints }) => constraints > 0);
}

/** Component of each wire by its first name in the `.sym` file: lines of label, wire, component's number, name. */
async function readPlaces(sym: string, wires: number): Promise<{ places: string[]; placeOf: Uint32Array; labelOf: Uint32Array }> {
  const numbers = new Map<string, number>([['', 0]]);
  const placeOf = new Uint32Array(wires);
  const labelOf = new Uint32Array(wires);
  for await (const line of createInterface({ input: createReadStream(sym) })) {
    const first = line.indexOf(',');
    const second = line.indexOf(',', first + 1);
    const wire = Number(line.slice(first + 1, second));
    if (!(wire > 0) || labelOf[wire] !== 0) continue;
    if (wire >= wires) throw new RollupError(`${sym} is not of the same circuit as its r1cs`, { facts: { wire, wires }, hint: 'Run `npm run circuit -- build --force`.' });
    const name = line.slice(line.indexOf(',', second + 1) + 1);
    const path = name.replace(/\[\d+\]/g, '').split('.').slice(1, -1).map(partName).join('.');
    let number = numbers.get(path);
    if (number === undefined) numbers.set(path, (number = numbers.size));
    placeOf[wire] = number;
    labelOf[wire] = Number(line.slice(0, first));
  }
  return { places: [...numbers.keys()], placeOf, labelOf };
}

/** Anonymous components are named by the compiler after their template: `Range_123_4567`. */
function partName(name: string): string {
  return name.replace(/_\d+_\d+$/, '');
}

/** A row of a table of costs. */
export interface CostRow {
  path: string;
  /** Levels below the main component; the rest of a part that was split stands below it as `rest`. */
  level: number;
  constraints: number;
  share: number;
  isRest: boolean;
}

export interface CostTableOptions {
  /** A part is split if it is at least this share of the circuit, and a piece stands for itself from this share on. */
  splitShare?: number;
  rowShare?: number;
  /** Deepest level of a row. */
  depth?: number;
}

/** The parts of a circuit, the costly ones split further. Rows that are not split add up to the circuit. */
export function costTable(costs: readonly PlaceCost[], { splitShare = 0.05, rowShare = 0.01, depth = 3 }: CostTableOptions = {}): CostRow[] {
  const total = sumOf(costs);
  const rows: CostRow[] = [];
  const visit = (path: string, level: number, inside: readonly PlaceCost[]): void => {
    const parts = new Map<string, PlaceCost[]>();
    const prefix = path === '' ? '' : `${path}.`;
    for (const cost of inside) {
      const name = cost.path === path ? '' : (cost.path.slice(prefix.length).split('.')[0] ?? '');
      parts.set(name, [...(parts.get(name) ?? []), cost]);
    }
    let rest = 0;
    for (const [name, costsOfPart] of [...parts].sort((a, b) => sumOf(b[1]) - sumOf(a[1]))) {
      const constraints = sumOf(costsOfPart);
      if (name === '' || constraints < rowShare * total) {
        rest += constraints;
        continue;
      }
      const partPath = `${prefix}${name}`;
      rows.push({ path: partPath, level, constraints, share: constraints / total, isRest: false });
      if (level + 1 < depth && constraints >= splitShare * total && isWorthSplitting(partPath, costsOfPart)) visit(partPath, level + 1, costsOfPart);
    }
    if (rest > 0) rows.push({ path, level, constraints: rest, share: rest / total, isRest: true });
  };
  visit('', 0, costs);
  return rows;
}

/** Not when nearly all is in one piece of it: that says nothing new. */
function isWorthSplitting(path: string, costs: readonly PlaceCost[]): boolean {
  const pieces = new Map<string, number>();
  for (const cost of costs) {
    const piece = cost.path.slice(path.length).split('.')[1] ?? '';
    pieces.set(piece, (pieces.get(piece) ?? 0) + cost.constraints);
  }
  return Math.max(...pieces.values()) < 0.95 * sumOf(costs);
}

function sumOf(costs: readonly PlaceCost[]): number {
  return costs.reduce((sum, { constraints }) => sum + constraints, 0);
}
