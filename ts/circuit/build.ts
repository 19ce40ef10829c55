import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zKey } from 'snarkjs';
import { RollupError } from '../base/errors.ts';
import { paths } from '../base/paths.ts';
import { silentProgress, type Progress } from '../base/progress.ts';
import { artifactPaths, isBuilt, readInfo, type CircuitArtifacts, type CircuitInfo } from './artifacts.ts';
import { compile } from './compile.ts';
import { mainComponent, type CircuitInstance } from './instances.ts';
import { developmentSetup } from './setup/setup.ts';
import { readFirstSections, VERIFYING_SECTIONS } from './setup/zkeyFile.ts';
import { readSources } from './sources.ts';

export interface BuildParameters {
  instances: readonly CircuitInstance[];
  /** Default: circuits/ and circuits/build/. */
  circuits?: string;
  buildFolder?: string;
  progress?: Progress;
  /** Stops compilers; what is unfinished is removed. */
  signal?: AbortSignal;
}

const UNFINISHED = '.unfinished-';

/** Builds of one circuit in one size that are kept, so that going back and forth between versions costs nothing. */
const KEPT_BUILDS = 3;

/** Compilers that run at a time: each uses one core. */
const PARALLEL_COMPILERS = 2;

/**
 * Compiles circuits and makes their keys. Everything is written into a temporary folder that gets its final name at the end, so that an
 * interrupted build leaves no half artefact.
 */
export async function buildCircuits({ instances, circuits, buildFolder = paths.circuitBuild, progress = silentProgress, signal }: BuildParameters): Promise<CircuitArtifacts[]> {
  removeLeftovers(buildFolder);
  const queue = instances.map((instance, i) => ({ instance, i }));
  const built: CircuitArtifacts[] = [];
  // The setup uses every core, so only one runs at a time; compilers of other circuits may go on.
  let setups: Promise<unknown> = Promise.resolve();
  const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
    const turn = setups.then(work, work);
    setups = turn.catch(() => undefined);
    return await turn;
  };
  const failure = new AbortController();
  const stop = signal ? AbortSignal.any([signal, failure.signal]) : failure.signal;
  const lane = async (): Promise<void> => {
    for (let next = queue.shift(); next && !stop.aborted; next = queue.shift()) {
      built[next.i] = await buildOne({ instance: next.instance, buildFolder, progress, inTurn, stop, ...(circuits === undefined ? {} : { circuits }) });
    }
  };
  const lanes = Array.from({ length: PARALLEL_COMPILERS }, async () => {
    try {
      await lane();
    } catch (error) {
      failure.abort();
      throw error;
    }
  });
  // The first failure is the one to tell; the others were stopped because of it.
  try {
    await Promise.all(lanes);
  } finally {
    await Promise.allSettled(lanes);
  }
  return built;
}

interface BuildOneParameters {
  instance: CircuitInstance;
  circuits?: string;
  buildFolder: string;
  progress: Progress;
  inTurn: <T>(work: () => Promise<T>) => Promise<T>;
  stop: AbortSignal;
}

async function buildOne({ instance, circuits, buildFolder, progress, inTurn, stop }: BuildOneParameters): Promise<CircuitArtifacts> {
  const { name } = instance;
  const sources = readSources(instance, circuits);
  const final = artifactPaths(name, sources.hash, buildFolder);
  const temporary = join(buildFolder, `${UNFINISHED}${process.pid}-${name}`);
  const draft = artifactPaths(name, sources.hash, temporary);
  rmSync(temporary, { recursive: true, force: true });
  try {
    progress.report(`${name}: compiling ${mainComponent(instance)}`);
    const compileTimer = timer();
    const { peakBytes } = await compile({ sources, artifacts: draft, signal: stop, ...(circuits === undefined ? {} : { circuits }) });
    const compileSeconds = compileTimer();
    const info = await inTurn(async () => {
      if (stop.aborted) throw new RollupError(`building circuit ${name} was stopped`);
      const setupTimer = timer();
      const { header, domain } = await developmentSetup({ name, r1csPath: draft.r1cs, zkeyPath: draft.zkey, progress, signal: stop });
      const setupSeconds = setupTimer();
      const head = readFirstSections(draft.zkey, VERIFYING_SECTIONS);
      writeFileSync(draft.vkey, `${JSON.stringify(await zKey.exportVerificationKey({ type: 'mem', data: head }), null, 1)}\n`);
      return {
        name,
        hash: sources.hash,
        main: mainComponent(instance),
        files: sources.files,
        settings: sources.settings,
        constraints: header.constraints,
        wires: header.wires,
        publicInputs: header.outputs + header.publicInputs,
        privateInputs: header.privateInputs,
        domain,
        r1csBytes: statSync(draft.r1cs).size,
        wasmBytes: statSync(draft.wasm).size,
        zkeyBytes: statSync(draft.zkey).size,
        r1csSha256: await sha256(draft.r1cs),
        wasmSha256: await sha256(draft.wasm),
        zkeySha256: await sha256(draft.zkey),
        vkeySha256: await sha256(draft.vkey),
        compileSeconds,
        setupSeconds,
        compilePeakBytes: peakBytes,
        setupPeakBytes: 1024 * process.resourceUsage().maxRSS,
      } satisfies CircuitInfo;
    });
    writeFileSync(draft.info, `${JSON.stringify(info, null, 2)}\n`);
    publish(draft, final);
    removeOldBuilds(info, buildFolder);
    progress.report(`${name}: ${info.constraints} constraints, key ${(info.zkeyBytes / 1e6).toFixed(1)} MB (hash ${sources.hash})`);
    return final;
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

function publish(draft: CircuitArtifacts, final: CircuitArtifacts): void {
  mkdirSync(join(final.folder, '..'), { recursive: true });
  rmSync(final.folder, { recursive: true, force: true });
  try {
    renameSync(draft.folder, final.folder);
  } catch (error) {
    // Another build of the same sources may have been a moment faster; its artefacts are the same.
    if (!isBuilt(final)) throw error;
  }
}

/** Folders of builds whose process is gone. */
function removeLeftovers(buildFolder: string): void {
  if (!existsSync(buildFolder)) return;
  for (const entry of readdirSync(buildFolder)) {
    const pid = new RegExp(`^\\${UNFINISHED}(\\d+)-`).exec(entry)?.[1];
    if (pid !== undefined && !isRunning(Number(pid))) rmSync(join(buildFolder, entry), { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function removeOldBuilds({ name, main }: CircuitInfo, buildFolder: string): void {
  const builds = readdirSync(buildFolder)
    .filter((entry) => entry.startsWith(`${name}-`) && /^[0-9a-f]{16}$/.test(entry.slice(name.length + 1)))
    .map((entry) => artifactPaths(name, entry.slice(name.length + 1), buildFolder))
    .filter((artifacts) => isBuilt(artifacts) && readInfo(artifacts).main === main)
    .map(({ folder }) => ({ folder, time: statSync(folder).mtimeMs }))
    .sort((a, b) => b.time - a.time);
  for (const { folder } of builds.slice(KEPT_BUILDS)) rmSync(folder, { recursive: true, force: true });
}

function timer(): () => number {
  const start = performance.now();
  return () => Math.round(performance.now() - start) / 1000;
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
