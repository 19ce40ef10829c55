import { RollupError } from '../base/errors.ts';

/** Sizes that differ from profile to profile. */
export interface ProfileSizes {
  /** Operation slots of a segment. */
  slots: number;
  /** Levels of a chain's tree. */
  depth: number;
  /** Levels below the root that a segment carries in registers. */
  registerLevels: number;
  /** Tokens of which a segment can take fees. */
  feeTokens: number;
  /** Segments and pairs of legs of a join. */
  joinSegments: number;
  joinPairs: number;
}

/** The file circuits/params.json as far as profiles are concerned. */
export interface ProfilesFile {
  profile: string;
  profiles: Readonly<Record<string, unknown>>;
  arity: number;
  bits: { readonly leafIndex: number; readonly wordCount: number };
}

/** Name of the profile and all numbers in one object. */
export type Profiled<File extends ProfilesFile> = Omit<File, 'profiles'> & ProfileSizes;

/** Each size with its bounds. What is above them no circuit of a domain of 2^27 holds, or no number on chain. */
const BOUNDS: Readonly<Record<keyof ProfileSizes, readonly [least: number, most: number]>> = {
  slots: [1, 4096],
  depth: [1, 16],
  registerLevels: [1, 3],
  feeTokens: [1, 64],
  joinSegments: [1, 255],
  joinPairs: [1, 255],
};

/** Words that a slot publishes in one list, and a segment's header. */
const WORDS_PER_SLOT = 4;
const HEADER_WORDS = 7;

/**
 * The numbers of one profile.
 * @throws RollupError when there is no such profile, a size is missing, unknown or out of its bounds, or sizes do not fit each other
 */
export function selectProfile<File extends ProfilesFile>(file: File, name: string = file.profile): Profiled<File> {
  const { profiles, ...common } = file;
  const profile = Object.hasOwn(profiles, name) ? profiles[name] : undefined;
  if (profile === undefined) {
    throw new RollupError(`there is no profile "${name}"`, {
      facts: { profiles: Object.keys(profiles).join(', ') },
      hint: 'Profiles are in circuits/params.json; ROLLUP_PROFILE or --profile chooses another than "profile" there.',
    });
  }
  const sizes = checkSizes(name, profile);
  checkFit(name, sizes, file);
  return { ...common, ...sizes, profile: name };
}

function wrong(profile: string, what: string, facts: Record<string, unknown>): RollupError {
  return new RollupError(`profile ${profile}: ${what}`, { facts, hint: 'Correct circuits/params.json.' });
}

function checkSizes(name: string, profile: unknown): ProfileSizes {
  if (typeof profile !== 'object' || profile === null) throw wrong(name, 'it must be an object of sizes', { actual: profile });
  const names = Object.keys(BOUNDS) as (keyof ProfileSizes)[];
  const unknown = Object.keys(profile).find((key) => !Object.hasOwn(BOUNDS, key));
  if (unknown !== undefined) throw wrong(name, `"${unknown}" is not a size that differs between profiles`, { sizes: names.join(', ') });
  const given = profile as Partial<Record<string, unknown>>;
  const entries = names.map((size): [keyof ProfileSizes, number] => {
    const [least, most] = BOUNDS[size];
    const value = given[size];
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most) return [size, value];
    throw wrong(name, `${size} must be an integer from ${least} to ${most}`, { actual: value });
  });
  return Object.fromEntries(entries) as unknown as ProfileSizes;
}

/** What the contracts and formats, which are the same for every profile, ask of the sizes. */
function checkFit(name: string, sizes: ProfileSizes, { arity, bits }: ProfilesFile): void {
  const { depth, registerLevels, slots } = sizes;
  if (registerLevels >= depth) throw wrong(name, 'registerLevels must be below depth: an access hashes at least one level', { registerLevels, depth });
  if (arity ** depth > 2 ** bits.leafIndex) throw wrong(name, 'a leaf index does not fit its bits in public data', { leaves: `${arity}^${depth}`, bits: bits.leafIndex });
  const words = HEADER_WORDS + WORDS_PER_SLOT * slots;
  if (words >= 2 ** bits.wordCount) throw wrong(name, 'a count of words does not fit its bits in the header', { words, bits: bits.wordCount });
}
