import { finalRootOf } from '../spec/roots.ts';
import { emptyLeaf, type Leaf } from '../spec/leaf.ts';
import type { Leg } from '../spec/leg.ts';
import { isPoolOperation, isSigned, type Operation, type OperationRequest, type SignedOperation } from '../spec/operation.ts';
import { legOf } from '../spec/order.ts';
import { params } from '../spec/params.ts';
import { poolOf } from '../spec/pool.ts';
import { messageHash, signedMessage, turnOf, verifyMessage, type SigningDomain } from '../spec/signature.ts';
import { ChainState } from './chainState.ts';
import { checkUser, checkWhole, readAccount, type LeafChange } from './leafRules.ts';
import { checkOrder } from './orderRules.ts';
import { completeOperation, planOperation, type Plan } from './plan.ts';
import { OperationRejected } from './rejection.ts';
import { emptySegment, segmentAfter, type SegmentState } from './segmentState.ts';
import type { LeafAccess, SlotTrace } from './trace.ts';
import { emptyTree, type StateTree } from './tree.ts';

/** State of all chains. Immutable, so a fork is just another reference. */
export class LedgerState {
  /** By chain index. */
  readonly chains: readonly ChainState[];

  constructor(chains: readonly ChainState[]) {
    this.chains = chains;
  }

  /** The state of block 0. */
  static empty({ chainCount, tree = emptyTree }: { chainCount: number; tree?: StateTree }): LedgerState {
    return new LedgerState(Array.from({ length: chainCount }, () => ChainState.empty(tree)));
  }

  /** @throws OperationRejected when the topology has no such chain */
  chain(chainIndex: number): ChainState {
    const chain = this.chains[chainIndex];
    if (!chain) throw new OperationRejected('unknownChain', 'There is no chain with this index', { chainIndex, chainCount: this.chains.length });
    return chain;
  }

  withChain(chainIndex: number, chain: ChainState): LedgerState {
    this.chain(chainIndex);
    return new LedgerState(this.chains.with(chainIndex, chain));
  }

  leaf(chainIndex: number, leafIndex: number): Leaf {
    return this.chain(chainIndex).leaf(leafIndex);
  }

  get chainRoots(): bigint[] {
    return this.chains.map((chain) => chain.root);
  }

  get finalRoot(): bigint {
    return finalRootOf(this.chainRoots);
  }
}

export interface ApplyParameters extends SigningDomain {
  /** The block's, seconds. */
  timestamp: number;
  operation: OperationRequest;
  /** The caller has applied this very operation in this deployment and on this chain before, so its signature is known to be good. */
  signatureChecked?: boolean;
  /** What the segment's earlier operations left. Default: the operation is the first of its segment. */
  segment?: SegmentState;
}

export interface ApplyReturnType {
  state: LedgerState;
  trace: SlotTrace;
  /** For the segment's next operation. */
  segment: SegmentState;
}

/**
 * Applies one operation with everything that the segment circuit checks.
 * @throws OperationRejected with the reason; `state` itself never changes
 */
export function applyOperation(state: LedgerState, parameters: ApplyParameters): ApplyReturnType {
  const { chainIndex, timestamp, segment = emptySegment } = parameters;
  const chain = state.chain(chainIndex);
  const operation = completeOperation(chain, parameters.operation, segment.fees);
  const signed = isSigned(operation) ? operation : null;
  if (signed) checkTurn(chain, signed, timestamp);
  const plan = planOperation(chain, operation, segment);
  checkSides(operation, plan, chainIndex);
  const nextSegment = segmentAfter(segment, operation, plan);
  // Last, because it costs a thousand times what the other checks cost.
  if (signed && !parameters.signatureChecked) checkSignature(plan.a.before, signed, parameters);
  const first = access(chain, plan.a);
  const second = plan.b ? access(first.chain, plan.b) : null;
  return {
    state: state.withChain(chainIndex, (second ?? first).chain),
    trace: { operation, a: first.access, b: second?.access ?? null, leg: legOfPlan(operation, plan, parameters) },
    segment: nextSegment,
  };
}

/** Null for operations that move no pool half. */
function legOfPlan(operation: Operation, { a, b }: Plan, { chainIndex, deploymentId }: SigningDomain): Leg | null {
  if (!isPoolOperation(operation)) return null;
  const half = poolOf((operation.type === 'swapOut' ? a : b)?.before ?? emptyLeaf);
  return half && legOf({ operation, half, chainIndex, deploymentId });
}

/** A leaf as it is, read and not changed: what a padding slot does with leaf 0. */
export function readAccess(chain: ChainState, leafIndex: number): LeafAccess {
  const leaf = chain.leaf(leafIndex);
  return { leafIndex, before: leaf, after: leaf, children: chain.tree.path(leafIndex) };
}

function access(chain: ChainState, { leafIndex, before, after }: LeafChange): { chain: ChainState; access: LeafAccess } {
  return {
    access: { leafIndex, before, after, children: chain.tree.path(leafIndex) },
    chain: before === after ? chain : chain.withLeaf(leafIndex, after),
  };
}

/** Token, nonce and time of a signed operation. */
function checkTurn(chain: ChainState, operation: SignedOperation, timestamp: number): void {
  const { leafIndex, validUntil, ...signed } = turnOf(operation);
  const { nonce, token } = readAccount(chain, leafIndex);
  if (signed.token !== token) {
    throw new OperationRejected(
      'wrongToken',
      'Leaf holds another token than was signed',
      { leafIndex, expected: token, actual: signed.token },
      'Look up which leaf holds the token and sign for that one.',
    );
  }
  if (signed.nonce !== nonce) {
    throw new OperationRejected(
      'wrongNonce',
      'Nonce is not the next one of the leaf',
      { leafIndex, expected: nonce, actual: signed.nonce },
      'Sign the operation again with the expected nonce.',
    );
  }
  checkWhole('validUntil', validUntil, params.bits.timestamp);
  if (timestamp > validUntil) {
    throw new OperationRejected(
      'expired',
      'Operation is not valid any more',
      { validUntil, blockTimestamp: timestamp },
      'Sign the operation again with a later validUntil.',
    );
  }
}

function checkSignature(signer: Leaf, operation: SignedOperation, domain: SigningDomain): void {
  if (verifyMessage(messageHash(signedMessage(operation), domain), operation.signature, { x: signer.keyX, y: signer.keyY })) return;
  const { deploymentId, chainIndex } = domain;
  throw new OperationRejected(
    'wrongSignature',
    "Signature is not one of the leaf's key for this operation",
    { deploymentId, chainIndex, leafIndex: turnOf(operation).leafIndex },
    'Sign with the key of the leaf, for this deployment and chain.',
  );
}

/** Whom and what the operation is for: a transfer's receiver, an order's sides, a pool's peer. */
function checkSides(operation: Operation, plan: Plan, chainIndex: number): void {
  if (operation.type === 'transfer' && plan.b) {
    const { to, toOwner: owner, toKeyX: keyX, toKeyY: keyY } = operation;
    checkUser(to, plan.b.before, { owner, keyX, keyY });
  }
  if (isPoolOperation(operation)) checkOrder(operation, plan, chainIndex);
  if (operation.type === 'openPool' && operation.peerChain === chainIndex && operation.peerLeaf === operation.leafIndex) {
    throw new OperationRejected('ownPeer', 'A pool half cannot be its own peer', { chainIndex, leafIndex: operation.leafIndex }, 'Name another leaf as the peer.');
  }
}
