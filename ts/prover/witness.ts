import { RollupError } from '../base/errors.ts';
import { coinsFor } from '../spec/amm.ts';
import { encodeFloat16 } from '../spec/float16.ts';
import { encodeFloat40 } from '../spec/float40.ts';
import { LEAF_KIND, leafHash, type Leaf } from '../spec/leaf.ts';
import { packPlace } from '../spec/leg.ts';
import type { FullExit, Operation, PoolOperation, SignedOperation } from '../spec/operation.ts';
import { isSecondSide } from '../spec/order.ts';
import { params } from '../spec/params.ts';
import { poolOf } from '../spec/pool.ts';
import { poseidon } from '../spec/poseidon.ts';
import { messageInputs, turnOf } from '../spec/signature.ts';
import type { LeafAccess, SegmentTrace, SlotTrace } from '../state/trace.ts';

/** Inputs of a circuit by qualified signal name (`slots[0].kind.deposit`); arrays are flattened by whoever calculates the witness. */
export type Signals = Record<string, SignalValue>;
export type SignalValue = bigint | readonly SignalValue[];

/** Identity of Baby Jubjub: a point on the curve for slots that have no signature. */
const NO_SIGNATURE = { R8x: 0n, R8y: 1n, S: 0n } as const;

export interface SegmentSignalsOptions {
  /** Slots of the circuit instance, at least as many as the trace has. */
  slots?: number;
}

/**
 * Inputs of the segment circuit. Slots that the trace does not fill are no-ops that read its padding leaf.
 * @throws RollupError when the segment collects fees of more tokens than it has registers, or an amount or fee has no float form
 */
export function segmentSignals(trace: SegmentTrace, { slots = params.slots }: SegmentSignalsOptions = {}): Signals {
  const noop: SlotTrace = { operation: { type: 'noop' }, a: trace.padding, b: null, leg: null };
  const feeToken = feeTokens(trace.slots);
  const all = Array.from({ length: slots }, (_, i) => slotSignals(trace.slots[i] ?? noop, feeToken));
  return {
    ...trace.publicInputs,
    deploymentId: trace.deploymentId,
    chainIndex: BigInt(trace.chainIndex),
    blockNumber: BigInt(trace.blockNumber),
    timestamp: BigInt(trace.timestamp),
    legsIn: trace.legsIn,
    legsOut: trace.legsOut,
    registersIn: trace.registersIn,
    feeToken,
    ...Object.fromEntries(all.flatMap((slot, i) => Object.entries(slot).map(([name, value]) => [`slots[${i}].${name}`, value]))),
  };
}

/** Token of each fee register: those that the segment collects, in order; a register without use holds token 0. */
function feeTokens(slots: readonly SlotTrace[]): bigint[] {
  const collected = [...new Set(slots.filter(({ operation }) => operation.type === 'collectFees').map(({ a }) => a.before.token))];
  if (collected.length > params.feeTokens) {
    throw new RollupError('A segment collects fees of more tokens than it has fee registers', {
      facts: { tokens: collected.join(', '), expectedAtMost: params.feeTokens },
      hint: 'Collect the fees of the other tokens in another segment.',
    });
  }
  return Array.from({ length: params.feeTokens }, (_, f) => collected[f] ?? 0n);
}

/** Which register takes the slot's fee or is collected by it: none if nobody collects the fee. */
function feeFlags({ operation, a }: SlotTrace, feeToken: readonly bigint[]): bigint[] {
  const uses = operation.type === 'collectFees' || ('fee' in operation && operation.fee > 0n);
  const register = uses && a.before.token !== 0n ? feeToken.indexOf(a.before.token) : -1;
  return feeToken.map((_, f) => (f === register ? 1n : 0n));
}

/** Inputs of one slot, named as in circuits/slotInput.circom. */
function slotSignals(slot: SlotTrace, feeToken: readonly bigint[]): Signals {
  const { operation, a, b } = slot;
  const { before } = a;
  return {
    ...Object.fromEntries(KINDS.map((type) => [`kind.${type}`, operation.type === type ? 1n : 0n])),
    leafIndex: BigInt(a.leafIndex),
    token: a.after.token,
    ...NO_FIELDS,
    ...fieldSignals(slot),
    ...('order' in operation ? orderSignals(operation) : {}),
    ...('signature' in operation ? signedSignals(operation) : {}),
    feeFlags: feeFlags(slot, feeToken),
    account: before.kind === LEAF_KIND.account ? 1n : 0n,
    pool: before.kind === LEAF_KIND.pool ? 1n : 0n,
    owner: before.owner,
    nonce: before.nonce,
    balance: before.balance,
    leafKeyX: before.keyX,
    leafKeyY: before.keyY,
    children: a.children,
    peerNonce: 0n,
    peerBalance: 0n,
    peerShares: 0n,
    peerPlace: 0n,
    ...(b ? secondLeafSignals(b) : rereadSignals(a)),
    peerToken: b && paysWithShares(operation) ? b.before.token : 0n,
  };
}

const KINDS = Object.keys(params.opcodes).filter((type) => type !== 'noop') as Exclude<Operation['type'], 'noop'>[];

