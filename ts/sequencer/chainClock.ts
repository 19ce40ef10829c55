/**
 * The time that new blocks are dated with, and that `validUntil` is compared with. It is this machine's, unless all chains are ahead of it (development chains
 * whose clocks were moved, or a machine whose clock is slow): a contract refuses blocks dated further back than its `timestampPastTolerance`. The chain that is
 * least ahead counts, so that none finds a block to be of the future, and no single RPC can move it. What is learnt outlives a restart of the core.
 */
export class ChainClock {
  readonly #now: () => number;
  /** By chain index: time of the newest block that was seen, and by how many seconds it was ahead of this machine then. */
  readonly #chains: { time: number; ahead: number }[];

  /** @param now milliseconds since the epoch */
  constructor({ chainCount, now }: { chainCount: number; now: () => number }) {
    this.#now = now;
    this.#chains = Array.from({ length: chainCount }, () => ({ time: 0, ahead: 0 }));
  }

  /** @param time timestamp of the newest block of chain `chainIndex`, seconds. One that is known says nothing new: an idle chain makes no blocks. */
  see(chainIndex: number, time: number): void {
    if (this.#chains[chainIndex]?.time === time) return;
    this.#chains[chainIndex] = { time, ahead: time - this.#machine() };
  }

  /** Forgets everything: the chains were set back. */
  reset(): void {
    this.#chains.fill({ time: 0, ahead: 0 });
  }

  /** Since the epoch. */
  seconds(): number {
    return this.#machine() + Math.max(0, Math.min(...this.#chains.map(({ ahead }) => ahead)));
  }

  #machine(): number {
    return Math.floor(this.#now() / 1000);
  }
}
