import { describe, expect, it } from 'vitest';
import { genesisStoredBlock, genesisSyncHashes, storedBlockHash, syncHashesHash, ZERO_HASH } from '../spec/chainSide.ts';
import { emptyLeaf, leafHash } from '../spec/leaf.ts';
import { isPriority } from '../spec/operation.ts';
import { params, PATH_LEVELS } from '../spec/params.ts';
import { poseidon } from '../spec/poseidon.ts';
import { decodeOperations } from '../spec/pubdata.ts';
import { emptyTreeRoot, finalRootOf, genesisFinalRoot } from '../spec/roots.ts';
import { Random } from '../test/random.ts';
import { randomOperation } from '../test/randomOperation.ts';
import { depositOf, openOf, testUser, type TestUser } from '../test/users.ts';
import { sealBlock, splitIntoSegments, type SegmentOperations } from './block.ts';
import { nextStoredBlock, nextSyncHashes, onchainDataOf, primaryBlockOf, proofInputsOf, secondaryBlockOf } from './chainBlocks.ts';
import { applyOperation, LedgerState } from './ledger.ts';
import { OperationRejected } from './rejection.ts';
import { replaySegment } from './replay.ts';
import { emptySegment } from './segmentState.ts';
import type { LeafAccess, SegmentTrace } from './trace.ts';
import { emptyZkKitTree } from './zkKitTree.ts';

const deploymentId = 42n;
const timestamp = 1_700_000_000;
const users = ['alice', 'bob', 'carol', 'dave'].map(testUser);
const [alice, bob] = users as [TestUser, TestUser];
const block = { deploymentId, timestamp };

/** Replays a segment's leaf accesses on its registers, as the circuit does: every access must fit what the one before left. */
function foldRegisters({ registersIn, slots, padding }: SegmentTrace): bigint[] {
  const registers = [...registersIn];
  const fold = ({ leafIndex, before, after, children }: LeafAccess): void => {
    expect(children).toHaveLength(PATH_LEVELS);
    const up = (value: bigint, check: boolean): bigint =>
      children.reduce((node, siblings, level) => {
        const digit = Math.floor(leafIndex / params.arity ** level) % params.arity;
        if (check) expect(siblings[digit]).toBe(node);
        return poseidon(siblings.with(digit, node));
      }, value);
    const register = Math.floor(leafIndex / params.arity ** PATH_LEVELS);
    expect(registers[register]).toBe(up(leafHash(before), true));
    registers[register] = up(leafHash(after), false);
  };
  for (const { a, b } of slots) {
    fold(a);
    if (b) fold(b);
  }
  fold(padding);
  return registers;
}

function rootOf(registers: readonly bigint[]): bigint {
  const up = (nodes: readonly bigint[]): bigint[] => Array.from({ length: nodes.length / params.arity }, (_, i) => poseidon(nodes.slice(i * params.arity, (i + 1) * params.arity)));
  let nodes = [...registers];
  while (nodes.length > 1) nodes = up(nodes);
  return nodes[0] ?? 0n;
}

