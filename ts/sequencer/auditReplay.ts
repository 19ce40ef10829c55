import { RollupError } from '../base/errors.ts';
import { emptyLeaf, isEmptyLeaf, LEAF_KIND, leafHash, type Leaf } from '../spec/leaf.ts';
import { isShareToken, packPlace, poolOfShares, shareToken, unpackPlace, type Place as LeafPlace } from '../spec/leg.ts';
import type { FullExit, PoolOperation, PublicLiquidityChange, PublicOperation, PublicSwapIn, PublicSwapOut } from '../spec/operation.ts';
import { MAX_BALANCE, params } from '../spec/params.ts';
import { decodeOperations } from '../spec/pubdata.ts';
import type { StateTree } from '../state/tree.ts';
import type { SegmentRecord } from './store.ts';

/* The auditor's own replay of public data: what a segment does to its books. */

/** One chain's accounts: what passed, what the block under audit changes, and the tree after that. */
export interface Books {
  settled: Map<number, Leaf>;
  changed: ReadonlyMap<number, Leaf>;
  tree: StateTree;
}

/** A block that must not be sent. Nothing of it was. */
export class AuditFailure extends RollupError {
  constructor(message: string, facts: Record<string, unknown>) {
    super(`Audit: ${message}`, { facts, hint: 'Nothing was sent. Keep the data folder and look for the fault before you start again.' });
  }
}

export function expectEqual<T>(what: string, expected: T, actual: T, facts: Record<string, unknown>): void {
  if (expected !== actual) throw new AuditFailure(`wrong ${what}`, { ...facts, expected, actual });
}

type Place = Record<string, unknown>;

interface Key {
  keyX: bigint;
  keyY: bigint;
}

/** A leaf and all that a segment does to it. */
interface Entry {
  leaf: Leaf;
  plus: bigint;
  minus: bigint;
  signed: bigint;
  /** Keys that it gets, in order. */
  newKeys: Key[];
  /** Of a pool: by how much its total shares change. */
  shares: bigint;
}

/** What public data and books say of an operation on a pool half. */
export interface HalfChange {
  type: PoolOperation['type'];
  pool: number;
  peer: LeafPlace;
  amount: bigint;
  shares: bigint;
  /** Before the operation. */
  reserve: bigint;
  totalShares: bigint;
}

type Entries = (leafIndex: number) => Entry;

/** Fees in a segment by token. */
interface Fees {
  paid: Map<bigint, bigint>;
  collected: Map<bigint, bigint>;
}

export interface ReplaySegmentParameters {
  books: Books;
  segment: Pick<SegmentRecord, 'onchainData' | 'l2Data'>;
  /** Owner of the leaves that may collect fees. */
  operator: bigint;
  place: Place;
}

/** Books after a segment, and what its operations on pool halves did, in their order. */
export interface Replayed {
  books: Books;
  halfChanges: HalfChange[];
}

/**
 * Books after a segment, by its public data: keys and opened leaves first, then sums of all changes, which may not leave a balance out of
 * range. What was paid as fees must be collected to the last unit: otherwise it would be lost.
 * @throws AuditFailure
 */
