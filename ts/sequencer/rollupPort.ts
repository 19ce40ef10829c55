import { zeroAddress, type Address } from 'viem';
import { RollupError } from '../base/errors.ts';
import { publicClient, type ChainPublicClient } from '../chain/clients.ts';
import { primaryRollup, rollupGateway } from '../chain/contracts.ts';
import type { ChainDeployment } from '../chain/deployments.ts';
import { primaryRollupAbi, secondaryRollupAbi } from '../chain/generated/abi.ts';
import { MODES, type JoinInputs, type Mode, type SegmentInputs, type StoredBlock } from '../spec/chainSide.ts';
import type { Hex } from '../spec/hex.ts';
import { chainBlock } from './driver.ts';
import type { Outbox } from './outbox.ts';
import type { Halt } from './pipeline.ts';
import type { RollupPort } from './ports.ts';
import type { BlockProofs, BlockRecord, ProofPart } from './store.ts';

export interface RollupPortOptions {
  chain: ChainDeployment;
  /** The validator's: commits and reverts. */
  validator: Outbox;
  /** Sends what anyone may send. May be the same outbox. */
  anyone: Outbox;
  /** What the chain holds of block 0 and, on the primary, all sync hashes of block 0. */
  genesis: { stored: StoredBlock; syncHashes: readonly Hex[] };
}

/** The native coin, which every chain has without a contract. */
const NATIVE_TOKEN = 1;

/** How long an unchanged list of sent blocks is believed, in milliseconds. */
const sentListLifetime = 30_000;

/** A rollup contract over JSON-RPC. */
export function rollupPort({ chain, validator, anyone, genesis }: RollupPortOptions): RollupPort {
  const { chainIndex, role, name } = chain;
  const address = chain.rollup;
  const client = publicClient(chain);
  // Everything that reads is the same on both kinds.
  const { read } = primaryRollup({ address, client });
  const registered = new Set([NATIVE_TOKEN]);
  const sentBlocks = sentBlocksReader({ client, address });
  const primary = { address, abi: primaryRollupAbi } as const;
  const secondary = { address, abi: secondaryRollupAbi } as const;

  const storedOf = (block: BlockRecord | null): StoredBlock => (block === null ? genesis.stored : chainBlock(block, chainIndex).stored);
  const syncHashesOf = (block: BlockRecord | null): readonly Hex[] => (block === null ? genesis.syncHashes : block.syncHashes);

  const readHalt = async (at: { blockNumber: bigint }): Promise<Halt> => {
    const [blockNumber, finalRoot, exitsOpen] = await Promise.all([read.haltBlock(at), read.haltRoot(at), read.exitsOpen(at)]);
    return { blockNumber, finalRoot: exitsOpen ? finalRoot : null, exitsOpen };
  };

  return {
    chainIndex, role, name,
    async counters() {
      const newest = await client.getBlock();
      const at = { blockNumber: newest.number };
      const [committed, proved, synced, confirmed, executed, modeNumber] = await Promise.all([
        read.totalBlocksCommitted(at), read.totalBlocksProved(at), read.totalBlocksSynced(at), read.totalBlocksConfirmed(at), read.totalBlocksExecuted(at), read.mode(at),
      ]);
      const mode = modeOf(modeNumber, name);
      const halt = mode === 'halted' ? await readHalt(at) : null;
      const sent = await sentBlocks.read({ synced, confirmed });
      return { chainIndex, role, committed, proved, synced, confirmed, executed, sent, mode, halt, time: Number(newest.timestamp) };
    },
    storedBlockHash: async (blockNumber) => await read.storedBlockHash([blockNumber]),
    async requestHash(requestId) {
      const [hash] = await read.priorityRequest([BigInt(requestId)]);
      return BigInt(hash) === 0n ? null : hash;
    },
    async isRegistered(token) {
      // A token that is registered stays so.
      if (!registered.has(token) && (await read.tokenAddress([token])) !== zeroAddress) registered.add(token);
      return registered.has(token);
    },
    async commit({ previous, blocks }) {
      const last = storedForAbi(storedOf(previous));
      const receipt =
        role === 'primary'
          ? await validator.send({ ...primary, functionName: 'commitBlocks', args: [last, syncHashesOf(previous), blocks.map(primaryBlock)] })
          : await validator.send({ ...secondary, functionName: 'commitBlocks', args: [last, blocks.map((block) => secondaryBlock(block, chainIndex))] });
      return { hash: receipt.transactionHash };
    },
    async prove({ blocks, proofs }) {
      const receipt = await anyone.send({
        ...primary,
        functionName: 'proveBlocks',
        args: [blocks.map((block) => storedForAbi(storedOf(block))), blocks.map(({ syncHashes }) => syncHashes), blocks.map((block, i) => blockProof(block, proofs[i]))],
      });
      return { hash: receipt.transactionHash };
    },
    async sync(block) {
      const gateway = rollupGateway({ address: chain.gateway, client });
      const fee = await gateway.read.syncFee();
      // The fee may rise before the transaction is in a block; the surplus comes back.
      const value = fee + fee / 10n;
      const stored = storedForAbi(storedOf(block));
      const receipt =
        role === 'primary'
          ? await anyone.send({ ...primary, functionName: 'syncBlock', args: [stored, block.syncHashes], value })
          : await anyone.send({ ...secondary, functionName: 'syncBlock', args: [stored], value });
      sentBlocks.forget();
      return { hash: receipt.transactionHash };
    },
    async execute(blocks) {
      const list = blocks.map((block) => ({ stored: storedForAbi(storedOf(block)), onchainData: chainBlock(block, chainIndex).onchainData }));
      const receipt = await anyone.send({ ...primary, functionName: 'executeBlocks', args: [list] });
      return { hash: receipt.transactionHash };
    },
    async revert(last) {
      const receipt = await validator.send({ ...primary, functionName: 'revertBlocks', args: [storedForAbi(storedOf(last))] });
      sentBlocks.forget();
      return { hash: receipt.transactionHash };
    },
    pendingBalance: async ({ owner, token }) => await read.pendingBalance([owner, token]),
    async withdrawPending({ owner, token }) {
      const receipt = await anyone.send({ ...primary, functionName: 'withdrawPending', args: [owner, token] });
      return { hash: receipt.transactionHash };
    },
  };
}

