import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Hex, numberToHex } from 'viem';
import { firstLine, RollupError } from '../../base/errors.ts';
import { type ChainHead, type ChainNode, clockOf, dumpChain, headOf, nodeOf } from './chainState.ts';
import { setClocks, wallClock } from './clocks.ts';
import { type DevnetParts, quiet } from './parts.ts';

/** A point that a devnet can be set back to. */
export interface Snapshot {
  /** 1, 2, … */
  id: number;
  /** ISO 8601, by this machine's clock. */
  takenAt: string;
  /** Seconds by which the chains' clocks were ahead of this machine's. */
  ahead: number;
  chains: { name: string; block: number }[];
  /** Whether a sequencer's data are part of it. */
  sequencer: boolean;
}

interface Taken extends Snapshot {
  /** By name of the chain: anvil's id. An id is used up by a revert, which then takes the next one. */
  ids: Map<string, Hex>;
}

export interface SnapshotsParameters {
  parts: DevnetParts;
  /** Keeps copies of the sequencer's data. */
  folder: string;
}

/**
 * Snapshots of all chains and of what the sequencer keeps, at one quiet point. A revert sets all of it back: it can be repeated, and it drops the
 * snapshots that were taken later. Clocks go back too: the time that was passed after the snapshot is gone, what has passed on this machine stays.
 */
export class Snapshots {
  readonly #parts: DevnetParts;
  readonly #folder: string;
  #taken: Taken[] = [];
  #last = 0;

  constructor({ parts, folder }: SnapshotsParameters) {
    this.#parts = parts;
    this.#folder = folder;
    rmSync(folder, { recursive: true, force: true });
  }

  /** In order of taking. */
  list(): Snapshot[] {
    return this.#taken.map(({ ids: _, ...snapshot }) => snapshot);
  }

  /** @throws RollupError when a chain takes none; there is no snapshot then */
  async take(): Promise<Snapshot> {
    const { chains } = this.#parts;
    const id = ++this.#last;
    const taken = await quiet(this.#parts, async (): Promise<Taken> => {
      const heads = await Promise.all(chains.map(headOf));
      const clocks = await Promise.all(chains.map(clockOf));
      const ids = await takeAll(chains);
      const sequencer = this.#parts.sequencer();
      if (sequencer !== undefined) copyFolder(sequencer.dataDir, this.#copyOf(id));
      return {
        id,
        takenAt: new Date().toISOString(),
        ahead: Math.max(0, Math.max(...clocks) - wallClock()),
        chains: chains.map(({ name }, i) => ({ name, block: (heads[i] as ChainHead).number })),
        sequencer: sequencer !== undefined,
        ids,
      };
    });
    this.#taken.push(taken);
    const { ids: _, ...snapshot } = taken;
    return snapshot;
  }

  /**
   * @throws RollupError when there is no such snapshot, or a chain does not have it any more (somebody reverted that chain alone); then all of it
   * is as it was before
   */
  async revert(id: number): Promise<Snapshot> {
    const wanted = this.#taken.find((snapshot) => snapshot.id === id);
    if (wanted === undefined) {
      const known = this.#taken.map((snapshot) => snapshot.id);
      throw new RollupError(`There is no snapshot ${id}`, { facts: { expected: known.length === 0 ? 'none was taken' : known, actual: id }, hint: 'A revert drops the snapshots that were taken later.' });
    }
    const sequencer = this.#parts.sequencer();
    if (wanted.sequencer !== (sequencer !== undefined)) {
      throw new RollupError(`Snapshot ${id} was taken ${wanted.sequencer ? 'with a sequencer, which has been removed for good' : 'without the sequencer'}`, { facts: { id } });
    }
    await quiet(this.#parts, async () => {
      const { chains } = this.#parts;
      await assertAllHave(chains, wanted);
      await this.#revertAll(wanted);
      wanted.ids = await takeAll(chains);
      await setClocks(chains, wallClock() + wanted.ahead);
      if (sequencer !== undefined) copyFolder(this.#copyOf(id), sequencer.dataDir);
      // What failed since then has not failed.
      this.#parts.relayers.forgive();
    });
    for (const later of this.#taken.filter((snapshot) => snapshot.id > id)) rmSync(this.#copyOf(later.id), { recursive: true, force: true });
    this.#taken = this.#taken.filter((snapshot) => snapshot.id <= id);
    const { ids: _, ...snapshot } = wanted;
    return snapshot;
  }

  /** One chain after the other; when one cannot, those before it get their state back from a file. */
  async #revertAll(wanted: Taken): Promise<void> {
    const { chains } = this.#parts;
    const time = Math.max(...(await Promise.all(chains.map(clockOf))));
    const before = await Promise.all(chains.map(dumpChain));
    let reverted = 0;
    try {
      for (const chain of chains) {
        await revertChain(chain, idOn(wanted, chain));
        reverted++;
      }
    } catch (cause) {
      const changed = chains.slice(0, reverted);
      const lost = changed.length > 0;
      if (lost) this.#taken = [];
      const failed = await this.#restore(changed, before, time);
      const facts = { restarted: changed.map(({ name }) => name).filter((name) => !failed.has(name)) };
      const gone = `Snapshot ${wanted.id} is gone on ${chains[reverted]?.name}`;
      if (failed.size > 0) {
        throw new RollupError(`${gone}, and not every chain could be set back to what it was`, {
          facts: { ...facts, ...Object.fromEntries(failed) },
          hint: 'The chains do not fit together any more. Stop the devnet and start it again, from a dump if you have one.',
          cause,
        });
      }
      throw new RollupError(gone, {
        facts,
        hint: `Somebody reverted the chain alone (evm_revert). All chains are as they were before${lost ? '; all snapshots are gone' : ''}.`,
        cause,
      });
    }
  }

