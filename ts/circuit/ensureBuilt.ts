import { existsSync } from 'node:fs';
import { silentProgress, type Progress } from '../base/progress.ts';
import { paths } from '../base/paths.ts';
import { params } from '../spec/params.ts';
import { artifactPaths, isBuilt, readInfo, type CircuitArtifacts, type CircuitInfo } from './artifacts.ts';
import { readInstances, type CircuitInstance } from './instances.ts';
import { withChosenKeys } from './keyChoice.ts';
import { lastUsedBuilds, noteUsedBuilds } from './lastUsed.ts';
import { readSources } from './sources.ts';

export interface EnsureBuiltParameters {
  /** Default: all of circuits/circuits.json. */
  instances?: readonly CircuitInstance[];
  /** Builds again what is built. */
  force?: boolean;
  /** Default: circuits/ and circuits/build/. */
  circuits?: string;
  buildFolder?: string;
  progress?: Progress;
  signal?: AbortSignal;
}

/** A circuit as its sources are now, beside the build of it that was used last. */
export interface BuiltCircuit {
  /** With the chosen keys: `info` is about the development keys. */
  artifacts: CircuitArtifacts;
  info: CircuitInfo;
  /** Facts of the build that was used before this one; undefined if there is none any more. */
  before: CircuitInfo | undefined;
  /** It was compiled now, not found. */
  isFresh: boolean;
}

/**
 * Compiles and makes keys for the circuits that are not built as their sources are now. Writes nothing but the build folder, so that a
 * check can compare what is in git with what the keys give.
 */
export async function ensureBuilt(parameters: EnsureBuiltParameters = {}): Promise<BuiltCircuit[]> {
  const { instances = readInstances(), force = false, circuits = paths.circuits, buildFolder = paths.circuitBuild, progress = silentProgress, signal } = parameters;
  const wanted = instances.map((instance) => ({ instance, artifacts: artifactPaths(instance.name, readSources(instance, circuits).hash, buildFolder) }));
  const last = lastUsedBuilds(buildFolder, params.profile);
  const before = wanted.map(({ instance: { name } }) => {
    const artifacts = artifactPaths(name, last[name] ?? '', buildFolder);
    return existsSync(artifacts.info) ? readInfo(artifacts) : undefined;
  });
  const stale = new Set(wanted.filter(({ artifacts }) => force || !isBuilt(artifacts)));
  if (stale.size > 0) {
    progress.report(`building ${[...stale].map(({ instance }) => instance.name).join(', ')}`);
    // What it takes to build is slow to load; an unchanged circuit should not pay for it.
    const { buildCircuits } = await import('./build.ts');
    await buildCircuits({ instances: [...stale].map(({ instance }) => instance), circuits, buildFolder, progress, ...(signal === undefined ? {} : { signal }) });
  }
  const hashes = Object.fromEntries(wanted.map(({ artifacts: { name, hash } }) => [name, hash]));
  const chosen = withChosenKeys(wanted.map(({ artifacts }) => artifacts), hashes, buildFolder);
  const built = wanted.map((one, i) => ({ artifacts: chosen[i]!, info: readInfo(one.artifacts), before: before[i], isFresh: stale.has(one) }));
  noteUsedBuilds(buildFolder, params.profile, Object.fromEntries(built.map(({ info }) => [info.name, info.hash])));
  return built;
}
