import { describe, expect, it } from 'vitest';
import { params } from '../spec/params.ts';
import { encodeOperations } from '../spec/pubdata.ts';
import { isPoolOperation, type Order, type PoolOperation, type PublicOperation } from '../spec/operation.ts';
import { MAX_RESERVE } from '../spec/pool.ts';
import { emptyTree } from '../state/tree.ts';
import { LegAudit } from './auditPairs.ts';
import { AuditFailure, replaySegment, type Books, type HalfChange } from './auditReplay.ts';
import { Auditor } from './auditor.ts';
import { requestHashOf } from './events.ts';
import { context, nextBlock, onWorldPair, operator, poolBlocks, poolRequests, signedOrder, traders } from './testSupport.ts';

const { alice, bob } = traders;
const shares = BigInt(params.shareTokens + 2);
const history = poolBlocks();
const swap = signedOrder(bob, { type: 'swapIn', from: 1, nonce: 0, ...onWorldPair, amount: 1_000_000n, peerLimit: 3_900_000n, fee: 2n });
const oneCoin = signedOrder(bob, { type: 'addLiquidity', from: 1, nonce: 1, ...onWorldPair, amount: 5000n, limit: 2n, peerLimit: 3n });
const remove = signedOrder(alice, { type: 'removeLiquidity', from: 3, nonce: 0, ...onWorldPair, token: shares, peerToken: shares, amount: 9000n, peerAmount: 50n });
const traded = nextBlock({ tip: history.at(-1)!.tip, transactions: [swap, oneCoin, remove] });

const auditor = (): Auditor =>
  new Auditor({ ...context, operator, verifyProof: async () => true, readRequest: async ({ chainIndex, requestId }) => requestHashOf(poolRequests[chainIndex]![requestId]!) });
async function auditedHistory(): Promise<Auditor> {
  const made = auditor();
  for (const { block } of history) await made.auditBlock(block);
  return made;
}

describe('auditor of pools', () => {
  it('passes what the sequencer seals: opening, first add, swap, one-coin add, remove', async () => {
    expect(traded.dropped).toEqual([]);
    const made = await auditedHistory();
    await made.auditBlock(traded.block);
    expect(made.auditedBlock).toBe(4);
  });

  const operationOf = (block: typeof traded.block, type: PoolOperation['type']) => block.segments.flatMap(({ operations }) => operations).find((operation) => operation.type === type) as PoolOperation;
  it.each([
    ['another limit', (block: typeof traded.block) => (operationOf(block, 'swapOut').order.peerLimit -= 1n), 'wrong legs out'],
    ['another amount than ordered', (block) => (operationOf(block, 'swapIn').order.amount += 1n), 'wrong amount of an order'],
    ['another pool than ordered', (block) => (operationOf(block, 'swapIn').order.pool = 3), 'wrong half of an order'],
    ['an order of another kind', (block) => (operationOf(block, 'swapIn').order.type = 'addLiquidity'), 'order of another kind'],
    ['a leg that is not in the chain of legs', (block) => (block.segments[0]!.legsOut += 1n), 'wrong legs out'],
    ['segments whose legs do not follow', (block) => (block.segments[1]!.legsIn = 0n), 'wrong legs in'],
    ['another c1 of the join', (block) => (block.joinInputs.c1 += 1n), 'wrong join inputs (c1)'],
    ['an operation that public data does not have', (block) => void block.segments[0]!.operations.splice(block.segments[0]!.operations.findIndex(isPoolOperation), 1), 'wrong number of legs'],
  ] satisfies [string, (block: typeof traded.block) => void, string][])('refuses %s', async (_, forge, message) => {
    const block = structuredClone(traded.block);
    forge(block);
    const made = await auditedHistory();
    await expect(made.auditBlock(block)).rejects.toThrow(message);
    expect(made.auditedBlock).toBe(3);
  });
});

