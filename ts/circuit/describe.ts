import { artifactPaths, isBuilt, readInfo, type CircuitArtifacts, type CircuitInfo } from './artifacts.ts';
import { circuitCosts, costTable, type CostRow } from './costs.ts';
import type { CircuitInstance } from './instances.ts';
import { readSources } from './sources.ts';
import { paths } from '../base/paths.ts';
import { RollupError } from '../base/errors.ts';

/** A row of the table of costs with the template of its place. */
export interface TemplateCost extends CostRow {
  /** Undefined where the sources do not show it. */
  template: string | undefined;
}

/** What there is to know about a built circuit. */
export interface CircuitDescription {
  instance: CircuitInstance;
  artifacts: CircuitArtifacts;
  info: CircuitInfo;
  costs: TemplateCost[];
}

/** @throws RollupError when the circuit is not built as its sources are now */
export async function describeCircuit(instance: CircuitInstance, { circuits = paths.circuits, buildFolder = paths.circuitBuild } = {}): Promise<CircuitDescription> {
  const sources = readSources(instance, circuits);
  const artifacts = artifactPaths(instance.name, sources.hash, buildFolder);
  if (!isBuilt(artifacts)) throw new RollupError(`circuit ${instance.name} is not built`, { facts: { missing: artifacts.folder }, hint: 'Run `npm run circuit -- build`.' });
  const rows = costTable(await circuitCosts(artifacts));
  const costs = rows.map((row) => ({ ...row, template: templateAt(row.path, instance.template, sources.components) }));
  return { instance, artifacts, info: readInfo(artifacts), costs };
}

/** Follows the components of a path; an anonymous one has its template's name. */
function templateAt(path: string, main: string, components: ReadonlyMap<string, string>): string | undefined {
  const templates = new Set(components.values());
  return path
    .split('.')
    .filter(Boolean)
    .reduce<string | undefined>((template, part) => components.get(`${template}.${part}`) ?? (templates.has(part) || /^[A-Z]/.test(part) ? part : undefined), main);
}
