import { describe, expect, it } from 'vitest';
import { queuedRequestHash, storedBlockHash } from '../spec/chainSide.ts';
import type { Hex } from '../spec/hex.ts';
import { operationLength } from '../spec/pubdata.ts';
import { Auditor } from './auditor.ts';
import { AuditFailure } from './auditReplay.ts';
import { requestHashOf, type PriorityEvent } from './events.ts';
import type { BlockProofs, BlockRecord, ProofPart, ProvenStatement } from './store.ts';
import { context, depositEvent, operator, fullExitEvent, nextBlock, signedTransfer, signedWithdraw, testUser } from './testSupport.ts';

const alice = testUser(1);
const bob = testUser(2);
const carol = testUser(3);
const requests: PriorityEvent[][] = [
  [depositEvent(0, alice, 1000n), depositEvent(1, bob, 500n), fullExitEvent(2, bob, 1)],
  [depositEvent(0, carol, 70n)],
  [],
];
const first = nextBlock({ requests: [requests[0]!.slice(0, 2), requests[1]!] });
const second = nextBlock({
  tip: first.tip,
  requests: [[requests[0]![2]!]],
  transactions: [
    signedTransfer(alice, carol, { leafIndex: 0, nonce: 0, amount: 30n }),
    signedWithdraw(alice, 9n, { leafIndex: 0, nonce: 1, amount: 20n }),
    ...Array.from({ length: 7 }, (_, i) => signedTransfer(alice, carol, { leafIndex: 0, nonce: i + 2, amount: 1n })),
  ],
  timestamp: 1005,
});

function auditor(onChain: PriorityEvent[][] = requests, validProofs = true): Auditor {
  return new Auditor({
    ...context,
    operator,
    readRequest: async ({ chainIndex, requestId }): Promise<Hex | null> => {
      const request = onChain[chainIndex]?.[requestId];
      return request === undefined ? null : requestHashOf(request);
    },
    verifyProof: async () => validProofs,
  });
}

const copy = (block: BlockRecord): BlockRecord => structuredClone(block);

async function auditedFirst(): Promise<Auditor> {
  const a = auditor();
  await a.auditBlock(first.block);
  return a;
}