describe('sealing blocks of random operations on three chains', () => {
  const random = new Random(10, 'blocks');
  const initial = LedgerState.empty({ chainCount: 3 });
  let state = initial;
  const blocks = Array.from({ length: 8 }, (_, i) => {
    let fork = state;
    const segments: SegmentOperations[] = [0, 1, 2, 0].flatMap((chainIndex) => {
      let segment = emptySegment;
      const operations = Array.from({ length: random.below(params.slots * 2) }, (_, k) => {
        if (k % params.slots === 0) segment = emptySegment;
        const operation = randomOperation({ random, state: fork, domain: { deploymentId, chainIndex }, users, tokens: 2 });
        ({ state: fork, segment } = applyOperation(fork, { ...block, chainIndex, operation, segment }));
        return operation;
      });
      return splitIntoSegments({ chainIndex, operations });
    });
    const before = state;
    const sealed = sealBlock({ ...block, state, blockNumber: i + 1, segments });
    state = sealed.state;
    return { before, segments, ...sealed };
  });

  it('holds operations of every kind, and transfers of a leaf to itself', () => {
    const operations = blocks.flatMap(({ trace }) => trace.segments.flatMap(({ slots }) => slots.map((slot) => slot.operation)));
    const count = (type: string): number => operations.filter((operation) => operation.type === type).length;
    // Operations on pool halves come in pairs: trading.test.ts.
    const kinds = (Object.keys(params.opcodes) as (keyof typeof params.opcodes)[]).filter((name) => params.opcodes[name] < params.opcodes.openPool && name !== 'noop');
    for (const type of kinds) expect(count(type), type).toBeGreaterThan(5);
    expect(operations.some((operation) => operation.type === 'fullExit' && operation.amount > 0n)).toBe(true);
    expect(operations.some((operation) => operation.type === 'collectFees' && operation.amount > 0n)).toBe(true);
    expect(operations.some((operation) => operation.type === 'transfer' && operation.from === operation.to)).toBe(true);
    expect(operations.some((operation) => operation.type === 'transfer' && operation.from !== operation.to && operation.amount > 0n)).toBe(true);
  });

  it('leaves the state before untouched and is deterministic', () => {
    expect(initial.finalRoot).toBe(genesisFinalRoot);
    for (const { before, segments, trace } of blocks) {
      expect(trace.join.finalRootIn).toBe(before.finalRoot);
      expect(sealBlock({ ...block, state: before, blockNumber: trace.blockNumber, segments }).trace).toEqual(trace);
    }
  });

  it('has the same roots with the reference tree engine', () => {
    const random = new Random(11, 'tree engines under the ledger');
    let sparse = LedgerState.empty({ chainCount: 2 });
    let reference = LedgerState.empty({ chainCount: 2, tree: emptyZkKitTree });
    for (let i = 0; i < 60; i++) {
      const chainIndex = random.below(2);
      const operation = randomOperation({ random, state: sparse, domain: { deploymentId, chainIndex }, users, tokens: 2, far: false });
      const parameters = { ...block, chainIndex, operation };
      const [own, theirs] = [applyOperation(sparse, parameters), applyOperation(reference, parameters)];
      expect(theirs.trace).toEqual(own.trace);
      expect(theirs.state.finalRoot).toBe(own.state.finalRoot);
      [sparse, reference] = [own.state, theirs.state];
    }
  });

  it('links segments and roots', () => {
    for (const { before, state: after, trace } of blocks) {
      const roots = [...trace.join.rootsIn];
      expect(roots).toEqual([...before.chainRoots, ...Array.from({ length: params.chains - 3 }, () => emptyTreeRoot)]);
      for (const { chainIndex, rootIn, rootOut } of trace.segments) {
        expect(roots[chainIndex]).toBe(rootIn);
        roots[chainIndex] = rootOut;
      }
      expect(roots).toEqual(trace.join.rootsOut);
      expect(trace.finalRoot).toBe(finalRootOf(after.chainRoots));
      expect(trace.join.segments).toEqual(trace.segments.map(({ chainIndex, rootIn, rootOut }) => ({ chainIndex, rootIn, rootOut })));
    }
  });

  it('records accesses that lead from the root in to the root out', () => {
    for (const segment of blocks.flatMap(({ trace }) => trace.segments)) {
      expect(rootOf(segment.registersIn)).toBe(segment.rootIn);
      expect(rootOf(foldRegisters(segment))).toBe(segment.rootOut);
      expect(segment.padding.before).toEqual(segment.padding.after);
    }
  });

  it('conserves money: for each chain and token, leaves = deposits − what left − fees that nobody collected', () => {
    const flows = new Map<string, bigint>();
    const add = (chainIndex: number, token: bigint, amount: bigint): void => {
      const key = `${chainIndex}.${token}`;
      flows.set(key, (flows.get(key) ?? 0n) + amount);
    };
    for (const { trace, state: after } of blocks) {
      for (const { chainIndex, slots } of trace.segments) {
        for (const { operation, a } of slots) {
          if (operation.type === 'deposit') add(chainIndex, operation.token, operation.amount);
          if (operation.type === 'withdraw' || operation.type === 'fullExit') add(chainIndex, operation.token, -operation.amount);
          if (operation.type === 'collectFees') add(chainIndex, a.before.token, operation.amount);
          if ('fee' in operation) add(chainIndex, a.before.token, -operation.fee);
        }
      }
      for (const [chainIndex, chain] of after.chains.entries()) {
        for (const token of [1n, 2n]) {
          const sum = chain.entries().reduce((total, { leaf }) => total + (leaf.token === token ? leaf.balance : 0n), 0n);
          expect(sum).toBe(flows.get(`${chainIndex}.${token}`) ?? 0n);
        }
      }
    }
  });

  it('can be replayed from public data alone', () => {
    let replayed = initial;
    for (const { trace, state: after } of blocks) {
      for (const segment of trace.segments) {
        replayed = replaySegment(replayed, segment);
        expect(replayed.chain(segment.chainIndex).root).toBe(segment.rootOut);
      }
      expect(replayed.chains.map((chain) => chain.entries())).toEqual(after.chains.map((chain) => chain.entries()));
    }
  });

  it('tells the chains what their contracts hash', () => {
    let syncHashes = genesisSyncHashes(deploymentId, 3);
    const stored = [0, 1, 2].map((chainIndex) => genesisStoredBlock({ deploymentId, chainIndex, chainCount: 3, role: chainIndex === 0 ? 'primary' : 'secondary' }));
    for (const { trace } of blocks) {
      syncHashes = nextSyncHashes(syncHashes, trace);
      for (const [chainIndex, previous] of stored.entries()) {
        const isPrimary = chainIndex === 0;
        const next = nextStoredBlock({ previous, trace, chainIndex, syncHashes: isPrimary ? syncHashes : null });
        const data = onchainDataOf(trace, chainIndex);
        expect(next.syncHash).toBe(syncHashes[chainIndex]);
        expect(next.priorityRequestsTotal - previous.priorityRequestsTotal).toBe(decodeOperations(data, 'onchain').filter(isPriority).length);
        expect([next.proofInputsHash === ZERO_HASH, next.syncHashesHash]).toEqual([!isPrimary, isPrimary ? syncHashesHash(syncHashes) : ZERO_HASH]);
        expect(storedBlockHash(next)).not.toBe(storedBlockHash(previous));
        expect(secondaryBlockOf(trace, chainIndex).onchainData).toBe(data);
        stored[chainIndex] = next;
      }
      expect(primaryBlockOf(trace).segments).toHaveLength(trace.segments.length);
      expect(proofInputsOf(trace).segmentInputs).toHaveLength(trace.segments.length);
    }
    const [first] = blocks;
    if (!first || !stored[1]) throw new Error('No blocks');
    const previous = stored[1];
    expect(() => nextStoredBlock({ previous, trace: first.trace, chainIndex: 1, syncHashes: null })).toThrow('does not follow');
  });
});