  /** Gives chains the states of before; one that cannot have its own keeps none of the others from theirs. @returns by name, why not */
  async #restore(changed: DevnetParts['chains'], before: readonly Buffer[], time: number): Promise<Map<string, string>> {
    const failed = new Map<string, string>();
    mkdirSync(this.#folder, { recursive: true });
    for (const [i, chain] of changed.entries()) {
      const file = join(this.#folder, `${chain.name}.json`);
      try {
        writeFileSync(file, before[i] ?? '');
        await chain.restartWith(file);
        await setClocks([chain], time);
      } catch (error) {
        failed.set(chain.name, firstLine(error));
      } finally {
        rmSync(file, { force: true });
      }
    }
    return failed;
  }

  /** Deletes the copies. */
  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #copyOf(id: number): string {
    return join(this.#folder, String(id));
  }
}

async function takeAll(chains: readonly ChainNode[]): Promise<Map<string, Hex>> {
  const ids = await Promise.all(chains.map(async (chain) => [chain.name, (await nodeOf(chain)({ method: 'evm_snapshot', params: [] })) as Hex] as const));
  return new Map(ids);
}

function idOn({ ids, id }: Taken, { name }: ChainNode): Hex {
  const own = ids.get(name);
  if (own === undefined) throw new RollupError(`Snapshot ${id} does not know chain ${name}`, { facts: { known: [...ids.keys()] } });
  return own;
}

async function assertAllHave(chains: readonly ChainNode[], wanted: Taken): Promise<void> {
  const has = await Promise.all(chains.map(async (chain) => await isThere(chain, BigInt(idOn(wanted, chain)))));
  const without = chains.filter((_, i) => has[i] !== true).map(({ name }) => name);
  if (without.length === 0) return;
  throw new RollupError(`Snapshot ${wanted.id} is gone on ${without.join(', ')}`, {
    facts: { chains: without },
    hint: 'Somebody reverted the chain alone (evm_revert), to an earlier point. No chain was changed; other snapshots may still be there.',
  });
}

/** Anvil goes on listing snapshots that a revert to an earlier one dropped; their block is gone. */
async function isThere(chain: ChainNode, id: bigint): Promise<boolean> {
  const node = nodeOf(chain);
  const { snapshots } = (await node({ method: 'anvil_metadata', params: [] })) as { snapshots: Record<string, [number, Hex]> };
  const [, at] = Object.entries(snapshots).find(([key]) => BigInt(key) === id) ?? [];
  if (at === undefined) return false;
  const block = (await node({ method: 'eth_getBlockByNumber', params: [numberToHex(at[0]), false] })) as { hash: Hex } | null;
  return block?.hash === at[1];
}

async function revertChain(chain: ChainNode, id: Hex): Promise<void> {
  if ((await nodeOf(chain)({ method: 'evm_revert', params: [id] })) !== true) throw new RollupError(`Chain ${chain.name} did not revert`, { facts: { snapshot: id } });
}

/** `to` holds what `from` holds afterwards, and nothing else. */
function copyFolder(from: string, to: string): void {
  rmSync(to, { recursive: true, force: true });
  mkdirSync(to, { recursive: true });
  cpSync(from, to, { recursive: true });
}
