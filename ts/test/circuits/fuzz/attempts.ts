import { FIELD } from '../../../spec/field.ts';
import { floorFloat16, tryEncodeFloat16 } from '../../../spec/float16.ts';
import { floorFloat40 } from '../../../spec/float40.ts';
import { LEAF_KIND, emptyLeaf, type Leaf } from '../../../spec/leaf.ts';
import { isShareToken, poolOfShares, shareToken } from '../../../spec/leg.ts';
import type { ChangeKey, Credit, OpenPool, OperationRequest, PoolOperation, Transfer, TransferToNew, Withdraw } from '../../../spec/operation.ts';
import { LEAF_COUNT, MAX_BALANCE, MAX_NONCE } from '../../../spec/params.ts';
import { MAX_RESERVE, poolLeaf } from '../../../spec/pool.ts';
import { SUBGROUP_ORDER, signOperation, signingLeaf } from '../../../spec/signature.ts';
import { LedgerState } from '../../../state/ledger.ts';
import type { SegmentState } from '../../../state/segmentState.ts';
import type { Random } from '../../random.ts';
import { randomOperation } from '../../randomOperation.ts';
import { holderOf, testUser, userFields } from '../../users.ts';
import { smallOrderPoints } from '../curve.ts';
import { DOMAIN, TIMESTAMP } from '../world.ts';
import { spoiltPoolOperation } from './poolAttempts.ts';

/*
 * Operations for the fuzz, good and spoilt. A spoilt one differs from a good one in one or two things; half of the signed ones are signed
 * again, so that only the thing itself is wrong. It may still be good: the ledger says.
 */

/** What is signed and is no order. */
type SignedPayment = Withdraw | Transfer | TransferToNew | ChangeKey;
type Elementary = Exclude<OperationRequest, PoolOperation | OpenPool | Credit>;

const TOKENS = 3;
const USERS = ['alice', 'bob', 'carol', 'dave'].map(testUser);
const POOL = 7;

/** An operation that somebody wants applied, and what a block builder claims where only the ledger can say. */
export interface Attempt {
  request: OperationRequest;
  /** Added to what a full exit pays or a collection of fees finds, or (`ofShares`) to the shares that a full exit takes if it takes any. */
  overclaim: bigint;
  ofShares?: true;
}

/** A pool leaf, leaves at the ends of what a leaf can hold, and leaves whose keys cannot sign. */
export function startState(): LedgerState {
  const [alice, bob, carol] = USERS.map((user) => ({ ...emptyLeaf, kind: LEAF_KIND.account, ...userFields(user), token: 1n }));
  const empty = LedgerState.empty({ chainCount: DOMAIN.chainIndex + 1 });
  let chain = empty.chain(DOMAIN.chainIndex);
  const leaves: [number, Leaf | undefined, Partial<Leaf>][] = [
    [0, alice, { balance: 10n ** 18n }],
    [1, bob, { balance: MAX_BALANCE - 5n }],
    [2, carol, { balance: 10n ** 9n, nonce: MAX_NONCE - 1n }],
    [POOL, undefined, poolLeaf({ token: 1n, reserve: 10n ** 9n, totalShares: 10n ** 10n, peer: { chainIndex: 9, leafIndex: 8 } })],
    [POOL + 1, alice, { balance: 7n * 10n ** 9n, token: shareToken(POOL) }],
    [POOL + 2, bob, { balance: 3n, token: shareToken(POOL) }],
    [POOL + 3, carol, { token: shareToken(LEAF_COUNT) }],
    [LEAF_COUNT - 1, bob, { balance: 10n ** 12n, token: 2n }],
  ];
  smallOrderPoints().forEach(({ x, y }, i) => leaves.push([100 + i, alice, { balance: 1000n, keyX: x, keyY: y }]));
  leaves.push([110, alice, { balance: 1000n, keyX: 1n, keyY: 1n }]);
  for (const [leafIndex, leaf, changes] of leaves) chain = chain.withLeaf(leafIndex, { ...emptyLeaf, ...leaf, ...changes });
  return empty.withChain(DOMAIN.chainIndex, chain);
}

