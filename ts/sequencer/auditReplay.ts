import { RollupError } from '../base/errors.ts';
import { emptyLeaf, isEmptyLeaf, LEAF_KIND, leafHash, type Leaf } from '../spec/leaf.ts';
import type { PublicOperation } from '../spec/operation.ts';
import { MAX_BALANCE } from '../spec/params.ts';
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

/**
 * Books after a segment, by its public data: keys and opened leaves first, then sums of all changes, which may not leave a balance out of
 * range. What was paid as fees must be collected to the last unit: otherwise it would be lost.
 * @throws AuditFailure
 */
export function replaySegment({ books, segment: { onchainData, l2Data }, operator, place }: ReplaySegmentParameters): Books {
  const touched = new Map<number, Entry>();
  const entry: Entries = (leafIndex) => {
    const leaf = books.changed.get(leafIndex) ?? books.settled.get(leafIndex) ?? emptyLeaf;
    const found = touched.get(leafIndex) ?? { leaf, plus: 0n, minus: 0n, signed: 0n, newKeys: [] };
    touched.set(leafIndex, found);
    return found;
  };
  // The order between the lists is not published, so a deposit may meet any key that its leaf has in the segment.
  const operations = [...decodeOperations(onchainData, 'onchain'), ...decodeOperations(l2Data, 'l2')];
  for (const operation of operations) if (operation.type === 'changeKey') entry(operation.leafIndex).newKeys.push(operation);
  for (const operation of operations) opened(operation, entry, place);
  const fees: Fees = { paid: new Map(), collected: new Map() };
  for (const operation of operations) moved({ operation, entry, fees, operator, place });
  for (const token of new Set([...fees.paid.keys(), ...fees.collected.keys()])) {
    expectEqual('collected fees', fees.paid.get(token) ?? 0n, fees.collected.get(token) ?? 0n, { ...place, token });
  }
  const leaves = new Map(books.changed);
  let { tree } = books;
  for (const [leafIndex, { leaf, plus, minus, signed, newKeys }] of touched) {
    const balance = leaf.balance + plus - minus;
    if (balance < 0n || balance > MAX_BALANCE) throw new AuditFailure('a balance leaves its range', { ...place, leafIndex, before: leaf.balance, plus, minus });
    const { keyX, keyY } = newKeys.at(-1) ?? leaf;
    const after = { ...leaf, balance, nonce: leaf.nonce + signed, keyX, keyY };
    leaves.set(leafIndex, after);
    tree = tree.set(leafIndex, leafHash(after));
  }
  return { settled: books.settled, changed: leaves, tree };
}

function opened(operation: PublicOperation, entry: Entries, place: Place): void {
  if (operation.type === 'transferToNew') {
    const { from, to: leafIndex, toOwner: owner, toKeyX: keyX, toKeyY: keyY } = operation;
    open({ type: operation.type, leafIndex, owner, token: entry(from).leaf.token, keyX, keyY }, entry, place);
  } else if (operation.type === 'open' || operation.type === 'deposit') open(operation, entry, place);
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

function moved({ operation, entry, fees, operator, place }: { operation: PublicOperation; entry: Entries; fees: Fees; operator: bigint; place: Place }): void {
  const account = (leafIndex: number, token: bigint | null): Entry => {
    const found = entry(leafIndex);
    if (found.leaf.kind !== LEAF_KIND.account || (token !== null && found.leaf.token !== token)) {
      throw new AuditFailure(`a ${operation.type} touches a leaf that is not an account of its token`, { ...place, leafIndex, token });
    }
    return found;
  };
  const pays = (leafIndex: number, { amount, fee, token }: { amount: bigint; fee: bigint; token: bigint | null }): Entry => {
    const payer = account(leafIndex, token);
    payer.minus += amount + fee;
    payer.signed += 1n;
    add(fees.paid, payer.leaf.token, fee);
    return payer;
  };
  switch (operation.type) {
    case 'deposit':
      account(operation.leafIndex, operation.token).plus += operation.amount;
      return;
    case 'open':
      return;
    case 'withdraw':
      pays(operation.leafIndex, operation);
      return;
    case 'changeKey':
      pays(operation.leafIndex, { amount: 0n, fee: operation.fee, token: null });
      return;
    case 'fullExit':
      if (operation.amount === 0n) return;
      if (entry(operation.leafIndex).leaf.owner !== operation.owner) throw new AuditFailure('a full exit pays somebody else', { ...place, leafIndex: operation.leafIndex });
      account(operation.leafIndex, operation.token).minus += operation.amount;
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

function add(sums: Map<bigint, bigint>, token: bigint, amount: bigint): void {
  if (amount > 0n) sums.set(token, (sums.get(token) ?? 0n) + amount);
}