describe('sealBlock', () => {
  const state = LedgerState.empty({ chainCount: 2 });
  const deposit = depositOf(alice, { leafIndex: 0, token: 1n, amount: 100n });

  it('seals a block without segments', () => {
    const { trace } = sealBlock({ ...block, state, blockNumber: 1, segments: [] });
    expect([trace.segments, trace.finalRoot, trace.join.legs]).toEqual([[], genesisFinalRoot, 0n]);
  });

  it('pads with a read of leaf 0 after the last slot', () => {
    const { trace } = sealBlock({ ...block, state, blockNumber: 1, segments: [{ chainIndex: 1, operations: [deposit] }] });
    expect(trace.segments[0]?.padding).toMatchObject({ leafIndex: 0, before: { balance: 100n } });
    const far = sealBlock({ ...block, state, blockNumber: 1, segments: [{ chainIndex: 1, operations: [{ ...deposit, leafIndex: 9 }] }] });
    expect(far.trace.segments[0]?.padding).toMatchObject({ leafIndex: 0, before: emptyLeaf });
  });

  it('names segment and slot of an operation that is rejected', () => {
    const segments = [{ chainIndex: 1, operations: [deposit] }, { chainIndex: 1, operations: [deposit, openOf(bob, { leafIndex: 0, token: 1n })] }];
    try {
      sealBlock({ ...block, state, blockNumber: 1, segments });
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(OperationRejected);
      expect(error).toMatchObject({ reason: 'leafNotEmpty', facts: { chainIndex: 1, segment: 1, slot: 1 } });
    }
  });

  it('refuses empty and overfull segments and too many of them', () => {
    const seal = (segments: SegmentOperations[]): unknown => sealBlock({ ...block, state, blockNumber: 1, segments });
    const many = (count: number): SegmentOperations => ({ chainIndex: 0, operations: Array.from({ length: count }, () => deposit) });
    expect(() => seal([many(0)])).toThrow('wrong number of operations');
    expect(() => seal([many(params.slots + 1)])).toThrow('wrong number of operations');
    expect(() => seal(Array.from({ length: params.joinSegments + 1 }, () => many(1)))).toThrow('Too many segments');
  });

  it('splits operations into full segments and a rest', () => {
    const split = splitIntoSegments({ chainIndex: 3, operations: Array.from({ length: params.slots * 2 + 1 }, () => deposit) });
    expect(split.map(({ chainIndex, operations }) => [chainIndex, operations.length])).toEqual([[3, params.slots], [3, params.slots], [3, 1]]);
    expect(splitIntoSegments({ chainIndex: 3, operations: [] })).toEqual([]);
  });
});
