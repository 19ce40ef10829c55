import { RollupError } from '../base/errors.ts';
import type { Deployment } from '../chain/deployments.ts';
import { ZERO_HASH, syncHashesHash, type StoredBlock } from '../spec/chainSide.ts';
import { keccak256 } from '../spec/keccak.ts';
import { LEAF_KIND, type Leaf } from '../spec/leaf.ts';
import { params } from '../spec/params.ts';
import { poolLeaf, poolOf, isPoolLeaf } from '../spec/pool.ts';
import { hexToBytes } from '../spec/hex.ts';
import { ChainState } from '../state/chainState.ts';
import { LedgerState } from '../state/ledger.ts';
import { accountLeaf } from '../state/leafRules.ts';
import { ByteReader, ByteWriter } from './bytes.ts';
import type { KnownBlock } from './chainData.ts';
import type { StoredBlocks } from './storedBlocks.ts';

/*
 * The whole state after a block in one file, the same on every machine. Numbers are big-endian; `short` is one byte that counts and as many
 * bytes as the value needs.
 *
 * | part | layout (bytes) |
 * |---|---|
 * | head | "ROLLUPST" 8, version 2, arity 1, depth 1, chain count 1, primary's chain index 1, deployment id 32 |
 * | block | number 4, timestamp 6, final root 32, proof inputs hash 32, host block of the primary that has its commit 6 |
 * | block on each chain, in order of chain index | priority requests total 6, on-chain ops hash 32, sync hash 32 |
 * | users | count 4, then each: owner 20, keyX 32, keyY 32; in order of their first leaf |
 * | leaves of each chain | chain root 32, count 4, then each in order of leaf index: leaf index 3, kind 1, token 4 and |
 * | · an account | user 4, nonce 4, balance short |
 * | · a pool | reserve short, total shares short, peer chain 1, peer leaf 3 |
 * | end | keccak256 of all bytes before 32 |
 */

const MAGIC = new TextEncoder().encode('ROLLUPST');
const VERSION = 1;
const HASH_BYTES = 32;

/** The state after a block, and what chains hold of the block. */
export interface Snapshot extends KnownBlock {
  state: LedgerState;
}

type Topology = Pick<Deployment, 'deploymentId' | 'chains'>;

function primaryIndexOf({ chains }: Topology): number {
  return chains.findIndex(({ role }) => role === 'primary');
}

/** The file's bytes. */
export function encodeSnapshot(deployment: Topology, { state, storedBlocks, chainBlock }: Snapshot): Uint8Array {
  const primaryIndex = primaryIndexOf(deployment);
  const stored = storedBlocks[primaryIndex] as StoredBlock;
  const out = new ByteWriter();
  out.raw(MAGIC);
  out.number(VERSION, 2);
  for (const size of [params.arity, params.depth, state.chains.length, primaryIndex]) out.number(size, 1);
  out.bigint(deployment.deploymentId, 32);
  out.number(stored.blockNumber, 4);
  out.number(stored.timestamp, 6);
  out.bigint(stored.finalRoot, 32);
  out.hex(stored.proofInputsHash);
  out.number(chainBlock, 6);
  for (const { priorityRequestsTotal, onchainOpsHash, syncHash } of storedBlocks) {
    out.number(priorityRequestsTotal, 6);
    out.hex(onchainOpsHash);
    out.hex(syncHash);
  }
  const chains = state.chains.map((chain) => ({ root: chain.root, entries: chain.entries() }));
  const users = new Map<string, number>();
  const userTable = new ByteWriter();
  for (const { leaf } of chains.flatMap(({ entries }) => entries)) {
    if (isPoolLeaf(leaf) || users.has(userOf(leaf))) continue;
    users.set(userOf(leaf), users.size);
    userTable.bigint(leaf.owner, 20);
    userTable.bigint(leaf.keyX, 32);
    userTable.bigint(leaf.keyY, 32);
  }
  out.number(users.size, 4);
  out.raw(userTable.bytes);
  for (const { root, entries } of chains) {
    out.bigint(root, 32);
    out.number(entries.length, 4);
    for (const { leafIndex, leaf } of entries) {
      out.number(leafIndex, 3);
      out.number(Number(leaf.kind), 1);
      out.bigint(leaf.token, 4);
      const half = poolOf(leaf);
      if (half) {
        out.shortBigint(half.reserve);
        out.shortBigint(half.totalShares);
        out.number(half.peer.chainIndex, 1);
        out.number(half.peer.leafIndex, 3);
      } else {
        out.number(users.get(userOf(leaf)) ?? 0, 4);
        out.bigint(leaf.nonce, 4);
        out.shortBigint(leaf.balance);
      }
    }
  }
  out.hex(keccak256(out.bytes));
  return out.bytes;
}

function userOf({ owner, keyX, keyY }: Leaf): string {
  return `${owner.toString(36)}.${keyX.toString(36)}.${keyY.toString(36)}`;
}

