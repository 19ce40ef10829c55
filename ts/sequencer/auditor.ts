import {
  genesisStoredBlock,
  genesisSyncHashes,
  onchainOpsHash,
  priorityRequestsOf,
  proofInputsHash,
  queuedRequestHash,
  storedBlockHash,
  syncHash,
  syncHashesHash,
  ZERO_HASH,
  type StoredBlock,
} from '../spec/chainSide.ts';
import { concatHex, type Hex } from '../spec/hex.ts';
import { joinC1, joinInputsOfWords, joinWords } from '../spec/join.ts';
import type { Leaf } from '../spec/leaf.ts';
import { isPoolOperation } from '../spec/operation.ts';
import { decodeOperations } from '../spec/pubdata.ts';
import { finalRootOf } from '../spec/roots.ts';
import { segmentC1, segmentC2, segmentHeader, segmentInputsOfData, segmentPublicData } from '../spec/segment.ts';
import { emptyTree } from '../state/tree.ts';
import { LegAudit } from './auditPairs.ts';
import { AuditFailure, expectEqual, replaySegment, type Books } from './auditReplay.ts';
import type { BlockProofs, BlockRecord, ProvenStatement, SegmentRecord } from './store.ts';

export type CircuitName = 'segment' | 'join';

/** True when the proof is valid for these public inputs. */
export type VerifyProof = (parameters: { circuit: CircuitName; statement: ProvenStatement }) => Promise<boolean>;

/** The first 27 bytes of the hash of request `requestId` in a chain's queue; null when the chain has no such request. */
export type ReadRequest = (parameters: { chainIndex: number; requestId: number }) => Promise<Hex | null>;

export interface AuditorOptions {
  deploymentId: bigint;
  chainCount: number;
  primaryIndex: number;
  /** Whose leaves may collect fees. */
  operator: { owner: bigint };
  readRequest: ReadRequest;
  verifyProof: VerifyProof;
}

/**
 * Internal control: nothing is sent before it has passed here. It keeps its own leaves and trees, which it moves forward by the public
 * data bytes alone, and derives legs, pairs, roots, sync hashes, stored blocks and public inputs again; requests are compared with the chains' queues.
 * It shares the formats (ts/spec) and the tree with the rest of the sequencer, and nothing else.
 */
export class Auditor {
  readonly #options: AuditorOptions;
  #books: Books[];
  #stored: StoredBlock[];
  #syncHashes: Hex[];

