import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readChainBlocks, readPrimaryBlocks } from '../../recovery/chainData.ts';
import { recover } from '../../recovery/recover.ts';
import { readStoredHash } from '../../recovery/status.ts';
import { sourceOf } from '../../recovery/rpc.ts';
import { storedBlockHash } from '../../spec/chainSide.ts';
import { startExitWorld, untilTheOperatorIsGone, type ExitWorld } from '../exit/world.ts';

/* The real contracts on a real node: two blocks are executed, a third is synced, a fourth is committed. */

describe('recovery from real contracts', () => {
  let world: ExitWorld;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'recovery-anvil-test-'));
    world = await startExitWorld();
    await untilTheOperatorIsGone(world);
  }, 300_000);
  afterAll(async () => {
    await world.stop();
    await rm(folder, { recursive: true });
  });

  it('gives the state of the operator after the last confirmed block, and everybody agrees', async () => {
    const { deployment } = world.test;
    const recovered = await recover({ deployment, directory: folder });
    expect(recovered).toMatchObject({ blockNumber: 2, isConfirmed: true, isHalted: false });
    expect(recovered.state.chains.map((chain) => chain.entries())).toEqual(world.operator.stateAfter(2).chains.map((chain) => chain.entries()));
    expect(recovered.agreements).toEqual([...deployment.chains.slice(1).map(({ name }) => ({ name, blockNumber: 2 })), { name: 'arbitrator', blockNumber: 2 }]);
  });

  it('goes on from the snapshot to what the operator committed last', async () => {
    const { deployment } = world.test;
    const recovered = await recover({ deployment, directory: folder, to: 'committed' });
    expect(recovered).toMatchObject({ startedFrom: 2, blockNumber: 4, isConfirmed: false, finalRoot: world.operator.stateAfter(4).finalRoot });
    expect(recovered.state.chains.map((chain) => chain.entries())).toEqual(world.operator.stateAfter(4).chains.map((chain) => chain.entries()));
  });

  it('gives what each chain holds of each block', async () => {
    const { deployment } = world.test;
    const blocks = await readPrimaryBlocks({ deployment });
    expect(blocks.map(({ blockNumber }) => blockNumber)).toEqual([1, 2, 3, 4]);
    for (const chain of deployment.chains) {
      const own = await readChainBlocks({ deployment, chainIndex: chain.chainIndex });
      expect(own.map(({ stored }) => stored)).toEqual(blocks.map(({ storedBlocks }) => storedBlocks[chain.chainIndex]));
      for (const { stored } of own) expect(await readStoredHash(sourceOf(chain), stored.blockNumber)).toBe(storedBlockHash(stored));
    }
  });
});