export function replaySegment({ books, segment: { onchainData, l2Data }, operator, place }: ReplaySegmentParameters): Replayed {
  const touched = new Map<number, Entry>();
  const entry: Entries = (leafIndex) => {
    const leaf = books.changed.get(leafIndex) ?? books.settled.get(leafIndex) ?? emptyLeaf;
    const found = touched.get(leafIndex) ?? { leaf, plus: 0n, minus: 0n, signed: 0n, newKeys: [], shares: 0n };
    touched.set(leafIndex, found);
    return found;
  };
  // The order between the lists is not published, so a deposit may meet any key that its leaf has in the segment.
  const operations = [...decodeOperations(onchainData, 'onchain'), ...decodeOperations(l2Data, 'l2')];
  for (const operation of operations) if (operation.type === 'changeKey') entry(operation.leafIndex).newKeys.push(operation);
  for (const operation of operations) opened(operation, entry, place);
  const fees: Fees = { paid: new Map(), collected: new Map() };
  const halfChanges: HalfChange[] = [];
  for (const [i, operation] of operations.entries()) {
    const previous = operations[i - 1];
    checkTurn({ operation, previous, place });
    if (isPoolOperation(operation)) halfChanges.push(movedPool({ operation, entry, fees, place }));
    else if (operation.type === 'credit') credited({ leafIndex: operation.leafIndex, change: previous, entry, place });
    else moved({ operation, entry, fees, operator, place });
  }
  if (owesCredit(operations.at(-1))) throw new AuditFailure('a liquidity change without its credit', place);
  for (const token of new Set([...fees.paid.keys(), ...fees.collected.keys()])) {
    expectEqual('collected fees', fees.paid.get(token) ?? 0n, fees.collected.get(token) ?? 0n, { ...place, token });
  }
  const leaves = new Map(books.changed);
  let { tree } = books;
  for (const [leafIndex, { leaf, plus, minus, signed, newKeys, shares }] of touched) {
    const balance = leaf.balance + plus - minus;
    if (balance < 0n || balance > MAX_BALANCE) throw new AuditFailure('a balance leaves its range', { ...place, leafIndex, before: leaf.balance, plus, minus });
    const { keyX, keyY } = newKeys.at(-1) ?? leaf;
    const after = { ...leaf, balance, nonce: leaf.nonce + signed, keyX: keyX + shares, keyY };
    leaves.set(leafIndex, after);
    tree = tree.set(leafIndex, leafHash(after));
  }
  return { books: { settled: books.settled, changed: leaves, tree }, halfChanges };
}

function opened(operation: PublicOperation, entry: Entries, place: Place): void {
  if (operation.type === 'transferToNew') {
    const { from, to: leafIndex, toOwner: owner, toKeyX: keyX, toKeyY: keyY } = operation;
    open({ type: operation.type, leafIndex, owner, token: entry(from).leaf.token, keyX, keyY }, entry, place);
  } else if (operation.type === 'open' || operation.type === 'deposit') open(operation, entry, place);
  else if (operation.type === 'openPool') openPool(operation, entry, place);
}

interface Opening extends Key {
  type: 'open' | 'transferToNew' | 'deposit';
  leafIndex: number;
  owner: bigint;
  token: bigint;
}

function open({ type, leafIndex, owner, token, keyX, keyY }: Opening, entry: Entries, place: Place): void {
  const found = entry(leafIndex);
  if (isEmptyLeaf(found.leaf)) {
    found.leaf = { kind: LEAF_KIND.account, owner, token, nonce: 0n, balance: 0n, keyX, keyY };
    return;
  }
  const { leaf, newKeys } = found;
  const isKey = [leaf, ...newKeys].some((key) => key.keyX === keyX && key.keyY === keyY);
  const isOwn = leaf.kind === LEAF_KIND.account && leaf.owner === owner && leaf.token === token && isKey;
  if (!isOwn || type !== 'deposit') throw new AuditFailure(`a leaf that is in use takes a wrong ${type}`, { ...place, leafIndex });
}

function openPool({ leafIndex, token, peerChain, peerLeaf }: Extract<PublicOperation, { type: 'openPool' }>, entry: Entries, place: Place): void {
  const found = entry(leafIndex);
  if (!isEmptyLeaf(found.leaf) || token === 0n || isShareToken(token)) throw new AuditFailure('a pool cannot be opened', { ...place, leafIndex, token });
  const keyY = packPlace({ chainIndex: peerChain, leafIndex: peerLeaf });
  found.leaf = { kind: LEAF_KIND.pool, owner: 0n, token, nonce: 0n, balance: 0n, keyX: BigInt(params.lockedShares), keyY };
}

