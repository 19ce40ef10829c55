import raw from '../../circuits/params.json' with { type: 'json' };

/** Sizes shared with the circuits and the contracts (circuits/params.json). */
export const params = raw;

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
