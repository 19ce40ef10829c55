import { RollupError } from '../../base/errors.ts';
import { blockVerbs, type BlockRecord, type SequencerApi } from '../../chain/client/sequencerApi.ts';
import { arbitratorEndpoint, publicClient } from '../../chain/clients.ts';
import type { Deployment } from '../../chain/deployments.ts';
import { iArbitratorAbi } from '../../chain/generated/abi.ts';
import type { Cast } from './cast.ts';
import type { Check } from './ledger.ts';

/** The sequencer's blocks above `above` up to `last`. */
export async function readBlocks(api: SequencerApi, above: number, last: number): Promise<BlockRecord[]> {
  const blocks: BlockRecord[] = [];
  for (let blockNumber = above + 1; blockNumber <= last; blockNumber += 1) {
    const block = await api.getBlock(blockNumber);
    if (block === undefined) throw new RollupError(`The sequencer does not know block ${blockNumber}`, { facts: { lastBlock: last } });
    blocks.push(block);
  }
  return blocks;
}

/** Every block is executed everywhere, and each stage has its transaction. */
export function checkBlocks(deployment: Deployment, blocks: readonly BlockRecord[]): Check[] {
  return blocks.flatMap((block) =>
    deployment.chains.map(({ chainIndex, name, role }): Check => {
      const chain = block.chains.find((candidate) => candidate.chainIndex === chainIndex);
      const verbs = blockVerbs.filter((verb) => verb !== 'prove' || role === 'primary');
      const missing = verbs.filter((verb) => chain?.transactions[verb] === undefined);
      const actual = `${chain?.stage ?? 'unknown'}${missing.length === 0 ? '' : `, no transaction for ${missing.join(', ')}`}`;
      return { what: `block ${block.blockNumber} on ${name}`, expected: 'executed', actual, ok: actual === 'executed' };
    }),
  );
}

/** The root that the arbitrator confirmed last is the one that the sequencer has for that block. */
export async function checkArbitrator({ deployment, clients }: Cast): Promise<Check> {
  const client = publicClient(arbitratorEndpoint(deployment));
  const arbitrator = { address: deployment.arbitrator, abi: iArbitratorAbi } as const;
  const blockNumber = await client.readContract({ ...arbitrator, functionName: 'lastConfirmedBlock' });
  const confirmed = await client.readContract({ ...arbitrator, functionName: 'confirmedRoot', args: [blockNumber] });
  const expected = (await clients.alice.api.getBlock(blockNumber))?.finalRoot.toString() ?? 'a known block';
  return { what: `final root of block ${blockNumber} at the arbitrator`, expected, actual: confirmed.toString(), ok: confirmed.toString() === expected };
}
