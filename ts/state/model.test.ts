import { describe, expect, it } from 'vitest';
import { FIELD } from '../spec/field.ts';
import { LEAF_KIND } from '../spec/leaf.ts';
import { isPoolOperation, isSigned, type Operation, type OperationRequest, type PoolOperation, type SignedOperation } from '../spec/operation.ts';
import { LEAF_COUNT, MAX_BALANCE, params } from '../spec/params.ts';
import { poolOf } from '../spec/pool.ts';
import { encodeOperations } from '../spec/pubdata.ts';
import { signedMessage, signingLeaf, signOperation } from '../spec/signature.ts';
import { paying } from '../test/orders.ts';
import { PlainLedger, type Account, type Attempt, type PlainPool } from '../test/plainLedger.ts';
import { Random } from '../test/random.ts';
import { randomOperation } from '../test/randomOperation.ts';
import { holderOf, testUser } from '../test/users.ts';
import { sealBlock } from './block.ts';
import { applyOperation, LedgerState } from './ledger.ts';
import { OperationRejected } from './rejection.ts';
import { replaySegment } from './replay.ts';
import { emptySegment, type SegmentState } from './segmentState.ts';

/*
 * The ledger against a second one, written from the table of src/FORMATS.md in the plainest way. Operations are random, half of them spoilt.
 */

