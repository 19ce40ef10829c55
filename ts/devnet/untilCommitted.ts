/** What `/status` of a sequencer says, as far as it matters here. */
interface Standing {
  pendingOperations: number;
  lastBlock: number;
  chains: { committed: number }[];
  halted: unknown;
  exitMode: unknown;
}

/**
 * Waits until what users sent to a sequencer is in blocks that every chain has committed, but no longer than `ms`: chains that make no blocks, a halt or exit
 * mode may hold it up for good.
 * @param url of the sequencer's API
 */
export async function untilCommitted({ url, ms = 5_000 }: { url: string; ms?: number }): Promise<void> {
  for (const end = Date.now() + ms; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 100))) {
    try {
      const response = await fetch(`${url}/status`, { signal: AbortSignal.timeout(ms) });
      if (!response.ok) continue;
      const { pendingOperations, lastBlock, chains, halted, exitMode } = (await response.json()) as Standing;
      if (halted !== null || exitMode !== null) return;
      if (pendingOperations === 0 && chains.every(({ committed }) => committed === lastBlock)) return;
    } catch {
      // It may answer in a moment.
    }
  }
}
