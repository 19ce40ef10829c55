import { concatHex, createTestClient, type Hex, http, keccak256, numberToHex, parseAbi, zeroHash } from 'viem';
import { l2MessageServiceAbi, lineaRollupAbi } from '../../chain/generated/abi.ts';
import { constantBlob } from './lineaBlob.ts';
import { type FinalizationData, publicInput, type ShnarfData, shnarfOf, unprovenProof } from './lineaPublicInput.ts';
import { LINEA_TREE_DEPTH, lineaRoot, lineaTrees } from './lineaTree.ts';
import type { Finalization, LineaView, MessageUp } from './lineaView.ts';
import { stageOf } from './message.ts';
import type { Falsification, Log, Manner, Preview, Relayer, Step } from './relayer.ts';
import { type RouteId, routeName } from './routes.ts';
import { chainTime, type Sender } from './sender.ts';

/** Offsets of blocks are two bytes. */
const MOST_BLOCKS = 65_535n;
/** The verifier that LineaRollup is initialized with. */
const PROOF_TYPE = 0n;
const verifierAbi = parseAbi(['function getChainConfiguration() view returns (bytes32)']);

export interface LineaFinalizerParameters {
  view: LineaView;
  /** Holds OPERATOR_ROLE. */
  l1: Sender;
  /** Seconds of Linea's clock from sending to finalization. */
  delay: () => number;
  /** Whether roots that are missing on Ethereum are brought there now. */
  repairs: () => boolean;
  log: Log;
}

/**
 * Finalizes Linea's blocks on Ethereum up to the last one with a message that is due: puts the hashes of all messages in them into trees of
 * 32. How far it is, LineaRollup knows (`currentL2BlockNumber`). Without messages it does nothing.
 *
 * A message whose block was finalized under a wrong root (which a validity proof forbids on the real network) gets its root with the next
 * finalization, so nothing is lost.
 */
