import { beforeAll, describe, expect, it } from 'vitest';
import type { Leaf } from '../../spec/leaf.ts';
import { SegmentHarness, type InputChanges } from './segmentHarness.ts';
import { uncheckedTrace, type UncheckedOperation } from './segmentUnchecked.ts';
import { world, type LeafName } from './world.ts';

/*
 * Lies. Each applies operations that must not be applied, or claims something that is not so; everything else, public inputs included,
 * follows consistently. The constraint system must object, and exactly where the rule stands.
 */

export interface Lie {
  operation: UncheckedOperation | readonly UncheckedOperation[];
  /** Leaves that are not as in the test world. */
  leaves?: Partial<Record<LeafName, Partial<Leaf>>>;
  /** Inputs that are not as in the trace: of slot 0, with a leading `1/` of slot 1, with a leading `/` of the segment. */
  inputs?: InputChanges;
  /** Components whose constraints are violated, in slot 0, with a leading `1/` in slot 1. Empty: this is no lie and nothing objects. */
  refusedBy: readonly string[];
}

export type Lies = Record<string, Record<string, Lie>>;

/** Ranges that the slot itself states: of a limb, an amount or a balance. */
export const RANGE = 'Range.bits';
/** What a slot has that is not signed: R8 is the identity. */
export const NO_SIGNATURE = { R8x: 0n, R8y: 1n, S: 0n } as const;
export const SIGNATURE = ['authority.Signature.EqualIf'];
/** 8·key is not a point of prime order: it is refused itself, and no multiple of it can be made. */
export const NO_KEY = ['NonZeroIf', 'ScalarMultiple.double', 'ScalarMultiple.p'].map((place) => `authority.Signature.${place}`);
/** The key of an empty leaf, which is not on the curve. */
export const KEY_OF_EMPTY = ['authority.EqualIf', 'authority.Signature.BabyCheck', ...NO_KEY, 'authority.Signature.ScalarMultiple.odd', ...SIGNATURE];

/** `1/fees` is `slot[1].fees` (or `slots[1].fees`), `fees` that of slot 0, `/c1` is `c1`. */
function qualified(name: string, slots: 'slot' | 'slots'): string {
  const [, slot, rest = ''] = /^(?:(\d*)\/)?(.*)$/.exec(name) ?? [];
  return slot === '' ? rest : `${slots}[${slot ?? '0'}].${rest}`;
}

export function describeLies(title: string, lies: Lies, { slots = 1 }: { slots?: number } = {}): void {
  describe(title, () => {
    let segment: SegmentHarness;
    beforeAll(async () => {
      segment = await SegmentHarness.load({ slots });
    });

    for (const [group, cases] of Object.entries(lies)) {
      describe(group, () => {
        for (const [name, { operation, leaves, inputs = {}, refusedBy }] of Object.entries(cases)) {
          it(name, () => {
            const changes = Object.fromEntries(Object.entries(inputs).map(([key, value]) => [qualified(key, 'slots'), value]));
            const claimed = segment.inputs(uncheckedTrace(operation, world(leaves)), changes);
            const witness = segment.consistent(claimed, { legs: 'legsOut' in changes ? 'claimed' : 'emitted' });
            expect(segment.violatedPlaces(witness).sort()).toEqual(refusedBy.map((place) => qualified(place, 'slot')).sort());
          });
        }
      });
    }
  });
}
