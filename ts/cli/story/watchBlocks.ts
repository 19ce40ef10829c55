import type { Progress } from '../../base/progress.ts';
import { blockStages, blockVerbs, type BlockRecord, type SequencerApi } from '../../chain/client/sequencerApi.ts';
import type { Deployment } from '../../chain/deployments.ts';
import { shortHex } from '../output.ts';

export interface WatchBlocksParameters {
  api: SequencerApi;
  deployment: Deployment;
  /** Only blocks above this one are reported. */
  above: number;
  progress: Progress;
  intervalMilliseconds?: number;
}

export interface BlockWatch {
  /** Looks a last time and ends. */
  stop(): Promise<void>;
}

/** Reports every step of every new block as it happens: sealed, proofs, and each stage on each chain. */
export function watchBlocks({ api, deployment, above, progress, intervalMilliseconds = 300 }: WatchBlocksParameters): BlockWatch {
  const known = new Map<number, BlockRecord>();
  let isStopped = false;
  let wake: () => void = () => undefined;
  const look = async (): Promise<void> => {
    const blocks = (await api.getBlocks()).filter(({ blockNumber }) => blockNumber > above);
    for (const block of blocks.toSorted((a, b) => a.blockNumber - b.blockNumber)) {
      describeChange({ deployment, before: known.get(block.blockNumber), block }).forEach((line) => progress.report(line));
      known.set(block.blockNumber, block);
    }
  };
  const watching = (async () => {
    while (!isStopped) {
      // A look that fails is repeated; whoever waits for the block reports what is wrong.
      await look().catch(() => undefined);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, intervalMilliseconds);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  })();
  return {
    async stop() {
      isStopped = true;
      wake();
      await watching;
      await look().catch(() => undefined);
    },
  };
}

export interface DescribeChangeParameters {
  deployment: Deployment;
  /** The block when it was last seen; undefined the first time. */
  before: BlockRecord | undefined;
  block: BlockRecord;
}

/** Lines for what is new about a block. */
export function describeChange({ deployment, before, block }: DescribeChangeParameters): string[] {
  const name = `block ${block.blockNumber}`;
  const lines: string[] = [];
  if (before === undefined) lines.push(`${name} sealed: ${countOperations(block.operations)}`);
  const { proofs } = block;
  if (proofs !== undefined && proofs.done > 0 && proofs.done !== before?.proofs?.done) lines.push(`${name}: proving ${proofs.done}/${proofs.total}`);
  for (const [place, stage] of blockStages.entries()) {
    if (stage === 'confirmed' && block.arbitratorTransaction !== undefined && before?.arbitratorTransaction === undefined) {
      lines.push(`${name}: sync hashes are equal, confirmed by the arbitrator  ${shortHex(block.arbitratorTransaction)}`);
    }
    for (const chain of block.chains) {
      const deployed = deployment.chains[chain.chainIndex];
      // A secondary has nothing to prove.
      if (stage === 'proved' && deployed?.role === 'secondary') continue;
      const old = before?.chains.find(({ chainIndex }) => chainIndex === chain.chainIndex)?.stage ?? 'sealed';
      if (rank(old) >= place || rank(chain.stage) < place) continue;
      const verb = blockVerbs[place];
      const hash = verb === undefined ? undefined : chain.transactions[verb];
      lines.push(`${name}: ${stage} on ${deployed?.name ?? chain.chainIndex}${hash === undefined ? '' : `  ${shortHex(hash)}`}`);
    }
  }
  return lines;
}

/** -1 for a sealed block, else the place of its stage. */
function rank(stage: BlockRecord['chains'][number]['stage']): number {
  return stage === 'sealed' ? -1 : blockStages.indexOf(stage);
}

function countOperations(operations: BlockRecord['operations']): string {
  const counts = new Map<string, number>();
  for (const { type } of operations) {
    const name = typeof type === 'string' ? type : 'operation';
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].map(([name, count]) => `${count} ${name}`).join(', ') || 'no operations';
}
