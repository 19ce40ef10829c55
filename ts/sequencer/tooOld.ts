import { RollupError } from '../base/errors.ts';
import { RevertError } from '../chain/errors.ts';
import type { RollupPort } from './ports.ts';
import type { BlockRecord } from './store.ts';

/** A block dated further back than a chain allows: it was sealed, and then could not be committed there for as long as that. */
export interface TooOldBlock {
  chainIndex: number;
  blockNumber: number;
  /** Seconds. */
  timestamp: number;
  /** The oldest that the chain takes now, seconds. */
  minimum: number;
}

const HINT =
  'Nothing is lost yet, but nothing new is confirmed either: the governor can raise timestampPastTolerance there, or a sequencer that runs with --remake-old-blocks takes back what is not confirmed and makes it anew.';

/** No later attempt can commit the block: time only makes it older. */
export class TooOldError extends RollupError {
  readonly block: TooOldBlock;

  constructor(block: TooOldBlock, chain: string, cause: unknown) {
    const { blockNumber, timestamp, minimum } = block;
    super(`Block ${blockNumber} is too old for ${chain}`, { facts: { blockNumber, minimum, actual: timestamp }, hint: HINT, cause });
    this.block = block;
  }
}

/** What `error` says when a commit of `blocks` was refused because of their age; null for every other error, also for a block dated too far ahead: that cures itself. */
export function tooOld(error: unknown, { chainIndex, name }: Pick<RollupPort, 'chainIndex' | 'name'>, blocks: readonly BlockRecord[]): TooOldError | null {
  if (!(error instanceof RevertError) || error.revert?.name !== 'TimestampOutOfRange') return null;
  const { minimum, actual } = error.revert.args as { minimum: bigint; actual: bigint };
  const block = blocks.find(({ timestamp }) => BigInt(timestamp) === actual);
  if (block === undefined || actual >= minimum) return null;
  return new TooOldError({ chainIndex, blockNumber: block.blockNumber, timestamp: block.timestamp, minimum: Number(minimum) }, name, error);
}
