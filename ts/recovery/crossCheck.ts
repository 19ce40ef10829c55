import { firstLine, RollupError } from '../base/errors.ts';
import { silentProgress, type Progress } from '../base/progress.ts';
import { arbitratorEndpoint } from '../chain/clients.ts';
import { primaryOf, type ChainDeployment, type Deployment } from '../chain/deployments.ts';
import { iArbitratorAbi, primaryRollupAbi } from '../chain/generated/abi.ts';
import { storedBlockHash, type StoredBlock } from '../spec/chainSide.ts';
import type { Hex } from '../spec/hex.ts';
import { ChainDataError, chainDataError, patiently, sourceOf, type ChainSource, type ReadClient } from './rpc.ts';
import { readStatus, readStoredHash, type ChainStatus, type ReadOptions } from './status.ts';
import type { StoredBlocks } from './storedBlocks.ts';

/*
 * What the other chains say of the primary's blocks. A secondary holds the hash of what it was committed of each block, and that follows from
 * the primary's calldata; the arbitrator holds the final roots that it confirmed. So a primary's RPC can only lie together with theirs.
 */

/** An RPC to compare with. */
export interface Comparison {
  source: ChainSource;
  /** Whether it is an error when it does not answer; else it is reported and left out. */
  isRequired: boolean;
}

export interface OtherSources {
  secondaries: readonly Comparison[];
  arbitrator: Comparison;
}

export interface OtherSourcesParameters {
  deployment: Deployment;
  /** Clients by chain name; `arbitrator` for the chain of the arbitrator if it is none of them. They must answer. */
  named?: ReadonlyMap<string, ReadClient> | undefined;
  /** Other names that must answer. */
  required?: ReadonlySet<string> | undefined;
}

/** All other chains, as the deployment names them or as `named`. */
export function otherSources({ deployment, named = new Map(), required = new Set() }: OtherSourcesParameters): OtherSources {
  const isRequired = (name: string | undefined): boolean => name !== undefined && (named.has(name) || required.has(name));
  const endpoint = arbitratorEndpoint(deployment);
  const host = deployment.chains.find(({ chainId }) => chainId === endpoint.chainId);
  const client = named.get('arbitrator') ?? (host && named.get(host.name));
  // Only for its name and its RPC: the arbitrator need not be on a chain of the rollup.
  const chain: ChainDeployment = { ...(host ?? primaryOf(deployment)), ...endpoint };
  return {
    secondaries: deployment.chains.filter(({ role }) => role === 'secondary').map((secondary) => ({ source: sourceOf(secondary, named.get(secondary.name)), isRequired: isRequired(secondary.name) })),
    arbitrator: { source: sourceOf(chain, client), isRequired: isRequired('arbitrator') || isRequired(host?.name) },
  };
}

/** What the arbitrator has decided. */
export interface ArbitratorStatus {
  lastConfirmedBlock: number;
  halted: boolean;
}

/**
 * A status read twice, because chains go on while others are read: whatever `first` says of one chain has happened on all others by the time
 * of their `then`.
 */
export interface Seen<T> {
  source: ChainSource;
  first: T;
  then: T;
}

/** How far everything is, before any block is read. */
export interface CrossStatus {
  primary: Seen<ChainStatus>;
  secondaries: readonly Seen<ChainStatus>[];
  arbitrator: Seen<ArbitratorStatus> | null;
  /** Chains that did not answer, with the reason. */
  missing: readonly { name: string; reason: string }[];
}

export interface ReadCrossStatusParameters extends ReadOptions {
  deployment: Deployment;
  primary: ChainSource;
  others: OtherSources;
  progress?: Progress | undefined;
}

/** @throws RollupError when a required RPC does not answer; ChainDataError when one shows what cannot be */
export async function readCrossStatus({ deployment, primary, others, progress = silentProgress, ...options }: ReadCrossStatusParameters): Promise<CrossStatus> {
  const missing: { name: string; reason: string }[] = [];
  const attempt = async <T>(name: string, { source, isRequired }: Comparison, read: (source: ChainSource, options: ReadOptions) => Promise<T>): Promise<Seen<T>[]> => {
    try {
      // What need not answer is not waited for.
      const first = await read(source, isRequired ? options : { ...options, patience: { tries: 1, firstDelay: 0, maximumDelay: 0 } });
      return [{ source, first, then: first }];
    } catch (error) {
      options.signal?.throwIfAborted();
      if (isRequired || !(error instanceof RollupError) || error instanceof ChainDataError) throw error;
      const reason = String(error.facts['reason'] ?? firstLine(error));
      missing.push({ name, reason });
      progress.report(`${name} does not answer: its word is left out (${reason})`);
      return [];
    }
  };
  const statusOf = (source: ChainSource, own: ReadOptions): Promise<ChainStatus> => readStatus(source, deployment, own);
  const arbitratorOf = (source: ChainSource, own: ReadOptions): Promise<ArbitratorStatus> => readArbitrator(deployment, source, own);
  const again = async <T>(seen: readonly Seen<T>[], read: (source: ChainSource, options: ReadOptions) => Promise<T>): Promise<Seen<T>[]> =>
    await Promise.all(seen.map(async (one) => ({ ...one, then: await read(one.source, options) })));

  const [firstPrimary, firstSecondaries, firstArbitrator] = await Promise.all([
    statusOf(primary, options),
    Promise.all(others.secondaries.map((comparison) => attempt(comparison.source.chain.name, comparison, statusOf))),
    attempt('the arbitrator', others.arbitrator, arbitratorOf),
  ]);
  const [then, secondaries, [arbitrator = null]] = await Promise.all([statusOf(primary, options), again(firstSecondaries.flat(), statusOf), again(firstArbitrator, arbitratorOf)]);
  return { primary: { source: primary, first: firstPrimary, then }, secondaries, arbitrator, missing };
}

