import { isEmptyLeaf, LEAF_KIND } from '../spec/leaf.ts';
import type {
  CollectFees,
  Deposit,
  Open,
  Operation,
  OperationRequest,
  PublicChangeKey,
  PublicOperation,
  PublicTransfer,
  PublicTransferToNew,
  PublicWithdraw,
} from '../spec/operation.ts';
import { params } from '../spec/params.ts';
import type { ChainState } from './chainState.ts';
import { accruedFees, noFees, type SegmentFees } from './fees.ts';
import {
  accountLeaf,
  checkAmount,
  checkBits,
  checkEmpty,
  checkFee,
  checkFloatAmount,
  checkIdentity,
  checkKey,
  checkNoShares,
  credit,
  debitSigned,
  read,
  readAccount,
  type LeafChange,
} from './leafRules.ts';
import { fullExitOf, planFullExit } from './planExit.ts';
import { planCredit, planLiquidityChange, planOpenPool, planSwapIn, planSwapOut } from './planPool.ts';
import { OperationRejected } from './rejection.ts';
import { checkNothingAwaited, emptySegment, type SegmentState } from './segmentState.ts';

/** What an operation does; `b` only for transfers, operations on a pool half and full exits of shares (see SlotTrace), as it is after `a`. */
export interface Plan {
  a: LeafChange;
  b: LeafChange | null;
}

/**
 * The effect of an operation, with every check that needs no authority (signature, nonce, receiver, order).
 * A full exit and a collection of fees must be complete (see completeOperation).
 * @param segment what the segment's earlier operations left; default: the operation is the first of its segment
 * @throws OperationRejected
 */
export function planOperation(chain: ChainState, operation: PublicOperation, segment: SegmentState = emptySegment): Plan {
  if (operation.type === 'credit') return { a: planCredit(chain, operation, segment.awaited), b: null };
  checkNothingAwaited(segment);
  switch (operation.type) {
    case 'deposit':
      return { a: planDeposit(chain, operation), b: null };
    case 'fullExit':
      return planFullExit(chain, operation);
    case 'open':
      return { a: planOpen(chain, operation), b: null };
    case 'withdraw':
      return { a: planWithdraw(chain, operation), b: null };
    case 'changeKey':
      return { a: planChangeKey(chain, operation), b: null };
    case 'collectFees':
      return { a: planCollectFees(chain, operation), b: null };
    case 'transfer':
      return planTransfer(chain, operation);
    case 'transferToNew':
      return planTransferToNew(chain, operation);
    case 'openPool':
      return { a: planOpenPool(chain, operation), b: null };
    case 'swapIn':
      return planSwapIn(chain, operation);
    case 'swapOut':
      return planSwapOut(chain, operation);
    case 'addLiquidity':
    case 'addLiquidityPeer':
    case 'removeLiquidity':
    case 'removeLiquidityPeer':
      return planLiquidityChange(chain, operation);
  }
}

/**
 * An operation with what only the ledger can say: what a full exit pays and what a collection of fees finds.
 * @param fees what the segment's earlier operations paid
 */
export function completeOperation(chain: ChainState, request: OperationRequest, fees: SegmentFees = noFees): Exclude<Operation, { type: 'noop' }> {
  switch (request.type) {
    case 'fullExit':
      return fullExitOf(chain, request);
    case 'collectFees': {
      const { type, leafIndex } = request;
      return { type, leafIndex, amount: accruedFees(fees, readAccount(chain, leafIndex).token) };
    }
    default:
      return request;
  }
}

function planDeposit(chain: ChainState, { leafIndex, token, owner, amount, keyX, keyY }: Deposit): LeafChange {
  const before = read(chain, leafIndex);
  checkAmount(amount);
  checkIdentity({ token, owner, keyX, keyY });
  checkNoShares(leafIndex, token);
  if (isEmptyLeaf(before)) return { leafIndex, before, after: accountLeaf({ token, owner, keyX, keyY }, amount) };
  const hint = 'Choose the leaf of this owner, key and token, or an empty one.';
  if (before.kind !== LEAF_KIND.account || before.owner !== owner || before.keyX !== keyX || before.keyY !== keyY) {
    const { owner: actualOwner, keyX: actualX, keyY: actualY } = before;
    throw new OperationRejected(
      'wrongOwner',
      'Leaf belongs to another user',
      { leafIndex, expected: { owner, keyX, keyY }, actual: { owner: actualOwner, keyX: actualX, keyY: actualY } },
      hint,
    );
  }
  if (before.token !== token) {
    throw new OperationRejected('wrongToken', 'Leaf holds another token', { leafIndex, expected: token, actual: before.token }, hint);
  }
  return { leafIndex, before, after: credit(leafIndex, before, amount) };
}

function planOpen(chain: ChainState, { leafIndex, token, owner, keyX, keyY }: Open): LeafChange {
  const before = read(chain, leafIndex);
  checkIdentity({ token, owner, keyX, keyY });
  checkEmpty(leafIndex, before);
  return { leafIndex, before, after: accountLeaf({ token, owner, keyX, keyY }, 0n) };
}

function planWithdraw(chain: ChainState, { leafIndex, token, to, amount, fee }: PublicWithdraw): LeafChange {
  const before = readAccount(chain, leafIndex);
  checkAmount(amount);
  checkFee(fee);
  checkBits('to', to, params.bits.owner);
  if (before.token !== token) throw new OperationRejected('wrongToken', 'Leaf holds another token', { leafIndex, expected: before.token, actual: token });
  checkNoShares(leafIndex, token);
  return { leafIndex, before, after: debitSigned(leafIndex, before, { amount, fee }) };
}

function planChangeKey(chain: ChainState, { leafIndex, fee, keyX, keyY }: PublicChangeKey): LeafChange {
  const before = readAccount(chain, leafIndex);
  checkFee(fee);
  checkKey({ keyX, keyY });
  return { leafIndex, before, after: { ...debitSigned(leafIndex, before, { amount: 0n, fee }), keyX, keyY } };
}

function planCollectFees(chain: ChainState, { leafIndex, amount }: CollectFees): LeafChange {
  const before = readAccount(chain, leafIndex);
  checkAmount(amount);
  return { leafIndex, before, after: amount === 0n ? before : credit(leafIndex, before, amount) };
}

function planTransfer(chain: ChainState, transfer: PublicTransfer): Plan {
  const { to, from, amount } = transfer;
  readAccount(chain, to);
  const a = planPayment(chain, transfer);
  const receiver = to === from ? a.after : chain.leaf(to);
  if (receiver.token !== a.before.token) {
    throw new OperationRejected('wrongToken', 'Receiving leaf holds another token', { leafIndex: to, expected: a.before.token, actual: receiver.token });
  }
  return { a, b: { leafIndex: to, before: receiver, after: credit(to, receiver, amount) } };
}

function planTransferToNew(chain: ChainState, transfer: PublicTransferToNew): Plan {
  const { to, amount, toOwner: owner, toKeyX: keyX, toKeyY: keyY } = transfer;
  const before = read(chain, to);
  const a = planPayment(chain, transfer);
  const user = { owner, token: a.before.token, keyX, keyY };
  checkIdentity(user);
  checkEmpty(to, before);
  return { a, b: { leafIndex: to, before, after: accountLeaf(user, amount) } };
}

/** The payer's side of both kinds of transfer. */
function planPayment(chain: ChainState, { from, amount, fee }: PublicTransfer | PublicTransferToNew): LeafChange {
  const before = readAccount(chain, from);
  checkFloatAmount(amount);
  checkFee(fee);
  return { leafIndex: from, before, after: debitSigned(from, before, { amount, fee }) };
}
