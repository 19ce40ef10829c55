import { finalRootOf } from '../spec/roots.ts';
import type { Leaf } from '../spec/leaf.ts';
import { isSigned, type OperationRequest, type SignedOperation, type Transfer } from '../spec/operation.ts';
import { params } from '../spec/params.ts';
import { messageHash, signingLeaf, verifyMessage, type SigningDomain } from '../spec/signature.ts';
import { ChainState } from './chainState.ts';
import { feesAfter, noFees, type SegmentFees } from './fees.ts';
import { checkBits, completeOperation, planOperation, readAccount, type LeafChange, type Plan } from './plan.ts';
import { OperationRejected } from './rejection.ts';
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
  /** What the segment's earlier operations paid as fees. Default: the operation is the first of its segment. */
  fees?: SegmentFees;
}

export interface ApplyReturnType {
  state: LedgerState;
  trace: SlotTrace;
  /** For the segment's next operation. */
  fees: SegmentFees;
}

/**
 * Applies one operation with everything that the segment circuit checks.
 * @throws OperationRejected with the reason; `state` itself never changes
 */
export function applyOperation(state: LedgerState, parameters: ApplyParameters): ApplyReturnType {
  const { chainIndex, timestamp, fees = noFees } = parameters;
  const chain = state.chain(chainIndex);
  const operation = completeOperation(chain, parameters.operation, fees);
  const signed = isSigned(operation) ? operation : null;
  if (signed) checkTurn(chain, signed, timestamp);
  const plan = planOperation(chain, operation);
  if (signed?.type === 'transfer') checkReceiver(plan, signed);
  const nextFees = feesAfter(fees, operation, plan.a.before.token);
  // Last, because it costs a thousand times what the other checks cost.
  if (signed && !parameters.signatureChecked) checkSignature(plan.a.before, signed, parameters);
  const first = access(chain, plan.a);
  const second = plan.b ? access(first.chain, plan.b) : null;
  return {
    state: state.withChain(chainIndex, (second ?? first).chain),
    trace: { operation, a: first.access, b: second?.access ?? null },
    fees: nextFees,
  };
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
  const leafIndex = signingLeaf(operation);
  const { nonce, token } = readAccount(chain, leafIndex);
  const signedToken = 'order' in operation ? operation.order.token : operation.token;
  if (signedToken !== token) {
    throw new OperationRejected(
      'wrongToken',
      'Leaf holds another token than was signed',
      { leafIndex, expected: token, actual: signedToken },
      'Look up which leaf holds the token and sign for that one.',
    );
  }
  if (operation.nonce !== nonce) {
    throw new OperationRejected(
      'wrongNonce',
      'Nonce is not the next one of the leaf',
      { leafIndex, expected: nonce, actual: operation.nonce },
      'Sign the operation again with the expected nonce.',
    );
  }
  const { validUntil } = operation;
  checkBits('validUntil', Number.isSafeInteger(validUntil) ? BigInt(validUntil) : -1n, params.bits.timestamp);
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
  if (verifyMessage(messageHash(operation, domain), operation.signature, { x: signer.keyX, y: signer.keyY })) return;
  const { deploymentId, chainIndex } = domain;
  throw new OperationRejected(
    'wrongSignature',
    "Signature is not one of the leaf's key for this operation",
    { deploymentId, chainIndex, leafIndex: signingLeaf(operation) },
    'Sign with the key of the leaf, for this deployment and chain.',
  );
}

function checkReceiver({ b }: Plan, { to, toOwner, toKeyX, toKeyY }: Transfer): void {
  if (!b) return;
  const { owner, keyX, keyY } = b.before;
  if (owner === toOwner && keyX === toKeyX && keyY === toKeyY) return;
  throw new OperationRejected(
    'wrongReceiver',
    'Receiving leaf is not of the user that was signed',
    { leafIndex: to, expected: { owner: toOwner, keyX: toKeyX, keyY: toKeyY }, actual: { owner, keyX, keyY } },
    'Choose or open a leaf of the signed owner, key and token.',
  );
}