async function readArbitrator({ arbitrator, arbitratorChainId }: Deployment, source: ChainSource, options: ReadOptions): Promise<ArbitratorStatus> {
  const contract = { address: arbitrator, abi: iArbitratorAbi } as const;
  const { client } = source;
  const [chainId, lastConfirmedBlock, halted] = await patiently('The arbitrator cannot be read', source, () =>
    Promise.all([client.getChainId(), client.readContract({ ...contract, functionName: 'lastConfirmedBlock' }), client.readContract({ ...contract, functionName: 'halted' })]),
  options);
  if (chainId !== arbitratorChainId) throw chainDataError('Another chain than the arbitrator’s answers', { expected: arbitratorChainId, actual: chainId }, [source]);
  return { lastConfirmedBlock, halted };
}

export interface LastBlock {
  blockNumber: number;
  /** Whether the rollup is halted at it. */
  isHalted: boolean;
}

/**
 * The last confirmed block, or the one that the rollup is halted at, as far as any chain knows of it: a confirmation reaches the chains one after
 * the other.
 * @throws ChainDataError when chains contradict each other
 */
export function lastConfirmed({ primary, secondaries, arbitrator }: CrossStatus): LastBlock {
  const claims = [
    ...[primary, ...secondaries].map(({ source, first }) => ({ name: source.chain.name, source, confirmed: first.confirmed, haltedAt: first.halt?.blockNumber ?? null })),
    ...(arbitrator === null ? [] : [{ name: 'arbitrator', source: arbitrator.source, confirmed: arbitrator.first.lastConfirmedBlock, haltedAt: arbitrator.first.halted ? arbitrator.first.lastConfirmedBlock : null }]),
  ];
  const highest = claims.reduce((a, b) => (b.confirmed > a.confirmed ? b : a));
  const halted = claims.find(({ haltedAt }) => haltedAt !== null);
  for (const other of claims) {
    if (halted === undefined || other.haltedAt === null || other.haltedAt === halted.haltedAt) continue;
    throw chainDataError('Two chains are halted at different blocks', { [halted.name]: halted.haltedAt, [other.name]: other.haltedAt }, [halted.source, other.source]);
  }
  if (halted !== undefined && highest.confirmed !== halted.haltedAt) {
    throw chainDataError('A chain has confirmed a block behind the halt', { [halted.name]: `halted at ${halted.haltedAt}`, [highest.name]: `confirmed ${highest.confirmed}` }, [halted.source, highest.source]);
  }
  const lacks = (source: ChainSource, what: string, actual: number | string): Error =>
    chainDataError(`${source.chain.name} does not have what is confirmed`, { expected: `${what} up to block ${highest.confirmed}`, actual, confirmedBy: highest.name }, source === highest.source ? [source] : [source, highest.source]);
  if (primary.then.proved < highest.confirmed) throw lacks(primary.source, 'proved blocks', primary.then.proved);
  for (const { source, then } of [primary, ...secondaries]) if (then.synced < highest.confirmed) throw lacks(source, 'synced blocks', then.synced);
  if (arbitrator !== null) {
    const { lastConfirmedBlock, halted: isHalted } = arbitrator.then;
    if (lastConfirmedBlock < highest.confirmed) throw lacks(arbitrator.source, 'blocks confirmed by the arbitrator', lastConfirmedBlock);
    if (halted !== undefined && !isHalted) throw chainDataError('A chain is halted and the arbitrator is not', { [halted.name]: halted.haltedAt, arbitrator: 'not halted' }, [halted.source, arbitrator.source]);
  }
  return { blockNumber: highest.confirmed, isHalted: halted !== undefined };
}

/** What was compared, for reports. */
export interface Agreement {
  name: string;
  /** Block at which it and the primary were equal, and so at every one before. Null when nothing was compared. */
  blockNumber: number | null;
  note?: string;
}

