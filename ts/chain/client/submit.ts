import type { Address } from 'viem';

import { RollupError } from '../../base/errors.ts';
import { signOperation, type L2Key } from '../../spec/signature.ts';
import type { RollupUser } from './address.ts';
import { formatAmount } from './amount.ts';
import type { LeafRecord, OrderFields, SequencerApi } from './sequencerApi.ts';

/**
 * What a user wants to sign: a transfer to a user, a withdrawal to an address on the leaf's chain, another key for the leaf, or an order on
 * a pair (`owner` is the leaf's: what the order brings goes to the same user). Amounts are in the token's smallest unit.
 */
export type Payment =
  | { type: 'transfer'; to: RollupUser; amount: bigint }
  | { type: 'withdraw'; to: Address; amount: bigint }
  | { type: 'changeKey'; keyX: bigint; keyY: bigint }
  | { type: 'order'; owner: Address; order: OrderFields };

export interface SubmitPaymentParameters {
  api: SequencerApi;
  deploymentId: bigint;
  key: L2Key;
  leaf: LeafRecord;
  /** In the token's smallest unit; must have a float16 form. */
  fee: bigint;
  /** Unix seconds. */
  validUntil: number;
  payment: Payment;
}

export interface SubmittedTransaction {
  id: string;
  chainIndex: number;
  leafIndex: number;
  nonce: number;
  fee: bigint;
}

/**
 * Signs and submits. When other transactions of the leaf are on their way, the sequencer names the nonce that it expects; then this one is
 * signed again for it, once.
 */
export async function submitPayment(parameters: SubmitPaymentParameters): Promise<SubmittedTransaction> {
  const { nextNonce } = parameters.leaf;
  try {
    return await submitWithNonce(parameters, nextNonce);
  } catch (error) {
    const expected = expectedNonce(error);
    if (expected === undefined || expected === nextNonce) throw error;
    return await submitWithNonce(parameters, expected);
  }
}

async function submitWithNonce({ api, deploymentId, key, leaf, fee, validUntil, payment }: SubmitPaymentParameters, nonce: number): Promise<SubmittedTransaction> {
  const { chainIndex, leafIndex, token } = leaf;
  const signed = { token: BigInt(token), nonce: BigInt(nonce), validUntil, fee };
  const domain = { deploymentId, chainIndex };
  const sent = { chainIndex, leafIndex, token, nonce, validUntil, fee };
  if (payment.type === 'changeKey') {
    const { type, keyX, keyY } = payment;
    const signature = signOperation({ type, leafIndex, ...signed, keyX, keyY }, domain, key);
    const id = await api.submit({ type, ...sent, keyX, keyY, signature });
    return { id, chainIndex, leafIndex, nonce, fee };
  }
  if (payment.type === 'order') {
    const { owner, order } = payment;
    const { x: keyX, y: keyY } = key.publicKey;
    const signature = signOperation({ ...order, peerToken: BigInt(order.peerToken), chainIndex, from: leafIndex, ...signed, owner: BigInt(owner), keyX, keyY }, domain, key);
    const id = await api.submit({ ...sent, ...order, signature });
    return { id, chainIndex, leafIndex, nonce, fee };
  }
  const { amount } = payment;
  if (payment.type === 'withdraw') {
    const signature = signOperation({ type: 'withdraw', leafIndex, ...signed, amount, to: BigInt(payment.to) }, domain, key);
    const id = await api.submit({ type: 'withdraw', ...sent, amount, to: payment.to, signature });
    return { id, chainIndex, leafIndex, nonce, fee };
  }
  const { owner: toOwner, keyX: toKeyX, keyY: toKeyY } = payment.to;
  const signature = signOperation({ type: 'transfer', from: leafIndex, ...signed, amount, toOwner: BigInt(toOwner), toKeyX, toKeyY }, domain, key);
  const id = await api.submit({ type: 'transfer', ...sent, amount, toOwner, toKeyX, toKeyY, signature });
  return { id, chainIndex, leafIndex, nonce, fee };
}

function expectedNonce(error: unknown): number | undefined {
  if (!(error instanceof RollupError)) return undefined;
  const { reason, expected } = error.facts;
  if (reason !== 'nonceUsed' && reason !== 'nonceTaken' && reason !== 'nonceGap') return undefined;
  const nonce = Number(expected);
  return Number.isSafeInteger(nonce) && nonce >= 0 ? nonce : undefined;
}

export interface ChooseLeafParameters {
  leaves: readonly LeafRecord[];
  publicKey: { x: bigint; y: bigint };
  chainIndex: number;
  token: number;
  /** What the leaf must hold: amount and fee. */
  amount: bigint;
  /** For the messages. */
  symbol: string;
  decimals: number;
  chain: string;
}

/** The leaf to pay from. @throws RollupError when the user has none, or none that holds enough */
export function chooseLeaf({ leaves, publicKey, chainIndex, token, amount, symbol, decimals, chain }: ChooseLeafParameters): LeafRecord {
  const where = `${symbol} on ${chain}`;
  const ofToken = leaves.filter((leaf) => leaf.chainIndex === chainIndex && leaf.token === token);
  const own = ofToken.filter(({ nextKeyX, nextKeyY }) => nextKeyX === publicKey.x && nextKeyY === publicKey.y);
  const [largest] = own.toSorted((a, b) => (a.balance === b.balance ? 0 : a.balance > b.balance ? -1 : 1));
  if (largest === undefined) {
    throw new RollupError(`There is no leaf of this user for ${where}`, {
      facts: ofToken.length === 0 ? {} : { 'leaves under another key': ofToken.length },
      hint:
        ofToken.length === 0
          ? 'Deposit first, or see `npm run cli -- balances`.'
          : 'Was the key changed? Sign with the key that `npm run cli -- balances` shows for the leaf (--key-index).',
    });
  }
  if (largest.balance < amount) {
    throw new RollupError(`The leaf does not hold enough for ${where}`, {
      facts: { leafIndex: largest.leafIndex, expected: formatAmount(amount, decimals), actual: formatAmount(largest.balance, decimals) },
      hint: 'Deposit more, send less, or wait until what is on its way is in a block.',
    });
  }
  return largest;
}
