import { describe, expect, it } from 'vitest';
import { FIELD } from '../spec/field.ts';
import { LEAF_KIND } from '../spec/leaf.ts';
import { isSigned, type OperationRequest, type SignedOperation } from '../spec/operation.ts';
import { LEAF_COUNT, params } from '../spec/params.ts';
import { signOperation } from '../spec/signature.ts';
import { Random } from '../test/random.ts';
import { randomOperation } from '../test/randomOperation.ts';
import { holderOf, testUser, type TestUser } from '../test/users.ts';
import { sealBlock } from './block.ts';
import { noFees } from './fees.ts';
import { applyOperation, LedgerState } from './ledger.ts';
import { OperationRejected } from './rejection.ts';

/*
 * The ledger against a second one, written from the table of src/FORMATS.md in the plainest way: one mutable map, every rule a condition.
 * Operations are random, half of them spoilt.
 */

const domain = { deploymentId: 42n, chainIndex: 0 };
const timestamp = 1_700_000_000;
const users = ['alice', 'bob', 'carol', 'dave'].map(testUser);
const TOKENS = params.feeTokens + 1;
const LIMIT = 1n << 128n;
/** Accepted ones of a run. */
const OPERATIONS = 420;

interface Account {
  owner: bigint;
  token: bigint;
  keyX: bigint;
  keyY: bigint;
  nonce: bigint;
  balance: bigint;
}

/** An operation with the key that made its signature, if that signs what the operation says. */
interface Attempt {
  operation: OperationRequest;
  signer: TestUser | null;
}

class PlainLedger {
  readonly leaves = new Map<number, Account>();
  /** By token: deposits minus what left the chain, and fees of ended segments that nobody collected. */
  readonly flow = new Map<bigint, bigint>();
  readonly lost = new Map<bigint, bigint>();
  #fees = new Map<bigint, bigint>();
  #collected = new Set<bigint>();

