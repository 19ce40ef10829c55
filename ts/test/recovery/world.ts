import { FakeRollupWorld } from '../../recovery/fakeWorld.ts';
import { PlainHistory } from '../../recovery/plainHistory.ts';
import type { Patience } from '../../recovery/rpc.ts';

/** Tests do not wait. */
export const patience: Patience = { tries: 3, firstDelay: 1, maximumDelay: 1 };

/** A world in which `blocks` blocks are committed and all but the last `unconfirmed` ones confirmed. */
export function worldOf({ blocks, unconfirmed = 2, seed = 1, together = 2 }: { blocks: number; unconfirmed?: number; seed?: number; together?: number }): { world: FakeRollupWorld; history: PlainHistory } {
  const world = new FakeRollupWorld();
  const history = new PlainHistory({ deployment: world.deployment, seed, users: 8, operationsPerBlock: 30 });
  world.commit(
    Array.from({ length: blocks }, () => history.next()),
    { together },
  );
  if (blocks > unconfirmed) world.confirm(blocks - unconfirmed);
  return { world, history };
}