  constructor(options: AuditorOptions) {
    this.#options = options;
    const { deploymentId, chainCount, primaryIndex } = options;
    this.#books = Array.from({ length: chainCount }, () => ({ settled: new Map<number, Leaf>(), changed: new Map<number, Leaf>(), tree: emptyTree }));
    this.#stored = Array.from({ length: chainCount }, (_, chainIndex) =>
      genesisStoredBlock({ deploymentId, chainIndex, chainCount, role: chainIndex === primaryIndex ? 'primary' : 'secondary' }),
    );
    this.#syncHashes = genesisSyncHashes(deploymentId, chainCount);
  }

  /** The last block that passed. */
  get auditedBlock(): number {
    return this.#stored[0]?.blockNumber ?? 0;
  }

  /** What chain `chainIndex` must hold of the last block that passed. */
  storedHash(chainIndex: number): Hex {
    const stored = this.#stored[chainIndex];
    if (stored === undefined) throw new AuditFailure('there is no such chain', { chainIndex });
    return storedBlockHash(stored);
  }

  /**
   * Checks the data of the next block.
   * @throws AuditFailure with the block, the place and both values; the auditor's books stay where they were
   */
  async auditBlock(block: BlockRecord): Promise<void> {
    const { blockNumber, timestamp } = block;
    const last = this.#stored[0];
    expectEqual('block number', (last?.blockNumber ?? 0) + 1, blockNumber, { blockNumber });
    if (timestamp < (last?.timestamp ?? 0)) throw new AuditFailure('time runs backwards', { blockNumber, before: last?.timestamp, timestamp });
    const before = finalRootOf(this.#books.map(({ tree }) => tree.root));
    const books = [...this.#books];
    const { deploymentId } = this.#options;
    const legs = new LegAudit(deploymentId);
    for (const [index, segment] of block.segments.entries()) {
      const place = { blockNumber, segment: index, chainIndex: segment.chainIndex };
      const old = books[segment.chainIndex];
      if (old === undefined) throw new AuditFailure('a segment is of an unknown chain', place);
      expectEqual('legs in', legs.legsOut, segment.legsIn, place);
      expectEqual('root in', old.tree.root, segment.rootIn, place);
      const { books: next, halfChanges } = replaySegment({ books: old, segment, operator: this.#options.operator.owner, place });
      expectEqual('root out', next.tree.root, segment.rootOut, place);
      legs.add({ chainIndex: segment.chainIndex, changes: halfChanges, operations: segment.operations.filter(isPoolOperation), place });
      expectEqual('legs out', legs.legsOut, segment.legsOut, place);
      this.#checkInputs(block, segment, place);
      books[segment.chainIndex] = next;
    }
    const finalRoot = finalRootOf(books.map(({ tree }) => tree.root));
    expectEqual('final root', finalRoot, block.finalRoot, { blockNumber });
    const pairs = legs.pairs({ blockNumber });
    const words = joinWords({ deploymentId, blockNumber, finalRootIn: before, finalRootOut: finalRoot, legs: legs.legsOut, segments: block.segments });
    expectSame('join inputs', joinInputsOfWords(joinC1(words, pairs), words), block.joinInputs, { blockNumber });
    await this.#checkRequests(block);
    const { stored, syncHashes } = this.#chainSide(block);
    for (const { settled, changed } of books) for (const [leafIndex, leaf] of changed) settled.set(leafIndex, leaf);
    this.#books = books.map(({ settled, tree }) => ({ settled, changed: new Map<number, Leaf>(), tree }));
    this.#stored = stored;
    this.#syncHashes = syncHashes;
  }

  /**
   * Checks that a block's proofs are there, are for its public inputs and are valid.
   * @throws AuditFailure
   */
  async auditProofs(block: BlockRecord, proofs: BlockProofs): Promise<void> {
    const { blockNumber, joinInputs } = block;
    const expected = [
      ...block.segments.map(({ publicInputs: { c1, c2, r, y1, y2 } }, part) => ({ circuit: 'segment' as const, part, inputs: [c1, c2, r, y1, y2] })),
      { circuit: 'join' as const, part: 'join' as const, inputs: [joinInputs.c1, joinInputs.r, joinInputs.y1] },
    ];
    for (const { circuit, part, inputs } of expected) {
      const statement = proofs.get(part);
      if (statement === undefined) throw new AuditFailure('a proof is missing', { blockNumber, part });
      expectEqual('public inputs of a proof', inputs.join(), statement.publicInputs.join(), { blockNumber, part });
      if (!(await this.#options.verifyProof({ circuit, statement }))) throw new AuditFailure('a proof is not valid', { blockNumber, part });
    }
  }

  #checkInputs(block: BlockRecord, segment: SegmentRecord, place: Record<string, unknown>): void {
    const { deploymentId } = this.#options;
    const context = { ...segment, deploymentId, blockNumber: block.blockNumber, timestamp: block.timestamp };
    const data = segmentPublicData(segment.operations);
    expectEqual('on-chain bytes', data.onchainData, segment.onchainData, place);
    expectEqual('L2 bytes', data.l2Data, segment.l2Data, place);
    const c2 = segmentC2(segment.operations);
    const c1 = segmentC1(segmentHeader({ ...context, ...data, c2 }), segment.operations);
    expectSame('public inputs', segmentInputsOfData({ ...context, c1, c2 }), segment.publicInputs, place);
  }

  async #checkRequests({ blockNumber, segments }: BlockRecord): Promise<void> {
    for (const [chainIndex, { priorityRequestsTotal }] of this.#stored.entries()) {
      const own = segments.filter((segment) => segment.chainIndex === chainIndex);
      const requests = priorityRequestsOf(own.flatMap(({ onchainData }) => decodeOperations(onchainData, 'onchain')));
      for (const [i, request] of requests.entries()) {
        const requestId = priorityRequestsTotal + i;
        const found = await this.#options.readRequest({ chainIndex, requestId });
        expectEqual('priority request', found, queuedRequestHash(request), { blockNumber, chainIndex, requestId });
      }
    }
  }

  /** What every chain will hold of the block, compared with what the block says that it will. */
  #chainSide(block: BlockRecord): { stored: StoredBlock[]; syncHashes: Hex[] } {
    const { blockNumber, timestamp, finalRoot } = block;
    const { primaryIndex } = this.#options;
    const onchain = this.#books.map((_, i) => concatHex(block.segments.filter(({ chainIndex }) => chainIndex === i).map(({ onchainData }) => onchainData)));
    const opsHashes = onchain.map((data) => onchainOpsHash([data]));
    const syncHashes = this.#syncHashes.map((previous, i) => syncHash({ previous, blockNumber, timestamp, finalRoot, onchainOpsHash: opsHashes[i] ?? ZERO_HASH }));
    expectEqual('sync hashes', syncHashes.join(), block.syncHashes.join(), { blockNumber });
    const segmentInputs = block.segments.map(({ publicInputs: { c1, c2, r, y1, y2 } }) => [c1, c2, r, y1, y2] as const);
    const { c1, r, y1 } = block.joinInputs;
    const stored = this.#stored.map((previous, i): StoredBlock => ({
      blockNumber,
      priorityRequestsTotal: previous.priorityRequestsTotal + priorityRequestsOf(decodeOperations(onchain[i] ?? '0x', 'onchain')).length,
      timestamp,
      finalRoot,
      onchainOpsHash: opsHashes[i] ?? ZERO_HASH,
      syncHash: syncHashes[i] ?? ZERO_HASH,
      proofInputsHash: i === primaryIndex ? proofInputsHash(segmentInputs, [c1, r, y1]) : ZERO_HASH,
      syncHashesHash: i === primaryIndex ? syncHashesHash(syncHashes) : ZERO_HASH,
    }));
    expectEqual('number of chains', stored.length, block.chains.length, { blockNumber });
    for (const [chainIndex, expected] of stored.entries()) {
      const told = block.chains[chainIndex];
      if (told === undefined) throw new AuditFailure('a chain is missing', { blockNumber, chainIndex });
      expectEqual('on-chain bytes of a chain', onchain[chainIndex], told.onchainData, { blockNumber, chainIndex });
      expectSame('stored block', expected, told.stored, { blockNumber, chainIndex });
    }
    return { stored, syncHashes };
  }
}

function expectSame<T extends object>(what: string, expected: T, actual: T, facts: Record<string, unknown>): void {
  for (const key of Object.keys(expected) as (keyof T & string)[]) expectEqual(`${what} (${key})`, expected[key], actual[key], facts);
}