type PublicPoolOperation = PublicSwapIn | PublicSwapOut | PublicLiquidityChange;

function isPoolOperation(operation: PublicOperation): operation is PublicPoolOperation {
  return 'pool' in operation;
}

function owesCredit(operation: PublicOperation | undefined): operation is PublicLiquidityChange {
  return operation !== undefined && 'pool' in operation && 'shares' in operation;
}

/** A credit is right behind a liquidity change, and nothing else is. */
function checkTurn({ operation, previous, place }: { operation: PublicOperation; previous: PublicOperation | undefined; place: Place }): void {
  if ((operation.type === 'credit') !== owesCredit(previous)) throw new AuditFailure(`a ${operation.type} behind a ${previous?.type ?? 'nothing'}`, place);
}

function credited({ leafIndex, change, entry, place }: { leafIndex: number; change: PublicOperation | undefined; entry: Entries; place: Place }): void {
  if (!owesCredit(change)) return;
  const adds = change.type === 'addLiquidity' || change.type === 'addLiquidityPeer';
  const [lp, owed] = [entry(change.from).leaf, entry(leafIndex)];
  const token = adds ? shareToken(change.pool) : entry(change.pool).leaf.token;
  if (owed.leaf.kind !== LEAF_KIND.account || owed.leaf.owner !== lp.owner || owed.leaf.token !== token) {
    throw new AuditFailure("a credit is not the provider's", { ...place, leafIndex, expected: { owner: lp.owner, token }, actual: { owner: owed.leaf.owner, token: owed.leaf.token } });
  }
  owed.plus += adds ? change.shares : change.amount;
}

function movedPool({ operation, entry, fees, place }: { operation: PublicPoolOperation; entry: Entries; fees: Fees; place: Place }): HalfChange {
  const { type, pool, amount } = operation;
  const half = entry(pool);
  if (half.leaf.kind !== LEAF_KIND.pool) throw new AuditFailure(`a ${type} names a leaf that is no pool`, { ...place, leafIndex: pool });
  const shares = 'shares' in operation ? operation.shares : 0n;
  const before = { reserve: half.leaf.balance + half.plus - half.minus, totalShares: half.leaf.keyX + half.shares };
  const isOut = type === 'swapOut' || type === 'removeLiquidity' || type === 'removeLiquidityPeer';
  if (isOut) half.minus += amount;
  else half.plus += amount;
  half.shares += isOut ? -shares : shares;
  const own = accountOf({ leafIndex: type === 'swapOut' ? operation.to : operation.from, entry, place, type });
  const isShares = type === 'removeLiquidity' || type === 'removeLiquidityPeer';
  expectEqual(`token of a ${type}`, isShares ? shareToken(pool) : half.leaf.token, own.leaf.token, { ...place, pool });
  if (type === 'swapOut') own.plus += amount;
  else pay({ payer: own, paid: isShares ? shares : amount, fee: operation.fee, signs: type === 'swapIn' || type === 'addLiquidity' || type === 'removeLiquidity', fees });
  return { type, pool, peer: unpackPlace(half.leaf.keyY), amount, shares, ...before };
}

function accountOf({ leafIndex, entry, place, type }: { leafIndex: number; entry: Entries; place: Place; type: string }): Entry {
  const found = entry(leafIndex);
  if (found.leaf.kind !== LEAF_KIND.account) throw new AuditFailure(`a ${type} touches a leaf that is not an account of its token`, { ...place, leafIndex });
  return found;
}

function pay({ payer, paid, fee, signs, fees }: { payer: Entry; paid: bigint; fee: bigint; signs: boolean; fees: Fees }): void {
  payer.minus += paid + fee;
  if (signs) payer.signed += 1n;
  add(fees.paid, payer.leaf.token, fee);
}

type MoneyOperation = Exclude<PublicOperation, PublicPoolOperation | { type: 'credit' }>;