describe('audit of legs', () => {
  const { signature: _, ...order } = swap;
  const first: HalfChange = { type: 'swapIn', pool: 2, peer: { chainIndex: 1, leafIndex: 2 }, amount: 1_000_000n, shares: 0n, reserve: 10n ** 9n, totalShares: 5000n };
  const second: HalfChange = { type: 'swapOut', pool: 2, peer: { chainIndex: 0, leafIndex: 2 }, amount: 3_984_027n, shares: 0n, reserve: 4n * 10n ** 9n, totalShares: 7000n };
  const pairs = (sides: [HalfChange, HalfChange][], of: Partial<Order> = {}) => {
    const audit = new LegAudit(77n);
    for (const [i, [a, b]] of sides.entries()) {
      const operation = { order: { ...order, ...of, nonce: BigInt(i) } } as unknown as PoolOperation;
      audit.add({ chainIndex: 0, changes: [a], operations: [operation], place: {} });
      audit.add({ chainIndex: 1, changes: [b], operations: [operation], place: {} });
    }
    return audit.pairs({});
  };
  const add = { type: 'addLiquidity' as const, peerAmount: 40n, amount: 10n, limit: 0n, peerLimit: 0n };
  const added: [HalfChange, HalfChange] = [
    { ...first, type: 'addLiquidity', amount: 10n, shares: 10n, reserve: 1000n, totalShares: 1000n },
    { ...second, type: 'addLiquidityPeer', amount: 40n, shares: 10n, reserve: 4000n, totalShares: 1000n },
  ];
  const removeOrder = { ...add, type: 'removeLiquidity' as const, amount: 10n, peerAmount: 10n };
  const removed: [HalfChange, HalfChange] = [{ ...added[0], type: 'removeLiquidity' }, { ...added[1], type: 'removeLiquidityPeer' }];

  it('passes honest pairs in the order of their first legs', () => {
    expect(pairs([[first, second]])).toMatchObject([{ first: { kind: 'swapIn', limit: 0n, amount: 1_000_000n }, second: { kind: 'swapOut', limit: 3_900_000n } }]);
    expect(pairs([added], add)).toHaveLength(1);
    expect(pairs([removed], removeOrder)).toHaveLength(1);
  });

  it.each([
    ['one unit more than a swap may take', [first, { ...second, amount: second.amount + 1n }], {}, 'takes more than it may'],
    ['a swap out of an empty half', [{ ...first, reserve: 0n }, second], {}, 'takes more than it may'],
    ['a swap below its limit', [first, second], { peerLimit: second.amount + 1n }, 'less than it demands'],
    ['a half that names another peer', [{ ...first, peer: { chainIndex: 1, leafIndex: 9 } }, second], {}, 'wrong peer of a half'],
    ['a mirror that is not named back', [first, { ...second, peer: { chainIndex: 0, leafIndex: 9 } }], {}, 'wrong peer of a half'],
    ['a reserve beyond its range', [{ ...first, reserve: MAX_RESERVE }, second], {}, 'leaves its range'],
    ['a reserve that is not there', [first, { ...second, reserve: second.amount - 1n }], {}, 'leaves its range'],
    ['one share too many', [added[0], { ...added[1], shares: 12n }], add, 'lose worth'],
    ['an add below its limit', added, { ...add, limit: 11n }, 'less than it demands'],
    ['an add below the limit of the peer', added, { ...add, peerLimit: 11n }, 'less than it demands'],
    ['one coin too many for shares', [removed[0], { ...removed[1], amount: 41n }], removeOrder, 'Audit'],
    ['more of one half paid by less of the other', [{ ...removed[0], amount: 9n }, { ...removed[1], amount: 41n }], removeOrder, 'more than its part'],
    ['a remove below its limit', removed, { ...removeOrder, limit: 11n }, 'less than it demands'],
  ] satisfies [string, [HalfChange, HalfChange], Partial<Order>, string][])('refuses %s', (_, sides, of, message) => {
    expect(() => pairs([sides], of)).toThrow(message);
    expect(() => pairs([sides], of)).toThrow(AuditFailure);
  });

  it('refuses a leg alone, a leg too many, and more pairs than the join has', () => {
    const operation = { order } as unknown as PoolOperation;
    const alone = new LegAudit(77n);
    alone.add({ chainIndex: 0, changes: [first], operations: [operation], place: {} });
    expect(() => alone.pairs({})).toThrow('wrong number of pairs');
    alone.add({ chainIndex: 0, changes: [first], operations: [operation], place: {} });
    expect(() => alone.pairs({})).toThrow('wrong number of pairs');
    alone.add({ chainIndex: 1, changes: [second, second], operations: [operation, operation], place: {} });
    expect(() => alone.pairs({})).toThrow('has not two legs');
    expect(() => pairs(Array.from({ length: params.joinPairs + 1 }, () => [first, second]))).toThrow('too many pairs');
  });
});