export function lineaFinalizer({ view, l1, delay, repairs, log }: LineaFinalizerParameters): Relayer {
  const { chainName, l1Service, l2, l2Service } = view.services;
  const id: RouteId = { chain: chainName, role: 'finalize', direction: 'up' };
  const contract = { abi: lineaRollupAbi, address: l1Service } as const;
  let waiting = 0;

  /** Whether Ethereum's next block takes it: it refuses blocks that are not older than itself. */
  const isPast = async (blockNumber: bigint): Promise<boolean> => (await l2.getBlock({ blockNumber })).timestamp < (await chainTime(l1.client));
  const isDue = async (blockNumber: bigint): Promise<boolean> =>
    (await isPast(blockNumber)) && (delay() === 0 || (await l2.getBlock({ blockNumber })).timestamp + BigInt(delay()) <= (await chainTime(l2)));

  const open = async (): Promise<{ last: bigint; messages: MessageUp[]; missing: Hex[] }> => {
    const last = await l1.client.readContract({ ...contract, functionName: 'currentL2BlockNumber' });
    await view.refresh();
    const messages = view.up.filter(({ places: [sent] }) => sent.block > last);
    return { last, messages, missing: repairs() ? missingRoots(view) : [] };
  };

  const step = (last: bigint, end: bigint, { messages, missing, ...wait }: { messages: MessageUp[]; missing: Hex[]; notBefore?: bigint; clock?: boolean }): Step => ({
    key: `${last}`,
    label: `blocks ${last + 1n} … ${end}`,
    messages,
    to: 'finalized',
    ...wait,
    async perform(manner) {
      await finalize({ last, end, messages, missing }, manner);
      return {};
    },
  });

  /** Brings the data of the blocks to Ethereum in a blob, unless a relayer did that was killed before it finalized. */
  const submit = async ({ parentShnarf, blockHash, stateRoot, afterSend }: { parentShnarf: Hex; blockHash: Hex; stateRoot: Hex; afterSend: Manner['afterSend'] }): Promise<ShnarfData> => {
    const blob = constantBlob(blockHash);
    const snarkHash = keccak256(blockHash);
    const data: ShnarfData = {
      ...{ parentShnarf, snarkHash, finalStateRootHash: stateRoot },
      dataEvaluationPoint: keccak256(concatHex([snarkHash, blob.versionedHash])),
      dataEvaluationClaim: numberToHex(blob.claim, { size: 32 }),
    };
    const shnarf = shnarfOf(data);
    if ((await l1.client.readContract({ ...contract, functionName: 'blobShnarfExists', args: [shnarf] })) > 0n) return data;
    const submission = { dataEvaluationClaim: blob.claim, kzgCommitment: blob.commitment, kzgProof: blob.proof, finalStateRootHash: stateRoot, snarkHash };
    await l1.send({ ...contract, functionName: 'submitBlobs', args: [[submission], parentShnarf, shnarf], blob, afterSend });
    return data;
  };

  const finalize = async ({ last, end, messages, missing }: { last: bigint; end: bigint; messages: MessageUp[]; missing: Hex[] }, { falsification, afterSend }: Manner = {}): Promise<void> => {
    // A missing root needs a block to come with.
    if (end > (await l2.getBlockNumber())) await createTestClient({ mode: 'anvil', transport: http(l2.transport.url) }).mine({ blocks: 1 });
    const at = { abi: l2MessageServiceAbi, address: l2Service, blockNumber: end } as const;
    const block = await l2.getBlock({ blockNumber: end });
    const anchored = await l2.readContract({ ...at, functionName: 'lastAnchoredL1MessageNumber' });
    const trees = lineaTrees(messages.map(({ hash }) => hash));
    const blocks = [...new Set(messages.map(({ places: [sent] }) => sent.block))];
    const { messageNumber, rollingHash, timestamp } = view.finalizedState;
    const lastShnarf = await l1.client.readContract({ ...contract, functionName: 'currentFinalizedShnarf' });
    const data: FinalizationData = {
      parentStateRootHash: await l1.client.readContract({ ...contract, functionName: 'stateRootHashes', args: [last] }),
      endBlockNumber: end,
      shnarfData: await submit({ parentShnarf: lastShnarf, blockHash: block.hash, stateRoot: stateRootOf(block), afterSend }),
      lastFinalizedTimestamp: timestamp,
      finalTimestamp: block.timestamp,
      lastFinalizedL1RollingHash: rollingHash,
      l1RollingHash: anchored === 0n ? zeroHash : await l2.readContract({ ...at, functionName: 'l1RollingHashes', args: [anchored] }),
      lastFinalizedL1RollingHashMessageNumber: messageNumber,
      l1RollingHashMessageNumber: anchored,
      l2MerkleTreesDepth: BigInt(LINEA_TREE_DEPTH),
      ...{ lastFinalizedForcedTransactionNumber: 0n, finalForcedTransactionNumber: 0n, lastFinalizedForcedTransactionRollingHash: zeroHash, filteredAddresses: [] },
      l2MerkleRoots: [...missing, ...trees.map((tree) => falsify(lineaRoot(tree), falsification))],
      l2MessagingBlocksOffsets: concatHex(blocks.map((number) => numberToHex(number - last, { size: 2 }))),
    };
    const verifier = await l1.client.readContract({ ...contract, functionName: 'verifiers', args: [PROOF_TYPE] });
    const chainConfiguration = await l1.client.readContract({ abi: verifierAbi, address: verifier, functionName: 'getChainConfiguration' });
    const proof = unprovenProof(publicInput({ data, lastShnarf, lastBlock: last, forcedTransactionRollingHash: zeroHash, chainConfiguration }));
    await l1.send({ ...contract, functionName: 'finalizeBlocks', args: [proof, PROOF_TYPE, data], afterSend });
    const repaired = missing.length === 0 ? '' : `, ${missing.length} root(s) put right`;
    log(`${routeName(id)}: blocks ${last + 1n} … ${end} finalized, ${messages.length} message(s) in ${trees.length} tree(s)${repaired}`);
  };

  return {
    id,
    independent: false,
    waiting: () => waiting,
    async plan() {
      const { last, messages, missing } = await open();
      waiting = messages.length + missing.length;
      if (messages.length === 0) return missing.length === 0 ? [] : [step(last, (await l2.getBlockNumber()) > last ? await l2.getBlockNumber() : last + 1n, { messages: [], missing })];
      const blocks = messages.map(({ places: [sent] }) => sent.block);
      const until = (end: bigint): MessageUp[] => messages.filter(({ places: [sent] }) => sent.block <= end);
      const due = await finalizationEnd({ last, blocks, isDue });
      if (due !== undefined) return [step(last, due, { messages: until(due), missing })];
      const past = await finalizationEnd({ last, blocks, isDue: isPast });
      const sent = messages[0]?.places[0].timestamp ?? 0n;
      if (past !== undefined) return [step(last, past, { messages: until(past), missing, notBefore: sent + BigInt(delay()) })];
      return [step(last, blocks[0] ?? last, { messages, missing, notBefore: sent + 1n, clock: true })];
    },
    async preview() {
      const now = await chainTime(l2);
      return (await open()).messages.map((message): Preview => {
        const until = message.places[0].timestamp + BigInt(delay());
        return { message, to: 'finalized', ...(delay() > 0 && until > now ? { notBefore: until } : {}) };
      });
    },
  };
}

