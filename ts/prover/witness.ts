import { LEAF_KIND, leafHash, type Leaf } from '../spec/leaf.ts';
import { encodeFloat40 } from '../spec/float40.ts';
import type { Operation } from '../spec/operation.ts';
import { params } from '../spec/params.ts';
import { poseidon } from '../spec/poseidon.ts';
import type { JoinTrace, LeafAccess, SegmentTrace, SlotTrace } from '../state/trace.ts';

/** Inputs of a circuit by qualified signal name (`slots[0].kind.deposit`); arrays are flattened by whoever calculates the witness. */
export type Signals = Record<string, SignalValue>;
export type SignalValue = bigint | readonly SignalValue[];

/** Identity of Baby Jubjub: a point on the curve for slots that have no signature. */
const NO_SIGNATURE = { R8x: 0n, R8y: 1n, S: 0n } as const;

export interface SegmentSignalsOptions {
  /** Slots of the circuit instance, at least as many as the trace has. */
  slots?: number;
}

/** Inputs of the segment circuit. Slots that the trace does not fill are no-ops that read its padding leaf. */
export function segmentSignals(trace: SegmentTrace, { slots = params.slots }: SegmentSignalsOptions = {}): Signals {
  const noop: SlotTrace = { operation: { type: 'noop' }, a: trace.padding, b: null };
  const all = Array.from({ length: slots }, (_, i) => slotSignals(trace.slots[i] ?? noop));
  return {
    ...trace.publicInputs,
    deploymentId: trace.deploymentId,
    chainIndex: BigInt(trace.chainIndex),
    blockNumber: BigInt(trace.blockNumber),
    timestamp: BigInt(trace.timestamp),
    legsIn: trace.legsIn,
    legsOut: trace.legsOut,
    registersIn: trace.registersIn,
    ...Object.fromEntries(all.flatMap((slot, i) => Object.entries(slot).map(([name, value]) => [`slots[${i}].${name}`, value]))),
  };
}

/** Inputs of one slot, named as in circuits/slotInput.circom. */
function slotSignals({ operation, a, b }: SlotTrace): Signals {
  const { before } = a;
  const is = (type: Operation['type']): bigint => (operation.type === type ? 1n : 0n);
  return {
    'kind.deposit': is('deposit'),
    'kind.fullExit': is('fullExit'),
    'kind.withdraw': is('withdraw'),
    'kind.open': is('open'),
    'kind.transfer': is('transfer'),
    leafIndex: BigInt(a.leafIndex),
    token: a.after.token,
    ...fieldSignals(operation),
    account: before.kind === LEAF_KIND.account ? 1n : 0n,
    pool: before.kind === LEAF_KIND.pool ? 1n : 0n,
    owner: before.owner,
    nonce: before.nonce,
    balance: before.balance,
    leafKeyX: before.keyX,
    leafKeyY: before.keyY,
    children: a.children,
    ...(b ? receiverSignals(b) : rereadSignals(a)),
  };
}

/** What the operation says; 0 for what it does not have. */
function fieldSignals(operation: Operation): Signals {
  const none = { address: 0n, keyX: 0n, keyY: 0n, amount: 0n, float: 0n, fee: 0n, validUntil: 0n, ...NO_SIGNATURE };
  switch (operation.type) {
    case 'noop':
      return none;
    case 'deposit':
      return { ...none, address: operation.owner, keyX: operation.keyX, keyY: operation.keyY, amount: operation.amount };
    case 'fullExit':
      return { ...none, address: operation.owner, amount: operation.amount };
    case 'open':
      return { ...none, address: operation.owner, keyX: operation.keyX, keyY: operation.keyY };
    case 'withdraw': {
      const { to, amount, fee, validUntil, signature } = operation;
      return { ...none, address: to, amount, fee, validUntil: BigInt(validUntil), ...signatureSignals(signature) };
    }
    case 'transfer': {
      const { toOwner, toKeyX, toKeyY, amount, fee, validUntil, signature } = operation;
      return {
        ...none,
        address: toOwner,
        keyX: toKeyX,
        keyY: toKeyY,
        amount,
        float: encodeFloat40(amount),
        fee,
        validUntil: BigInt(validUntil),
        ...signatureSignals(signature),
      };
    }
  }
}

function signatureSignals({ R8x, R8y, S }: { R8x: bigint; R8y: bigint; S: bigint }): Signals {
  return { R8x, R8y, S };
}

/** A transfer's second access. */
function receiverSignals({ leafIndex, before, children }: LeafAccess): Signals {
  return { peerIndex: BigInt(leafIndex), peerNonce: before.nonce, peerBalance: before.balance, peerValue: 0n, peerChildren: children };
}

/** Other operations: the second access reads the leaf that the first one left, and changes nothing. */
function rereadSignals(a: LeafAccess): Signals {
  return { peerIndex: BigInt(a.leafIndex), peerNonce: 0n, peerBalance: 0n, peerValue: leafHash(a.after), peerChildren: childrenAfter(a) };
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

/** Inputs of the join circuit. */
export function joinSignals(trace: JoinTrace): Signals {
  const { joinSegments, joinPairs, chains } = params;
  const slots = Array.from({ length: joinSegments }, (_, j) => trace.segments[j]);
  const noLegs = Array.from({ length: 2 * joinPairs }, () => 0n);
  const noLeg = { head: 0n, order: 0n, amount: 0n, reserve: 0n, shares: 0n, limit: 0n };
  const legs = Array.from({ length: joinPairs }, (_, s) =>
    Object.entries(noLeg).flatMap(([field, value]) => [
      [`legIn[${s}].${field}`, value],
      [`legOut[${s}].${field}`, value],
    ]),
  );
  return {
    ...trace.publicInputs,
    deploymentId: trace.deploymentId,
    blockNumber: BigInt(trace.blockNumber),
    rootsIn: trace.rootsIn,
    used: slots.map((segment) => (segment ? 1n : 0n)),
    chain: slots.map((segment) => Array.from({ length: chains }, (_, i) => (segment?.chainIndex === i ? 1n : 0n))),
    rootOut: slots.map((segment) => segment?.rootOut ?? 0n),
    listed: noLegs,
    digest: noLegs,
    paired: Array.from({ length: joinPairs }, () => 0n),
    ...Object.fromEntries(legs.flat()),
  };
}

export interface ExitSignalsParameters {
  chainIndex: number;
  leafIndex: number;
  leaf: Leaf;
  /** `children[l]` = the nodes of level l under the leaf's ancestor; l = 0 … depth-1, up to the chain root. */
  children: readonly (readonly bigint[])[];
  /** Chain roots, one for each of params.chains indices. */
  roots: readonly bigint[];
}

/** Inputs of the exit circuit, its public ones first. */
export function exitSignals({ chainIndex, leafIndex, leaf, children, roots }: ExitSignalsParameters): Signals {
  return {
    finalRoot: poseidon(roots),
    chainIndex: BigInt(chainIndex),
    leafIndex: BigInt(leafIndex),
    owner: leaf.owner,
    token: leaf.token,
    amount: leaf.balance,
    nonce: leaf.nonce,
    keyX: leaf.keyX,
    keyY: leaf.keyY,
    children,
    roots,
  };
}
