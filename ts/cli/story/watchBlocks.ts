import type { Progress } from '../../base/progress.ts';
import { blockStages, blockVerbs, type BlockRecord, type SequencerApi } from '../../chain/client/sequencerApi.ts';
import type { Deployment } from '../../chain/deployments.ts';
import { formatDuration, shortHex } from '../output.ts';

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

/** After this long without a line the watch says what it waits for. */
const quietMilliseconds = 10_000;

/** Reports every step of every new block as it happens: sealed, proofs, and each stage on each chain. */
export function watchBlocks({ api, deployment, above, progress, intervalMilliseconds = 300 }: WatchBlocksParameters): BlockWatch {
  const known = new Map<number, BlockRecord>();
  /** When each block was seen first. */
  const sealed = new Map<number, number>();
  let isStopped = false;
  let wake: () => void = () => undefined;
  let spoken = Date.now();
  const report = (line: string): void => {
    spoken = Date.now();
    progress.report(line);
  };
  const look = async (): Promise<void> => {
    const blocks = (await api.getBlocks()).filter(({ blockNumber }) => blockNumber > above).toSorted((a, b) => a.blockNumber - b.blockNumber);
    for (const block of blocks) {
      describeChange({ deployment, before: known.get(block.blockNumber), block }).forEach(report);
      if (!known.has(block.blockNumber)) sealed.set(block.blockNumber, Date.now());
      known.set(block.blockNumber, block);
    }
    // A proof takes a while; the reader should see that something happens.
    const proving = blocks.find(({ proofs }) => proofs !== undefined && proofs.done < proofs.total);
    if (proving?.proofs === undefined || Date.now() - spoken < quietMilliseconds) return;
    const since = Date.now() - (sealed.get(proving.blockNumber) ?? Date.now());
    report(`block ${proving.blockNumber}: proving ${proving.proofs.done}/${proving.proofs.total}, sealed ${formatDuration(since)} ago`);
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

/** Lines for what is new about a block: it is there, it has more proofs, a transaction has brought it to its next stage on a chain. */
export function describeChange({ deployment, before, block }: DescribeChangeParameters): string[] {
  const name = `block ${block.blockNumber}`;
  const lines: string[] = [];
  if (before === undefined) lines.push(`${name} sealed: ${countOperations(block.operations)}`);
  const { proofs } = block;
  if (proofs !== undefined && proofs.done > 0 && proofs.done !== before?.proofs?.done) lines.push(`${name}: proving ${proofs.done}/${proofs.total}`);
  for (const [place, verb] of blockVerbs.entries()) {
    if (verb === 'confirm' && block.arbitratorTransaction !== undefined && before?.arbitratorTransaction === undefined) {
      lines.push(`${name}: sync hashes are equal, confirmed by the arbitrator  ${shortHex(block.arbitratorTransaction)}`);
    }
    for (const { chainIndex, transactions } of block.chains) {
      const [hash, old] = [transactions[verb], before?.chains.find((chain) => chain.chainIndex === chainIndex)?.transactions[verb]];
      if (hash === undefined || old !== undefined) continue;
      lines.push(`${name}: ${blockStages[place]} on ${deployment.chains[chainIndex]?.name ?? chainIndex}  ${shortHex(hash)}`);
    }
  }
  return lines;
}

function countOperations(operations: BlockRecord['operations']): string {
  const counts = new Map<string, number>();
  for (const { type } of operations) {
    const name = typeof type === 'string' ? type : 'operation';
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].map(([name, count]) => `${count} ${name}`).join(', ') || 'no operations';
}
