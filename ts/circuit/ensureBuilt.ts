import { silentProgress, type Progress } from '../base/progress.ts';
import { artifactPaths, isBuilt, type CircuitArtifacts } from './artifacts.ts';
import { readInstances } from './instances.ts';
import { readSources } from './sources.ts';

/**
 * Artefacts of all circuits as their sources are now; compiles and makes keys for those that are not built. Writes nothing but
 * circuits/build, so that a check can compare what is in git with what the keys give.
 */
export async function ensureBuilt(progress: Progress = silentProgress, signal?: AbortSignal): Promise<CircuitArtifacts[]> {
  const instances = readInstances();
  const artifacts = instances.map((instance) => artifactPaths(instance.name, readSources(instance).hash));
  const missing = instances.filter((_, i) => {
    const artifact = artifacts[i];
    return artifact !== undefined && !isBuilt(artifact);
  });
  if (missing.length > 0) {
    progress.report(`building ${missing.map(({ name }) => name).join(', ')} (the first time takes one to two minutes)`);
    // What it takes to build is slow to load; an unchanged circuit should not pay for it.
    const { buildCircuits } = await import('./build.ts');
    await buildCircuits({ instances: missing, progress, ...(signal === undefined ? {} : { signal }) });
  }
  return artifacts;
}
