import { formatAmount } from '../../chain/client/amount.ts';
import { formatTable } from '../output.ts';
import { balanceKey, type Snapshot, type UserName } from './cast.ts';

/** One asserted statement. */
export interface Check {
  what: string;
  expected: string;
  actual: string;
  ok: boolean;
}

/** A place where money is: on the chain itself, in leaves, or owed by the chain's contract. */
export type Purse = 'wallet' | 'l2' | 'pending';

export interface Movement {
  user: UserName;
  chainIndex: number;
  token: number;
  purse: Purse;
  /** Positive comes in, negative goes out; in the token's smallest unit. */
  amount: bigint;
}

/** What the story did to whom: the story's own bookkeeping, against which what chains and sequencer say is held. */
export class StoryLedger {
  readonly #changes = new Map<string, bigint>();

  add({ user, chainIndex, token, purse, amount }: Movement): void {
    const key = `${balanceKey(user, chainIndex, token)}/${purse}`;
    this.#changes.set(key, (this.#changes.get(key) ?? 0n) + amount);
  }

  /** Wei that `user` paid for gas on a chain; the native coin is token 1. */
  addGas(user: UserName, chainIndex: number, gasCost: bigint): void {
    this.add({ user, chainIndex, token: 1, purse: 'wallet', amount: -gasCost });
  }

  change(user: UserName, chainIndex: number, token: number, purse: Purse): bigint {
    return this.#changes.get(`${balanceKey(user, chainIndex, token)}/${purse}`) ?? 0n;
  }

  /** A check for every user, chain, token and purse, also where nothing was to change. */
  compare(before: Snapshot, after: Snapshot): Check[] {
    return [...before].flatMap(([key, old]) =>
      pursesOf(old.user).map((purse): Check => {
        const { user, chain, chainIndex, token, symbol, decimals } = old;
        const expected = old[purse] + this.change(user, chainIndex, token, purse);
        const actual = after.get(key)?.[purse] ?? -1n;
        const place = purse === 'l2' ? 'on L2' : purse === 'wallet' ? 'in the wallet' : 'pending';
        return {
          what: `${user}, ${chain}: ${symbol} ${place}`,
          expected: formatAmount(expected, decimals),
          actual: formatAmount(actual, decimals),
          ok: expected === actual,
        };
      }),
    );
  }
}

/** The devnet's message services are run with the operator's account, so its wallet pays for more than the story tells. */
function pursesOf(user: UserName): readonly Purse[] {
  return user === 'operator' ? ['l2', 'pending'] : ['wallet', 'l2', 'pending'];
}

/** Rows for every balance that the story changed, wallets and leaves before and after. */
export function balanceTable(before: Snapshot, after: Snapshot): string[] {
  const rows = [...before].flatMap(([key, old]) => {
    const now = after.get(key);
    if (now === undefined || (now.wallet === old.wallet && now.l2 === old.l2 && now.pending === old.pending)) return [];
    const show = (amount: bigint): string => formatAmount(amount, old.decimals);
    const change = (amount: bigint): string => (amount > 0n ? `+${show(amount)}` : show(amount));
    return [[old.user, old.chain, old.symbol, show(old.wallet), show(now.wallet), change(now.wallet - old.wallet), show(old.l2), show(now.l2), change(now.l2 - old.l2)]];
  });
  const right = (title: string): { title: string; align: 'right' } => ({ title, align: 'right' });
  return formatTable({
    columns: [{ title: 'user' }, { title: 'chain' }, { title: 'token' }, right('wallet before'), right('wallet after'), right('change'), right('L2 before'), right('L2 after'), right('change')],
    rows,
    groupBy: 2,
  });
}