/** A file that cannot be used; the state can be had without it. */
export class SnapshotRefused extends RollupError {}

/**
 * What is in a file. Every root is computed from the leaves and compared; whether chains have the block is for the caller to check.
 * @throws SnapshotRefused when the file is damaged, of another deployment or another version
 */
export function decodeSnapshot(deployment: Topology, bytes: Uint8Array): Snapshot {
  try {
    return decode(deployment, bytes);
  } catch (cause) {
    if (cause instanceof SnapshotRefused) throw cause;
    throw refused('is damaged', { reason: cause instanceof Error ? cause.message : String(cause) }, cause);
  }
}

function refused(what: string, facts: Record<string, unknown>, cause?: unknown): SnapshotRefused {
  return new SnapshotRefused(`The snapshot ${what}`, { facts, hint: 'Delete the file: the state can be recovered without it.', ...(cause === undefined ? {} : { cause }) });
}

function same(what: string, expected: unknown, actual: unknown): void {
  if (expected !== actual) throw refused(`is of another ${what}`, { expected, actual });
}

function decode(deployment: Topology, bytes: Uint8Array): Snapshot {
  const { deploymentId, chains } = deployment;
  const content = bytes.subarray(0, Math.max(0, bytes.length - HASH_BYTES));
  const input = new ByteReader(content);
  same('kind of file', Buffer.from(MAGIC).toString('hex'), Buffer.from(input.raw(MAGIC.length)).toString('hex'));
  same('version', VERSION, input.number(2));
  if (Buffer.compare(hexToBytes(keccak256(content)), bytes.subarray(content.length)) !== 0) throw refused('is damaged', { expected: 'the hash of its bytes at its end' });
  same('arity', params.arity, input.number(1));
  same('depth', params.depth, input.number(1));
  same('number of chains', chains.length, input.number(1));
  const primaryIndex = input.number(1);
  same('primary', primaryIndexOf(deployment), primaryIndex);
  same('deployment', deploymentId, input.bigint(32));
  const block = { blockNumber: input.number(4), timestamp: input.number(6), finalRoot: input.bigint(32) };
  const proofInputsHash = input.hex(32);
  const chainBlock = input.number(6);
  const secondary = chains.map((): StoredBlock => {
    const [priorityRequestsTotal, onchainOpsHash, syncHash] = [input.number(6), input.hex(32), input.hex(32)];
    return { ...block, priorityRequestsTotal, onchainOpsHash, syncHash, proofInputsHash: ZERO_HASH, syncHashesHash: ZERO_HASH };
  });
  const hashes = syncHashesHash(secondary.map(({ syncHash }) => syncHash));
  const storedBlocks: StoredBlocks = secondary.map((stored, i) => (i === primaryIndex ? { ...stored, proofInputsHash, syncHashesHash: hashes } : stored));
  const state = readState(input, chains.length);
  if (input.left !== 0) throw refused('is damaged', { reason: 'bytes behind its end', actual: input.left });
  if (state.finalRoot !== block.finalRoot) throw refused('has another final root than its leaves', { expected: block.finalRoot, actual: state.finalRoot });
  return { state, storedBlocks, chainBlock };
}

function readState(input: ByteReader, chainCount: number): LedgerState {
  const users = Array.from({ length: input.number(4) }, () => ({ owner: input.bigint(20), keyX: input.bigint(32), keyY: input.bigint(32) }));
  const chains = Array.from({ length: chainCount }, (_, chainIndex) => {
    const root = input.bigint(32);
    const count = input.number(4);
    let chain = ChainState.empty();
    for (let i = 0, last = -1; i < count; i++) {
      const leafIndex = input.number(3);
      if (leafIndex <= last) throw refused('is damaged', { reason: 'leaves are out of order', chainIndex, leafIndex });
      last = leafIndex;
      chain = chain.withLeaf(leafIndex, readLeaf(input, users));
    }
    if (chain.root !== root) throw refused('has another chain root than its leaves', { chainIndex, expected: root, actual: chain.root });
    return chain;
  });
  return new LedgerState(chains);
}

function readLeaf(input: ByteReader, users: readonly Pick<Leaf, 'owner' | 'keyX' | 'keyY'>[]): Leaf {
  const kind = BigInt(input.number(1));
  const token = input.bigint(4);
  if (kind === LEAF_KIND.pool) {
    const [reserve, totalShares] = [input.shortBigint(), input.shortBigint()];
    return poolLeaf({ token, reserve, totalShares, peer: { chainIndex: input.number(1), leafIndex: input.number(3) } });
  }
  const user = users[input.number(4)];
  if (kind !== LEAF_KIND.account || !user) throw refused('is damaged', { reason: 'a leaf of no known kind or user', kind });
  const nonce = input.bigint(4);
  return { ...accountLeaf({ ...user, token }, input.shortBigint()), nonce };
}
