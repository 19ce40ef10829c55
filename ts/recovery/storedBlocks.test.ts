import { describe, expect, it } from 'vitest';
import type { StoredBlock } from '../spec/chainSide.ts';
import { chainBlocksOf } from '../test/recovery/traces.ts';
import { patience } from '../test/recovery/world.ts';
import { otherSources } from './crossCheck.ts';
import { FakeRollupWorld } from './fakeWorld.ts';
import { countOperations } from './pace.ts';
import { recover } from './recover.ts';
import { genesisStoredBlocks, nextSecondaryBlock, nextStoredBlocks, onchainDataIn } from './storedBlocks.ts';

describe('stored blocks of sealed blocks', () => {
  const world = new FakeRollupWorld();
  const { deployment } = world;
  const history = chainBlocksOf(deployment);

  it('from the primary’s calldata are what each chain’s sealed block says', () => {
    let previous = genesisStoredBlocks(deployment);
    for (const { block, storedBlocks } of history.blocks) {
      const next = nextStoredBlocks({ deployment, previous, block });
      expect(next).toEqual(storedBlocks);
      const { blockNumber, timestamp, finalRoot } = block;
      const own = nextSecondaryBlock(previous[1] as StoredBlock, { blockNumber, timestamp, finalRoot, onchainData: onchainDataIn(block, 1) });
      expect(own).toEqual(storedBlocks[1]);
      previous = next;
    }
  });

  it('lead to the ledger’s state, trades and all, operation by operation counted', async () => {
    world.commit(history.blocks, { together: 3 });
    world.confirm(history.blocks.length);
    const others = otherSources({ deployment, named: new Map([['zksync', world.client(1)], ['ethereum', world.client(2)]]) });
    const recovered = await recover({ deployment, client: world.client(0), others, patience });
    expect(recovered.finalRoot).toBe(history.state.finalRoot);
    expect(recovered.state.chains.map((chain) => chain.entries())).toEqual(history.state.chains.map((chain) => chain.entries()));
    expect(recovered.operations).toBe(history.operations);
    expect(countOperations([])).toBe(0);
  });
});
