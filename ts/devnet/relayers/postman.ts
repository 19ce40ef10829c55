import { type Address, isAddressEqual } from 'viem';
import { RollupError } from '../../base/errors.ts';
import { messageKey, type Message, stageOf } from './message.ts';

/** Gas that a claim which nobody pays for may cost, as for the real postman. */
const MOST_SPONSORED_GAS = 250_000n;
/** Gas that any claim may cost, as for the real postman. */
const MOST_GAS = 500_000n;
/** Tries after which a user's message counts as impossible to deliver. The real postman tries a hundred times, over hours; here somebody waits to hear of it. */
const MOST_TRIES = 3;

export interface PostmanPolicy {
  /** Sender and receiver whose messages are always claimed. */
  own: { from: Address; to: Address };
  /** Claims messages without a fee, or with one that is too low, as well, as long as that costs at most 250,000 gas. */
  sponsoring: () => boolean;
}

/** No failure of the message: when gas gets cheaper it is claimed. */
export class UnderpricedError extends RollupError {}

/** What a postman does about a message, by the names that Linea's own postman gives. */
export type PostmanState = 'SENT' | 'ANCHORED' | 'CLAIMED_SUCCESS' | 'ZERO_FEE' | 'FEE_UNDERPRICED' | 'NON_EXECUTABLE';

/**
 * Whose messages a postman claims. Like the real one it claims what pays for the gas of its claim at the receiving chain's price of the moment,
 * or everything that is cheap when it sponsors, and gives a message up whose claim fails again and again; unlike it, it always claims the rollup's
 * own messages, whose gateways pay no fee.
 */
export class Postman {
  readonly #policy: PostmanPolicy;
  readonly #failures = new Map<string, number>();
  readonly #underpriced = new Set<string>();

  constructor(policy: PostmanPolicy) {
    this.#policy = policy;
  }

  isOwn({ from, to }: Message): boolean {
    return isAddressEqual(from, this.#policy.own.from) && isAddressEqual(to, this.#policy.own.to);
  }

  /** Why it does not claim a message; undefined when it does. */
  ignores(message: Message): string | undefined {
    if (this.isOwn(message)) return undefined;
    if (message.fee === 0n && !this.#policy.sponsoring()) return 'nobody claims messages with fee 0 that are not the rollup’s own';
    if (this.#gaveUp(message)) return `the postman gave it up after ${MOST_TRIES} failed claims`;
    return undefined;
  }

  /**
   * Looks at what the claim of a message would cost.
   * @param cost gas of the claim, and wei for a unit of it
   * @throws RollupError when the postman does not claim it for that
   */
  requireWorthwhile(message: Message, { gas, gasPrice }: { gas: bigint; gasPrice: bigint }): void {
    if (this.isOwn(message)) return;
    const key = messageKey(message);
    this.#underpriced.delete(key);
    const hint = 'Claim it yourself, or have it carried: npm run devnet -- relay retry HASH.';
    if (gas > MOST_GAS) throw new RollupError('The claim costs more gas than the postman spends', { facts: { expected: `at most ${MOST_GAS}`, actual: gas }, hint });
    const isSponsored = this.#policy.sponsoring() && gas <= MOST_SPONSORED_GAS;
    if (isSponsored || message.fee >= gas * gasPrice) return;
    if (message.fee === 0n) throw new RollupError('The claim costs more gas than the postman sponsors', { facts: { expected: `at most ${MOST_SPONSORED_GAS}`, actual: gas }, hint });
    this.#underpriced.add(key);
    throw new UnderpricedError('The fee does not pay for the claim', { facts: { expected: `${gas * gasPrice} wei (${gas} gas at ${gasPrice})`, actual: `${message.fee} wei` }, hint });
  }

  failed(message: Message): void {
    const key = messageKey(message);
    this.#failures.set(key, (this.#failures.get(key) ?? 0) + 1);
  }

  /** Takes up again what it gave up. */
  forgive(): void {
    this.#failures.clear();
    this.#underpriced.clear();
  }

  state(message: Message): PostmanState {
    const stage = stageOf(message);
    if (stage === 'claimed') return 'CLAIMED_SUCCESS';
    if (!this.isOwn(message) && this.#gaveUp(message)) return 'NON_EXECUTABLE';
    if (this.ignores(message) !== undefined) return 'ZERO_FEE';
    if (this.#underpriced.has(messageKey(message))) return 'FEE_UNDERPRICED';
    return stage === 'sent' ? 'SENT' : 'ANCHORED';
  }

  #gaveUp(message: Message): boolean {
    return (this.#failures.get(messageKey(message)) ?? 0) >= MOST_TRIES;
  }
}
