import { params } from './params.ts';
import { poseidonEx } from './poseidon.ts';

/** Which list a sponge absorbs; the tag is its first state. */
export type SpongeTag = keyof typeof params.spongeTags;

/** `sponge(tag, words)` of src/FORMATS.md: a chain of PoseidonEx(16, 1), the last run padded with zeros. */
export function sponge(tag: SpongeTag, words: readonly bigint[]): bigint {
  let state = BigInt(params.spongeTags[tag]);
  for (let start = 0; start < words.length; start += params.spongeRate) {
    const run = words.slice(start, start + params.spongeRate);
    while (run.length < params.spongeRate) run.push(0n);
    state = poseidonEx(run, state);
  }
  return state;
}