function moved({ operation, entry, fees, operator, place }: { operation: MoneyOperation; entry: Entries; fees: Fees; operator: bigint; place: Place }): void {
  const account = (leafIndex: number, token: bigint | null): Entry => {
    const found = accountOf({ leafIndex, entry, place, type: operation.type });
    if (token !== null && found.leaf.token !== token) {
      throw new AuditFailure(`a ${operation.type} touches a leaf that is not an account of its token`, { ...place, leafIndex, token });
    }
    return found;
  };
  const pays = (leafIndex: number, { amount, fee, token }: { amount: bigint; fee: bigint; token: bigint | null }): Entry => {
    const payer = account(leafIndex, token);
    pay({ payer, paid: amount, fee, signs: true, fees });
    return payer;
  };
  switch (operation.type) {
    case 'deposit':
      account(operation.leafIndex, operation.token).plus += operation.amount;
      return;
    case 'open':
    case 'openPool':
      return;
    case 'withdraw':
      if (isShareToken(operation.token)) throw new AuditFailure('shares are paid out', { ...place, leafIndex: operation.leafIndex });
      pays(operation.leafIndex, operation);
      return;
    case 'changeKey':
      pays(operation.leafIndex, { amount: 0n, fee: operation.fee, token: null });
      return;
    case 'fullExit':
      fullyExited(operation, entry, place);
      return;
    case 'collectFees': {
      const { leafIndex, amount } = operation;
      const collector = account(leafIndex, null);
      if (collector.leaf.owner !== operator) throw new AuditFailure('somebody else than the operator collects fees', { ...place, leafIndex, owner: collector.leaf.owner, operator });
      collector.plus += amount;
      add(fees.collected, collector.leaf.token, amount);
      return;
    }
    case 'transfer':
    case 'transferToNew': {
      const payer = pays(operation.from, { amount: operation.amount, fee: operation.fee, token: null });
      account(operation.to, payer.leaf.token).plus += operation.amount;
    }
  }
}

/** Its turn is before the L2 list, as the packer serves requests first: what shares stand for is told by the reserve before all orders. */
function fullyExited(exit: FullExit, entry: Entries, place: Place): void {
  const { leafIndex, owner, least, token, amount, shares } = exit;
  if (amount === 0n && shares === 0n) return;
  if (amount < least) throw new AuditFailure('a full exit pays less than its least amount', { ...place, leafIndex, least, amount });
  if (isShareToken(token)) throw new AuditFailure('shares are paid out', { ...place, leafIndex });
  const own = accountOf({ leafIndex, entry, place, type: exit.type });
  if (own.leaf.owner !== owner) throw new AuditFailure('a full exit pays somebody else', { ...place, leafIndex });
  if (shares === 0n) {
    if (own.leaf.token !== token) throw new AuditFailure('a fullExit touches a leaf that is not an account of its token', { ...place, leafIndex, token });
    own.minus += amount;
    return;
  }
  if (!isShareToken(own.leaf.token)) throw new AuditFailure('a full exit takes shares from a leaf that has none', { ...place, leafIndex, token: own.leaf.token });
  const pool = poolOfShares(own.leaf.token);
  const half = entry(pool);
  if (half.leaf.kind !== LEAF_KIND.pool || half.leaf.token !== token) throw new AuditFailure('a full exit pays of what is not the pool of its shares', { ...place, leafIndex, pool, token });
  const [reserve, totalShares] = [half.leaf.balance + half.plus - half.minus, half.leaf.keyX + half.shares];
  // Rounded down, so in favour of the other shares.
  expectEqual('coins for shares', (shares * reserve) / totalShares, amount, { ...place, leafIndex, pool, shares });
  own.minus += shares;
  half.minus += amount;
  half.shares -= shares;
}

function add(sums: Map<bigint, bigint>, token: bigint, amount: bigint): void {
  if (amount > 0n) sums.set(token, (sums.get(token) ?? 0n) + amount);
}
