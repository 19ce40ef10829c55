import type { ChainNode } from './chainState.ts';

export interface RestartableChain extends ChainNode {
  /** Starts the node again with the state of a file. */
  restartWith(state: string): Promise<void>;
}

/** The parts of a running devnet that hold state. */
export interface DevnetParts {
  /** In order of start. */
  chains: readonly RestartableChain[];
  /** Whether a chain is a fork: what it did not change is at its origin only. */
  forked: boolean;
  /** Runs `work` while no relayer is in the middle of something. Relayers keep nothing that they do not read from the chains again. */
  relayers: { paused<T>(work: () => Promise<T>): Promise<T>; forgive(): void };
  /** Undefined when there is none (any more). */
  sequencer: () => SequencerPart | undefined;
}

export interface SequencerPart {
  /** Runs `work` while nothing is read, sent or written, with the files in `dataDir` closed. */
  paused<T>(work: () => Promise<T>): Promise<T>;
  dataDir: string;
}

/**
 * Runs `work` at a quiet point of the whole devnet: no relayer is in the middle of something, the sequencer sends and writes nothing. Users may
 * send transactions meanwhile: only relayers and sequencer carry what happens on one chain to another, so each chain may stop at a point of its own.
 */
export async function quiet<T>({ relayers, sequencer }: DevnetParts, work: () => Promise<T>): Promise<T> {
  const part = sequencer();
  return await relayers.paused(async () => (part === undefined ? await work() : await part.paused(work)));
}