/** What an operation does not have. */
const NO_FIELDS: Signals = {
  ...{ address: 0n, keyX: 0n, keyY: 0n, amount: 0n, counter: 0n, float: 0n, fee: 0n, validUntil: 0n, ...NO_SIGNATURE },
  ...{ orderToken: 0n, limit: 0n, peerAmount: 0n, peerLimit: 0n, orderHead: 0n, orderRest: 0n },
};

/** What the operation says. */
function fieldSignals({ operation, a: { before, after }, b }: SlotTrace): Signals {
  switch (operation.type) {
    case 'noop':
      return {};
    case 'deposit':
      return { address: operation.owner, keyX: operation.keyX, keyY: operation.keyY, amount: operation.amount };
    case 'fullExit':
      return { address: operation.owner, limit: operation.least, ...paymentOfExit(operation, before, b) };
    case 'open':
      return { address: operation.owner, keyX: operation.keyX, keyY: operation.keyY };
    case 'collectFees':
      return { amount: operation.amount };
    case 'withdraw':
      return { address: operation.to, amount: operation.amount };
    case 'changeKey':
      return { keyX: operation.keyX, keyY: operation.keyY };
    case 'transfer':
    case 'transferToNew': {
      const { toOwner, toKeyX, toKeyY, amount } = operation;
      return { address: toOwner, keyX: toKeyX, keyY: toKeyY, amount, float: encodeFloat40(amount) };
    }
    case 'openPool':
      return { keyX: BigInt(params.lockedShares), keyY: packPlace({ chainIndex: operation.peerChain, leafIndex: operation.peerLeaf }) };
    case 'swapIn':
    case 'swapOut':
      return { amount: operation.amount, float: encodeFloat40(operation.amount) };
    case 'addLiquidity':
    case 'addLiquidityPeer':
      return { amount: operation.amount, counter: operation.shares };
    case 'removeLiquidity':
    case 'removeLiquidityPeer':
      return { amount: operation.shares, counter: operation.amount };
    case 'credit':
      return { address: before.owner, keyX: before.keyX, keyY: before.keyY, amount: after.balance - before.balance };
  }
}

/** What the leaf pays, in its token, and the coins that shares stand for, whether it pays with them or keeps them. */
function paymentOfExit({ amount, shares }: FullExit, { balance }: Leaf, b: LeafAccess | null): Signals {
  if (shares > 0n) return { amount: shares, counter: amount };
  const half = b && poolOf(b.before);
  return { amount, counter: half ? coinsFor({ ...half, shares: balance }) : 0n };
}

/** Where the second leaf is a pool whose token is not that of the first. */
function paysWithShares({ type }: Operation): boolean {
  return type === 'removeLiquidity' || type === 'removeLiquidityPeer' || type === 'fullExit';
}

/** The order of which an operation is a side. Its first side is packed by the circuit; a second side shows how it was packed. */
function orderSignals({ type, order }: PoolOperation): Signals {
  const { owner, keyX, keyY, peerToken, limit, peerAmount, peerLimit } = order;
  const common = { address: owner, keyX, keyY, orderToken: peerToken, limit, peerAmount, peerLimit };
  if (!isSecondSide({ type })) return common;
  const [, orderHead = 0n, second = 0n] = messageInputs(order, { deploymentId: 0n, chainIndex: order.chainIndex });
  return { ...common, orderHead, orderRest: BigInt.asUintN(REST_BITS, second) };
}

/** `pool | amount | fee` of a message. */
const REST_BITS = params.bits.leafIndex + params.bits.balance + params.bits.feeMantissa + params.bits.feeExponent;

/** What every signed operation has. */
function signedSignals(operation: SignedOperation): Signals {
  const { R8x, R8y, S } = operation.signature;
  return { fee: encodeFloat16(operation.fee), validUntil: BigInt(turnOf(operation).validUntil), R8x, R8y, S };
}

/** The second access of transfers, orders and full exits of shares. */
function secondLeafSignals({ leafIndex, before, children }: LeafAccess): Signals {
  const { kind, nonce, balance, keyX, keyY } = before;
  const pool = kind === LEAF_KIND.pool ? { peerShares: keyX, peerPlace: keyY } : {};
  return { peerIndex: BigInt(leafIndex), peerValue: leafHash(before), peerNonce: nonce, peerBalance: balance, ...pool, peerChildren: children };
}

/** Other operations: the second access reads the leaf that the first one left, and changes nothing. */
function rereadSignals(a: LeafAccess): Signals {
  return { peerIndex: BigInt(a.leafIndex), peerValue: leafHash(a.after), peerChildren: childrenAfter(a) };
}

/** The children on a leaf's path as they are after the access. */
function childrenAfter({ leafIndex, before, after, children }: LeafAccess): bigint[][] {
  if (before === after) return children;
  let node = leafHash(after);
  return children.map((siblings, level) => {
    const changed = siblings.with(Math.floor(leafIndex / params.arity ** level) % params.arity, node);
    node = poseidon(changed);
    return changed;
  });
}
