import raw from '../../circuits/params.json' with { type: 'json' };
import { selectProfile } from './profile.ts';

/** Environment variable that chooses a profile of circuits/params.json; without it the file's own choice holds. */
export const PROFILE_VARIABLE = 'ROLLUP_PROFILE';

/** Profile that contracts and fixtures in git are generated for. */
export const committedProfile = raw.profile;

export const profileNames: readonly string[] = Object.keys(raw.profiles);

/** Sizes shared with the circuits and the contracts: circuits/params.json in the chosen profile. */
export const params = selectProfile(raw, process.env[PROFILE_VARIABLE] || raw.profile);

/** Leaves of one chain's tree. */
export const LEAF_COUNT = params.arity ** params.depth;

/** Levels of a tree that a leaf access hashes; the levels above are carried in registers. */
export const PATH_LEVELS = params.depth - params.registerLevels;

/** Nodes that a segment carries in registers. */
export const REGISTER_COUNT = params.arity ** params.registerLevels;

/** Largest balance and largest amount of one operation. */
export const MAX_BALANCE = (1n << BigInt(params.bits.balance)) - 1n;

/** A leaf with this nonce cannot sign any more. */
export const MAX_NONCE = (1n << BigInt(params.bits.nonce)) - 1n;