export interface CrossCheckParameters extends ReadOptions {
  deployment: Deployment;
  status: CrossStatus;
  /** The block at which chains are compared: the last that is recovered, or the last confirmed one if that is lower. Above, each chain has what it was committed. */
  at: number;
}

/** Compares a block with what other chains hold of it; sync hashes are chained, so with it every block before. */
export class CrossCheck {
  readonly #parameters: CrossCheckParameters;
  #isDone = false;

  constructor(parameters: CrossCheckParameters) {
    this.#parameters = parameters;
  }

  /** To be called with each block that is read; does nothing but at the one. @throws ChainDataError when another chain holds something else */
  async compare(storedBlocks: StoredBlocks): Promise<void> {
    const { status, at } = this.#parameters;
    if (storedBlocks[0]?.blockNumber !== at) return;
    for (const { source, then } of [status.primary, ...status.secondaries]) {
      const stored = storedBlocks[source.chain.chainIndex] as StoredBlock;
      // The contract names the root once its blocks up to the halt are executed, and 0 before.
      const expected = then.executed === at ? stored.finalRoot : 0n;
      if (then.halt?.blockNumber === at && then.halt.finalRoot !== expected) {
        throw this.#disagree(source, at, { what: 'root that exits are proved against', expected, actual: then.halt.finalRoot });
      }
      if (source.chain.role === 'secondary') await this.#compareSecondary(source, then, stored);
    }
    if (status.arbitrator !== null && at > 0) await this.#compareArbitrator(status.arbitrator, storedBlocks);
    this.#isDone = true;
  }

  /** What was compared so far. */
  agreements(): Agreement[] {
    const { status, at } = this.#parameters;
    const names = [...status.secondaries.map(({ source }) => source.chain.name), ...(status.arbitrator === null ? [] : ['arbitrator'])];
    return [...names.map((name) => ({ name, blockNumber: this.#isDone ? at : null })), ...status.missing.map(({ name, reason }) => ({ name, blockNumber: null, note: reason }))];
  }

  #disagree(source: ChainSource, blockNumber: number, facts: { what: string; expected: unknown; actual: unknown }): ChainDataError {
    const primary = this.#parameters.status.primary.source;
    return chainDataError(`${source.chain.name} has another block ${blockNumber} than ${primary.chain.name}`, facts, source === primary ? [source] : [primary, source]);
  }

  async #compareSecondary(source: ChainSource, { confirmed }: ChainStatus, stored: StoredBlock): Promise<void> {
    const { blockNumber } = stored;
    const expected = storedBlockHash(stored);
    const actual = await readStoredHash(source, blockNumber, this.#parameters);
    if (actual !== expected) throw this.#disagree(source, blockNumber, { what: 'stored block hash', expected, actual });
    const contract = { address: source.chain.rollup, abi: primaryRollupAbi } as const;
    const sent = await patiently('A sync hash cannot be read', source, () => source.client.readContract({ ...contract, functionName: 'syncHashSent', args: [blockNumber] }), this.#parameters);
    const isMissing = BigInt(sent) === 0n && (blockNumber === 0 || blockNumber !== confirmed);
    if (!isMissing && sent !== stored.syncHash) throw this.#disagree(source, blockNumber, { what: 'sync hash that was sent', expected: stored.syncHash, actual: sent });
  }

  async #compareArbitrator({ source, then: { lastConfirmedBlock } }: Seen<ArbitratorStatus>, storedBlocks: StoredBlocks): Promise<void> {
    const { deployment } = this.#parameters;
    const { blockNumber, finalRoot } = storedBlocks[0] as StoredBlock;
    const contract = { address: deployment.arbitrator, abi: iArbitratorAbi } as const;
    const read = async (): Promise<[bigint, readonly Hex[]]> =>
      await Promise.all([
        source.client.readContract({ ...contract, functionName: 'confirmedRoot', args: [blockNumber] }),
        Promise.all(storedBlocks.map((_, chainIndex) => source.client.readContract({ ...contract, functionName: 'syncHashOf', args: [chainIndex, blockNumber] }))),
      ]);
    const [root, hashes] = await patiently('The arbitrator cannot be read', source, read, this.#parameters);
    const disagree = (what: string, expected: unknown, actual: unknown): ChainDataError => {
      const primary = this.#parameters.status.primary.source;
      return chainDataError(`The arbitrator knows another block ${blockNumber} than ${primary.chain.name}`, { what, expected, actual }, [primary, source]);
    };
    // It skips blocks: it must know only the last one.
    const isLast = blockNumber === lastConfirmedBlock;
    if ((root !== 0n || isLast) && root !== finalRoot) throw disagree('confirmed root', finalRoot, root);
    hashes.forEach((hash, chainIndex) => {
      const expected = storedBlocks[chainIndex]?.syncHash;
      if ((BigInt(hash) !== 0n || isLast) && hash !== expected) throw disagree(`sync hash of ${deployment.chains[chainIndex]?.name}`, expected, hash);
    });
  }
}