/** The next thing to try. Only what the inputs of the circuit can say: field elements, fees that have a float, leaf indices from 0. */
export function nextAttempt(random: Random, state: LedgerState, segment: { state: SegmentState; room: number }): Attempt {
  const good = randomOperation({ random, state, domain: DOMAIN, users: USERS, tokens: TOKENS, segment });
  if (isBeyondPairs(state, good)) return nextAttempt(random, state, segment);
  if (random.below(5) < 2) return { request: good, overclaim: 0n };
  if (good.type === 'fullExit' || good.type === 'collectFees') {
    const overclaim = random.below(2) === 0 ? 0n : random.pick([1n, -1n, 1000n, MAX_BALANCE]);
    if (overclaim !== 0n) return { request: good, overclaim, ...(random.below(2) === 0 ? {} : { ofShares: true }) };
    const request = spoilt(random, state, good);
    return { request: isBeyondPairs(state, request) ? good : request, overclaim };
  }
  const wrong = random.below(4) === 0 ? spoilt(random, state, spoilt(random, state, good)) : spoilt(random, state, good);
  return { request: wrong, overclaim: 0n };
}

/** A full exit from a half with more shares than a pair allows. Single segments come to such halves, blocks do not; there is no proof of it. */
function isBeyondPairs(state: LedgerState, request: OperationRequest): boolean {
  if (request.type !== 'fullExit' || request.leafIndex >= LEAF_COUNT) return false;
  const { token } = leafOf(state, request.leafIndex);
  const pool = isShareToken(token) ? poolOfShares(token) : LEAF_COUNT;
  return pool < LEAF_COUNT && (state.chain(DOMAIN.chainIndex).pool(pool)?.totalShares ?? 0n) > MAX_RESERVE;
}

function spoilt(random: Random, state: LedgerState, operation: OperationRequest): OperationRequest {
  if (operation.type === 'openPool' || operation.type === 'credit' || 'order' in operation) {
    return spoiltPoolOperation({ random, state, users: USERS, leafIndex: anyIndex(random) }, operation);
  }
  const changed = { ...operation, ...random.pick(changesOf(random, state, operation)) } as OperationRequest;
  if (!isSigned(operation) || !isSigned(changed)) return changed;
  const from = signingLeaf(changed);
  const holder = from < LEAF_COUNT ? holderOf(USERS, state.leaf(DOMAIN.chainIndex, from)) : null;
  // The circuit takes the nonce from the leaf: another nonce means another signature.
  const again = changed.nonce !== operation.nonce || random.below(2) === 0;
  if (!again) return changed;
  try {
    return { ...changed, signature: signOperation(changed, DOMAIN, (random.below(5) === 0 ? random.pick(USERS) : (holder ?? random.pick(USERS))).key) };
  } catch {
    return operation; // does not fit into a message
  }
}

const anyIndex = (random: Random): number => random.pick([0, 1, 2, 3, 5, POOL, 100, 101, 102, 103, 110, LEAF_COUNT - 1, LEAF_COUNT, LEAF_COUNT + 1]);