/**
 * Which blocks above the confirmed one a chain has sent. Asking for each block is slow when many wait, so that only new ones are asked for
 * until the list gets old: a reorg, or somebody who sends a block below the newest, is seen then.
 */
function sentBlocksReader({ client, address }: { client: ChainPublicClient; address: Address }) {
  const { read } = primaryRollup({ address, client });
  let known: { at: number; synced: number; sent: number[] } = { at: 0, synced: 0, sent: [] };
  return {
    forget(): void {
      known = { at: 0, synced: 0, sent: [] };
    },
    async read({ synced, confirmed }: { synced: number; confirmed: number }): Promise<number[]> {
      const isFresh = Date.now() - known.at < sentListLifetime && synced >= known.synced;
      const from = isFresh ? Math.max(confirmed, known.synced) : confirmed;
      const asked = Array.from({ length: Math.max(0, synced - from) }, (_, i) => from + 1 + i);
      const hashes = await Promise.all(asked.map((blockNumber) => read.syncHashSent([blockNumber])));
      const found = asked.filter((_, i) => BigInt(hashes[i] ?? '0x0') !== 0n);
      const sent = [...(isFresh ? known.sent : []), ...found].filter((blockNumber) => blockNumber > confirmed);
      known = { at: isFresh ? known.at : Date.now(), synced, sent };
      return sent;
    },
  };
}

function modeOf(number: number, chain: string): Mode {
  const mode = MODES[number];
  if (mode === undefined) throw new RollupError('A rollup contract has a mode that is not known', { facts: { chain, known: MODES, actual: number }, hint: 'The contract is newer than this program.' });
  return mode;
}

function storedForAbi(stored: StoredBlock) {
  return { ...stored, priorityRequestsTotal: BigInt(stored.priorityRequestsTotal), timestamp: BigInt(stored.timestamp) };
}

/** A block as the primary gets it: the public data of all chains. */
export function primaryBlock({ blockNumber, timestamp, finalRoot, joinInputs, segments }: BlockRecord) {
  return {
    blockNumber,
    timestamp: BigInt(timestamp),
    finalRoot,
    joinC1: joinInputs.c1,
    segments: segments.map(({ chainIndex, rootIn, rootOut, legsIn, legsOut, publicInputs: { c1, c2 }, onchainData, l2Data }) => ({
      chainIndex, rootIn, rootOut, legsIn, legsOut, c1, c2, onchainData, l2Data,
    })),
  };
}

function secondaryBlock(block: BlockRecord, chainIndex: number) {
  const { blockNumber, timestamp, finalRoot } = block;
  return { blockNumber, timestamp: BigInt(timestamp), finalRoot, onchainData: chainBlock(block, chainIndex).onchainData };
}

function blockProof(block: BlockRecord, proofs: BlockProofs | undefined) {
  const proofOf = (part: ProofPart) => {
    const statement = proofs?.get(part);
    if (statement === undefined) throw new RollupError('A proof is not in the store', { facts: { blockNumber: block.blockNumber, part } });
    return statement.proof;
  };
  const { c1, r, y1 } = block.joinInputs;
  return {
    segmentInputs: block.segments.map(({ publicInputs }): SegmentInputs => [publicInputs.c1, publicInputs.c2, publicInputs.r, publicInputs.y1, publicInputs.y2]),
    joinInputs: [c1, r, y1] satisfies JoinInputs as JoinInputs,
    segmentProofs: block.segments.map((_, part) => proofOf(part)),
    joinProof: proofOf('join'),
  };
}