const domain = { deploymentId: 42n, chainIndex: 0 };
const timestamp = 1_700_000_000;
const users = ['alice', 'bob', 'carol', 'dave'].map(testUser);
const TOKENS = params.feeTokens + 1;
const LIMIT = MAX_BALANCE + 1n;
/** Accepted ones of a run. */
const OPERATIONS = 420;

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
  if (operation.type === 'openPool') changes.push({ token: random.pick([0n, 1n << 31n, 2n]) }, { peerChain: random.pick([0, 256]), peerLeaf: random.pick([operation.leafIndex, 2 ** 24]) });
  if (isPoolOperation(operation as PoolOperation)) return spoilSide(random, operation as PoolOperation, balance);
  if (isRequestSigned(operation) && !('order' in operation)) {
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

/** Changes one thing of a side of an order: of the operation, of the order, or the same in both. */
function spoilSide(random: Random, operation: PoolOperation, balance: bigint): PoolOperation {
  const index = random.pick([0, 1, 2, 3, 5, 8, LEAF_COUNT]);
  const user = random.pick(users);
  const amount = random.pick([0n, balance, balance + 1n, 1n << 40n, (1n << 35n) + 1n, -1n, LIMIT, LIMIT - 1n]);
  const { order } = operation;
  const side: Record<string, unknown>[] = [{ pool: index }, { [operation.type === 'swapOut' ? 'to' : 'from']: index }, { amount }, { amount }];
  if ('shares' in operation) side.push({ shares: amount }, { shares: amount }, { fee: operation.fee + 1n });
  if ('fee' in operation) side.push({ fee: random.pick([2049n, operation.fee + 1n]) });
  const { type, amount: coins, ...others } = order;
  const field = random.pick(Object.keys(others)) as keyof typeof others;
  const value = typeof order[field] === 'number' ? random.pick([0, 1, Number(order[field]) + 1, 2 ** 40]) : random.pick([0n, 1n, BigInt(order[field]) + 1n, LIMIT, FIELD, -1n]);
  const ordered: Record<string, unknown>[] = [
    { [field]: value }, { [field]: value }, { [field]: value }, { amount }, { amount: coins + 1n }, { validUntil: timestamp - random.below(2) },
    { type: random.pick((['swapIn', 'addLiquidity', 'removeLiquidity'] as const).filter((other) => other !== type)) }, { owner: user.owner },
  ];
  switch (random.below(3)) {
    case 0:
      return { ...operation, ...random.pick(side) } as PoolOperation;
    case 1:
      return { ...operation, order: { ...order, ...random.pick(ordered) } } as PoolOperation;
    default:
      return paying(operation, amount);
  }
}

function isRequestSigned(operation: OperationRequest): operation is SignedOperation {
  return operation.type !== 'fullExit' && operation.type !== 'collectFees' && isSigned(operation);
}

/** Half of the spoilt operations are signed again, some of them by someone else; the rest keeps a signature that may not fit any more. */
function attempt(random: Random, state: LedgerState, segment: { state: SegmentState; room: number } | null): Attempt {
  // Now and then something else than the credit that is awaited.
  const withPools = segment !== null && (segment.state.awaited === null || random.below(4) !== 0);
  const good = randomOperation({ random, state, domain, users, tokens: TOKENS, ...(withPools ? { segment } : {}) });
  if (!isRequestSigned(good)) {
    const place = 'leafIndex' in good ? good.leafIndex : 'pool' in good ? good.pool : 0;
    return { operation: random.below(2) === 0 ? good : spoil(random, good, balanceOf(state, place)), signer: null };
  }
  const from = signingLeaf(good);
  const holder = holderOf(users, state.leaf(0, from));
  if (random.below(2) === 0) return { operation: good, signer: holder };
  const spoilt = spoil(random, good, balanceOf(state, from));
  if (!isRequestSigned(spoilt)) throw new Error('unreachable: spoiling keeps an operation signed');
  const signer = holder && random.below(4) !== 0 ? holder : random.pick(users);
  try {
    const chainIndex = 'order' in spoilt ? spoilt.order.chainIndex : domain.chainIndex;
    const signature = signOperation(signedMessage(spoilt), { ...domain, chainIndex }, signer.key);
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
    Object.entries('order' in operation ? { ...operation.order, kind: operation.order.type } : operation)
      .filter(([name]) => !['type', 'to', 'signature'].includes(name) || (name === 'to' && operation.type === 'withdraw'))
      .filter(([name]) => name !== 'leafIndex' || operation.type === 'withdraw' || operation.type === 'changeKey')
      .sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify(signed(good), text) !== JSON.stringify(signed(spoilt), text);
}

function text(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}

function isLeaf(leafIndex: number): boolean {
  return leafIndex >= 0 && leafIndex < LEAF_COUNT;
}

function plainLeaves(state: LedgerState): { leaves: Map<number, Account>; pools: Map<number, PlainPool> } {
  const leaves = new Map<number, Account>();
  const pools = new Map<number, PlainPool>();
  for (const { leafIndex, leaf } of state.chain(0).entries()) {
    const half = poolOf(leaf);
    const { kind, ...account } = leaf;
    if (half === null) {
      expect(kind).toBe(LEAF_KIND.account);
      leaves.set(leafIndex, account);
    } else {
      const { token, reserve, totalShares, peer } = half;
      expect([leaf.owner, leaf.nonce]).toEqual([0n, 0n]);
      pools.set(leafIndex, { token, reserve, totalShares, peer: [peer.chainIndex, peer.leafIndex] });
    }
  }
  return { leaves, pools };
}

/** Every coin is in a leaf or accounted for; every share of a half too. */
function checkMoney(model: PlainLedger): void {
  const shares = [...model.pools.keys()].map((leafIndex) => (1n << 31n) + BigInt(leafIndex));
  const coins = Array.from({ length: TOKENS }, (_, i) => BigInt(i + 1));
  for (const token of [...coins, ...shares]) expect(model.held(token)).toBe(model.expected(token));
  for (const [leafIndex, { totalShares }] of model.pools) expect(totalShares).toBe(1000n + (model.flow.get((1n << 31n) + BigInt(leafIndex)) ?? 0n));
}

describe('ledger and plain model', () => {
  it.each([
    [30, 'without pools'],
    [31, 'without pools'],
    [32, 'with pools'],
    [33, 'with pools'],
    [34, 'with pools'],
  ] as const)('agree on every random operation, good or spoilt, and no money appears or vanishes (seed %i, %s)', (seed, pools) => {
    const random = new Random(seed, 'ledger model');
    const model = new PlainLedger(timestamp);
    let state = LedgerState.empty({ chainCount: 1 });
    const counts = { accepted: 0, refused: 0 };
    const reasons = new Set<string>();
    const types = new Set<string>();
    let shareExits = 0;
    for (let blockNumber = 1; blockNumber <= Math.ceil(OPERATIONS / params.slots); blockNumber++) {
      const before = state;
      let segment = emptySegment;
      const accepted: OperationRequest[] = [];
      const published: Operation[] = [];
      for (let tries = 0; segment.awaited !== null || (accepted.length < params.slots && tries < 3 * params.slots); tries++) {
        const tried = attempt(random, state, pools === 'with pools' ? { state: segment, room: params.slots - accepted.length } : null);
        const expected = model.apply(tried);
        try {
          const applied = applyOperation(state, { ...domain, timestamp, operation: tried.operation, segment });
          ({ state, segment } = applied);
          published.push(applied.trace.operation);
          if (!expected) expect.unreachable(`accepted: ${JSON.stringify(tried.operation, text)}`);
          accepted.push(tried.operation);
          types.add(tried.operation.type);
          counts.accepted++;
        } catch (error) {
          if (!(error instanceof OperationRejected)) throw error;
          if (expected) expect.unreachable(`refused (${error.reason}): ${JSON.stringify(tried.operation, text)}`);
          reasons.add(error.reason);
          counts.refused++;
        }
        checkMoney(model);
      }
      model.endSegment();
      expect(plainLeaves(state)).toEqual({ leaves: model.leaves, pools: model.pools });
      // Public data alone lead to the same leaves, whatever the order of the two lists.
      expect(replaySegment(before, { chainIndex: 0, ...encodeOperations(published) }).finalRoot).toBe(state.finalRoot);
      shareExits += published.filter((operation) => operation.type === 'fullExit' && operation.shares > 0n).length;
      // What halves do here has no other side: no block could hold it.
      if (accepted.length === 0 || pools === 'with pools') continue;
      const sealed = sealBlock({ ...domain, state: before, timestamp, blockNumber, segments: [{ chainIndex: 0, operations: accepted }] });
      expect(sealed.state.finalRoot).toBe(state.finalRoot);
    }
    console.info(`accepted ${counts.accepted} (${shareExits} full exits of shares), refused ${counts.refused} for ${[...reasons].sort().join(', ')}`);
    expect(counts.accepted).toBeGreaterThan(300);
    expect(counts.refused).toBeGreaterThan(100);
    expect(reasons.size).toBeGreaterThan(pools === 'with pools' ? 18 : 12);
    if (pools === 'with pools') expect(shareExits).toBeGreaterThan(1);
    if (pools === 'with pools') for (const type of Object.keys(params.opcodes).slice(1)) expect(types, type).toContain(type);
  });
});
