import { RollupError } from '../base/errors.ts';
import { parseAmount } from '../chain/client/amount.ts';
import { feeKinds, type FeeKind, type MinimumFee } from '../chain/client/sequencerApi.ts';
import type { Deployment } from '../chain/deployments.ts';
import { addressOf, type Hex } from '../spec/hex.ts';
import { nearestFloat16, tryEncodeFloat16 } from '../spec/float16.ts';
import { isUsableKey } from '../spec/signature.ts';

/** What a transaction has to pay; where it names nothing, the minimum is 0. */
export type FeePolicy = readonly MinimumFee[];

/** The L2 user to whom fees are credited. */
export interface Operator {
  owner: bigint;
  keyX: bigint;
  keyY: bigint;
}

/** The operator as the API shows it. */
export interface OperatorAnswer {
  owner: Hex;
  keyX: bigint;
  keyY: bigint;
}

/**
 * The token is that of the leaf which pays. Who removes liquidity, or transfers shares, pays in shares, which no rule names: what they are
 * worth moves. So that is free; but a remove that takes out nothing is not filled, and each uses up shares.
 */
export function minimumFee(policy: FeePolicy, { kind, token }: { kind: FeeKind; token: bigint }): bigint {
  return policy.find((rule) => rule.kind === kind && BigInt(rule.token) === token)?.amount ?? 0n;
}

export function operatorAnswer({ owner, keyX, keyY }: Operator): OperatorAnswer {
  return { owner: addressOf(owner), keyX, keyY };
}

/** True for a leaf of this owner: what it pays as a fee, it gets back. */
export function isOperators(leaf: { owner: bigint }, operator: Operator): boolean {
  return leaf.owner === operator.owner;
}

/** @throws RollupError when fees could not be credited to this user, or when a minimum is one that nobody can pay exactly */
export function checkFeeOptions({ operator, fees }: { operator: Operator; fees: FeePolicy }): void {
  const { owner, keyX, keyY } = operator;
  if (owner <= 0n || owner >> 160n !== 0n || !isUsableKey({ x: keyX, y: keyY })) {
    throw new RollupError('The operator is not a user that fees can be credited to', {
      facts: { owner, keyX, keyY },
      hint: 'Give an owner address other than zero and its L2 public key: `npm run cli -- address` prints both.',
    });
  }
  const seen = new Set<string>();
  for (const { kind, token, amount } of fees) {
    const place = { kind, token };
    if (amount < 0n || tryEncodeFloat16(amount) === null) {
      throw new RollupError('A minimum fee must be one that a transaction can carry', { facts: { ...place, amount }, hint: nearestFloat16(amount) });
    }
    if (seen.has(`${kind}/${token}`)) throw new RollupError('A minimum fee is given twice', { facts: place });
    seen.add(`${kind}/${token}`);
  }
}

/**
 * Reads minimum fees such as `ETH=0.0001` (every kind of transaction) or `withdraw:TST=0.5` (one kind, which goes before the former).
 * @throws RollupError that says what is not understood
 */
export function parseMinimumFees(texts: readonly string[], deployment: Pick<Deployment, 'chains'>): MinimumFee[] {
  const rules = new Map<string, MinimumFee & { special: boolean }>();
  for (const text of texts) {
    const [, kindText, symbol = '', amountText = ''] = /^(?:([A-Za-z]+):)?([^=:]+)=(.+)$/.exec(text.trim()) ?? [];
    const kind = feeKinds.find((candidate) => candidate === kindText);
    if (symbol === '' || (kindText !== undefined && kind === undefined)) {
      throw new RollupError('A minimum fee is not understood', {
        facts: { expected: `TOKEN=AMOUNT or KIND:TOKEN=AMOUNT, KIND one of ${feeKinds.join(', ')}`, actual: text },
        hint: 'Write for example ETH=0.0001 or withdraw:TST=0.5.',
      });
    }
    const tokens = deployment.chains.flatMap((chain) => chain.tokens);
    const found = tokens.find((candidate) => candidate.symbol.toLowerCase() === symbol.toLowerCase() || String(candidate.token) === symbol);
    if (found === undefined) {
      throw new RollupError('A minimum fee names a token that no chain has', { facts: { actual: text, known: [...new Set(tokens.map((token) => token.symbol))].join(', ') } });
    }
    const { token, decimals } = found;
    const amount = /^0*\.?0*$/.test(amountText) ? 0n : parseAmount({ text: amountText, decimals, symbol: found.symbol });
    for (const each of kind === undefined ? feeKinds : [kind]) {
      const old = rules.get(`${each}/${token}`);
      if (old?.special === (kind !== undefined)) throw new RollupError('A minimum fee is given twice', { facts: { kind: each, token: found.symbol, actual: text } });
      if (old === undefined || kind !== undefined) rules.set(`${each}/${token}`, { kind: each, token, amount, special: kind !== undefined });
    }
  }
  return [...rules.values()].map(({ kind, token, amount }) => ({ kind, token, amount }));
}