/** Ways to change an operation: only fields that it has. */
function changesOf(random: Random, state: LedgerState, operation: Elementary): Record<string, unknown>[] {
  const leafIndex = anyIndex(random);
  const user = random.pick(USERS);
  const { x, y } = user.key.publicKey;
  const owner = random.pick([user.owner, 0n, 1n << 160n]);
  const keyX = random.pick([x, 0n, 1n, FIELD - 1n]);
  const keyY = random.pick([y, 0n, 1n, FIELD - 1n]);
  const token = random.pick([0n, 1n, 2n, (1n << 32n) - 1n, 1n << 32n]);
  switch (operation.type) {
    case 'deposit': {
      const { balance } = leafOf(state, operation.leafIndex);
      const amount = random.pick([0n, -1n, MAX_BALANCE, MAX_BALANCE + 1n, MAX_BALANCE - balance, MAX_BALANCE - balance + 1n]);
      // The circuit takes the token of a deposit from the chain, and no contract queues one of token 0 (UnknownToken).
      return [{ leafIndex }, { owner }, { keyX }, { keyY }, { token: token || 3n }, { amount }];
    }
    case 'open':
      return [{ leafIndex }, { owner }, { keyX }, { keyY }, { token }];
    case 'fullExit':
      return [{ leafIndex }, { owner }, { least: random.pick([0n, operation.least + 1n, MAX_BALANCE]) }];
    case 'collectFees':
      return [{ leafIndex }];
    case 'withdraw':
      return [...signedChanges(random, state, operation), { leafIndex }, { token }, { to: owner }, { amount: amountOf(random, state, operation) }];
    case 'changeKey':
      return [...signedChanges(random, state, operation), { leafIndex }, { keyX }, { keyY }];
    case 'transfer':
    case 'transferToNew': {
      const receiver = leafOf(state, leafIndex);
      const type = operation.type === 'transfer' ? 'transferToNew' : 'transfer';
      const whole = { to: leafIndex, toOwner: receiver.owner, toKeyX: receiver.keyX, toKeyY: receiver.keyY };
      const amount = amountOf(random, state, operation);
      const places = [{ from: leafIndex }, { to: leafIndex }, { to: operation.from }, whole, { type }];
      return [...signedChanges(random, state, operation), ...places, { toOwner: owner }, { toKeyX: keyX }, { toKeyY: keyY }, { amount }];
    }
  }
}

function signedChanges(random: Random, state: LedgerState, operation: SignedPayment): Record<string, unknown>[] {
  const { balance } = leafOf(state, signingLeaf(operation));
  const { signature } = operation;
  const small = random.pick(smallOrder);
  return [
    { nonce: random.pick([operation.nonce + 1n, operation.nonce - 1n, 0n, MAX_NONCE]) },
    { validUntil: random.pick([TIMESTAMP, TIMESTAMP - 1, TIMESTAMP - 1, 0, 2 ** 40 - 1, 2 ** 40]) },
    { fee: random.pick([0n, 1n, 2047n, 2047n * 10n ** 31n, floorFloat16(balance), floorFloat16(balance) + 10n ** 30n]) },
    { signature: random.pick([
      { ...signature, S: signature.S + SUBGROUP_ORDER },
      { ...signature, S: (signature.S + 1n) % FIELD },
      { ...signature, R8x: FIELD - signature.R8x },
      { ...signature, R8x: small.x, R8y: small.y },
      { R8x: BASE8.x, R8y: BASE8.y, S: 1n },
      { R8x: 0n, R8y: 0n, S: 0n },
    ]) },
  ].filter((change) => !('fee' in change) || tryEncodeFloat16(change.fee as bigint) !== null);
}

function amountOf(random: Random, state: LedgerState, operation: Exclude<SignedPayment, { type: 'changeKey' }>): bigint {
  const { balance } = leafOf(state, signingLeaf(operation));
  const left = balance - operation.fee;
  return random.pick([0n, balance, left, left + 1n, left - 1n, floorFloat40(left > 0n ? left : 0n), (1n << 35n) - 1n, (1n << 35n) + 1n, ((1n << 35n) - 1n) * 10n ** 28n, MAX_BALANCE, MAX_BALANCE + 1n, 1n, -1n]);
}

const smallOrder = smallOrderPoints();
const BASE8 = {
  x: 5299619240641551281634865583518297030282874472190772894086521144482721001553n,
  y: 16950150798460657717958625567821834550301663161624707787222815936182638968203n,
};

function leafOf(state: LedgerState, leafIndex: number): Leaf {
  return leafIndex < LEAF_COUNT ? state.leaf(DOMAIN.chainIndex, leafIndex) : emptyLeaf;
}

function isSigned(operation: OperationRequest): operation is SignedPayment {
  return 'signature' in operation && !('order' in operation);
}