  endSegment(): void {
    for (const [token, amount] of this.#fees) add(this.lost, token, amount);
    this.#fees = new Map();
    this.#collected = new Set();
  }

  /** Money that must be in the leaves. */
  expected(token: bigint): bigint {
    return (this.flow.get(token) ?? 0n) - (this.lost.get(token) ?? 0n) - (this.#fees.get(token) ?? 0n);
  }

  /** False when the operation is refused; nothing changes then. */
  apply({ operation, signer }: Attempt): boolean {
    switch (operation.type) {
      case 'deposit': {
        const { leafIndex, owner, token, keyX, keyY, amount } = operation;
        if (!isLeaf(leafIndex) || !isAmount(amount) || !isUser(operation)) return false;
        const account = this.leaves.get(leafIndex);
        if (account && (account.owner !== owner || account.token !== token || account.keyX !== keyX || account.keyY !== keyY)) return false;
        if (account && account.balance + amount >= LIMIT) return false;
        if (account) account.balance += amount;
        else this.leaves.set(leafIndex, { owner, token, keyX, keyY, nonce: 0n, balance: amount });
        add(this.flow, token, amount);
        return true;
      }
      case 'open': {
        const { leafIndex, owner, token, keyX, keyY } = operation;
        if (!isLeaf(leafIndex) || !isUser(operation) || this.leaves.has(leafIndex)) return false;
        this.leaves.set(leafIndex, { owner, token, keyX, keyY, nonce: 0n, balance: 0n });
        return true;
      }
      case 'fullExit': {
        const account = this.leaves.get(operation.leafIndex);
        if (account?.owner === operation.owner) {
          add(this.flow, account.token, -account.balance);
          account.balance = 0n;
        }
        return isLeaf(operation.leafIndex);
      }
      case 'collectFees': {
        const account = this.leaves.get(operation.leafIndex);
        if (!account) return false;
        const found = this.#fees.get(account.token) ?? 0n;
        if (account.balance + found >= LIMIT || new Set(this.#collected).add(account.token).size > params.feeTokens) return false;
        account.balance += found;
        this.#fees.delete(account.token);
        this.#collected.add(account.token);
        return true;
      }
      default:
        return this.#applySigned(operation, signer);
    }
  }

  #applySigned(operation: SignedOperation, signer: TestUser | null): boolean {
    const from = operation.type === 'transfer' || operation.type === 'transferToNew' ? operation.from : operation.leafIndex;
    const payer = this.leaves.get(from);
    if (!payer || signer?.key.publicKey.x !== payer.keyX || signer.key.publicKey.y !== payer.keyY) return false;
    if (operation.token !== payer.token || operation.nonce !== payer.nonce || payer.nonce === (1n << 32n) - 1n || operation.validUntil < timestamp || operation.validUntil >= 2 ** 40) return false;
    const amount = operation.type === 'changeKey' ? 0n : operation.amount;
    if (!isAmount(amount) || !isFloat(operation.fee, 11n) || amount + operation.fee > payer.balance) return false;

    let receiver: Account | null = null;
    if (operation.type === 'withdraw' && (operation.to < 0n || operation.to >= 1n << 160n)) return false;
    if (operation.type === 'changeKey' && (!isField(operation.keyX) || !isField(operation.keyY))) return false;
    if (operation.type === 'transfer' || operation.type === 'transferToNew') {
      const { to, toOwner: owner, toKeyX: keyX, toKeyY: keyY } = operation;
      if (!isLeaf(to) || !isFloat(amount, 35n)) return false;
      const known = this.leaves.get(to);
      if (operation.type === 'transfer') {
        if (!known || known.owner !== owner || known.keyX !== keyX || known.keyY !== keyY || known.token !== payer.token) return false;
        if (known !== payer && known.balance + amount >= LIMIT) return false;
        receiver = known;
      } else {
        if (known || !isUser({ owner, token: payer.token, keyX, keyY })) return false;
        receiver = { owner, token: payer.token, keyX, keyY, nonce: 0n, balance: 0n };
        this.leaves.set(to, receiver);
      }
    }
    payer.balance -= amount + operation.fee;
    payer.nonce += 1n;
    if (receiver) receiver.balance += amount;
    if (operation.type === 'withdraw') add(this.flow, payer.token, -amount);
    if (operation.type === 'changeKey') Object.assign(payer, { keyX: operation.keyX, keyY: operation.keyY });
    add(this.#fees, payer.token, operation.fee);
    return true;
  }
}

function add(map: Map<bigint, bigint>, token: bigint, amount: bigint): void {
  map.set(token, (map.get(token) ?? 0n) + amount);
}

function isLeaf(leafIndex: number): boolean {
  return Number.isInteger(leafIndex) && leafIndex >= 0 && leafIndex < LEAF_COUNT;
}

function isAmount(amount: bigint): boolean {
  return amount >= 0n && amount < LIMIT;
}

function isField(value: bigint): boolean {
  return value >= 0n && value < FIELD;
}

function isUser({ owner, token, keyX, keyY }: Pick<Account, 'owner' | 'token' | 'keyX' | 'keyY'>): boolean {
  return owner >= 0n && owner < 1n << 160n && token > 0n && token < 1n << 32n && isField(keyX) && isField(keyY);
}

function isFloat(value: bigint, mantissaBits: bigint): boolean {
  return Array.from({ length: 32 }, (_, exponent) => 10n ** BigInt(exponent)).some((unit) => value >= 0n && value % unit === 0n && value / unit < 1n << mantissaBits);
}

/** Changes one thing of an operation; most results must be refused, some need not. */
function spoil(random: Random, operation: OperationRequest, balance: bigint): OperationRequest {
  const index = random.pick([0, 1, 2, 3, 5, 8, LEAF_COUNT - 1, LEAF_COUNT, -1]);
  const user = random.pick(users);
  const key = user.key.publicKey;
  const changes: Record<string, unknown>[] = [{ leafIndex: index }, { leafIndex: index }];
  if (operation.type === 'deposit' || operation.type === 'open') {
    changes.push({ owner: random.pick([user.owner, 1n << 160n]) }, { token: BigInt(random.below(4)) }, { keyX: random.pick([key.x, FIELD]) }, { keyY: random.pick([key.y, -1n]) });
  }
  if (operation.type === 'deposit') changes.push({ amount: LIMIT }, { amount: LIMIT - 1n - BigInt(random.below(2)) * balance });
  if (operation.type === 'fullExit') changes.push({ owner: user.owner });
  if (isRequestSigned(operation)) {
    changes.push({ token: operation.token + 1n }, { nonce: operation.nonce + 1n }, { nonce: operation.nonce - 1n }, { validUntil: timestamp - random.below(2) });
    changes.push({ fee: random.pick([2049n, -1n, 1n << 128n, balance, balance + 1n, operation.fee + 1n]) });
    if (operation.type !== 'changeKey') changes.push({ amount: random.pick([balance, balance - operation.fee + 1n, (1n << 35n) + 1n, -1n, LIMIT]) });
  }
  if (operation.type === 'withdraw') changes.push({ to: 1n << 160n });
  if (operation.type === 'changeKey') changes.push({ keyX: random.pick([0n, FIELD]) }, { keyY: key.y });
  if (operation.type === 'transfer' || operation.type === 'transferToNew') {
    changes.push({ from: index }, { to: index }, { to: operation.from }, { type: operation.type === 'transfer' ? 'transferToNew' : 'transfer' });
    changes.push({ toOwner: random.pick([user.owner, 1n << 160n]) }, { toKeyX: random.pick([key.x, FIELD]) }, { toKeyY: key.y });
  }
  return { ...operation, ...random.pick(changes) } as OperationRequest;
}

function isRequestSigned(operation: OperationRequest): operation is SignedOperation {
  return operation.type !== 'fullExit' && operation.type !== 'collectFees' && isSigned(operation);
}

/** Half of the spoilt operations are signed again, some of them by someone else; the rest keeps a signature that may not fit any more. */
function attempt(random: Random, state: LedgerState): Attempt {
  const good = randomOperation({ random, state, domain, users, tokens: TOKENS });
  if (!isRequestSigned(good)) return { operation: random.below(2) === 0 ? good : spoil(random, good, balanceOf(state, 'leafIndex' in good ? good.leafIndex : 0)), signer: null };
  const from = good.type === 'transfer' || good.type === 'transferToNew' ? good.from : good.leafIndex;
  const holder = holderOf(users, state.leaf(0, from));
  if (random.below(2) === 0) return { operation: good, signer: holder };
  const spoilt = spoil(random, good, balanceOf(state, from));
  if (!isRequestSigned(spoilt)) throw new Error('unreachable: spoiling keeps an operation signed');
  const signer = holder && random.below(4) !== 0 ? holder : random.pick(users);
  try {
    const signature = signOperation(spoilt, domain, signer.key);
    if (random.below(2) === 0) return { operation: { ...spoilt, signature }, signer };
  } catch {
    // What does not fit into the message cannot be signed: the old signature stays.
  }
  return { operation: spoilt, signer: spoiltInSignedField(good, spoilt) ? null : holder };
}

function balanceOf(state: LedgerState, leafIndex: number): bigint {
  return isLeaf(leafIndex) ? state.leaf(0, leafIndex).balance : 0n;
}

/** True when the signature of `good` is not one of `spoilt`: the receiving leaf and the way a transfer opens it are not signed. */
function spoiltInSignedField(good: SignedOperation, spoilt: SignedOperation): boolean {
  const signed = (operation: SignedOperation): unknown[] =>
    Object.entries(operation)
      .filter(([name]) => !['type', 'to', 'signature'].includes(name) || (name === 'to' && operation.type === 'withdraw'))
      .filter(([name]) => name !== 'leafIndex' || operation.type === 'withdraw' || operation.type === 'changeKey')
      .sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify(signed(good), text) !== JSON.stringify(signed(spoilt), text);
}

function text(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}

function plainLeaves(state: LedgerState): Map<number, Account> {
  return new Map(
    state
      .chain(0)
      .entries()
      .map(({ leafIndex, leaf: { kind, ...account } }) => {
        expect(kind).toBe(LEAF_KIND.account);
        return [leafIndex, account];
      }),
  );
}

describe('ledger and plain model', () => {
  it.each([30, 31, 32])('agree on every random operation, good or spoilt, and no money appears or vanishes (seed %i)', (seed) => {
    const random = new Random(seed, 'ledger model');
    const model = new PlainLedger();
    let state = LedgerState.empty({ chainCount: 1 });
    const counts = { accepted: 0, refused: 0 };
    const reasons = new Set<string>();
    for (let blockNumber = 1; blockNumber <= Math.ceil(OPERATIONS / params.slots); blockNumber++) {
      const before = state;
      let fees = noFees;
      const accepted: OperationRequest[] = [];
      for (let tries = 0; accepted.length < params.slots && tries < 3 * params.slots; tries++) {
        const tried = attempt(random, state);
        const expected = model.apply(tried);
        try {
          ({ state, fees } = applyOperation(state, { ...domain, timestamp, operation: tried.operation, fees }));
          if (!expected) expect.unreachable(`accepted: ${JSON.stringify(tried.operation, text)}`);
          accepted.push(tried.operation);
          counts.accepted++;
        } catch (error) {
          if (!(error instanceof OperationRejected)) throw error;
          if (expected) expect.unreachable(`refused (${error.reason}): ${JSON.stringify(tried.operation, text)}`);
          reasons.add(error.reason);
          counts.refused++;
        }
        for (let token = 1n; token <= TOKENS; token++) {
          const sum = [...model.leaves.values()].reduce((total, account) => total + (account.token === token ? account.balance : 0n), 0n);
          expect(sum).toBe(model.expected(token));
        }
      }
      model.endSegment();
      expect(plainLeaves(state)).toEqual(model.leaves);
      if (accepted.length === 0) continue;
      const sealed = sealBlock({ ...domain, state: before, timestamp, blockNumber, segments: [{ chainIndex: 0, operations: accepted }] });
      expect(sealed.state.finalRoot).toBe(state.finalRoot);
    }
    console.info(`accepted ${counts.accepted}, refused ${counts.refused} for ${[...reasons].sort().join(', ')}`);
    expect(counts.accepted).toBeGreaterThan(300);
    expect(counts.refused).toBeGreaterThan(100);
    expect(reasons.size).toBeGreaterThan(12);
  });
});