describe("auditor's replay of pools", () => {
  const nothing = (): Books => ({ settled: new Map(), changed: new Map(), tree: emptyTree });
  const replay = (operations: PublicOperation[], books = nothing()) => replaySegment({ books, segment: encodeOperations(operations), operator: operator.owner, place: {} });
  const account = (leafIndex: number, token: bigint, user = alice): PublicOperation => ({ type: 'open', leafIndex, token, owner: user.owner, keyX: user.keyX, keyY: user.keyY });
  const deposit: PublicOperation = { type: 'deposit', leafIndex: 0, token: 1n, amount: 100n, owner: alice.owner, keyX: alice.keyX, keyY: alice.keyY };
  const openPool: PublicOperation = { type: 'openPool', leafIndex: 2, token: 1n, peerChain: 1, peerLeaf: 7 };
  const addition: PublicOperation = { type: 'addLiquidity', from: 0, pool: 2, fee: 0n, amount: 40n, shares: 30n };
  const credit = (leafIndex: number): PublicOperation => ({ type: 'credit', leafIndex });
  /** alice in leaf 0 (100 coins) and 3 (shares), bob in 1 (coins) and 4 (shares), a pool in 2, a leaf of another token in 5. */
  const books = () => replay([deposit, account(1, 1n, bob), openPool, account(3, shares), account(4, shares, bob), account(5, 2n)]).books;

  it('tells what each operation did to its half', () => {
    const after = replay([addition, credit(3), { type: 'swapOut', pool: 2, to: 1, amount: 7n }, { type: 'removeLiquidityPeer', from: 3, pool: 2, fee: 0n, amount: 3n, shares: 10n }, credit(0)], books());
    const at = { pool: 2, peer: { chainIndex: 1, leafIndex: 7 } };
    expect(after.halfChanges).toEqual([
      { type: 'addLiquidity', ...at, amount: 40n, shares: 30n, reserve: 0n, totalShares: 1000n },
      { type: 'swapOut', ...at, amount: 7n, shares: 0n, reserve: 40n, totalShares: 1030n },
      { type: 'removeLiquidityPeer', ...at, amount: 3n, shares: 10n, reserve: 33n, totalShares: 1030n },
    ]);
    expect([0, 1, 2, 3].map((i) => after.books.changed.get(i)?.balance)).toEqual([63n, 7n, 30n, 20n]);
    expect([after.books.changed.get(2)?.keyX, after.books.changed.get(0)?.nonce, after.books.changed.get(3)?.nonce]).toEqual([1020n, 1n, 0n]);
  });

  it.each([
    ['a pool in a leaf in use', [{ ...openPool, leafIndex: 0 }], 'cannot be opened'],
    ['a pool of shares', [{ ...openPool, leafIndex: 9, token: shares }], 'cannot be opened'],
    ['an add without its credit', [addition], 'without its credit'],
    ['something else behind an add', [addition, account(9, 1n)], 'a open behind a addLiquidity'],
    ['a credit of nothing', [credit(3)], 'a credit behind a nothing'],
    ['a credit to somebody else', [addition, credit(4)], "not the provider's"],
    ['a credit of another token', [addition, credit(0)], "not the provider's"],
    ['a swap into a leaf that is no pool', [{ type: 'swapIn', from: 0, pool: 1, amount: 1n, fee: 0n }], 'no pool'],
    ['a swap from a leaf of another token', [{ type: 'swapIn', from: 5, pool: 2, amount: 1n, fee: 0n }], 'wrong token of a swapIn'],
    ['a remove of coins', [{ type: 'removeLiquidity', from: 0, pool: 2, fee: 0n, amount: 0n, shares: 1n }, credit(0)], 'wrong token of a removeLiquidity'],
    ['a swap out to a pool', [{ type: 'swapOut', pool: 2, to: 2, amount: 0n }], 'not an account'],
    ['more coins out than there are', [{ type: 'swapOut', pool: 2, to: 1, amount: 1n }], 'leaves its range'],
    ['a transfer out of a pool', [{ type: 'transfer', from: 2, to: 0, amount: 0n, fee: 0n }], 'not an account'],
    ['a withdrawal of shares', [{ type: 'withdraw', leafIndex: 3, token: shares, to: 9n, amount: 0n, fee: 0n }], 'shares are paid out'],
    ['a full exit that pays shares', [{ type: 'fullExit', leafIndex: 3, token: shares, owner: alice.owner, amount: 1n, shares: 0n, least: 0n }], 'shares are paid out'],
  ] satisfies [string, PublicOperation[], string][])('refuses %s', (_, operations, message) => {
    expect(() => replay(operations, books())).toThrow(message);
  });
});
