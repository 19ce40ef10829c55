import { describe, expect, it } from 'vitest';
import raw from '../../circuits/params.json' with { type: 'json' };
import { selectProfile, type ProfilesFile } from './profile.ts';

const small = raw.profiles.small;

/** params.json with another profile "small". */
function withSmall(sizes: unknown): ProfilesFile {
  return { ...raw, profiles: { ...raw.profiles, small: sizes } };
}

describe('profiles', () => {
  it('gives the numbers of the chosen profile beside those of all profiles', () => {
    const { profiles: _, ...common } = raw;
    expect(selectProfile(raw)).toEqual({ ...common, ...raw.profiles.default, profile: raw.profile });
    expect(selectProfile(raw, 'small')).toEqual({ ...common, ...small, profile: 'small' });
  });

  it('refuses a profile that is not there', () => {
    expect(() => selectProfile(raw, 'smal')).toThrow('there is no profile "smal"');
    expect(() => selectProfile(raw, 'constructor')).toThrow('there is no profile "constructor"');
    expect(() => selectProfile({ ...raw, profile: 'huge' })).toThrow('there is no profile "huge"');
  });

  it('refuses sizes that are missing, unknown or out of their bounds', () => {
    const { slots: _, ...without } = small;
    const cases: [sizes: unknown, message: RegExp][] = [
      [7, /profile small: it must be an object of sizes/],
      [without, /slots must be an integer from 1 to 4096/],
      [{ ...small, slots: 0 }, /slots must be/],
      [{ ...small, slots: 2.5 }, /slots must be/],
      [{ ...small, slots: '2' }, /slots must be/],
      [{ ...small, joinSegments: 256 }, /joinSegments must be an integer from 1 to 255/],
      [{ ...small, chains: 4 }, /"chains" is not a size that differs between profiles/],
    ];
    for (const [sizes, message] of cases) expect(() => selectProfile(withSmall(sizes), 'small'), JSON.stringify(sizes)).toThrow(message);
  });

  it('refuses sizes that do not fit each other or the formats', () => {
    expect(() => selectProfile(withSmall({ ...small, registerLevels: 3, depth: 3 }), 'small')).toThrow('registerLevels must be below depth');
    expect(() => selectProfile(withSmall({ ...small, depth: 9 }), 'small')).toThrow('a leaf index does not fit its bits');
    expect(() => selectProfile({ ...withSmall({ ...small, slots: 63 }), bits: { ...raw.bits, wordCount: 8 } }, 'small')).toThrow('a count of words does not fit');
    expect(selectProfile({ ...withSmall({ ...small, slots: 62 }), bits: { ...raw.bits, wordCount: 8 } }, 'small').slots).toBe(62);
  });
});
