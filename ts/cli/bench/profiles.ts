import { fileURLToPath } from 'node:url';
import { RollupError } from '../../base/errors.ts';
import { run } from '../../base/exec.ts';
import { root } from '../../base/paths.ts';
import type { CircuitInfo } from '../../circuit/artifacts.ts';
import type { ProofTiming } from '../../prover/prove.ts';
import { PROFILE_VARIABLE, profileNames } from '../../spec/params.ts';
import type { Figure, Unit } from './figure.ts';
import type { SectionParameters } from './section.ts';

/** What a child process measures in its profile: ts/cli/bench/profileChild.ts prints it. */
export interface ProfileMeasurement {
  profile: string;
  slots: number;
  info: CircuitInfo;
  timing: ProofTiming;
}

/** Built and proved only when it is asked for: it takes many minutes and most of a machine's memory. */
export const LARGE_PROFILE = 'large';

const MEBIBYTE = 2 ** 20;

/** The segment in each profile: what it costs to build and to prove it full. Sizes are fixed when a process starts, so each has its own. */
export async function measureProfiles({ progress, signal, quick, large }: SectionParameters): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const profile of chosenProfiles({ quick, large })) {
    signal.throwIfAborted();
    progress.report(`profiles: ${profile}`);
    figures.push(...profileFigures(await measureProfile(profile, signal)));
  }
  return figures;
}

/** Quick has the smallest only. */
export function chosenProfiles({ quick, large }: Pick<SectionParameters, 'quick' | 'large'>): string[] {
  return profileNames.filter((name) => (name === LARGE_PROFILE ? large : !quick || name === 'small'));
}

async function measureProfile(profile: string, signal: AbortSignal): Promise<ProfileMeasurement> {
  const script = fileURLToPath(new URL('./profileChild.ts', import.meta.url));
  const { stdout } = await run({ command: process.execPath, args: ['--import', 'tsx', script], cwd: root, env: { [PROFILE_VARIABLE]: profile }, signal });
  const measured = JSON.parse(stdout) as ProfileMeasurement;
  if (measured.profile !== profile) throw new RollupError('The child measured another profile', { facts: { expected: profile, actual: measured.profile } });
  return measured;
}

export function profileFigures({ profile, slots, info, timing }: ProfileMeasurement): Figure[] {
  const figure = (name: string, value: number, unit: Unit): Figure => ({ section: 'profiles', name: `${profile}: segment of ${slots} slots: ${name}`, value, unit });
  const proof = timing.witnessSeconds + timing.proveSeconds;
  return [
    figure('constraints', info.constraints, 'constraints'),
    figure('constraints a slot', info.constraints / slots, 'constraints'),
    figure('compile, when it was built', info.compileSeconds, 'seconds'),
    figure('compile, peak memory', info.compilePeakBytes / MEBIBYTE, 'mebibytes'),
    figure('setup, when it was built', info.setupSeconds, 'seconds'),
    figure('setup, peak memory', info.setupPeakBytes / MEBIBYTE, 'mebibytes'),
    figure('proving key', info.zkeyBytes / MEBIBYTE, 'mebibytes'),
    figure(`witness and proof, ${timing.threads} threads`, proof, 'seconds'),
    figure('witness and proof, peak memory', timing.peakBytes / MEBIBYTE, 'mebibytes'),
    figure('operations proved by one worker', (60 * slots) / proof, 'per minute'),
  ];
}