/**
 * What a finalization names as the block's state root. LineaRollup refuses zero, which is what anvil gives the blocks of a fork, as it does not have
 * the whole state: there the block's hash stands in. No proof of the devnet binds either of them to the state; a real one would.
 */
function stateRootOf({ stateRoot, hash }: { stateRoot: Hex; hash: Hex }): Hex {
  return stateRoot === zeroHash ? hash : stateRoot;
}

/** Roots of finalized messages that Ethereum does not have, because a finalization named others in their place. */
function missingRoots(view: LineaView): Hex[] {
  const open = view.up.filter((message) => stageOf(message) === 'finalized');
  const ranges = view.finalizations.filter(({ firstBlock, lastBlock }) => open.some(({ places: [sent] }) => sent.block >= firstBlock && sent.block <= lastBlock));
  return ranges.flatMap((range) => rootsOf(view, range)).filter((root) => !view.hasRoot(root));
}

/** Of finalizations whose messages are known; the view makes new ones when anything changes. */
const knownRoots = new WeakMap<Finalization, Hex[]>();

function rootsOf(view: LineaView, finalization: Finalization): Hex[] {
  const known = knownRoots.get(finalization);
  if (known !== undefined) return known;
  const { firstBlock, lastBlock } = finalization;
  const hashes = view.up.filter(({ places: [sent] }) => sent.block >= firstBlock && sent.block <= lastBlock).map(({ hash }) => hash);
  const roots = lineaTrees(hashes).map(lineaRoot);
  knownRoots.set(finalization, roots);
  return roots;
}

function falsify(root: Hex, falsification: Falsification | undefined): Hex {
  return falsification === undefined ? root : `0x${[...root.slice(2)].reverse().join('')}`;
}

export interface FinalizationEndParameters {
  /** Last block that is finalized. */
  last: bigint;
  /** Blocks after it with messages; one block may come several times. */
  blocks: readonly bigint[];
  isDue(blockNumber: bigint): Promise<boolean>;
}

/**
 * The block to finalize up to: the last one with a message that is due, as far as one call reaches. Blocks without messages that are too many
 * for one call are finalized by themselves.
 * @returns undefined when none is due
 */
export async function finalizationEnd({ last, blocks, isDue }: FinalizationEndParameters): Promise<bigint | undefined> {
  const reach = last + MOST_BLOCKS;
  const ends = new Set(blocks.map((block) => (block < reach ? block : reach)));
  for (const end of [...ends].sort((a, b) => Number(b - a))) if (await isDue(end)) return end;
  return undefined;
}