describe('auditor', () => {
  it('passes honest blocks and derives what the chains must hold', async () => {
    const a = auditor();
    expect(a.auditedBlock).toBe(0);
    await a.auditBlock(first.block);
    await a.auditBlock(second.block);
    expect(second.block.segments).toHaveLength(2);
    expect(a.auditedBlock).toBe(2);
    for (const chainIndex of [0, 1, 2]) expect(a.storedHash(chainIndex)).toBe(storedBlockHash(second.tip.stored[chainIndex]!));
  });

  const forgeries: [string, (block: BlockRecord) => void, string][] = [
    ['another number', (b) => (b.blockNumber = 3), 'wrong block number'],
    ['an earlier time', (b) => (b.timestamp = 999), 'time runs backwards'],
    ['another time', (b) => (b.timestamp = 1006), 'wrong public inputs'],
    ['another final root', (b) => (b.finalRoot += 1n), 'wrong final root'],
    ['another root in', (b) => (b.segments[0]!.rootIn += 1n), 'wrong root in'],
    ['another root out', (b) => (b.segments[1]!.rootOut += 1n), 'wrong root out'],
    ['legs from nowhere', (b) => (b.segments[0]!.legsIn = 1n), 'wrong legs in'],
    ['a segment of an unknown chain', (b) => (b.segments[0]!.chainIndex = 9), 'unknown chain'],
    ['swapped segments', (b) => b.segments.reverse(), 'Audit'],
    ['other operations than its bytes', (b) => b.segments[1]!.operations.pop(), 'wrong L2 bytes'],
    ['another c2', (b) => (b.segments[0]!.publicInputs.c2 += 1n), 'wrong public inputs'],
    ['another join input', (b) => (b.joinInputs.y1 += 1n), 'wrong join inputs'],
    ['another sync hash', (b) => (b.syncHashes[2] = `0x${'11'.repeat(32)}`), 'wrong sync hashes'],
    ['other bytes for a chain', (b) => (b.chains[1]!.onchainData = '0x00'), 'wrong on-chain bytes of a chain'],
    ['another stored block', (b) => (b.chains[0]!.stored.priorityRequestsTotal = 9), 'wrong stored block'],
    ['a chain less', (b) => b.chains.pop(), 'wrong number of chains'],
  ];
  it.each(forgeries)('refuses a block with %s', async (_, forge, message) => {
    const a = await auditedFirst();
    const block = copy(second.block);
    forge(block);
    await expect(a.auditBlock(block)).rejects.toThrow(message);
    await expect(a.auditBlock(block)).rejects.toBeInstanceOf(AuditFailure);
    // A refusal leaves the books as they were: the honest block still passes.
    expect(a.auditedBlock).toBe(1);
    await a.auditBlock(second.block);
  });

  it('refuses requests that the queue does not hold, or not there', async () => {
    const other = [[depositEvent(0, alice, 1001n), requests[0]![1]!], requests[1]!, []];
    await expect(auditor(other).auditBlock(first.block)).rejects.toThrow('wrong priority request');
    await expect(auditor([[], [], []]).auditBlock(first.block)).rejects.toThrow('wrong priority request');
    const swapped = [[requests[0]![1]!, requests[0]![0]!], requests[1]!, []];
    await expect(auditor(swapped).auditBlock(first.block)).rejects.toThrow('wrong priority request');
    expect(queuedRequestHash({ type: 'fullExit', leafIndex: 1, owner: bob.owner, least: 0n })).toBe(requestHashOf(requests[0]![2]!));
  });

  const statement = (publicInputs: bigint[]): ProvenStatement => ({ proof: { a: [0n, 0n], b: [[0n, 0n], [0n, 0n]], c: [0n, 0n] }, publicInputs });
  const proofs = (): BlockProofs => new Map<ProofPart, ProvenStatement>([
    ...second.block.segments.map(({ publicInputs: { c1, c2, r, y1, y2 } }, i) => [i, statement([c1, c2, r, y1, y2])] as const),
    ['join' as const, statement([second.block.joinInputs.c1, second.block.joinInputs.r, second.block.joinInputs.y1])] as const,
  ]);

  it('passes proofs that are complete, for this block and valid', async () => {
    await auditor().auditProofs(second.block, proofs());
  });

  it('refuses a missing proof, one for other inputs and an invalid one', async () => {
    const missing = proofs();
    missing.delete(1);
    await expect(auditor().auditProofs(second.block, missing)).rejects.toThrow('a proof is missing');
    const other = proofs();
    other.set(0, statement([1n, 2n, 3n, 4n, 5n]));
    await expect(auditor().auditProofs(second.block, other)).rejects.toThrow('wrong public inputs of a proof');
    await expect(auditor(requests, false).auditProofs(second.block, proofs())).rejects.toThrow('a proof is not valid');
  });
});

describe("auditor's own replay", () => {
  it('refuses data that pay out more than a leaf holds or that touch leaves of others', async () => {
    const steal = copy(second.block);
    const segment = steal.segments[0]!;
    // The withdrawal's kind and leaf index are the first four bytes behind the full exit's 60.
    const at = 2 + 2 * operationLength('fullExit');
    expect(segment.onchainData.slice(at, at + 2)).toBe('03');
    const patched = (from: number, hex: string): Hex => `${segment.onchainData.slice(0, from)}${hex}${segment.onchainData.slice(from + hex.length)}` as Hex;
    for (const [data, message] of [
      [patched(at + 2, '000009'), 'not an account'],
      [patched(at + 2 + 6, '00000002'), 'not an account'],
      [patched(at + 2 + 6 + 8 + 40, 'ff'), 'leaves its range'],
      [patched(2 + 2, '000000'), 'pays somebody else'],
    ] as const) {
      const a = await auditedFirst();
      await expect(a.auditBlock({ ...steal, segments: [{ ...segment, onchainData: data }, steal.segments[1]!] })).rejects.toThrow(message);
    }
  });
});
